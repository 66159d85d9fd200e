/** How far a run is, as far as its log tells. */
export interface ConformanceProgress {
  /** Specs selected; undefined until ginkgo has counted them. */
  total: number | undefined;
  done: number;
  failed: number;
  /** The spec that ended last; empty at first. */
  latest: string;
}

export interface SpecResult {
  name: string;
  outcome: 'passed' | 'failed' | 'skipped';
  seconds: number;
  /** The failure's text, or why it was skipped; empty when it passed. */
  reason: string;
}

export interface ConformanceResult {
  /** `success`: every spec of the profile ran and passed. `unknown`: too little is known to say either. */
  verdict: 'success' | 'failure' | 'unknown';
  passed: number;
  failed: number;
  /** Selected but left out by themselves while running. */
  skipped: number;
  /** Only those that the profile selects. */
  specs: SpecResult[];
  /** Sentences for what the profile asks for and was not run, or left itself out while running. */
  leftOut: string[];
  /** One sentence. */
  reason: string;
}

export type ConformanceState =
  | { state: 'absent' }
  | { state: 'running'; progress: ConformanceProgress }
  | { state: 'finished'; result: ConformanceResult };
