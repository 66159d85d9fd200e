import t from 'tap';
import { kubectl } from './kubectl.ts';
import { needs } from './needs.ts';

const allowed = {
  ReadOnly: ['list pods', 'get nodes', 'list clusterroles', 'list customresourcedefinitions'],
  PowerUser: ['create deployments', 'get secrets', 'delete pods', 'get nodes'],
};
const refused = {
  ReadOnly: ['get secrets', 'create pods', 'delete deployments', 'patch nodes'],
  PowerUser: ['delete nodes', 'create clusterroles', 'create clusterrolebindings', 'delete namespaces'],
};

async function may(group: string, question: string): Promise<string> {
  const [verb = '', resource = ''] = question.split(' ');
  const args = ['auth', 'can-i', verb, resource, '--all-namespaces', '--as=someone', `--as-group=${group}`];
  // kubectl says no with an exit code too.
  return kubectl(args).then(
    (answer) => answer.trim(),
    () => 'no',
  );
}

for (const group of ['ReadOnly', 'PowerUser'] as const) {
  t.test(`the group ${group} may do what its role says, and no more`, { skip: needs.cluster }, async (t) => {
    await Promise.all(
      allowed[group].map(async (question) => t.equal(await may(group, question), 'yes', `may ${question}`)),
    );
    await Promise.all(
      refused[group].map(async (question) => t.equal(await may(group, question), 'no', `may not ${question}`)),
    );
  });
}
