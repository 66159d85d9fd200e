import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { z } from 'zod';
import { readKeptSecrets } from '../kept-secrets.ts';
import { goodObject, renderedOnly } from './rendered-only.ts';
import { Target } from './target.ts';

t.setTimeout(180_000);

const items = z.object({ items: z.array(z.object({ name: z.string() })) });

/** Names of evil: what comes alive in Markdown and HTML, what calls people, what moves a terminal's cursor. */
const evil = '<img src=x onerror=alert(1)> @acme/owners ![i](https://evil.example.org/i) \u001b[2J\u202e';
const hidden = ['hunter2hunter2', 'correct-horse-battery', 'swordfish-swordfish'];
const change = {
  'cluster/manifests/small/two.yaml': [
    'apiVersion: v1',
    'kind: ConfigMap',
    'metadata: {name: two, namespace: default}',
    'data:',
    `  url: "postgres://app:${hidden[0]}@db.example.org/app"`,
    `  args: "serve --password=${hidden[1]}"`,
    `  DB_PASSWORD: "${hidden[2]}"`,
    `  ${JSON.stringify(evil)}: "x"`,
    '',
  ].join('\n'),
};

t.test('what a run tells holds no secret and nothing that comes alive', async (t) => {
  const target = await Target.open(t, { branches: { dev: { ...renderedOnly, ...goodObject('old') } } });
  const { forge, scene } = target;
  const kept = await readKeptSecrets(scene.state);
  const secrets = Object.values(kept ?? {});
  t.equal(secrets.length, 4);
  const lines = new Set<string>();
  let looking = true;
  const watching = (async () => {
    while (looking) {
      for (const line of await commandLines()) lines.add(line);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  })();
  await scene.start();
  await forge.push('evil', change);
  const order = { title: evil, head: 'evil', base: 'dev' };
  const { number, head } = await forge.rest('POST', '/pulls', order, 'wim');
  const run = await target.ended({ pullRequest: number });
  const follow = await target.fairway('run', run.id, '--follow');
  looking = false;
  await watching;

  const names = (await target.get(`/api/v1/runs/${run.id}/artifacts`, items)).items.map(({ name }) => name);
  t.ok(names.includes('diff.md'), names.join(', '));
  const comments = (await forge.stickyComments(number)).join('\n');
  t.match(comments, 'onerror', 'the change is told');
  const told = new Map<string, string>([
    ['the comment', comments],
    ['the statuses', JSON.stringify(await forge.statuses(head.sha))],
    ['fairway run --follow', follow.said],
    ['the log of the server', scene.fairway.output.join('\n')],
  ]);
  for (const path of [`runs/${run.id}`, `runs/${run.id}/log`, 'runs', 'deliveries', 'audit', 'channels'])
    told.set(path, await target.text(`/api/v1/${path}`));
  for (const name of names) told.set(name, await target.text(`/api/v1/runs/${run.id}/artifacts/${name}`));
  for (const [where, text] of told) {
    const leaked = [...secrets, ...hidden].filter((secret) => text.includes(secret));
    t.strictSame(leaked, [], `${where}: no secret`);
    const obeyed = ['\u001b[2J', '\u202e'].filter((sequence) => text.includes(sequence));
    t.strictSame(obeyed, [], `${where}: nothing that a terminal would obey`);
  }
  const outsideOfCode = comments.replace(/^(`{3,})[^\n]*\n.*?^\1$/gms, '').replace(/(`+)[^`].*?\1/g, '');
  t.notMatch(outsideOfCode, /<img|@acme|evil\.example\.org/);

  const inArguments = [...lines].filter((line) => secrets.some((secret) => line.includes(secret)));
  t.strictSame(inArguments, [], 'no argument list has a token');
  t.ok(
    [...lines].some((line) => line.includes(scene.state)),
    'Fairway was seen among the processes',
  );

  for (const name of ['', 'secrets.json', 'forge', 'fairway.db']) {
    const { mode } = await stat(join(scene.state, name));
    const folderMode = (await stat(scene.state)).mode;
    t.ok((mode & 0o077) === 0 || (folderMode & 0o077) === 0, `${name || 'the state folder'}: ${mode.toString(8)}`);
  }
  const logs = (await readdir(scene.state, { recursive: true })).filter((name) => /\.(log|txt|md|json)$/.test(name));
  for (const name of logs.filter((one) => one !== 'secrets.json')) {
    const text = await readFile(join(scene.state, name), 'utf8').catch(() => '');
    const leaked = secrets.filter((secret) => text.includes(secret));
    t.strictSame(leaked, [], name);
  }
});

/** Of all processes but the test's own git, which pushes as a user. */
async function commandLines(): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const all = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')));
  return all.map((line) => line.replaceAll('\0', ' ')).filter((line) => !/git.* http:\/\/(you|wim):/.test(line));
}
