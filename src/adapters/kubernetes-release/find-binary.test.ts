import { createHash } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import t, { type Test } from 'tap';
import { pack } from 'tar-stream';
import type { BinaryName } from './binary.ts';
import { findBinaries } from './find-binary.ts';
import { thisPlatform } from './official-asset.ts';
import { versions } from './versions.ts';

const { os, arch } = thisPlatform();
const alone = (name: string) => `/release/v1.34.4/bin/${os}/${arch}/${name}`;
const testArchive = `/release/v1.34.4/kubernetes-test-${os}-${arch}.tar.gz`;
const etcdFolder = '/etcd-io/etcd/releases/download/v3.7.3';

const sha256 = (bytes: Buffer | string) => createHash('sha256').update(bytes).digest('hex');

/** A folder of its own for cache and programs, a server that publishes `files`, and no Go toolchain on PATH. */
async function world(test: Test, files: Record<string, Buffer | string>) {
  const folder = await mkdtemp(join(tmpdir(), 'fairway-release-'));
  test.teardown(() => rm(folder, { recursive: true, force: true }));
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    asked.push(path);
    const body = files[path];
    response.writeHead(body === undefined ? 404 : 200).end(body);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  test.teardown(() => void server.close());
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const lines: string[] = [];
  const find = (names: BinaryName[], env: NodeJS.ProcessEnv = {}) =>
    findBinaries(names, {
      report: (line) => lines.push(line),
      signal: AbortSignal.timeout(60_000),
      env: { XDG_CACHE_HOME: join(folder, 'cache'), ...env },
      origins: { kubernetes: origin, github: origin, helm: origin },
    });
  const program = async (place: string, name: string, version: string) => {
    await mkdir(join(folder, place), { recursive: true });
    await writeFile(join(folder, place, name), `#!/bin/sh\necho Kubernetes ${version}\n`);
    await chmod(join(folder, place, name), 0o755);
    return join(folder, place, name);
  };
  return { folder, asked, lines, find, program, cached: join(folder, 'cache/fairway/kubernetes/1.34.4') };
}

/** Without Go on PATH, whatever this machine has. */
function withoutGo<T>(work: () => Promise<T>): Promise<T> {
  return withPath('/nonexistent', work);
}

async function withPath<T>(folder: string, work: () => Promise<T>): Promise<T> {
  const path = process.env.PATH;
  process.env.PATH = folder;
  try {
    return await work();
  } finally {
    process.env.PATH = path;
  }
}

async function archive(members: Record<string, string>): Promise<Buffer> {
  const tar = pack();
  for (const [name, text] of Object.entries(members)) tar.entry({ name, mode: 0o755 }, text);
  tar.finalize();
  return gzipSync(await buffer(tar));
}

t.test('the folder in KUBEBUILDER_ASSETS comes before PATH and everything else', async (t) => {
  const w = await world(t, {});
  const named = await w.program('assets', 'kubelet', 'v1.34.4');
  await w.program('path', 'kubelet', 'v1.34.4');
  const found = await w.find(['kubelet'], {
    KUBEBUILDER_ASSETS: join(w.folder, 'assets'),
    PATH: join(w.folder, 'path'),
  });
  t.equal(found.get('kubelet'), named);
  t.same(w.asked, []);
});

t.test('a program of another version on PATH is passed over, the next of the right one is taken', async (t) => {
  const w = await world(t, {});
  await w.program('old', 'kubelet', 'v1.34.40');
  const right = await w.program('right', 'kubelet', 'v1.34.4');
  const found = await w.find(['kubelet'], { PATH: [join(w.folder, 'old'), join(w.folder, 'right')].join(delimiter) });
  t.equal(found.get('kubelet'), right);
});

t.test('an official download is checked, made executable, cached, and then not fetched again', async (t) => {
  const w = await world(t, { [alone('kubelet')]: 'program', [`${alone('kubelet')}.sha256`]: sha256('program') });
  const first = await w.find(['kubelet']);
  t.equal(first.get('kubelet'), join(w.cached, 'kubelet'));
  t.equal(await readFile(join(w.cached, 'kubelet'), 'utf8'), 'program');
  t.equal((await stat(join(w.cached, 'kubelet'))).mode & 0o777, 0o755);
  t.same(w.asked, [`${alone('kubelet')}.sha256`, alone('kubelet')]);
  await w.find(['kubelet']);
  t.equal(w.asked.length, 2);
});

t.test('programs inside official archives are found in them, by either way of publishing sums', async (t) => {
  const tests = await archive({ 'kubernetes/test/bin/ginkgo': 'ginkgo!', 'kubernetes/test/bin/e2e.test': 'e2e!' });
  const stem = `etcd-v3.7.3-${os}-${arch}`;
  const etcd = await archive({ [`${stem}/README.md`]: 'no', [`${stem}/etcd`]: 'etcd!' });
  const kustomize = await archive({ kustomize: 'kustomize!' });
  const kustomizeFile = `kustomize_v${versions.kustomize}_${os}_${arch}.tar.gz`;
  const kustomizeFolder = `/kubernetes-sigs/kustomize/releases/download/kustomize%2Fv${versions.kustomize}`;
  const helm = await archive({ [`${os}-${arch}/README.md`]: 'no', [`${os}-${arch}/helm`]: 'helm!' });
  const helmFile = `/helm-v${versions.helm}-${os}-${arch}.tar.gz`;
  const w = await world(t, {
    [`${kustomizeFolder}/${kustomizeFile}`]: kustomize,
    [`${kustomizeFolder}/checksums.txt`]: `${sha256(kustomize)}  ${kustomizeFile}\n${sha256('other')}  other.tar.gz\n`,
    [helmFile]: helm,
    [`${helmFile}.sha256sum`]: `${sha256(helm)}  ${helmFile.slice(1)}\n`,
    [testArchive]: tests,
    [`${testArchive}.sha256`]: sha256(tests),
    [`${etcdFolder}/${stem}.tar.gz`]: etcd,
    [`${etcdFolder}/SHA256SUMS`]: `${sha256('other')}  etcd-other.tar.gz\n${sha256(etcd)}  ${stem}.tar.gz\n`,
  });
  const found = await w.find(['e2e.test', 'etcd', 'kustomize', 'helm']);
  t.equal(await readFile(found.get('e2e.test') ?? '', 'utf8'), 'e2e!');
  t.equal(await readFile(found.get('etcd') ?? '', 'utf8'), 'etcd!');
  t.equal(await readFile(found.get('kustomize') ?? '', 'utf8'), 'kustomize!');
  t.equal(await readFile(found.get('helm') ?? '', 'utf8'), 'helm!');
});

t.test('a download with a wrong sum is never used, and without Go the sentence says what to do', async (t) => {
  const w = await world(t, { [alone('kubelet')]: 'tampered', [`${alone('kubelet')}.sha256`]: sha256('program') });
  await withoutGo(() =>
    t.rejects(w.find(['kubelet']), {
      name: 'FairwayError',
      kind: 'unavailable',
      message: /^kubelet 1\.34\.4 can't be had: .* has sha256 .*, but .* is published: not used, and there is no Go/,
    }),
  );
  await t.rejects(stat(join(w.cached, 'kubelet')), { code: 'ENOENT' });
  await t.rejects(stat(join(w.cached, 'kubelet.part')), { code: 'ENOENT' });
});

t.test('an origin that fails is asked once, not for every program', async (t) => {
  const w = await world(t, {});
  await withoutGo(async () => {
    await t.rejects(w.find(['kubelet', 'kubectl']), {
      message: /can't be fetched: HTTP 404.*Install Go .* KUBEBUILDER_ASSETS/,
    });
  });
  t.equal(w.asked.length, 1);
  t.match(w.lines.at(-1), /can't be fetched: HTTP 404; building from Go modules instead/);
});

t.test('two at once fetch once, and both get the whole file', async (t) => {
  const program = 'x'.repeat(1_000_000);
  const w = await world(t, { [alone('kubelet')]: program, [`${alone('kubelet')}.sha256`]: `${sha256(program)}\n` });
  const both = await Promise.all([w.find(['kubelet']), w.find(['kubelet'])]);
  for (const found of both) t.equal((await readFile(found.get('kubelet') ?? '', 'utf8')).length, program.length);
  t.equal(w.asked.filter((path) => path === alone('kubelet')).length, 1);
  t.ok(w.lines.includes('another process is preparing kubelet; waiting for it'));
});

t.test('why Go cannot get a module is told, although Go writes it into its JSON', async (t) => {
  const w = await world(t, {});
  await mkdir(join(w.folder, 'go'));
  const go = `#!/bin/sh
[ "$1" = env ] && echo go1.2.3 && exit
echo '{'
echo '	"Path": "helm.sh/helm/v3",'
echo '	"Error": "helm.sh/helm/v3 requires go \\u003e= 1.26 (running go 1.2.3)"'
echo '}'
exit 1
`;
  await writeFile(join(w.folder, 'go/go'), go);
  await chmod(join(w.folder, 'go/go'), 0o755);
  await withPath(join(w.folder, 'go'), () =>
    t.rejects(w.find(['helm']), {
      message:
        'building helm from helm.sh/helm/v3/cmd/helm failed: helm.sh/helm/v3 requires go >= 1.26 (running go 1.2.3)',
    }),
  );
});
