import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { readConfig, readSharedConfig } from './config.ts';

const github = {
  FAIRWAY_FORGE_TOKEN: 't',
  FAIRWAY_REPOSITORY: 'acme/clusters',
  FAIRWAY_WEBHOOK_SECRET: 'long-enough-secret',
};
const saidBy = (read: () => unknown): string => {
  try {
    read();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  return 'nothing';
};

t.test('without settings everything is embedded, on addresses that stay', async (t) => {
  const config = readConfig({});
  t.match(config, { host: '127.0.0.1', port: 8420, forge: { forge: 'embedded', port: 8421 }, users: [] });
  t.match(readConfig({ FAIRWAY_LISTEN: '127.0.0.1:0' }), { port: 0, forge: { port: 0 } });
});

t.test('what is wrong or missing is one sentence that names the setting', async (t) => {
  t.match(
    saidBy(() => readConfig({ FAIRWAY_LISTEN: '8420' })),
    'FAIRWAY_LISTEN is host:port, e.g. 127.0.0.1:8420',
  );
  t.match(
    saidBy(() => readConfig({ FAIRWAY_REPOSITORY: 'clusters' })),
    'FAIRWAY_REPOSITORY is owner/name',
  );
  t.match(
    saidBy(() => readConfig({ FAIRWAY_FORGE_TOKEN: 't' })),
    'set FAIRWAY_WEBHOOK_SECRET',
  );
  t.match(
    saidBy(() => readConfig({ ...github, FAIRWAY_REPOSITORY: '' })),
    'set FAIRWAY_REPOSITORY',
  );
  t.match(
    saidBy(() => readConfig({ FAIRWAY_FORGE_APP_ID: '7' })),
    'a GitHub App needs all of FAIRWAY_FORGE_APP_ID',
  );
  t.match(
    saidBy(() => readConfig({ FAIRWAY_USERS_FILE: '/nowhere.yaml' })),
    'FAIRWAY_USERS_FILE: ENOENT',
  );
});

t.test('a server or a worker of its own needs what it shares with the others', async (t) => {
  t.equal(
    saidBy(() => readSharedConfig({ FAIRWAY_URL: 'https://fairway.example.org' })),
    'server and worker share their store, queue and forge: set FAIRWAY_STORE_URL, FAIRWAY_REDIS_URL, FAIRWAY_FORGE_TOKEN (or a GitHub App); fairway up runs all in one without',
  );
  const shared = {
    FAIRWAY_STORE_URL: 'postgres://x',
    FAIRWAY_REDIS_URL: 'redis://x',
    FAIRWAY_URL: 'https://x.example.org',
  };
  t.match(readSharedConfig({ ...github, ...shared }), { storeUrl: 'postgres://x', publicUrl: 'https://x.example.org' });
});

t.test('proxies are named by addresses and networks, and the address of Fairway is one of the web', async (t) => {
  t.same(readConfig({}).trustedProxies, []);
  const named = '10.0.0.0/8, 192.168.1.5,fd00::/8';
  t.same(readConfig({ FAIRWAY_TRUSTED_PROXIES: named }).trustedProxies, ['10.0.0.0/8', '192.168.1.5', 'fd00::/8']);
  for (const wrong of ['proxy.example.org', '10.0.0.0/99', '10.0.0', '*']) {
    t.match(
      saidBy(() => readConfig({ FAIRWAY_TRUSTED_PROXIES: wrong })),
      /FAIRWAY_TRUSTED_PROXIES is a list of addresses or networks with commas between them/,
      wrong,
    );
  }
  t.match(
    saidBy(() => readConfig({ FAIRWAY_URL: 'javascript:alert(1)' })),
    /FAIRWAY_URL is the address under which/,
  );
});

t.test('a users file is read, and what is wrong in it is named with its line', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'fairway-config-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, 'users.yaml');
  await writeFile(file, `users:\n  - {user: jane, role: operator, tokenSha256: ${'a'.repeat(64)}}\n`);
  t.match(readConfig({ FAIRWAY_USERS_FILE: file }).users, [{ user: 'jane', role: 'operator' }]);
  await writeFile(file, 'users:\n  - {user: jane, role: boss, tokenSha256: secret}\n');
  t.match(
    saidBy(() => readConfig({ FAIRWAY_USERS_FILE: file })),
    /users.yaml:2: users\[0\].role: .*\n.*users.yaml:2: users\[0\].tokenSha256: write the SHA-256/,
  );
});

t.test('whether tools may run without a sandbox is said in one word', (t) => {
  t.strictSame(readConfig({ FAIRWAY_UNSANDBOXED_MANIFEST_TOOLS: 'allow' }).unsandboxedTools, { tools: 'allowed' });
  t.match(readConfig({}).unsandboxedTools, { tools: 'refused' });
  t.throws(() => readConfig({ FAIRWAY_UNSANDBOXED_MANIFEST_TOOLS: 'true' }), {
    message: 'FAIRWAY_UNSANDBOXED_MANIFEST_TOOLS: it can be allow, and is true',
  });
  t.end();
});
