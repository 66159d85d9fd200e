/** YAML that can't be read. The message is worded as Go's YAML package words it, for those who know it from there. */
export class YamlError extends Error {
  /** From 1; undefined when the fault has no single place. */
  readonly line: number | undefined;
  /** From 1. */
  readonly column: number | undefined;
  /** What would be right, where more is known than the message says. */
  readonly hint: string | undefined;

  constructor(
    message: string,
    place: { line?: number | undefined; column?: number | undefined; hint?: string | undefined } = {},
  ) {
    super(message);
    this.name = 'YamlError';
    this.line = place.line;
    this.column = place.column;
    this.hint = place.hint;
  }
}
