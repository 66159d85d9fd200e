/** What a render has to ask the cloud for, per cluster. The file-backed adapter reads it from a JSON file. */
export interface Subnet {
  id: string;
  az: string;
  cidr: string;
  ipv6Cidrs?: string[];
  tags: Record<string, string>;
}

export interface InstanceType {
  name: string;
  vcpu: number;
  memoryMiB: number;
  /** `amd64` or `arm64`. */
  architecture: string;
  disks: number;
  diskSizeGB: number;
}

export interface Network {
  /** Undefined where it isn't known; the cluster's config item `vpc_id` may tell it. */
  vpcId: string | undefined;
  vpcCidr: string;
  vpcIpv6Cidrs: string[];
  subnets: Subnet[];
}

/** Each call throws a FairwayError that says what is missing. */
export interface ClusterFacts {
  network(): Promise<Network>;
  loadBalancerCertificate(host: string): Promise<string>;
  etcdKmsKeyArn(): Promise<string>;
  instanceTypes(): Promise<Map<string, InstanceType>>;
  /** The id of the one image with this name and owner. */
  imageId(name: string, owner: string): Promise<string>;
  decrypt(ciphertextBase64: string): Promise<string>;
  stackOutputs(): Promise<ReadonlyMap<string, string>>;
}
