import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, open, writeFile } from 'node:fs/promises';
import { boundedOutput } from '../bounded-output.ts';
import type { ConformanceProfile } from './profile.ts';
import { runFolder } from './run-folder.ts';
import { leaderOf } from './run-leader.ts';
import type { Selection } from './selection.ts';

export interface StartOptions {
  /** Absolute path of a folder that is this run's alone. */
  folder: string;
  profile: ConformanceProfile;
  /** All specs that this e2e.test has. */
  specs: readonly string[];
  /** YAML text of an administrator's kubeconfig. */
  kubeconfig: string;
  programs: { ginkgo: string; 'e2e.test': string; kubectl: string };
}

/** Bytes of the log that are kept; the verdict comes from the report. */
const mostLog = 32 * 1024 * 1024;

/**
 * Leads the run's process group: whoever makes the leader file runs the suite, everyone else leaves, so that starting twice is
 * starting once, however the starters die. Credentials and temporary files go when the suite ends.
 */
const leader = `${boundedOutput}
cd "$1" || exit 1
set -C
echo $$ 2>/dev/null >leader || exit 0
set +C
shift
bounded e2e.log ${mostLog} "$@"
code=$?
rm -rf kubeconfig tmp
echo $code >exit-code.part && mv exit-code.part exit-code
`;

/** Starts the official suite as a process group of its own that outlives this process; does nothing when the folder has a run already. */
export async function startConformance(options: StartOptions): Promise<void> {
  const { folder, profile } = options;
  const files = runFolder(folder);
  if ((await leaderOf(folder)) !== undefined) return;
  await mkdir(files.reports, { recursive: true });
  await mkdir(files.temporary, { recursive: true });
  await writeFile(files.kubeconfig, options.kubeconfig, { mode: 0o600 });
  const { name, skips, leftOut } = profile;
  const specs = [...profile.select(options.specs)];
  await writeFile(files.selection, JSON.stringify({ profile: name, skips, specs, leftOut } satisfies Selection));
  const log = await open(files.log, 'a');
  try {
    const child = spawn('sh', ['-c', leader, 'conformance', folder, ...commandLine(options)], {
      detached: true,
      stdio: ['ignore', log.fd, log.fd],
      env: { PATH: process.env.PATH, HOME: files.temporary, TMPDIR: files.temporary },
    });
    await once(child, 'spawn');
    child.unref();
  } finally {
    await log.close();
  }
}

function commandLine({ folder, profile, programs }: StartOptions): string[] {
  const files = runFolder(folder);
  const selection = [
    ...profile.focus.map((expression) => `--focus=${expression}`),
    ...profile.skip.map((expression) => `--skip=${expression}`),
  ];
  const ginkgo = [
    `--procs=${profile.processes}`,
    `--timeout=${profile.timeoutMinutes}m`,
    '--no-color',
    '-v',
    '--silence-skips',
  ];
  const suite = [
    '--provider=skeleton',
    `--kubeconfig=${files.kubeconfig}`,
    `--kubectl-path=${programs.kubectl}`,
    `--report-dir=${files.reports}`,
    '--disable-log-dump',
    ...profile.flags,
  ];
  return [programs.ginkgo, 'run', ...ginkgo, ...selection, programs['e2e.test'], '--', ...suite];
}
