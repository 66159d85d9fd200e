import { z } from 'zod';
import type { Deletion } from '../domain/manifest.ts';
import type { ClusterRender } from './cluster-render.ts';
import type { Values } from './network-values.ts';
import { YamlError } from './yaml-error.ts';
import { parseFirstYaml } from './yaml-parser.ts';
import { decodeYaml, toJson } from './yaml-value.ts';

const text = z.preprocess(
  (value) => (value === null ? '' : typeof value === 'object' ? value : String(value)),
  z.string(),
);

const deletion = z.object({
  name: text.optional(),
  namespace: text.optional(),
  kind: text.optional(),
  selector: text.optional(),
  labels: z.record(z.string(), text).nullish(),
  has_owner: z.boolean().nullish(),
  grace_period_seconds: z.int().nullish(),
  propagation_policy: text.nullish(),
});

const stackDeletion = z.object({ stackName: z.string().min(1) });

/** `deletions.yaml` and `cf-deletions.yaml` of every source. */
export async function renderDeletions(render: ClusterRender, values: Values): Promise<void> {
  const { deletions, stackDeletions } = render.result;
  await readLists(render, values, 'cluster/manifests/deletions.yaml', deletions, readDeletion);
  await readLists(render, values, 'cluster/cf-manifests/cf-deletions.yaml', stackDeletions, (entry, at) => {
    const parsed = stackDeletion.safeParse(entry);
    if (parsed.success) return parsed.data.stackName;
    throw new YamlError(`${at} needs a stackName`);
  });
}

async function readLists<T>(
  render: ClusterRender,
  values: Values,
  path: string,
  into: { preApply: T[]; postApply: T[] },
  readEntry: (entry: unknown, at: string) => T,
): Promise<void> {
  for (const source of render.sources) {
    const file = source.files.get(path);
    if (file === undefined) continue;
    const template = render.template(source, file);
    const rendered = await render.files.render(template, render.dot(values), render.instanceTypes);
    if (rendered === undefined) continue;
    const lists = render.read(template, rendered, (content) => {
      const document = readFirstDocument(content);
      return {
        preApply: listOf(document, 'pre_apply').map((entry, index) => readEntry(entry, `pre_apply[${index}]`)),
        postApply: listOf(document, 'post_apply').map((entry, index) => readEntry(entry, `post_apply[${index}]`)),
      };
    });
    into.preApply.push(...(lists?.preApply ?? []));
    into.postApply.push(...(lists?.postApply ?? []));
  }
}

function readFirstDocument(content: string): unknown {
  const root = parseFirstYaml(content);
  return root === undefined ? null : toJson(decodeYaml(content, root));
}

function listOf(document: unknown, key: string): unknown[] {
  if (document === null) return [];
  const parsed = z.object({ [key]: z.array(z.unknown()).nullish() }).safeParse(document);
  if (!parsed.success) throw new YamlError(`${key} must be a list of what is to be deleted`);
  return parsed.data[key] ?? [];
}

function readDeletion(entry: unknown, at: string): Deletion {
  const parsed = deletion.safeParse(entry);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new YamlError(`${at}${issue === undefined ? '' : `.${issue.path.join('.')}: ${issue.message}`}`);
  }
  const { name, namespace, kind, selector, labels, has_owner, grace_period_seconds, propagation_policy } = parsed.data;
  if (!kind) throw new YamlError(`${at} needs a kind`);
  const hasLabels = labels != null && Object.keys(labels).length > 0;
  const chosen = [name, selector].filter((value) => value).length + (hasLabels ? 1 : 0);
  if (chosen !== 1) throw new YamlError(`${at} (${kind}) needs exactly one of name, selector and labels`);
  if (has_owner != null && name)
    throw new YamlError(`${at} (${kind} ${name}): has_owner goes with selector or labels only`);
  return {
    kind,
    ...(namespace ? { namespace } : {}),
    ...(name ? { name } : {}),
    ...(selector ? { selector } : {}),
    ...(hasLabels ? { labels } : {}),
    ...(has_owner == null ? {} : { hasOwner: has_owner }),
    ...(grace_period_seconds == null ? {} : { gracePeriodSeconds: grace_period_seconds }),
    ...(propagation_policy ? { propagationPolicy: propagation_policy } : {}),
  };
}
