/** What moves a cursor, turns the direction of letters, joins or parts lines, or can't be seen at all; and halves of characters. */
const unseen = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]|\u034F|\u115F|\u1160|\u3164|\uFFA0/gu;
const words: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** A text from outside as people may see it: lines and tabs stay, all else that is no visible character is shown as an escape. */
export function visibleLines(text: string): string {
  return text
    .replaceAll('\r\n', '\n')
    .replace(unseen, (found) => (found === '\n' || found === '\t' ? found : (words[found] ?? escaped(found))));
}

/** The same on one line, whatever it holds: for names, statuses, cells of tables. */
export function oneLine(text: string): string {
  return text.replace(unseen, (found) => words[found] ?? escaped(found));
}

/** Cut at so many UTF-16 units, and never within a character. */
export function cut(text: string, most: number): string {
  if (text.length <= most) return text;
  return `${text.slice(0, most - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}

/** As JSON writes it, so that escaping a JSON text changes nothing in what it says. */
function escaped(character: string): string {
  return Array.from({ length: character.length }, (_, unit) => {
    return `\\u${character.charCodeAt(unit).toString(16).padStart(4, '0')}`;
  }).join('');
}
