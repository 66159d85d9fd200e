import { fileURLToPath } from 'node:url';
import { cruise, type IForbiddenRuleType } from 'dependency-cruiser';
import t from 'tap';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Rooms from the inside to the outside; those of a row don't import each other, but for the exceptions below. */
const rings = [
  ['domain'],
  ['ports'],
  ['http'],
  ['webhook', 'api', 'rollout', 'steps', 'gates', 'render', 'report', 'telemetry'],
  ['queue', 'adapters', 'embedded'],
];

/** Doors between rooms of a row: what a room may import all the same. */
const doors: Record<string, string[]> = {
  // What may be written in a pipeline, and what a step is, is the steps' knowledge.
  rollout: ['^src/steps/(registry|step|world|policy-files|target)\\.ts$'],
  steps: ['^src/render/'],
  // What is measured stands where it is measured.
  webhook: ['^src/telemetry/metrics\\.ts$'],
  api: ['^src/telemetry/metrics\\.ts$'],
};
const tests = '\\.test\\.ts$|\\.test-fixture\\.ts$|/testing/|/fuzz/';

function rules(): IForbiddenRuleType[] {
  const outer = ['src/ui', 'src/cli', 'src/demo', 'src/[^/]+\\.ts$'];
  return rings.flatMap((row, index) =>
    row.map((room): IForbiddenRuleType => {
      const inner = [...rings.slice(0, index).flat(), room];
      const exceptions = doors[room] ?? [];
      const others = rings.flat().filter((name) => !inner.includes(name));
      return {
        name: `${room} knows only ${inner.join(', ')}`,
        severity: 'error',
        from: { path: `^src/${room}/`, pathNot: tests },
        to: {
          path: [...others.map((name) => `^src/${name}/`), ...outer.map((path) => `^${path}`)],
          ...(exceptions.length > 0 ? { pathNot: exceptions } : {}),
        },
      };
    }),
  );
}

t.test('imports point one way, and nothing imports in a circle', async (t) => {
  const circle: IForbiddenRuleType = { name: 'no circle', severity: 'error', from: {}, to: { circular: true } };
  const { output } = await cruise(
    ['src'],
    {
      baseDir: root,
      ruleSet: { forbidden: [...rules(), circle] },
      validate: true,
      exclude: { path: 'node_modules' },
      tsPreCompilationDeps: false,
    },
    { extensions: ['.ts', '.tsx'] },
  );
  if (typeof output === 'string') throw new Error(output);
  t.ok(output.summary.totalCruised > 300, `${output.summary.totalCruised} files were looked at`);
  const found = output.summary.violations.map(({ rule, from, to }) => `${from} → ${to}: ${rule.name}`);
  t.strictSame(found, []);
});
