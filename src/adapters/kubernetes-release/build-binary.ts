import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ExecaError, execa } from 'execa';
import { FairwayError, messageOf } from '../../domain/errors.ts';
import { type BinaryName, binaries } from './binary.ts';
import { writeGoModule } from './go-module.ts';
import { type Product, versions } from './versions.ts';

const buildMs = 30 * 60_000;

/** The Go toolchain's version, e.g. `go1.26.8`, or undefined where there is none. */
export async function goVersion(): Promise<string | undefined> {
  const { stdout, failed } = await execa('go', ['env', 'GOVERSION'], { reject: false });
  return failed ? undefined : stdout.trim();
}

/** Builds one program from Go modules into the file `target`. Go's own build cache makes a second build quick. */
export async function buildBinary(
  name: BinaryName,
  { target, modules, signal }: { target: string; modules: string; signal: AbortSignal },
): Promise<void> {
  const { product, goPackage, build } = binaries[name];
  const folder = join(modules, product, versions[product]);
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(buildMs)]);
  const verb = build === 'test' ? ['test', '-c'] : ['build'];
  const flags = ['-mod=mod', '-trimpath', '-buildvcs=false', '-ldflags', linkerFlags(name), '-o', target];
  try {
    if (!existsSync(join(folder, 'go.mod'))) await writeGoModule(product, folder, deadline);
    await execa('go', [...verb, ...flags, goPackage], {
      cwd: folder,
      env: { CGO_ENABLED: '0', GOWORK: 'off' },
      cancelSignal: deadline,
    });
  } catch (error) {
    signal.throwIfAborted();
    throw new FairwayError('unavailable', `building ${name} from ${goPackage} failed: ${lastWords(error)}`, {
      cause: error,
    });
  }
}

/** Without its version an API server reports v0.0.0, and clients misbehave; of the others we could not tell which we found. */
function linkerFlags(name: BinaryName): string {
  const { product } = binaries[name];
  const [major, minor] = versions.kubernetes.split('.');
  const set = (variable: string, value: string | undefined) => `-X ${variable}=${value}`;
  const variables: Partial<Record<Product, string[]>> = {
    kubernetes: [
      set('k8s.io/component-base/version.gitVersion', `v${versions.kubernetes}`),
      set('k8s.io/component-base/version.gitMajor', major),
      set('k8s.io/component-base/version.gitMinor', minor),
    ],
    kustomize: [set('sigs.k8s.io/kustomize/api/provenance.version', `v${versions.kustomize}`)],
    helm: [set('helm.sh/helm/v3/internal/version.version', `v${versions.helm}`)],
  };
  return ['-s -w', ...(variables[product] ?? [])].join(' ');
}

function lastWords(error: unknown): string {
  if (!(error instanceof ExecaError)) return messageOf(error);
  // `go mod download -json` writes what is wrong to its JSON.
  const inJson = /^\s*"Error": (".*"),?$/m.exec(error.stdout ?? '')?.[1];
  const said = error.stderr || (inJson === undefined ? '' : String(JSON.parse(inJson)));
  return said.trim().split('\n').slice(-5).join('\n') || 'go said nothing';
}
