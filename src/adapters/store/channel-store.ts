import type { Kysely } from 'kysely';
import type { ChannelState, ChannelStore } from '../../ports/store.ts';
import type { Tables } from './tables.ts';

export function createChannelStore(db: Kysely<Tables>): ChannelStore {
  const row = async (repository: string, channel: string): Promise<void> => {
    const empty = {
      branch: null,
      live_run: null,
      attempted_sha: null,
      converged_sha: null,
      converged_tree: null,
      converged_at: null,
      held: null,
    };
    await db
      .insertInto('channels')
      .values({ repository, channel, ...empty })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  };
  return {
    async get(repository, channel) {
      const found = await db
        .selectFrom('channels')
        .selectAll()
        .where('repository', '=', repository)
        .where('channel', '=', channel)
        .executeTakeFirst();
      return toState(found ?? { repository, channel });
    },
    async list() {
      return (await db.selectFrom('channels').selectAll().orderBy('repository').orderBy('channel').execute()).map(
        toState,
      );
    },
    async claim({ repository, channel, branch, runId, sha }) {
      await row(repository, channel);
      const result = await db
        .updateTable('channels')
        .set({ live_run: runId, attempted_sha: sha, branch })
        .where('repository', '=', repository)
        .where('channel', '=', channel)
        .where(({ eb, or }) => or([eb('live_run', 'is', null), eb('live_run', '=', runId)]))
        .executeTakeFirst();
      return result.numUpdatedRows > 0n;
    },
    async finish(repository, channel, runId, converged) {
      const reached = converged && {
        converged_sha: converged.sha,
        converged_tree: converged.tree,
        converged_at: converged.at,
      };
      await db
        .updateTable('channels')
        .set({ live_run: null, ...reached })
        .where('repository', '=', repository)
        .where('channel', '=', channel)
        .where('live_run', '=', runId)
        .execute();
    },
    async hold(repository, channel, reason) {
      await row(repository, channel);
      await db
        .updateTable('channels')
        .set({ held: reason ?? null })
        .where('repository', '=', repository)
        .where('channel', '=', channel)
        .execute();
    },
  };
}

type Row = Partial<Tables['channels']> & Pick<Tables['channels'], 'repository' | 'channel'>;

function toState(row: Row): ChannelState {
  return {
    repository: row.repository,
    channel: row.channel,
    branch: row.branch ?? undefined,
    liveRun: row.live_run ?? undefined,
    attemptedSha: row.attempted_sha ?? undefined,
    convergedSha: row.converged_sha ?? undefined,
    convergedTree: row.converged_tree ?? undefined,
    convergedAt: row.converged_at ?? undefined,
    held: row.held ?? undefined,
  };
}
