import { existsSync } from 'node:fs';
import { glob, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import t from 'tap';
import { z } from 'zod';
import { commands } from './commands.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const scripts = z
  .object({ scripts: z.record(z.string(), z.string()) })
  .parse(JSON.parse(await readFile(join(root, 'package.json'), 'utf8'))).scripts;

const program = new Command('fairway').version('');
for (const make of Object.values(commands)) program.addCommand(await make());

interface Mention {
  file: string;
  text: string;
}

/** Every match of a pattern in what people read: the sources with their messages, the scripts, and all documents. */
async function mentions(pattern: RegExp): Promise<Mention[]> {
  const found: Mention[] = [];
  const places = ['src/**/*.{ts,tsx}', '{scripts,bin,bench}/*.{ts,js}', 'docs/**/*.md', '*.md', 'docker-compose.yml'];
  for await (const file of glob(places, { cwd: root })) {
    if (/\.test\.ts|test-fixture|\/testing\//.test(file)) continue;
    const text = await readFile(join(root, file), 'utf8');
    for (const [match] of text.matchAll(pattern)) found.push({ file, text: match });
  }
  return found;
}

/** Why there is no such command, or undefined when there is: its words are followed as far as they name commands. */
function wrongIn(mention: string): string | undefined {
  const [, ...words] = mention.split(/\s+/);
  let command = program;
  for (const word of words) {
    const next = command.commands.find((one) => one.name() === word);
    if (next) command = next;
    else if (word.startsWith('--')) {
      const known = [...command.options, ...program.options].map(({ long }) => long);
      if (!known.includes(word) && word !== '--help') return `${command.name()} has no option ${word}`;
    } else if (command === program) return `there is no command ${word}`;
    else if (command.commands.length > 0 && /^[a-z-]+$/.test(word)) return `${command.name()} has no ${word}`;
  }
  return undefined;
}

t.test('every command that is spoken of exists, with its options', async (t) => {
  const found = await mentions(/\bfairway (?:[a-z][\w-]*|--[a-z][\w-]*)(?:[ ]+[^\s`'"’#;,|()]+)*/g);
  t.ok(found.length > 40, `${found.length} mentions`);
  for (const { file, text } of found) t.equal(wrongIn(text), undefined, `${file}: ${text}`);
});

t.test('a command, an option, a part of a command that does not exist is found', async (t) => {
  t.equal(wrongIn('fairway deploy now'), 'there is no command deploy');
  t.equal(wrongIn('fairway prove --base x --upto render'), 'prove has no option --upto');
  t.equal(wrongIn('fairway pr open'), 'pr has no open');
});

t.test('every npm script that is spoken of exists', async (t) => {
  const found = await mentions(/\bnpm (?:run [\w:-]+|test|start)\b/g);
  t.ok(found.length > 8, `${found.length} mentions`);
  for (const { file, text } of found) t.ok(scripts[text.split(' ').at(-1) ?? ''], `${file}: ${text}`);
});

t.test(
  'every environment variable that is spoken of is read, and every one that is read is in the README',
  async (t) => {
    const read = await mentions(/\benv\.FAIRWAY_[A-Z_]+|^ {2}FAIRWAY_[A-Z_]+(?=: )/gm);
    const given = await mentions(/\bFAIRWAY_[A-Z_]+(?=: )/g);
    const known = new Set([...read, ...given].map(({ text }) => text.replace(/^\s+|env\./g, '')));
    const spoken = await mentions(/\bFAIRWAY_[A-Z]+(?:_[A-Z]+)*\b/g);
    for (const { file, text } of spoken) t.ok(known.has(text), `${file}: ${text}`);
    const told = new Set(spoken.filter(({ file }) => file === 'README.md').map(({ text }) => text));
    for (const { file, text } of read.filter(({ file }) => file.startsWith('src/')))
      t.ok(told.has(text.replace(/^\s+|env\./g, '')), `README.md tells of what ${file} reads: ${text}`);
  },
);

t.test('every script and document that is spoken of is there', async (t) => {
  const found = await mentions(/(?<![\w/.-])(?:scripts|bin|bench|docs)\/[\w/-]+\.(?:ts|js|md)\b/g);
  t.ok(found.length > 10, `${found.length} mentions`);
  for (const { file, text } of found) t.ok(existsSync(join(root, text)), `${file}: ${text}`);
});
