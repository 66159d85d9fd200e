import t from 'tap';
import { PlanningUnderTest, rules } from './testing/planning-under-test.ts';

const change = { 'cluster/manifests/web/web.yaml': 'kind: A\n' };

async function answers(at: PlanningUnderTest, number: number): Promise<string[]> {
  const { body } = await at.forge.repo('GET', `/issues/${number}/comments`);
  return body.map(({ body }: { body: string }) => body).filter((text: string) => text.includes('fairway:commands'));
}

t.test('a command that nobody sees on the page ends nothing', async (t) => {
  const at = await PlanningUnderTest.start(t);
  const { number } = await at.openPull('a', change);
  await at.pullRequest('opened', number);
  const said = await at.comment('<!--\n/cancel\n-->\nlooks good to me', number, 'wim');
  t.equal(said, 'ignored: the comment holds no command on a line of its own');
  t.match(await at.runs(number), [{ status: 'queued', cancelReason: undefined }]);
  t.same(await answers(at, number), []);
});

t.test('who nearly wrote a command is told what there is, in one comment however often', async (t) => {
  const at = await PlanningUnderTest.start(t);
  const { number } = await at.openPull('a', change);
  await at.pullRequest('opened', number);
  await at.comment('/test all', number, 'rita');
  t.match(await answers(at, number), [
    /@rita: `\/test` counts when nothing else stands on its line\.\n\n.*`\/cancel`/s,
  ]);
  const said = await at.comment('/tset', number, 'wim');
  t.equal(said, 'answered wim: `/tset` is no command. `/test` is one, alone on its line.');
  await at.comment('/etc/hosts is wrong', number, 'wim');
  await at.comment('/lgtm', number, 'wim');
  t.match(await answers(at, number), [/@wim: `\/tset` is no command/]);
  t.equal((await at.runs(number)).length, 1, 'and nothing was begun');
  const [answer = ''] = await answers(at, number);
  t.equal(await at.comment(answer, number, 'olga'), 'ignored: the comment is one of Fairway');
});

t.test('who may not give a command is told so on the pull request', async (t) => {
  const at = await PlanningUnderTest.start(t);
  const { number } = await at.openPull('a', change);
  await at.pullRequest('opened', number);
  t.equal(await at.comment('/Cancel', number, 'rita'), 'ignored: rita has no write access');
  t.match(await answers(at, number), [/@rita: this was not done: rita has no write access\./]);
  t.equal(await at.comment('/ok-to-test', number, 'vera'), 'ignored: vera has no write access');
  t.match(await answers(at, number), [/@vera: this was not done: vera has no write access\./]);
});

t.test('"Re-run all checks" proves each pull request of the commit again', async (t) => {
  const at = await PlanningUnderTest.start(t);
  const { number, sha } = await at.openPull('a', change);
  const order = { title: 'the same for alpha', head: 'a', base: 'alpha' };
  const { body: twin } = await at.forge.repo('POST', '/pulls', order, at.forge.tokens.writer);
  await at.push('alpha', rules);
  for (const one of [number, twin.number]) {
    await at.pullRequest('opened', one);
    const [first] = await at.runs(one);
    if (first) await at.end(first, 'failed', 'render: flaky');
  }
  const suite = (numbers: number[], head_sha = sha, sender = 'wim') =>
    at.deliver('check_suite', sender, {
      action: 'rerequested',
      check_suite: { id: 1, head_branch: 'a', head_sha, pull_requests: numbers.map((number) => ({ number })) },
    });
  const counts = async () => [(await at.runs(number)).length, (await at.runs(twin.number)).length];
  t.same(await counts(), [1, 1]);
  t.match(await suite([number, twin.number]), /^run pr-1-\w+ for #1 at \w+; run pr-2-\w+ for #2 at \w+$/);
  t.same(await counts(), [2, 2]);
  t.match(await suite([]), /for #2 at \w+; run pr-1-\w+ for #1|for #1 at \w+; run pr-2-\w+ for #2/, 'none is named');
  t.same(await counts(), [3, 3]);
  const nobody = 'f'.repeat(40);
  t.equal(await suite([], nobody), `ignored: no open pull request has the head ${nobody}`);
  t.equal(await suite([number], sha, 'rita'), '#1 is ignored: rita has no write access');
  t.same(await counts(), [3, 3]);
});
