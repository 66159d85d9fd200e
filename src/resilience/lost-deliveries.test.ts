import t from 'tap';
import { Scene } from './scene.ts';
import { answer, startScriptedProxy } from './scripted-proxy.ts';
import { quickRules, smallConfig } from './small-config.ts';

t.setTimeout(300_000);

const change = (value: string) => ({
  'cluster/manifests/new/new.yaml': `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: new}\ndata: {value: ${value}}\n`,
});

t.test('every delivery twice and out of order, and some never: the end is the same', async (t) => {
  const lost: string[] = [];
  const waiting: (() => Promise<unknown>)[] = [];
  let target = '';
  const isLost = (event: string, payload: { action?: string; ref?: string; comment?: { body: string } }): boolean =>
    (event === 'pull_request' && payload.action === 'synchronize') ||
    (event === 'push' && payload.ref === 'refs/heads/dev') ||
    (event === 'issue_comment' && payload.comment?.body === '/retest');
  const proxy = await startScriptedProxy(
    t,
    () => target,
    async ({ path, headers, body }, pass) => {
      if (path !== '/webhooks/github') return pass();
      const event = String(headers['x-github-event']);
      const payload = JSON.parse(body.toString());
      if (isLost(event, payload)) lost.push(`${event} ${payload.action ?? payload.ref}`);
      else waiting.unshift(pass, pass);
      return answer(202, { delivery: 'taken by the proxy' });
    },
  );
  // Whatever came within this time arrives in the opposite order, each twice.
  const flush = setInterval(() => {
    for (const pass of waiting.splice(0)) void pass().catch(() => {});
  }, 700);
  t.teardown(() => clearInterval(flush));

  const scene = await Scene.open(t, {
    branches: { dev: { ...smallConfig, ...quickRules }, alpha: {} },
    settings: { FAIRWAY_URL: proxy, FAIRWAY_CATCH_UP_EVERY: '2s' },
    forgeBeside: { through: async (url) => url },
  });
  target = scene.url;
  const config = { url: `${proxy}/webhooks/github`, content_type: 'json', secret: scene.webhookSecret };
  await scene.forge.rest('POST', '/hooks', { config, events: ['*'] });
  await scene.start();

  const { number } = await scene.forge.propose('change', change('one'));
  await scene.until('a run', () => scene.run({ pullRequest: number }));
  const sha = await scene.forge.push('change', change('two'));
  const proven = await scene.until('the proof of the second push', async () => {
    const run = await scene.run({ pullRequest: number });
    return run?.headSha === sha && run.status === 'succeeded' ? run : undefined;
  });
  await scene.forge.rest('POST', `/issues/${number}/comments`, { body: '/retest' });
  const again = await scene.until('the proof that was asked for', async () => {
    const run = await scene.run({ pullRequest: number });
    return run && run.id !== proven.id && run.status === 'succeeded' ? run : undefined;
  });
  await scene.told(again);
  await scene.forge.rest('PUT', `/pulls/${number}/merge`, {});
  await scene.until('the rollout of the merge', async () => {
    const dev = await scene.forge.rest('GET', '/branches/dev');
    return (await scene.store.channels.get('fairway/config', 'dev')).convergedSha === dev.commit.sha || undefined;
  });

  t.ok(lost.includes('pull_request synchronize'), lost.join(', '));
  t.ok(lost.includes('push refs/heads/dev'));
  t.ok(lost.includes('issue_comment created'));
  const runs = await scene.store.runs.list({ pullRequest: number });
  t.equal(runs.filter((run) => run.headSha === sha).length, 2, 'the proof, and the one asked for');
  t.match(await scene.forge.gate(sha), { state: 'success' });
  t.equal((await scene.forge.stickyComments(number)).length, 1);
  const refused = (await scene.store.deliveries.recent(1_000)).filter(({ result }) => result?.startsWith('refused'));
  t.same(refused, []);
});
