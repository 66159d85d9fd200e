import { FairwayError } from './errors.ts';

/** The config item `override_channel`, `source=channel,…`: where a cluster takes some of its sources from instead. Throws FairwayError. */
export function channelOverrides(configItems: Readonly<Record<string, string>>): Map<string, string> {
  const { override_channel: item } = configItems;
  if (item === undefined) return new Map();
  return new Map(
    item.split(',').map((override) => {
      const equals = override.indexOf('=');
      if (equals < 0) throw new FairwayError('refused', `invalid override definition: ${override}`);
      return [override.slice(0, equals), override.slice(equals + 1)];
    }),
  );
}
