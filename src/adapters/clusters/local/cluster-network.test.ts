import t from 'tap';
import { overlapsBlock } from './cluster-network.ts';

t.test('a block is taken by an address or route inside it, or by a narrow one around it', async (t) => {
  for (const destination of ['10.70.0.0/16', '10.70.3.1', '10.70.128.0/17', '10.64.0.0/12']) {
    t.ok(overlapsBlock(destination, 70), destination);
  }
});

t.test('a block is free beside others, and below a route as wide as an organisation', async (t) => {
  for (const destination of [
    '10.71.0.0/16',
    '10.69.255.255',
    '10.80.0.0/12',
    '10.0.0.0/8',
    'default',
    '192.168.70.0/24',
  ]) {
    t.notOk(overlapsBlock(destination, 70), destination);
  }
});
