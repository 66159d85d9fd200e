import { z } from 'zod';
import { conditionList, conditionOf, sentenceOf } from './conditions.ts';
import { failed, type HealthRule, progressing, ready } from './verdict.ts';

const statusFields = z.object({ status: z.object({ conditions: conditionList }).prefault({}) });

export const crdHealth: HealthRule = (object) => {
  const { conditions } = statusFields.parse(object).status;
  const names = conditionOf(conditions, 'NamesAccepted');
  if (names?.status === 'False') return failed(`its names are refused: ${names.message}`);
  const established = conditionOf(conditions, 'Established');
  return established?.status === 'True' ? ready('established') : progressing('is not established yet');
};

export const apiServiceHealth: HealthRule = (object) => {
  const available = conditionOf(statusFields.parse(object).status.conditions, 'Available');
  if (available?.status === 'True') return ready('available');
  return progressing(`is not available${available === undefined ? ' yet' : `: ${sentenceOf(available)}`}`);
};
