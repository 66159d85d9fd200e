import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import t from 'tap';
import type { ClusterSpec } from '../../../ports/cluster-provider.ts';
import { cacheFolder } from '../../kubernetes-release/cache-folder.ts';
import { findBinaries } from '../../kubernetes-release/find-binary.ts';
import { clusterProviderOf } from '../cluster-provider-of.ts';
import { lookAtHost } from './host.ts';
import { leftovers, leftoversOfAll } from './leftovers.ts';
import { localProvider } from './local-provider.ts';
import { findMachine } from './machine.ts';
import { isProgramOf, processTable } from './processes.ts';

const signal = AbortSignal.timeout(15 * 60_000);
const report = (line: string) => t.comment(line);
const stateDirectory = await mkdtemp(join(tmpdir(), 'fairway-clusters-'));
const provider = clusterProviderOf('local', { stateDirectory, report, signal });
const { powers } = await lookAtHost();
const withoutNodes = powers.realNodes ? false : `no nodes can be had here: ${powers.missing.join(' ')}`;
const folderOf = (name: string) => join(stateDirectory, 'clusters', name);

// On a busy machine, or one that makes its test images first, real clusters take longer than a file of tests should.
t.setTimeout(10 * 60_000);

t.teardown(async () => {
  for (const { name } of await provider.list()) await provider.delete(name, AbortSignal.timeout(60_000));
  await rm(stateDirectory, { recursive: true, force: true });
});

function spec(name: string, nodes: number): ClusterSpec {
  return { name, nodes, owner: 'test', expiresAt: undefined };
}

async function runs(name: string, program: string): Promise<boolean> {
  return (await processTable()).some((entry) => isProgramOf(entry, program, folderOf(name)));
}

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const deadline = AbortSignal.timeout(180_000);
  while (!(await holds())) {
    if (deadline.aborted) throw new Error(`waited three minutes for: ${what}`);
    await sleep(20);
  }
}

/** Lets another process make the cluster, and kills that one with SIGKILL as soon as `program` runs. */
async function makeUntil(name: string, nodes: number, program: string): Promise<void> {
  const script = join(import.meta.dirname, 'ensure-cluster.test-fixture.ts');
  const child = spawn(process.execPath, [script, stateDirectory, name, String(nodes)], { stdio: 'inherit' });
  const exited = once(child, 'exit');
  try {
    await until(`${program} of ${name}`, () => runs(name, program));
  } finally {
    child.kill('SIGKILL');
    await exited;
  }
}

async function kubectl(name: string): Promise<(...args: string[]) => Promise<string>> {
  const binary = (await findBinaries(['kubectl'], { report, signal })).get('kubectl') ?? '';
  const file = join(stateDirectory, `${name}.yaml`);
  await writeFile(file, await provider.kubeconfig(name));
  return async (...args) => (await execa(binary, ['--kubeconfig', file, ...args], { timeout: 60_000 })).stdout;
}

function serverOn(node: string): object {
  const image = 'registry.k8s.io/e2e-test-images/agnhost:2.56';
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: `on-${node}`, labels: { app: 'echo' } },
    spec: { nodeName: node, containers: [{ name: 'echo', image, args: ['netexec', '--http-port=8080'] }] },
  };
}

t.test('a cluster with two nodes', { skip: withoutNodes }, async (t) => {
  t.test('gets ready although its makers were killed with SIGKILL on the way', async (t) => {
    await makeUntil('pair', 2, 'unshare');
    await makeUntil('pair', 2, 'kube-apiserver');
    t.match(await provider.describe('pair'), { phase: 'creating' });
    await makeUntil('pair', 2, 'kubelet');
    t.same(await provider.ensure(spec('pair', 2), signal), { phase: 'ready' });
    t.same(await provider.ensure(spec('pair', 2), signal), { phase: 'ready' }, 'asked again');
    t.same(await provider.describe('pair'), { phase: 'ready' });
    const twice = (await processTable()).filter(
      ({ argv }) => argv[0]?.endsWith('/etcd') && argv.some((word) => word.includes(folderOf('pair'))),
    );
    t.equal(twice.length, 1, 'no program was started twice');
  });

  t.test('sets nothing of the kernel that is not its own', async (t) => {
    const node = await findMachine(await processTable(), 'node-1', join(folderOf('pair'), 'node-1'));
    const vm = ['vm/overcommit_memory', 'vm/panic_on_oom'];
    const kernel = ['panic', 'panic_on_oops', 'keys/root_maxkeys', 'keys/root_maxbytes'].map(
      (name) => `kernel/${name}`,
    );
    for (const setting of [...vm, ...kernel]) {
      const file = `/proc/sys/${setting}`;
      const ofMachine = await readFile(file, 'utf8');
      const inside = async (script: string) =>
        (await execa('nsenter', ['-t', `${node?.init}`, '--mount', '--', 'sh', '-c', script])).stdout;
      const own = await inside(`cat ${file}`);
      t.equal(await inside(`echo 12345 >${file}; cat ${file}`), '12345');
      const seen = await readFile(file, 'utf8');
      await inside(`echo ${own} >${file}`);
      t.equal(seen, ofMachine, setting);
    }
  });

  t.test('runs pods that reach each other, a service by name, and are reached from the host', async (t) => {
    const run = await kubectl('pair');
    // Each node learns of a service, and of its pods, a moment after they are there. What was sent to it before goes nowhere for as long
    // as its connection lasts, so that only a new one reaches it.
    const patiently = ['--connect-timeout', '2', '--retry', '20', '--retry-delay', '1', '--retry-connrefused'];
    const service = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'echo' },
      spec: { selector: { app: 'echo' }, ports: [{ port: 80, targetPort: 8080 }] },
    };
    const items = [serverOn('node-1'), serverOn('node-2'), service];
    await writeFile(join(stateDirectory, 'pods.json'), JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
    await run('apply', '-f', join(stateDirectory, 'pods.json'));
    await run('wait', 'pod', '--all', '--for=condition=Ready', '--timeout=60s');
    const field = (path: string, ...object: string[]) => run('get', ...object, '-o', `jsonpath={${path}}`);
    const other = await field('.status.podIP', 'pod', 'on-node-2');
    t.equal(await run('exec', 'on-node-1', '--', 'curl', '-sS', `http://${other}:8080/hostname`), 'on-node-2');
    t.match(
      await run(
        'exec',
        'on-node-2',
        '--',
        'curl',
        '-sS',
        ...patiently,
        'http://echo.default.svc.cluster.local/hostname',
      ),
      /^on-node-/,
    );
    t.match(await run('exec', 'on-node-1', '--', 'curl', '-sS', ...patiently, 'http://echo/hostname'), /^on-node-/);
    const address = await field('.spec.clusterIP', 'service', 'echo');
    t.equal(await (await fetch(`http://${other}:8080/hostname`, { signal })).text(), 'on-node-2');
    t.match(await (await fetch(`http://${address}/hostname`, { signal })).text(), /^on-node-/);
  });

  t.test('keeps back for the system what the fleet keeps back', async (t) => {
    const run = await kubectl('pair');
    const { capacity, allocatable } = JSON.parse(await run('get', 'node', 'node-1', '-o', 'jsonpath={.status}'));
    const mebibytes = (quantity: string) => Number.parseInt(quantity, 10) / 1024;
    t.equal(
      mebibytes(capacity.memory) - mebibytes(allocatable.memory),
      164 + 282 + 100,
      'reserved and eviction threshold',
    );
    t.equal(Number(capacity.cpu) * 1000 - Number.parseInt(allocatable.cpu, 10), 200);
  });

  t.test('says which program died, and has it again when asked for', async (t) => {
    const server = (await processTable()).filter((entry) => isProgramOf(entry, 'kube-apiserver', folderOf('pair')));
    for (const { pid } of server) process.kill(pid, 'SIGKILL');
    await until('the death of the API server', async () => !(await runs('pair', 'kube-apiserver')));
    t.match(await provider.describe('pair'), {
      phase: 'failed',
      reason: /^kube-apiserver of control-plane is not running: ./,
    });
    t.same(await provider.ensure(spec('pair', 2), signal), { phase: 'ready' });
    const run = await kubectl('pair');
    t.match(await run('get', 'pods', '-o', 'name'), 'pod/on-node-1', 'nothing was lost');
  });

  t.test('is refused with another number of nodes', async (t) => {
    await t.rejects(provider.ensure(spec('pair', 1), signal), {
      kind: 'conflict',
      message: 'The cluster pair has 2 nodes, not 1. Delete it, or ask for it as it is.',
    });
  });

  t.test('leaves nothing when it is deleted, pods and all', async (t) => {
    const kinds = (await leftovers(stateDirectory)).map((name) => name.split(' ')[0]);
    t.same([...new Set(kinds)], ['process', 'link', 'cgroup', 'folder'], 'while it is there');
    const ofAll = await leftoversOfAll();
    for (const name of await leftovers(stateDirectory)) {
      if (!name.startsWith('folder ')) t.ok(ofAll.includes(name), `${name} is among those of all state folders`);
    }
    t.same(await provider.delete('pair', signal), { phase: 'absent' });
    t.same(await leftovers(stateDirectory), []);
    t.same(await provider.delete('pair', signal), { phase: 'absent' }, 'asked again');
    t.same(await provider.describe('pair'), { phase: 'absent' });
  });
});

t.test('clusters are made and deleted side by side, also half made ones', { skip: withoutNodes }, async (t) => {
  await makeUntil('half', 1, 'kube-apiserver');
  const reader = spawn('tail', ['-F', join(folderOf('half'), 'control-plane', 'kube-apiserver.log')]);
  t.teardown(() => reader.kill('SIGKILL'));
  const [one, two, half] = await Promise.all([
    provider.ensure(spec('one', 1), signal),
    provider.ensure(spec('two', 1), signal),
    provider.delete('half', signal),
  ]);
  t.same([one, two, half], [{ phase: 'ready' }, { phase: 'ready' }, { phase: 'absent' }]);
  t.equal(reader.exitCode ?? reader.signalCode, null, 'who reads a log of a cluster is not part of it');
  t.same((await provider.list()).map(({ name, owner, state }) => [name, owner, state.phase]).sort(), [
    ['one', 'test', 'ready'],
    ['two', 'test', 'ready'],
  ]);
  await Promise.all(['one', 'two'].map((name) => provider.delete(name, signal)));
  t.same(await leftovers(stateDirectory), []);
});

t.test('where no nodes can be had', async (t) => {
  const sentence = 'Nodes need root.';
  const none = { realNodes: false, severalNodes: false, loadBalancers: false, missing: [sentence] };
  const names = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler'] as const;
  const files = await findBinaries(names, { report, signal });
  const bare = localProvider({
    stateDirectory,
    cacheDirectory: cacheFolder(),
    host: async () => ({ powers: none, containerd: '', cniPlugins: '' }),
    release: async () => ({
      version: '1.34.4',
      binary: (name) => [...files].find(([known]) => known === name)?.[1] ?? '/absent',
      images: { archives: [] },
    }),
  });

  t.test('a control plane is made that works without them', async (t) => {
    t.same((await bare.powers('bare')).missing, [sentence]);
    t.same(await bare.ensure(spec('bare', 2), signal), { phase: 'ready' });
    const run = await kubectl('bare');
    t.match(await run('create', 'deployment', 'web', '--image=web'), 'deployment.apps/web created');
    await run('wait', 'deployment/web', '--for=jsonpath={.status.unavailableReplicas}=1', '--timeout=60s');
    t.same(await bare.delete('bare', signal), { phase: 'absent' });
    t.same(await leftovers(stateDirectory), []);
  });

  t.test('a program that dies again and again is named with its last words', async (t) => {
    const broken = localProvider({
      stateDirectory,
      cacheDirectory: cacheFolder(),
      host: async () => ({ powers: none, containerd: '', cniPlugins: '' }),
      release: async () => {
        const etcd = join(stateDirectory, 'etcd');
        await writeFile(etcd, '#!/bin/sh\necho "Error: the disk is on fire" >&2\nexit 1\n', { mode: 0o755 });
        return {
          version: '1.34.4',
          binary: (name) => (name === 'etcd' ? etcd : (files.get('kube-apiserver') ?? '')),
          images: { archives: [] },
        };
      },
    });
    const state = await broken.ensure(spec('broken', 0), signal);
    t.match(state, { phase: 'failed', reason: /^etcd of control-plane died 3 times: .*Error: the disk is on fire/ });
    t.same(await broken.delete('broken', signal), { phase: 'absent' });
  });
});

t.test('a wrong name is refused, an unknown one named with those that there are', async (t) => {
  await t.rejects(provider.ensure(spec('Not a name', 1), signal), {
    kind: 'refused',
    message: /^"Not a name" is no name for a cluster: use up to 40 lower-case letters/,
  });
  await t.rejects(provider.kubeconfig('absent'), {
    kind: 'missing',
    message: 'There is no local cluster absent. Clusters here: none.',
  });
  await t.rejects(readFile(folderOf('absent')), { code: 'ENOENT' });
});
