import type { Cluster } from '../domain/cluster.ts';
import { FairwayError } from '../domain/errors.ts';
import type { TemplateCluster } from './cluster-value.ts';

/** The API server's host with its port, after the first dot; undefined without a dot. */
export function hostedZone(apiServerUrl: string): string | undefined {
  const host = hostOf(apiServerUrl);
  const dot = host.indexOf('.');
  return dot === -1 ? undefined : host.slice(dot + 1);
}

/** Host and port of a URL as they stand in it. */
export function hostOf(url: string): string {
  return /^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)/i.exec(url)?.[1] ?? '';
}

export function isZalando(cluster: Cluster): boolean {
  return cluster.provider.startsWith('zalando-');
}

export function isEks(cluster: Cluster): boolean {
  return cluster.provider === 'zalando-eks';
}

/** The account without its leading `aws:`. */
export function accountIdOf(cluster: Cluster): string {
  return cluster.infrastructure_account.replace(/^aws:/, '');
}

function oidcProvider(cluster: Cluster): string {
  if (isEks(cluster)) return (cluster.config_items.eks_oidc_issuer_url ?? '').replace(/^https:\/\//, '');
  const zone = hostedZone(cluster.api_server_url);
  if (zone !== undefined) return `${cluster.local_id}.${zone}`;
  if (!isZalando(cluster)) return '';
  throw new FairwayError('refused', `can't derive hosted zone from URL ${cluster.api_server_url}`);
}

/**
 * The clusters of an account as CLM has them when it has read its registry's list, oldest first. Each one's trust document
 * is made while the list is read, when later clusters have no OIDC provider yet.
 */
export class ListedAccount {
  readonly #clusters: readonly Cluster[];
  readonly #providers: readonly string[];
  readonly #own: number;

  /** `listed`: all clusters of the registry. Throws a FairwayError when the cluster's URL has no hosted zone. */
  constructor(cluster: Cluster, listed: readonly Cluster[]) {
    const all = listed.some((other) => other.id === cluster.id) ? listed : [...listed, cluster];
    this.#clusters = all
      .map((other) => (other.id === cluster.id ? cluster : other))
      .filter((other) => other.infrastructure_account === cluster.infrastructure_account)
      .filter((other) => isZalando(other) || other.provider === cluster.provider)
      .sort((a, b) => timeOf(a.created_at) - timeOf(b.created_at));
    this.#own = this.#clusters.indexOf(cluster);
    this.#providers = this.#clusters.map((other) =>
      other === cluster ? oidcProvider(other) : oidcProviderIfAny(other),
    );
  }

  /** The cluster as templates see it, in its present state. */
  whileListing(cluster: Cluster): TemplateCluster {
    return this.#view(cluster, this.#providers, (index) => this.#trustWhileListing(index));
  }

  /** The same after its main stack, when its OIDC provider and its trust document are made anew. */
  afterListing(cluster: Cluster): TemplateCluster {
    const providers = this.#providers.with(this.#own, oidcProvider(cluster));
    return this.#view(cluster, providers, (index) =>
      index === this.#own ? trustDocument(this.#clusters, providers) : this.#trustWhileListing(index),
    );
  }

  #trustWhileListing(index: number): string {
    return trustDocument(
      this.#clusters,
      this.#providers.map((provider, other) => (other > index ? '' : provider)),
    );
  }

  #view(cluster: Cluster, providers: readonly string[], trustOf: (index: number) => string): TemplateCluster {
    const accountClusters: TemplateCluster[] = [];
    for (const [index, other] of this.#clusters.entries()) {
      accountClusters.push({
        cluster: index === this.#own ? cluster : other,
        oidcProvider: providers[index] ?? '',
        get trustTemplate() {
          return trustOf(index);
        },
        accountClusters,
      });
    }
    const derived = accountClusters[this.#own];
    if (derived === undefined) throw new Error(`cluster ${cluster.id} is not among those of its account`);
    return derived;
  }
}

/** What has no time counts as the oldest. */
function timeOf(createdAt: string): number {
  const time = Date.parse(createdAt);
  return Number.isNaN(time) ? Number.MIN_SAFE_INTEGER : time;
}

function oidcProviderIfAny(cluster: Cluster): string {
  try {
    return oidcProvider(cluster);
  } catch {
    return '';
  }
}

function trustDocument(account: readonly Cluster[], providers: readonly string[]): string {
  const statements: unknown[] = [
    { Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: ['sts:AssumeRole'], Sid: 'CLMApplied' },
    {
      Effect: 'Allow',
      Principal: { Service: 'pods.eks.amazonaws.com' },
      Action: ['sts:AssumeRole', 'sts:TagSession'],
    },
  ];
  for (const [index, cluster] of account.entries()) {
    if (cluster.lifecycle_status !== 'ready') continue;
    const arn = `arn:aws:iam::${accountIdOf(cluster)}`;
    const provider = providers[index] ?? '';
    statements.push(
      { Effect: 'Allow', Principal: { AWS: `${arn}:role/${cluster.local_id}-worker` }, Action: ['sts:AssumeRole'] },
      {
        Effect: 'Allow',
        Principal: { Federated: `${arn}:oidc-provider/${provider}` },
        Action: ['sts:AssumeRoleWithWebIdentity'],
        // biome-ignore lint/suspicious/noTemplateCurlyInString: AWS fills it in
        Condition: { StringLike: { [`${provider}:sub`]: 'system:serviceaccount:${SERVICE_ACCOUNT}' } },
      },
    );
  }
  return JSON.stringify({ Version: '2012-10-17', Statement: statements });
}
