import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { FairwayError } from '../../domain/errors.ts';

export interface PackageOptions {
  report: (line: string) => void;
  signal: AbortSignal;
}

/** What real nodes need beside Kubernetes' own programs. */
export const nodePackages = [
  'containerd',
  'runc',
  'containernetworking-plugins',
  'iptables',
  'conntrack',
  'ebtables',
  'socat',
  'iproute2',
  'util-linux',
] as const;

const aptMs = 10 * 60_000;

/** Installs Debian packages that are not installed yet. Needs root on Debian or Ubuntu, and says so in one sentence elsewhere. */
export async function ensureOsPackages(names: readonly string[], options: PackageOptions): Promise<void> {
  if (!(await isDebian())) throw notDebian(names);
  const missing = await missingPackages(names);
  if (missing.length === 0) return;
  if (process.getuid?.() !== 0) {
    throw new FairwayError(
      'unavailable',
      `these OS packages are missing and only root may install them: sudo apt-get install ${missing.join(' ')}`,
    );
  }
  options.report(`installing the OS packages ${missing.join(', ')}`);
  await withFreshLists([], options, (lists) =>
    apt([...lists, '-o', 'DPkg::Lock::Timeout=300', 'install', '-y', '--no-install-recommends', ...missing], options),
  );
}

/**
 * Fetches packages with everything they depend on, without installing them and without root, into `folder/archives`, checked by
 * apt's signatures; returns the `.deb` files. `beside: 'nothing'` takes the whole closure down to libc, `beside: 'this system'`
 * only the named ones and what of their dependencies is not installed here.
 */
export async function fetchOsPackages(
  names: readonly string[],
  folder: string,
  beside: 'nothing' | 'this system',
  options: PackageOptions,
): Promise<string[]> {
  if (!(await isDebian())) throw notDebian(names);
  const archives = join(folder, 'archives');
  await mkdir(join(archives, 'partial'), { recursive: true });
  const place = ['-o', 'Debug::NoLocking=1', '-o', `Dir::Cache::archives=${archives}`, '-o', 'APT::Sandbox::User='];
  if (beside === 'nothing') {
    await writeFile(join(folder, 'no-status'), '');
    place.push('-o', `Dir::State::status=${join(folder, 'no-status')}`);
  }
  await withFreshLists(await ownLists(folder), options, (lists) =>
    apt([...lists, ...place, 'install', '-y', '-d', '--reinstall', '--no-install-recommends', ...names], options),
  );
  const files = await readdir(archives);
  return files
    .filter((file) => file.endsWith('.deb'))
    .sort()
    .map((file) => join(archives, file));
}

/** Unpacks `.deb` files into a folder that looks like a merged-/usr root. */
export async function unpackOsPackages(debs: readonly string[], root: string, signal: AbortSignal): Promise<void> {
  for (const deb of debs) {
    const unpack = execa('dpkg-deb', ['--fsys-tarfile', deb], { encoding: 'buffer', cancelSignal: signal });
    await unpack.pipe('tar', ['-x', '--keep-directory-symlink', '--no-same-owner', '-C', root], {
      cancelSignal: signal,
    });
  }
}

/** Runs `act`; if it fails, for lists that are missing or have aged, refreshes them and runs it once more. */
async function withFreshLists(
  lists: string[],
  options: PackageOptions,
  act: (lists: string[]) => Promise<void>,
): Promise<void> {
  try {
    await act(lists);
  } catch {
    options.signal.throwIfAborted();
    options.report('refreshing the lists of OS packages');
    await apt([...lists, 'update'], options);
    await act(lists);
  }
}

/** Without root the system's lists can't be refreshed: then our own are used, if the system has none. */
async function ownLists(folder: string): Promise<string[]> {
  if (process.getuid?.() === 0) return [];
  const system = await readdir('/var/lib/apt/lists').catch(() => []);
  if (system.some((file) => file.includes('_Packages'))) return [];
  const lists = join(folder, 'lists');
  await mkdir(join(lists, 'partial'), { recursive: true });
  return ['-o', `Dir::State::lists=${lists}`];
}

async function apt(args: string[], { signal }: PackageOptions): Promise<void> {
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(aptMs)]);
  const { failed, stderr, exitCode } = await execa('apt-get', ['-q', ...args], {
    env: { DEBIAN_FRONTEND: 'noninteractive' },
    stdin: 'ignore',
    reject: false,
    cancelSignal: deadline,
  });
  signal.throwIfAborted();
  if (!failed) return;
  const said = stderr.trim().split('\n').slice(-3).join(' ') || `exit code ${exitCode ?? 'none'}`;
  throw new FairwayError(
    'unavailable',
    `apt-get ${args.filter((arg) => /^[a-z]/.test(arg)).join(' ')} failed: ${said}`,
  );
}

async function missingPackages(names: readonly string[]): Promise<string[]> {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: these are dpkg's placeholders
  const { stdout } = await execa('dpkg-query', ['-W', '-f', '${Package} ${db:Status-Status}\n', ...names], {
    reject: false,
  });
  const installed = new Set(stdout.split('\n').filter((line) => line.endsWith(' installed')));
  return names.filter((name) => !installed.has(`${name} installed`));
}

async function isDebian(): Promise<boolean> {
  const release = await readFile('/etc/os-release', 'utf8').catch(() => '');
  return /^ID(_LIKE)?=.*(debian|ubuntu)/m.test(release);
}

function notDebian(names: readonly string[]): FairwayError {
  return new FairwayError(
    'unavailable',
    `${names.join(', ')} can be fetched on Debian and Ubuntu only; install what your system calls them, and try again`,
  );
}
