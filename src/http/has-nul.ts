/** Whether the character NUL is anywhere in it. Neither Postgres nor a program's arguments can have it. */
export function hasNul(input: unknown): boolean {
  if (typeof input === 'string') return input.includes('\0');
  if (typeof input !== 'object' || input === null) return false;
  return Object.entries(input).some(([key, value]) => key.includes('\0') || hasNul(value));
}
