import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { ApiError, notFound } from '../api-error.ts';
import { access } from '../authentication.ts';
import type { TreeEntry } from '../bare-repository.ts';
import { type ForgeContext, gitOf } from '../forge-context.ts';
import { parseInput } from '../request-input.ts';

const contentPath = z.object({ '*': z.string().default('') });
const contentQuery = z.object({ ref: z.string().optional() });

/** Files and folders of a revision. */
export function contentRoutes(api: FastifyInstance, forge: ForgeContext): void {
  for (const route of ['/repos/:owner/:repo/contents', '/repos/:owner/:repo/contents/*']) {
    api.get(route, async (request, reply) => {
      const { repository, fullName } = await access(forge, request, 'read');
      const { ref = repository.defaultBranch } = parseInput(contentQuery, request.query, 'Content');
      const git = gitOf(forge, repository);
      const sha = await git.resolve(ref);
      if (!sha) throw new ApiError(404, `No commit found for the ref ${ref}`);
      const found = await git.entries(sha, contentPath.parse(request.params)['*'].replace(/\/+$/, ''));
      const describe = (entry: TreeEntry) => contentJson(forge, fullName, ref, entry);
      if (found?.kind === 'directory') return found.entries.map(describe);
      const file = found?.entries[0];
      if (!file) throw notFound();
      const content = await git.blobBase64(file.sha);
      if (request.headers.accept?.includes('raw'))
        return reply.type('application/vnd.github.raw').send(Buffer.from(content, 'base64'));
      return { ...describe(file), encoding: 'base64', content: content.replace(/.{60}/g, '$&\n') };
    });
  }
}

function contentJson(forge: ForgeContext, fullName: string, ref: string, entry: TreeEntry) {
  const path = entry.path.split('/').map(encodeURIComponent).join('/');
  const url = `${forge.urls.repository(fullName)}/contents/${path}?ref=${encodeURIComponent(ref)}`;
  const gitUrl = `${forge.urls.repository(fullName)}/git/${entry.type === 'tree' ? 'trees' : 'blobs'}/${entry.sha}`;
  return {
    type: typeOf(entry),
    name: entry.path.split('/').at(-1) ?? '',
    path: entry.path,
    sha: entry.sha,
    size: entry.size,
    url,
    git_url: gitUrl,
    html_url: forge.urls.page(fullName, 'blob', ref, path),
    download_url: null,
    _links: { self: url, git: gitUrl, html: forge.urls.page(fullName, 'blob', ref, path) },
  };
}

function typeOf(entry: TreeEntry): 'dir' | 'submodule' | 'symlink' | 'file' {
  if (entry.type === 'tree') return 'dir';
  if (entry.type === 'commit') return 'submodule';
  return entry.mode === '120000' ? 'symlink' : 'file';
}
