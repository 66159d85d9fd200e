import { createHmac, randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import type { Test } from 'tap';
import { z } from 'zod';
import { type ChannelView, channelView } from '../api/channel-routes.ts';
import { type RunSummary, type RunView, runSummary, runView } from '../api/run-view.ts';
import { isFinal } from '../domain/run.ts';
import { readKeptSecrets } from '../kept-secrets.ts';
import type { OutsideForge } from '../resilience/outside-forge.ts';
import { Scene, type SceneOptions } from '../resilience/scene.ts';

const shim = fileURLToPath(new URL('../../bin/fairway.js', import.meta.url));
const runs = z.object({ items: z.array(runSummary) });
const channels = z.object({ items: z.array(channelView) });
const deliveries = z.object({ items: z.array(z.object({ id: z.string(), result: z.string().optional() })) });

export interface Forged {
  event: string;
  payload: object;
  /** By default Fairway's own: as the forge signs for all of an organisation's repositories. */
  signedWith?: string;
}

/** A `fairway up` that is attacked, and what anyone sees of it: the forge, the API and the commands. */
export class Target {
  readonly scene: Scene;
  readonly apiToken: string;

  private constructor(scene: Scene, apiToken: string) {
    this.scene = scene;
    this.apiToken = apiToken;
  }

  static async open(t: Test, options: SceneOptions): Promise<Target> {
    const scene = await Scene.open(t, options);
    const kept = await readKeptSecrets(scene.state);
    if (!kept) throw new Error('the scene has no secrets');
    return new Target(scene, kept.apiToken);
  }

  get forge(): OutsideForge {
    return this.scene.forge;
  }

  /** A request to Fairway, as its administrator. */
  async get<T>(path: string, schema: z.ZodType<T>): Promise<T> {
    return schema.parse(JSON.parse(await this.text(path)));
  }

  async text(path: string): Promise<string> {
    const headers = { authorization: `Bearer ${this.apiToken}` };
    const response = await fetch(`${this.scene.url}${path}`, { headers });
    const text = await response.text();
    if (!response.ok) throw new Error(`GET ${path}: ${response.status} ${text}`);
    return text;
  }

  async runs(query: Record<string, string | number> = {}): Promise<RunSummary[]> {
    const text = Object.entries(query).map(([name, value]): [string, string] => [name, String(value)]);
    return (await this.get(`/api/v1/runs?${new URLSearchParams(text)}`, runs)).items;
  }

  async run(id: string): Promise<RunView> {
    return this.get(`/api/v1/runs/${id}`, runView);
  }

  /** The newest run of that kind for that head, or for any, at its end, which the forge has been told. */
  async ended(query: Record<string, string | number>, headSha?: string): Promise<RunSummary> {
    const run = await this.scene.until(`the end of ${JSON.stringify(query)}`, async () => {
      const [newest] = await this.runs({ ...query, limit: 1 });
      const isWanted = newest && isFinal(newest.status) && (headSha === undefined || newest.headSha === headSha);
      return isWanted ? newest : undefined;
    });
    await this.scene.until(`the report of ${run.id}`, async () =>
      (await this.scene.store.runs.untold(1_000)).includes(run.id) ? undefined : true,
    );
    return run;
  }

  async channel(name: string): Promise<ChannelView | undefined> {
    const { items } = await this.get('/api/v1/channels', channels);
    return items.find(({ channel }) => channel === name);
  }

  async converged(channel: string, sha: string): Promise<void> {
    await this.scene.until(`${channel} to converge to ${sha}`, async () =>
      (await this.channel(channel))?.convergedSha === sha ? true : undefined,
    );
  }

  /** Posts what the forge could have sent: `status detail` when it is refused, else what became of it. */
  async deliver({ event, payload, signedWith = this.scene.webhookSecret }: Forged): Promise<string> {
    const common = { repository: { full_name: 'fairway/config' }, sender: { login: 'wim', type: 'User' } };
    const body = JSON.stringify({ ...common, ...payload });
    const id = randomUUID();
    const response = await fetch(`${this.scene.url}/webhooks/github`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'x-github-event': event,
        'x-github-delivery': id,
        'x-hub-signature-256': `sha256=${createHmac('sha256', signedWith).update(body).digest('hex')}`,
      },
      body,
    });
    const text = await response.text();
    if (response.status !== 202) return `${response.status} ${text}`;
    return this.scene.until(
      `the result of the delivery ${id}`,
      async () => (await this.deliveries()).find((delivery) => delivery.id === id)?.result,
    );
  }

  async deliveries(): Promise<{ id: string; result?: string | undefined }[]> {
    return (await this.get('/api/v1/deliveries?limit=1000', deliveries)).items;
  }

  /** A command in a terminal of this machine. */
  async fairway(...args: string[]): Promise<{ code: number | undefined; said: string }> {
    const { exitCode, all } = await execa(process.execPath, [shim, ...args, '--state', this.scene.state], {
      reject: false,
      all: true,
    });
    return { code: exitCode, said: all };
  }

  /** Commits files upon dev and has wim push the commit by force to that full name of a ref. */
  async pushTo(ref: string, files: Record<string, string>): Promise<string> {
    const sha = await this.forge.commit(`scratch-${randomUUID()}`, files, 'dev');
    await this.forge.git('push', '--quiet', '--force', this.forge.remote('wim'), `${sha}:${ref}`);
    return sha;
  }
}
