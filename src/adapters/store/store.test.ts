import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import pg from 'pg';
import t, { type Test } from 'tap';
import { channel } from '../../domain/channel.ts';
import { cluster } from '../../domain/cluster.ts';
import type { Run } from '../../domain/run.ts';
import { startTemporaryPostgres } from '../../embedded/postgres/temporary-postgres.ts';
import type { Store } from '../../ports/store.ts';
import { openStore } from './store.ts';

function aRun(id: string, change: Partial<Run> = {}): Run {
  return {
    id,
    kind: 'pull-request',
    repository: 'acme/config',
    channel: 'dev',
    pullRequest: 1,
    baseSha: 'b',
    baseTree: 'bt',
    headSha: 'h',
    tree: 't',
    evidenceKey: 't-1',
    status: 'queued',
    reason: '',
    reusedFrom: undefined,
    requestedBy: 'jane',
    createdAt: Date.now(),
    startedAt: undefined,
    finishedAt: undefined,
    cancelReason: undefined,
    wakeAt: Date.now() - 1,
    policy: channel.parse({ channel: 'dev', branch: 'dev' }),
    stages: [],
    ...change,
  };
}

const claim = (runId: string, sha: string) => ({
  repository: 'acme/config',
  channel: 'dev',
  branch: 'dev',
  runId,
  sha,
});

async function behavesLikeAStore(t: Test, store: Store): Promise<void> {
  await t.test('the same delivery twice is one delivery, pending until it is finished', async (t) => {
    const delivery = { id: 'd1', event: 'push', payload: '{"ref":"ä"}', receivedAt: 5 };
    t.equal(await store.deliveries.receive(delivery), 'new');
    t.equal(await store.deliveries.receive({ ...delivery, payload: 'other' }), 'duplicate');
    t.same(await store.deliveries.pending(10), [delivery]);
    await store.deliveries.finish('d1', 'rolled out');
    t.same(await store.deliveries.pending(10), []);
    t.match(await store.deliveries.recent(10), [{ id: 'd1', event: 'push', receivedAt: 5, result: 'rolled out' }]);
    t.equal(await store.deliveries.get('d1'), undefined);
    t.equal(await store.deliveries.receive(delivery), 'duplicate', 'also when it was finished');
  });

  await t.test('runs whose end was not told are found, however many newer ones there are', async (t) => {
    await store.runs.create(aRun('untold', { status: 'failed', wakeAt: undefined, createdAt: 1 }));
    for (let n = 0; n < 210; n++) {
      await store.runs.create(aRun(`told-${n}`, { status: 'succeeded', wakeAt: undefined, createdAt: 2 }));
      await store.runs.told(`told-${n}`);
    }
    t.same(await store.runs.untold(10), ['untold']);
    await store.runs.told('untold');
    t.same(await store.runs.untold(10), []);
  });

  await t.test('deliveries that come at once are all stored, the same one once', async (t) => {
    const delivery = (id: string) => ({ id, event: 'push', payload: '{}', receivedAt: 1 });
    const ids = [...Array.from({ length: 1_200 }, (_, index) => `at-once-${index}`), 'at-once-7', 'at-once-1199'];
    const answers = await Promise.all(ids.map((id) => store.deliveries.receive(delivery(id))));
    t.same(answers, [...Array(1_200).fill('new'), 'duplicate', 'duplicate']);
    t.equal((await store.deliveries.pending(5_000)).length, 1_200);
    for (const id of ids) await store.deliveries.finish(id, 'done');
  });

  await t.test('a run has one worker at a time, and only that one writes', async (t) => {
    t.equal(await store.runs.create(aRun('r1')), 'created');
    t.equal(await store.runs.create(aRun('r1')), 'exists');
    t.same(await store.runs.due(Date.now(), 10), ['r1']);
    const run = await store.runs.lease('r1', 'w1', 60_000);
    t.equal(run?.id, 'r1');
    t.equal(await store.runs.lease('r1', 'w2', 60_000), undefined);
    t.same(await store.runs.due(Date.now(), 10), [], 'a leased run is not due');
    t.equal(await store.runs.save(aRun('r1', { status: 'running', reason: 'by w2' }), 'w2'), false);
    t.equal(await store.runs.save(aRun('r1', { status: 'running', reason: 'by w1' }), 'w1'), true);
    t.equal((await store.runs.get('r1'))?.reason, 'by w1');
    await store.runs.release('r1', 'w1');
    t.ok(await store.runs.lease('r1', 'w2', 1));
  });

  await t.test('a lease that is not renewed ends by itself, and its worker can write no more', async (t) => {
    await store.runs.create(aRun('r2'));
    t.ok(await store.runs.lease('r2', 'w1', 1));
    await new Promise((resolve) => setTimeout(resolve, 20));
    t.equal(await store.runs.renew('r2', 'w1', 60_000), false);
    t.equal(await store.runs.save(aRun('r2', { status: 'succeeded' }), 'w1'), false);
    t.ok(await store.runs.lease('r2', 'w2', 60_000));
    t.equal(await store.runs.renew('r2', 'w2', 60_000), true);
  });

  await t.test('a wish to cancel reaches the worker that has the run, once', async (t) => {
    await store.runs.create(aRun('r3'));
    const run = await store.runs.lease('r3', 'w1', 60_000);
    t.equal(await store.runs.requestCancel('r3', 'superseded by abc'), true);
    t.equal(await store.runs.requestCancel('r3', 'again'), false);
    t.equal(await store.runs.cancelReason('r3'), 'superseded by abc');
    t.ok(run && (await store.runs.save(run, 'w1')));
    t.equal((await store.runs.get('r3'))?.cancelReason, 'superseded by abc', 'writing the run keeps the wish');
    await store.runs.save(aRun('r3', { status: 'cancelled', wakeAt: undefined }), 'w1');
    t.equal(await store.runs.requestCancel('r3', 'late'), false);
    t.same((await store.runs.list({ live: true })).map(({ id }) => id).includes('r3'), false);
  });

  await t.test('runs are found by what they are about, newest first', async (t) => {
    await store.runs.create(aRun('o1', { repository: 'other/x', createdAt: 1 }));
    await store.runs.create(
      aRun('o2', { repository: 'other/x', createdAt: 2, pullRequest: undefined, kind: 'rollout' }),
    );
    t.same(
      (await store.runs.list({ repository: 'other/x' })).map(({ id }) => id),
      ['o2', 'o1'],
    );
    t.same(
      (await store.runs.list({ repository: 'other/x', pullRequest: 1 })).map(({ id }) => id),
      ['o1'],
    );
    t.same(
      (await store.runs.list({ repository: 'other/x', kind: 'rollout' })).map(({ id }) => id),
      ['o2'],
    );
  });

  await t.test('log lines keep their order and can be read on from any of them', async (t) => {
    const line = (text: string) => ({ at: 1, stage: 's', text });
    await store.runs.appendLog('r1', [line('a'), line('b')]);
    await store.runs.appendLog('r1', []);
    await store.runs.appendLog('r1', [line('c')]);
    t.same(
      (await store.runs.log('r1', 0, 10)).map(({ text }) => text),
      ['a', 'b', 'c'],
    );
    const [first] = await store.runs.log('r1', 0, 1);
    t.same(
      (await store.runs.log('r1', first?.sequence ?? 0, 10)).map(({ text }) => text),
      ['b', 'c'],
    );
  });

  await t.test('a channel has one live rollout, and remembers what it converged to', async (t) => {
    t.equal((await store.channels.get('acme/config', 'dev')).liveRun, undefined);
    t.equal(await store.channels.claim(claim('r1', 's1')), true);
    t.equal(await store.channels.claim(claim('r1', 's1')), true, 'claiming again is the same claim');
    t.equal(await store.channels.claim(claim('r2', 's2')), false);
    await store.channels.finish('acme/config', 'dev', 'r2', undefined);
    t.equal((await store.channels.get('acme/config', 'dev')).liveRun, 'r1', "another run can't end it");
    await store.channels.finish('acme/config', 'dev', 'r1', { sha: 's1', tree: 't1', at: 7 });
    t.match(await store.channels.get('acme/config', 'dev'), {
      liveRun: undefined,
      attemptedSha: 's1',
      convergedSha: 's1',
      convergedTree: 't1',
      convergedAt: 7,
    });
    t.equal(await store.channels.claim(claim('r2', 's2')), true);
    await store.channels.finish('acme/config', 'dev', 'r2', undefined);
    t.match(await store.channels.get('acme/config', 'dev'), { attemptedSha: 's2', convergedSha: 's1' });
    await store.channels.hold('acme/config', 'dev', 'incident 7');
    t.equal((await store.channels.get('acme/config', 'dev')).held, 'incident 7');
    await store.channels.hold('acme/config', 'dev', undefined);
    t.equal((await store.channels.list()).length, 1);
  });

  await t.test('evidence, reports, trust and audit are kept', async (t) => {
    const step = { repository: 'acme/config', branch: 'dev', baseTree: 'b1', tree: 't1' };
    const evidence = { ...step, key: 'k', verdict: 'failure' as const, reason: 'x', runId: 'r1', at: 1 };
    t.equal(await store.evidence.find('k'), undefined);
    await store.evidence.keep(evidence);
    await store.evidence.keep({ ...evidence, verdict: 'success', at: 2 });
    t.same(await store.evidence.find('k'), { ...evidence, verdict: 'success', at: 2 });
    const bases = (branch: string, tree: string) => store.evidence.provenBases('acme/config', branch, tree);
    await store.evidence.keep({ ...evidence, key: 'k2', baseTree: 'b2' });
    t.same(await bases('dev', 't1'), ['b1'], 'a failure proves nothing');
    await store.evidence.keep({ ...evidence, key: 'k2', baseTree: 'b2', verdict: 'success' });
    t.same((await bases('dev', 't1')).sort(), ['b1', 'b2']);
    t.same([await bases('alpha', 't1'), await bases('dev', 'b1')], [[], []]);
    t.equal(await store.reports.takeTurn('#1', 'me', 60_000), true);
    t.equal(await store.reports.takeTurn('#1', 'you', 60_000), false);
    t.equal(await store.reports.takeTurn('#1', 'me', 60_000), true, 'its holder goes on');
    t.equal(await store.reports.takeTurn('#2', 'you', 0), true, 'of another subject');
    await sleep(2);
    t.equal(await store.reports.takeTurn('#2', 'me', 60_000), true, 'a turn ends by itself');
    await store.reports.endTurn('#1', 'you');
    t.equal(await store.reports.takeTurn('#1', 'you', 60_000), false, 'only its holder ends it');
    await store.reports.endTurn('#1', 'me');
    t.equal(await store.reports.takeTurn('#1', 'you', 60_000), true);
    t.equal(await store.reports.last('c'), undefined);
    await store.reports.sent('c', '1');
    await store.reports.sent('c', '2');
    t.equal(await store.reports.last('c'), '2');
    await store.trust.approve('acme/config', 4, 'sha', 'jane');
    t.equal(await store.trust.approvedBy('acme/config', 4, 'sha'), 'jane');
    t.equal(await store.trust.approvedBy('acme/config', 4, 'newer'), undefined);
    await store.audit.append({ at: 1, actor: 'jane', action: 'merged', subject: '#1', detail: '' });
    t.match(await store.audit.list(1), [{ actor: 'jane', action: 'merged' }]);
  });

  await t.test('a session is known until it is ended, or nobody has used it for long', async (t) => {
    const { sessions } = store;
    const session = (idHash: string, begunAt: number, usedAt: number) => ({ idHash, credential: 'c', begunAt, usedAt });
    await sessions.begin(session('left', 1_000, 1_000));
    await sessions.begin(session('idle', 1_000, 1_500));
    await sessions.begin(session('old', 500, 2_000));
    await sessions.begin(session('kept', 1_000, 1_500));
    await sessions.used('kept', 2_000);
    t.same(await sessions.find('kept'), session('kept', 1_000, 2_000));
    await sessions.end('left');
    await sessions.used('left', 3_000);
    t.equal(await sessions.find('left'), undefined, 'it stays ended');
    await sessions.forget({ begunBefore: 600, usedBefore: 1_600 });
    const ids = ['left', 'idle', 'old', 'kept'];
    const known = await Promise.all(ids.map((id) => sessions.find(id)));
    t.same(
      known.flatMap((one) => one?.idHash ?? []),
      ['kept'],
    );
  });

  await t.test('clusters come in the order of their creation', async (t) => {
    const make = (id: string, created_at: string, channel = 'dev') =>
      cluster.parse({ id, alias: id, local_id: id, api_server_url: '', channel, provider: 'local', created_at });
    t.equal(await store.clusters.put(make('b', '2026-01-01T00:00:00Z')), 'created');
    t.equal(await store.clusters.put(make('a', '2026-01-02T00:00:00Z')), 'created');
    t.equal(await store.clusters.put(make('a', '2026-01-02T00:00:00Z', 'alpha')), 'updated');
    t.same(
      (await store.clusters.list()).map(({ id }) => id),
      ['b', 'a'],
    );
    t.same(
      (await store.clusters.list({ channel: 'alpha' })).map(({ id }) => id),
      ['a'],
    );
    t.equal(await store.clusters.update('none', (record) => record), undefined);
    t.equal(await store.clusters.remove('a'), 'removed');
    t.equal(await store.clusters.remove('a'), 'absent');
  });

  await t.test('text that a database does not take is stored without what it does not take', async (t) => {
    const [odd, stored] = ['a\0b\uD800c😀', 'a\uFFFDb\uFFFDc😀'];
    await store.deliveries.receive({ id: 'odd', event: odd, payload: `{"x":"${odd}"}`, receivedAt: 1 });
    t.match(await store.deliveries.get('odd'), { event: stored, payload: `{"x":"${stored}"}` });
    await store.deliveries.finish('odd', odd);
    t.same(await store.deliveries.unknown(['odd']), []);
    await store.runs.create(aRun('odd', { reason: odd, repository: odd, requestedBy: odd }));
    t.equal((await store.runs.list({ repository: odd }))[0]?.requestedBy, stored);
    await store.runs.lease('odd', 'w', 60_000);
    t.ok(await store.runs.save(aRun('odd', { reason: odd, repository: odd }), 'w'));
    t.ok(await store.runs.requestCancel('odd', odd));
    t.match(await store.runs.get('odd'), { reason: stored, cancelReason: stored });
    await store.runs.appendLog('odd', [{ at: 1, stage: odd, text: odd }]);
    t.match(await store.runs.log('odd', 0, 1), [{ stage: stored, text: stored }]);
    await store.channels.hold(odd, odd, odd);
    t.equal((await store.channels.get(odd, odd)).held, stored);
    const step = { repository: odd, branch: odd, baseTree: 'b', tree: 't' };
    await store.evidence.keep({ key: odd, ...step, verdict: 'failure', reason: odd, runId: 'odd', at: 1 });
    t.equal((await store.evidence.find(odd))?.reason, stored);
    await store.reports.sent(odd, odd);
    t.equal(await store.reports.last(odd), stored);
    t.equal(await store.reports.takeTurn(odd, 'me', 1), true);
    await store.trust.approve(odd, 1, odd, odd);
    t.equal(await store.trust.approvedBy(odd, 1, odd), stored);
    await store.audit.append({ at: 9_999_999_999_999, actor: odd, action: odd, subject: odd, detail: odd });
    t.match(await store.audit.list(1), [{ actor: stored, detail: stored }]);
    const fields = { id: 'odd', alias: odd, local_id: odd, api_server_url: '', channel: 'odd', provider: 'local' };
    await store.clusters.put(cluster.parse(fields));
    t.equal((await store.clusters.update('odd', (record) => ({ ...record, owner: odd })))?.owner, odd);
    t.match(await store.clusters.get('odd'), { alias: stored, owner: stored });
    await store.clusters.remove('odd');
  });

  await t.test('a delivery that was postponed is pending again when its time has come', async (t) => {
    await store.deliveries.receive({ id: 'later', event: 'push', payload: '{}', receivedAt: 1 });
    await store.deliveries.postpone('later', Date.now() + 60_000);
    t.same(await store.deliveries.pending(10), []);
    t.ok(await store.deliveries.get('later'), 'and whoever is woken for it finds it');
    await store.deliveries.postpone('later', Date.now() - 1);
    t.match(await store.deliveries.pending(10), [{ id: 'later' }]);
    await store.deliveries.finish('later', 'done');
  });

  await t.test('changes of a cluster that come at once are all kept', async (t) => {
    const [id, channel] = ['busy', 'dev'];
    const fields = { id, alias: id, local_id: id, api_server_url: '', channel, provider: 'local' };
    await store.clusters.put(cluster.parse(fields));
    const keys = Array.from({ length: 20 }, (_, n) => `item-${n}`);
    await Promise.all(
      keys.map((key) =>
        store.clusters.update(id, (now) => ({ ...now, config_items: { ...now.config_items, [key]: 'set' } })),
      ),
    );
    t.strictSame(Object.keys((await store.clusters.get(id))?.config_items ?? {}).sort(), keys.sort());
  });
}

t.test('on SQLite', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'fairway-store-'));
  const url = pathToFileURL(join(directory, 'deep', 'fairway.db')).href;
  const store = await openStore(url);
  t.teardown(async () => {
    await store.close();
    await rm(directory, { recursive: true });
  });
  await behavesLikeAStore(t, store);
  await t.test('opened again, everything is still there', async (t) => {
    const again = await openStore(url);
    t.ok(await again.runs.get('r1'));
    await again.close();
  });
});

t.test('on Postgres', async (t) => {
  const postgres = await startTemporaryPostgres();
  if (postgres === undefined) {
    t.comment('SKIPPED: no Postgres binaries on this machine; apt-get install postgresql');
    return;
  }
  const store = await openStore(postgres.url);
  t.teardown(async () => {
    await store.close();
    await postgres.stop();
  });
  await behavesLikeAStore(t, store);
  await t.test('connections that the server ends are replaced', async (t) => {
    const other = new pg.Client({ connectionString: postgres.url });
    await other.connect();
    await other.query('select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid()');
    await other.end();
    await sleep(100);
    t.ok(await store.runs.get('r1'));
  });
});

t.test('a URL that names no store we know is refused', async (t) => {
  await t.rejects(openStore('mysql://x'), {
    message: `the store's URL must begin with file: or postgres:, not "mysql:"`,
  });
});

t.test('an SQLite store is its owner’s alone, and a damaged one is named with what to do', async (t) => {
  const folder = t.testdir({ 'broken.db': 'not a database, whatever it was before'.repeat(200) });
  const path = join(folder, 'fairway.db');
  const store = await openStore(pathToFileURL(path).href);
  for (const name of (await readdir(folder)).filter((name) => name.startsWith('fairway.db')))
    t.equal((await stat(join(folder, name))).mode & 0o777, 0o600, name);
  await store.close();
  const broken = join(folder, 'broken.db');
  await t.rejects(openStore(pathToFileURL(broken).href), {
    kind: 'unavailable',
    message: `the store ${broken} can't be opened: file is not a database. If it is damaged, put it back from a backup; or move it aside,`,
  });
});
