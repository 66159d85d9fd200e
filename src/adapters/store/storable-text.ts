import {
  type KyselyPlugin,
  OperationNodeTransformer,
  type PrimitiveValueListNode,
  type QueryResult,
  type UnknownRow,
  type ValueNode,
} from 'kysely';

/** Postgres can't store NUL nor half a character, wherever it came from: what it would refuse for ever is replaced, on both stores alike. */
export function storableText(text: string): string {
  return text.replaceAll('\0', '\uFFFD').toWellFormed();
}

/** A document as it is stored; in JSON such characters are escapes, and would come back when it is read. */
export function storableJson(document: unknown): string {
  return JSON.stringify(document, (_, value: unknown) => (typeof value === 'string' ? storableText(value) : value));
}

/** Makes every text that goes into the store storable, and every one that is looked for. */
export class StorableText implements KyselyPlugin {
  readonly #transformer = new StorableValues();

  transformQuery({ node }: Parameters<KyselyPlugin['transformQuery']>[0]) {
    return this.#transformer.transformNode(node);
  }

  async transformResult({ result }: { result: QueryResult<UnknownRow> }): Promise<QueryResult<UnknownRow>> {
    return result;
  }
}

class StorableValues extends OperationNodeTransformer {
  protected override transformValue(node: ValueNode): ValueNode {
    return { ...super.transformValue(node), value: storable(node.value) };
  }

  protected override transformPrimitiveValueList(node: PrimitiveValueListNode): PrimitiveValueListNode {
    return { ...super.transformPrimitiveValueList(node), values: node.values.map(storable) };
  }
}

function storable(value: unknown): unknown {
  return typeof value === 'string' ? storableText(value) : value;
}
