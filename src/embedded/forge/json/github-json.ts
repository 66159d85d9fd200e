import type { components } from '@octokit/openapi-types';

type Schemas = components['schemas'];

type DeepPartial<Value> = Value extends (infer Item)[]
  ? DeepPartial<Item>[]
  : Value extends object
    ? { [Key in keyof Value]?: DeepPartial<Value[Key]> }
    : Value;

/** The part of a GitHub schema that the forge fills in: every field it answers is named and typed as GitHub's is. */
export type GithubJson<Name extends keyof Schemas> = DeepPartial<Schemas[Name]>;
