import type { RepositoryName } from '../../ports/forge.ts';
import { coordinates, type ForgeClient } from './forge-client.ts';
import { shortenCharacters } from './shorten.ts';

const LONGEST_BODY = 65_536;

/** Creates or updates our one comment that carries the marker; a body that stands there already is not written again. */
export async function reportComment(
  client: ForgeClient,
  repository: RepositoryName,
  number: number,
  marker: string,
  body: string,
): Promise<void> {
  // First, so that cutting the body never takes the marker away.
  const text = shortenCharacters(`${marker}\n${body.replaceAll(marker, '').trim()}`, LONGEST_BODY);
  await client.call(`comment on #${number} of ${repository}`, 'pull requests: write', async ({ rest }) => {
    const where = coordinates(repository);
    const existing = await findByMarker(client, repository, number, marker);
    if (!existing) await rest.issues.createComment({ ...where, issue_number: number, body: text });
    else if (existing.body !== text) await rest.issues.updateComment({ ...where, comment_id: existing.id, body: text });
  });
}

export async function postComment(
  client: ForgeClient,
  repository: RepositoryName,
  number: number,
  body: string,
): Promise<void> {
  await client.call(`comment on #${number} of ${repository}`, 'pull requests: write', async ({ rest }) => {
    await rest.issues.createComment({
      ...coordinates(repository),
      issue_number: number,
      body: shortenCharacters(body, LONGEST_BODY),
    });
  });
}

async function findByMarker(client: ForgeClient, repository: RepositoryName, number: number, marker: string) {
  const { rest, paginate } = client.octokit;
  const pages = paginate.iterator(rest.issues.listComments, {
    ...coordinates(repository),
    issue_number: number,
    per_page: 100,
  });
  for await (const { data } of pages) {
    for (const comment of data) {
      if (comment.body?.includes(marker) && (await client.isOurs(comment)))
        return { id: Number(comment.id), body: comment.body };
    }
  }
  return undefined;
}
