import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import t, { type Test } from 'tap';
import { createGitMirror } from './git-mirror.ts';

const { signal } = new AbortController();
const identity = ['-c', 'user.name=t', '-c', 'user.email=t@example.org'];
const longAgo = new Date(Date.now() - 30 * 24 * 3_600_000);

/** A repository that others push to, and our mirror of it. */
async function given(t: Test, remoteUrl?: string) {
  const directory = await mkdtemp(join(tmpdir(), 'fairway-mirror-'));
  t.teardown(() => rm(directory, { recursive: true, force: true }));
  const work = join(directory, 'work');
  await execa('git', ['init', '--quiet', '--initial-branch=dev', work]);
  const git = async (...args: string[]) => (await execa('git', [...identity, ...args], { cwd: work })).stdout;
  const commit = async (file: string, text: string) => {
    await mkdir(dirname(join(work, file)), { recursive: true });
    await writeFile(join(work, file), text);
    await git('add', '.');
    await git('commit', '--quiet', '-m', file);
    return git('rev-parse', 'HEAD');
  };
  await commit('a', 'one\n');
  const state = join(directory, 'state');
  const source = createGitMirror({
    directory: state,
    remote: () => ({ url: remoteUrl ?? work, authorization: async () => undefined }),
  });
  return { git, commit, work, state, source, mirror: source.repository('acme/config') };
}

t.test('a fetch brings branches, forced ones too, and takes away what is gone', async (t) => {
  const { git, commit, mirror } = await given(t);
  await git('branch', 'gone');
  await mirror.fetch(signal);
  t.strictSame(await mirror.branches(), ['dev', 'gone']);
  await git('branch', '--delete', '--force', 'gone');
  await git('commit', '--quiet', '--amend', '-m', 'rewritten');
  const head = await commit('b', 'two\n');
  await mirror.fetch(signal);
  t.strictSame(await mirror.branches(), ['dev']);
  t.equal((await mirror.branch('dev'))?.commit, head);
  t.equal(await mirror.branch('gone'), undefined);
  t.equal(await mirror.readFile(head, 'b'), 'two\n');
  t.equal(await mirror.readFile(head, 'absent'), undefined);
});

t.test(
  'a tag never stands in for the branch of its name, not even one that an earlier version has fetched',
  async (t) => {
    const { git, commit, mirror, state } = await given(t);
    const head = await git('rev-parse', 'HEAD');
    await git('checkout', '--quiet', '--orphan', 'elsewhere');
    const evil = await commit('evil', 'evil\n');
    await git('tag', 'dev', evil);
    await git('tag', 'heads/dev', evil);
    await git('tag', head, evil);
    await mirror.fetch(signal);
    const bare = join(state, 'mirrors', 'acme__config.git');
    const tags = async () => (await execa('git', ['--git-dir', bare, 'for-each-ref', 'refs/tags'])).stdout;
    t.equal(await tags(), '');
    await execa('git', ['--git-dir', bare, 'update-ref', 'refs/tags/dev', evil]);
    t.equal((await mirror.branch('dev'))?.commit, head);
    t.equal((await mirror.commit(head))?.commit, head);
    await mirror.fetch(signal);
    t.equal(await tags(), '', 'what an earlier version has fetched is gone');
    t.equal(await mirror.branch('refs/heads/dev'), undefined);
    await t.rejects(mirror.commit('dev'), /"dev" is no object id of git/);
    await t.rejects(mirror.readFile('dev', 'a'), /"dev" is no object id of git/);
  },
);

t.test('no attribute that a change brings leaves files out or rewrites them', async (t) => {
  const { git, commit, mirror, work } = await given(t);
  const attributes = [
    'a export-ignore',
    'hidden export-ignore',
    'hidden/** export-ignore',
    'subst export-subst',
    'ident ident',
    'crlf text eol=crlf',
    'wide working-tree-encoding=ISO-8859-1',
  ];
  const texts = { subst: '$Format:%H$\n', ident: '$Id$\n', crlf: 'one\ntwo\n', wide: 'ü\n', 'hidden/deep': 'x\n' };
  for (const [file, text] of Object.entries(texts)) await commit(file, text);
  await writeFile(join(work, '.gitattributes'), `${attributes.join('\n')}\n`);
  await git('add', '.gitattributes');
  await git('commit', '--quiet', '-m', 'attributes');
  await mirror.fetch(signal);
  const place = await mirror.checkout((await mirror.branch('dev'))?.tree ?? '');
  for (const [file, text] of Object.entries({ a: 'one\n', ...texts }))
    t.equal(await readFile(join(place, file), 'utf8'), text, file);
  t.match(await git('ls-files'), /hidden\/deep/);
});

t.test('merging two revisions gives a tree, the files in conflict, or that they have nothing in common', async (t) => {
  const { git, commit, mirror } = await given(t);
  await git('checkout', '--quiet', '-b', 'side');
  await commit('b', 'side\n');
  await git('checkout', '--quiet', 'dev');
  await commit('c', 'dev\n');
  await git('checkout', '--quiet', '-b', 'clash', 'side');
  await commit('c', 'clash\n');
  await git('checkout', '--quiet', '--orphan', 'other');
  await commit('d', 'other\n');
  await mirror.fetch(signal);
  const dev = await git('rev-parse', 'dev');
  const merge = async (branch: string) => mirror.merge(dev, await git('rev-parse', branch));
  const merged = await merge('side');
  if (merged.outcome !== 'merged') throw new Error(merged.outcome);
  t.strictSame((await readdir(await mirror.checkout(merged.tree))).sort(), ['a', 'b', 'c']);
  t.strictSame(await merge('clash'), { outcome: 'conflict', files: ['c'] });
  t.strictSame(await merge('other'), { outcome: 'unrelated' });
});

t.test('a tree is unpacked once, whoever asks at the same time', async (t) => {
  const { mirror, state } = await given(t);
  await mirror.fetch(signal);
  const { tree = '' } = (await mirror.branch('dev')) ?? {};
  const places = await Promise.all(Array.from({ length: 5 }, () => mirror.checkout(tree)));
  t.equal(new Set(places).size, 1);
  t.equal(await readFile(join(places[0] ?? '', 'a'), 'utf8'), 'one\n');
  t.strictSame(await readdir(join(state, 'trees')), [tree], 'nothing half unpacked is left');
});

t.test(
  'fetches that come at once are one after another, shared, and see all that was there when they were asked for',
  async (t) => {
    const { commit, mirror, source, state } = await given(t);
    const heads: string[] = [];
    const seen = async (sha: string): Promise<void> => {
      await source.repository('acme/config').fetch(signal);
      t.equal(await mirror.readFile(sha, 'a'), 'one\n');
    };
    const all: Promise<void>[] = [];
    for (let n = 0; n < 20; n++) {
      const sha = await commit(`file-${n}`, `${n}\n`);
      heads.push(sha);
      all.push(seen(sha), seen(sha));
    }
    await Promise.all(all);
    t.equal((await mirror.branch('dev'))?.commit, heads.at(-1));
    t.strictSame(await readdir(join(state, 'mirrors')), ['acme__config.git'], 'nothing half made is left');
  },
);

t.test('locks of a git that was killed do not hold up a fetch; those of one that runs do', async (t) => {
  const { commit, mirror, state } = await given(t);
  await mirror.fetch(signal);
  const head = await commit('b', 'two\n');
  const lock = join(state, 'mirrors', 'acme__config.git', 'refs', 'heads', 'dev.lock');
  await writeFile(lock, '');
  await t.rejects(mirror.fetch(signal), { kind: 'unavailable', message: /^can't fetch .*dev.*lock/s });
  await utimes(lock, longAgo, longAgo);
  await mirror.fetch(signal);
  t.equal((await mirror.branch('dev'))?.commit, head);
});

t.test('what nobody has asked for in a week is removed, and made again when someone does', async (t) => {
  const { commit, mirror, source, state } = await given(t);
  await mirror.fetch(signal);
  const before = (await mirror.branch('dev'))?.tree ?? '';
  await commit('b', 'two\n');
  await mirror.fetch(signal);
  const after = (await mirror.branch('dev'))?.tree ?? '';
  const [old, recent] = [await mirror.checkout(before), await mirror.checkout(after)];
  const torn = join(state, 'trees', '.unpacking-torn');
  const begun = join(state, 'mirrors', 'acme__config.git.part-x');
  for (const folder of [torn, begun]) await mkdir(folder);
  for (const folder of [old, torn, begun]) await utimes(folder, longAgo, longAgo);
  await source.tidy();
  t.strictSame([old, recent, torn, begun].map(existsSync), [false, true, false, false]);
  t.equal(await mirror.checkout(before), old);
  await utimes(old, longAgo, longAgo);
  await mirror.checkout(before);
  await source.tidy();
  t.ok(existsSync(old), 'it was asked for again');
});

t.test('a repository that can not be reached is unavailable, in the words of git', async (t) => {
  const { mirror } = await given(t, 'http://127.0.0.1:1/acme/config.git');
  await t.rejects(mirror.fetch(signal), {
    kind: 'unavailable',
    message: /^can't fetch http:\/\/127\.0\.0\.1:1\/acme\/config\.git: fatal: unable to access .*: Failed to connect/,
  });
});
