import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { stringify } from 'yaml';
import { existingProvider } from './existing-provider.ts';

const signal = AbortSignal.timeout(60_000);

async function folderWith(t: Test, server: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'fairway-existing-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const kubeconfig = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'c', cluster: { server, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'u', user: { token: 'secret' } }],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
    'current-context': 'x',
  };
  await writeFile(join(folder, 'mine.kubeconfig'), stringify(kubeconfig));
  return folder;
}

async function versionServer(t: Test): Promise<string> {
  const server = createServer((_, response) => {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ major: '1', minor: '34', gitVersion: 'v1.34.4' }));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return `http://127.0.0.1:${address.port}`;
}

const spec = (name: string) => ({ name, nodes: 1, owner: 'test', expiresAt: undefined });

t.test('a cluster with a kubeconfig is ready when its API server answers', async (t) => {
  const provider = existingProvider(await folderWith(t, await versionServer(t)));
  t.same(await provider.ensure(spec('mine'), signal), { phase: 'ready' });
  t.match(await provider.kubeconfig('mine'), 'current-context: x');
  t.match(await provider.list(), [{ name: 'mine', state: { phase: 'ready' } }]);
});

t.test('one whose API server is silent has failed, with the cause', async (t) => {
  const folder = await folderWith(t, 'http://127.0.0.1:1');
  const file = join(folder, 'mine.kubeconfig');
  const state = await existingProvider(folder).describe('mine');
  t.match(state, { phase: 'failed' });
  t.match(JSON.stringify(state), `${file}: The API server at http://127.0.0.1:1 did not answer: `);
});

t.test('clusters are neither made nor deleted', async (t) => {
  const folder = await folderWith(t, 'http://127.0.0.1:1');
  const provider = existingProvider(folder);
  await t.rejects(provider.ensure(spec('other'), signal), {
    kind: 'refused',
    message: `There is no ${join(folder, 'other.kubeconfig')}, and clusters of the provider existing are not made by Fairway. Put the kubeconfig of your cluster there, or use the provider local or kind.`,
  });
  await t.rejects(provider.delete('mine', signal), {
    kind: 'refused',
    message: `Fairway does not delete the cluster mine: it was not made by Fairway. To forget it, remove ${join(folder, 'mine.kubeconfig')}.`,
  });
  await t.rejects(provider.kubeconfig('other'), {
    kind: 'missing',
    message: `There is no ${join(folder, 'other.kubeconfig')}. Clusters there: mine.`,
  });
});

t.test('a folder that is not there is named', async (t) => {
  await t.rejects(existingProvider('/absent/kubeconfigs').list(), {
    kind: 'missing',
    message: /^The folder of kubeconfig files can't be read: .*\/absent\/kubeconfigs/,
  });
});
