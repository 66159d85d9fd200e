import t, { type Test } from 'tap';
import type { Run } from '../domain/run.ts';
import { usualTimeLimits } from '../http/time-limits.ts';
import type { Store } from '../ports/store.ts';
import { sampleRun } from './testing/sample-run.ts';
import { startServer } from './testing/server-under-test.ts';

interface Event {
  id: string | undefined;
  event: string;
  data: { text?: string; status?: string };
}

/** Reads server-sent events until `enough`. */
async function listen(
  t: Test,
  url: string,
  enough: (events: Event[]) => boolean,
  headers: Record<string, string> = {},
) {
  const left = new AbortController();
  t.teardown(() => left.abort());
  const response = await fetch(url, {
    headers: { authorization: 'Bearer token-of-viewer', ...headers },
    signal: AbortSignal.any([left.signal, AbortSignal.timeout(30_000)]),
  });
  t.equal(response.headers.get('content-type'), 'text/event-stream');
  const events: Event[] = [];
  let rest = '';
  for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    const blocks = (rest + chunk).split('\n\n');
    rest = blocks.pop() ?? '';
    for (const block of blocks) {
      const field = (name: string) =>
        block
          .split('\n')
          .find((line) => line.startsWith(`${name}: `))
          ?.slice(name.length + 2);
      const event = field('event');
      if (event !== undefined) events.push({ id: field('id'), event, data: JSON.parse(field('data') ?? '{}') });
    }
    if (enough(events)) break;
  }
  return events;
}

const told = (events: Event[]) => events.map(({ event, data }) => `${event} ${data.text ?? data.status ?? ''}`.trim());
const say = (store: Store, text: string) => store.runs.appendLog('r1', [{ at: 1, stage: 'render', text }]);

async function become(store: Store, change: Partial<Run>): Promise<void> {
  await store.runs.lease('r1', 'w', 60_000);
  await store.runs.save(sampleRun('r1', change), 'w');
  await store.runs.release('r1', 'w');
}

t.test('lines and changes arrive as they happen, and the stream ends with the run', async (t) => {
  const { store, url } = await startServer(t);
  await store.runs.create(sampleRun('r1', { status: 'queued' }));
  await say(store, 'one');
  let step = 0;
  const events = await listen(t, `${url}/api/v1/runs/r1/events`, (events) => {
    if (step === 0 && events.some(({ event }) => event === 'run')) {
      step = 1;
      void become(store, { status: 'running' });
    } else if (step === 1 && events.at(-1)?.data.status === 'running') {
      step = 2;
      void say(store, 'two').then(() => become(store, { status: 'succeeded' }));
    }
    return false;
  });
  t.same(told(events), ['log one', 'run queued', 'run running', 'log two', 'run succeeded', 'end']);
  t.same(events.map(({ id }) => id).filter(Boolean), ['1', '2'], 'each line carries what a reader resumes by');
});

t.test('a reader that comes back gets what it has not seen', async (t) => {
  const { store, url } = await startServer(t);
  await store.runs.create(sampleRun('r1', { status: 'failed' }));
  for (const text of ['one', 'two', 'three']) await say(store, text);
  const path = `${url}/api/v1/runs/r1/events`;
  const never = () => false;
  t.same(told(await listen(t, path, never, { 'last-event-id': '2' })), ['log three', 'run failed', 'end']);
  t.same(told(await listen(t, `${path}?after=1`, never)), ['log two', 'log three', 'run failed', 'end']);
});

t.test('a long log comes in whole', async (t) => {
  const { store, url } = await startServer(t);
  await store.runs.create(sampleRun('r1', { status: 'failed' }));
  await store.runs.appendLog(
    'r1',
    Array.from({ length: 1_200 }, (_, n) => ({ at: 1, stage: 'render', text: `${n}` })),
  );
  const events = await listen(t, `${url}/api/v1/runs/r1/events`, () => false);
  t.equal(events.filter(({ event }) => event === 'log').length, 1_200);
  t.same(told(events).slice(-2), ['run failed', 'end']);
});

t.test('a stream ends after a while, and who comes back is asked again who he is', async (t) => {
  const { store, url, users } = await startServer(t, { timeLimits: { ...usualTimeLimits, stream: 300 } });
  await store.runs.create(sampleRun('r1'));
  const path = `${url}/api/v1/runs/r1/events`;
  t.same(told(await listen(t, path, () => false)), ['run running'], 'the run goes on, the stream does not');
  users.delete('token-of-viewer');
  t.equal((await fetch(path, { headers: { authorization: 'Bearer token-of-viewer' } })).status, 401);
});

t.test('a server that closes ends its streams', async (t) => {
  const { store, url, server } = await startServer(t);
  await store.runs.create(sampleRun('r1'));
  let closed: Promise<unknown> | undefined;
  await listen(t, `${url}/api/v1/runs/r1/events`, (events) => {
    if (events.length > 0) closed ??= server.close();
    return false;
  }).catch((error) => t.match(error.message, 'terminated', 'cut, if not ended'));
  await closed;
});
