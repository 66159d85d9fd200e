import { z } from 'zod';
import { FairwayError } from '../domain/errors.ts';
import { inPromotionOrder } from '../domain/promotion-order.ts';
import type { Commands } from '../ports/commands.ts';
import type { Store } from '../ports/store.ts';
import type { App } from './app.ts';
import { userOf } from './authentication.ts';

const tags = ['channels'];
export const channelView = z.object({
  repository: z.string(),
  channel: z.string(),
  liveRun: z.string().optional().describe('the rollout that is under way'),
  attemptedSha: z.string().optional(),
  convergedSha: z.string().optional().describe('the newest revision that all clusters converged to'),
  convergedTree: z.string().optional(),
  convergedAt: z.number().optional(),
  held: z.string().optional().describe('why no rollout starts'),
  promotesTo: z.string().optional().describe('the next channel, by the newest rollout'),
});
export type ChannelView = z.output<typeof channelView>;

const params = z.object({ owner: z.string(), name: z.string(), channel: z.string() });
const path = '/channels/:owner/:name/:channel';

export function channelRoutes(app: App, { store, commands }: { store: Store; commands: Commands }): void {
  const find = async ({ owner, name, channel }: z.output<typeof params>): Promise<ChannelView> => {
    const repository = `${owner}/${name}`;
    const known = await listChannels(store);
    const found = known.find((state) => state.repository === repository && state.channel === channel);
    if (found) return found;
    const names = known.map((state) => `${state.channel} of ${state.repository}`).join(', ') || 'none yet';
    throw new FairwayError('missing', `there is no channel ${channel} of ${repository}; known: ${names}`);
  };
  const audit = (actor: string, action: string, { repository, channel }: ChannelView, detail: string) =>
    store.audit.append({ at: Date.now(), actor, action, subject: `${repository} ${channel}`, detail });

  const list = {
    tags,
    summary: 'How far each channel has come, in promotion order',
    response: { 200: z.object({ items: z.array(channelView) }) },
  };
  app.get('/channels', { schema: list }, async () => ({ items: await listChannels(store) }));

  const response = { 200: channelView };
  const config = { role: 'operator' as const };
  const body = z.object({ reason: z.string().trim().min(1, 'say why, for those who wonder').max(500) });
  const hold = { tags, summary: 'Lets no rollout start', params, body, response };
  app.post(`${path}/hold`, { schema: hold, config }, async (request) => {
    const state = await find(request.params);
    const { reason } = request.body;
    await store.channels.hold(state.repository, state.channel, `${userOf(request)}: ${reason}`);
    await audit(userOf(request), 'channel.hold', state, reason);
    return find(request.params);
  });

  const resume = { tags, summary: 'Lets rollouts start again', params, response };
  app.post(`${path}/resume`, { schema: resume, config }, async (request) => {
    const state = await find(request.params);
    await store.channels.hold(state.repository, state.channel, undefined);
    await audit(userOf(request), 'channel.resume', state, state.held ?? '');
    return find(request.params);
  });

  const started = { 201: z.object({ runId: z.string() }) };
  const rollOut = { tags, summary: "Rolls the newest revision of the channel's branch out", params, response: started };
  app.post(`${path}/roll-out`, { schema: rollOut, config }, async (request, reply) => {
    const state = await find(request.params);
    const outcome = await commands.rollOut(state.repository, state.channel, userOf(request));
    if (outcome.outcome === 'refused') throw new FairwayError('conflict', outcome.reason);
    await audit(userOf(request), 'channel.roll-out', state, `started ${outcome.runId}`);
    return reply.code(201).send({ runId: outcome.runId });
  });

  const rollOutUnproven = {
    tags,
    summary: "Rolls the newest revision of the channel's branch out although nothing has proven it",
    params,
    body,
    response: started,
  };
  const administrator = { role: 'administrator' as const };
  app.post(`${path}/roll-out-unproven`, { schema: rollOutUnproven, config: administrator }, async (request, reply) => {
    const state = await find(request.params);
    const { reason } = request.body;
    const outcome = await commands.rollOutUnproven(state.repository, state.channel, userOf(request), reason);
    if (outcome.outcome === 'refused') throw new FairwayError('conflict', outcome.reason);
    await audit(userOf(request), 'channel.roll-out-unproven', state, `started ${outcome.runId}: ${reason}`);
    return reply.code(201).send({ runId: outcome.runId });
  });

  const rollBack = {
    tags,
    summary: 'Takes the clusters that a failed rollout has reached back to what the channel had converged to',
    params,
    response: started,
  };
  app.post(`${path}/rollback`, { schema: rollBack, config }, async (request, reply) => {
    const state = await find(request.params);
    const outcome = await commands.rollBack(state.repository, state.channel, userOf(request));
    if (outcome.outcome === 'refused') throw new FairwayError('conflict', outcome.reason);
    await audit(userOf(request), 'channel.rollback', state, `started ${outcome.runId}`);
    return reply.code(201).send({ runId: outcome.runId });
  });
}

/** In promotion order, as the newest rollout of each channel knew it. */
async function listChannels({ channels, runs }: Store): Promise<ChannelView[]> {
  const known = await Promise.all(
    (await channels.list()).map(async (state) => {
      const { repository, channel } = state;
      const [newest] = await runs.list({ kind: 'rollout', repository, channel, limit: 1 });
      return { ...state, promotion: newest?.policy.promotion };
    }),
  );
  const byRepository = Map.groupBy(known, ({ repository }) => repository);
  return [...byRepository.values()]
    .flatMap((some) => inPromotionOrder(some))
    .map(({ promotion, ...state }) => channelView.parse({ ...state, promotesTo: promotion?.to }));
}
