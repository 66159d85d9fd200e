import { chmod, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { delimiter, join } from 'node:path';
import t, { type Test } from 'tap';
import { findBinary } from '../kubernetes-release/find-binary.ts';
import { createManifestTools } from './create-manifest-tools.ts';

const signal = AbortSignal.timeout(900_000);
const kustomization = (resource: string) => ({
  folder: 'web',
  files: new Map([['web/kustomization.yaml', Buffer.from(`resources: [${JSON.stringify(resource)}]\n`)]]),
});

/** A web server on all of the machine's addresses that counts who comes. */
async function listener(t: Test) {
  let visits = 0;
  const server = createServer((_, response) => response.end('apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n'));
  server.on('connection', () => visits++);
  await new Promise<void>((resolve) => server.listen(0, '0.0.0.0', resolve));
  t.teardown(() => server.close());
  const address = server.address();
  return { port: typeof address === 'object' ? address?.port : 0, visits: () => visits };
}

/** The real kustomize on a machine whose bubblewrap can't make a sandbox, and where that was allowed. */
async function unsandboxed(t: Test) {
  const folder = t.testdir();
  await writeFile(join(folder, 'bwrap'), '#!/bin/sh\nexit 1\n');
  await chmod(join(folder, 'bwrap'), 0o755);
  const env = { ...process.env, PATH: [folder, process.env.PATH].join(delimiter) };
  return createManifestTools({ report: (line) => t.comment(line), unsandboxed: { tools: 'allowed' }, env });
}

t.before(() => findBinary('kustomize', { report: (line) => t.comment(line), signal }));

t.test('however a remote resource is spelled, kustomize reaches no listener of this machine', async (t) => {
  const { port, visits } = await listener(t);
  const seen = await (await unsandboxed(t)).kustomize(kustomization(`http://127.0.0.1:${port}/a.yaml`), signal);
  t.equal(seen.outcome, 'rendered', 'without a sandbox it would');
  const before = visits();
  t.ok(before > 0);
  const tools = createManifestTools({
    report: (line) => t.comment(line),
    unsandboxed: { tools: 'refused', setting: 'ALLOW=it' },
  });
  for (const resource of [
    `http://127.0.0.1:${port}/a.yaml`,
    `HTTP://127.0.0.1:${port}/a.yaml`,
    `http://127.0.0.9:${port}/a.yaml`,
    `http://localhost:${port}/a.yaml`,
    `http://[::ffff:127.0.0.1]:${port}/a.yaml`,
    `http://0.0.0.0:${port}/a.yaml`,
    `git::http://127.0.0.1:${port}/a/b`,
    `http://127.0.0.1:${port}/a/b//c?ref=d`,
  ])
    t.match(await tools.kustomize(kustomization(resource), signal), { outcome: 'refused' }, resource);
  t.equal(visits(), before);
});

t.test('helm reads no file and no folder beside the chart', async (t) => {
  const tools = createManifestTools({
    report: (line) => t.comment(line),
    unsandboxed: { tools: 'refused', setting: 'ALLOW=it' },
  });
  const template =
    '{{ range $path, $bytes := .Files.Glob "../**" }}{{ $path }}{{ end }}{{ .Files.Get "/etc/hostname" }}';
  const files = new Map([
    ['web/Chart.yaml', Buffer.from('apiVersion: v2\nname: web\nversion: 0.1.0\n')],
    ['web/templates/a.yaml', Buffer.from(`apiVersion: v1\nkind: ConfigMap\nmetadata: {name: "a${template}"}\n`)],
    ['other/secret.yaml', Buffer.from('a: 1\n')],
  ]);
  const release = { name: 'web', namespace: 'default', values: [] };
  t.match(await tools.helm({ folder: 'web', files }, release, signal), {
    outcome: 'rendered',
    text: 'metadata: {name: "a"}',
  });
});
