import type { Permission, RepositoryName } from '../../ports/forge.ts';
import { coordinates, type ForgeClient } from './forge-client.ts';
import { refusalOf } from './forge-failure.ts';

export async function findBranchHead(
  client: ForgeClient,
  repository: RepositoryName,
  branch: string,
): Promise<string | undefined> {
  return await client.call(`read branch ${branch} of ${repository}`, 'contents: read', async ({ rest }) => {
    try {
      return (await rest.git.getRef({ ...coordinates(repository), ref: `heads/${branch}` })).data.object.sha;
    } catch (error) {
      if (refusalOf(error)?.status === 404) return undefined;
      throw error;
    }
  });
}

export async function ensureBranch(
  client: ForgeClient,
  repository: RepositoryName,
  branch: string,
  sha: string,
): Promise<void> {
  const where = coordinates(repository);
  const before = await findBranchHead(client, repository, branch);
  if (before === sha) return;
  await client.call(`put branch ${branch} of ${repository} at ${sha}`, 'contents: write', async ({ rest }) => {
    const move = () => rest.git.updateRef({ ...where, ref: `heads/${branch}`, sha, force: true });
    if (before !== undefined) return await move();
    try {
      return await rest.git.createRef({ ...where, ref: `refs/heads/${branch}`, sha });
    } catch (error) {
      if (!refusalOf(error)?.message.includes('already exists')) throw error;
      return await move();
    }
  });
}

export async function findPermission(
  client: ForgeClient,
  repository: RepositoryName,
  user: string,
): Promise<Permission> {
  return await client.call(`read what ${user} may do in ${repository}`, 'metadata: read', async ({ rest }) => {
    try {
      const { data } = await rest.repos.getCollaboratorPermissionLevel({ ...coordinates(repository), username: user });
      const { permission } = data;
      return permission === 'admin' || permission === 'write' || permission === 'read' ? permission : 'none';
    } catch (error) {
      if (refusalOf(error)?.status === 404) return 'none';
      throw error;
    }
  });
}
