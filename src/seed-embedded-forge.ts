import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Octokit } from '@octokit/rest';
import type { App } from './app.ts';
import { writeConfigRepository } from './cli/init.ts';
import { gateContext } from './domain/gate-status.ts';
import type { EmbeddedForge } from './embedded/forge/embedded-forge.ts';

const branches = ['dev', 'alpha', 'stable'];

/** Gives the embedded forge a config repository to start from, protected by the gate. Can be repeated. */
export async function seedEmbeddedForge(forge: EmbeddedForge, repository: string): Promise<void> {
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
}

/** Has the embedded forge tell us what happens to the repository, and no Fairway that was here before. Can be repeated. */
export async function connectWebhook({ embeddedForge: forge, secrets, url }: App, repository: string): Promise<void> {
  if (!forge) return;
  const octokit = new Octokit({ baseUrl: forge.apiUrl, auth: secrets.forgeToken });
  const [owner = '', repo = ''] = repository.split('/');
  const ours = `${url}/webhooks/github`;
  const { data: hooks } = await octokit.rest.repos.listWebhooks({ owner, repo });
  for (const hook of hooks)
    if (hook.config.url !== ours) await octokit.rest.repos.deleteWebhook({ owner, repo, hook_id: hook.id });
  if (hooks.some((hook) => hook.config.url === ours)) return;
  const config = { url: ours, content_type: 'json', secret: secrets.webhook };
  await octokit.rest.repos.createWebhook({ owner, repo, config, events: ['*'] });
}
