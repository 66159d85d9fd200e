import { createHash, generateKeyPairSync } from 'node:crypto';
import t from 'tap';
import { z } from 'zod';
import { pemTexts } from '../fuzz/pem-texts.ts';
import { certificateExpiry, generateJWKSDocument, publicKey } from './keys.ts';

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const curve = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
const spki = String(rsa.publicKey.export({ type: 'spki', format: 'pem' }));

t.test('publicKey is the public half of an RSA key in PKCS#1, as PEM', async (t) => {
  const pkcs1 = String(rsa.privateKey.export({ type: 'pkcs1', format: 'pem' }));
  t.equal(publicKey(pkcs1), spki);
  t.equal(publicKey(`junk\n${pkcs1.replaceAll('\n', '\r\n')}`), spki);
});

t.test('publicKey refuses what is in another format, and says which', async (t) => {
  const refusal = (format: string) => ({
    message: `x509: failed to parse private key (use Parse${format}PrivateKey instead for this key format)`,
  });
  t.throws(() => publicKey(String(rsa.privateKey.export({ type: 'pkcs8', format: 'pem' }))), refusal('PKCS8'));
  t.throws(() => publicKey(String(curve.privateKey.export({ type: 'pkcs8', format: 'pem' }))), refusal('PKCS8'));
  t.throws(() => publicKey(String(curve.privateKey.export({ type: 'sec1', format: 'pem' }))), refusal('EC'));
  t.throws(() => publicKey('no PEM'), { message: 'no PEM data found' });
});

t.test('certificateExpiry reads both ways of writing a date', async (t) => {
  t.equal(certificateExpiry(pemTexts[0]), '2036-11-22T10:38:00Z');
  t.equal(certificateExpiry(pemTexts[1] ?? ''), '2062-06-29T10:38:27Z');
  t.throws(() => certificateExpiry(spki), { message: /^x509: / });
});

t.test('generateJWKSDocument names the key twice, once by the digest of its DER', async (t) => {
  const document = generateJWKSDocument(spki);
  const { keys } = z.object({ keys: z.array(z.record(z.string(), z.string())) }).parse(JSON.parse(document));
  const der = rsa.publicKey.export({ type: 'spki', format: 'der' });
  const kid = createHash('sha256').update(der).digest('base64url');
  t.same(
    keys.map((key) => key.kid),
    [kid, ''],
  );
  t.ok(document.startsWith('{\n    "keys": [\n        {\n            "alg": "RS256",\n            "e": "AQAB",\n'));
  t.ok(document.endsWith('}'));
  t.throws(() => generateJWKSDocument(String(curve.publicKey.export({ type: 'spki', format: 'pem' }))), {
    message: 'Public key was not RSA',
  });
});
