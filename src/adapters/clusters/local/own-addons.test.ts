import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import t from 'tap';
import { type Manifest, refOf } from '../../../domain/manifest.ts';
import { createKube } from '../../kubernetes/create-kube.ts';
import { manifestsOf } from '../../kubernetes/manifests.test-fixture.ts';
import { findBinary } from '../../kubernetes-release/find-binary.ts';
import { clusterProviderOf } from '../cluster-provider-of.ts';
import { lookAtHost } from './host.ts';
import { processTable } from './processes.ts';

const signal = AbortSignal.timeout(15 * 60_000);
const report = (line: string) => t.comment(line);
t.setTimeout(15 * 60_000);

const { powers } = await lookAtHost();
const withoutNodes = powers.realNodes ? false : `no nodes can be had here: ${powers.missing.join(' ')}`;
const image = 'registry.k8s.io/e2e-test-images/agnhost:2.56';

/** Real programs of the machine stand for the images that a config repository would name. */
const coreDns = await findBinary('coredns', { report, signal });
const kubeProxy = await findBinary('kube-proxy', { report, signal });

function rightsOf(name: string, clusterRole: string): string {
  return `apiVersion: v1
kind: ServiceAccount
metadata: {name: ${name}, namespace: kube-system}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: system:${name}}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: ${clusterRole}}
subjects: [{kind: ServiceAccount, name: ${name}, namespace: kube-system}]
`;
}

/** A CoreDNS as kubeadm and charts install it; `whose.test` tells it from the one that the cluster has by itself. */
function ownDns(service: string): string {
  return `${rightsOf('coredns', 'system:coredns')}---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: system:coredns}
rules:
  - {apiGroups: [""], resources: [endpoints, services, pods, namespaces], verbs: [list, watch]}
  - {apiGroups: [discovery.k8s.io], resources: [endpointslices], verbs: [list, watch]}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: coredns, namespace: kube-system}
data:
  Corefile: |
    .:53 {
      kubernetes cluster.local
      hosts {
        192.0.2.7 whose.test
        fallthrough
      }
      ready
    }
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: coredns, namespace: kube-system}
spec:
  selector: {matchLabels: {k8s-app: coredns}}
  template:
    metadata: {labels: {k8s-app: coredns}}
    spec:
      serviceAccountName: coredns
      dnsPolicy: Default
      containers:
        - name: coredns
          image: ${image}
          command: [/programs/coredns, -conf, /etc/coredns/Corefile]
          readinessProbe: {httpGet: {path: /ready, port: 8181}}
          volumeMounts: [{name: programs, mountPath: /programs}, {name: corefile, mountPath: /etc/coredns}]
      volumes:
        - {name: programs, hostPath: {path: ${dirname(coreDns)}}}
        - {name: corefile, configMap: {name: coredns}}
---
apiVersion: v1
kind: Service
${service}
`;
}

function serviceAt(name: string, address?: string): string {
  return `metadata: {name: ${name}, namespace: kube-system}
spec:
  selector: {k8s-app: coredns}
  ports: [{name: dns, port: 53, protocol: UDP}, {name: dns-tcp, port: 53, protocol: TCP}]
  ${address === undefined ? '' : `clusterIP: ${address}`}`;
}

const ownProxy = `${rightsOf('kube-proxy', 'system:node-proxier')}---
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: kube-proxy, namespace: kube-system}
spec:
  selector: {matchLabels: {k8s-app: kube-proxy}}
  template:
    metadata: {labels: {k8s-app: kube-proxy}}
    spec:
      serviceAccountName: kube-proxy
      hostNetwork: true
      containers:
        - name: kube-proxy
          image: ${image}
          command: [chroot, /host, ${kubeProxy}, --proxy-mode=iptables, --conntrack-max-per-core=0, --conntrack-tcp-timeout-established=0, --conntrack-tcp-timeout-close-wait=0, --hostname-override=node-1, --master=SERVER, --kubeconfig=KUBECONFIG]
          securityContext: {privileged: true}
          volumeMounts: [{name: host, mountPath: /host}]
      volumes: [{name: host, hostPath: {path: /}}]
`;

const ownNetwork = `apiVersion: apps/v1
kind: DaemonSet
metadata: {name: their-network, namespace: kube-system}
spec:
  selector: {matchLabels: {app: their-network}}
  template:
    metadata: {labels: {app: their-network}}
    spec:
      hostNetwork: true
      containers:
        - name: install
          image: ${image}
          command:
            - bash
            - -c
            - |
              trap 'rm -f /cni/10-theirs.conflist; exit' TERM
              echo '{"cniVersion": "1.0.0", "name": "theirs", "plugins": [{"type": "bridge", "bridge": "theirs", "isGateway": true,
                "ipam": {"type": "host-local", "ranges": [[{"subnet": "192.168.77.0/24"}]], "routes": [{"dst": "0.0.0.0/0"}]}}]}' > /cni/10-theirs.part
              mv /cni/10-theirs.part /cni/10-theirs.conflist
              ls /programs > /dev/termination-log
              while :; do sleep 1; done
          volumeMounts: [{name: cni, mountPath: /cni}, {name: programs, mountPath: /programs}]
      volumes:
        - {name: cni, hostPath: {path: /etc/cni/net.d, type: DirectoryOrCreate}}
        - {name: programs, hostPath: {path: /opt/cni/bin, type: Directory}}
`;

function pod(name: string): string {
  return `apiVersion: v1\nkind: Pod\nmetadata: {name: ${name}, namespace: default}\nspec: {terminationGracePeriodSeconds: 0, containers: [{name: it, image: ${image}}]}\n`;
}

t.test('what a cluster has by itself gives way to', { skip: withoutNodes }, async (t) => {
  const stateDirectory = await mkdtemp(join(tmpdir(), 'fairway-addons-'));
  const provider = clusterProviderOf('local', { stateDirectory, report, signal });
  t.teardown(async () => {
    await provider.delete('own', AbortSignal.timeout(120_000));
    await rm(stateDirectory, { recursive: true, force: true });
  });
  const spec = { name: 'own', nodes: 1, owner: 'test', expiresAt: undefined };
  t.same(await provider.ensure(spec, signal), { phase: 'ready' });
  const folder = join(stateDirectory, 'clusters', 'own');
  const kubeconfig = await provider.kubeconfig('own');
  const file = join(stateDirectory, 'kubeconfig');
  await writeFile(file, kubeconfig);
  const client = createKube().connect(kubeconfig);
  const binary = await findBinary('kubectl', { report, signal });
  const kubectl = async (...args: string[]) => {
    const { stdout, exitCode } = await execa(binary, ['--kubeconfig', file, ...args], { reject: false });
    return exitCode === 0 ? stdout : `exit ${exitCode}`;
  };
  const inPod = (...command: string[]) => kubectl('exec', 'probe', '--', ...command);

  async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
    const deadline = AbortSignal.timeout(180_000);
    while (!(await holds())) {
      if (deadline.aborted) throw new Error(`waited three minutes for: ${what}`);
      await sleep(250);
    }
  }

  /** As the step apply brings a cluster to a revision, and wait-for-health waits for it. */
  async function converge(...texts: string[]): Promise<void> {
    const manifests: Manifest[] = texts.flatMap((text) => manifestsOf(text));
    const keep = manifests.map(({ object }) => refOf(object));
    const desired = { revision: 'revision', manifests, deletions: [] };
    await client.record(desired, signal);
    await until('the objects to be applied', async () => {
      const applied = await client.apply(manifests, signal);
      if (applied.outcome === 'refused') throw new Error(JSON.stringify(applied.refusals));
      return applied.outcome === 'applied';
    });
    await until('pruning', async () => (await client.prune(desired, signal)).outcome === 'deleted');
    await until('health', async () => (await client.health(keep, signal)).every(({ health }) => health === 'ready'));
  }

  const ask = (...query: string[]) => inPod('dig', '+short', '+time=1', '+tries=1', ...query);
  const resolves = async () => /^10\./m.test(await ask('kubernetes.default.svc.cluster.local'));
  const address = await kubectl('get', 'service', '-n', 'kube-system', 'kube-dns', '-o', 'jsonpath={.spec.clusterIP}');

  async function isServedBy(whose: 'ours' | 'theirs'): Promise<void> {
    const answer = whose === 'theirs' ? '192.0.2.7' : '';
    await until(`DNS that is ${whose}`, async () => (await ask('whose.test')) === answer && (await resolves()));
  }

  for (const [which, service] of Object.entries({
    'a CoreDNS whose Service wants the address': serviceAt('coredns', address),
    'a CoreDNS whose Service is kube-dns': serviceAt('kube-dns'),
  })) {
    t.test(which, async (t) => {
      await converge(pod('probe'));
      await isServedBy('ours');
      await converge(pod('probe'), ownDns(service));
      await isServedBy('theirs');
      t.same(await provider.ensure(spec, signal), { phase: 'ready' }, 'making it once more');
      await isServedBy('theirs');
      await converge(pod('probe'));
      await isServedBy('ours');
    });
  }

  t.test('a kube-proxy', async (t) => {
    const server = /server: (\S+)/.exec(kubeconfig)?.[1] ?? '';
    const proxyKubeconfig = join(folder, 'node-1', 'kube-proxy.kubeconfig');
    const text = ownProxy.replace('SERVER', server).replace('KUBECONFIG', proxyKubeconfig);
    const config = `--config=${join(folder, 'node-1', 'kube-proxy.yaml')}`;
    const ours = async () => (await processTable()).some(({ argv }) => argv[0] === kubeProxy && argv.includes(config));
    t.equal(await ours(), true);
    await converge(pod('probe'), text);
    await until('our kube-proxy to stop', async () => !(await ours()));
    t.same(await provider.ensure(spec, signal), { phase: 'ready' });
    t.same(await provider.describe('own'), { phase: 'ready' });
    t.equal(await ours(), false, 'it is not started again');
    const late = address.replace(/\.\d+$/, '.77');
    await converge(pod('probe'), text, ownDns(serviceAt('late', late)));
    await until('a Service that came later', async () => (await ask('whose.test', `@${late}`)) === '192.0.2.7');
    await converge(pod('probe'));
    await until('our kube-proxy to run again', ours);
    await isServedBy('ours');
  });

  t.test('a pod network', async (t) => {
    await converge(pod('probe'));
    const ip = (name: string) => kubectl('get', 'pod', name, '-o', 'jsonpath={.status.podIP}');
    const before = await ip('probe');
    t.match(before, /^10\./);
    await converge(pod('probe'), ownNetwork);
    await converge(pod('probe'), ownNetwork, pod('later'));
    t.match(await ip('later'), /^192\.168\.77\./);
    t.equal(await ip('probe'), before, 'pods that run keep their addresses');
    await converge(pod('probe'));
    await until('our network', async () => {
      await converge(pod('probe'));
      await converge(pod('probe'), pod('last'));
      return (await ip('last')).startsWith('10.');
    });
  });
});
