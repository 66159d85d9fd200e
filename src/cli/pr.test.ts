import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import t from 'tap';
import { sampleRun } from '../api/testing/sample-run.ts';
import { startServer } from '../api/testing/server-under-test.ts';
import { ForgeUnderTest } from '../embedded/forge/testing/forge-under-test.ts';

const main = fileURLToPath(new URL('../main.ts', import.meta.url));

t.test('what the forge refuses is told with the reason, and with what to do now', async (t) => {
  const server = await startServer(t);
  const at = await ForgeUnderTest.start(t);
  const fairway = async (...args: string[]) => {
    const { exitCode, stderr } = await execa(process.execPath, [main, ...args], {
      reject: false,
      env: {
        FAIRWAY_URL: server.url,
        FAIRWAY_TOKEN: 'token-of-viewer',
        FAIRWAY_STATE: at.directory,
        FAIRWAY_REPOSITORY: 'acme/config',
        FAIRWAY_FORGE_TOKEN: at.tokens.writer,
        FAIRWAY_FORGE_API_URL: at.forge.apiUrl,
        FAIRWAY_FORGE_GIT_URL: at.forge.url,
        FAIRWAY_WEBHOOK_SECRET: 'the secret of this webhook',
      },
    });
    return { exitCode, stderr };
  };

  t.match(await fairway('pr', 'create', '--head', 'nowhere', '--base', 'dev'), {
    exitCode: 2,
    stderr: 'the forge has no branch "nowhere": push it first, git push origin nowhere',
  });
  t.match(await fairway('pr', 'view', '9'), { exitCode: 2, stderr: /no such pull request; fairway pr list --all/ });

  const clone = await at.clone();
  const { number, sha } = await at.openPull(clone, 'fairway/promote/dev-to-alpha', { 'README.md': 'theirs\n' });
  const other = await at.openPull(clone, 'other', { 'README.md': 'other\n' });
  await clone.commitTo('dev', { 'README.md': 'ours\n' });
  await clone.git('push', '--quiet', 'origin', 'dev');
  const reason = "it can't be merged into alpha: conflicts in README.md\nalpha has commits that dev does not have";
  await server.store.runs.create(sampleRun('r1', { pullRequest: number, headSha: sha, status: 'failed', reason }));
  const refused = await fairway('promote', 'dev');
  t.equal(refused.exitCode, 1);
  t.match(refused.stderr, `#${number} is not merged: run r1 failed: ${reason}`, 'with all that Fairway knows');
  t.match(await fairway('promote', 'alpha'), {
    exitCode: 1,
    stderr: /nothing of alpha waits to be promoted: .*; #1 is open for dev-to-alpha\. See fairway channels/,
  });

  t.match(await fairway('pr', 'merge', String(other.number)), {
    exitCode: 1,
    stderr: /is not merged: .*\nMerge dev into other, resolve the conflicts, and push it\./,
  });
});
