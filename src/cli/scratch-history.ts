import { mkdir, rm, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import { FairwayError } from '../domain/errors.ts';

/** A bare repository with two commits, made from folders or from revisions of the repository around the working folder. */
export interface ScratchHistory {
  directory: string;
  base: string;
  head: string;
}

const author = {
  GIT_AUTHOR_NAME: 'fairway',
  GIT_AUTHOR_EMAIL: 'fairway@localhost',
  GIT_COMMITTER_NAME: 'fairway',
  GIT_COMMITTER_EMAIL: 'fairway@localhost',
};

/** `base` and `head` are each a folder that is a config repository, or a revision of the git repository in `cwd`. */
export async function makeScratchHistory(
  directory: string,
  base: string,
  head: string,
  cwd: string,
): Promise<ScratchHistory> {
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory, { recursive: true });
  await execa('git', ['init', '--quiet', '--bare', directory]);
  const baseTree = await importTree(directory, base, cwd, '--base');
  const headTree = await importTree(directory, head, cwd, '--head');
  const commit = async (tree: string, parents: string[], branch: string): Promise<string> => {
    const { stdout } = await execa('git', ['--git-dir', directory, 'commit-tree', tree, ...parents, '-m', branch], {
      env: author,
    });
    await execa('git', ['--git-dir', directory, 'update-ref', `refs/heads/${branch}`, stdout]);
    return stdout;
  };
  const baseCommit = await commit(baseTree, [], 'base');
  return { directory, base: baseCommit, head: await commit(headTree, ['-p', baseCommit], 'head') };
}

async function importTree(bare: string, source: string, cwd: string, option: string): Promise<string> {
  const folder = resolve(cwd, source);
  if (
    await stat(folder).then(
      (found) => found.isDirectory(),
      () => false,
    )
  )
    return importFolder(bare, folder, option);
  const { exitCode, stdout: commit } = await execa(
    'git',
    ['rev-parse', '--verify', '--quiet', '--end-of-options', `${source}^{commit}`],
    { cwd, reject: false },
  );
  if (exitCode !== 0)
    throw new FairwayError(
      'refused',
      `${option} ${source} is neither a folder nor a revision of the git repository in ${cwd}`,
    );
  await execa('git', ['push', '--quiet', '--force', bare, `${commit}:refs/imported/${commit}`], { cwd });
  return (await execa('git', ['--git-dir', bare, 'rev-parse', `${commit}^{tree}`])).stdout;
}

async function importFolder(bare: string, folder: string, option: string): Promise<string> {
  if (
    !(await stat(join(folder, 'channels')).then(
      () => true,
      () => false,
    ))
  ) {
    throw new FairwayError(
      'refused',
      `${option} ${folder} is no config repository: it has no channels/ folder; fairway init DIR makes one`,
    );
  }
  const env = { GIT_INDEX_FILE: join(bare, 'import-index') };
  await execa('git', ['--git-dir', bare, '--work-tree', folder, 'add', '--all', '.'], { env, cwd: folder });
  const { stdout } = await execa('git', ['--git-dir', bare, 'write-tree'], { env });
  await rm(env.GIT_INDEX_FILE);
  return stdout;
}
