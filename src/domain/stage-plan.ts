import type { Channel, Wave } from './channel.ts';
import type { Cluster } from './cluster.ts';
import type { Pipeline, PipelineStage } from './pipeline.ts';
import type { StageRecord } from './run.ts';

/** Which clusters a wave takes, in the order of the registry, each cluster in the first wave that matches it. */
export function planWaves(channel: Channel, clusters: Cluster[]): { wave: Wave; clusters: Cluster[] }[] {
  const taken = new Set<string>();
  return channel.rollout.waves.map((wave) => {
    const mine = clusters.filter((cluster) => !taken.has(cluster.id) && matches(wave, cluster));
    for (const { id } of mine) taken.add(id);
    return { wave, clusters: mine };
  });
}

function matches({ match }: Wave, cluster: Cluster): boolean {
  if (match === undefined) return true;
  return (
    (match.criticality?.includes(cluster.criticality_level) ?? true) &&
    (match.environment?.includes(cluster.environment) ?? true) &&
    (match.cluster?.includes(cluster.id) ?? true)
  );
}

/** `25%` of 8 clusters is 2; never less than 1. */
function atOnce(limit: number | string, clusters: number): number {
  if (typeof limit === 'number') return limit;
  return Math.max(1, Math.floor((clusters * Number.parseInt(limit, 10)) / 100));
}

/**
 * The stages of a run. Stages with `forEach` that stand next to each other form a block, which is repeated wave by wave:
 *
 *     render → [converge/c1 converge/c2 → settle/canary] → [converge/c3 … → settle/rest] → done
 */
export function planStages(pipeline: Pipeline, channel: Channel, clusters: Cluster[]): StageRecord[] {
  const planned: StageRecord[] = [];
  const names = new Map<string, string[]>();
  let index = 0;
  while (index < pipeline.stages.length) {
    const end = blockEnd(pipeline.stages, index);
    const stages = pipeline.stages.slice(index, Math.max(end, index + 1));
    const made = end > index ? planBlock(stages, channel, clusters, names) : stages.map((stage) => plain(stage, names));
    planned.push(...made);
    index += stages.length;
  }
  return planned;
}

function blockEnd(stages: PipelineStage[], start: number): number {
  let end = start;
  while (stages[end]?.forEach !== undefined) end++;
  return end;
}

/** `names` maps a stage of the pipeline to the stages that stand for it in the run. */
function plain(stage: PipelineStage, names: Map<string, string[]>): StageRecord {
  names.set(stage.stage, [stage.stage]);
  return record(stage, { name: stage.stage, after: stage.after.flatMap((name) => names.get(name) ?? []) });
}

function planBlock(
  stages: PipelineStage[],
  channel: Channel,
  clusters: Cluster[],
  names: Map<string, string[]>,
): StageRecord[] {
  const block: StageRecord[] = [];
  const outside = (stages[0]?.after ?? []).flatMap((name) => names.get(name) ?? []);
  let before = { after: outside, following: [] as string[] };
  for (const { wave, clusters: members } of planWaves(channel, clusters)) {
    const made: StageRecord[] = [];
    for (const stage of stages) {
      const earlier = made.map(({ name }) => name);
      if (stage.forEach === 'wave') {
        const soak = stage.steps.map((step) =>
          step.kind === 'soak' && wave.soak !== undefined ? { ...step, with: { for: `${wave.soak}ms` } } : step,
        );
        const place = earlier.length > 0 ? { after: outside, following: earlier } : before;
        if (members.length > 0)
          made.push(
            record({ ...stage, steps: soak }, { name: `${stage.stage}/${wave.name}`, wave: wave.name, ...place }),
          );
        continue;
      }
      for (const { id } of members) {
        const own = made.filter(({ cluster }) => cluster === id).map(({ name }) => name);
        const place = own.length > 0 ? { after: own, following: [] } : before;
        made.push(
          record(stage, {
            name: `${stage.stage}/${id}`,
            wave: wave.name,
            cluster: id,
            atOnce: atOnce(wave.maxUnavailable, members.length),
            ...place,
          }),
        );
      }
    }
    if (made.length === 0) continue;
    before = {
      after: made.filter(({ cluster }) => cluster === undefined).map(({ name }) => name),
      following: made.map(({ name }) => name),
    };
    block.push(...made);
  }
  for (const { stage } of stages) {
    names.set(
      stage,
      block.length === 0 ? outside : block.filter(({ name }) => name.startsWith(`${stage}/`)).map(({ name }) => name),
    );
  }
  return block;
}

function record(stage: PipelineStage, place: Partial<StageRecord> & { name: string }): StageRecord {
  return {
    after: [],
    following: [],
    cluster: undefined,
    wave: undefined,
    atOnce: undefined,
    ...place,
    always: stage.always,
    timeout: stage.timeout,
    status: 'queued',
    reason: '',
    startedAt: undefined,
    finishedAt: undefined,
    steps: stage.steps.map((step) => ({
      ...step,
      status: 'queued',
      attempts: 0,
      startedAt: undefined,
      finishedAt: undefined,
      retryAt: undefined,
      progress: '',
      reason: '',
      memo: null,
      output: null,
    })),
  };
}
