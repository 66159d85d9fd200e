import { z } from 'zod';
import { failed, type HealthRule, progressing, ready } from './verdict.ts';

const claimFields = z.object({ status: z.object({ phase: z.string().default('Pending') }).prefault({}) });

/** A claim that is pending for lack of a pod needs its StorageClass to be told apart: see `awaits-first-consumer`. */
export const claimHealth: HealthRule = (object) => {
  const { phase } = claimFields.parse(object).status;
  if (phase === 'Bound') return ready('bound');
  return phase === 'Lost' ? failed('lost its PersistentVolume') : progressing('is not bound to a volume yet');
};
