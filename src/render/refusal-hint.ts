/** What would be right, by what the engine says. */
const hints: [RegExp, (match: RegExpExecArray) => string][] = [
  [
    /at <\.Cluster\.ConfigItems\.[^>]*>: map has no entry for key "([^"]+)"/,
    ([, key]) => `give ${key} a default in config-defaults.yaml, or set it as a config item of the cluster`,
  ],
  [
    /at <\.NodePool\.ConfigItems\.[^>]*>: map has no entry for key "([^"]+)"/,
    ([, key]) =>
      `set ${key} as a config item of the node pool or of the cluster, or test for it with: if index .NodePool.ConfigItems "${key}"`,
  ],
  [
    /map has no entry for key "([^"]+)"/,
    ([, key]) => `the value ${key} is not known here; check its name, or test for it with: index`,
  ],
  [/function "([^"]+)" not defined/, ([, name]) => `there is no function ${name}; check its name`],
  [/unclosed action|unexpected EOF/, () => 'close every {{ with }}, and every if, range, with, define with {{ end }}'],
  [/unexpected \{\{end\}\}/, () => 'remove this end, or add the if, range or with that it closes'],
  [/cannot start any token/, () => 'indent with spaces, and quote values that begin with a tab, @, ` or %'],
  [/mapping values are not allowed/, () => 'check the indentation; quote values that contain ": "'],
  [/did not find expected/, () => 'check the indentation and the brackets up to this line'],
  [
    /expecting kind\/apiVersion\/metadata\.name/,
    () => 'every document of a manifest needs kind, apiVersion and metadata.name',
  ],
  [/excessive aliasing/, () => 'write the repeated parts out, or use fewer aliases'],
];

export function hintFor(message: string): string {
  for (const [pattern, hint] of hints) {
    const match = pattern.exec(message);
    if (match !== null) return hint(match);
  }
  return '';
}
