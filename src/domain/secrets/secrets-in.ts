import { isJsonObject, type Json, type JsonObject } from '../json.ts';
import { nameIn, replaceSecrets } from './secret-mask.ts';
import { isSecretName } from './secret-name.ts';
import { isHarmless, isTelling } from './secret-value.ts';

/** The values in an object that are secrets by their name, their shape, the argument before them, or because it is a Secret. */
export function secretsIn(object: Json): Set<string> {
  const found = new Set<string>();
  const add = (value: string): string => {
    if (!isHarmless(value)) found.add(value);
    return value;
  };
  if (isJsonObject(object) && object.kind === 'Secret')
    for (const value of dataOf(object)) if (isTelling(value)) add(value);
  visit(object, '', add);
  return found;
}

function dataOf({ data, stringData }: JsonObject): string[] {
  const texts = (values: Json | undefined) =>
    isJsonObject(values)
      ? Object.values(values)
          .filter((value) => typeof value !== 'object')
          .map(String)
      : [];
  return [...texts(stringData), ...texts(data).flatMap((text) => [text, Buffer.from(text, 'base64').toString()])];
}

function visit(value: Json, name: string, add: (value: string) => string): void {
  if (typeof value === 'string' || typeof value === 'number') {
    if (isSecretName(name)) add(String(value));
    else if (typeof value === 'string') replaceSecrets(value, add);
  } else if (Array.isArray(value)) {
    for (const secret of argumentsIn(value)) add(secret);
    for (const item of value) visit(item, '', add);
  } else if (isJsonObject(value)) {
    if (Array.isArray(value.command) && Array.isArray(value.args))
      for (const secret of argumentsIn([...value.command, ...value.args])) add(secret);
    for (const [key, field] of Object.entries(value)) visit(field, nameIn(value, key), add);
  }
}

/** `["--password", "x"]` is one argument in two words. */
function argumentsIn(words: readonly Json[]): string[] {
  const secrets: string[] = [];
  const texts = words.filter((word) => typeof word === 'string');
  // Read as a command line, of which each word is one, whatever is in it.
  const blank = '\uE000';
  const lined = texts.map((word) => word.replaceAll(/\s/g, blank)).join(' ');
  replaceSecrets(lined, (secret) => {
    secrets.push(secret.replaceAll(blank, ' '));
    return secret;
  });
  for (const [place, word] of texts.entries()) {
    const [, flag] = /^--?([a-zA-Z][\w.-]*)$/.exec(word) ?? [];
    const next = texts[place + 1];
    if (flag !== undefined && next !== undefined && isSecretName(flag)) secrets.push(next);
  }
  return secrets;
}
