/** What a reader of a status or a comment takes in. The rest is in the log. */
const SENTENCES = 10;
const LINES = 3;
const CHARACTERS = 700;

/** The first of many sentences, each cut to a few lines; when anything is left out, all of it goes to the log. */
export function inShort(sentences: readonly string[], log: (text: string) => void): string {
  const short = sentences.slice(0, SENTENCES).map(cut);
  const more = sentences.length - short.length;
  const complete = more === 0 && short.every((text, index) => text === sentences[index]);
  if (!complete) for (const sentence of sentences) log(sentence);
  return [...short, ...(more === 0 ? [] : [`and ${more} more, which are in the log`])].join('\n');
}

function cut(sentence: string): string {
  const lines = sentence.split('\n').slice(0, LINES).join('\n').slice(0, CHARACTERS);
  return lines === sentence ? sentence : `${lines.trimEnd()} …`;
}
