import { setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { sampleRun } from '../api/testing/sample-run.ts';
import type { Run } from '../domain/run.ts';
import type { Forge } from '../ports/forge.ts';
import { PlanningUnderTest } from '../rollout/testing/planning-under-test.ts';
import { type Reporting, reportRun } from './reporter.ts';

/** A pull request on a real forge, and a way to tell it of runs. */
async function given(t: Test) {
  const at = await PlanningUnderTest.start(t);
  const { number, sha } = await at.openPull('a', { 'a.yaml': 'a: 1\n' });
  const { forge } = at.planning;
  const artifacts: Reporting['artifacts'] = {
    put: async () => {},
    putFile: async () => {},
    list: async () => [],
    open: async () => undefined,
  };
  const reporting = (change: Partial<Forge> = {}): Reporting => ({
    runs: at.store.runs,
    reports: at.store.reports,
    artifacts,
    forge: { ...forge, ...change },
    runUrl: (id) => `http://fairway/runs/${id}`,
  });
  const add = async (id: string, change: Partial<Run>): Promise<Run> => {
    await sleep(2);
    const run = sampleRun(id, { pullRequest: number, headSha: sha, stages: [], createdAt: Date.now(), ...change });
    await at.store.runs.create(run);
    return run;
  };
  const gate = async (of = sha) => {
    const { body } = await at.forge.repo('GET', `/commits/${of}/statuses`);
    const newest = body.find(({ context }: { context: string }) => context === 'fairway/gate');
    return newest && `${newest.state}: ${newest.description}`;
  };
  const comments = async (): Promise<string[]> =>
    (await at.forge.repo('GET', `/issues/${number}/comments`)).body.map(({ body }: { body: string }) => body);
  return { at, sha, reporting, add, gate, comments, forge };
}

t.test('a verdict that could not be told in time does not hide the newer one of the same commit', async (t) => {
  const { at, reporting, add, gate, comments } = await given(t);
  const proven = await add('older', { status: 'succeeded', reason: 'it changes nothing' });
  await add('newer', { status: 'failed', reason: 'it does not render' });
  await reportRun(reporting(), 'newer');
  await reportRun(reporting(), proven.id);
  t.equal(await gate(), 'failure: it does not render');
  t.equal((await comments()).length, 1);
  t.match((await comments())[0], /it does not render/);
  t.same(await at.store.runs.untold(10), []);
});

t.test('an older run still has its say about a commit of its own', async (t) => {
  const { at, sha, reporting, add, gate, comments } = await given(t);
  const newSha = await at.push('a', { 'a.yaml': 'a: 2\n' });
  await add('older', { status: 'failed', reason: 'it does not render' });
  await add('newer', { status: 'succeeded', reason: 'it changes nothing', headSha: newSha });
  await reportRun(reporting(), 'newer');
  await reportRun(reporting(), 'older');
  t.equal(await gate(sha), 'failure: it does not render');
  t.equal(await gate(newSha), 'success: it changes nothing');
  t.match(await comments(), [/it changes nothing/]);
});

t.test('a run that ends while it is told of ends for the forge too', async (t) => {
  const { at, reporting, add, gate, forge } = await given(t);
  const run = await add('r1', { status: 'running' });
  const whileTelling = reporting({
    async reportStatus(repository, status) {
      if (status.state === 'pending') {
        await at.end(run, 'failed', 'it does not render');
        await reportRun(reporting(), 'r1');
      }
      await forge.reportStatus(repository, status);
    },
  });
  await reportRun(whileTelling, 'r1');
  t.equal(await gate(), 'failure: it does not render');
});

t.test('a newer run that begins while an older one is told of has the last word', async (t) => {
  const { reporting, add, gate, comments, forge } = await given(t);
  await add('older', { status: 'succeeded', reason: 'it changes nothing' });
  let begun = false;
  const whileTelling = reporting({
    async reportStatus(repository, status) {
      if (!begun) {
        begun = true;
        await add('newer', { status: 'failed', reason: 'it does not render' });
        await reportRun(reporting(), 'newer');
      }
      await forge.reportStatus(repository, status);
    },
  });
  await reportRun(whileTelling, 'older');
  t.equal(await gate(), 'failure: it does not render');
  t.match(await comments(), [/it does not render/]);
});

t.test(
  'two runs of a pull request that are told of at once have one comment, and the newer one the last word',
  async (t) => {
    const { reporting, add, gate, comments } = await given(t);
    await add('older', { status: 'failed', reason: 'it does not render' });
    await add('newer', { status: 'succeeded', reason: 'it changes nothing' });
    const untilTold = async (id: string): Promise<void> => {
      while ((await reportRun(reporting(), id)) === 'busy') await sleep(5);
    };
    await Promise.all(['older', 'newer', 'older', 'newer'].map(untilTold));
    t.equal((await comments()).length, 1);
    t.match((await comments())[0], /it changes nothing/);
    t.match(await gate(), /^success/);
  },
);
