import type { Json } from '../domain/json.ts';
import type { MappingNode, YamlNode } from '../render/yaml/node.ts';
import { parseFirstYaml } from '../render/yaml/parser.ts';
import { resolvePlain } from '../render/yaml/scalar.ts';
import { decodeYaml, isMergeKey, toJson } from '../render/yaml/value.ts';

/** A cluster document in YAML. Config items are texts, whatever YAML makes of them: `0x10` and `yes` stay so. Throws YamlError. */
export function parseClusterYaml(text: string): Json {
  const root = parseFirstYaml(text);
  return root === undefined ? null : toJson(decodeYaml(text, withTextItems(root, 0)));
}

/** A cluster document has no more. */
const maxDepth = 20;

function withTextItems(node: YamlNode, depth: number): YamlNode {
  if (depth > maxDepth) return node;
  if (node.kind === 'sequence') return { ...node, items: node.items.map((item) => withTextItems(item, depth + 1)) };
  if (node.kind !== 'mapping') return node;
  return mapValues(node, (value, key) => (key === 'config_items' ? asTexts(value) : withTextItems(value, depth + 1)));
}

function asTexts(node: YamlNode): YamlNode {
  if (node.kind === 'alias') return asTexts(node.target);
  if (node.kind !== 'mapping') return node;
  const texts = mapValues(node, (value, key) => (key === '<<' ? asTexts(value) : asText(value)));
  return {
    ...texts,
    items: texts.items.map((item, index) => (index % 2 === 0 && !isMergeKey(item) ? asText(item) : item)),
  };
}

function asText(node: YamlNode): YamlNode {
  if (node.kind === 'alias') return asText(node.target);
  if (node.kind !== 'scalar' || !node.plain || node.tag !== '') return node;
  const isNull = resolvePlain(node.value).type === 'null';
  return { ...node, plain: false, value: isNull ? '' : node.value };
}

function mapValues(node: MappingNode, change: (value: YamlNode, key: string | undefined) => YamlNode): MappingNode {
  const items = node.items.map((item, index) => {
    const key = index % 2 === 1 ? node.items[index - 1] : undefined;
    return key === undefined ? item : change(item, key.kind === 'scalar' ? key.value : undefined);
  });
  return { ...node, items };
}
