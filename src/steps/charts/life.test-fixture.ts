import { setTimeout as sleep } from 'node:timers/promises';
import type { Test } from 'tap';
import { z } from 'zod';
import { ApiServer } from '../../adapters/kubernetes/api-server.ts';
import { createKube } from '../../adapters/kubernetes/create-kube.ts';
import { fairway } from '../../cli/commands.test-fixture.ts';
import type { Json } from '../../domain/json.ts';
import { describeRef } from '../../domain/manifest.ts';
import { folderOf } from '../../render/folder.test-fixture.ts';
import { describeRefusal } from '../../render/refusal.ts';
import { render } from '../../render/tool-components.test-fixture.ts';
import { converge } from '../apply.ts';
import { wholeCluster } from './whole-cluster.test-fixture.ts';

/** Files of a config repository by path. */
export type Files = Record<string, string | Buffer>;

/** What a team installs, upgrades and removes. */
export interface Life {
  installed: Files;
  upgraded: Files;
  /** What is left of it on purpose when it is removed: `CustomResourceDefinition shops.example.org`. */
  kept?: string[];
  /** The deletions.yaml that lets go of what pruning would refuse. */
  deletions?: string;
  /** What lint warns of in it, rightly; beginnings of messages. */
  warnings?: string[];
}

const applyMs = 5 * 60_000;

/** Carries it through its life on a real cluster, by the code of the apply step. */
export async function liveThrough(t: Test, kubeconfig: string, life: Life): Promise<void> {
  const server = new ApiServer(kubeconfig);
  const look = () => wholeCluster(server, AbortSignal.timeout(60_000));
  const before = await look();
  t.ok(before.size > 50, `${before.size} objects are there before`);
  for (const name of ['installed', 'upgraded'] as const) {
    const directory = await folderOf(t, life[name]);
    t.same(await unexpectedFindings(directory, life.warnings ?? []), [], `lint of what is ${name}`);
    const { changed, changes } = await apply(t, kubeconfig, directory, name);
    t.ok(changed > 0);
    t.equal(changes.filter((line) => / (created|configured)$/.test(line)).length, changed, 'each change is in the log');
    const applied = await look();
    t.same((await apply(t, kubeconfig, directory, `${name}, again`)).changes, [], 'a second time nothing changes');
    t.same(differences(applied, await look()), [], 'and nothing differs');
  }
  const deletions = life.deletions === undefined ? {} : { 'cluster/manifests/deletions.yaml': life.deletions };
  const empty = await folderOf(t, { 'cluster/config-defaults.yaml': 'nothing: ""\n', ...deletions });
  await apply(t, kubeconfig, empty, 'removed');
  const expected = new Set([...before.keys(), ...(life.kept ?? [])]);
  t.same(await untilSame(look, expected), [], 'nothing else is left of it, and nothing of others went');
  const inventory = await createKube().connect(kubeconfig).inventory(AbortSignal.timeout(60_000));
  t.same(inventory?.objects.map(describeRef), [], 'nor is anything in the inventory');
}

const findings = z.object({
  findings: z.array(z.object({ file: z.string(), line: z.number(), severity: z.string(), message: z.string() })),
  unseen: z.array(z.string()),
});

async function unexpectedFindings(directory: string, expected: readonly string[]): Promise<string[]> {
  const { out } = await fairway('lint', directory, '--output', 'json');
  const found = findings.parse(JSON.parse(out));
  const told = found.findings
    .filter(({ severity, message }) => severity !== 'warning' || !expected.some((start) => message.startsWith(start)))
    .map(({ file, line, severity, message }) => `${file}:${line}: ${severity}: ${message}`);
  return [...told, ...found.unseen.map((file) => `${file}: not looked at`)];
}

const output = z.object({ changed: z.number() });

async function apply(t: Test, kubeconfig: string, directory: string, attempt: string) {
  const started = performance.now();
  const rendered = await render(directory);
  if (rendered.refusals.length > 0) throw new Error(rendered.refusals.map(describeRefusal).join('\n'));
  const signal = AbortSignal.timeout(applyMs);
  const lines: string[] = [];
  const log = (text: string) => void lines.push(text);
  const options = { attempt: `${t.name} ${attempt}`, hooks: 'start' } as const;
  for (let memo: Json = null; ; ) {
    // By another process each time, as after a wait.
    const client = createKube().connect(kubeconfig);
    const outcome = await converge({ client, rendered, options, log, signal }, memo);
    if (outcome.outcome === 'running') {
      memo = outcome.memo ?? null;
      if (lines.at(-1) !== outcome.progress) log(outcome.progress);
      await sleep(outcome.retryAfter, undefined, { signal });
      continue;
    }
    if (outcome.outcome !== 'succeeded')
      throw new Error([JSON.stringify(outcome, null, 1), ...lines.slice(-20)].join('\n'));
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    t.comment(`MEASURED ${t.name}, ${attempt}: ${outcome.summary} in ${seconds} s`);
    const { changed } = output.parse(outcome.output);
    return { changed, changes: lines };
  }
}

function differences(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): string[] {
  const keys = new Set([...before.keys(), ...after.keys()]);
  return [...keys].filter((key) => before.get(key) !== after.get(key));
}

/** What is there and not expected, or the other way round, once what controllers clean up is gone. */
async function untilSame(look: () => Promise<Map<string, string>>, expected: ReadonlySet<string>): Promise<string[]> {
  const deadline = Date.now() + 60_000;
  for (;;) {
    const there = await look();
    const added = [...there.keys()].filter((key) => !expected.has(key)).map((key) => `${key} is there`);
    const missing = [...expected].filter((key) => !there.has(key)).map((key) => `${key} is not there`);
    const different = [...added, ...missing].sort();
    if (different.length === 0 || Date.now() > deadline) return different;
    await sleep(500);
  }
}
