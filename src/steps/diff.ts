import { z } from 'zod';
import { diffClusters, shareChanges } from '../render/diff.ts';
import { diffAsMarkdown, diffAsText, summary } from '../render/diff-text.ts';
import { clustersOf } from './clusters-of.ts';
import { Rendering } from './rendering.ts';
import { defineStep } from './step.ts';

/** What the head changes in each cluster of the channel; kept as artifacts `diff.md` and `diff.json`. */
export const diff = defineStep({
  kind: 'diff',
  schema: z.strictObject({}),
  needs: ['git', 'registry', 'facts', 'manifestTools', 'secrets', 'artifacts'],
  deadline: 5 * 60_000,
  late: 'errored',
  async run({ run, world, signal, log }) {
    const base = await Rendering.open(run, 'base', world, signal);
    const head = await Rendering.open(run, 'head', world, signal);
    if (!base || !head) return { outcome: 'skipped', reason: 'there is nothing yet to compare with' };
    const diffs = [];
    for (const cluster of await clustersOf(run, world)) {
      const before = await base.render(cluster);
      if (before.refusals.length > 0)
        log(`the base can't be rendered for ${cluster.id}; what is compared is the rest of it`);
      diffs.push(diffClusters(before, await head.render(cluster)));
    }
    const changes = shareChanges(diffs);
    await world.artifacts.put(run.id, 'diff.md', diffAsMarkdown(changes));
    await world.artifacts.put(run.id, 'diff.json', JSON.stringify(changes, null, 2));
    for (const line of diffAsText(changes).trimEnd().split('\n')) log(line);
    return { outcome: 'succeeded', summary: summary(changes), output: { summary: summary(changes) } };
  },
});
