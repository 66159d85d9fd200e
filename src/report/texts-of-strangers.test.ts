import fc from 'fast-check';
import MarkdownIt from 'markdown-it';
import t from 'tap';
import { sampleRun, sampleStage, sampleStep } from '../api/testing/sample-run.ts';
import { channel } from '../domain/channel.ts';
import { code, codeBlock, codeInCell } from '../domain/markdown.ts';
import { oneLine, visibleLines } from '../domain/visible-text.ts';
import type { ChannelDiff } from '../render/diff.ts';
import { diffAsMarkdown, diffAsText } from '../render/diff-text.ts';
import { commentBody, headline, stageSummary } from './summary.ts';

/** What comes alive in Markdown, and what tells its parts from each other. */
const pieces = [
  ...[
    '`',
    '``',
    '```',
    '~~~',
    '|',
    '\\',
    '\\|',
    '\n',
    '\r',
    '\n\n',
    '\t',
    ' ',
    '    ',
    '**',
    '_',
    '- ',
    '> ',
    '---',
    'a',
  ],
  ...[
    '<img src="https://example.org/t.png">',
    '</details>',
    '<!-- fairway:gate -->',
    '-->',
    '<b>',
    '&lt;',
    '<?',
    ']]>',
  ],
  ...['@acme/owners', '#12', 'GH-12', 'acme/config#3', 'https://example.org/x', 'www.example.org', 'jane@example.org'],
  ...[
    '![i](https://example.org)',
    '[l](https://example.org)',
    '[r]: https://example.org',
    '# h',
    '### ✅ Fairway: proven',
    '==',
  ],
  ...['\u001b[31m', '\u009b2J', '\u202E', '\u2066', '\u200B', '\u2028', '\0', '\uD800', '😀', 'web'],
];
const evil = fc.oneof(
  fc.array(fc.constantFrom(...pieces), { minLength: 1, maxLength: 8 }).map((parts) => parts.join('')),
  fc.string({ unit: 'binary' }),
);

interface Alive {
  headings: number;
  links: string[];
  html: string[];
  texts: string;
}

/** What of a Markdown text is more than code and plain words, as GitHub would read it. */
function aliveIn(markdown: string): Alive {
  const alive: Alive = { headings: 0, links: [], html: [], texts: '' };
  const parser = new MarkdownIt({ html: true, linkify: true });
  for (const token of parser.parse(markdown, {}).flatMap((token) => [token, ...(token.children ?? [])])) {
    if (token.type === 'heading_open') alive.headings++;
    if (token.type === 'link_open') alive.links.push(String(token.attrGet('href')));
    if (token.type === 'image') alive.links.push(String(token.attrGet('src')));
    if (token.type.startsWith('html_')) alive.html.push(...token.content.split('\n').filter((line) => line !== ''));
    if (token.type === 'text') alive.texts += `${token.content}\n`;
  }
  return alive;
}

const mention = /@|#\d|GH-\d|fairway:gate/;
const url = 'https://fairway.test/runs/r1';

function diffOf(text: string): ChannelDiff {
  const ref = { apiVersion: 'v1', kind: text, namespace: text, name: text };
  const change = { ref, file: text };
  return {
    clusterIds: [text, 'other', text],
    changes: [
      { clusterIds: [text], change: { change: 'added', ...change } },
      {
        clusterIds: [text, 'other', text],
        change: { change: 'changed', ...change, fields: [{ path: text, before: text, after: { [text]: text } }] },
      },
    ],
  };
}

function runOf(text: string, status: 'failed' | 'succeeded' | 'running', stages = 1) {
  const step = { ...sampleStep(text, status, { passed: 1, leftOut: [text] }), reason: text };
  const stage = { ...sampleStage(text, status, [step]), reason: text };
  const policy = { ...channel.parse({ channel: 'dev', branch: 'dev' }), branch: text };
  const place = { status, reason: text, headSha: text, policy };
  return sampleRun('r1', { ...place, stages: Array.from({ length: stages }, () => stage) });
}

t.test('nothing of a name or reason comes alive in the comment', async (t) => {
  fc.assert(
    fc.property(
      evil,
      fc.constantFrom('failed', 'succeeded', 'running'),
      fc.integer({ min: 0, max: 2 }),
      (text, status, stages) => {
        const alive = aliveIn(commentBody(runOf(text, status, stages), url, diffAsMarkdown(diffOf(text))));
        if (alive.headings !== 1) throw new Error(`${alive.headings} headings in ${text}`);
        if (alive.links.join() !== url) throw new Error(`links ${alive.links.join(' ')}`);
        const own = ['<details><summary>What changes in the clusters</summary>', '</details>', '<sub>', '</sub>'];
        if (alive.html.join() !== own.join()) throw new Error(`HTML ${alive.html.join(' ')}`);
        if (mention.test(alive.texts)) throw new Error(`text ${alive.texts}`);
      },
    ),
    { numRuns: 700 },
  );
  t.pass();
});

t.test('nothing comes alive where a part is so long that it is cut', async (t) => {
  for (const piece of ['`', '@acme/owners ', '```\n@acme ', '<b>', 'x\n![i](https://example.org)\n']) {
    const text = piece.repeat(20_000);
    const body = commentBody(
      runOf(text, 'failed', 40),
      url,
      diffAsMarkdown({ ...diffOf(text), changes: Array(300).fill(diffOf(text).changes[1]) }),
    );
    const alive = aliveIn(body);
    t.strictSame([alive.headings, alive.links, mention.test(alive.texts)], [1, [url], false], piece);
    t.ok(body.length < 65_536, 'and the forge need not cut it');
    t.ok(
      Buffer.byteLength(stageSummary({ ...runOf('ä'.repeat(90_000), 'failed'), ...sampleStage('x', 'failed', []) })) <
        65_536,
    );
  }
});

t.test('nothing comes alive in what a check says below its title', async (t) => {
  fc.assert(
    fc.property(evil, (text) => {
      const [stage] = runOf(text, 'failed').stages;
      if (!stage) throw new Error('there is no stage');
      const { headings, links, html, texts } = aliveIn(stageSummary(stage));
      if (headings > 0 || links.length > 0 || html.length > 0 || mention.test(texts)) throw new Error(texts);
    }),
    { numRuns: 500 },
  );
  t.pass();
});

t.test('what is told on one line is one line without controls, and Markdown shows it as it is', async (t) => {
  fc.assert(
    fc.property(evil, (text) => {
      const line = headline({ ...runOf(text, 'failed'), stages: [] }) + oneLine(text);
      if (/[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/u.test(line)) throw new Error(JSON.stringify(line));
      for (const shown of diffAsText(diffOf(text)).split('\n'))
        if (/[\p{Cc}\p{Cf}\p{Cs}]/u.test(shown)) throw new Error(JSON.stringify(shown));
      const [inline] = new MarkdownIt()
        .parseInline(`x ${code(text)}`, {})
        .flatMap(({ children }) => children ?? [])
        .filter(({ type }) => type === 'code_inline');
      if (text.trim() !== '' && inline?.content !== oneLine(text)) throw new Error(`${inline?.content}`);
    }),
    { numRuns: 500 },
  );
  t.pass();
});

t.test('a cell of a table stays one cell, and a block one block', async (t) => {
  fc.assert(
    fc.property(evil, (text) => {
      const tokens = new MarkdownIt({ html: true }).parse(`| a | b |\n|---|---|\n| ${codeInCell(text)} | end |\n`, {});
      const cells = tokens.flatMap(({ type }, place) => (type === 'td_open' ? [tokens[place + 1]?.content] : []));
      if (cells.length !== 2 || cells[1] !== 'end') throw new Error(JSON.stringify(cells));
      const block = new MarkdownIt({ html: true }).parse(codeBlock(text, 10_000), {});
      if (block.length !== 1 || block[0]?.content.trimEnd() !== visibleLines(text).trimEnd())
        throw new Error(JSON.stringify(block));
    }),
    { numRuns: 700 },
  );
  t.pass();
});

t.test('what people write in many languages stays as it is', async (t) => {
  for (const text of ['größer als 25 %', '日本語 ✅ 😀 ⚠️', 'a\tb\nc', 'ف عربي']) t.equal(visibleLines(text), text);
  t.equal(visibleLines('a\r\nb\rc\u001b[2K'), 'a\nb\\rc\\u001b[2K');
  t.equal(oneLine('a\nb\u202Ec\u{E0041}'), 'a\\nb\\u202ec\\udb40\\udc41');
});
