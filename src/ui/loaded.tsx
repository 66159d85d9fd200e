import type { ComponentChildren } from 'preact';
import type { Data } from './use-data.ts';

/** What is there, or why it isn't yet. */
export function Loaded<T>({ data, children }: { data: Data<T>; children: (value: T) => ComponentChildren }) {
  if (data.state === 'loading') return <p class="quiet">Loading…</p>;
  if (data.state === 'error') return <p class="notice bad">{data.message}</p>;
  return <>{children(data.value)}</>;
}
