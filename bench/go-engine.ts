import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { z } from 'zod';

const templateTimes = z.object({ whole: z.number(), execution: z.number(), bytes: z.number() });
const yamlTimes = z.object({ decode: z.number(), roundTrip: z.number() });

/** How long Go's text/template takes for these files, in milliseconds; undefined where Go isn't there. */
export async function goTemplates(directory: string, files: Record<string, string>, data: object) {
  return templateTimes.optional().parse(await run('go-templates', directory, { files, data }));
}

/** How long Go's yaml.v2 takes to read these texts, and to write them again; undefined where it can't be had. */
export async function goYaml(directory: string, texts: Record<string, string>) {
  return yamlTimes.optional().parse(await run('go-yaml', directory, texts));
}

async function run(program: string, directory: string, input: object): Promise<unknown> {
  const file = join(directory, `${program}.json`);
  await writeFile(file, JSON.stringify(input));
  const cwd = new URL(`./${program}/`, import.meta.url).pathname;
  const { exitCode, stdout } = await execa('go', ['run', '.', file], { cwd, reject: false, timeout: 120_000 });
  return exitCode === 0 ? JSON.parse(stdout) : undefined;
}
