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

function isZalando(cluster: Cluster): boolean {
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
 * The cluster as templates see it. `listed`: all clusters of the registry, in its order. `whileListing` is the view CLM has
 * while it reads the list: later clusters have no OIDC provider yet.
 */
export function deriveCluster(
  cluster: Cluster,
  listed: readonly Cluster[],
  view: 'whileListing' | 'afterListing',
): TemplateCluster {
  const inAccount = listed.some((other) => other.id === cluster.id) ? listed : [...listed, cluster];
  const account = inAccount
    .map((other) => (other.id === cluster.id ? cluster : other))
    .filter((other) => other.infrastructure_account === cluster.infrastructure_account)
    .filter((other) => isZalando(other) || other.provider === cluster.provider);
  const own = account.indexOf(cluster);
  const providers = account.map((other, index) => {
    if (index === own) return oidcProvider(other);
    return view === 'whileListing' && index > own ? '' : oidcProviderIfAny(other);
  });
  const trustTemplate = trustDocument(account, providers);
  const accountClusters: TemplateCluster[] = [];
  for (const [index, other] of account.entries()) {
    accountClusters.push({ cluster: other, oidcProvider: providers[index] ?? '', trustTemplate, accountClusters });
  }
  const derived = accountClusters[own];
  if (derived === undefined) throw new Error(`cluster ${cluster.id} is not among those of its account`);
  return derived;
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
