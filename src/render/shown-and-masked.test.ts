import t from 'tap';
import type { Json, JsonObject } from '../domain/json.ts';
import { SecretMask } from '../domain/secrets/secret-mask.ts';
import { diffClusters, shareChanges } from './diff.ts';
import { diffAsMarkdown, diffAsText } from './diff-text.ts';
import { type RenderedCluster, refusedCluster } from './rendered-cluster.ts';

/** The diff of an object of which these fields change, in all its forms. */
function diffOf(before: JsonObject, after: JsonObject, kind = 'Deployment'): string {
  const of = (fields: JsonObject): RenderedCluster => {
    const object = { apiVersion: 'v1', kind, metadata: { name: 'web' }, ...fields };
    return {
      ...refusedCluster('c', ''),
      components: [{ name: 'x', manifests: [{ object, file: 'x.yaml', line: 1 }] }],
    };
  };
  return formsOf(of(before), of(after));
}

function diffOfStacks(before: string, after: string): string {
  const of = (template: string): RenderedCluster => ({
    ...refusedCluster('c', ''),
    stacks: [{ kind: 'cluster', name: 'main', file: 'cluster.yaml', template, tags: {} }],
  });
  return formsOf(of(before), of(after));
}

function formsOf(before: RenderedCluster, after: RenderedCluster): string {
  const diff = shareChanges([diffClusters(before, after)]);
  return [diffAsText(diff), diffAsMarkdown(diff), JSON.stringify(diff)].join('\n');
}

const env = (name: string, value: string): JsonObject => ({
  spec: { containers: [{ name: 'web', env: [{ name, value }] }] },
});
const args = (...words: string[]): JsonObject => ({ spec: { containers: [{ name: 'web', args: words }] } });
const command = (...words: string[]): JsonObject => ({ spec: { containers: [{ name: 'web', command: words }] } });
const config = (text: string): JsonObject => ({ data: { 'app.conf': text } });
/** Of the right shape, and of nobody. */
const token = (prefix: string, length: number): string =>
  `${prefix}${'aB3dE5gH7jK9mN1pQ4rS6tU8vW0xY2z'.repeat(4).slice(0, length)}`;
const pem = (body: string): string => `-----BEGIN RSA PRIVATE KEY-----\n${body}\n-----END RSA PRIVATE KEY-----\n`;
const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** Where a secret may stand. `S` stands for it. */
const places: Record<string, (secret: string) => JsonObject> = {
  'a URL with a password': (s) => env('UPSTREAM', `https://jane:${s}@example.org/x`),
  'a URL with a password that has signs in it': (s) => env('UPSTREAM', `amqp://jane:p@${s}@example.org/x`),
  'a URL of redis without a user': (s) => args(`--redis=redis://:${s}@redis:6379/0`),
  'a connection URL': (s) => env('DATABASE_URL', `postgres://app:${s}@db:5432/app?sslmode=disable`),
  'an argument with =': (s) => args('-v', `--password=${s}`),
  'an argument with = and quotes': (s) => args(`--db-password="${s} and more"`),
  'an argument in two words': (s) => args('--admin-password', s, '-v'),
  'an argument in two words with spaces': (s) => args('--token', `${s} x`),
  'a command line': (s) => command('sh', '-c', `exec serve --api-key ${s} --port 80`),
  'mysql -p': (s) => command('sh', '-c', `mysqldump -u root -p${s} shop`),
  'mysql -p in words': (s) => command('mysql', '-uroot', `-p${s}`),
  'redis-cli -a': (s) => command('redis-cli', '-a', s, 'ping'),
  'sshpass -p': (s) => command('sh', '-c', `sshpass -p ${s} ssh root@db`),
  'a variable before a command': (s) => command('sh', '-c', `PGPASSWORD=${s} psql -h db`),
  'an exported variable': (s) => command('sh', '-c', `set -e\nexport VAULT_TOKEN=${s}\nserve`),
  'curl -u': (s) => command('sh', '-c', `curl -sf -u jane:${s} https://example.org`),
  'an Authorization header': (s) => command('sh', '-c', `curl -H "Authorization: Bearer ${s}" https://example.org`),
  'a Basic header': (s) => env('HEADER', `Basic ${base64(`jane:${s}`)}`),
  'an API key header': (s) => command('sh', '-c', `curl -H 'X-Api-Key: ${s}' https://example.org`),
  'a header in a list of pairs': (s) => ({ spec: { httpHeaders: [{ name: 'Authorization', value: `Bearer ${s}` }] } }),
  DB_PASS: (s) => env('DB_PASS', s),
  SECRET_KEY_BASE: (s) => env('SECRET_KEY_BASE', s),
  SENTRY_DSN: (s) => env('SENTRY_DSN', `https://${s}@sentry.example.org/4`),
  SIGNING_KEY: (s) => env('SIGNING_KEY', s),
  AWS_CREDENTIALS: (s) => env('AWS_CREDENTIALS', s),
  MYSQL_PWD: (s) => env('MYSQL_PWD', s),
  PGPASSWORD: (s) => env('PGPASSWORD', s),
  'a password in digits': () => env('ADMIN_PASSWORD', '48151623'),
  'a field clientSecret': (s) => ({ spec: { oidc: { clientSecret: s } } }),
  'a field apiKey': (s) => ({ spec: { apiKey: s } }),
  'a private key': (s) => config(pem(`MIIEowIBAAKCAQEA${s}`)),
  'a private key in a field': (s) => ({ spec: { tls: { key: pem(`MIIEowIBAAKCAQEA${s}`) } } }),
  'connection string': (s) => env('CONNECTION', `Server=db;User Id=app;Password=${s};Encrypt=true`),
  'a storage account': (s) =>
    env('STORAGE', `DefaultEndpointsProtocol=https;AccountName=x;AccountKey=${s}==;EndpointSuffix=x`),
  'a JDBC URL': (s) => env('JDBC_URL', `jdbc:mysql://db/app?user=app&password=${s}&useSSL=true`),
  properties: (s) => config(`db.user=app\ndb.password=${s}\npool=5\n`),
  'properties with spaces': (s) => config(`db.user = app\ndb.password = ${s} is long\n`),
  'YAML in a ConfigMap': (s) => config(`auth:\n  user: jane\n  password: ${s}\nport: 80\n`),
  'YAML with a block': (s) => config(`auth:\n  clientSecret: |\n    ${s}\n    more ${s}\n  port: 80\n`),
  'a flow of YAML': (s) => config(`auth: {user: jane, password: ${s}}\n`),
  INI: (s) => config(`[smtp]\nuser = x\npasswd = "${s}"\n`),
  'JSON in a ConfigMap': (s) => config(`{"user": "jane", "token": "${s}", "port": 80}`),
  'docker config': (s) => config(JSON.stringify({ auths: { 'ghcr.io': { auth: base64(`jane:${s}`) } } })),
  kubeconfig: (s) => config(`users:\n- name: admin\n  user:\n    client-key-data: ${base64(s)}\n    token: ${s}\n`),
  'the manifest of a Secret in a ConfigMap': (s) =>
    config(`apiVersion: v1\nkind: Secret\nmetadata:\n  name: x\nstringData:\n  user: ${s}\n`),
  'an annotation that holds an object': (s) => ({
    metadata: {
      name: 'web',
      annotations: { 'example.org/applied': `{"spec":{"password":"${s}"}}` },
    },
  }),
  'the refusal of an API server': (s) => ({ note: `spec.smtp.password: Invalid value: "${s}": must be longer` }),
};

/** What gives itself away by what it looks like. */
const shapes: Record<string, string> = {
  'a JWT': `${token('eyJ', 30)}.${token('eyJ', 40)}.${token('', 43)}`,
  'an AWS access key': 'AKIAQWERTYUIOPASDFGH',
  'an AWS session key': 'ASIAQWERTYUIOPASDFGH',
  'a GitHub token': token('ghp_', 36),
  'a fine-grained GitHub token': token('github_pat_', 60),
  'a GitLab token': token('glpat-', 20),
  'a Slack token': `xoxb-1234567890-${token('', 24)}`,
  'a Slack webhook': `https://hooks.slack.com/services/T0001/B0001/${token('', 24)}`,
  'a Google API key': token('AIza', 35),
  'a Stripe key': token('sk_live_', 24),
  'an npm token': token('npm_', 36),
  'a SendGrid key': `${token('SG.', 22)}.${token('', 43)}`,
  'a Vault token': token('hvs.', 24),
  'an htpasswd line': `jane:$apr1$${token('', 8)}$${token('', 22)}`,
  'a bcrypt hash': `$2y$10$${token('', 53)}`,
  'a crypt hash': `$6$${token('', 8)}$${token('', 86)}`,
};

const secretPart = (text: string): string => text.slice(-16);

t.test('a secret is not shown wherever it stands, and that it has changed is told', async (t) => {
  const [old, young] = ['Xq7old9Lw2', 'Zt4new8Kp5'];
  t.ok(Object.keys(places).length >= 40);
  for (const [place, of] of Object.entries(places)) {
    for (const kind of ['Deployment', 'ConfigMap', 'Secret']) {
      const shown = diffOf(of(old), of(young), kind);
      for (const secret of [old, young, base64(old), base64(young), '48151623', base64(`jane:${old}`)])
        t.notMatch(shown, secret, `${place}, changed in a ${kind}`);
      if (place !== 'a password in digits') t.match(shown, '(secret', `${place}, told in a ${kind}`);
      t.notMatch(diffOf({}, of(young), kind), young, `${place}, added to a ${kind}`);
    }
  }
});

t.test('the well-known shapes of tokens are not shown, whatever they are called', async (t) => {
  for (const [what, secret] of Object.entries(shapes)) {
    for (const shown of [
      diffOf(env('X', 'a'), env('X', secret)),
      diffOf(config('a: b'), config(`a: b\nx: ${secret}\n`), 'ConfigMap'),
      diffOf(args('-v'), args('-v', secret)),
      new SecretMask([]).text(`the server said: ${secret} is expired`),
    ]) {
      t.notMatch(shown, secretPart(secret), what);
      t.match(shown, '(secret)', what);
    }
  }
});

t.test('all fields of a Secret but its type and its names are masked', async (t) => {
  const of = (value: string): JsonObject => ({
    metadata: { name: 'web', labels: { app: value }, annotations: { note: `${value}-noted` } },
    type: `type-${value}`,
    data: { user: base64(value) },
    stringData: { host: `${value}.example.org` },
  });
  const shown = diffOf(of('alpha'), of('bravo'), 'Secret');
  for (const hidden of ['-noted', base64('alpha'), base64('bravo'), 'alpha.example', 'bravo.example'])
    t.notMatch(shown, hidden);
  t.match(shown, 'type: type-alpha → type-bravo');
  t.match(shown, 'metadata.labels.app: alpha → bravo');
  t.match(shown, 'data.user: (secret) changed');
});

/** What must stay readable: field or text, before and after, and what of the change is to be read. */
const readable: [JsonObject, JsonObject, string][] = [
  [env('TOKEN_TTL', '15m'), env('TOKEN_TTL', '20m'), '15m → 20m'],
  [env('AWS_ACCESS_KEY_ID_FILE', '/a/b'), env('AWS_ACCESS_KEY_ID_FILE', '/a/c'), '/a/b → /a/c'],
  [env('SECRET_NAME', 'db'), env('SECRET_NAME', 'db-2'), 'db → db-2'],
  [env('PASSWORD_FILE', '/run/a'), env('PASSWORD_FILE', '/run/b'), '/run/a → /run/b'],
  [env('PUBLIC_KEY', 'abc'), env('PUBLIC_KEY', 'abd'), 'abc → abd'],
  [env('PARTITION_KEY', 'user'), env('PARTITION_KEY', 'tenant'), 'user → tenant'],
  [env('COMPASS_URL', 'https://a.example'), env('COMPASS_URL', 'https://b.example'), 'b.example'],
  [env('BYPASS', 'x1'), env('BYPASS', 'x2'), 'x1 → x2'],
  [env('MAX_TOKENS', '4096'), env('MAX_TOKENS', '8192'), '"4096" → "8192"'],
  [env('KEYCLOAK_HOST', 'k-1'), env('KEYCLOAK_HOST', 'k-2'), 'k-1 → k-2'],
  [env('DB_PASSWORD', '$(OLD)'), env('DB_PASSWORD', '$(NEW_PASSWORD)'), '$(NEW_PASSWORD)'],
  [env('URL', 'postgres://$(USER):$(PASS)@a/db'), env('URL', 'postgres://$(USER):$(PASS)@b/db'), '$(PASS)@b/db'],
  [env('URL', 'http://a:8080/x'), env('URL', 'http://a:9090/x'), 'http://a:9090/x'],
  [env('GIT', 'ssh://git@github.com/a/b'), env('GIT', 'ssh://git@github.com/a/c'), 'ssh://git@github.com/a/c'],
  [{ spec: { keyFile: 'a.pem' } }, { spec: { keyFile: 'b.pem' } }, 'a.pem → b.pem'],
  [{ spec: { tokenTTL: '1h' } }, { spec: { tokenTTL: '2h' } }, '1h → 2h'],
  [{ spec: { secretName: 'a' } }, { spec: { secretName: 'b' } }, 'a → b'],
  [{ spec: { secretRef: { key: 'old', name: 'x' } } }, { spec: { secretRef: { key: 'new', name: 'x' } } }, 'old → new'],
  [{ spec: { passwordPolicy: 'strict' } }, { spec: { passwordPolicy: 'lax' } }, 'strict → lax'],
  [{ spec: { existingSecret: 'db-a' } }, { spec: { existingSecret: 'db-b' } }, 'db-a → db-b'],
  [{ spec: { imagePullSecret: 'reg-a' } }, { spec: { imagePullSecret: 'reg-b' } }, 'reg-a → reg-b'],
  [{ spec: { topologyKey: 'zone' } }, { spec: { topologyKey: 'hostname' } }, 'zone → hostname'],
  [{ spec: { automountServiceAccountToken: true } }, { spec: { automountServiceAccountToken: false } }, 'true → false'],
  [
    { spec: { image: 'registry.example.org/a/token-service:1.2' } },
    { spec: { image: 'registry.example.org/a/token-service:1.3' } },
    'token-service:1.3',
  ],
  [
    { spec: { image: `a@sha256:${'0a'.repeat(32)}` } },
    { spec: { image: `a@sha256:${'1b'.repeat(32)}` } },
    '1b'.repeat(32),
  ],
  [args('--token-ttl=1h'), args('--token-ttl=2h'), '--token-ttl=2h'],
  [args('--tls-private-key-file=/etc/a.pem'), args('--tls-private-key-file=/etc/b.pem'), '/etc/b.pem'],
  [args('--token=/var/run/a'), args('--token=/var/run/b'), '/var/run/b'],
  [args('-p', '8080:80'), args('-p', '9090:80'), '9090:80'],
  [args('--secret-name', 'a'), args('--secret-name', 'b'), 'b'],
  [args('--use-token=true'), args('--use-token=false'), '--use-token=false'],
  [command('sh', '-c', 'mkdir -p /data/a'), command('sh', '-c', 'mkdir -p /data/b'), 'mkdir -p /data/b'],
  [
    command('sh', '-c', 'curl -u $USER:$PASS https://a'),
    command('sh', '-c', 'curl -u $USER:$PASS https://b'),
    'https://b',
  ],
  [
    // biome-ignore lint/suspicious/noTemplateCurlyInString: as it stands in files
    config('auth:\n  password: ${DB_PASSWORD}\n  port: 80\n'),
    // biome-ignore lint/suspicious/noTemplateCurlyInString: as it stands in files
    config('auth:\n  password: ${DB_PASSWORD}\n  port: 81\n'),
    'port: 81',
  ],
  [config('user=app\npassword=Xq7old9Lw2\npool=5\n'), config('user=app\npassword=Xq7old9Lw2\npool=6\n'), 'pool=6'],
  [config('tokenizer: fast\n'), config('tokenizer: slow\n'), 'tokenizer: slow'],
  [config('ssl_certificate_key /etc/tls/a.key;\n'), config('ssl_certificate_key /etc/tls/b.key;\n'), '/etc/tls/b.key'],
  [
    config('rules:\n- resources: [secrets, tokens]\n'),
    config('rules:\n- resources: [secrets, configmaps]\n'),
    'configmaps',
  ],
  [
    config('{"keys": ["a"], "secretName": "x"}'),
    config('{"keys": ["b"], "secretName": "y"}'),
    '\\"secretName\\": \\"y\\"',
  ],
  [{ apiVersion: 'v1' }, { apiVersion: 'v2' }, 'v1 → v2'],
  [
    { data: { password_min_length: '8', user: 'jane' } },
    { data: { password_min_length: '12', user: 'jane' } },
    '"8" → "12"',
  ],
];

t.test('what only speaks of secrets stays readable', async (t) => {
  t.ok(readable.length >= 30);
  for (const [before, after, text] of readable) t.match(diffOf(before, after, 'ConfigMap'), text);
});

t.test('sentences of the world stay readable', async (t) => {
  const sentences = [
    'Secret default/db: not found',
    'token: expired',
    'error: invalid token: unexpected character "x"',
    'the flag --token is required, and --password too',
    'secrets "db" is forbidden: User "jane" cannot get resource "secrets" in API group ""',
    'Pod web/api-0: container app: image token-service:1.2 can not be pulled (unauthorized: authentication required)',
    'Basic authentication is not supported',
    'manifests/dns/a.yaml:3:4: <.Cluster.ConfigItems.secret>: map has no entry for key "secret"',
    'spec.replicas: Invalid value: -1: must be greater than or equal to 0',
    'fetched 2026-05-01T12:00:00Z from https://github.com/acme/config.git',
  ];
  for (const sentence of sentences) t.equal(new SecretMask([]).text(sentence), sentence);
});

t.test(
  'of a stack, values of parameters with NoEcho, keys and user data are masked, and the rest is shown',
  async (t) => {
    const stack = (secret: string, size: string): string =>
      `Parameters:\n  Master:\n    Type: String\n    NoEcho: true\n    Default: ${secret}\n  Size: {Type: String, Default: ${size}}\nResources:\n  Db:\n    Properties:\n      MasterUserPassword: ${secret}x\n      Other: !Ref Master\n  Node:\n    Properties:\n      UserData: ${base64(`#!/bin/sh\nexport DB_PASSWORD=${secret} and so on and on`)}\n      Script: |\n        #!/bin/sh\n        echo ${secret} | login\n        curl -u jane:${secret}y https://example.org\n        ${pem(`MIIEowIBAAKCAQEA${secret}`).replaceAll('\n', '\n        ')}\n`;
    const shown = diffOfStacks(stack('Xq7old9Lw2', 'small'), stack('Zt4new8Kp5', 'large'));
    for (const secret of ['Xq7old9Lw2', 'Zt4new8Kp5', base64('Xq7old9Lw2'), 'IyEvYmluL3No']) t.notMatch(shown, secret);
    t.match(shown, 'Size: {Type: String, Default: large}');
    t.match(shown, 'lines[]: (secret) changed');
  },
);

t.test('a value that is known to be secret is masked in whatever form it turns up', async (t) => {
  const secret = 'correct "horse"\nbattery staple here';
  const mask = new SecretMask([secret], ['postgres', 'Xq7old9Lw2']);
  for (const form of [secret, JSON.stringify(secret), base64(secret), 'said: battery staple here!', 'Xq7old9Lw2-x'])
    t.match(mask.text(form), /^(?:"|said: )?\(secret\)/, form);
  t.strictSame(mask.json({ a: ['Xq7old9Lw2'], image: 'postgres:16', user: 'postgres' } satisfies Json), {
    a: ['(secret)'],
    image: 'postgres:16',
    user: '(secret)',
  });
});

t.test('no text makes masking take as long as its length squared', async (t) => {
  const mask = new SecretMask([]);
  const pieces = [
    'mysql ',
    'a.a-',
    '"a":"',
    '{a: ',
    'eyJ-',
    'a=a=',
    ' ',
    'http://a:',
    'x-a-',
    'a',
    'htpasswd -b a a ',
    'curl -u ',
  ];
  // Squared, each would take minutes, and the test run out of its time.
  for (const piece of pieces) t.ok(mask.text(piece.repeat(2_000_000 / piece.length)).length > 0, piece);
});
