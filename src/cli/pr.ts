import { Command, InvalidArgumentError, Option } from 'commander';
import { FairwayError } from '../domain/errors.ts';
import { askForge, type ConfigForge, type ForgeOptions, withForge } from './config-forge.ts';
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
    .action((number: number, options: ForgeOptions) => askForge(options, (forge) => view(forge, number)));
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
      askForge(options, (forge) => merge(forge, number, options.method)),
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
        if (pull) return merge(forge, pull.number, options.method);
        throw new FairwayError(
          'conflict',
          `nothing of ${channel} waits to be promoted: its clusters have not converged and soaked, or the next channel has it`,
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

async function create({ octokit, place }: ConfigForge, { head, base, title = head, body }: Proposal) {
  const { data } = await octokit.rest.pulls.create({ ...place, head, base, title, body });
  return { json: data, text: `#${data.number} ${data.html_url}\n` };
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

async function view({ octokit, place }: ConfigForge, number: number) {
  const { data: pull } = await octokit.rest.pulls.get({ ...place, pull_number: number });
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
  const text = `#${number} ${pull.title}\n${state}, ${pull.head.ref} into ${pull.base.ref}, by ${pull.user.login}\n${pull.html_url}\n\n${table(rows)}`;
  return { json: { pull, statuses: combined.statuses, checks: checks.check_runs }, text };
}

async function merge({ octokit, place }: ConfigForge, number: number, method: MergeMethod) {
  const { data } = await octokit.rest.pulls.merge({ ...place, pull_number: number, merge_method: method });
  return { json: data, text: `#${number} is merged: ${data.sha}\n` };
}
