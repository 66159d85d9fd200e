import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { cacheFolder } from '../../adapters/kubernetes-release/cache-folder.ts';
import { messageOf } from '../../domain/errors.ts';

const version = '4.32.5';
const deadline = 150_000;

/** The program that tries an API by its OpenAPI description: its Python, or why this machine can't have it. */
export type Schemathesis = { outcome: 'ready'; python: string } | { outcome: 'missing'; why: string };

/** Installs it once per machine, into a virtual environment of its own. */
export async function prepareSchemathesis(): Promise<Schemathesis> {
  const folder = join(cacheFolder(), `schemathesis-${version}`);
  const python = join(folder, 'bin', 'python');
  if (await answers(python)) return { outcome: 'ready', python };
  // Made aside: whoever runs at the same time, or is killed, leaves no half of it.
  const making = `${folder}.${process.pid}`;
  try {
    await mkdir(dirname(folder), { recursive: true });
    await execa('python3', ['-m', 'venv', making], { timeout: deadline });
    const quiet = ['--quiet', '--disable-pip-version-check', '--no-input'];
    const install = ['-m', 'pip', 'install', ...quiet, `schemathesis==${version}`];
    await execa(join(making, 'bin', 'python'), install, { timeout: deadline });
    await rename(making, folder).catch(() => undefined);
  } catch (error) {
    return { outcome: 'missing', why: messageOf(error).split('\n')[0] ?? '' };
  } finally {
    await rm(making, { recursive: true, force: true });
  }
  if (await answers(python)) return { outcome: 'ready', python };
  return { outcome: 'missing', why: `${folder} holds something else; remove it` };
}

async function answers(python: string): Promise<boolean> {
  const { exitCode } = await execa(python, ['-m', 'schemathesis.cli', '--version'], {
    reject: false,
    timeout: deadline,
  });
  return exitCode === 0;
}
