import { join } from 'node:path';
import { pathExists } from './path-exists.ts';

// A log file of a container is there once it was created, so that a pod whose image can't be had takes nothing from the node; the
// pod's folder of the kubelet goes with the pod, its log a minute later.
const keeper = `
gave_way=$1/kube-proxy.gave-way; shift
theirs_runs() {
  for log in /var/log/pods/kube-system_kube-proxy-*_*/*/*.log; do
    pod=\${log#/var/log/pods/}
    pod=\${pod%%/*}
    [ -e "$log" ] && [ -d "/var/lib/kubelet/pods/\${pod##*_}" ] && return 0
  done
  return 1
}
ours=
while :; do
  if theirs_runs; then
    touch "$gave_way"
    [ -z "$ours" ] || kill "$ours"
    ours=
  elif [ -z "$ours" ]; then
    rm -f "$gave_way"
    setpriv --pdeathsig KILL "$@" &
    ours=$!
  elif ! kill -0 "$ours" 2> /dev/null; then
    wait "$ours"
    exit
  fi
  sleep 1
done
`;

/**
 * Runs our kube-proxy on a node for as long as no pod of a DaemonSet `kube-proxy` in kube-system runs there. It dies with the
 * `nsenter` that started it in its machine, and our kube-proxy with it.
 */
export function kubeProxyCommand(folder: string, kubeProxy: string[]): string[] {
  return ['setpriv', '--pdeathsig', 'KILL', '/bin/sh', '-c', keeper, 'kube-proxy-keeper', folder, ...kubeProxy];
}

/** Whether the node's services are the work of a kube-proxy that the config repository brings. */
export async function hasKubeProxyOfItsOwn(folder: string): Promise<boolean> {
  return pathExists(join(folder, 'kube-proxy.gave-way'));
}
