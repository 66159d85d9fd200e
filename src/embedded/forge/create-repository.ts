import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { ensureOwner } from './accounts.ts';
import { invalid } from './api-error.ts';
import { type ForgeContext, gitOf, timestamp } from './forge-context.ts';
import type { Row } from './forge-tables.ts';
import { gitEnvironment } from './git-environment.ts';

const NAME = /^(?!\.+$)(?!.*\.git$)[\w.-]{1,100}$/;

export interface NewRepository {
  owner: string;
  name: string;
  description: string;
  defaultBranch: string;
}

/** Creates an empty repository; the folder first, so that a row never stands for nothing. */
export async function createRepository(forge: ForgeContext, wanted: NewRepository): Promise<Row<'repositories'>> {
  if (!NAME.test(wanted.name))
    throw invalid('Repository', `name "${wanted.name}" can only have letters, digits, hyphens, dots and underscores`);
  const owner = await ensureOwner(forge.database, wanted.owner);
  const directory = join(forge.repositories, owner.login, `${wanted.name}.git`);
  await mkdir(directory, { recursive: true });
  await execa('git', ['init', '--quiet', '--bare', `--initial-branch=${wanted.defaultBranch}`, directory], {
    env: gitEnvironment(),
    extendEnv: false,
  });
  const now = timestamp();
  return await forge.database
    .insertInto('repositories')
    .values({
      ownerId: owner.id,
      owner: owner.login,
      name: wanted.name,
      description: wanted.description,
      defaultBranch: wanted.defaultBranch,
      createdAt: now,
      updatedAt: now,
    })
    .returningAll()
    .executeTakeFirstOrThrow();
}

export interface Import {
  /** The folder whose content becomes the first commit. */
  fromDirectory: string;
  /** All of them start at that commit; the first is the default branch. */
  branches: string[];
  message: string;
}

/** Makes a first commit from a folder and lets the branches start there; branches that exist stay as they are. */
export async function importCommit(forge: ForgeContext, repository: Row<'repositories'>, order: Import): Promise<void> {
  const git = gitOf(forge, repository);
  const existing = await git.refs('refs/heads');
  const missing = order.branches.filter((branch) => !existing.has(`refs/heads/${branch}`));
  if (missing.length === 0) return;
  const first = [...existing.values()][0] ?? (await commitFolder(git, order));
  for (const branch of missing) await git.git(['update-ref', `refs/heads/${branch}`, first, '']);
}

async function commitFolder(git: ReturnType<typeof gitOf>, { fromDirectory, message }: Import): Promise<string> {
  const identity = { NAME: 'Fairway', EMAIL: 'fairway@users.noreply.fairway.invalid' };
  const env = {
    GIT_INDEX_FILE: join(git.directory, 'import.index'),
    ...Object.fromEntries(
      Object.entries(identity).flatMap(([key, value]) => [
        [`GIT_AUTHOR_${key}`, value],
        [`GIT_COMMITTER_${key}`, value],
      ]),
    ),
  };
  await git.git(['read-tree', '--empty'], { env });
  await git.git(
    [
      '--git-dir',
      git.directory,
      '--work-tree',
      fromDirectory,
      '-c',
      'core.bare=false',
      '-C',
      fromDirectory,
      'add',
      '--all',
      '.',
    ],
    { env },
  );
  const tree = (await git.git(['write-tree'], { env })).trim();
  return (await git.git(['commit-tree', tree, '-m', message], { env })).trim();
}
