import t from 'tap';
import { prepareRelease } from '../../adapters/kubernetes-release/prepare-release.ts';
import { listSpecs } from './list-specs.ts';
import { conformanceProfiles } from './profile.ts';

const release = await prepareRelease({
  imageSet: 'none',
  binaries: ['e2e.test'],
  report: (line) => t.comment(line),
  signal: AbortSignal.timeout(40 * 60_000),
});
const all = await listSpecs(release.binary('e2e.test'));
const sig = (spec: string) => /^\[(sig-[a-z-]+)\]/.exec(spec)?.[1];

/** What ginkgo would choose, which matches against the suite's name and the spec's. */
function chosen({ focus, skip }: { focus: string[]; skip: string[] }): string[] {
  const any = (expressions: string[], spec: string) =>
    expressions.some((expression) => new RegExp(expression).test(`Kubernetes e2e suite ${spec}`));
  return all.filter((spec) => any(focus, spec) && !any(skip, spec));
}

t.test('smoke is a pinned list over the main SIGs, all of which this release has', async (t) => {
  const specs = conformanceProfiles.smoke.select(all);
  t.ok(specs.length >= 25, `${specs.length} specs`);
  for (const spec of specs) t.ok(all.includes(spec), spec);
  const sigs = new Set(specs.map(sig));
  for (const name of ['api-machinery', 'apps', 'auth', 'instrumentation', 'network', 'node', 'scheduling', 'storage']) {
    t.ok(sigs.has(`sig-${name}`), name);
  }
});

t.test("gate and certify are the release's own lists", async (t) => {
  t.equal(conformanceProfiles.gate.select(all).length, 389);
  t.equal(conformanceProfiles.certify.select(all).length, 424);
});

t.test('what ginkgo is told to choose is exactly what must pass', async (t) => {
  for (const profile of Object.values(conformanceProfiles)) {
    t.same(chosen(profile).sort(), [...profile.select(all)].sort(), profile.name);
  }
});

t.test('no profile that shares its cluster with others holds a serial spec', async (t) => {
  const { smoke, gate } = conformanceProfiles;
  for (const profile of [smoke, gate]) {
    t.same(
      profile.select(all).filter((spec) => /\[(Serial|Disruptive|Slow)\]/.test(spec)),
      [],
      profile.name,
    );
  }
});
