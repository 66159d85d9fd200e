import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';

/** Kubeconfig text for the holder of `<user>.crt` and `<user>.key` in the folder of certificates. */
export async function kubeconfigFor(cluster: string, server: string, pki: string, user: string): Promise<string> {
  const data = async (file: string) => (await readFile(join(pki, file))).toString('base64');
  const [authority, certificate, key] = await Promise.all([data('ca.crt'), data(`${user}.crt`), data(`${user}.key`)]);
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: cluster, cluster: { server, 'certificate-authority-data': authority } }],
    users: [{ name: user, user: { 'client-certificate-data': certificate, 'client-key-data': key } }],
    contexts: [{ name: cluster, context: { cluster, user } }],
    'current-context': cluster,
  });
}
