import { noFacts } from '../../adapters/facts/no-facts.ts';
import { folderOf } from '../folder.test-fixture.ts';
import { local } from '../render-cluster.test-fixture.ts';
import { ChannelRenderer } from '../render-cluster.ts';
import type { Finding } from './finding.ts';

type Test = { teardown(action: () => unknown): void };

/** What lint finds in what these files are for one cluster. */
export async function findingsIn(t: Test, files: Record<string, string>): Promise<Finding[]> {
  const controller = new AbortController();
  t.teardown(() => controller.abort());
  const { signal } = controller;
  const sources = [{ name: 'main', directory: await folderOf(t, files) }];
  const renderer = await ChannelRenderer.open(sources, signal);
  const { findings } = await renderer.lint({ cluster: local, facts: noFacts(local.id), signal });
  return findings;
}

/** The same as `severity line: message`, of one manifest file. */
export async function told(t: Test, text: string): Promise<string[]> {
  const findings = await findingsIn(t, { 'cluster/manifests/a/all.yaml': text });
  return findings.map(({ severity, line, message }) => `${severity} ${line}: ${message}`);
}

/** An object as one line, and the line that ends its document. */
export function object(apiVersion: string, kind: string, metadata: string, more = ''): string {
  const rest = more === '' ? '' : `, ${more}`;
  return `{apiVersion: ${apiVersion}, kind: ${kind}, metadata: {${metadata}}${rest}}\n---\n`;
}
