import type { UnsandboxedTools } from './adapters/manifest-tools/known-confinement.ts';
import { FairwayError } from './domain/errors.ts';

/** FAIRWAY_UNSANDBOXED_MANIFEST_TOOLS: whether Kustomize and Helm may run on a machine that has no sandbox for them. */
export function unsandboxedTools(env: NodeJS.ProcessEnv = process.env): UnsandboxedTools {
  const { FAIRWAY_UNSANDBOXED_MANIFEST_TOOLS: value = '' } = env;
  if (value === 'allow') return { tools: 'allowed' };
  if (value === '') return { tools: 'refused', setting: 'FAIRWAY_UNSANDBOXED_MANIFEST_TOOLS=allow' };
  throw new FairwayError('refused', `FAIRWAY_UNSANDBOXED_MANIFEST_TOOLS: it can be allow, and is ${value}`);
}
