import type { z } from 'zod';
import { apply } from './apply.ts';
import { conformance } from './conformance.ts';
import { createCluster } from './create-cluster.ts';
import { deleteCluster } from './delete-cluster.ts';
import { diff } from './diff.ts';
import { gates } from './gates.ts';
import { openPromotion } from './open-promotion.ts';
import { policyStep } from './policy.ts';
import { render } from './render.ts';
import { soak } from './soak.ts';
import type { Step } from './step.ts';
import { suite } from './suite.ts';
import { waitForHealth } from './wait-for-health.ts';

/** The table of contents: every word that a pipeline may use. */
export const steps: ReadonlyMap<string, Step> = new Map(
  [
    render,
    diff,
    policyStep(() => stepSchemas),
    createCluster,
    apply,
    waitForHealth,
    conformance,
    suite,
    deleteCluster,
    soak,
    gates,
    openPromotion,
  ].map((step) => [step.kind, step]),
);

export const stepSchemas: ReadonlyMap<string, z.ZodType> = new Map(
  [...steps].map(([kind, { schema }]) => [kind, schema]),
);
