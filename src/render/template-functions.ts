import { clmFunctions } from './functions/clm-functions.ts';
import type { Functions } from './template/go-type.ts';
import { CallError } from './template/template-error.ts';

/** The functions that templates may call; for reading templates, not for executing them. */
export const templateFunctions: Functions = clmFunctions({
  instanceTypes: undefined,
  imageId: () => '',
  siblingText: (path) => {
    throw new CallError(`template file not found: ${path}`);
  },
});
