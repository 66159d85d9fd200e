import t from 'tap';
import { tokenAuthentication, tokenSha256 } from './token-authentication.ts';

t.test('people are known by their tokens, and nobody by none', async (t) => {
  const authenticate = tokenAuthentication([
    { user: 'jane', role: 'operator', tokenSha256: tokenSha256('of-jane') },
    { user: 'ci', role: 'viewer', tokenSha256: tokenSha256('of-ci') },
    { user: 'empty', role: 'administrator', tokenSha256: tokenSha256('') },
  ]);
  t.strictSame(await authenticate('of-jane'), { user: 'jane', role: 'operator' });
  t.strictSame(await authenticate('of-ci'), { user: 'ci', role: 'viewer' });
  for (const token of [undefined, 'of-nobody', tokenSha256('of-jane')])
    t.equal(await authenticate(token), undefined, String(token));
});
