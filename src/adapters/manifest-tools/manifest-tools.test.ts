import { access, chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { versions } from '../kubernetes-release/versions.ts';
import { createManifestTools, type ManifestToolsOptions } from './create-manifest-tools.ts';

const { signal } = new AbortController();
const web = {
  folder: 'cluster/manifests/web',
  files: new Map([['cluster/manifests/web/a.yaml', Buffer.from('a: 1\n')]]),
};

/** A kustomize that does what `script` says. */
async function toolsWith(t: Test, script: string, changed: Partial<ManifestToolsOptions> = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'fairway-tools-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, 'kustomize');
  await writeFile(file, `#!/bin/sh\n[ "$1" = version ] && echo v${versions.kustomize} && exit\n${script}\n`);
  await chmod(file, 0o755);
  return createManifestTools({
    report: (line) => t.comment(line),
    unsandboxed: { tools: 'refused', setting: 'ALLOW=it' },
    env: { ...process.env, PATH: `${folder}:${process.env.PATH}` },
    ...changed,
  });
}

/** Words for a tool that is another at each call. */
const anew = 'read -r word </proc/sys/kernel/random/uuid; echo "$word"';

t.test('the same input is given to the tool once, another one anew', async (t) => {
  const tools = await toolsWith(t, `while read -r line; do echo "$line"; done <cluster/manifests/web/a.yaml; ${anew}`);
  const first = await tools.kustomize(web, signal);
  t.match(first, { outcome: 'rendered', text: /^a: 1\n[\w-]{36}\n$/ });
  for (let cluster = 0; cluster < 200; cluster++)
    t.strictSame(await tools.kustomize({ ...web, files: new Map(web.files) }, signal), first);
  const files = new Map([['cluster/manifests/web/a.yaml', Buffer.from('a: 2\n')]]);
  t.match(await tools.kustomize({ ...web, files }, signal), { outcome: 'rendered', text: /^a: 2\n/ });
});

t.test('a refusal is told in the words of the tool, with paths as in the repository', async (t) => {
  const tools = await toolsWith(t, `echo "Error: $PWD/cluster/manifests/web/a.yaml is odd" >&2; ${anew} >&2; exit 1`);
  const refused = await tools.kustomize(web, signal);
  t.match(refused, { outcome: 'refused', message: /^cluster\/manifests\/web\/a.yaml is odd\n[\w-]{36}$/ });
  t.strictSame(await tools.kustomize(web, signal), refused);
  t.strictSame(await (await toolsWith(t, 'exit 7')).kustomize(web, signal), {
    outcome: 'refused',
    message: 'kustomize ended with exit code 7 and said nothing',
  });
});

t.test('a tool has bounds', async (t) => {
  const bounds = { bytes: 1_000, memoryMiB: 4096 };
  const endless = await toolsWith(t, 'while :; do :; done', { limits: { ...bounds, milliseconds: 500 } });
  t.strictSame(await endless.kustomize(web, signal), {
    outcome: 'refused',
    message: 'kustomize did not end within 0.5 s',
  });
  const flood = await toolsWith(t, 'while :; do echo flood; done', { limits: { ...bounds, milliseconds: 60_000 } });
  t.strictSame(await flood.kustomize(web, signal), {
    outcome: 'refused',
    message: 'kustomize wrote more than 1000 bytes',
  });
});

t.test('one that was ended from outside says nothing about the input, and is asked again', async (t) => {
  const tools = await toolsWith(t, `${anew} >&2; kill -9 $$`);
  const sentence = { name: 'FairwayError', kind: 'unavailable', message: 'kustomize was ended from outside: SIGKILL' };
  await t.rejects(tools.kustomize(web, signal), sentence);
  await t.rejects(tools.kustomize(web, signal), sentence);
});

t.test('a tool gets nothing of ours, and its folder goes with it', async (t) => {
  process.env.FAIRWAY_TEST_SECRET = 'hidden';
  t.teardown(() => delete process.env.FAIRWAY_TEST_SECRET);
  const tools = await toolsWith(t, 'export -p; for name in /etc/*; do echo "$name"; done; pwd');
  const outcome = await tools.kustomize(web, signal);
  const text = outcome.outcome === 'rendered' ? outcome.text : '';
  t.notMatch(text, /hidden|shadow|passwd|hosts/);
  t.match(text, /KUBECONFIG='?\/dev\/null/);
  const folder = text.trim().split('\n').at(-1) ?? '';
  t.match(folder, /fairway-manifests-\w+\/files$/);
  await t.rejects(access(join(folder, '..')), { code: 'ENOENT' });
});

t.test(
  'where there is no sandbox a tool is refused with a sentence, or runs as an administrator has allowed',
  async (t) => {
    // Nothing can be unpacked from there: no apt-get, no bwrap.
    const folder = t.testdir();
    const env = { PATH: folder, XDG_CACHE_HOME: folder };
    const bare = async (unsandboxed: ManifestToolsOptions['unsandboxed']) => {
      await writeFile(
        join(folder, 'kustomize'),
        `#!/bin/sh\n[ "$1" = version ] && echo v${versions.kustomize} || echo ran\n`,
      );
      await chmod(join(folder, 'kustomize'), 0o755);
      await writeFile(
        join(folder, 'bwrap'),
        '#!/bin/sh\necho "bwrap: No permissions to create a new namespace" >&2; exit 1\n',
      );
      await chmod(join(folder, 'bwrap'), 0o755);
      return createManifestTools({ report: (line) => t.fail(line), unsandboxed, env });
    };
    const refusing = await bare({ tools: 'refused', setting: 'FAIRWAY_UNSANDBOXED_MANIFEST_TOOLS=allow' });
    t.match(await refusing.kustomize(web, signal), {
      outcome: 'refused',
      message:
        process.platform === 'linux'
          ? "kustomize runs in a sandbox only, and bubblewrap can't make one here: bwrap: No permissions to create a new namespace; " +
            'set FAIRWAY_UNSANDBOXED_MANIFEST_TOOLS=allow where whoever writes to the config repository may do on this machine what Fairway may'
          : /^kustomize runs in a sandbox only, and a sandbox needs Linux/,
    });
    const allowing = await bare({ tools: 'allowed' });
    t.strictSame(await allowing.kustomize(web, signal), { outcome: 'rendered', text: 'ran\n' });
  },
);
