import { FairwayError } from '../../domain/errors.ts';
import type { ClusterFacts } from '../../ports/cluster-facts.ts';

/** The facts of a cluster without a cloud, e.g. a local one: there are none, and each call says so. */
export function noFacts(clusterId: string): ClusterFacts {
  function refuse(what: string): Promise<never> {
    const message = `cluster ${clusterId} has no ${what}: it does not run in a cloud; give the facts in a file, or don't use them in its templates`;
    return Promise.reject(new FairwayError('missing', message));
  }
  return {
    network: () => refuse('network'),
    loadBalancerCertificate: (host) => refuse(`load balancer certificate for ${host}`),
    etcdKmsKeyArn: () => refuse('KMS key for etcd'),
    instanceTypes: () => refuse('instance types'),
    imageId: (name, owner) => refuse(`image ${name} of ${owner}`),
    decrypt: () => refuse('key to decrypt its config items with'),
    stackOutputs: () => refuse('stack outputs'),
  };
}
