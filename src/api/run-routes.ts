import { Readable } from 'node:stream';
import { z } from 'zod';
import { FairwayError } from '../domain/errors.ts';
import { isFinal, type Run } from '../domain/run.ts';
import type { TimeLimits } from '../http/time-limits.ts';
import type { Commands } from '../ports/commands.ts';
import type { Dispatcher } from '../ports/dispatcher.ts';
import type { Store } from '../ports/store.ts';
import type { App } from './app.ts';
import { userOf } from './authentication.ts';
import { mediaOf } from './openapi.ts';
import { runEvents } from './run-events.ts';
import { runKinds, runSummary, runView, toRunSummary, toRunView } from './run-view.ts';
import { wholeNumber } from './whole-number.ts';

export interface RunRoutesOptions {
  store: Store;
  dispatcher: Dispatcher;
  commands: Commands;
  /** Ends the streams when the server closes. */
  closing: AbortSignal;
  timeLimits: Pick<TimeLimits, 'stream'>;
}

const tags = ['runs'];
const params = z.object({ id: z.string() });
const filters = z.object({
  kind: z.enum(runKinds).optional(),
  repository: z.string().optional(),
  channel: z.string().optional(),
  pullRequest: wholeNumber(z.int32().positive()).optional(),
  live: z.enum(['true', 'false']).optional().describe('only runs that are not finished'),
  limit: wholeNumber(z.int32().min(1).max(500)).default(100),
});
const position = z.object({
  after: wholeNumber(z.int32().nonnegative()).default(0).describe('the last sequence that the reader has'),
  limit: wholeNumber(z.int32().min(1).max(5_000)).default(1_000),
});
const logLine = z.object({ sequence: z.number(), at: z.number(), stage: z.string(), text: z.string() });
const sequence = /^\d{1,9}$/;

export function runRoutes(app: App, options: RunRoutesOptions): void {
  readRoutes(app, options);
  changeRoutes(app, options);
}

function readRoutes(app: App, { store, closing, timeLimits }: RunRoutesOptions): void {
  const list = {
    tags,
    summary: 'Runs, newest first',
    querystring: filters,
    response: { 200: z.object({ items: z.array(runSummary) }) },
  };
  app.get('/runs', { schema: list }, async ({ query: { live, ...filter } }) => {
    const given = Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined));
    return { items: (await store.runs.list({ ...given, live: live === 'true' })).map(toRunSummary) };
  });

  const one = { tags, summary: 'A run with its stages and steps', params, response: { 200: runView } };
  app.get('/runs/:id', { schema: one }, async ({ params }) => toRunView(await requireRun(store, params.id)));

  const lines = {
    tags,
    summary: "A run's log",
    params,
    querystring: position,
    response: { 200: z.object({ items: z.array(logLine) }) },
  };
  app.get('/runs/:id/log', { schema: lines }, async ({ params, query }) => {
    await requireRun(store, params.id);
    return { items: await store.runs.log(params.id, query.after, query.limit) };
  });

  const events = {
    tags,
    summary: 'Server-sent events: log, run, end; resumes by Last-Event-ID',
    params,
    querystring: position,
    response: { 200: mediaOf('the events', 'text/event-stream') },
  };
  app.get('/runs/:id/events', { schema: events }, async (request, reply) => {
    await requireRun(store, request.params.id);
    const last = request.headers['last-event-id'];
    const after = typeof last === 'string' && sequence.test(last) ? Number(last) : request.query.after;
    const left = new AbortController();
    reply.raw.once('close', () => left.abort());
    const end = AbortSignal.any([left.signal, closing, AbortSignal.timeout(timeLimits.stream)]);
    const stream = runEvents(store.runs, request.params.id, after, end);
    return reply
      .type('text/event-stream')
      .headers({ 'cache-control': 'no-store', 'x-accel-buffering': 'no' })
      .send(Readable.from(stream, { objectMode: false }));
  });
}

function changeRoutes(app: App, { store, dispatcher, commands }: RunRoutesOptions): void {
  const audit = (actor: string, action: string, subject: string, detail: string) =>
    store.audit.append({ at: Date.now(), actor, action, subject, detail });

  const body = z.object({ reason: z.string().max(500).optional() }).nullish();
  const config = { role: 'operator' as const };
  const cancel = { tags, summary: 'Ends a run; what cleans up still runs', params, body, response: { 202: runView } };
  app.post('/runs/:id/cancel', { schema: cancel, config }, async (request, reply) => {
    const { id } = request.params;
    const user = userOf(request);
    const run = await requireRun(store, id);
    const why = request.body?.reason;
    const reason = `cancelled by ${user}${why === undefined ? '' : `: ${why}`}`;
    if (!(await store.runs.requestCancel(id, reason)))
      throw new FairwayError('conflict', await notCancellable(store, run));
    await audit(user, 'run.cancel', id, why ?? '');
    dispatcher.wake({ wake: 'run', id }).catch((error: unknown) => {
      request.log.warn({ err: error, run: id }, 'no wake-up for the cancelled run; the sweeper will find it');
    });
    return reply.code(202).send(toRunView(await requireRun(store, id)));
  });

  const retry = {
    tags,
    summary: "Does a finished run's work again",
    params,
    response: { 201: z.object({ runId: z.string() }) },
  };
  app.post('/runs/:id/retry', { schema: retry, config }, async (request, reply) => {
    const { id } = request.params;
    const run = await requireRun(store, id);
    if (!isFinal(run.status)) throw new FairwayError('conflict', `the run ${id} is not finished; cancel it first`);
    const outcome = await commands.retry(id, userOf(request));
    if (outcome.outcome === 'refused') throw new FairwayError('conflict', outcome.reason);
    await audit(userOf(request), 'run.retry', id, `started ${outcome.runId}`);
    return reply.code(201).send({ runId: outcome.runId });
  });
}

async function notCancellable(store: Store, { id, status }: Run): Promise<string> {
  const earlier = await store.runs.cancelReason(id);
  return isFinal(status) ? `the run ${id} is finished: it ${status}` : `the run ${id} is ending already: ${earlier}`;
}

export async function requireRun(store: Pick<Store, 'runs'>, id: string): Promise<Run> {
  const run = await store.runs.get(id);
  if (!run) throw new FairwayError('missing', `there is no run ${id}`);
  return run;
}
