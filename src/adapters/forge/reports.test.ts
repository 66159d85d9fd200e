import { test } from 'tap';
import { ForgeUnderTest } from '../../embedded/forge/testing/forge-under-test.ts';
import { createGithubForge } from './github-forge.ts';

const REPOSITORY = 'acme/config';

function adapter(at: ForgeUnderTest, token = at.tokens.writer) {
  return createGithubForge({
    baseUrl: at.forge.apiUrl,
    gitBaseUrl: at.forge.url,
    auth: { token },
    pace: 'none',
    retryUnitMs: 1,
  });
}

test('a status sent twice stands once, and a long description is cut', async (t) => {
  const at = await ForgeUnderTest.start(t);
  const sha = await at.bare('rev-parse', 'dev');
  const forge = adapter(at);
  const status = {
    sha,
    context: 'fairway/gate',
    state: 'pending' as const,
    description: `${'x'.repeat(139)}ä🎉`,
    targetUrl: 'http://fairway.test/runs/1',
  };
  await forge.reportStatus(REPOSITORY, status);
  await forge.reportStatus(REPOSITORY, status);
  await forge.reportStatus(REPOSITORY, { ...status, context: 'fairway/render' });
  const stored = async () => (await at.repo('GET', `/commits/${sha}/statuses`)).body;
  t.equal((await stored()).length, 2);
  t.equal((await stored())[1].description, `${'x'.repeat(139)}…`);
  await forge.reportStatus(REPOSITORY, { ...status, state: 'success' });
  await forge.reportStatus(REPOSITORY, status);
  t.equal((await stored()).length, 4, 'back to pending is news again');
});

test('a check run is known by our id: created once, then updated', async (t) => {
  const at = await ForgeUnderTest.start(t);
  const sha = await at.bare('rev-parse', 'dev');
  const forge = adapter(at);
  const check = {
    sha,
    name: 'conformance',
    externalId: 'run-1/conformance',
    status: 'in_progress' as const,
    conclusion: undefined,
    title: 'Running',
    summary: '3 of 25',
    detailsUrl: 'http://fairway.test/runs/1',
  };
  t.equal(await forge.reportCheck(REPOSITORY, check), 'reported');
  t.equal(await forge.reportCheck(REPOSITORY, check), 'reported');
  await forge.reportCheck(REPOSITORY, {
    ...check,
    status: 'completed',
    conclusion: 'success',
    title: 'Passed',
    summary: 'ä'.repeat(65_535),
  });
  const checks = async () => (await at.repo('GET', `/commits/${sha}/check-runs?filter=all`)).body.check_runs;
  t.match(await checks(), [
    { external_id: 'run-1/conformance', status: 'completed', conclusion: 'success', output: { title: 'Passed' } },
  ]);
  t.equal((await checks()).length, 1);
  t.ok(Buffer.byteLength((await checks())[0].output.summary) <= 65_535);
  await forge.reportCheck(REPOSITORY, { ...check, externalId: 'run-2/conformance' });
  t.equal((await checks()).length, 2, 'another run is another check');
});

test('the sticky comment is found by its marker beyond the first page, and only ours is updated', async (t) => {
  const at = await ForgeUnderTest.start(t);
  await at.openPull(await at.clone(), 'a', { 'a.yaml': 'a\n' });
  const marker = '<!-- fairway:1 -->';
  await at.repo('POST', '/issues/1/comments', { body: `${marker} copied by somebody` }, at.tokens.reader);
  for (let index = 0; index < 101; index++) await at.repo('POST', '/issues/1/comments', { body: `talk ${index}` });
  const forge = adapter(at);
  await forge.reportComment(REPOSITORY, 1, marker, 'first');
  await forge.reportComment(REPOSITORY, 1, marker, 'second');
  await forge.reportComment(REPOSITORY, 1, marker, 'second');
  await forge.reportComment(REPOSITORY, 1, marker, `third ${'y'.repeat(70_000)}`);
  const { body: page } = await at.repo('GET', '/issues/1/comments?per_page=100&page=2');
  const ours = page.filter((comment: { user: { login: string } }) => comment.user.login === 'wim');
  t.equal(ours.length, 1);
  t.equal(ours[0].body.length, 65_536);
  t.ok(ours[0].body.startsWith(`${marker}\nthird yyy`));
  await forge.comment(REPOSITORY, 1, 'a plain reply');
  t.match((await at.repo('GET', '/issues/1/comments?per_page=100&page=2')).body.at(-1), {
    body: 'a plain reply',
    user: { login: 'wim' },
  });
});

test('a deployment is known by environment, revision and our id', async (t) => {
  const at = await ForgeUnderTest.start(t);
  const sha = await at.bare('rev-parse', 'dev');
  const forge = adapter(at);
  const report = {
    environment: 'dev',
    sha,
    externalId: 'rollout-1',
    state: 'in_progress' as const,
    description: 'wave 1',
    logUrl: 'http://fairway.test/runs/7',
  };
  await forge.reportDeployment(REPOSITORY, report);
  await forge.reportDeployment(REPOSITORY, report);
  await forge.reportDeployment(REPOSITORY, { ...report, state: 'success' });
  await forge.reportDeployment(REPOSITORY, { ...report, externalId: 'rollout-2' });
  const { body: deployments } = await at.repo('GET', '/deployments');
  t.match(deployments, [
    { payload: { externalId: 'rollout-2' } },
    { payload: { externalId: 'rollout-1' }, environment: 'dev', sha },
  ]);
  const { body: statuses } = await at.repo('GET', `/deployments/${deployments[1].id}/statuses`);
  t.strictSame(
    statuses.map(({ state }: { state: string }) => state),
    ['success', 'in_progress'],
  );
});
