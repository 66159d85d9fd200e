import t from 'tap';
import { inPromotionOrder } from './promotion-order.ts';

/** `dev>alpha` promotes, `stable` does not. */
const order = (...written: string[]): string => {
  const channels = written.map((text) => {
    const [channel = '', to] = text.split('>');
    return { channel, promotion: to === undefined ? undefined : { to } };
  });
  return inPromotionOrder(channels)
    .map(({ channel }) => channel)
    .join(' ');
};

t.test('channels stand in the order in which a change passes them', async (t) => {
  t.equal(order('alpha>stable', 'dev>alpha', 'stable'), 'dev alpha stable');
  t.equal(order('stable', 'beta', 'alpha'), 'alpha beta stable', 'by the alphabet, when none promotes');
  t.equal(order(), '');
});

t.test('chains stand one after the other, and a channel after all that promote to it', async (t) => {
  t.equal(order('b>c', 'a>z', 'c', 'z'), 'a z b c');
  t.equal(order('edge>stable', 'dev>stable', 'stable>lts', 'lts'), 'dev edge stable lts');
});

t.test('a circle, and a channel that is not there, end no listing', async (t) => {
  t.equal(order('c>a', 'b>c', 'a>b'), 'a b c');
  t.equal(order('self>self'), 'self');
  t.equal(order('x>a', 'a>b', 'b>a'), 'x a b', 'a channel that leads into a circle comes before it');
  t.equal(order('dev>gone', 'alpha'), 'alpha dev');
});
