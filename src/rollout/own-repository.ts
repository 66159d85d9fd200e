import type { Intent } from '../domain/intent.ts';

/**
 * The intent if it is about the config repository, under the name by which Fairway knows it. A GitHub App's webhook and an
 * organisation's send the events of all their repositories, signed with one secret. Names are compared without case, as forges do.
 */
export function ofOwnRepository(intent: Intent, own: string): Intent {
  if (intent.intent === 'ignore' || intent.repository === own) return intent;
  if (intent.repository.toLowerCase() === own.toLowerCase()) return { ...intent, repository: own };
  const reason = `it is about ${intent.repository}, and this Fairway looks after ${own} alone; was the repository renamed or transferred? Then set FAIRWAY_REPOSITORY`;
  return { intent: 'ignore', reason };
}
