import { readFile, writeFile } from 'node:fs/promises';

const least = { max_user_instances: 8192, max_user_watches: 524_288 };

/**
 * Every kubelet, kube-proxy and controller watches files, and the kernel's default of 128 watchers a user is spent by five
 * clusters; the next one dies with "too many open files". Raised, never lowered; where it may not be, clusters have to be few.
 */
export async function raiseInotifyLimits(): Promise<void> {
  for (const [name, value] of Object.entries(least)) {
    const file = `/proc/sys/fs/inotify/${name}`;
    const now = Number(await readFile(file, 'utf8').catch(() => 'NaN'));
    if (now < value) await writeFile(file, String(value)).catch(() => {});
  }
}
