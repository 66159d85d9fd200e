import { XMLParser } from 'fast-xml-parser';
import { z } from 'zod';
import type { SpecResult } from './conformance-state.ts';

export interface JunitReport {
  /** Specs that ran or left themselves out; those that were not selected are not among them. */
  specs: SpecResult[];
  /** Why the suite's set-up or end failed; empty when it did not. */
  suiteFailures: string[];
}

const text = z.union([z.string(), z.object({ '#text': z.string() }).transform((node) => node['#text'])]).catch('');
const testcase = z.object({
  '@name': z.string(),
  '@status': z.string(),
  '@time': z.coerce.number(),
  failure: text.optional(),
  error: text.optional(),
  skipped: z.object({ '@message': z.string() }).optional(),
});
const report = z.object({
  testsuites: z.object({ testsuite: z.array(z.object({ testcase: z.array(testcase).default([]) })) }),
});

/** Reads what e2e.test writes into `junit_01.xml`; throws when it is not that, or not whole. */
export function readJunit(xml: string): JunitReport {
  const parser = new XMLParser({
    ignoreAttributes: false,
    attributeNamePrefix: '@',
    // Go writes line ends and quotes as numeric entities.
    htmlEntities: true,
    parseTagValue: false,
    parseAttributeValue: false,
    isArray: (name) => name === 'testsuite' || name === 'testcase',
  });
  const cases = report.parse(parser.parse(xml, true)).testsuites.testsuite.flatMap((suite) => suite.testcase);
  const specs: SpecResult[] = [];
  const suiteFailures: string[] = [];
  for (const one of cases) {
    const name = one['@name'];
    if (name.startsWith('[It] ')) {
      const result = specResult(name.slice('[It] '.length), one);
      if (result !== undefined) specs.push(result);
    } else if (one['@status'] !== 'passed' && one['@status'] !== 'skipped') suiteFailures.push(failureText(one));
  }
  return { specs, suiteFailures };
}

function specResult(name: string, one: z.infer<typeof testcase>): SpecResult | undefined {
  const seconds = one['@time'];
  if (one['@status'] === 'passed') return { name, outcome: 'passed', seconds, reason: '' };
  if (one['@status'] !== 'skipped') return { name, outcome: 'failed', seconds, reason: failureText(one) };
  // One that left itself out says why, after a dash; one that was not selected says nothing.
  const why = /^skipped - (.*)$/s.exec(one.skipped?.['@message'] ?? '')?.[1];
  return why === undefined ? undefined : { name, outcome: 'skipped', seconds, reason: why };
}

function failureText(one: z.infer<typeof testcase>): string {
  return (one.failure ?? one.error ?? '').trim() || `ended as ${one['@status']}`;
}
