import t from 'tap';
import { readComment } from './comment-command.ts';

const found = (comment: string): string => {
  const reading = readComment(comment);
  if (reading.found === 'command') return [reading.command, reading.commit].filter(Boolean).join(' ');
  return reading.found === 'attempt' ? `answer: ${reading.said}` : 'nothing';
};
const alone = (command: string): string => `answer: \`${command}\` counts when nothing else stands on its line.`;
const meant = (written: string, command: string): string =>
  `answer: \`${written}\` is no command. \`${command}\` is one, alone on its line.`;

t.test('a command is a line of its own, however it is written', async (t) => {
  const written = {
    '/test': '/test',
    'flaky, I think\r\n  /retest  \r\nthanks': '/retest',
    '/Retest': '/retest',
    '/CANCEL': '/cancel',
    '\u200b/test': '/test',
    '\ufeff/test': '/test',
    '\u00a0/test\u00a0': '/test',
    '/te\u00adst': '/test',
    '/ok\u2011to\u2011test': '/ok-to-test',
    '/ok-to-test\n/test': '/ok-to-test',
    '/tset\n/test': '/test',
    'a\n/test\nb': '/test',
    '/test\n--\nJane': '/test',
    '- works for me\n- not for him\n/test': '/test',
    '1. it is flaky:\n\n   /test': '/test',
    '```\nlog\n```\n/test': '/test',
    '> quoted\n\n/test': '/test',
    '<!-- why -->\n/test': '/test',
    '/test <!-- it is flaky -->': '/test',
    'text <!--\nhidden\n--> text\n/retest': '/retest',
    '<details>\n<summary>more</summary>\n\n/test\n\n</details>': '/test',
    '<details><summary>more</summary>\n/test\n</details>': '/test',
    '<div align="left">\n/test\n</div>': '/test',
  };
  for (const [comment, command] of Object.entries(written)) t.equal(found(comment), command, JSON.stringify(comment));
});

t.test('/ok-to-test may name the commit, by its whole id', async (t) => {
  const sha = 'ab'.repeat(20);
  t.equal(found(`/ok-to-test ${sha}`), `/ok-to-test ${sha}`);
  t.equal(found(`/OK-to-test ${sha.toUpperCase()}`), `/ok-to-test ${sha}`);
  for (const part of [sha.slice(0, 7), sha.slice(0, 39)])
    t.equal(
      found(`/ok-to-test ${part}`),
      'answer: `/ok-to-test` takes a whole commit id: others can be made that begin alike.',
    );
  t.equal(found(`/ok-to-test ${sha} please`), alone('/ok-to-test'));
  t.equal(found(`/test ${sha}`), alone('/test'));
});

t.test('what the page does not show, shows as code, or shows as the words of someone else is no command', async (t) => {
  const comments = [
    '<!--\n/cancel\n-->\nlooks good to me',
    '<!-- /cancel -->',
    '<!--\n\n/cancel\n\n-->',
    'looks good <!--\n/cancel\n--> to me',
    '<!--\n/cancel',
    'looks good <!--\n/cancel',
    '[//]: # (\n/cancel\n)',
    '> /cancel',
    '> he wrote\n/cancel',
    '> > /cancel\n/cancel',
    '1. as said:\n   > do\n   /cancel',
    '<blockquote>\n\n/cancel\n\n</blockquote>',
    '`/cancel`',
    '`\n/cancel\n`',
    '    /cancel',
    '\t/cancel',
    '```\n/cancel\n```',
    '```\n/cancel',
    '~~~~\n```\n/cancel',
    '- ```\n  /cancel\n  ```',
    '<pre>\n/cancel\n</pre>',
    '<pre>\n\n/cancel\n\n</pre>',
    'so: <pre>\n/cancel\n</pre>',
    '<code>\n/cancel\n</code>',
    '<details>\n<pre>\n/cancel',
    '<script>\n/cancel\n</script>',
  ];
  for (const comment of comments) t.equal(found(comment), 'nothing', JSON.stringify(comment));
});

t.test('commands that are listed, headed or praised are not given', async (t) => {
  const comments = [
    'please /test',
    '- /test\n- /cancel',
    '- /test\n\n- /cancel',
    '* [ ] /test',
    '# /cancel\nends the run',
    '**/cancel**',
    '| command | |\n|---|---|\n| /cancel | ends the run |',
    '<ul><li>/cancel</li></ul>',
    '',
  ];
  for (const comment of comments) t.equal(found(comment), 'nothing', JSON.stringify(comment));
});

t.test('what is nearly a command of ours is answered', async (t) => {
  const written = {
    '/retest please': alone('/retest'),
    '/test all': alone('/test'),
    '/Test ALL': alone('/test'),
    '/test `all`': alone('/test'),
    '/retest.': alone('/retest'),
    '/ok-to-test @jane': alone('/ok-to-test'),
    '/tset': meant('/tset', '/test'),
    '/tests': meant('/tests', '/test'),
    '/cancle please': meant('/cancle', '/cancel'),
    '/ok_to_test': meant('/ok_to_test', '/ok-to-test'),
    '/oktotest': meant('/oktotest', '/ok-to-test'),
    '/fairway retest': 'answer: `/fairway` is no command.',
  };
  for (const [comment, said] of Object.entries(written)) t.equal(found(comment), said, JSON.stringify(comment));
});

t.test('paths, and commands of other programs, are not answered', async (t) => {
  const others =
    '/lgtm /approve /assign /unassign /cc /hold /kind /label /close /reopen /rebase /merge /rerun /reset /skip /help /lifecycle /triage /milestone /retitle /override /test-all';
  const comments = [...others.split(' '), '/hold cancel', '/assign @jane', '/kind flaky test'];
  const paths = [
    '/etc/hosts',
    '/usr/bin/x y',
    '/test/one.yaml is wrong',
    '/test.yaml',
    '/tmp',
    '/',
    '//test',
    '/ test',
  ];
  for (const comment of [...comments, ...paths]) t.equal(found(comment), 'nothing', comment);
});

t.test('a comment of a stranger that nests until the stack ends is read to its end', async (t) => {
  t.equal(found(`${'<div>'.repeat(13_000)}/cancel`), 'nothing');
  t.equal(found(`${'<b>'.repeat(20_000)}\n\n/cancel`), 'nothing');
  t.equal(found(`${'> '.repeat(30_000)}/cancel\n\n/test`), '/test');
});
