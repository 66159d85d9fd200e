import type { NodePool } from '../domain/cluster.ts';
import { FairwayError } from '../domain/errors.ts';
import type { ClusterRender } from './cluster-render.ts';
import { isEks } from './derived-cluster.ts';
import type { TemplateFile } from './file-renderer.ts';
import { syntheticInstance } from './instance.ts';
import type { Values } from './network-values.ts';
import { readManifests } from './read-manifests.ts';
import { addArchive } from './render-stacks.ts';
import type { LoadedSource } from './source-folder.ts';
import type { Value } from './template/go-value.ts';
import { compressUserData, userDataPlaceholder } from './user-data.ts';

/** Masters, workers, then Karpenter's pools. A source without `node-pools` has nodes made elsewhere. */
export async function renderNodePools(render: ClusterRender, values: Values): Promise<void> {
  const source = render.main;
  if (source === undefined || source.profiles.size === 0) return;
  const pools = render.cluster.node_pools.filter((pool) => !(isEks(render.cluster) && isMaster(pool)));
  const rank = (pool: NodePool) => (isKarpenter(pool) ? 2 : isMaster(pool) ? 0 : 1);
  for (const pool of pools.toSorted((a, b) => rank(a) - rank(b))) {
    await new PoolRender(render, source, pool, values).run();
  }
}

function isMaster(pool: NodePool): boolean {
  return pool.profile.includes('master');
}

function isKarpenter(pool: NodePool): boolean {
  return pool.profile === 'worker-karpenter';
}

class PoolRender {
  readonly #render: ClusterRender;
  readonly #source: LoadedSource;
  readonly #pool: NodePool;
  readonly #values: Map<string, Value>;

  constructor(render: ClusterRender, source: LoadedSource, pool: NodePool, values: Values) {
    this.#render = render;
    this.#source = source;
    this.#pool = pool;
    this.#values = new Map(values);
  }

  async run(): Promise<void> {
    if (!this.#source.profiles.has(this.#pool.profile)) {
      this.#template('files.yaml');
      return;
    }
    if (!isKarpenter(this.#pool) && !this.#addPoolValues()) return;
    await this.#renderFiles();
    const userData = this.#template('userdata.yaml');
    const rendered = (userData && (await this.#render.render(userData, this.#dot()))) ?? '';
    if (isKarpenter(this.#pool)) {
      this.#values.set('UserData', rendered);
      await this.#renderKarpenterPool(this.#template('provisioners.yaml'));
    } else {
      const placeholder = userDataPlaceholder(rendered);
      this.#values.set('UserData', placeholder);
      await this.#renderStack(this.#template('stack.yaml'), placeholder, await compressUserData(rendered));
    }
  }

  #template(name: string): TemplateFile | undefined {
    const { profile, name: pool } = this.#pool;
    const path = `cluster/node-pools/${profile}/${name}`;
    const output = `node-pools/${pool}/${name}`;
    const file = this.#source.files.get(path);
    if (file !== undefined) return this.#render.template(this.#source, file, output);
    const hint = `add ${path}, or give node pool ${pool} another profile (there are ${[...this.#source.profiles].join(', ')})`;
    this.#render.refusals.addFile(path, output, `no such file, and node pool ${pool} has profile ${profile}`, hint);
    return undefined;
  }

  #dot() {
    return this.#render.dot(this.#values, this.#pool);
  }

  #addPoolValues(): boolean {
    const { instance_types: types, config_items: items, name } = this.#pool;
    this.#values.set(
      'supports_t2_unlimited',
      types.every((type) => type.startsWith('t2.')),
    );
    if (items.availability_zones !== undefined && this.#render.network !== undefined) {
      const zoneValues = this.#render.network.poolValues(items.availability_zones);
      for (const [key, value] of zoneValues) this.#values.set(key, value);
    }
    try {
      this.#values.set('InstanceInfo', syntheticInstance(types, this.#render.instanceTypes));
      return true;
    } catch (error) {
      this.#render.refusals.addFact(`cluster/node-pools/${this.#pool.profile}`, `node-pools/${name}`, error);
      return false;
    }
  }

  async #renderFiles(): Promise<void> {
    const template = this.#template('files.yaml');
    if (template === undefined) return;
    const rendered = await this.#render.render(template, this.#dot());
    const outputs = await this.#stackOutputs();
    const [kind, key] = isMaster(this.#pool)
      ? (['master', 'MasterFilesEncryptionKey'] as const)
      : (['worker', 'WorkerFilesEncryptionKey'] as const);
    const encryptionKey = () => outputs.get(key) ?? '';
    addArchive(this.#render, template, rendered, { kind, encryptionKey, values: this.#values });
  }

  async #stackOutputs(): Promise<ReadonlyMap<string, string>> {
    try {
      return await this.#render.facts.stackOutputs();
    } catch (error) {
      if (error instanceof FairwayError && error.kind !== 'unavailable') return new Map();
      throw error;
    }
  }

  async #renderStack(template: TemplateFile | undefined, placeholder: string, userData: string): Promise<void> {
    const rendered = template && (await this.#render.render(template, this.#dot()));
    if (template === undefined || rendered === undefined) return;
    const { name, profile } = this.#pool;
    const { id } = this.#render.cluster;
    this.#render.result.stacks.push({
      kind: 'node-pool',
      name: `nodepool-${name}-${id.replaceAll(':', '-')}`,
      file: template.file.path,
      template: rendered.replaceAll(placeholder, () => userData),
      shown: rendered,
      tags: {
        [`kubernetes.io/cluster/${id}`]: 'owned',
        'kubernetes.io/role/node-pool': 'true',
        'kubernetes.io/node-pool': name,
        NodePool: name,
        'kubernetes.io/node-pool/profile': profile,
      },
    });
  }

  async #renderKarpenterPool(template: TemplateFile | undefined): Promise<void> {
    const rendered = template && (await this.#render.render(template, this.#dot()));
    if (template === undefined || rendered === undefined || rendered === '') return;
    const file = template.file.path.replace(/^cluster\//, '');
    const manifests = this.#render.read(template, rendered, (text) => readManifests(file, text));
    if (manifests === undefined || manifests.length === 0) return;
    this.#render.result.karpenterPools.push({ name: `node-pools/${this.#pool.name}`, manifests });
  }
}
