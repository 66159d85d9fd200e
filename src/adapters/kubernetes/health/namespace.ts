import { z } from 'zod';
import { type HealthRule, progressing, ready } from './verdict.ts';

const namespaceFields = z.object({ status: z.object({ phase: z.string().default('Active') }).prefault({}) });

export const namespaceHealth: HealthRule = (object) => {
  const { phase } = namespaceFields.parse(object).status;
  return phase === 'Active' ? ready('active') : progressing(`is ${phase}`);
};
