import { readFile } from 'node:fs/promises';
import t from 'tap';
import { parse } from 'yaml';
import { z } from 'zod';
import { readConfig, readSharedConfig } from './config.ts';

const compose = z.object({
  services: z.record(
    z.string(),
    z.object({
      command: z.array(z.string()).optional(),
      environment: z.record(z.string(), z.string()).default({}),
      volumes: z.array(z.string()).default([]),
      depends_on: z.record(z.string(), z.unknown()).default({}),
      user: z.string().optional(),
      privileged: z.boolean().default(false),
      read_only: z.boolean().default(false),
      tmpfs: z.array(z.string()).default([]),
      cap_drop: z.array(z.string()).default([]),
      cap_add: z.array(z.string()).default([]),
      security_opt: z.array(z.string()).default([]),
    }),
  ),
  volumes: z.record(z.string(), z.unknown()),
});

async function readText(path: string): Promise<string> {
  return readFile(new URL(`../${path}`, import.meta.url), 'utf8');
}

async function readCompose() {
  return compose.parse(parse(await readText('docker-compose.yml'), { merge: true }));
}

/** Names of settings in a text, each once. */
function settingsIn(text: string): string[] {
  return [...new Set(text.match(/\bFAIRWAY_[A-Z]+(_[A-Z]+)*\b/g))].sort();
}

async function knownSettings(): Promise<string[]> {
  const texts = ['src/config.ts', 'src/unsandboxed-tools.ts', 'src/state-folder.ts', 'src/cli/api-client.ts'].map(
    readText,
  );
  return settingsIn((await Promise.all(texts)).join('\n'));
}

t.test('what docker-compose.yml sets is accepted, and joins its services', async (t) => {
  const { services, volumes } = await readCompose();
  t.strictSame(Object.keys(services).sort(), ['postgres', 'redis', 'server', 'worker']);
  const from: Record<string, string> = {
    POSTGRES_PASSWORD: 'pg',
    REDIS_PASSWORD: 'rd',
    FAIRWAY_URL: 'https://fairway.example.org',
    FAIRWAY_REPOSITORY: 'acme/clusters',
    FAIRWAY_WEBHOOK_SECRET: 'a-long-random-secret',
    FAIRWAY_FORGE_TOKEN: 'token',
  };
  const env = Object.fromEntries(
    Object.entries(services.worker?.environment ?? {}).map(([name, value]) => [
      name,
      value.replace(
        /\$\{(\w+):([?-])\}/g,
        (_, variable, kind) => from[variable] ?? (kind === '-' ? '' : `unknown ${variable}`),
      ),
    ]),
  );
  t.strictSame(services.server?.environment, services.worker?.environment, 'server and worker share everything');
  const config = readSharedConfig(env);
  t.match(config, {
    publicUrl: 'https://fairway.example.org',
    repository: 'acme/clusters',
    webhookSecrets: ['a-long-random-secret'],
    forge: { forge: 'github', auth: { token: 'token' } },
  });
  const [store, redis] = [new URL(config.storeUrl), new URL(config.redisUrl ?? '')];
  t.match({ host: store.hostname, password: store.password }, { host: 'postgres', password: 'pg' });
  t.match({ host: redis.hostname, password: redis.password }, { host: 'redis', password: 'rd' });
  t.equal(services.postgres?.environment.POSTGRES_USER, store.username);
  t.equal(`/${services.postgres?.environment.POSTGRES_DB}`, store.pathname);

  for (const [name, service] of Object.entries(services)) {
    for (const other of Object.keys(service.depends_on)) t.ok(services[other], `${name} depends on ${other}`);
    for (const mount of service.volumes) t.ok((mount.split(':')[0] ?? '') in volumes, `${name} mounts ${mount}`);
  }
});

t.test('the settings of compose file, Dockerfile and README are those of the program', async (t) => {
  const known = await knownSettings();
  for (const path of ['docker-compose.yml', 'Dockerfile'])
    t.strictSame(
      settingsIn(await readText(path)).filter((name) => !known.includes(name)),
      [],
      path,
    );
  t.strictSame(settingsIn(await readText('README.md')), known);
});

t.test('the image listens where the compose file looks for it, and keeps state in the volume', async (t) => {
  const env = Object.fromEntries(
    (await readText('Dockerfile')).match(/FAIRWAY_\w+=\S+/g)?.map((part) => part.split('=')) ?? [],
  );
  t.match(readConfig(env), { host: '0.0.0.0', port: 8420 });
  const { services } = await readCompose();
  for (const name of ['server', 'worker'])
    t.ok(
      services[name]?.volumes.some((mount) => mount.endsWith(`:${readConfig(env).stateDirectory}`)),
      name,
    );
});

t.test('server and worker have no privileges, and write nowhere but to their state and /tmp', async (t) => {
  const dockerfile = await readText('Dockerfile');
  const { services } = await readCompose();
  for (const name of ['server', 'worker'])
    t.match(services[name], {
      user: /^USER (\S+)$/m.exec(dockerfile)?.[1],
      privileged: false,
      read_only: true,
      tmpfs: ['/tmp'],
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
    });
  for (const { cap_add, security_opt } of Object.values(services)) {
    t.strictSame(cap_add, []);
    t.notMatch(security_opt.join(' '), /unconfined|disable/);
  }
  const user = /^USER (\d+):(\d+)$/m.exec(dockerfile);
  t.not(user?.[1], '0');
  t.match(dockerfile, `install --directory --owner=${user?.[1]} --group=${user?.[2]} --mode=0700 /var/lib/fairway`);
  const [, cache] = /XDG_CACHE_HOME=(\S+)/.exec(dockerfile) ?? [];
  t.match(cache, /^\/var\/lib\/fairway\//);
  t.ok(dockerfile.indexOf('\nUSER ') > dockerfile.lastIndexOf('\nRUN '), 'root only builds');
});

t.test('the base image can be pinned by its digest', async (t) => {
  const dockerfile = await readText('Dockerfile');
  t.strictSame(dockerfile.match(/^FROM .*$/gm), [`FROM \${BASE}`]);
  t.match(dockerfile, /^# .*--build-arg BASE=\S+@sha256:/m);
});

t.test('links between the documents lead somewhere', async (t) => {
  for (const [, path = ''] of (await readText('README.md')).matchAll(/\]\((?!https?:)([^)#]+)\)/g))
    t.ok(path === 'docs/adr' || (await readText(path)), path);
});
