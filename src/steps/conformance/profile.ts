import { smokeSpecs } from './smoke-specs.ts';

/** Which official specs are to run, and how. */
export interface ConformanceProfile {
  name: string;
  /** Of all specs that e2e.test has, by full name, those that must run and pass. */
  select(all: readonly string[]): readonly string[];
  /** Regular expressions in Go's syntax, as ginkgo takes them. */
  focus: string[];
  skip: string[];
  /** Whether a spec may leave itself out (for want of a second node, say) without spoiling the verdict. */
  skips: 'allowed' | 'not allowed';
  /** Parallel ginkgo processes. */
  processes: number;
  /** After which ginkgo itself ends the run. */
  timeoutMinutes: number;
}

const alone = ['[Serial]', '[Disruptive]', '[Slow]'];
const conformance = (spec: string): boolean => spec.includes('[Conformance]');

/** A profile of exactly these specs. */
export function pinnedProfile(name: string, specs: readonly string[]): ConformanceProfile {
  return {
    name,
    select: () => specs,
    // Ginkgo matches against the suite's name, a space, and the spec's name.
    focus: specs.map((spec) => ` ${escapeGoRegex(spec)}$`),
    skip: [],
    skips: 'not allowed',
    processes: 6,
    timeoutMinutes: 15,
  };
}

export const conformanceProfiles = {
  /** A pinned list over several SIGs, for every pull request on a small machine. */
  smoke: pinnedProfile('smoke', smokeSpecs),
  /** All of them that may run beside each other. */
  gate: {
    name: 'gate',
    select: (all) => all.filter((spec) => conformance(spec) && !alone.some((label) => spec.includes(label))),
    focus: [escapeGoRegex('[Conformance]')],
    skip: alone.map(escapeGoRegex),
    skips: 'allowed',
    processes: 6,
    timeoutMinutes: 90,
  },
  /** All of them, nothing skipped, nothing retried; ginkgo runs the serial ones by themselves after the others. */
  certify: {
    name: 'certify',
    select: (all) => all.filter(conformance),
    focus: [escapeGoRegex('[Conformance]')],
    skip: [],
    skips: 'not allowed',
    processes: 6,
    timeoutMinutes: 240,
  },
} as const satisfies Record<string, ConformanceProfile>;

function escapeGoRegex(text: string): string {
  return text.replace(/[\\.+*?()|[\]{}^$]/g, '\\$&');
}
