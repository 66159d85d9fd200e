import t from 'tap';
import { hookRole } from './hook-role.ts';

const role = (kind: string, annotations?: Record<string, string>) =>
  hookRole({ apiVersion: 'v1', kind, metadata: { name: 'it', ...(annotations ? { annotations } : {}) } });

t.test('hooks of installing and upgrading have their time', async (t) => {
  t.strictSame(
    role('Pod', {
      'helm.sh/hook': 'pre-install, post-upgrade,post-delete',
      'helm.sh/hook-weight': '-5',
      'helm.sh/hook-delete-policy': 'hook-succeeded,before-hook-creation, never-heard-of',
    }),
    {
      role: 'hook',
      hook: {
        events: ['pre-install', 'post-upgrade'],
        weight: -5,
        deletePolicies: ['before-hook-creation', 'hook-succeeded'],
      },
    },
  );
  t.match(role('Pod', { 'helm.sh/hook': 'pre-upgrade', 'helm.sh/hook-weight': 'heavy' }), {
    hook: { weight: 0, deletePolicies: [] },
  });
});

t.test('tests and what is never done here have none', async (t) => {
  for (const events of ['test', 'test-success', 'pre-delete', 'post-rollback,post-delete', 'pre-instal'])
    t.strictSame(role('Pod', { 'helm.sh/hook': events }), { role: 'never' }, events);
});

t.test('what others stand on is an object like others', async (t) => {
  t.strictSame(role('ConfigMap'), { role: 'object' });
  t.strictSame(role('Namespace', { 'helm.sh/hook': 'pre-install' }), { role: 'object' });
  t.strictSame(role('CustomResourceDefinition', { 'helm.sh/hook': 'crd-install' }), { role: 'object' });
});
