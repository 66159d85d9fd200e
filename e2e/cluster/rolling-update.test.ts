import t from 'tap';
import { kubectl } from './kubectl.ts';
import { needs } from './needs.ts';
import { clientPod } from './pods.ts';

const clients = [1, 2, 3, 4];

/** A client keeps its connection as long as the server does. A line per request: who answered, status, new connections. */
const startClients = `
for client in ${clients.join(' ')}; do
  curl --silent --no-buffer --max-time 5 --rate 25/s --write-out ' %{http_code} %{num_connects}\\n' \\
    "http://sample-application/hostname?[1-100000]" >/tmp/answers-$client 2>&1 </dev/null &
  echo $! >>/tmp/clients
done`;

function rollout(...args: string[]): Promise<string> {
  return kubectl(['rollout', ...args, 'deployment/sample-application', '--namespace=default']);
}

async function podsOfApplication(): Promise<string[]> {
  const names = ['get', 'pods', '--namespace=default', '--selector=application=sample-application', '--output=name'];
  return (await kubectl(names)).trim().split('\n');
}

t.test('a rolling update fails no request of keep-alive connections', { skip: needs.pods }, async (t) => {
  const inPod = await clientPod(t);
  await rollout('status', '--timeout=45s');
  const oldPods = new Set(await podsOfApplication());

  await inPod(`${startClients}\nsleep 1`);
  await rollout('restart');
  await rollout('status', '--timeout=45s');
  await kubectl(['wait', ...oldPods, '--namespace=default', '--for=delete', '--timeout=45s']);
  await inPod('sleep 1; kill $(cat /tmp/clients)');

  const outputs = await Promise.all(clients.map((client) => inPod(`cat /tmp/answers-${client}`)));
  // A client's last line may be one that it could not finish.
  const lines = outputs.flatMap((output) => output.split('\n').slice(0, -1));
  const answers = lines.map((line) => /^(?<server>\S+) 200 (?<connections>\d+)$/.exec(line)?.groups);
  const failed = lines.filter((_, index) => answers[index] === undefined);
  t.strictSame(failed, [], `${lines.length} requests were answered`);
  const servers = [...new Set(answers.map((answer) => `pod/${answer?.server}`))];
  t.ok(
    servers.some((name) => oldPods.has(name)),
    'the pods before the update answered',
  );
  t.ok(
    servers.some((name) => !oldPods.has(name)),
    'the pods after it answered',
  );
  const connections = answers.reduce((sum, answer) => sum + Number(answer?.connections), 0);
  t.ok(connections < lines.length / 10, `connections were kept: ${connections} for ${lines.length} requests`);
});
