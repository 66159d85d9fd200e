import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { z } from 'zod';
import type { Files } from './life.test-fixture.ts';

const download = z.object({ Dir: z.string(), Version: z.string() });

/** The folder of a published Go module, `sigs.k8s.io/metrics-server@v0.8.0`, or why it can't be had. Go keeps it for the next time. */
export async function moduleFolder(
  module: string,
): Promise<{ folder: string; version: string } | { unavailable: string }> {
  const { exitCode, stdout, stderr } = await execa('go', ['mod', 'download', '-json', module], {
    reject: false,
    timeout: 120_000,
    env: { GOWORK: 'off' },
  });
  if (exitCode === 0) {
    const { Dir: folder, Version: version } = download.parse(JSON.parse(stdout));
    return { folder, version };
  }
  const why = exitCode === undefined ? 'there is no Go toolchain' : `${stderr}${stdout}`.trim();
  return { unavailable: `${module} can't be had: ${why}` };
}

/** All files below a folder, put below another path of a config repository. */
export async function filesBelow(folder: string, path: string): Promise<Files> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files: Files = {};
  for (const entry of entries) {
    if (!entry.isFile()) continue;
    const file = join(entry.parentPath, entry.name);
    files[join(path, file.slice(folder.length + 1))] = await readFile(file);
  }
  return files;
}

/** A manifest as it must stand in a folder of templates: its braces are no actions. */
export function escaped(text: string): string {
  return text.replaceAll('{{', '{{"{{"}}');
}
