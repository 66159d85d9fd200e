import { Octokit } from '@octokit/rest';
import { type Command, Option } from 'commander';
import { refusalOf } from '../adapters/forge/forge-failure.ts';
import { readAddresses } from '../addresses.ts';
import { readConfig } from '../config.ts';
import { FairwayError, messageOf } from '../domain/errors.ts';
import { readKeptSecrets } from '../kept-secrets.ts';
import { print } from './terminal.ts';

export interface ForgeOptions {
  state?: string;
  output: 'text' | 'json';
}

/** The forge as a person meets it: who may do what is the forge's business. */
export interface ConfigForge {
  octokit: Octokit;
  /** The config repository. */
  place: { owner: string; repo: string };
}

/** Gives a command the options by which it finds the forge. */
export function withForge(command: Command): Command {
  return command
    .option('--state <dir>', 'state folder, for the embedded forge’s token')
    .addOption(new Option('--output <format>', 'text or json').choices(['text', 'json']).default('text'));
}

/** Asks the forge, prints what it said, and turns its refusals into one sentence. */
export async function askForge(
  options: ForgeOptions,
  question: (forge: ConfigForge) => Promise<{ json: unknown; text: string }>,
): Promise<void> {
  const { json, text } = await question(await findForge(options)).catch(refusal);
  print(options.output === 'json' ? `${JSON.stringify(json)}\n` : text);
}

async function findForge({ state }: ForgeOptions): Promise<ConfigForge> {
  const config = readConfig(process.env, { state });
  const [owner = '', repo = ''] = config.repository.split('/');
  const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
  const at = (baseUrl: string, auth: string): ConfigForge => ({
    octokit: new Octokit({ baseUrl, auth, log: silent }),
    place: { owner, repo },
  });
  if (config.forge.forge === 'embedded') {
    const kept = await readKeptSecrets(config.stateDirectory);
    const running = (await readAddresses(config.stateDirectory))?.forge ?? `http://127.0.0.1:${config.forge.port}`;
    if (kept) return at(`${running}/api/v3`, kept.userToken);
    throw new FairwayError(
      'refused',
      `no Fairway has run with the state folder ${config.stateDirectory}: start one with fairway up, name its folder with --state, or set FAIRWAY_FORGE_TOKEN`,
    );
  }
  if ('token' in config.forge.auth) return at(config.forge.apiUrl, config.forge.auth.token);
  throw new FairwayError(
    'refused',
    'Fairway is a GitHub App here: open pull requests as yourself, on GitHub or with gh',
  );
}

function refusal(error: unknown): never {
  if (error instanceof FairwayError) throw error;
  const { status, message } = refusalOf(error) ?? { status: 0, message: '' };
  if (status === 404)
    throw new FairwayError('missing', 'the forge has no such pull request; fairway pr list --all lists them');
  if (status >= 400 && status < 500 && status !== 429) throw new FairwayError('conflict', message);
  throw new FairwayError('unavailable', `the forge does not answer: ${messageOf(error)}`, { cause: error });
}
