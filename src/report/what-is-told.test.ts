import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import t, { type Test } from 'tap';
import { createArtifactFolder } from '../adapters/artifacts/artifact-folder.ts';
import { openStore } from '../adapters/store/store.ts';
import { sampleRun, sampleStage, sampleStep } from '../api/testing/sample-run.ts';
import type { Run } from '../domain/run.ts';
import type { CommitStatus, Forge } from '../ports/forge.ts';
import { reportRun } from './reporter.ts';
import { stageSummary } from './summary.ts';

interface Told {
  statuses: CommitStatus[];
  checks: string[];
  comments: string[];
  deployments: string[];
}

/** A forge that notes what it is told; `before` is called before a status is taken. */
async function reporting(t: Test, checks: 'reported' | 'unsupported' = 'reported') {
  const directory = await mkdtemp(join(tmpdir(), 'fairway-report-'));
  const store = await openStore(pathToFileURL(join(directory, 'store.db')).href);
  t.teardown(async () => {
    await store.close();
    await rm(directory, { recursive: true, force: true });
  });
  const told: Told = { statuses: [], checks: [], comments: [], deployments: [] };
  const hooks: { beforeStatus(status: CommitStatus): Promise<void> } = { beforeStatus: async () => {} };
  const forge: Pick<Forge, 'openPullRequests' | 'reportStatus' | 'reportCheck' | 'reportComment' | 'reportDeployment'> =
    {
      openPullRequests: async () => [],
      async reportStatus(_, status) {
        await hooks.beforeStatus(status);
        told.statuses.push(status);
      },
      async reportCheck(_, { name, conclusion }) {
        told.checks.push(`${name} ${conclusion ?? 'under way'}`);
        return checks;
      },
      async reportComment(_, number, marker, body) {
        t.ok(body.startsWith(marker), 'the comment can be found again by its marker');
        told.comments.push(`#${number} ${body}`);
      },
      async reportDeployment(_, { environment, state }) {
        told.deployments.push(`${environment} ${state}`);
      },
    };
  const artifacts = createArtifactFolder(join(directory, 'artifacts'));
  const runUrl = (id: string): string => `https://fairway.example.org/runs/${id}`;
  const report = (id = 'r1'): Promise<unknown> =>
    reportRun({ runs: store.runs, reports: store.reports, artifacts, forge, runUrl }, id);
  const become = async (run: Run): Promise<void> => {
    await store.runs.lease(run.id, 'w', 60_000);
    t.ok(await store.runs.save(run, 'w'));
    await store.runs.release(run.id, 'w');
  };
  return { store, artifacts, told, hooks, report, become };
}

const failed: Partial<Run> = {
  status: 'failed',
  reason: 'upgrade: Deployment default/web is not ready',
  stages: [{ ...sampleStage('upgrade', 'failed', [sampleStep('apply', 'failed')]), reason: 'it | is\nnot ready' }],
};
const gates = ({ statuses }: Told): string[] =>
  statuses.filter(({ context }) => context === 'fairway/gate').map(({ state }) => state);

t.test('what was told already is not told again', async (t) => {
  const { store, told, report } = await reporting(t);
  await store.runs.create(sampleRun('r1'));
  await report();
  await report();
  t.strictSame(gates(told), ['pending']);
  t.strictSame(told.checks, ['fairway/render success', 'fairway/conformance under way', 'fairway/teardown under way']);
  t.equal(told.comments.length, 1);
});

t.test('the end of a run is told last, also when an older report is still on its way', async (t) => {
  const { store, told, hooks, report, become } = await reporting(t);
  await store.runs.create(sampleRun('r1'));
  const slow = Promise.withResolvers<void>();
  const reached = Promise.withResolvers<void>();
  hooks.beforeStatus = async ({ state }) => {
    if (state !== 'pending') return;
    reached.resolve();
    await slow.promise;
  };
  const older = report();
  await reached.promise;
  await become(sampleRun('r1', failed));
  await report();
  slow.resolve();
  await older;
  t.equal(gates(told).at(-1), 'failure');
  t.match(told.comments.at(-1), '❌ Fairway: `upgrade: Deployment default/web is not ready`');
});

t.test('a token that may write no checks reports each stage as a status', async (t) => {
  const { store, told, report } = await reporting(t, 'unsupported');
  await store.runs.create(sampleRun('r1', failed));
  await report();
  t.match(told.statuses, [
    { context: 'fairway/upgrade', state: 'failure', description: 'it | is' },
    { context: 'fairway/gate', state: 'failure', targetUrl: 'https://fairway.example.org/runs/r1' },
  ]);
});

t.test('the comment holds stages, reasons and the diff, within what a forge takes', async (t) => {
  const { store, artifacts, told, report } = await reporting(t);
  await artifacts.put('r1', 'diff.md', `~ Deployment default/web\n${'x\n'.repeat(40_000)}`);
  await store.runs.create(sampleRun('r1', failed));
  await report();
  const [comment = ''] = told.comments;
  t.match(comment, '| `upgrade` | ❌ failed | 1m 05s | `it \\| is` |');
  t.match(comment, '**`upgrade`**\n```\nit | is\nnot ready\n```');
  t.match(comment, '~ Deployment default/web');
  t.ok(comment.length < 65_536);
});

t.test('what was left out stands in the status, the check and the comment', async (t) => {
  const { store, told, report } = await reporting(t, 'unsupported');
  const sentence = '22 of 35 specs of the profile smoke: they need nodes, and the cluster has none';
  const step = sampleStep('conformance', 'succeeded', { passed: 13, failed: 0, skipped: 0, leftOut: [sentence] });
  const stage = sampleStage('conformance', 'succeeded', [step]);
  await store.runs.create(sampleRun('r1', { status: 'succeeded', stages: [stage] }));
  await report();
  t.match(told.statuses.at(-1), {
    state: 'success',
    description: 'proven but for what was left out: 13 conformance specs passed',
  });
  t.match(told.comments.at(-1), `**Left out**\n- \`${sentence}\``);
  t.match(stageSummary(stage), `- left out: \`${sentence}\``);
});

t.test('a run that a newer one replaced does not speak over it', async (t) => {
  const { store, told, report } = await reporting(t);
  await store.runs.create(sampleRun('r1', { status: 'cancelled', reason: 'superseded', createdAt: 1 }));
  await store.runs.create(sampleRun('r2', { createdAt: 2 }));
  await report('r1');
  t.match(
    told.statuses,
    [{ state: 'pending', targetUrl: 'https://fairway.example.org/runs/r2' }],
    'the newer one speaks',
  );
  t.strictSame(told.comments, []);
});

t.test('a pull request that waits for its turn is pending', async (t) => {
  const { store, told, report } = await reporting(t);
  await store.runs.create(sampleRun('r1', { status: 'skipped', reason: 'it is a draft', stages: [] }));
  await report();
  t.match(told.statuses, [{ context: 'fairway/gate', state: 'pending', description: 'it is a draft' }]);
  t.match(told.comments, [/Fairway: `it is a draft`/]);
});

t.test('nothing but a success is green', async (t) => {
  const { store, told, report } = await reporting(t);
  for (const status of ['errored', 'unknown', 'cancelled'] as const) {
    const itsOwn = { headSha: status, pullRequest: undefined, stages: [] };
    await store.runs.create(sampleRun(status, { status, reason: status, ...itsOwn }));
    await report(status);
  }
  t.strictSame(gates(told), ['error', 'error', 'error']);
});

t.test('a rollout is a deployment of its channel', async (t) => {
  const { store, told, report } = await reporting(t);
  await store.runs.create(sampleRun('r1', { kind: 'rollout', pullRequest: undefined }));
  await report();
  t.strictSame(told.deployments, ['dev in_progress']);
  t.strictSame(told.statuses, []);
});
