import fc from 'fast-check';
import t from 'tap';
import { bytesOf } from '../template/byte-string.ts';
import { stringSlice } from '../template/go-value.ts';
import { indent, indexedList, join, split } from './strings.ts';

const text = fc.string({ unit: fc.constantFrom('a', 'b', ',', 'é', '😀', '\n', '$'), maxLength: 20 }).map(bytesOf);

t.test('what is split and joined is what it was, and no part has the separator', async () => {
  fc.assert(
    fc.property(text, fc.constantFrom(',', 'ab', 'a'), (of, separator) => {
      const parts = split(of, separator);
      return join(separator, parts) === of && parts.items().every((part) => !String(part).includes(separator));
    }),
  );
});

t.test('without a separator the parts are the characters', async () => {
  const characters = fc.array(fc.constantFrom('a', 'é', '€', '😀').map(bytesOf), { minLength: 1 });
  fc.assert(fc.property(characters, (all) => join('|', split(all.join(''), '')) === all.join('|')));
});

t.test('indenting puts the spaces before each line and nothing else', async () => {
  fc.assert(
    fc.property(text, fc.nat(8), (of, spaces) => {
      const lines = indent(BigInt(spaces), of).split('\n');
      const pad = ' '.repeat(spaces);
      return lines.every((line) => line.startsWith(pad)) && lines.map((line) => line.slice(spaces)).join('\n') === of;
    }),
  );
});

t.test('an indexed list has as many items as asked for', async () => {
  fc.assert(
    fc.property(fc.nat(50), (length) => {
      return indexedList('x$', BigInt(length)) === Array.from({ length }, (_, index) => `x${index}`).join(',');
    }),
  );
});

t.test('a joined list of texts is what joining them gives', async () => {
  fc.assert(
    fc.property(fc.array(text), text, (all, separator) => join(separator, stringSlice(all)) === all.join(separator)),
  );
});
