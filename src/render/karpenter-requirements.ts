import { type ByteString, bytesOf, textOf } from './template/byte-string.ts';
import { type BasicType, pointerTo, STRING, STRINGS, sliceOf, structType } from './template/go-type.ts';
import { Named, Pointer, Slice, Struct, stringSlice, type Value } from './template/go-value.ts';
import { YamlError } from './yaml/error.ts';
import type { YamlNode } from './yaml/node.ts';
import { parseFirstYaml } from './yaml/parser.ts';

const OPERATOR: BasicType = { kind: 'string', name: 'v1.NodeSelectorOperator' };
const REQUIREMENT = structType('v1.NodeSelectorRequirementApplyConfiguration', [
  { name: 'Key', type: pointerTo(STRING) },
  { name: 'Operator', type: pointerTo(OPERATOR) },
  { name: 'Values', type: STRINGS },
]);

/** A YAML list of `{key, operator, values}`; what can't be decoded is left out, as CLM does. */
export function karpenterRequirements(yaml: ByteString | undefined): Slice {
  const root = yaml === undefined ? undefined : readYaml(textOf(yaml));
  const items = root?.kind === 'sequence' ? root.items.map(resolved).flatMap(requirement) : undefined;
  return new Slice(sliceOf(REQUIREMENT), items);
}

function readYaml(text: string): YamlNode | undefined {
  try {
    const root = parseFirstYaml(text);
    return root === undefined ? undefined : resolved(root);
  } catch (error) {
    if (error instanceof YamlError) return undefined;
    throw error;
  }
}

function resolved(node: YamlNode): YamlNode {
  return node.kind === 'alias' ? node.target : node;
}

function requirement(node: YamlNode): Struct[] {
  if (node.kind !== 'mapping') return isNull(node) ? [new Struct(REQUIREMENT, fieldsOf([]))] : [];
  return [new Struct(REQUIREMENT, fieldsOf(node.items.map(resolved)))];
}

/** `items`: key, value, key, value; of a key that comes twice the last counts. */
function fieldsOf(items: readonly YamlNode[]): Value[] {
  const byKey = new Map<string, YamlNode>();
  for (let i = 0; i + 1 < items.length; i += 2) {
    const [key, value] = [items[i], items[i + 1]];
    if (key?.kind === 'scalar' && value !== undefined) byKey.set(key.value, value);
  }
  const key = scalarText(byKey.get('key'));
  const operator = scalarText(byKey.get('operator'));
  return [
    new Pointer(pointerTo(STRING), key),
    new Pointer(pointerTo(OPERATOR), operator === undefined ? undefined : new Named(OPERATOR, operator)),
    strings(byKey.get('values')),
  ];
}

function scalarText(node: YamlNode | undefined): ByteString | undefined {
  return node?.kind === 'scalar' && !isNull(node) ? bytesOf(node.value) : undefined;
}

function strings(node: YamlNode | undefined): Slice {
  if (node?.kind !== 'sequence') return new Slice(STRINGS, undefined);
  const scalars = node.items.map(resolved).filter((item) => item.kind === 'scalar');
  return stringSlice(scalars.map((item) => bytesOf(item.value)));
}

function isNull(node: YamlNode): boolean {
  return node.kind === 'scalar' && node.plain && ['', '~', 'null', 'Null', 'NULL'].includes(node.value);
}
