import type { LayerName } from './layers.ts';

/** One image of a node: the name that Pods ask for, what it is layered from, what it runs. */
export interface ImageRecipe {
  name: string;
  layers: LayerName[];
  /** As the OCI image configuration words them. */
  config: {
    Entrypoint?: string[];
    Cmd?: string[];
    User?: string;
    WorkingDir?: string;
  };
}

const e2e = (image: string): string => `registry.k8s.io/e2e-test-images/${image}`;
const agnhost = { Entrypoint: ['/agnhost'], Cmd: ['pause'] };

/**
 * Under the names and tags of e2e.test 1.34.4 (`e2e.test --list-images`), made to behave as its specs need it. agnhost, etcd and
 * the sample API server are the upstream programs; busybox is Debian's, httpd is busybox's web server.
 */
const lightImages: ImageRecipe[] = [
  { name: 'registry.k8s.io/pause:3.10.1', layers: ['pause'], config: { Entrypoint: ['/pause'], User: '65535:65535' } },
  { name: e2e('agnhost:2.56'), layers: ['tools', 'agnhost'], config: agnhost },
  { name: e2e('jessie-dnsutils:1.7'), layers: ['tools'], config: { Cmd: ['/bin/bash'] } },
  { name: e2e('busybox:1.37.0-1'), layers: ['busybox'], config: { Cmd: ['sh'] } },
  { name: e2e('busybox:1.36.1-1'), layers: ['busybox'], config: { Cmd: ['sh'] } },
  {
    name: e2e('httpd:2.4.38-4'),
    layers: ['busybox', 'httpd-2.4.38'],
    config: { Cmd: ['httpd-foreground'], WorkingDir: '/usr/local/apache2' },
  },
  {
    name: e2e('httpd:2.4.39-4'),
    layers: ['busybox', 'httpd-2.4.39'],
    config: { Cmd: ['httpd-foreground'], WorkingDir: '/usr/local/apache2' },
  },
];

const moreImages: ImageRecipe[] = [
  { name: e2e('nonewprivs:1.3'), layers: ['tools', 'nonewprivs'], config: { Cmd: ['nnp'] } },
  { name: e2e('nonroot:1.4'), layers: ['busybox'], config: { Cmd: ['sh'], User: '1234' } },
  {
    name: e2e('nautilus:1.7'),
    layers: ['tools', 'agnhost', 'nautilus'],
    config: { ...agnhost, Cmd: ['test-webserver'] },
  },
  { name: e2e('kitten:1.7'), layers: ['tools', 'agnhost', 'kitten'], config: { ...agnhost, Cmd: ['test-webserver'] } },
  { name: e2e('nginx:1.14-4'), layers: ['tools', 'nginx'], config: { Cmd: ['nginx', '-g', 'daemon off;'] } },
  { name: e2e('nginx:1.15-4'), layers: ['tools', 'nginx'], config: { Cmd: ['nginx', '-g', 'daemon off;'] } },
  { name: e2e('perl:5.26'), layers: ['tools', 'perl'], config: { Cmd: ['perl', '-de0'] } },
  {
    name: e2e('sample-apiserver:1.29.2'),
    layers: ['tools', 'sample-apiserver'],
    config: { Entrypoint: ['/sample-apiserver'] },
  },
  { name: 'registry.k8s.io/etcd:3.6.4-0', layers: ['tools', 'etcd'], config: { Cmd: ['etcd'] } },
];

/** `light` is what smoke conformance and ordinary workloads need; `full` is all that a [Conformance] spec asks for. */
export const imageSets = {
  light: lightImages,
  full: [...lightImages, ...moreImages],
} as const satisfies Record<string, ImageRecipe[]>;

export type ImageSet = keyof typeof imageSets;
