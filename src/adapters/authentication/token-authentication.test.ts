import t from 'tap';
import { type TokenUser, tokenAuthentication, tokenSha256 } from './token-authentication.ts';

const jane: TokenUser = { user: 'jane', role: 'operator', tokenSha256: tokenSha256('of-jane') };
const ci: TokenUser = { user: 'ci', role: 'viewer', tokenSha256: tokenSha256('of-ci') };

t.test('people are known by their tokens, and nobody by none', async (t) => {
  const empty: TokenUser = { user: 'empty', role: 'administrator', tokenSha256: tokenSha256('') };
  const { byToken } = tokenAuthentication(async () => [jane, ci, empty]);
  t.match(await byToken('of-jane'), { user: 'jane', role: 'operator' });
  t.match(await byToken('of-ci'), { user: 'ci', role: 'viewer' });
  for (const token of ['', 'of-nobody', tokenSha256('of-jane')]) t.equal(await byToken(token), undefined, token);
});

t.test('a credential stands for a user and a token, and lasts as long as both', async (t) => {
  let users = [jane, ci];
  const { byToken, byCredential } = tokenAuthentication(async () => users);
  const { credential = '' } = (await byToken('of-jane')) ?? {};
  t.equal(await byToken(credential), undefined, 'it is no token');
  t.notMatch(credential, jane.tokenSha256);
  users = [ci, { ...jane, role: 'viewer' }];
  t.match(await byCredential(credential), { user: 'jane', role: 'viewer' }, 'the role is the present one');
  users = [ci, { ...jane, tokenSha256: tokenSha256('another') }];
  t.equal(await byCredential(credential), undefined, 'another token');
  users = [ci, { ...jane, user: 'janet' }];
  t.equal(await byCredential(credential), undefined, 'another user');
  users = [ci];
  t.equal(await byCredential(credential), undefined, 'no user');
});
