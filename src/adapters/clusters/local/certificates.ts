import 'reflect-metadata';
import { generateKeyPairSync } from 'node:crypto';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  type X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';
import { pathExists } from './path-exists.ts';

/** Who a certificate is for. */
export interface Subject {
  /** File name without ending. */
  file: string;
  commonName: string;
  organization?: string;
  /** Names and addresses that it serves; a client certificate when absent. */
  serves?: string[];
}

interface Authority {
  certificate: X509Certificate;
  keys: CryptoKeyPair;
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const tenYears = 10 * 365 * 86_400_000;

/**
 * Fills `folder` with `ca`, `front-proxy-ca`, `front-proxy-client`, the service accounts' RSA key pair (`sa.key`, `sa.pub`) and a
 * certificate and key for each subject. All or nothing: made aside and moved into place.
 */
export async function ensureCertificates(folder: string, subjects: Subject[]): Promise<void> {
  await fillWhole(folder, async (aside) => {
    const [clusterAuthority, frontProxyAuthority] = await Promise.all([
      makeAuthority(aside, 'ca', 'kubernetes'),
      makeAuthority(aside, 'front-proxy-ca'),
      makeServiceAccountKeys(aside),
    ]);
    await Promise.all([
      ...subjects.map((subject) => makeCertificate(aside, clusterAuthority, subject)),
      makeCertificate(aside, frontProxyAuthority, { file: 'front-proxy-client', commonName: 'front-proxy-client' }),
    ]);
  });
}

/**
 * Fills `folder` with etcd's own `ca`, its `server` and the API server's `client`. The cluster's authority must not be etcd's: whom
 * it certifies, each node for one, could read and write everything past the API server.
 */
export async function ensureEtcdCertificates(folder: string): Promise<void> {
  await fillWhole(folder, async (aside) => {
    const authority = await makeAuthority(aside, 'ca', 'etcd');
    await makeCertificate(aside, authority, { file: 'server', commonName: 'etcd', serves: ['localhost', '127.0.0.1'] });
    await makeCertificate(aside, authority, { file: 'client', commonName: 'kube-apiserver' });
  });
}

async function fillWhole(folder: string, fill: (aside: string) => Promise<void>): Promise<void> {
  if (await pathExists(folder)) return;
  const aside = `${folder}.part`;
  await rm(aside, { recursive: true, force: true });
  await mkdir(aside, { recursive: true, mode: 0o700 });
  await fill(aside);
  await rename(aside, folder);
}

async function makeAuthority(folder: string, name: string, commonName = name): Promise<Authority> {
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: [{ CN: [commonName] }],
    ...validity(),
    signingAlgorithm: algorithm,
    keys,
    extensions: [
      new BasicConstraintsExtension(true, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign | KeyUsageFlags.digitalSignature, true),
    ],
  });
  await writePair(folder, name, certificate, keys);
  return { certificate, keys };
}

async function makeCertificate(folder: string, authority: Authority, subject: Subject): Promise<void> {
  const { file, commonName, organization, serves = [] } = subject;
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const usage = serves.length > 0 ? ExtendedKeyUsage.serverAuth : ExtendedKeyUsage.clientAuth;
  const certificate = await X509CertificateGenerator.create({
    subject: [...(organization === undefined ? [] : [{ O: [organization] }]), { CN: [commonName] }],
    issuer: authority.certificate.subjectName.toJSON(),
    ...validity(),
    signingAlgorithm: algorithm,
    publicKey: keys.publicKey,
    signingKey: authority.keys.privateKey,
    extensions: [
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([usage]),
      ...(serves.length > 0 ? [new SubjectAlternativeNameExtension(serves.map(alternativeName))] : []),
    ],
  });
  await writePair(folder, file, certificate, keys);
}

function alternativeName(value: string): { type: 'ip' | 'dns'; value: string } {
  return { type: /^[\d.]+$/.test(value) ? 'ip' : 'dns', value };
}

function validity(): { notBefore: Date; notAfter: Date } {
  const now = Date.now();
  return { notBefore: new Date(now - 3_600_000), notAfter: new Date(now + tenYears) };
}

async function writePair(
  folder: string,
  name: string,
  certificate: X509Certificate,
  keys: CryptoKeyPair,
): Promise<void> {
  const key = PemConverter.encode(await crypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY');
  await writeFile(join(folder, `${name}.crt`), `${certificate.toString('pem')}\n`);
  await writeFile(join(folder, `${name}.key`), `${key}\n`, { mode: 0o600 });
}

async function makeServiceAccountKeys(folder: string): Promise<void> {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  await writeFile(join(folder, 'sa.key'), privateKey, { mode: 0o600 });
  await writeFile(join(folder, 'sa.pub'), publicKey);
}
