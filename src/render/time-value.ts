import { INT64, structType } from './template/go-type.ts';
import { Named, Struct } from './template/go-value.ts';

/** Go's time.Time, of which templates only ever see the zero one: CLM doesn't fill in when a cluster was created. */
export const TIME = structType('time.Time', [], {
  methods: {
    IsZero: { params: [], call: () => true },
    Year: { params: [], call: () => 1n },
    Unix: { params: [], call: () => new Named(INT64, -62135596800n) },
    String: { params: [], call: () => '0001-01-01 00:00:00 +0000 UTC' },
  },
  stringer: () => '0001-01-01 00:00:00 +0000 UTC',
});

export const zeroTime = new Struct(TIME, []);
