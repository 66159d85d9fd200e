import type { Cluster } from '../domain/cluster.ts';
import { clusterVersion, configVersion } from '../domain/cluster-version.ts';
import { FairwayError } from '../domain/errors.ts';
import { secretItems } from '../domain/secrets/secret-items.ts';
import type { ClusterFacts } from '../ports/cluster-facts.ts';
import type { ManifestTools } from '../ports/manifest-tools.ts';
import { clusterValue } from './cluster-value.ts';
import { changedItems, withDecryptedItems, withDefaults, withInheritedItems, withItem } from './config-items.ts';
import { hostedZone, hostOf, isEks, isZalando, ListedAccount } from './derived-cluster.ts';
import { FileRenderer, type TemplateFile } from './file-renderer.ts';
import { instanceValue } from './instance.ts';
import type { ManifestCache } from './manifest-cache.ts';
import { ClusterNetwork, type Values, valuesMap } from './network-values.ts';
import { nodePoolValue } from './node-pool-value.ts';
import { RefusalList } from './refusal-list.ts';
import type { RenderInput } from './render-cluster.ts';
import { renderComponents } from './render-components.ts';
import { renderDeletions } from './render-deletions.ts';
import { renderNodePools } from './render-node-pools.ts';
import { renderClusterStack, renderEtcd, renderStackManifests } from './render-stacks.ts';
import type { RenderedCluster } from './rendered-cluster.ts';
import { RenderedTexts } from './rendered-texts.ts';
import type { LoadedSource } from './source-folder.ts';
import type { SourceFile } from './source-reader.ts';
import { type ByteString, bytesOf } from './template/byte-string.ts';
import { ANY_MAP, STRING_MAP } from './template/go-type.ts';
import { GoMap, type Pointer, type Struct, stringMap, type Value } from './template/go-value.ts';
import type { TemplateCache } from './template/template-cache.ts';
import { templateData } from './template-data.ts';
import { UnknownOutputs } from './unknown-outputs.ts';
import { readStringMap } from './yaml/string-map.ts';
import { yamlTextOf } from './yaml/text.ts';

const networkKeys = [
  ...['subnets', 'lb_subnets', 'internal_node_subnets', 'pod_subnets', 'availability_zones', 'subnet_ipv6_cidrs'],
  ...['vpc_ipv4_cidr', 'vpc_ipv6_cidrs', 'vpc_id'],
];

const noVpcId = 'the facts give no vpcId; add it there, or set vpc_id as a config item of the cluster';

/** One cluster's render, from defaults to node pools, in the order in which the values grow. */
export class ClusterRender {
  readonly sources: readonly LoadedSource[];
  readonly facts: ClusterFacts;
  readonly refusals = new RefusalList();
  readonly files: FileRenderer;
  readonly manifests: ManifestCache;
  readonly result: RenderedCluster;
  readonly texts = new RenderedTexts();
  readonly tools: ManifestTools | undefined;
  readonly signal: AbortSignal;
  readonly #listed: readonly Cluster[];
  readonly #outputs = new Map<string, ByteString>();
  /** Completed step by step. */
  cluster: Cluster;
  network: ClusterNetwork | undefined;
  instanceTypes: ReadonlyMap<string, Struct> = new Map();
  #pointer: Pointer | undefined;

  constructor(
    sources: readonly LoadedSource[],
    templates: TemplateCache,
    manifests: ManifestCache,
    input: RenderInput,
  ) {
    this.sources = sources;
    this.manifests = manifests;
    this.tools = input.tools;
    this.signal = input.signal;
    this.facts = input.facts;
    this.#listed = input.listed ?? [input.cluster];
    this.files = new FileRenderer({ templates, facts: input.facts, refusals: this.refusals, signal: input.signal });
    const version = clusterVersion(configVersion(sources), input.cluster);
    this.cluster = { ...input.cluster, status: { ...input.cluster.status, next_version: version } };
    this.result = {
      clusterId: input.cluster.id,
      version,
      files: this.#outputs,
      components: [],
      deletions: { preApply: [], postApply: [] },
      stackDeletions: { preApply: [], postApply: [] },
      stacks: [],
      archives: [],
      karpenterPools: [],
      secrets: [],
      refusals: this.refusals.refusals,
    };
  }

  /** What refusals name that are of the cluster and not of a file. */
  get #asFile(): string {
    return `cluster ${this.cluster.id}`;
  }

  /** The files of the first source: stacks and node pools come from there only. */
  get main(): LoadedSource | undefined {
    return this.sources[0];
  }

  async run(): Promise<RenderedCluster> {
    const account = this.#readAccount();
    if (account === undefined) return this.result;
    await this.#learnInstanceTypes();
    await this.#completeItems(account);
    const values = await this.#factValues();
    this.#pointer = clusterValue(account.whileListing(this.cluster));
    await renderDeletions(this, values);
    const withEtcd = await renderEtcd(this, values);
    const outputNames = await renderClusterStack(this, withEtcd);
    if (isEks(this.cluster) && this.cluster.config_items.eks_endpoint !== undefined) {
      this.cluster = { ...this.cluster, api_server_url: this.cluster.config_items.eks_endpoint };
    }
    this.#pointer = clusterValue(account.afterListing(this.cluster));
    const withOutputs = new Map([...withEtcd, ['ClusterStackOutputs', await this.#stackOutputs(outputNames)] as const]);
    await renderStackManifests(this, withOutputs);
    await renderComponents(this, withOutputs);
    await renderNodePools(this, withOutputs);
    return this.result;
  }

  /** `.`, for a file outside of node pools or for one of a pool. */
  dot(values: Values, pool?: Cluster['node_pools'][number]): Pointer {
    if (this.#pointer === undefined) throw new Error('templates see the cluster only when it is complete');
    return templateData(this.#pointer, valuesMap(values), pool === undefined ? undefined : nodePoolValue(pool));
  }

  template(source: LoadedSource, file: SourceFile, output = file.path.replace(/^cluster\//, '')): TemplateFile {
    return { name: `${source.name}/${file.path}`, file, output };
  }

  /** Renders one file and keeps its output below `--out`. */
  async render(template: TemplateFile, dot: Pointer): Promise<ByteString | undefined> {
    const output = await this.files.render(template, dot, this.instanceTypes);
    if (output !== undefined) this.keep(template, output);
    return output;
  }

  keep(template: TemplateFile, output: ByteString): void {
    this.#outputs.set(template.output, output);
    this.remember(template, output);
  }

  /** For lint, and to say where something stands. */
  remember({ file, output }: TemplateFile, rendered: ByteString): void {
    this.texts.add({ file: file.path, output, source: 'bytes' in file ? file.bytes : '', rendered });
  }

  /** Reads a rendered text; what is wrong with it is put on the list of refusals. */
  read<T>(template: TemplateFile, rendered: ByteString, reader: (text: string) => T): T | undefined {
    const source = 'bytes' in template.file ? template.file.bytes : '';
    try {
      return reader(yamlTextOf(rendered));
    } catch (error) {
      this.refusals.add({ file: template.file.path, output: template.output, source, rendered }, error);
      return undefined;
    }
  }

  #readAccount(): ListedAccount | undefined {
    try {
      return new ListedAccount(this.cluster, this.#listed);
    } catch (error) {
      this.refusals.addFact(this.#asFile, '', error);
      return undefined;
    }
  }

  async #completeItems(account: ListedAccount): Promise<void> {
    const defaults = await this.#readDefaults(account);
    const encrypted = withDefaults(this.cluster, defaults);
    const decrypted = await withDecryptedItems(encrypted, this.facts, (key, message) => {
      this.refusals.addFile(this.#asFile, '', `failed to decrypt config item ${key}: ${message}`);
    });
    this.result.secrets.push(
      ...changedItems(encrypted.config_items, decrypted.config_items),
      ...secretItems(decrypted),
    );
    this.refusals.hide(this.result.secrets);
    this.cluster = withInheritedItems(decrypted);
  }

  async #readDefaults(account: ListedAccount): Promise<Map<string, string>> {
    const defaults = new Map<string, string>();
    const refusedBefore = this.refusals.refusals.length;
    const bare = clusterValue(account.whileListing({ ...this.cluster, config_items: {} }));
    const dot = templateData(bare, new GoMap(ANY_MAP, undefined), undefined);
    for (const [index, source] of this.sources.entries()) {
      const file = source.files.get('cluster/config-defaults.yaml');
      if (file === undefined) continue;
      const output = index === 0 ? 'config-defaults.yaml' : `${source.name}/config-defaults.yaml`;
      const template = this.template(source, file, output);
      const rendered = await this.render(template, dot);
      if (rendered === undefined) continue;
      for (const [key, value] of this.read(template, rendered, readStringMap) ?? []) defaults.set(key, value);
    }
    const items = [...defaults.keys(), ...Object.keys(this.cluster.config_items)];
    this.refusals.knowItems(items, this.refusals.refusals.length === refusedBefore);
    return defaults;
  }

  async #learnInstanceTypes(): Promise<void> {
    await this.fact([], async () => {
      const types = await this.facts.instanceTypes();
      this.instanceTypes = new Map([...types].map(([name, type]) => [name, instanceValue(type)]));
    });
  }

  /** A cluster without a cloud has none of these; templates that ask for one are then refused for the missing key. */
  async #factValues(): Promise<Map<string, Value>> {
    const values = new Map<string, Value>();
    if (!this.#hasTemplates()) return values;
    await this.fact(networkKeys, async () => {
      this.network = new ClusterNetwork(await this.facts.network(), this.cluster);
      for (const [key, value] of this.network.values()) values.set(key, value);
      this.cluster = withItem(this.cluster, 'vpc_id', this.network.vpcId);
      if (this.network.vpcId === undefined) this.refusals.explainMissing('vpc_id', noVpcId);
      this.cluster = withItem(this.cluster, 'subnets', this.network.nodeSubnetIds);
    });
    const { api_server_url: url } = this.cluster;
    const zone = isZalando(this.cluster) ? hostedZone(url) : undefined;
    if (zone !== undefined) values.set('hosted_zone', bytesOf(zone));
    await this.fact(['load_balancer_certificate'], async () => {
      values.set('load_balancer_certificate', bytesOf(await this.facts.loadBalancerCertificate(hostOf(url))));
    });
    return values;
  }

  #hasTemplates(): boolean {
    return this.sources.some((source) =>
      [...source.files.keys()].some((path) => path !== 'cluster/config-defaults.yaml'),
    );
  }

  /** All outputs of the main stack. Where it was refused, any name is answered, so that its faults aren't told twice. */
  async #stackOutputs(names: readonly string[] | undefined): Promise<GoMap> {
    let known: ReadonlyMap<string, string> = new Map();
    await this.fact([], async () => {
      known = await this.facts.stackOutputs();
    });
    if (names === undefined) return new GoMap(STRING_MAP, new UnknownOutputs(known));
    const outputs = new Map<string, string>();
    for (const name of new Set([...known.keys(), ...names])) {
      const value = known.get(name);
      if (value !== undefined) outputs.set(bytesOf(name), bytesOf(value));
    }
    return stringMap(outputs);
  }

  /** A fact that is missing is no error by itself, only where a file uses these keys; one that contradicts the cluster is. */
  async fact(keys: readonly string[], learn: () => Promise<void>): Promise<void> {
    try {
      await learn();
    } catch (error) {
      if (!(error instanceof FairwayError) || error.kind !== 'missing') {
        this.refusals.addFact(this.#asFile, '', error);
        return;
      }
      for (const key of keys) this.refusals.explainMissing(key, error.message);
    }
  }
}
