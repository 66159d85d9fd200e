import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import t from 'tap';
import { Scene } from './scene.ts';
import { smallConfig } from './small-config.ts';

t.setTimeout(300_000);

const shim = fileURLToPath(new URL('../../bin/fairway.js', import.meta.url));
const sized = {
  'cluster/manifests/small/one.yaml':
    'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: one, namespace: default}\ndata: {size: "{{ .Cluster.ConfigItems.size }}"}\n',
};

t.test('a config item that is changed in the registry reaches the cluster by itself', async (t) => {
  const scene = await Scene.open(t, {
    branches: { alpha: {}, dev: { ...smallConfig, ...sized } },
    settings: { FAIRWAY_CATCH_UP_EVERY: '2s' },
  });
  await scene.addCluster('dev-1', 'dev');
  await scene.start();
  const size = () => scene.kubectl('dev-1', 'get', 'configmap', 'one', '-o', 'jsonpath={.data.size}');
  const registered = async () => (await scene.store.clusters.get('dev-1'))?.status;
  const converged = (before: string | undefined) =>
    scene.until('dev-1 to have its version', async () => {
      const status = await registered();
      return status && status.current_version !== (before ?? '') && status.next_version === '' ? status : undefined;
    });
  const { current_version: first } = await converged(undefined);
  t.equal(await size(), '1', 'the default');

  const file = join(scene.state, 'clusters.yaml');
  const record = 'id: dev-1, alias: dev-1, local_id: dev-1, api_server_url: "", channel: dev, provider: local';
  await writeFile(file, `clusters:\n  - {${record}, config_items: {size: "3"}}\n`);
  const env = { ...process.env, FAIRWAY_URL: scene.url };
  await execa(process.execPath, [shim, 'registry', 'apply', file, '--state', scene.state], { env });
  const { last_version, current_version } = await converged(first);
  t.equal(await size(), '3');
  t.equal(last_version, first);
  t.equal(current_version.split('#')[0], first.split('#')[0], 'the same revision');
  const rollouts = await scene.store.runs.list({ kind: 'rollout', channel: 'dev' });
  t.equal(rollouts.length, 2, 'once for the revision, once for the change');
  await scene.stop();
  await scene.clusters.delete('dev-1', AbortSignal.timeout(60_000));
});
