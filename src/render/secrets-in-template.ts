import { isJsonObject, type Json } from '../domain/json.ts';
import { replaceSecrets } from '../domain/secrets/secret-mask.ts';
import { YamlError } from './yaml/error.ts';
import { parseFirstYaml } from './yaml/parser.ts';
import { decodeYaml, toJson } from './yaml/value.ts';

/** What a CloudFormation template gives away: what looks or is called like a secret, and defaults of parameters with NoEcho. */
export function secretsInTemplate(text: string): Set<string> {
  const found = new Set<string>();
  replaceSecrets(text, (secret) => {
    found.add(secret);
    return secret;
  });
  const template = read(text);
  const parameters =
    isJsonObject(template) && isJsonObject(template.Parameters) ? Object.values(template.Parameters) : [];
  for (const parameter of parameters) {
    if (!isJsonObject(parameter) || String(parameter.NoEcho) !== 'true') continue;
    if (typeof parameter.Default === 'string' || typeof parameter.Default === 'number')
      found.add(String(parameter.Default));
  }
  return found;
}

/** What is no YAML was refused before. */
function read(text: string): Json {
  try {
    const root = parseFirstYaml(text);
    return root === undefined ? null : toJson(decodeYaml(text, root));
  } catch (error) {
    if (error instanceof YamlError) return null;
    throw error;
  }
}
