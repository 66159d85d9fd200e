import { createHash, randomBytes } from 'node:crypto';
import type { Authentication, Identity, KnownUser } from '../ports/authentication.ts';
import type { SessionStore } from '../ports/store.ts';

export interface Sessions {
  /** Returns the id, which only the browser keeps. */
  begin(user: KnownUser): Promise<string>;
  /** Whose session it is; undefined when it has ended. */
  userOf(id: string): Promise<Identity | undefined>;
  end(id: string): Promise<void>;
}

/** A session ends so long after it was last used, milliseconds… */
const idleTime = 2 * 60 * 60 * 1000;
/** …and in any case so long after it began. */
export const longestTime = 12 * 60 * 60 * 1000;
/** Use is written down at most so often. */
const noteEvery = 60 * 1000;

/** Sessions of browsers, in the store, so that any server knows them. They end by themselves, by leaving, and with the token they were begun with. */
export function createSessions(store: SessionStore, authentication: Pick<Authentication, 'byCredential'>): Sessions {
  return {
    async begin({ credential }) {
      const now = Date.now();
      await store.forget({ begunBefore: now - longestTime, usedBefore: now - idleTime });
      const id = randomBytes(32).toString('base64url');
      await store.begin({ idHash: hashOf(id), credential, begunAt: now, usedAt: now });
      return id;
    },
    async userOf(id) {
      const session = await store.find(hashOf(id));
      const now = Date.now();
      if (!session || session.begunAt + longestTime < now || session.usedAt + idleTime < now) return undefined;
      const user = await authentication.byCredential(session.credential);
      if (user && session.usedAt + noteEvery < now) await store.used(session.idHash, now);
      return user && { user: user.user, role: user.role };
    },
    end: (id) => store.end(hashOf(id)),
  };
}

/** The store keeps no id: whoever reads it has nobody's session. A fast hash is enough, since ids are random. */
function hashOf(id: string): string {
  return createHash('sha256').update(id).digest('hex');
}
