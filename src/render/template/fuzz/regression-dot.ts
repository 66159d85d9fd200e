import {
  anysTwin,
  floatTwin,
  integerTwin,
  itemTwin,
  kindTwin,
  mapTwin,
  nilTwin,
  stringsTwin,
  stringTwin,
  type Twin,
} from './typed-value.ts';

/** What the regression vectors see as dot. */
export function regressionDot(): Twin {
  const item = [
    stringTwin('n'),
    integerTwin('int64', 7n),
    integerTwin('int32', 3n),
    kindTwin('k'),
    stringsTwin([stringTwin('a'), stringTwin('b')]),
    itemTwin('itemptr', undefined),
    nilTwin,
    mapTwin('anymap', []),
  ];
  const entries: readonly (readonly [string, Twin])[] = [
    ['s', stringTwin('text')],
    ['bytes', stringTwin('\xff\xfeh\xc3\xa9')],
    ['i64', integerTwin('int64', 42n)],
    ['f', floatTwin('float64', 2.5)],
    ['f32', floatTwin('float32', 0.1)],
    ['strs', stringsTwin([stringTwin('a'), stringTwin('b'), stringTwin('c')])],
    ['nilstrs', stringsTwin(undefined)],
    ['list', anysTwin([integerTwin('int', 1n), nilTwin, stringTwin('x')])],
    ['map', mapTwin('stringmap', [[stringTwin('k'), stringTwin('v')]])],
    ['imap', mapTwin('intmap', [[integerTwin('int', 9n), stringTwin('nine')]])],
    ['nil', nilTwin],
    ['kind', kindTwin('kind')],
    ['item', itemTwin('item', item)],
    ['ptr', itemTwin('itemptr', item)],
    ['none', itemTwin('itemptr', undefined)],
  ];
  return mapTwin(
    'anymap',
    entries.map(([key, twin]) => [stringTwin(key), twin]),
  );
}
