import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { hookRole } from '../../domain/hook-role.ts';
import { describeRef, type Manifest, refOf } from '../../domain/manifest.ts';
import type { ApplyOptions, ApplyOutcome } from '../../ports/kube.ts';
import { ApiServer } from './api-server.ts';
import { createKube } from './create-kube.ts';
import { manifestsOf } from './manifests.test-fixture.ts';
import { endPodOf, untilGone } from './pods-by-hand.test-fixture.ts';
import { startTestCluster } from './test-cluster.test-fixture.ts';

const cluster = await startTestCluster({ nodes: 0 });
t.teardown(() => cluster.stop());
const server = new ApiServer(cluster.kubeconfig);
const signal = AbortSignal.timeout(300_000);

/** As rendering makes them of a chart. */
function release(name: string, ...texts: string[]): Manifest[] {
  return manifestsOf(texts.join('---\n')).map((manifest) => {
    const role = hookRole(manifest.object);
    return { ...manifest, release: name, ...(role.role === 'hook' ? { hook: role.hook } : {}) };
  });
}

const annotations = (hook: string, weight: number, policy: string) =>
  `{helm.sh/hook: "${hook}", helm.sh/hook-weight: "${weight}"${policy === '' ? '' : `, helm.sh/hook-delete-policy: "${policy}"`}}`;

interface JobFields {
  weight?: number;
  policy?: string;
  argument?: string;
  more?: string;
}
const job = (name: string, hook: string, { weight = 0, policy = '', argument = 'a', more = '' }: JobFields = {}) =>
  `apiVersion: batch/v1
kind: Job
metadata: {name: ${name}, annotations: ${annotations(hook, weight, policy)}}
spec:
  backoffLimit: 0
  ${more}
  template:
    spec: {restartPolicy: Never, containers: [{name: c, image: "app:1", args: ["${argument}"]}]}
`;
const account = (name: string, hook: string, weight: number) =>
  `apiVersion: v1
kind: ServiceAccount
metadata: {name: ${name}, annotations: ${annotations(hook, weight, 'before-hook-creation,hook-succeeded')}}
`;
const configMap = (name: string, value = '1') =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\ndata: {a: "${value}"}\n`;

const paths = { Job: '/apis/batch/v1/namespaces/default/jobs', ConfigMap: '/api/v1/namespaces/default/configmaps' };
async function exists(kind: keyof typeof paths, name: string): Promise<boolean> {
  return (await server.request({ method: 'GET', path: `${paths[kind]}/${name}` }, signal)).outcome === 'ok';
}
async function uidOf(name: string): Promise<unknown> {
  const answer = await server.request({ method: 'GET', path: `${paths.Job}/${name}` }, signal);
  const { metadata } = answer.outcome === 'ok' ? answer.body : {};
  return metadata && typeof metadata === 'object' && 'uid' in metadata ? metadata.uid : undefined;
}

/** By another process each time. */
const apply = (manifests: Manifest[], attempt: string, hooks: ApplyOptions['hooks'] = 'wait') =>
  createKube().connect(cluster.kubeconfig).apply(manifests, signal, { attempt, hooks });

/** Calls until it waits for the hook of that name. */
async function untilItWaitsFor(name: string, manifests: Manifest[], attempt: string): Promise<string> {
  for (;;) {
    const outcome = await apply(manifests, attempt);
    if (outcome.outcome !== 'waiting') throw new Error(`it doesn't wait for ${name}: ${JSON.stringify(outcome)}`);
    if (outcome.reason.includes(name) && outcome.reason.includes('has not completed')) return outcome.reason;
    await sleep(50, undefined, { signal });
  }
}

async function untilDone(manifests: Manifest[], attempt: string): Promise<ApplyOutcome> {
  for (;;) {
    const outcome = await apply(manifests, attempt);
    if (outcome.outcome !== 'waiting') return outcome;
    await sleep(50, undefined, { signal });
  }
}

function changesOf(outcome: ApplyOutcome): string[] {
  if (outcome.outcome !== 'applied') throw new Error(JSON.stringify(outcome));
  return outcome.objects
    .filter(({ change }) => change !== 'unchanged')
    .map(({ ref, change }) => `${describeRef(ref)} ${change}`);
}

function refusalOf(outcome: ApplyOutcome): string {
  if (outcome.outcome !== 'refused') throw new Error(JSON.stringify(outcome));
  return outcome.refusals.map(({ message }) => message).join('\n');
}

async function healthOf(manifests: Manifest[]): Promise<string[]> {
  const refs = manifests.map(({ object }) => ({ namespace: 'default', ...refOf(object) }));
  const found = await createKube().connect(cluster.kubeconfig).health(refs, signal);
  return found.map(({ health, reason }) => `${health}: ${reason}`);
}

t.test('an install: hooks in their places and order, and gone as their policies say', async (t) => {
  const manifests = release(
    'shop',
    job('shop-init', 'post-install', { policy: 'hook-succeeded' }),
    configMap('shop-settings'),
    job('shop-second', 'pre-install', { weight: 5, policy: 'hook-succeeded,before-hook-creation' }),
    job('shop-first', 'pre-install,pre-upgrade', { weight: -5 }),
    account('shop-hooks', 'pre-install,pre-upgrade', -5),
    job('shop-migrate', 'pre-upgrade'),
  );
  t.match(
    await untilItWaitsFor('shop-first', manifests, 'one'),
    /^Job default\/shop-first, a pre-install hook of chart shop, has not completed: 1 pods active/,
  );
  const account_ = '/api/v1/namespaces/default/serviceaccounts/shop-hooks';
  t.match(await server.request({ method: 'GET', path: account_ }, signal), { outcome: 'ok' }, "kinds in Helm's order");
  t.same([await exists('Job', 'shop-second'), await exists('ConfigMap', 'shop-settings')], [false, false]);
  const first = await uidOf('shop-first');
  await endPodOf(server, 'shop-first', 'Succeeded', signal);
  await untilItWaitsFor('shop-second', manifests, 'one');
  t.equal(await exists('ConfigMap', 'shop-settings'), false);
  await endPodOf(server, 'shop-second', 'Succeeded', signal);
  await untilItWaitsFor('shop-init', manifests, 'one');
  t.equal(await exists('ConfigMap', 'shop-settings'), true);
  await endPodOf(server, 'shop-init', 'Succeeded', signal);
  t.equal((await untilDone(manifests, 'one')).outcome, 'applied');
  await untilGone(server, `${paths.Job}/shop-init`, signal);
  await untilGone(server, `${paths.Job}/shop-second`, signal);
  await untilGone(server, account_, signal);
  t.equal(await uidOf('shop-first'), first, 'it was made once, and nothing says that it goes');
  t.equal(await exists('Job', 'shop-migrate'), false);
  t.same(await healthOf(manifests), [
    'ready: Job default/shop-init: completed, and is gone',
    'ready: ConfigMap default/shop-settings: exists',
    'ready: Job default/shop-second: completed, and is gone',
    'ready: Job default/shop-first: completed',
    'ready: ServiceAccount default/shop-hooks: completed, and is gone',
    'ready: Job default/shop-migrate: is a hook whose time has not come',
  ]);
  t.same(changesOf(await apply(manifests, 'two')), [], 'nothing changed, so no hook runs');
  t.equal(await uidOf('shop-first'), first);
});

t.test('an upgrade: what changed anywhere in the chart, or a hook, has the hooks of upgrades run', async (t) => {
  const chart = (value: string, argument: string) =>
    release(
      'wiki',
      configMap('wiki-settings', value),
      job('wiki-migrate', 'pre-upgrade', { argument }),
      job('wiki-init', 'pre-install'),
    );
  await untilItWaitsFor('wiki-init', chart('1', 'a'), 'one');
  await endPodOf(server, 'wiki-init', 'Succeeded', signal);
  t.equal((await untilDone(chart('1', 'a'), 'one')).outcome, 'applied');
  t.equal(await exists('Job', 'wiki-migrate'), false);

  await untilItWaitsFor('wiki-migrate', chart('2', 'a'), 'two');
  const first = await uidOf('wiki-migrate');
  await endPodOf(server, 'wiki-migrate', 'Succeeded', signal);
  t.same(changesOf(await untilDone(chart('2', 'a'), 'two')), [
    'Job default/wiki-migrate created',
    'ConfigMap default/wiki-settings configured',
  ]);
  await untilItWaitsFor('wiki-migrate', chart('2', 'b'), 'three');
  t.not(await uidOf('wiki-migrate'), first, 'its template is immutable, so it was made anew');
  await endPodOf(server, 'wiki-migrate', 'Succeeded', signal);
  t.equal((await untilDone(chart('2', 'b'), 'three')).outcome, 'applied');
});

t.test('a hook that fails stops the chart, not what comes before it; another apply tries anew', async (t) => {
  const manifests = [
    ...manifestsOf(configMap('independent')),
    ...release(
      'blog',
      job('blog-once', 'pre-install', { weight: 1 }),
      job('blog-fails', 'pre-install', { weight: 2, policy: 'hook-failed' }),
      configMap('blog-settings'),
    ),
  ];
  await untilItWaitsFor('blog-once', manifests, 'one');
  await endPodOf(server, 'blog-once', 'Succeeded', signal);
  await untilItWaitsFor('blog-fails', manifests, 'one');
  const once = await uidOf('blog-once');
  await endPodOf(server, 'blog-fails', 'Failed', signal);
  const sentence =
    /^Job default\/blog-fails, a pre-install hook of chart blog, failed: BackoffLimitExceeded: Job has reached/;
  t.match(refusalOf(await untilDone(manifests, 'one')), sentence);
  t.same([await exists('ConfigMap', 'independent'), await exists('ConfigMap', 'blog-settings')], [true, false]);
  await untilGone(server, `${paths.Job}/blog-fails`, signal);
  t.match(refusalOf(await apply(manifests, 'one')), sentence, 'the same apply says the same again');

  await untilItWaitsFor('blog-fails', manifests, 'two');
  await endPodOf(server, 'blog-fails', 'Succeeded', signal);
  t.equal((await untilDone(manifests, 'two')).outcome, 'applied');
  t.equal(await uidOf('blog-once'), once, 'what was through is not run again');
});

t.test('a hook that is gone before anyone looked is told by its events', async (t) => {
  const manifests = release(
    'fast',
    job('fast-hook', 'pre-install', { more: 'ttlSecondsAfterFinished: 0' }),
    configMap('fast'),
  );
  await untilItWaitsFor('fast-hook', manifests, 'one');
  await endPodOf(server, 'fast-hook', 'Succeeded', signal);
  await untilGone(server, `${paths.Job}/fast-hook`, signal);
  t.equal((await untilDone(manifests, 'one')).outcome, 'applied');
  t.equal(await exists('Job', 'fast-hook'), false, 'it was not made a second time');
});

t.test('a hook that someone deletes while it runs is neither waited for without end nor taken for done', async (t) => {
  const manifests = release('gone', job('gone-hook', 'pre-install'), configMap('gone'));
  await untilItWaitsFor('gone-hook', manifests, 'one');
  const body = { propagationPolicy: 'Background' };
  await server.request({ method: 'DELETE', path: `${paths.Job}/gone-hook`, body }, signal);
  await untilGone(server, `${paths.Job}/gone-hook`, signal);
  t.match(
    refusalOf(await untilDone(manifests, 'one')),
    /^Job default\/gone-hook, a pre-install hook of chart gone, is gone, and whether it succeeded is not known$/,
  );
});

t.test('where no pod can run, hooks are begun and not waited for', async (t) => {
  const manifests = release('dry', job('dry-hook', 'pre-install'), configMap('dry'));
  t.same(changesOf(await apply(manifests, 'one', 'start')), [
    'Job default/dry-hook created',
    'ConfigMap default/dry created',
  ]);
});

t.test('a chart that was there before its hooks were remembered is upgraded, not installed', async (t) => {
  const client = createKube().connect(cluster.kubeconfig);
  t.equal((await client.apply(manifestsOf(configMap('old')), signal)).outcome, 'applied');
  const manifests = release('old', configMap('old'), job('old-init', 'pre-install'), job('old-migrate', 'pre-upgrade'));
  await untilItWaitsFor('old-migrate', manifests, 'one');
  t.equal(await exists('Job', 'old-init'), false);
});

t.test('a hook that the API server refuses is refused before anything is changed', async (t) => {
  const broken = job('bad-hook', 'post-install').replace('Never', 'Perhaps');
  t.match(refusalOf(await apply(release('bad', configMap('bad'), broken), 'one')), /restartPolicy/);
  t.equal(await exists('ConfigMap', 'bad'), false);
});
