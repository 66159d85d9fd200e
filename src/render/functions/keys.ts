import { createHash, createPrivateKey, createPublicKey, type KeyObject, X509Certificate } from 'node:crypto';
import { messageOf } from '../../domain/errors.ts';
import { type ByteString, bufferOf, bytesOf, textOf } from '../template/byte-string.ts';
import { CallError } from '../template/template-error.ts';
import { runesOf } from '../template/utf8.ts';
import { decodePem } from './pem.ts';

function requirePem(pem: ByteString): Buffer {
  const der = decodePem(pem);
  if (der === undefined) throw new CallError('no PEM data found');
  return der;
}

/** Reads a key or certificate; what the reader says becomes the error. */
function reading<T>(prefix: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new CallError(bytesOf(`${prefix}${messageOf(error)}`));
  }
}

/** The public key, as PEM, of an RSA private key in PKCS#1. */
export function publicKey(pem: ByteString): string {
  const der = requirePem(pem);
  const format = otherFormat(der);
  if (format !== undefined) {
    throw new CallError(`x509: failed to parse private key (use Parse${format}PrivateKey instead for this key format)`);
  }
  const key = reading('x509: ', () => createPrivateKey({ key: der, format: 'der', type: 'pkcs1' }));
  return String(createPublicKey(key).export({ type: 'spki', format: 'pem' }));
}

/** What a private key is in that isn't in PKCS#1: after its version comes no number there. */
function otherFormat(der: Buffer): 'PKCS8' | 'EC' | undefined {
  const [sequence, size = 0] = der;
  const version = size < 0x80 ? 2 : 2 + (size & 0x7f);
  if (sequence !== 0x30 || der[version] !== 0x02 || der[version + 1] !== 1) return undefined;
  const next = der[version + 3];
  return next === 0x30 ? 'PKCS8' : next === 0x04 ? 'EC' : undefined;
}

/** When a certificate ends, in RFC 3339. */
export function certificateExpiry(pem: ByteString): string {
  const der = requirePem(pem);
  const certificate = reading('x509: ', () => new X509Certificate(der));
  return `${certificate.validToDate.toISOString().slice(0, 19)}Z`;
}

/** The key set that OpenID Connect clients of the service accounts read. */
export function generateJWKSDocument(pem: ByteString): string {
  const der = decodePem(pem);
  if (der === undefined) throw new CallError('Error decoding serviceAccountKey');
  const key = reading('failed to parse public key: ', () => createPublicKey({ key: der, format: 'der', type: 'spki' }));
  if (key.asymmetricKeyType !== 'rsa') throw new CallError('Public key was not RSA');
  const { e, n } = key.export({ format: 'jwk' });
  const jwk = { alg: 'RS256', e, kid: keyId(key), kty: 'RSA', n, use: 'sig' };
  return JSON.stringify({ keys: [jwk, { ...jwk, kid: '' }] }, null, 4);
}

function keyId(key: KeyObject): string {
  return createHash('sha256')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest('base64url');
}

export function generateOIDCDiscoveryDocument(url: ByteString): ByteString {
  const issuer = [...runesOf(url)]
    .map(({ at, size, rune }) => {
      return rune === invalid && size === 1 ? invalidMark : textOf(url.slice(at, at + size));
    })
    .join('');
  const document = {
    issuer,
    authorization_endpoint: 'urn:kubernetes:programmatic_authorization',
    jwks_uri: `${issuer}/openid-configuration/keys.json`,
    response_types_supported: ['id_token'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['RS256'],
    claims_supported: ['sub', 'iss'],
  };
  return bytesOf(goJson(JSON.stringify(document, null, 4)));
}

const invalid = 0xfffd;
/** Stands for a byte that is no UTF-8, until it is escaped; no text has it. */
const invalidMark = '\udfff';

/** Go escapes in JSON what HTML or JavaScript would stumble over, and what is no text. */
function goJson(json: string): string {
  return json
    .replace(/[<>&\u2028\u2029]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .replace(/\\\\|\\udfff/g, (found) => (found === '\\udfff' ? '\\ufffd' : found));
}

export function sha256(text: ByteString): string {
  return createHash('sha256').update(bufferOf(text)).digest('hex');
}
