/**
 * What every git process of the forge sees: nobody's own configuration, plain English, and a gc that neither outlives its
 * caller nor drops what a closed pull request still shows.
 */
export function gitEnvironment(settings: Record<string, string> = {}): Record<string, string> {
  const entries = Object.entries({ ...SETTINGS, ...settings });
  const variables = entries.flatMap(([key, value], index) => [
    [`GIT_CONFIG_KEY_${index}`, key],
    [`GIT_CONFIG_VALUE_${index}`, value],
  ]);
  return {
    PATH: process.env.PATH ?? '',
    LC_ALL: 'C',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_TERMINAL_PROMPT: '0',
    GIT_CONFIG_COUNT: String(entries.length),
    ...Object.fromEntries(variables),
  };
}

const SETTINGS = {
  'gc.autoDetach': 'false',
  'gc.pruneExpire': 'never',
  'http.receivepack': 'true',
  'receive.hideRefs': 'refs/pull',
};
