import { createHash, randomUUID } from 'node:crypto';
import { text } from 'node:stream/consumers';
import { decidingRun, gateContext, gateReportKey } from '../domain/gate-status.ts';
import { isFinal, type Run, type StageRecord, type Status } from '../domain/run.ts';
import { cut, oneLine } from '../domain/visible-text.ts';
import type { Artifacts } from '../ports/artifacts.ts';
import type { CheckRun, CommitStatus, DeploymentReport, Forge } from '../ports/forge.ts';
import type { ReportStore, RunStore } from '../ports/store.ts';
import { commentBody, firstLine, headline, stageSummary } from './summary.ts';

export interface Reporting {
  runs: RunStore;
  reports: ReportStore;
  artifacts: Artifacts;
  forge: Pick<Forge, 'openPullRequests' | 'reportStatus' | 'reportCheck' | 'reportComment' | 'reportDeployment'>;
  /** Where people see the run. */
  runUrl(runId: string): string;
}

/** How long whoever was killed in the middle of a report keeps others from the pull request, milliseconds. */
const turnTime = 15_000;

/**
 * Tells the forge how a run stands now. Can be repeated: what was told already is not told again. One speaks about a pull request at a
 * time, since two who both find no comment would both write one; the other is `busy`, and is to come again.
 */
export async function reportRun(reporting: Reporting, runId: string): Promise<'told' | 'busy'> {
  const { runs, reports } = reporting;
  const run = await runs.get(runId);
  if (!run) return 'told';
  const holder = randomUUID();
  const taken: string[] = [];
  const takeAll = async (subjects: readonly string[]): Promise<boolean> => {
    for (const subject of subjects) {
      if (!(await reports.takeTurn(subject, holder, turnTime))) return false;
      if (!taken.includes(subject)) taken.push(subject);
    }
    return true;
  };
  let goingOn: Promise<unknown> = Promise.resolve();
  const timer = setInterval(() => {
    goingOn = takeAll(taken).catch(() => {});
  }, turnTime / 3);
  try {
    if (!(await takeAll(subjectsOf(run)))) return 'busy';
    await reportNow(reporting, run);
    return 'told';
  } finally {
    clearInterval(timer);
    // Otherwise it could take back the turns that have just been ended.
    await goingOn;
    for (const subject of taken) await reports.endTurn(subject, holder);
  }
}

/** What a run speaks about: its pull request, and the commit, which other pull requests may share. */
function subjectsOf({ id, repository, pullRequest, headSha }: Run): string[] {
  return [pullRequest === undefined ? `run ${id}` : `${repository}#${pullRequest}`, `${repository}@${headSha}`];
}

async function reportNow(reporting: Reporting, run: Run): Promise<void> {
  const { runs } = reporting;
  const runId = run.id;
  await report(reporting, run);
  if (isFinal(run.status)) return runs.told(runId);
  const now = await runs.get(runId);
  if (!now || !isFinal(now.status)) return;
  // Another worker may have told the end meanwhile, which what we have just told would hide: it is told again, whatever was noted.
  await report({ ...reporting, reports: { ...reporting.reports, last: async () => undefined } }, now);
  await runs.told(runId);
}

async function report(reporting: Reporting, run: Run): Promise<void> {
  if (run.kind === 'pull-request') await reportProof(reporting, run);
  if (run.kind === 'rollout' || run.kind === 'rollback') await reportRollout(reporting, run);
}

/** A run that has a newer one must not speak over it: it leaves the comment alone, and what both would say of the same commit too. */
async function reportProof(reporting: Reporting, run: Run): Promise<void> {
  const { forge, runUrl } = reporting;
  const newer = await newerRuns(reporting, run);
  for (const stage of run.reusedFrom === undefined ? run.stages : []) {
    await once(reporting, `check/${run.id}/${stage.name}`, checkOf(run, stage, runUrl(run.id)), async (check) => {
      const checked = await forge.reportCheck(run.repository, check);
      if (checked === 'reported' || newer.some((other) => speaksOf(other, run.headSha, stage.name))) return;
      await forge.reportStatus(run.repository, stageStatusOf(run, stage, runUrl(run.id)));
    });
  }
  await reportGate(reporting, run);
  if (newer.length === 0) await reportComment(reporting, run);
  const [newest] = await newerRuns(reporting, run);
  if (newest === undefined || newest.id === newer[0]?.id) return;
  // It began while this one spoke, and has the last word.
  await reporting.reports.sent(gateReportKey(newest.repository, newest.headSha), '');
  await reporting.reports.sent(commentKey(newest), '');
  await reportProof(reporting, newest);
}

/** What its commit's gate says now, in which other open pull requests with the same head have a say. */
async function reportGate(reporting: Reporting, run: Run): Promise<void> {
  const { forge, runUrl } = reporting;
  const { repository, headSha } = run;
  const present = await newestOfEach(reporting, run);
  const deciding = decidingRun(present) ?? run;
  const status = gateOf(deciding, runUrl(deciding.id), present.length > 1 ? 'several' : 'one');
  await once(reporting, gateReportKey(repository, headSha), status, () => forge.reportStatus(repository, status));
}

/** The newest run of each open pull request that has the commit for its head, and of each merge group. */
async function newestOfEach({ runs, forge }: Reporting, { repository, headSha }: Run): Promise<Run[]> {
  const all = await runs.list({ kind: 'pull-request', repository, headSha });
  const bySubject = Map.groupBy(all, ({ id, pullRequest }) => (pullRequest === undefined ? id : `#${pullRequest}`));
  const newest = [...bySubject.values()].flatMap(([first]) => first ?? []);
  if (newest.length < 2) return newest;
  const open = await forge.openPullRequests(repository);
  const withHead = new Set(open.filter((pull) => pull.headSha === headSha).map(({ number }) => number));
  return newest.filter(({ pullRequest }) => pullRequest === undefined || withHead.has(pullRequest));
}

async function reportComment(reporting: Reporting, run: Run): Promise<void> {
  const { forge, runUrl, artifacts } = reporting;
  const { pullRequest } = run;
  if (pullRequest === undefined) return;
  const diff = await artifacts.open(run.id, 'diff.md');
  const body = commentBody(run, runUrl(run.id), diff && (await text(diff.stream)));
  const marker = '<!-- fairway:gate -->';
  await once(reporting, commentKey(run), { body }, () =>
    forge.reportComment(run.repository, pullRequest, marker, `${marker}\n${body}`),
  );
}

const commentKey = (run: Run): string => `comment/${run.repository}/${run.pullRequest}`;

async function reportRollout(reporting: Reporting, run: Run): Promise<void> {
  const { forge, runUrl } = reporting;
  const deployment: DeploymentReport = {
    environment: run.channel,
    sha: run.headSha,
    externalId: run.id,
    state: deploymentState(run.status),
    description: description(headline(run)),
    logUrl: runUrl(run.id),
  };
  await once(reporting, `deployment/${run.id}`, deployment, (report) => forge.reportDeployment(run.repository, report));
}

/** Runs of the same pull request that came after this one, newest first. */
async function newerRuns({ runs }: Reporting, { id, repository, pullRequest }: Run): Promise<Run[]> {
  if (pullRequest === undefined) return [];
  const all = await runs.list({ repository, pullRequest });
  const place = all.findIndex((run) => run.id === id);
  return place < 0 ? all : all.slice(0, place);
}

/** Sends what differs from what was sent last under this key. The forge's calls are upserts, so a crash in between tells nothing twice. */
async function once<T>(
  { reports }: Reporting,
  key: string,
  report: T,
  send: (report: T) => Promise<unknown>,
): Promise<void> {
  const content = createHash('sha256').update(JSON.stringify(report)).digest('hex');
  if ((await reports.last(key)) === content) return;
  await send(report);
  await reports.sent(key, content);
}

/** As long as a forge takes. */
function description(text: string): string {
  return cut(oneLine(text), 140);
}

function speaksOf({ headSha, reusedFrom, stages }: Run, commit: string, stage: string): boolean {
  return headSha === commit && reusedFrom === undefined && stages.some(({ name }) => name === stage);
}

function gateOf(run: Run, targetUrl: string, pullRequests: 'one' | 'several'): CommitStatus {
  const subject =
    pullRequests === 'one' || run.pullRequest === undefined ? '' : `#${run.pullRequest} into ${run.policy.branch}: `;
  return {
    sha: run.headSha,
    context: gateContext,
    // It waits for its turn.
    state: run.status === 'skipped' ? 'pending' : commitState(run.status),
    description: description(`${subject}${headline(run)}`),
    targetUrl,
  };
}

function stageStatusOf(run: Run, stage: StageRecord, targetUrl: string): CommitStatus {
  return {
    sha: run.headSha,
    context: `fairway/${oneLine(stage.name)}`,
    state: commitState(stage.status),
    description: description(firstLine(stage.reason)),
    targetUrl,
  };
}

function checkOf(run: Run, stage: StageRecord, detailsUrl: string): CheckRun {
  const status = stage.status === 'queued' ? 'queued' : stage.status === 'running' ? 'in_progress' : 'completed';
  const title = description(firstLine(stage.reason)) || stage.status;
  return {
    sha: run.headSha,
    name: `fairway/${oneLine(stage.name)}`,
    externalId: `${run.id}/${stage.name}`,
    status,
    conclusion: conclusionOf(stage.status),
    title,
    summary: stageSummary(stage),
    detailsUrl,
  };
}

function commitState(status: Status): CommitStatus['state'] {
  if (status === 'succeeded') return 'success';
  if (status === 'failed') return 'failure';
  return isFinal(status) ? 'error' : 'pending';
}

function conclusionOf(status: Status): CheckRun['conclusion'] {
  if (!isFinal(status)) return undefined;
  const conclusions: Partial<Record<Status, CheckRun['conclusion']>> = {
    succeeded: 'success',
    cancelled: 'cancelled',
    skipped: 'skipped',
    unknown: 'neutral',
  };
  return conclusions[status] ?? 'failure';
}

function deploymentState(status: Status): DeploymentReport['state'] {
  if (status === 'succeeded') return 'success';
  if (status === 'failed') return 'failure';
  if (isFinal(status)) return 'error';
  return status === 'queued' ? 'queued' : 'in_progress';
}
