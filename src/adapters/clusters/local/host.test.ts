import t from 'tap';
import { lookAtHost } from './host.ts';

const isRoot = process.geteuid?.() === 0;

t.test(
  'an ordinary user is told why there are no nodes and what gives them',
  { skip: process.platform !== 'linux' && 'Linux only' },
  async (t) => {
    if (isRoot) process.seteuid?.(65534);
    try {
      const { powers } = await lookAtHost();
      t.match(powers, { realNodes: false, severalNodes: false });
      t.equal(
        powers.missing[0],
        'Nodes need root, and this is an ordinary user: clusters are control planes without nodes. Run Fairway as root to get pods.',
      );
    } finally {
      if (isRoot) process.seteuid?.(0);
    }
  },
);
