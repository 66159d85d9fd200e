import t from 'tap';
import { startScriptedProxy } from '../resilience/scripted-proxy.ts';
import { goodObject, renderedOnly } from './rendered-only.ts';
import { Target } from './target.ts';

t.setTimeout(180_000);

const waits = /code runs only after someone with write access has commented \/ok-to-test [0-9a-f]{40}$/;

t.test('code of a stranger runs when someone who may write has looked at that very head', async (t) => {
  const target = await Target.open(t, {
    branches: { dev: renderedOnly },
    settings: { FAIRWAY_CATCH_UP_EVERY: '2s' },
    forgeBeside: {
      // The embedded forge has no forks: its pull requests are made to come from one.
      through: (url) =>
        startScriptedProxy(
          t,
          () => url,
          async ({ method, path }, pass) => {
            const answered = await pass();
            if (method !== 'GET' || !/\/pulls(\/\d+|\?.*)?$/.test(path) || answered.status !== 200) return answered;
            const { 'content-length': _length, ...headers } = answered.headers;
            return { ...answered, headers, body: Buffer.from(ofFork(answered.body.toString())) };
          },
        ),
    },
  });
  const { forge, scene } = target;
  await scene.start();
  const config = { url: `${scene.url}/webhooks/github`, content_type: 'json', secret: scene.webhookSecret };
  await forge.rest('POST', '/hooks', { config, events: ['*'] }, 'olga');
  const { number, sha } = await forge.propose('theirs', goodObject('theirs'));
  const comment = (body: string, as: 'wim' | 'rita') => forge.rest('POST', `/issues/${number}/comments`, { body }, as);
  const isWaiting = async (head: string, why: string) =>
    t.match(await target.ended({ pullRequest: number }, head), { status: 'unknown', reason: waits }, why);
  await isWaiting(sha, 'nothing of it runs');

  await comment(`/ok-to-test ${sha}`, 'rita');
  const refused = await scene.until('the answer to a reader', async () => {
    const comments: { body: string }[] = await forge.rest('GET', `/issues/${number}/comments`);
    return comments.find(({ body }) => body.includes('rita has no write access'));
  });
  t.match(refused.body, /this was not done: rita has no write access/);
  const command = `/ok-to-test ${sha}`;
  const noCommands = [`<!-- \n${command}\n-->`, `> ${command}`, `\`\`\`\n${command}\n\`\`\``, `- ${command}`];
  for (const body of noCommands) await comment(body, 'wim');
  // What they would have begun would be among the runs at the end.
  const second = await forge.push('theirs', goodObject('second'));
  await isWaiting(second, 'the next head waits, too');

  await comment(`/ok-to-test ${second}`, 'wim');
  await scene.until('its proof', async () =>
    (await target.runs({ pullRequest: number })).find((run) => run.headSha === second && run.status === 'succeeded'),
  );
  const third = await forge.push('theirs', goodObject('third'));
  await isWaiting(third, 'what is pushed after /ok-to-test is not trusted');
  const seen = (await target.runs({ pullRequest: number })).filter(({ status }) => status === 'succeeded');
  t.strictSame([...new Set(seen.map(({ headSha }) => headSha))], [second], 'only what was looked at has run');
});

function ofFork(text: string): string {
  const change = (pull: { head: { repo: object } }) => ({
    ...pull,
    head: { ...pull.head, repo: { ...pull.head.repo, full_name: 'mallory/config' } },
  });
  const found = JSON.parse(text);
  return JSON.stringify(Array.isArray(found) ? found.map(change) : change(found));
}
