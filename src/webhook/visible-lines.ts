import MarkdownIt from 'markdown-it';
import { type DefaultTreeAdapterTypes, parseFragment } from 'parse5';

// GitHub's comments are CommonMark with tables and HTML. A line above dashes is a command above a signature more often than a heading.
const markdown = new MarkdownIt({ html: true }).disable('lheading');

/** What someone else wrote, what is shown as a sample, and what is not shown at all. */
const notSaid = new Set([
  'blockquote',
  'pre',
  'code',
  'kbd',
  'samp',
  'script',
  'style',
  'template',
  'textarea',
  'title',
]);

/** Elements that are only a place for text. Whatever stands in another one is marked: a list's entry or a heading is not the bare line. */
const plain = new Set(['p', 'div', 'details', 'section', 'br']);
const mark = '\uFFFC';

/** Deeper than anyone writes; strangers may nest until our stack ends. */
const deepest = 100;

/**
 * The lines of a comment as its page shows them to a reader; quotes, code and HTML comments say nothing. Characters that nobody
 * sees are left out, and typographic hyphens are plain ones.
 */
export function visibleLines(comment: string): string[] {
  const [shown = ''] = textOf(parseFragment(markdown.render(comment))).split('<!--');
  return shown.split('\n').map((line) =>
    line
      .replaceAll(/\p{Cf}/gu, '')
      .replaceAll(/\p{Pd}/gu, '-')
      .trim(),
  );
}

function textOf(node: DefaultTreeAdapterTypes.Node, depth = 0): string {
  if (node.nodeName === '#text' && 'value' in node) return node.value;
  if (notSaid.has(node.nodeName) || depth > deepest) return mark;
  const text = 'childNodes' in node ? node.childNodes.map((child) => textOf(child, depth + 1)).join('') : '';
  if (plain.has(node.nodeName)) return `\n${text}\n`;
  return node.nodeName.startsWith('#') ? text : text.replace(/^\s*(?=\S)/, mark);
}
