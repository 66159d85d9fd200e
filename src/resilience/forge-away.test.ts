import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { Scene } from './scene.ts';
import { answer, type ProxiedAnswer, startScriptedProxy } from './scripted-proxy.ts';
import { quickRules, smallConfig } from './small-config.ts';

t.setTimeout(300_000);

const limited = {
  message: 'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.',
};
const away: Record<string, () => ProxiedAnswer | 'silence'> = {
  'a server error': () => answer(500, { message: 'Server Error' }),
  'a gateway without a server': () => answer(502, { message: 'Bad Gateway' }),
  'too many requests': () => answer(429, { message: 'API rate limit exceeded' }, { 'retry-after': '2' }),
  'a secondary rate limit': () => answer(403, limited, { 'retry-after': '2' }),
  silence: () => 'silence',
};
const good = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: new}\n';
const bad = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: {{ .NoSuchThing }}}\n';

t.test('while the forge is away nothing is green by mistake, and all ends when it is back', async (t) => {
  let trouble: string | undefined;
  let asked = 0;
  const scene = await Scene.open(t, {
    branches: { dev: { ...smallConfig, ...quickRules }, alpha: {} },
    settings: { FAIRWAY_CATCH_UP_EVERY: '2s' },
    forgeBeside: {
      through: (url) =>
        startScriptedProxy(
          t,
          () => url,
          async (_request, pass) => {
            if (trouble === undefined) return pass();
            asked++;
            return away[trouble]?.() ?? pass();
          },
        ),
    },
  });
  const config = { url: `${scene.url}/webhooks/github`, content_type: 'json', secret: scene.webhookSecret };
  await scene.forge.rest('POST', '/hooks', { config, events: ['*'] });
  await scene.listCluster('dev-1', 'dev');
  await scene.start();
  const propose = async (name: string) => [
    {
      verdict: 'success',
      ...(await scene.forge.propose(`good-${name}`, { [`cluster/manifests/new/${name}.yaml`]: good })),
    },
    {
      verdict: 'failure',
      ...(await scene.forge.propose(`bad-${name}`, { [`cluster/manifests/new/${name}.yaml`]: bad })),
    },
  ];
  const heads: { number: number; sha: string; verdict: string }[] = [];
  for (const kind of Object.keys(away)) {
    asked = 0;
    trouble = kind;
    // Opened while nothing is answered, and before.
    if (kind === 'a server error' || kind === 'silence') heads.push(...(await propose(kind.replaceAll(' ', '-'))));
    await scene.until(`a request that met ${kind}`, async () => asked > 0 || undefined);
    await sleep(2_500);
    for (const { number, sha } of heads) {
      const isGreen = (await scene.forge.gate(sha))?.state === 'success';
      t.ok(!isGreen || (await scene.run({ pullRequest: number }))?.status === 'succeeded', `${kind}: #${number}`);
    }
    trouble = undefined;
    await sleep(1_000);
  }
  for (const { number, sha, verdict } of heads) {
    const gate = await scene.until(`the verdict on #${number}`, async () => {
      const now = await scene.forge.gate(sha);
      return now && now.state !== 'pending' ? now : undefined;
    });
    t.equal(gate.state, verdict, `#${number}: ${gate.description}`);
    if (verdict === 'failure') t.match(gate.description, /cluster\/manifests\/new\/[a-z-]+\.yaml:3:\d+: /);
    const states = (await scene.forge.statuses(sha)).filter(({ context }) => context === 'fairway/gate');
    t.equal(states.filter(({ state }) => state !== 'pending').length, 1, `#${number}: told once`);
    await scene.until(`the comment on #${number}`, async () => (await scene.forge.stickyComments(number))[0]);
    t.equal((await scene.forge.stickyComments(number)).length, 1);
  }
});
