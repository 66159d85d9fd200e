import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import t, { type Test } from 'tap';
import { parse } from 'yaml';
import { kindProvider } from './kind-provider.ts';

const signal = AbortSignal.timeout(60_000);
const expiresAt = new Date('2030-01-01T00:00:00Z');
const spec = { name: 'one', nodes: 2, owner: 'run-1', expiresAt };

// Keeps its clusters as lines of a file and writes down how it was called; --help of kind 0.30 words the options.
const fakeKind = `#!/bin/sh
cd "$(dirname "$0")"
echo "kind $*" >> calls
touch clusters
case "$1 $2" in
  "get clusters") cat clusters ;;
  "get kubeconfig") echo "kubeconfig of $4" ;;
  "create cluster") cat > config; [ ! -e broken ] || { echo "ERROR: failed to create cluster: no space left" >&2; exit 1; }; echo "$4" >> clusters ;;
  "delete cluster") sed -i "/^$4$/d" clusters ;;
esac
`;
const fakeDocker = `#!/bin/sh
cd "$(dirname "$0")"
echo "docker $*" >> calls
[ ! -e sick ]
`;

async function fakes(t: Test) {
  const bin = await mkdtemp(join(tmpdir(), 'fairway-kind-'));
  const before = process.env.PATH;
  process.env.PATH = `${bin}${delimiter}${before}`;
  t.teardown(async () => {
    process.env.PATH = before;
    await rm(bin, { recursive: true, force: true });
  });
  await writeFile(join(bin, 'kind'), fakeKind, { mode: 0o755 });
  await writeFile(join(bin, 'docker'), fakeDocker, { mode: 0o755 });
  return {
    provider: kindProvider({ stateDirectory: join(bin, 'state') }),
    put: (file: string) => writeFile(join(bin, file), ''),
    take: (file: string) => rm(join(bin, file)),
    read: (file: string) => readFile(join(bin, file), 'utf8'),
    calls: async () => (await readFile(join(bin, 'calls'), 'utf8')).trim().split('\n'),
  };
}

t.test('a cluster is made, listed with its lease, and deleted by kind', async (t) => {
  const { provider, read, calls } = await fakes(t);
  t.same(await provider.ensure(spec, signal), { phase: 'ready' });
  t.same(parse(await read('config')), {
    kind: 'Cluster',
    apiVersion: 'kind.x-k8s.io/v1alpha4',
    nodes: [{ role: 'control-plane' }, { role: 'worker' }, { role: 'worker' }],
  });
  t.same(await provider.list(), [{ name: 'one', owner: 'run-1', expiresAt, state: { phase: 'ready' } }]);
  t.equal(await provider.kubeconfig('one'), 'kubeconfig of one');
  t.same(await provider.delete('one', signal), { phase: 'absent' });
  t.same(await provider.describe('one'), { phase: 'absent' });
  const [get, create] = await calls();
  t.same([get, create], ['kind get clusters --quiet', 'kind create cluster --name one --config - --wait 5m']);
  t.ok((await calls()).includes('kind delete cluster --name one'));
});

t.test('one that is ready is not made again, a half made one is made anew', async (t) => {
  const { provider, put, take, calls } = await fakes(t);
  await provider.ensure(spec, signal);
  await provider.ensure(spec, signal);
  const made = async () => (await calls()).filter((call) => call.startsWith('kind create')).length;
  t.equal(await made(), 1);
  await put('sick');
  t.match(await provider.describe('one'), { phase: 'creating' });
  await provider.ensure(spec, signal);
  await take('sick');
  t.equal(await made(), 2);
  t.ok((await calls()).includes('kind delete cluster --name one'));
});

t.test('what kind says when it fails is the reason', async (t) => {
  const { provider, put } = await fakes(t);
  await put('broken');
  t.same(await provider.ensure(spec, signal), {
    phase: 'failed',
    reason: 'kind create cluster failed: ERROR: failed to create cluster: no space left',
  });
});

t.test('a machine without kind is told where it comes from', async (t) => {
  const before = process.env.PATH;
  process.env.PATH = '/absent';
  t.teardown(() => {
    process.env.PATH = before;
  });
  const absent = kindProvider({ stateDirectory: '/absent' });
  t.strictSame(await absent.list(), [], 'whoever never made a kind cluster is not asked for kind');
  const { realNodes, missing } = await absent.powers('any');
  t.equal(realNodes, true, 'what its clusters are does not depend on whether Docker answers now');
  t.equal(
    missing[0],
    'The command kind is not on PATH: install it from https://kind.sigs.k8s.io, or use the provider local.',
  );
  t.equal(
    missing[1],
    'Docker does not answer (docker info): start it, or install it from https://docs.docker.com/engine/install.',
  );
});
