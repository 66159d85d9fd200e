import t from 'tap';
import type { Json } from '../domain/json.ts';
import { SecretMask } from '../domain/secrets/secret-mask.ts';
import { diffClusters, shareChanges } from './diff.ts';
import { diffAsMarkdown, diffAsText } from './diff-text.ts';
import { maskChanges } from './masked-changes.ts';
import { diffFields } from './object-diff.ts';
import { renderSample, sampleCluster } from './render-sample.test-fixture.ts';

/** The changes as `path: before → after`, masked. */
function changes(before: Json, after: Json, secrets: string[] = [], kind = 'Deployment'): string[] {
  return maskChanges(new SecretMask(secrets), kind, diffFields(before, after)).map(
    ({ path, ...values }) => `${path}: ${JSON.stringify(values.before)} → ${JSON.stringify(values.after)}`,
  );
}

const env = (...list: Json[]) => ({ containers: [{ name: 'web', env: list }] });

t.test('values of environment variables that are called as secrets are', async (t) => {
  for (const name of [
    'DB_PASSWORD',
    'GITHUB_TOKEN',
    'API_KEY',
    'aws.secret',
    'clientSecret',
    'PRIVATE_KEY',
    'PASSWD',
    'CREDENTIALS',
  ]) {
    t.strictSame(
      changes(env({ name, value: 'old' }), env({ name, value: 'new' })),
      [`containers[web].env[${name}].value: "(secret)" → "(secret)"`],
      name,
    );
  }
  t.strictSame(changes(env(), env({ name: 'TOKEN', value: 'new' })), [
    'containers[web].env[TOKEN]: undefined → {"name":"TOKEN","value":"(secret)"}',
  ]);
  t.strictSame(changes({}, env({ name: 'TOKEN', value: 'new' })), [
    'containers: undefined → [{"name":"web","env":[{"name":"TOKEN","value":"(secret)"}]}]',
  ]);
});

t.test('what only names a secret, or is none, is shown', async (t) => {
  const shown: [Json, Json, string][] = [
    [
      env({ name: 'TOKEN_TTL', value: '1' }),
      env({ name: 'TOKEN_TTL', value: '2' }),
      'containers[web].env[TOKEN_TTL].value: "1" → "2"',
    ],
    [
      env({ name: 'TOKEN', valueFrom: { secretKeyRef: { name: 'a', key: 'token' } } }),
      env({ name: 'TOKEN', valueFrom: { secretKeyRef: { name: 'b', key: 'token' } } }),
      'containers[web].env[TOKEN].valueFrom.secretKeyRef.name: "a" → "b"',
    ],
    [
      { volumes: [{ name: 'v', secret: { secretName: 'a' } }] },
      { volumes: [{ name: 'v', secret: { secretName: 'b' } }] },
      'volumes[v].secret.secretName: "a" → "b"',
    ],
    [
      { automountServiceAccountToken: true },
      { automountServiceAccountToken: false },
      'automountServiceAccountToken: true → false',
    ],
    [{ args: ['--token-ttl=1'] }, { args: ['--token-ttl=2'] }, 'args[]: "--token-ttl=1" → "--token-ttl=2"'],
    [{ args: ['--token=/run/a'] }, { args: ['--token=/run/b'] }, 'args[]: "--token=/run/a" → "--token=/run/b"'],
  ];
  for (const [before, after, line] of shown) t.strictSame(changes(before, after), [line]);
});

t.test('fields and arguments that are called as secrets are', async (t) => {
  t.strictSame(changes({ data: { 'db.password': 'a' } }, { data: { 'db.password': 'b', x: '1' } }, [], 'ConfigMap'), [
    'data["db.password"]: "(secret)" → "(secret)"',
    'data.x: undefined → "1"',
  ]);
  t.strictSame(changes({ args: ['--api-key=abc', '-v'] }, { args: ['--api-key=xyz', '-v'] }), [
    'args[]: "(secret)" → "(secret)"',
  ]);
  t.strictSame(changes({ args: ['-v'] }, { args: ['-v', '--password=abc'] }), [
    'args[]: undefined → "--password=(secret)"',
  ]);
});

t.test('known secrets are masked wherever they stand, in base64 too, each line of long ones', async (t) => {
  const key = '-----BEGIN KEY-----\nMIIBOgIBAAJBAKj34GkxFhD90\n-----END KEY-----';
  const secrets = ['hunter22', key];
  const of = (before: Json, after: Json) => changes(before, after, secrets, 'ConfigMap');
  t.strictSame(of({ a: 'x' }, { a: 'hunter22' }), ['a: "x" → "(secret)"']);
  t.strictSame(of({ a: 'x' }, { a: 'http://u:hunter22@h' }), ['a: "x" → "http://u:(secret)@h"']);
  t.strictSame(of({ a: 'x' }, { a: Buffer.from('hunter22').toString('base64') }), ['a: "x" → "(secret)"']);
  t.strictSame(of({ a: 'x' }, { a: `cert:\n${key}` }), ['a: "x" → "cert:\\n(secret)"']);
  t.strictSame(of({ lines: [] }, { lines: ['  MIIBOgIBAAJBAKj34GkxFhD90'] }), ['lines[]: undefined → "  (secret)"']);
  t.strictSame(of({ a: 'p=hunter22' }, { a: 'p=hunter22 q' }), ['a: "p=(secret)" → "p=(secret) q"']);
  t.strictSame(changes({ a: 'p=old-secret' }, { a: 'p=new-secret' }, ['old-secret', 'new-secret']), [
    'a: "(secret)" → "(secret)"',
  ]);
  t.strictSame(changes({ a: 'x' }, { a: 'abc', b: 'xabcx' }, ['abc', '']), [
    'a: "x" → "(secret)"',
    'b: undefined → "xabcx"',
  ]);
  t.strictSame(changes({}, { hunter22: 'x' }, secrets), ['(secret): undefined → "x"']);
});

t.test('decrypted config items are not shown in the diff of two renders', async (t) => {
  const kms = (text: string) => `aws:kms:${Buffer.from(text).toString('base64')}`;
  const rendered = (secret: string, pod: string) =>
    renderSample(t, {
      cluster: sampleCluster({ config_items: { secret: kms(secret) } }),
      files: {
        'cluster/config-defaults.yaml': `other: ${kms('other-secret')}\n`,
        'cluster/cluster.yaml': 'Key: {{ .Cluster.ConfigItems.secret }}\n',
        'cluster/manifests/x/a.yaml': `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {x: "{{ .Cluster.ConfigItems.secret }}", v: "{{ .Cluster.ConfigItems.other }} ${pod}", z: "{{ .Cluster.ConfigItems.secret | base64 }}"}\n`,
      },
    });
  const diff = shareChanges([diffClusters(await rendered('first-secret', '1'), await rendered('second-secret', '2'))]);
  const text = diffAsText(diff);
  t.equal(
    text,
    [
      '~ ConfigMap a (manifests/x/a.yaml)',
      '    data.x: (secret) changed',
      '    data.v: (secret) 1 → (secret) 2',
      '    data.z: (secret) changed',
      '~ Stack kube-1 (cluster/cluster.yaml)',
      '    lines[]: (secret) changed',
      '',
      '2 changed',
      '',
    ].join('\n'),
  );
  const everywhere = text + diffAsMarkdown(diff) + JSON.stringify(diff);
  for (const secret of ['first-secret', 'second-secret', 'other-secret']) {
    t.notMatch(everywhere, secret);
    t.notMatch(everywhere, Buffer.from(secret).toString('base64'));
  }
});

t.test('a refusal does not show the decrypted config items of its line', async (t) => {
  const { refusals } = await renderSample(t, {
    cluster: sampleCluster({ config_items: { secret: `aws:kms:${Buffer.from('top: secret').toString('base64')}` } }),
    files: {
      'cluster/manifests/x/line.yaml': 'a: 1\nb: {{ .Cluster.ConfigItems.secret }}\n',
      'cluster/manifests/x/message.yaml': '{{ parseInt64 .Cluster.ConfigItems.secret }}\n',
    },
  });
  t.strictSame(
    refusals.map(({ message, excerpt }) => [message.replace(/^.*error calling /, ''), excerpt]),
    [
      [
        'parseInt64: strconv.ParseInt: parsing "(secret)": invalid syntax',
        '  {{ parseInt64 .Cluster.ConfigItems.secret }}\n     ^',
      ],
      ['yaml: line 2: mapping values are not allowed in this context', '  b: (secret)\n        ^'],
    ],
  );
});
