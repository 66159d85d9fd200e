import { createHmac } from 'node:crypto';
import t from 'tap';
import { announceBody } from '../webhook/testing/announce-body.ts';
import { Scene } from './scene.ts';
import { smallConfig } from './small-config.ts';

t.setTimeout(300_000);

const rules = {
  'pipelines/pull-request.yaml': [
    'pipeline: pull-request',
    'on: {pullRequest: {branches: [dev]}}',
    'stages:',
    '  - {stage: render, steps: [{render: {}}, {diff: {}}, {policy: {}}]}',
    '',
  ].join('\n'),
};
const manifest = (value: string) => `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: one}\ndata: {value: ${value}}\n`;

interface Mistake {
  what: string;
  files: Record<string, string>;
  /** What the gate says at the head: the beginning of the status, and a part of the comment. */
  says: RegExp;
}

/** What people write, by accident or not, and the sentence that they get for it. */
const mistakes: Mistake[] = [
  {
    what: 'a template that does not end',
    files: { 'cluster/manifests/small/one.yaml': manifest('{{ .Cluster.ConfigItems.size') },
    says: /^render: cluster\/manifests\/small\/one\.yaml:4:\d+: .*one\.yaml:4: bad character U\+007D/,
  },
  {
    what: 'a config item that nobody has set',
    files: { 'cluster/manifests/small/one.yaml': manifest('"{{ .Cluster.ConfigItems.sizes }}"') },
    says: /^render: cluster\/manifests\/small\/one\.yaml:4:\d+: .*map has no entry for key "sizes"/,
  },
  {
    what: 'a function that is none',
    files: { 'cluster/manifests/small/one.yaml': manifest('"{{ siez 1 }}"') },
    says: /^render: cluster\/manifests\/small\/one\.yaml:4:\d+: .*function "siez" not defined/,
  },
  {
    what: 'YAML that is none',
    files: { 'cluster/manifests/small/one.yaml': manifest('[1, 2') },
    says: /^render: cluster\/manifests\/small\/one\.yaml:\d/,
  },
  {
    what: 'an object without a name',
    files: { 'cluster/manifests/small/one.yaml': 'apiVersion: v1\nkind: ConfigMap\n' },
    says: /^render: cluster\/manifests\/small\/one\.yaml:1:1: .*expecting kind\/apiVersion\/metadata\.name/,
  },
  {
    what: 'a channel with a field of its own invention',
    files: { 'channels/dev.yaml': 'channel: dev\nbranch: dev\npromotion: {to: alpha}\nrollout: {wave: []}\n' },
    says: /^render: channels\/dev\.yaml:4: rollout.*"wave"/,
  },
  {
    what: 'a promotion to nowhere',
    files: { 'channels/dev.yaml': 'channel: dev\nbranch: dev\npromotion: {to: beta}\n' },
    says: /^render: channels\/dev\.yaml:3: promotion\.to: there is no channel "beta"; there are alpha, dev/,
  },
  {
    what: 'a step that there is not',
    files: {
      'pipelines/rollout.yaml':
        'pipeline: rollout\non: {push: {}}\nstages:\n  - {stage: converge, forEach: cluster, steps: [{aply: {}}]}\n',
    },
    says: /^render: pipelines\/rollout\.yaml:4: stages\[0\]\.steps\[0\]: a step is one of .*; found "aply"/,
  },
];

t.test('each mistake in a pull request is stopped with the sentence that names it, and nothing is green', async (t) => {
  const scene = await Scene.open(t, { branches: { dev: { ...smallConfig, ...rules }, alpha: {} } });
  await scene.start();
  for (const [index, { what, files, says }] of mistakes.entries()) {
    const { number, sha } = await scene.forge.propose(`mistake-${index}`, files);
    const run = await scene.ended({ pullRequest: number });
    await scene.told(run);
    const gate = await scene.forge.gate(sha);
    t.match(gate, { state: 'failure', description: /^render: / }, what);
    t.match(run.reason.replaceAll('\n', ' '), says, what);
    const [comment = ''] = await scene.forge.stickyComments(number);
    t.ok(comment.includes(run.reason.replace('render: ', '')), `${what}: the comment holds all of it`);
    const states = (await scene.forge.statuses(sha)).map(({ state }) => state);
    t.notOk(states.includes('success'), `${what}: no stage was ever green`);
  }

  await t.test('what is not a delivery of our forge is refused at the door', async (t) => {
    const before = (await scene.store.deliveries.recent(1_000)).length;
    const post = async (body: string, signedWith: string | undefined) => {
      const signature = signedWith && `sha256=${createHmac('sha256', signedWith).update(body).digest('hex')}`;
      const response = await fetch(`${scene.url}/webhooks/github`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'x-github-event': 'push',
          'x-github-delivery': `bad-${body.length}-${signedWith?.length}`,
          ...(signature ? { 'x-hub-signature-256': signature } : {}),
        },
        body,
      });
      const { detail } = (await response.json()) as { detail: string };
      return `${response.status} ${detail}`;
    };
    t.match(await post('{}', undefined), /^401 the X-Hub-Signature-256 header is missing/);
    t.match(await post('{}', 'a secret of somebody else'), /^401 the signature does not match/);
    t.equal(await post('{"ref":', scene.webhookSecret), '400 the body is not JSON');
    const oversized = await announceBody(`${scene.url}/webhooks/github`, 26 * 1024 * 1024);
    t.match(`${oversized.status} ${oversized.text}`, /^413 .*the body is larger than 25 MB/);
    t.equal((await scene.store.deliveries.recent(1_000)).length, before, 'nothing was stored');
  });
});
