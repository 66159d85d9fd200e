export const hidden = '(secret)';

const words =
  /^(?:|~|true|false|yes|no|on|off|null|none|nil|undefined|enabled|disabled|optional|required|expired|invalid|missing|unknown|empty|unset|denied|redacted|flag|option|argument|value|and|or|with|for|in|to|from|is|are|was|were|has|had|have|must|not|cannot|can't|could|should|does|did|needs|too|wrong|unexpected|failed|malformed|unauthorized|authentication|verification)$/i;
/** As in `pass: 12, fail: 1`. */
const count = /^\d{1,3}$/;
const reference =
  /^(?:\$\(.*|\$\{.*|\$[A-Z_][A-Z0-9_]*|\{\{.*|<[\w .-]+>|\(secret.*|\*+|%\w+%|!(?:Ref|Sub|GetAtt|ImportValue|If|FindInMap|Join|Select)\b.*|arn:.*|(?:vault|ref|secretref|op|awssm|gcpsm|ssm|sops):.*|\[redacted\]|[|>][-+\d]*|[[{&*].*)$/;
const path =
  /^(?:\.{1,2}\/|~\/|file:|\/(?:run|var|etc|opt|home|mnt|tmp|usr|srv|root|data|app|config|vault|secrets?|certs?|tls|keys?|mounts?|meta|dev|proc)\/)[\w./@-]*$/;

/** Whether what stands where a secret might is none: a word, a reference to it, the path of its file. */
export function isHarmless(value: string): boolean {
  return words.test(value) || count.test(value) || reference.test(value) || path.test(value);
}

/** Whether a value that is a secret by its place only can be told from ordinary words, wherever it turns up. */
export function isTelling(value: string): boolean {
  if (value.length < 6 || isHarmless(value)) return false;
  // A word, a number, a host's name.
  return !/^(?:[a-z]{1,15}|\d{1,7}|[a-z-]+(?:\.[a-z-]+)+)$/i.test(value);
}
