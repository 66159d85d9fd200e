import type { NewCommit, RepositoryName } from '../../ports/forge.ts';
import { coordinates, type ForgeClient } from './forge-client.ts';

/** A commit of trees and parents that are in the repository already; author and moment are given, so that its id is, too. */
export async function createCommit(
  client: ForgeClient,
  repository: RepositoryName,
  { tree, parents, message, at }: NewCommit,
): Promise<string> {
  const author = { name: 'Fairway', email: 'fairway@localhost', date: new Date(at).toISOString() };
  return await client.call(`make a commit in ${repository}`, 'contents: write', async ({ rest }) => {
    const commit = { ...coordinates(repository), tree, parents, message, author, committer: author };
    return (await rest.git.createCommit(commit)).data.sha;
  });
}
