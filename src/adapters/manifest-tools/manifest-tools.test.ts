import { access, chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { versions } from '../kubernetes-release/versions.ts';
import { createManifestTools } from './create-manifest-tools.ts';
import type { ToolLimits } from './run-tool.ts';

const { signal } = new AbortController();
const web = {
  folder: 'cluster/manifests/web',
  files: new Map([['cluster/manifests/web/a.yaml', Buffer.from('a: 1\n')]]),
};

/** A kustomize that counts its calls and does what `script` says, which has the shell's own words only. */
async function toolsWith(t: Test, script: string, limits?: ToolLimits) {
  const folder = await mkdtemp(join(tmpdir(), 'fairway-tools-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const calls = join(folder, 'calls');
  await writeFile(calls, '');
  const program = `#!/bin/sh\n[ "$1" = version ] && echo v${versions.kustomize} && exit\necho >>${calls}\n${script}\n`;
  await writeFile(join(folder, 'kustomize'), program);
  await chmod(join(folder, 'kustomize'), 0o755);
  const tools = createManifestTools({
    report: (line) => t.fail(line),
    env: { PATH: folder, XDG_CACHE_HOME: folder },
    ...(limits === undefined ? {} : { limits }),
  });
  return { tools, calls: async () => (await readFile(calls, 'utf8')).length };
}

t.test('the same input is given to the tool once, another one anew', async (t) => {
  const { tools, calls } = await toolsWith(
    t,
    'while read -r line; do echo "$line"; done <cluster/manifests/web/a.yaml',
  );
  for (let cluster = 0; cluster < 200; cluster++) {
    const files = new Map(web.files);
    t.strictSame(await tools.kustomize({ ...web, files }, signal), { outcome: 'rendered', text: 'a: 1\n' });
  }
  t.equal(await calls(), 1);
  const files = new Map([['cluster/manifests/web/a.yaml', Buffer.from('a: 2\n')]]);
  t.strictSame(await tools.kustomize({ ...web, files }, signal), { outcome: 'rendered', text: 'a: 2\n' });
  t.equal(await calls(), 2);
});

t.test('a refusal is told in the words of the tool, with paths as in the repository', async (t) => {
  const { tools, calls } = await toolsWith(t, 'echo "Error: $PWD/cluster/manifests/web/a.yaml is odd" >&2; exit 1');
  const refused = { outcome: 'refused', message: 'cluster/manifests/web/a.yaml is odd' };
  t.strictSame(await tools.kustomize(web, signal), refused);
  t.strictSame(await tools.kustomize(web, signal), refused);
  t.equal(await calls(), 1);
  const silent = await toolsWith(t, 'exit 7');
  t.strictSame(await silent.tools.kustomize(web, signal), {
    outcome: 'refused',
    message: 'kustomize ended with exit code 7 and said nothing',
  });
});

t.test('a tool has bounds', async (t) => {
  const endless = await toolsWith(t, 'while :; do :; done', { milliseconds: 500, bytes: 1_000, memoryMiB: 4096 });
  t.strictSame(await endless.tools.kustomize(web, signal), {
    outcome: 'refused',
    message: 'kustomize did not end within 0.5 s',
  });
  const flood = await toolsWith(t, 'while :; do echo flood; done', {
    milliseconds: 60_000,
    bytes: 1_000,
    memoryMiB: 4096,
  });
  t.strictSame(await flood.tools.kustomize(web, signal), {
    outcome: 'refused',
    message: 'kustomize wrote more than 1000 bytes',
  });
});

t.test('one that was ended from outside says nothing about the input, and is asked again', async (t) => {
  const { tools, calls } = await toolsWith(t, 'kill -9 $$');
  const sentence = { name: 'FairwayError', kind: 'unavailable', message: 'kustomize was ended from outside: SIGKILL' };
  await t.rejects(tools.kustomize(web, signal), sentence);
  await t.rejects(tools.kustomize(web, signal), sentence);
  t.equal(await calls(), 2);
});

t.test('a tool gets nothing of ours, and its folder goes with it', async (t) => {
  process.env.FAIRWAY_TEST_SECRET = 'hidden';
  t.teardown(() => delete process.env.FAIRWAY_TEST_SECRET);
  const { tools } = await toolsWith(t, 'export -p; pwd');
  const outcome = await tools.kustomize(web, signal);
  const text = outcome.outcome === 'rendered' ? outcome.text : '';
  t.notMatch(text, 'hidden');
  t.match(text, /KUBECONFIG='?\/dev\/null/);
  const folder = text.trim().split('\n').at(-1) ?? '';
  t.match(folder, /fairway-manifests-\w+\/files$/);
  await t.rejects(access(join(folder, '..')), { code: 'ENOENT' });
});
