import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { readJsonFile, writeWhole } from '../whole-file.ts';

const least = { max_user_instances: 8192, max_user_watches: 524_288 };
const before = z.record(z.string(), z.object({ was: z.number(), raisedTo: z.number() }));

/** Where the machine's limits are, and a note of what they were, which must not outlive a restart of the machine. */
export interface InotifyPlace {
  limits: string;
  note: string;
}

const ofMachine: InotifyPlace = { limits: '/proc/sys/fs/inotify', note: '/run/fairway-inotify-limits.json' };

/**
 * Every kubelet, kube-proxy and controller watches files, and the kernel's default of 128 watchers a user is spent by five
 * clusters; the next one dies with "too many open files". They are the machine's, not a namespace's: raised while there are
 * clusters, and never lowered. Where they may not be raised, clusters have to be few.
 */
export async function raiseInotifyLimits({ limits, note }: InotifyPlace = ofMachine): Promise<void> {
  const noted = before.parse((await readJsonFile(note)) ?? {});
  for (const [name, value] of Object.entries(least)) {
    const file = join(limits, name);
    const now = Number(await readFile(file, 'utf8').catch(() => 'NaN'));
    if (!(now < value)) continue;
    // Noted before it is done: what a killed process has raised is put back as well.
    await writeWhole(note, JSON.stringify({ ...noted, [name]: { was: now, raisedTo: value } }));
    noted[name] = { was: now, raisedTo: value };
    await writeFile(file, String(value)).catch(() => {});
  }
}

/** Puts back what was raised, unless somebody else has changed it since. */
export async function restoreInotifyLimits({ limits, note }: InotifyPlace = ofMachine): Promise<void> {
  for (const [name, { was, raisedTo }] of Object.entries(before.parse((await readJsonFile(note)) ?? {}))) {
    const file = join(limits, name);
    if (Number(await readFile(file, 'utf8').catch(() => 'NaN')) === raisedTo) await writeFile(file, String(was));
  }
  await rm(note, { force: true });
}
