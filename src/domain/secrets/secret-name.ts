/** What such a name's value is, whatever stands before it. */
const secretEnd =
  /(?:password|passwords|passwd|passphrase|passcode|secret|token|apikey|privatekey|accesskey|secretkey|credential|credentials)$/;
const secretWords = new Set(['pass', 'pwd', 'creds', 'dsn']);
/** Keys that are secrets; most keys are not: of labels, tables, references. */
const secretKeys = new Set(
  'api private access secret signing encryption decryption master account shared license auth hmac jwt aes session cookie webhook storage deploy admin app consumer client server tls ca peer ssh rsa'.split(
    ' ',
  ),
);
const openKeys = new Set(
  'public label annotation taint partition sort primary foreign cache routing topology index row shard object group idempotency dedup map config'.split(
    ' ',
  ),
);
/** What says how a value is written or where it is used, not what it is. */
const written = new Set(
  'value plain plaintext base64 b64 encoded old new previous current prod production staging dev test base hash data'.split(
    ' ',
  ),
);
/** Something about a secret, and no secret. */
const about = new Set(
  'ttl name names id ids file files path dir url uri policy length size type count timeout expiry expires expiration duration ref reference enabled disabled required namespace host port user username version algorithm alg issuer audience region mode format header headers lifetime age interval prefix suffix min max limit endpoint service provider store arn alias label rotation renewal reset field column method server class'.split(
    ' ',
  ),
);
/** `existingSecret: db` names a Secret. */
const namesOfSecrets = new Set(['pull', 'existing', 'tls', 'ca', 'cert', 'certificate', 'issuer']);

/**
 * Whether what goes by this name is a secret: `db.password`, `clientSecret`, `GITHUB_TOKEN`, `API_KEY`; but not `tokenTTL`, `secretName`,
 * `keyFile`. Of names in capitals, as variables of the environment have, any word counts; of others what they end with.
 */
export function isSecretName(name: string): boolean {
  const last = name.split(/[./:]/).findLast((part) => part !== '') ?? '';
  const all = wordsOf(last);
  let end = all.length;
  while (end > 1 && (written.has(all[end - 1] ?? '') || /^\d+$/.test(all[end - 1] ?? ''))) end--;
  const words = all.slice(0, end);
  const [word = '', before = ''] = [words.at(-1), words.at(-2)];
  if (about.has(word)) return false;
  const inCapitals = /^[A-Z][A-Z0-9_]*$/.test(last);
  if (word === 'key') return inCapitals ? !openKeys.has(before) : secretKeys.has(before);
  if (word === 'secret' && namesOfSecrets.has(before)) return false;
  return isSecretWord(word) || (inCapitals && words.some(isSecretWord));
}

function isSecretWord(word: string): boolean {
  return secretWords.has(word) || secretEnd.test(word);
}

function wordsOf(name: string): string[] {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '');
}
