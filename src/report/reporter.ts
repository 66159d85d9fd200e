import { createHash } from 'node:crypto';
import { text } from 'node:stream/consumers';
import { isFinal, type Run, type StageRecord, type Status } from '../domain/run.ts';
import type { Artifacts } from '../ports/artifacts.ts';
import type { CheckRun, CommitStatus, DeploymentReport, Forge } from '../ports/forge.ts';
import type { ReportStore, RunStore } from '../ports/store.ts';
import { commentBody, firstLine, headline, stageSummary } from './summary.ts';

/** The one commit status to require in branch protection. */
export const gateContext = 'fairway/gate';

export interface Reporting {
  runs: RunStore;
  reports: ReportStore;
  artifacts: Artifacts;
  forge: Pick<Forge, 'reportStatus' | 'reportCheck' | 'reportComment' | 'reportDeployment'>;
  /** Where people see the run. */
  runUrl(runId: string): string;
}

/**
 * Tells the forge how a run stands now. Can be repeated: what was told already is not told again. Two at a time may overtake each
 * other, so whoever told of a run under way looks again afterwards: the end of a run is always what is told last.
 */
export async function reportRun(reporting: Reporting, runId: string, endKey: string): Promise<void> {
  for (;;) {
    const run = await reporting.runs.get(runId);
    if (!run) return;
    if (run.kind === 'pull-request') await reportProof(reporting, run);
    if (run.kind === 'rollout') await reportRollout(reporting, run);
    if (isFinal(run.status)) return reporting.reports.sent(endKey, 'told');
    const now = await reporting.runs.get(runId);
    if (!now || !isFinal(now.status)) return;
  }
}

async function reportProof(reporting: Reporting, run: Run): Promise<void> {
  const { forge, runUrl, artifacts } = reporting;
  const superseded = run.status === 'cancelled' && (await hasNewer(reporting, run));
  for (const stage of run.reusedFrom === undefined ? run.stages : []) {
    await once(reporting, `check/${run.id}/${stage.name}`, checkOf(run, stage, runUrl(run.id)), async (check) => {
      if ((await forge.reportCheck(run.repository, check)) === 'reported') return;
      await forge.reportStatus(run.repository, stageStatusOf(run, stage, runUrl(run.id)));
    });
  }
  // A run that was replaced must not speak over its successor, which may be for the same commit.
  if (superseded) return;
  await once(reporting, `gate/${run.id}`, gateOf(run, runUrl(run.id)), (status) =>
    forge.reportStatus(run.repository, status),
  );
  if (run.pullRequest === undefined) return;
  const diff = await artifacts.open(run.id, 'diff.md');
  const body = commentBody(run, runUrl(run.id), diff && (await text(diff.stream)));
  const marker = '<!-- fairway:gate -->';
  const { pullRequest } = run;
  await once(reporting, `comment/${run.repository}/${pullRequest}`, { body }, () =>
    forge.reportComment(run.repository, pullRequest, marker, `${marker}\n${body}`),
  );
}

async function reportRollout(reporting: Reporting, run: Run): Promise<void> {
  const { forge, runUrl } = reporting;
  const deployment: DeploymentReport = {
    environment: run.channel,
    sha: run.headSha,
    externalId: run.id,
    state: deploymentState(run.status),
    description: firstLine(headline(run)).slice(0, 140),
    logUrl: runUrl(run.id),
  };
  await once(reporting, `deployment/${run.id}`, deployment, (report) => forge.reportDeployment(run.repository, report));
}

async function hasNewer({ runs }: Reporting, run: Run): Promise<boolean> {
  if (run.pullRequest === undefined) return false;
  const [newest] = await runs.list({ repository: run.repository, pullRequest: run.pullRequest, limit: 1 });
  return newest !== undefined && newest.id !== run.id;
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

function gateOf(run: Run, targetUrl: string): CommitStatus {
  return {
    sha: run.headSha,
    context: gateContext,
    state: commitState(run.status),
    description: headline(run).slice(0, 140),
    targetUrl,
  };
}

function stageStatusOf(run: Run, stage: StageRecord, targetUrl: string): CommitStatus {
  return {
    sha: run.headSha,
    context: `fairway/${stage.name}`,
    state: commitState(stage.status),
    description: firstLine(stage.reason).slice(0, 140),
    targetUrl,
  };
}

function checkOf(run: Run, stage: StageRecord, detailsUrl: string): CheckRun {
  const status = stage.status === 'queued' ? 'queued' : stage.status === 'running' ? 'in_progress' : 'completed';
  const title = firstLine(stage.reason).slice(0, 140) || stage.status;
  return {
    sha: run.headSha,
    name: `fairway/${stage.name}`,
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
