import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { GuessLimit } from './guess-limit.ts';

const right = async (token: string) => (token === 'right' ? 'jane' : undefined);

t.test('guesses come back one by one', async (t) => {
  const limit = new GuessLimit({ burst: 2, oneMoreEvery: 50, wrong: () => undefined });
  const guess = () => limit.check('192.0.2.1', 'wrong', right);
  while ((await guess()).outcome === 'unknown');
  t.match(await guess(), { outcome: 'too many guesses', seconds: 1 });
  const deadline = Date.now() + 30_000;
  for (;;) {
    const checked = await limit.check('192.0.2.1', 'right', right);
    if (checked.outcome === 'known' || Date.now() > deadline) {
      t.match(checked, { outcome: 'known', who: 'jane' });
      break;
    }
    await sleep(10);
  }
});

t.test('right tokens cost nothing, and one that is taken back counts as wrong', async (t) => {
  const limit = new GuessLimit({ burst: 2, oneMoreEvery: 3_600_000, wrong: () => undefined });
  for (let time = 0; time < 10; time++) t.match(await limit.check('a', 'right', right), { outcome: 'known' });
  const nobody = async () => undefined;
  const outcomes: string[] = [];
  for (let time = 0; time < 4; time++) outcomes.push((await limit.check('a', 'right', nobody)).outcome);
  t.same(outcomes, ['unknown', 'unknown', 'unknown', 'too many guesses'], 'the first was still known as right');
});

t.test('a right token that comes many times at once is none too many', async (t) => {
  const limit = new GuessLimit({ burst: 2, oneMoreEvery: 3_600_000, wrong: () => undefined });
  const slowly = async (token: string) => sleep(20, token === 'right' ? 'jane' : undefined);
  const at = (token: string) => Promise.all([1, 2, 3, 4, 5].map(() => limit.check('192.0.2.1', token, slowly)));
  t.match(await at('right'), Array(5).fill({ outcome: 'known', who: 'jane' }));
  await at('wrong');
  t.match(await limit.check('192.0.2.1', 'another', slowly), { outcome: 'too many guesses' });
});

t.test('a network of IPv6 is one address, and an IPv4 address is the same in both writings', async (t) => {
  const same = async (...addresses: string[]) => {
    const limit = new GuessLimit({ burst: 1, oneMoreEvery: 3_600_000, wrong: () => undefined });
    const outcomes: string[] = [];
    for (const address of addresses) outcomes.push((await limit.check(address, 'wrong', right)).outcome);
    return outcomes.at(-1) === 'too many guesses';
  };
  t.equal(await same('2001:db8:1:2::1', '2001:db8:1:2:3:4:5:6'), true);
  t.equal(await same('2001:db8:1:2::1', '2001:0db8:0001:0002::ffff'), true);
  t.equal(await same('fe80::1%eth0', 'fe80::2'), true);
  t.equal(await same('2001:db8::1', '2001:db8:0:1::1'), false);
  t.equal(await same('::ffff:192.0.2.1', '192.0.2.1'), true);
  t.equal(await same('::ffff:192.0.2.1', '::ffff:192.0.2.2'), false);
});
