import { Command, InvalidArgumentError, Option } from 'commander';
import { refusalOf } from '../adapters/forge/forge-failure.ts';
import type { RunSummary } from '../api/run-view.ts';
import { FairwayError, messageOf } from '../domain/errors.ts';
import { isPromotionBranch } from '../domain/promotion-branch.ts';
import { oneLine } from '../domain/visible-text.ts';
import { askForge, type ConfigForge, type ForgeOptions, withForge } from './config-forge.ts';
import { mergeRefusal } from './merge-refusal.ts';
import { proofOfPull, requireProof } from './proof-of-pull.ts';
import { table } from './table.ts';

type MergeMethod = 'merge' | 'squash' | 'rebase';

/** `fairway pr`: pull requests of the config repository, on the embedded forge or on GitHub. */
export function prCommand(): Command {
  const command = new Command('pr').description('open, list, show, comment on and merge pull requests');
  withForge(command.command('create').description('open a pull request for a branch that was pushed'))
    .requiredOption('--head <branch>', 'the branch with the change')
    .requiredOption('--base <branch>', "the channel's branch, e.g. dev")
    .option('--title <text>', 'by default the name of the branch')
    .option('--body <text>', 'what it is for', '')
    .action((options: ForgeOptions & Proposal) => askForge(options, (forge) => create(forge, options)));
  withForge(command.command('list').description('open pull requests, newest first'))
    .option('--all', 'closed ones too')
    .action((options: ForgeOptions & { all?: true }) =>
      askForge(options, (forge) => list(forge, options.all ? 'all' : 'open')),
    );
  withForge(command.command('view').description('a pull request with its checks'))
    .argument('<number>', 'its number', pullNumber)
    .action((number: number, options: ForgeOptions) => askForge(options, (forge) => view(forge, options, number)));
  withForge(command.command('comment').description('comment, e.g. /test, /retest, /cancel or /ok-to-test'))
    .argument('<number>', 'its number', pullNumber)
    .argument('<text>')
    .action((number: number, body: string, options: ForgeOptions) =>
      askForge(options, async ({ octokit, place }) => {
        const { data } = await octokit.rest.issues.createComment({ ...place, issue_number: number, body });
        return { json: data, text: `${data.html_url}\n` };
      }),
    );
  withForge(command.command('merge').description("merge a pull request, if its branch's protection lets it"))
    .argument('<number>', 'its number', pullNumber)
    .addOption(mergeMethod())
    .action((number: number, options: ForgeOptions & { method: MergeMethod }) =>
      askForge(options, (forge) => merge(forge, options, number)),
    );
  return command;
}

/** `fairway promote CHANNEL`: merges the open pull request that proposes the channel's revision to the next. */
export function promoteCommand(): Command {
  return withForge(new Command('promote').description('merge the pull request that promotes a channel to the next'))
    .argument('<channel>')
    .addOption(mergeMethod())
    .action((channel: string, options: ForgeOptions & { method: MergeMethod }) =>
      askForge(options, async (forge) => {
        const { data } = await forge.octokit.rest.pulls.list({ ...forge.place, state: 'open', per_page: 100 });
        const pull = data.find(({ head }) => head.ref.startsWith(`fairway/promote/${channel}-to-`));
        if (pull) return merge(forge, options, pull.number);
        const others = data.filter(({ head }) => isPromotionBranch(head.ref));
        const open = others
          .map(({ number, head }) => `; #${number} is open for ${head.ref.split('/').at(-1)}`)
          .join('');
        throw new FairwayError(
          'conflict',
          `nothing of ${channel} waits to be promoted: its clusters have not converged and soaked, or the next channel has it${open}. See fairway channels and fairway runs.`,
        );
      }),
    );
}

const mergeMethod = (): Option =>
  new Option('--method <method>', 'how').choices(['merge', 'squash', 'rebase']).default('merge');

function pullNumber(text: string): number {
  if (/^#?[1-9]\d{0,8}$/.test(text)) return Number(text.replace('#', ''));
  throw new InvalidArgumentError("it is a pull request's number, e.g. 7");
}

interface Proposal {
  head: string;
  base: string;
  title?: string;
  body: string;
}

async function create(forge: ConfigForge, { head, base, title = head, body }: Proposal) {
  const { octokit, place } = forge;
  try {
    const { data } = await octokit.rest.pulls.create({ ...place, head, base, title, body });
    return { json: data, text: `#${data.number} ${data.html_url}\n` };
  } catch (error) {
    if (refusalOf(error)?.status !== 422) throw error;
    if (!(await hasBranch(forge, head)))
      throw new FairwayError('missing', `the forge has no branch "${head}": push it first, git push origin ${head}`);
    if (!(await hasBranch(forge, base)))
      throw new FairwayError('missing', `the forge has no branch "${base}": --base is the branch of a channel`);
    throw error;
  }
}

async function hasBranch({ octokit, place }: ConfigForge, branch: string): Promise<boolean> {
  try {
    await octokit.rest.git.getRef({ ...place, ref: `heads/${branch}` });
    return true;
  } catch (error) {
    if (refusalOf(error)?.status === 404) return false;
    throw error;
  }
}

async function list({ octokit, place }: ConfigForge, state: 'open' | 'all') {
  const { data } = await octokit.rest.pulls.list({ ...place, state, per_page: 50 });
  const rows = data.map((pull) => [
    `#${pull.number}`,
    pull.merged_at === null ? pull.state : 'merged',
    pull.base.ref,
    pull.title,
  ]);
  return { json: data, text: table([['PR', 'STATE', 'INTO', 'TITLE'], ...rows]) };
}

async function view({ octokit, place }: ConfigForge, { state: folder }: ForgeOptions, number: number) {
  const { data: pull } = await octokit.rest.pulls.get({ ...place, pull_number: number });
  const subject = { repository: `${place.owner}/${place.repo}`, number, headSha: pull.head.sha };
  const proof = await proofOfPull(folder === undefined ? {} : { state: folder }, subject).catch(messageOf);
  const { data: combined } = await octokit.rest.repos.getCombinedStatusForRef({ ...place, ref: pull.head.sha });
  const { data: checks } = await octokit.rest.checks.listForRef({ ...place, ref: pull.head.sha, per_page: 100 });
  const rows = [
    ...combined.statuses.map(({ context, state, description }) => [context, state, description ?? '']),
    ...checks.check_runs.map(({ name, conclusion, status, output }) => [
      name,
      conclusion ?? status,
      output.title ?? '',
    ]),
  ];
  const state = pull.merged ? 'merged' : pull.state;
  const where = oneLine(`${state}, ${pull.head.ref} into ${pull.base.ref}, by ${pull.user.login}`);
  const text = `#${number} ${oneLine(pull.title)}\n${where}\n${pull.html_url}\n${proofLine(proof)}\n\n${table(rows)}`;
  const run = typeof proof === 'string' ? undefined : proof;
  return { json: { pull, run, statuses: combined.statuses, checks: checks.check_runs }, text };
}

function proofLine(proof: RunSummary | string | undefined): string {
  if (typeof proof === 'string') return `Fairway could not be asked for its proof: ${proof}`;
  if (proof === undefined) return 'Fairway has no run for it';
  const reason = proof.reason.split('\n')[0] ?? '';
  return `${proof.id} at ${proof.headSha.slice(0, 8)}: ${proof.status}${reason === '' ? '' : `, ${reason}`}`;
}

async function merge(
  { octokit, place }: ConfigForge,
  { state, method }: { state?: string; method: MergeMethod },
  number: number,
) {
  const { data: pull } = await octokit.rest.pulls.get({ ...place, pull_number: number });
  const subject = { repository: `${place.owner}/${place.repo}`, number, headSha: pull.head.sha };
  if (!pull.merged) await requireProof(state === undefined ? {} : { state }, subject);
  const order = { ...place, pull_number: number, sha: pull.head.sha, merge_method: method };
  try {
    const { data } = await octokit.rest.pulls.merge(order);
    return { json: data, text: `#${number} is merged: ${data.sha}\n` };
  } catch (error) {
    const refusal = refusalOf(error);
    if (refusal?.status !== 405 && refusal?.status !== 409) throw error;
    throw mergeRefusal(pull, refusal.message);
  }
}
