import type { Json } from '../domain/json.ts';
import { describeRef } from '../domain/manifest.ts';
import { code, wholeBlocks } from '../domain/markdown.ts';
import { cut, oneLine } from '../domain/visible-text.ts';
import type { ChannelDiff, ObjectChange, SharedChange } from './diff.ts';
import type { FieldChange } from './object-diff.ts';
import { resolvePlain } from './yaml/scalar.ts';

const maxValue = 200;
const maxPath = 400;
const signs = { added: '+', removed: '-', changed: '~' };

/** A diff as plain lines. */
export function diffAsText(diff: ChannelDiff): string {
  if (diff.changes.length === 0) return 'No changes.\n';
  const lines = diff.changes.flatMap((shared) => [
    `${signs[shared.change.change]} ${headline(shared.change)}${clustersOf(diff, shared, oneLine)}`,
    ...fieldsOf(shared.change).map((field) => `    ${fieldLine(field)}`),
  ]);
  return `${[...lines, '', summary(diff)].join('\n')}\n`;
}

/** A diff for a pull request's comment; cut to `maxLength` characters at a whole change. */
export function diffAsMarkdown(diff: ChannelDiff, maxLength = 60_000): string {
  if (diff.changes.length === 0) return 'No changes.\n';
  const parts = diff.changes.map((shared) => markdownOf(diff, shared));
  const shown = wholeBlocks(parts, maxLength, (more) => `… and ${more} more changes.\n`);
  return [`**${summary(diff)}**\n`, ...shown].join('\n');
}

/** `2 added, 1 removed, 3 changed`, in how many clusters. */
export function summary(diff: ChannelDiff): string {
  const counts = (['added', 'removed', 'changed'] as const)
    .map((kind) => [diff.changes.filter((shared) => shared.change.change === kind).length, kind] as const)
    .filter(([count]) => count > 0)
    .map(([count, kind]) => `${count} ${kind}`);
  const clusters = diff.clusterIds.length;
  const what = counts.length === 0 ? 'no changes' : counts.join(', ');
  return clusters === 1 ? what : `${what} in ${clusters} clusters`;
}

function headline(change: ObjectChange): string {
  return `${describeRef(change.ref)} (${oneLine(change.file)})`;
}

function clustersOf(diff: ChannelDiff, { clusterIds }: SharedChange, written: (id: string) => string): string {
  if (diff.clusterIds.length <= 1) return '';
  if (clusterIds.length === diff.clusterIds.length) return `, all ${clusterIds.length} clusters`;
  const named = clusterIds.slice(0, 3).map(written).join(', ');
  return clusterIds.length > 3 ? `, ${clusterIds.length} clusters: ${named}, …` : `, ${named}`;
}

function fieldsOf(change: ObjectChange): FieldChange[] {
  return change.change === 'changed' ? change.fields : [];
}

function fieldLine({ path: name, before, after }: FieldChange): string {
  const path = cut(oneLine(name), maxPath);
  if (before === undefined) return `${path}: added ${show(after)}`;
  if (after === undefined) return `${path}: removed ${show(before)}`;
  if (before === '(secret)' && after === '(secret)') return `${path}: (secret) changed`;
  return `${path}: ${show(before)} → ${show(after)}`;
}

function show(value: Json | undefined): string {
  const text = oneLine(typeof value === 'string' && isPlain(value) ? value : JSON.stringify(value));
  return text.length > maxValue ? `${text.slice(0, maxValue)}… (${text.length} characters)` : text;
}

/** Whether a text reads as itself without quotes. */
function isPlain(text: string): boolean {
  return /^[\w./:@(+-][^\n]*$/.test(text) && resolvePlain(text).type === 'str';
}

function markdownOf(diff: ChannelDiff, shared: SharedChange): string {
  const { change } = shared;
  const title = `\`${signs[change.change]}\` **${code(describeRef(change.ref))}** ${code(change.file)}${clustersOf(diff, shared, (id) => code(id))}`;
  const fields = fieldsOf(change).map((field) => `- ${code(fieldLine(field))}`);
  return fields.length === 0 ? `${title}\n` : `${title}\n\n${fields.join('\n')}\n`;
}
