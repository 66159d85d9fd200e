import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { execa } from 'execa';

const program = `
import { renderCommand } from '${new URL('./render.ts', import.meta.url)}';
import { lintCommand } from '${new URL('./lint.ts', import.meta.url)}';
const [name, ...args] = process.argv.slice(1);
await (name === 'render' ? renderCommand() : lintCommand()).parseAsync(args, { from: 'user' });
`;

/** Runs a command as its own process, as a user does. */
export async function fairway(...args: string[]) {
  const run = await execa(process.execPath, ['--input-type=module', '-e', program, '--', ...args], { reject: false });
  return { code: run.exitCode, out: run.stdout, error: run.stderr };
}

type Test = { teardown(action: () => unknown): void };

export async function folder(t: Test, files: Record<string, string>): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'fairway-cli-'));
  t.teardown(() => rm(directory, { recursive: true, force: true }));
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(directory, path)), { recursive: true });
    await writeFile(join(directory, path), content);
  }
  return directory;
}

/** Two of the channel `dev`. */
export const clusters = JSON.stringify({
  items: [
    { id: 'local:a', alias: 'a', local_id: 'a', api_server_url: '', channel: 'dev', provider: 'local', status: null },
    {
      id: 'local:b',
      alias: 'b',
      local_id: 'b',
      api_server_url: '',
      channel: 'dev',
      provider: 'local',
      config_items: { size: '3' },
    },
  ],
});
export const manifest =
  'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: one}\ndata: {alias: "{{ .Cluster.Alias }}"}\n';
