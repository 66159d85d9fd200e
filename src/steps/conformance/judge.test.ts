import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { judge } from './judge.ts';
import { type JunitReport, readJunit } from './read-junit.ts';
import type { Selection } from './selection.ts';

const recorded = async (name: string) => readJunit(await readFile(join(import.meta.dirname, 'fixtures', name), 'utf8'));

const discovery = '[sig-api-machinery] Discovery should validate PreferredVersion for each APIGroup [Conformance]';
const configMap = '[sig-node] ConfigMap should run through a ConfigMap lifecycle [Conformance]';
const cronJob = '[sig-apps] CronJob should support CronJob API operations [Conformance]';
const hostIp = '[sig-node] Pods should get a host IP [NodeConformance] [Conformance]';

const selected = (specs: string[], skips: Selection['skips'] = 'not allowed'): Selection => ({
  profile: 'smoke',
  skips,
  specs,
  leftOut: [],
});

t.test('a spec that timed out is a failure, and is named', async (t) => {
  const result = judge(selected([discovery, configMap, cronJob, hostIp]), await recorded('one-failed.xml'), 1);
  t.match(result, { verdict: 'failure', passed: 3, failed: 1, skipped: 0 });
  t.equal(result.reason, `1 of 4 specs failed: ${hostIp}`);
  t.match(result.specs.at(-1)?.reason, /^\[TIMEDOUT\] A suite timeout occurred\nIn \[It\] at: /);
});

t.test('all that was selected passed: success', async (t) => {
  const result = judge(selected([discovery, configMap, cronJob]), await recorded('one-failed.xml'), 0);
  t.match(result, { verdict: 'success', passed: 3, failed: 0, reason: '3 of 3 specs passed' });
});

t.test('a spec without a result is unknown, never passed', async (t) => {
  const missing = '[sig-node] Pods should patch a pod status [Conformance]';
  const result = judge(selected([discovery, missing]), await recorded('one-failed.xml'), 0);
  t.match(result, { verdict: 'unknown', passed: 1, reason: `1 of 2 specs have no result: ${missing}` });
});

t.test('a suite that could not start is unknown, with its own words', async (t) => {
  const result = judge(selected([discovery]), await recorded('no-nodes.xml'), 1);
  t.match(result, {
    verdict: 'unknown',
    passed: 0,
    reason: 'the suite could not be run: there are currently no ready, schedulable nodes in the cluster',
  });
});

t.test('nothing selected is unknown', async (t) => {
  const result = judge(selected([]), await recorded('one-failed.xml'), 0);
  t.match(result, { verdict: 'unknown', reason: "the profile smoke selects none of this release's specs" });
});

t.test('a spec that left itself out spoils the verdict only where that is not allowed', async (t) => {
  const xml = `<testsuites><testsuite>
    <testcase name="[It] a" status="passed" time="1"></testcase>
    <testcase name="[It] b" status="skipped" time="0"><skipped message="skipped - Requires at least 2 nodes"></skipped></testcase>
  </testsuite></testsuites>`;
  const report: JunitReport = readJunit(xml);
  t.match(judge(selected(['a', 'b']), report, 0), {
    verdict: 'unknown',
    skipped: 1,
    reason: '1 of 2 specs left themselves out: b: Requires at least 2 nodes',
  });
  t.match(judge(selected(['a', 'b'], 'allowed'), report, 0), {
    verdict: 'success',
    passed: 1,
    reason: '1 of 2 specs passed, 1 left themselves out',
    leftOut: ['b: Requires at least 2 nodes'],
  });
  t.match(judge(selected(['b'], 'allowed'), report, 0), { verdict: 'unknown' });
});

t.test('an exit code that contradicts the results is unknown', async (t) => {
  const result = judge(selected([discovery]), await recorded('one-failed.xml'), 197);
  t.match(result, {
    verdict: 'unknown',
    reason: "all specs passed, but ginkgo ended with exit code 197; see the log's end",
  });
});

t.test('a torn or foreign JUnit is refused, not read as empty', async (t) => {
  const whole = await readFile(join(import.meta.dirname, 'fixtures', 'one-failed.xml'), 'utf8');
  for (const broken of ['', '<html></html>', whole.slice(0, whole.length / 2), whole.slice(0, -20)]) {
    t.throws(() => readJunit(broken), `${broken.length} characters`);
  }
});
