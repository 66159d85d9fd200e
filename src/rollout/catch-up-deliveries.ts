import { FairwayError, messageOf } from '../domain/errors.ts';
import { cut, oneLine } from '../domain/visible-text.ts';
import type { Planning } from './planning.ts';

const hour = 3_600_000;
/** The forge forgets what is older. */
const furthestBack = 72 * hour;
/** What is younger may still be under way. */
const underWay = 15_000;

/** Takes in what the forge has sent and we have never received: also comments, which leave no other trace. Without the right to read webhooks it does nothing. */
export async function catchUpDeliveries(
  { store: { deliveries }, forge, dispatcher }: Planning,
  repository: string,
  webhookUrl: string,
): Promise<void> {
  const now = Date.now();
  const [newest] = await deliveries.recent(1);
  const since = Math.max(now - furthestBack, (newest?.receivedAt ?? now) - hour);
  const sent = await forge.sentDeliveries(repository, webhookUrl, since).catch((error: unknown) => {
    if (error instanceof FairwayError && (error.kind === 'forbidden' || error.kind === 'missing')) return [];
    throw error;
  });
  const due = sent.filter(({ sentAt }) => sentAt < now - underWay).sort((one, other) => one.sentAt - other.sentAt);
  const unknown = new Set(await deliveries.unknown(due.map(({ id }) => id)));
  for (const { id, event, payload } of due.filter(({ id }) => unknown.has(id))) {
    const read = await readable(payload);
    await deliveries.receive({ id, event, payload: read.payload, receivedAt: Date.now() });
    if (read.problem === undefined) await dispatcher.wake({ wake: 'delivery', id });
    else await deliveries.finish(id, read.problem);
  }
}

/** One that can never be read must not keep the later ones from being caught up. */
async function readable(payload: () => Promise<string>): Promise<{ payload: string; problem: string | undefined }> {
  try {
    return { payload: await payload(), problem: undefined };
  } catch (error) {
    if (error instanceof FairwayError && error.kind === 'unavailable') throw error;
    return { payload: '{}', problem: `the forge does not give it back: ${cut(oneLine(messageOf(error)), 2_000)}` };
  }
}
