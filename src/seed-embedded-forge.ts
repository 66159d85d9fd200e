import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Octokit } from '@octokit/rest';
import type { App } from './app.ts';
import { writeConfigRepository } from './cli/init.ts';
import { gateContext } from './report/reporter.ts';

const branches = ['dev', 'alpha', 'stable'];

/** Gives the embedded forge a config repository to start from, protected by the gate, and our webhook. Can be repeated. */
export async function seedEmbeddedForge(app: App, repository: string): Promise<void> {
  const forge = app.embeddedForge;
  if (!forge) return;
  const scratch = await mkdtemp(join(tmpdir(), 'fairway-seed-'));
  try {
    const folder = join(scratch, 'config');
    await writeConfigRepository(folder);
    await forge.importRepository(repository, {
      fromDirectory: folder,
      branches,
      protection: { requiredChecks: [gateContext], strict: false },
    });
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
  const octokit = new Octokit({ baseUrl: forge.apiUrl, auth: app.secrets.forgeToken });
  const [owner = '', repo = ''] = repository.split('/');
  const url = `${app.url}/webhooks/github`;
  const { data: hooks } = await octokit.rest.repos.listWebhooks({ owner, repo });
  for (const hook of hooks)
    if (hook.config.url !== url) await octokit.rest.repos.deleteWebhook({ owner, repo, hook_id: hook.id });
  if (!hooks.some((hook) => hook.config.url === url))
    await octokit.rest.repos.createWebhook({
      owner,
      repo,
      config: { url, content_type: 'json', secret: app.secrets.webhook },
      events: ['*'],
    });
  await app.catchUp();
}
