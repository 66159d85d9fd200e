import { nodelessSpecs } from './nodeless-specs.ts';
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
  /** Flags of e2e.test beyond those that every run has. */
  flags: string[];
  /** Sentences for what it leaves out of what its name promises. */
  leftOut: string[];
  /** After which ginkgo itself ends the run. */
  timeoutMinutes: number;
}

const beside = { processes: 6, flags: [], leftOut: [] };
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
    ...beside,
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
    ...beside,
    timeoutMinutes: 90,
  },
  /** All of them, nothing skipped, nothing retried; ginkgo runs the serial ones by themselves after the others. */
  certify: {
    name: 'certify',
    select: (all) => all.filter(conformance),
    focus: [escapeGoRegex('[Conformance]')],
    skip: [],
    skips: 'not allowed',
    ...beside,
    timeoutMinutes: 240,
  },
} as const satisfies Record<string, ConformanceProfile>;

/** What of a profile can be asked of a control plane without nodes: those specs that ask nothing but the API. */
export function withoutNodes(profile: ConformanceProfile, all: readonly string[]): ConformanceProfile {
  const asked = profile.select(all);
  const specs = asked.filter((spec) => nodelessSpecs.has(spec));
  const left = asked.length - specs.length;
  return {
    ...profile,
    ...pinnedProfile(profile.name, specs),
    // Otherwise the suite waits for a first node before it begins.
    flags: ['--num-nodes=0', '--allowed-not-ready-nodes=-1'],
    leftOut: [
      `${left} of ${asked.length} specs of the profile ${profile.name}: they need nodes, and the cluster has none`,
    ],
  };
}

function escapeGoRegex(text: string): string {
  return text.replace(/[\\.+*?()|[\]{}^$]/g, '\\$&');
}
