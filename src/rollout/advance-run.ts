import { isFinal, type Run, type StageRecord, type Status, type StepRecord } from '../domain/run.ts';
import { readinessOf, runStatus, stageStatus } from '../domain/run-progress.ts';
import type { Discretion } from '../domain/secrets/discretion.ts';
import { secretItems } from '../domain/secrets/secret-items.ts';
import type { Dispatcher } from '../ports/dispatcher.ts';
import type { Store } from '../ports/store.ts';
import type { Step } from '../steps/step.ts';
import type { World } from '../steps/world.ts';
import { refusalToBegin } from './admit-run.ts';
import { noteOnCluster } from './note-on-cluster.ts';
import { RunLog } from './run-log.ts';
import { executeStep, type StepCall, stopStep } from './step-executor.ts';

export interface RunEngine {
  store: Store;
  steps: ReadonlyMap<string, Step>;
  world: World;
  dispatcher: Dispatcher;
  /** Unique per process: who holds the leases. */
  worker: string;
  /** How long a killed worker's runs stay untouched, milliseconds. */
  leaseTime: number;
  /** What is to follow from a run's end. Called before the end is written, so that a crash repeats it. */
  conclude(run: Run): Promise<void>;
}

/** Takes a run as far as it goes without waiting, then sets the alarm for the next look. Does nothing when another worker has it. */
export async function advanceRun(engine: RunEngine, id: string): Promise<void> {
  const { store, worker, leaseTime, dispatcher } = engine;
  const run = await store.runs.lease(id, worker, leaseTime);
  if (!run) return;
  const lost = new AbortController();
  const cancelled = new AbortController();
  const heartbeat = keepLease(engine, id, lost, cancelled);
  const log = new RunLog(store.runs, id);
  try {
    await new RunPass(engine, run, log, lost, cancelled.signal).complete();
  } finally {
    clearInterval(heartbeat);
    await log.flush();
    await store.runs.release(id, worker);
  }
  await dispatcher.wake({ wake: 'report', id }).catch(() => {});
  if (isFinal(run.status)) return engine.world.secrets.forget(id);
  // While we had the run, whoever wished to cancel it could wake nobody.
  const wish = run.cancelReason === undefined ? await store.runs.cancelReason(id) : undefined;
  const delay = wish === undefined ? Math.max(0, (run.wakeAt ?? 0) - Date.now()) : 0;
  await dispatcher.wake({ wake: 'run', id }, delay).catch(() => {});
}

/**
 * Renews the lease, and ends `lost` when that was refused or could not be done in time: from then on another may have the run. Looks for
 * a wish to cancel, too, so that a step which takes long in one call need not come to its end.
 */
function keepLease(
  { store, worker, leaseTime }: RunEngine,
  id: string,
  lost: AbortController,
  cancelled: AbortController,
): NodeJS.Timeout {
  let until = Date.now() + leaseTime;
  return setInterval(async () => {
    const asked = Date.now();
    const kept = await store.runs.renew(id, worker, leaseTime).catch(() => undefined);
    if (kept) until = asked + leaseTime;
    if (kept === false || Date.now() > until) lost.abort(new Error(`the lease of ${id} is lost`));
    const wish = await store.runs.cancelReason(id).catch(() => undefined);
    if (wish !== undefined) cancelled.abort(new Error(wish));
  }, leaseTime / 3);
}

class RunPass {
  readonly #engine: RunEngine;
  readonly #run: Run;
  readonly #log: RunLog;
  readonly #lost: AbortController;
  readonly #cancelled: AbortSignal;
  readonly #discretion: Discretion;
  #saving: Promise<void> = Promise.resolve();

  constructor(engine: RunEngine, run: Run, log: RunLog, lost: AbortController, cancelled: AbortSignal) {
    this.#engine = engine;
    this.#run = run;
    this.#discretion = engine.world.secrets.of(run.id);
    this.#log = log;
    this.#lost = lost;
    this.#cancelled = cancelled;
  }

  async complete(): Promise<void> {
    const run = this.#run;
    // What the registry calls a secret is none of the forge's readers' business, whichever step comes to speak of it.
    for (const cluster of await this.#engine.world.registry.list()) this.#discretion.hide(secretItems(cluster));
    const refusal = await refusalToBegin(this.#engine.store, run);
    if (refusal !== undefined) await this.#engine.store.runs.requestCancel(run.id, refusal);
    run.startedAt ??= Date.now();
    run.status = 'running';
    do {
      run.cancelReason = await this.#engine.store.runs.cancelReason(run.id);
      if (run.cancelReason !== undefined) await this.#cancelRunning(run.cancelReason);
      this.#startReady();
      await this.#save();
      await Promise.all(run.stages.filter((stage) => this.#isDue(stage)).map((stage) => this.#work(stage)));
      this.#startReady();
    } while (run.stages.some((stage) => this.#isDue(stage)));
    const { status, reason } = runStatus(run);
    if (isFinal(status)) {
      await this.#log.flush();
      const ended: Run = { ...run, status, reason, finishedAt: Date.now(), wakeAt: undefined };
      await this.#engine.conclude(ended);
      Object.assign(run, ended);
    }
    await this.#save();
  }

  /** Stages whose turn has come begin; those whose turn never comes end. Each may decide about others. */
  #startReady(): void {
    for (let changed = true; changed; ) {
      changed = false;
      for (const stage of this.#run.stages.filter(({ status }) => status === 'queued')) {
        const readiness = readinessOf(stage, this.#run);
        if (readiness.ready === 'not-yet') continue;
        changed = true;
        if (readiness.ready === 'yes') Object.assign(stage, { status: 'running', startedAt: Date.now() });
        else endStage(stage, readiness.status, readiness.reason);
      }
    }
  }

  #isDue(stage: StageRecord): boolean {
    const step = currentStep(stage);
    return stage.status === 'running' && step !== undefined && (step.retryAt ?? 0) <= Date.now();
  }

  /** Works through a stage's steps until one waits or the stage ends. */
  async #work(stage: StageRecord): Promise<void> {
    for (let record = currentStep(stage); record && (record.retryAt ?? 0) <= Date.now(); record = currentStep(stage)) {
      const first = record.startedAt === undefined;
      const before = record.progress;
      if (first) this.#log.add(stage.name, `${record.kind} …`);
      await executeStep(this.#call(stage, record));
      if (this.#cancelled.aborted && !stage.always) return;
      if (isFinal(record.status))
        this.#log.add(stage.name, `${record.kind} ${record.status}${record.reason === '' ? '' : `: ${record.reason}`}`);
      else if (record.progress !== before) this.#log.add(stage.name, record.progress);
      const status = stageStatus(stage.steps);
      if (isFinal(status)) {
        endStage(stage, status, reasonOf(stage.steps));
        await noteOnCluster(this.#engine.world.registry, stage);
      }
      await this.#save();
      if (stage.status !== 'running') return;
    }
  }

  async #cancelRunning(reason: string): Promise<void> {
    for (const stage of this.#run.stages.filter(({ status, always }) => status === 'running' && !always)) {
      const record = currentStep(stage);
      if (record?.startedAt !== undefined) await stopStep(this.#call(stage, record));
      endStage(stage, 'cancelled', this.#discretion.sentence(reason));
    }
  }

  #call(stage: StageRecord, record: StepRecord): StepCall {
    const step = this.#engine.steps.get(record.kind);
    if (!step) throw new Error(`run ${this.#run.id} has a step "${record.kind}", which this version does not know`);
    const log = (text: string): void => this.#log.add(stage.name, this.#discretion.sentence(text));
    const cancelled = stage.always ? undefined : this.#cancelled;
    return {
      run: this.#run,
      stage,
      record,
      step,
      world: this.#engine.world,
      discretion: this.#discretion,
      log,
      signal: this.#lost.signal,
      cancelled,
    };
  }

  /** One write at a time: two at once could arrive in the wrong order and leave the older state. */
  #save(): Promise<void> {
    this.#run.wakeAt = nextLook(this.#run);
    const write = async (): Promise<void> => {
      this.#lost.signal.throwIfAborted();
      if (await this.#engine.store.runs.save(this.#run, this.#engine.worker)) return;
      this.#lost.abort(new Error(`another worker has taken ${this.#run.id}`));
      this.#lost.signal.throwIfAborted();
    };
    this.#saving = this.#saving.then(write);
    return this.#saving;
  }
}

function currentStep(stage: StageRecord): StepRecord | undefined {
  return stage.steps.find(({ status }) => !isFinal(status));
}

function endStage(stage: StageRecord, status: Status, reason: string): void {
  for (const record of stage.steps) {
    if (!isFinal(record.status))
      Object.assign(record, {
        status: status === 'cancelled' ? 'cancelled' : 'skipped',
        retryAt: undefined,
        progress: '',
      });
  }
  Object.assign(stage, { status, reason, finishedAt: Date.now() });
}

/** Why the stage ended as it did: the first step that did not succeed, else what the last one said. */
function reasonOf(steps: StepRecord[]): string {
  const decisive = steps.find(({ status }) => status !== 'succeeded' && status !== 'skipped') ?? steps.at(-1);
  return decisive?.reason ?? '';
}

function nextLook(run: Run): number | undefined {
  if (isFinal(run.status)) return undefined;
  const moments = run.stages
    .filter(({ status }) => status === 'running')
    .map((stage) => currentStep(stage)?.retryAt ?? 0);
  return moments.length === 0 ? 0 : Math.min(...moments);
}
