import { chmod, copyFile, mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { nginxConfig, pauseSource, shellScripts, userFiles } from './file-texts.ts';
import type { Materials } from './materials.ts';

/** Puts the files of one layer into a folder that will be its root. */
type FillLayer = (root: string, materials: Materials) => Promise<void>;

/** What images are layered from; a layer that several images share is stored once. */
export const layers = {
  pause: async (root, { buildGo }) => buildGo(pauseSource, join(root, 'pause')),

  busybox: async (root, { packages, link }) => {
    await packages.unpack(['busybox-static', 'bash-static'], 'these alone', root);
    await writeFile(join(root, 'bin/sh'), shellScripts.busyboxShell, { mode: 0o755 });
    await link(root);
    await writeUsers(root);
  },

  /** The shell tools of upstream's Alpine-based images: real ones where specs need them, busybox for the rest. */
  tools: async (root, { packages, link }) => {
    await mergeUsr(root);
    await packages.unpack(packages.tools, 'with all they need', root);
    await symlink('nc.openbsd', join(root, 'bin/nc'));
    await symlink('bash', join(root, 'bin/sh'));
    await link(root);
    await writeUsers(root);
  },

  agnhost: async (root, { binary, upstream }) => {
    await place(await binary('agnhost'), join(root, 'agnhost'));
    await symlink('agnhost', join(root, 'agnhost-2'));
    await mkdir(join(root, 'uploads'));
    for (const file of ['localhost.crt', 'localhost.key']) {
      await place(upstream(`test/images/agnhost/porter/${file}`), join(root, file), 0o644);
    }
  },

  'httpd-2.4.38': async (root) => fillHttpd(root, '2.4.38'),
  'httpd-2.4.39': async (root) => fillHttpd(root, '2.4.39'),

  nonewprivs: async (root, { binary }) => place(await binary('nonewprivs'), join(root, 'usr/local/bin/nnp'), 0o6755),
  nautilus: async (root, { upstream }) => placeHtml(root, 'nautilus', upstream),
  kitten: async (root, { upstream }) => placeHtml(root, 'kitten', upstream),
  'sample-apiserver': async (root, { binary }) =>
    place(await binary('sample-apiserver'), join(root, 'sample-apiserver')),
  etcd: async (root, { binary }) => place(await binary('etcd'), join(root, 'usr/local/bin/etcd')),

  nginx: async (root, { packages }) => {
    await mergeUsr(root);
    await packages.unpack(['nginx-light'], 'beside the tools', root);
    await mkdir(join(root, 'var/log/nginx'), { recursive: true });
    await mkdir(join(root, 'var/lib/nginx'), { recursive: true });
    await writeFile(join(root, 'etc/nginx/nginx.conf'), nginxConfig);
  },

  perl: async (root, { packages }) => {
    await mergeUsr(root);
    await packages.unpack(['perl'], 'beside the tools', root);
  },
} as const satisfies Record<string, FillLayer>;

export type LayerName = keyof typeof layers;

/** Debian's layout: /bin, /sbin and /lib are links into /usr. A layer without them would put folders in their place. */
async function mergeUsr(root: string): Promise<void> {
  for (const name of ['bin', 'sbin', 'lib', 'lib64']) {
    await mkdir(join(root, 'usr', name), { recursive: true });
    await symlink(`usr/${name}`, join(root, name));
  }
}

async function writeUsers(root: string): Promise<void> {
  await mkdir(join(root, 'etc'), { recursive: true });
  for (const [file, text] of Object.entries(userFiles)) await writeFile(join(root, 'etc', file), text);
  await mkdir(join(root, 'root'), { recursive: true, mode: 0o700 });
  await mkdir(join(root, 'home'), { recursive: true });
  await mkdir(join(root, 'tmp'), { recursive: true });
  await chmod(join(root, 'tmp'), 0o1777);
}

async function fillHttpd(root: string, version: string): Promise<void> {
  const htdocs = join(root, 'usr/local/apache2/htdocs');
  await mkdir(htdocs, { recursive: true });
  await mkdir(join(root, 'usr/local/bin'), { recursive: true });
  await writeFile(join(htdocs, 'index.html'), '<html><body><h1>It works!</h1></body></html>\n');
  await writeFile(join(root, 'usr/local/apache2/VERSION'), `${version}\n`);
  await writeFile(join(root, 'usr/local/bin/httpd-foreground'), shellScripts.httpdForeground);
  await chmod(join(root, 'usr/local/bin/httpd-foreground'), 0o755);
}

async function placeHtml(root: string, name: string, upstream: (path: string) => string): Promise<void> {
  for (const file of [`${name}.jpg`, 'data.json']) {
    await place(upstream(`test/images/${name}/html/${file}`), join(root, file), 0o644);
  }
}

async function place(source: string, target: string, mode = 0o755): Promise<void> {
  await mkdir(dirname(target), { recursive: true });
  await copyFile(source, target);
  await chmod(target, mode);
}
