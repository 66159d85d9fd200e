import type { Deletion } from '../domain/manifest.ts';
import type { ClusterRender } from './cluster-render.ts';
import type { Values } from './network-values.ts';
import { YamlError } from './yaml/error.ts';
import { YamlFields } from './yaml/fields.ts';
import { placeOf, type YamlNode } from './yaml/node.ts';
import { parseFirstYaml } from './yaml/parser.ts';

/** `deletions.yaml` and `cf-deletions.yaml` of every source. */
export async function renderDeletions(render: ClusterRender, values: Values): Promise<void> {
  const { deletions, stackDeletions } = render.result;
  await readLists(render, values, 'cluster/manifests/deletions.yaml', deletions, readDeletion);
  await readLists(render, values, 'cluster/cf-manifests/cf-deletions.yaml', stackDeletions, readStackName);
  await readLists(render, values, 'cluster/cf-manifests/deletions.yaml', stackDeletions, readStackName);
}

/** What is wrong with an entry whose fields are readable. */
type Refuse = (sentence: string) => never;
type ReadEntry<T> = (reader: YamlFields, entry: YamlNode, refuse: Refuse) => T;

async function readLists<T>(
  render: ClusterRender,
  values: Values,
  path: string,
  into: { preApply: T[]; postApply: T[] },
  readEntry: ReadEntry<T>,
): Promise<void> {
  for (const source of render.sources) {
    const file = source.files.get(path);
    if (file === undefined) continue;
    const template = render.template(source, file);
    const rendered = await render.files.render(template, render.dot(values), render.instanceTypes);
    if (rendered === undefined) continue;
    render.remember(template, rendered);
    const lists = render.read(template, rendered, (content) => readDocument(content, readEntry));
    into.preApply.push(...(lists?.preApply ?? []));
    into.postApply.push(...(lists?.postApply ?? []));
  }
}

function readDocument<T>(content: string, readEntry: ReadEntry<T>): { preApply: T[]; postApply: T[] } {
  const reader = new YamlFields(content, { strict: false });
  const document = reader.fields(parseFirstYaml(content), 'provisioner.deletions', ['pre_apply', 'post_apply']);
  const refused: YamlError[] = [];
  const listOf = (key: string) =>
    reader.items(document.get(key), '[]*kubernetes.Resource').flatMap((entry, index) => {
      try {
        return [
          readEntry(reader, entry, (sentence) => {
            throw new YamlError(`${key}[${index}] ${sentence}`, placeOf(content, entry));
          }),
        ];
      } catch (error) {
        if (!(error instanceof YamlError)) throw error;
        refused.push(error);
        return [];
      }
    });
  const lists = { preApply: listOf('pre_apply'), postApply: listOf('post_apply') };
  reader.finish();
  const [first] = refused;
  if (first !== undefined) throw new YamlError(refused.map(({ message }) => message).join('\n'), first);
  return lists;
}

/** `{stackName: …}`, or the name alone, as an earlier layout has it. */
function readStackName(reader: YamlFields, entry: YamlNode, refuse: Refuse): string {
  if (entry.kind === 'scalar') return reader.string(entry);
  const name = reader.string(reader.fields(entry, 'provisioner.stackDeletion', ['stackName']).get('stackName'));
  return name === '' ? refuse('needs a stackName') : name;
}

const textFields = ['name', 'namespace', 'kind', 'selector', 'propagation_policy'];
const allFields = [...textFields, 'labels', 'has_owner', 'grace_period_seconds'];

function readDeletion(reader: YamlFields, entry: YamlNode, refuse: Refuse): Deletion {
  const fields = reader.fields(entry, 'kubernetes.Resource', allFields);
  const texts = textFields.map((field) => reader.string(fields.get(field)));
  const [name, namespace, kind, selector, propagationPolicy] = texts;
  const labels = reader.strings(fields.get('labels'));
  const hasOwner = reader.boolean(fields.get('has_owner'));
  const gracePeriodSeconds = reader.integer(fields.get('grace_period_seconds'), 'int64');
  if (!kind) return refuse('needs a kind');
  const hasLabels = Object.keys(labels).length > 0;
  const chosen = [name, selector].filter((value) => value).length + (hasLabels ? 1 : 0);
  if (chosen !== 1) return refuse(`(${kind}) needs exactly one of name, selector and labels`);
  if (hasOwner !== undefined && name) return refuse(`(${kind} ${name}): has_owner goes with selector or labels only`);
  return {
    kind,
    ...(namespace ? { namespace } : {}),
    ...(name ? { name } : {}),
    ...(selector ? { selector } : {}),
    ...(hasLabels ? { labels } : {}),
    ...(hasOwner === undefined ? {} : { hasOwner }),
    ...(gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds }),
    ...(propagationPolicy ? { propagationPolicy } : {}),
  };
}
