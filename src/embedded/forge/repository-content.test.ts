import { test } from 'tap';
import { ForgeUnderTest } from './testing/forge-under-test.ts';

test('files, folders and differences are read at a revision', async (t) => {
  const at = await ForgeUnderTest.start(t);
  const clone = await at.clone();
  await clone.git('checkout', '--quiet', '-b', 'feature/x', 'origin/dev');
  await clone.git('mv', 'README.md', 'READ ME.md');
  const { sha } = await at.openPull(clone, 'feature/x', {
    'channels/dev.yaml': 'channel: dev\nbranch: dev\n',
    'new.bin': '\0binary',
  });
  const files = [
    { filename: 'READ ME.md', previous_filename: 'README.md', status: 'renamed', changes: 0 },
    {
      filename: 'channels/dev.yaml',
      status: 'modified',
      additions: 1,
      deletions: 0,
      patch: '@@ -1 +1,2 @@\n channel: dev\n+branch: dev',
    },
    { filename: 'new.bin', status: 'added', additions: 0 },
  ];
  t.match((await at.repo('GET', '/pulls/1/files')).body, files);
  for (const range of ['dev...feature/x', 'dev...feature%2Fx', `dev...${sha}`]) {
    t.match((await at.repo('GET', `/compare/${range}`)).body, {
      status: 'ahead',
      ahead_by: 1,
      behind_by: 0,
      commits: [{ sha }],
      files,
    });
  }
  t.match((await at.repo('GET', '/compare/feature%2Fx...dev')).body, {
    status: 'behind',
    ahead_by: 0,
    behind_by: 1,
    files: [],
  });
  t.match((await at.repo('GET', '/pulls/1/commits')).body, [{ sha, commit: { author: { name: 'Wim' } } }]);
  t.match((await at.repo('GET', `/commits/${sha}`)).body, { sha, stats: { additions: 1 }, files });
  t.match((await at.repo('GET', '/commits?sha=feature%2Fx&path=channels')).body, [{ sha }, { parents: [] }]);

  const file = (await at.repo('GET', '/contents/channels/dev.yaml?ref=feature/x')).body;
  t.match(file, { type: 'file', encoding: 'base64', path: 'channels/dev.yaml', size: 25 });
  t.equal(Buffer.from(file.content, 'base64').toString(), 'channel: dev\nbranch: dev\n');
  t.match((await at.repo('GET', '/contents/READ%20ME.md?ref=feature/x')).body, { name: 'READ ME.md' });
  t.match((await at.repo('GET', '/contents')).body, [
    { name: 'README.md', type: 'file' },
    { name: 'channels', type: 'dir' },
  ]);
  t.match((await at.repo('GET', '/contents/channels')).body, [{ path: 'channels/dev.yaml' }]);
  t.equal((await at.repo('GET', '/contents/none.yaml')).status, 404);
});

test('branches and refs are created, moved and deleted', async (t) => {
  const at = await ForgeUnderTest.start(t);
  const clone = await at.clone();
  const sha = await clone.commitTo('a', { 'a.yaml': 'a\n' });
  await clone.git('push', '--quiet', 'origin', 'a');
  const dev = await at.bare('rev-parse', 'dev');
  t.equal((await at.repo('POST', '/git/refs', { ref: 'refs/heads/x/y', sha: dev })).status, 201);
  t.match(await at.repo('POST', '/git/refs', { ref: 'refs/heads/x/y', sha: dev }), {
    status: 422,
    body: { message: 'Reference already exists' },
  });
  t.match((await at.repo('PATCH', '/git/refs/heads/x/y', { sha })).body, { ref: 'refs/heads/x/y', object: { sha } });
  t.match(await at.repo('PATCH', '/git/refs/heads/x/y', { sha: dev }), {
    status: 422,
    body: { message: 'Update is not a fast forward' },
  });
  t.equal((await at.repo('PATCH', '/git/refs/heads/x%2Fy', { sha: dev, force: true })).status, 200);
  t.match((await at.repo('GET', '/branches/x%2Fy')).body, { name: 'x/y', protected: false, commit: { sha: dev } });
  t.strictSame(
    (await at.repo('GET', '/branches')).body.map(({ name }: { name: string }) => name),
    ['a', 'alpha', 'dev', 'x/y'],
  );
  t.match((await at.repo('GET', '/git/matching-refs/heads/x')).body, [{ ref: 'refs/heads/x/y' }]);
  t.equal((await at.repo('DELETE', '/git/refs/heads/x/y')).status, 204);
  t.equal((await at.repo('GET', '/git/ref/heads/x/y')).status, 404);
});
