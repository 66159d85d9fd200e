import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { cluster } from '../domain/cluster.ts';
import type { Run, StageRecord } from '../domain/run.ts';
import { conformance } from './conformance.ts';
import { worldOf } from './testing/world-of.ts';

/** What the step first says, with a suite that has these specs and a cluster with or without nodes. */
async function begun(t: Test, profile: string, realNodes: boolean, specs: string[] = []) {
  const folder = await mkdtemp(join(tmpdir(), 'fairway-conformance-step-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const e2eTest = join(folder, 'e2e.test');
  const lines = specs.map((spec) => `echo '    file.go:1: ${spec}'`);
  await writeFile(e2eTest, ['#!/bin/sh', ...lines, ''].join('\n'), { mode: 0o755 });
  const record = { id: 'c1', alias: 'c1', local_id: 'c1', api_server_url: '', channel: 'dev', provider: 'local' };
  const powers = { realNodes, severalNodes: realNodes, loadBalancers: false, missing: [] };
  const world = worldOf({
    workFolder: async () => folder,
    registry: { get: async () => cluster.parse(record) },
    provider: { powers: async () => powers, kubeconfig: async () => '' },
    conformanceTools: { prepare: async () => ({ e2eTest, ginkgo: '/absent', kubectl: '/absent' }) },
  });
  const context = {
    run: { id: 'r1' } as Run,
    stage: { cluster: 'c1' } as StageRecord,
    memo: null,
    startedAt: 0,
    world,
  };
  const signal = AbortSignal.timeout(30_000);
  const outcome = await conformance.run({ ...context, log: () => {}, signal }, { profile });
  return { outcome, files: await readdir(folder) };
}

t.test('a profile that selects nothing runs nothing: ginkgo would run everything', async (t) => {
  const { outcome, files } = await begun(t, 'gate', true, ['[sig-apps] Deployment is no conformance spec']);
  t.match(outcome, { outcome: 'unknown', reason: "the profile gate selects none of this release's specs" });
  t.strictSame(files, ['e2e.test'], 'nothing was started');
  const needsNodes = ['[sig-node] Pods should be run by a kubelet [Conformance]'];
  t.match((await begun(t, 'gate', false, needsNodes)).outcome, { outcome: 'unknown' });
});

t.test('nothing is certified without nodes', async (t) => {
  const { outcome, files } = await begun(t, 'certify', false);
  t.match(outcome, {
    outcome: 'unknown',
    reason: 'the profile certify leaves nothing out, and the cluster has no nodes',
  });
  t.strictSame(files, ['e2e.test'], 'nothing was started');
});
