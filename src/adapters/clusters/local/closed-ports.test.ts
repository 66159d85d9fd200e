import { mkdtemp, readdir, readFile, readlink, rm } from 'node:fs/promises';
import { request as plainRequest } from 'node:http';
import { type RequestOptions, request as tlsRequest } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { cacheFolder } from '../../kubernetes-release/cache-folder.ts';
import { findBinaries } from '../../kubernetes-release/find-binary.ts';
import { isOfClusters } from './cluster-processes.ts';
import { localProvider } from './local-provider.ts';
import { processTable } from './processes.ts';

const signal = AbortSignal.timeout(10 * 60_000);
const stateDirectory = await mkdtemp(join(tmpdir(), 'fairway-ports-'));
t.setTimeout(10 * 60_000);

/** Ports of the machine on which a program of the clusters listens. */
async function listeningPorts(): Promise<number[]> {
  const inodes = new Map<string, number>();
  for (const family of ['tcp', 'tcp6'])
    for (const line of (await readFile(`/proc/net/${family}`, 'utf8')).split('\n').slice(1)) {
      const [, local = '', , state, , , , , , inode = ''] = line.trim().split(/\s+/);
      if (state === '0A') inodes.set(`socket:[${inode}]`, Number.parseInt(local.split(':')[1] ?? '', 16));
    }
  const processes = (await processTable()).filter((entry) => isOfClusters(entry, join(stateDirectory, 'clusters')));
  const sockets = await Promise.all(processes.map(({ pid }) => openFiles(pid)));
  return [...new Set(sockets.flat().flatMap((socket) => inodes.get(socket) ?? []))];
}

async function openFiles(pid: number): Promise<string[]> {
  const folder = `/proc/${pid}/fd`;
  return Promise.all((await readdir(folder)).map((name) => readlink(join(folder, name)).catch(() => '')));
}

/** The status that someone without credentials gets; `closed` when the connection comes to nothing. */
function statusOf(request: typeof tlsRequest, options: RequestOptions): Promise<number | 'closed'> {
  return new Promise((resolve) => {
    const outgoing = request({ host: '127.0.0.1', agent: false, timeout: 30_000, ...options }, (response) => {
      response.resume().once('error', () => {});
      resolve(response.statusCode ?? 0);
    });
    outgoing.once('timeout', () => outgoing.destroy(new Error('no answer')));
    outgoing.once('error', () => resolve('closed'));
    outgoing.end();
  });
}

t.test(
  'whoever has no credentials is told nothing by what a control plane listens on',
  { skip: process.platform === 'linux' ? false : 'its ports are found by /proc' },
  async (t) => {
    const names = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler'] as const;
    const files = await findBinaries(names, { report: (line) => t.comment(line), signal });
    const provider = localProvider({
      stateDirectory,
      cacheDirectory: cacheFolder(),
      host: async () => ({
        powers: { realNodes: false, severalNodes: false, loadBalancers: false, missing: ['none here'] },
        containerd: '',
        cniPlugins: '',
      }),
      release: async () => ({
        version: '1.34.4',
        binary: (name) => [...files].find(([known]) => known === name)?.[1] ?? '/absent',
        images: { archives: [] },
      }),
    });
    t.teardown(async () => {
      await provider.delete('closed', signal);
      await rm(stateDirectory, { recursive: true, force: true });
    });
    const spec = { name: 'closed', nodes: 0, owner: 'test', expiresAt: undefined };
    t.strictSame(await provider.ensure(spec, signal), { phase: 'ready' });

    const ports = await listeningPorts();
    t.equal(ports.length, 3, 'API server, etcd and its peer port');
    const paths = ['/', '/version', '/health', '/healthz', '/metrics', '/debug/pprof/', '/v3/kv/range', '/members'];
    for (const port of ports)
      for (const path of paths) {
        // The API server tells those who speak plain HTTP that they must not.
        t.match(await statusOf(plainRequest, { port, path }), /^(closed|400)$/, `http ${port} ${path}`);
        const status = await statusOf(tlsRequest, { port, path, rejectUnauthorized: false });
        t.match(status, /^(closed|401|403)$/, `https ${port} ${path}`);
      }

    const pki = join(stateDirectory, 'clusters', 'closed', 'pki');
    const [cert, key] = await Promise.all(['admin.crt', 'admin.key'].map((name) => readFile(join(pki, name))));
    const asAdmin = { path: '/version', rejectUnauthorized: false, cert, key };
    const answers = await Promise.all(ports.map((port) => statusOf(tlsRequest, { port, ...asAdmin })));
    t.strictSame(answers.sort(), [200, 'closed', 'closed'], 'an administrator of the cluster has no way into its etcd');
  },
);
