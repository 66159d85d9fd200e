import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { z } from 'zod';
import { type Product, versions } from './versions.ts';

const roots: Record<Product, string> = {
  kubernetes: 'k8s.io/kubernetes',
  etcd: 'go.etcd.io/etcd/server/v3',
  coredns: 'github.com/coredns/coredns',
  kwok: 'sigs.k8s.io/kwok',
  kustomize: 'sigs.k8s.io/kustomize/kustomize/v5',
  helm: 'helm.sh/helm/v3',
};

const downloaded = z.object({ GoMod: z.string() });

/**
 * Writes, in `folder`, a Go module that requires one product at its pinned version, so that its programs can be built from the
 * module proxy, checked by Go's checksum database. What the product replaces by its own `staging` folders (which are not
 * part of the published module) is required in the version published beside it: Kubernetes 1.34.4 goes with k8s.io/api 0.34.4.
 */
export async function writeGoModule(product: Product, folder: string, signal: AbortSignal): Promise<void> {
  const version = versions[product];
  const root = roots[product];
  const { stdout } = await execa('go', ['mod', 'download', '-json', `${root}@v${version}`], { cancelSignal: signal });
  const upstream = await readFile(downloaded.parse(JSON.parse(stdout)).GoMod, 'utf8');
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'go.mod.part'), goModule(root, version, upstream));
  await rename(join(folder, 'go.mod.part'), join(folder, 'go.mod'));
}

/** The text of our go.mod, given the product's own one. */
export function goModule(root: string, version: string, upstream: string): string {
  const go = /^go (\S+)$/m.exec(upstream)?.[1] ?? '1.24.0';
  const staged = [...upstream.matchAll(/^\s*(?:replace\s+)?(\S+) => \.\/staging\//gm)].map(([, name]) => name);
  const replaces = staged.map((name) => `replace ${name} => ${name} v${version.replace(/^1\./, '0.')}\n`);
  return `module fairway.local/release\n\ngo ${go}\n\nrequire ${root} v${version}\n\n${replaces.join('')}`;
}
