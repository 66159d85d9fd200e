import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import t, { type Test } from 'tap';
import { stringify } from 'yaml';
import { ApiServer } from './api-server.ts';
import { createKube } from './create-kube.ts';

const signal = AbortSignal.timeout(120_000);

function kubeconfigFor(server: string, cluster: object = { 'insecure-skip-tls-verify': true }): string {
  return stringify({
    clusters: [{ name: 'c', cluster: { server, ...cluster } }],
    users: [{ name: 'u', user: { token: 'secret' } }],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
    'current-context': 'x',
  });
}

/** Stands for an API server in a bad hour, which a real one can't be brought to at will. */
async function serve(t: Test, listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return urlOf(server);
}

function urlOf(server: Server): string {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return `http://127.0.0.1:${address.port}`;
}

const status = (message: string) => JSON.stringify({ kind: 'Status', message });

t.test('a server that is not there is named with its address and the cause', async (t) => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = urlOf(server);
  server.close();
  await t.rejects(createKube().connect(kubeconfigFor(url)).version(signal), {
    kind: 'unavailable',
    message: `The API server at ${url} did not answer: connect ECONNREFUSED ${url.slice('http://'.length)}. Check that the cluster runs and can be reached from here.`,
  });
});

t.test('an overloaded server is asked again, then believed', async (t) => {
  let asked = 0;
  const url = await serve(t, (_, response) => {
    asked += 1;
    response.statusCode = asked < 3 ? 429 : 200;
    response.end(JSON.stringify({ gitVersion: 'v1.34.4' }));
  });
  t.equal(await createKube().connect(kubeconfigFor(url)).version(signal), 'v1.34.4');
  t.equal(asked, 3);
});

t.test('a server that keeps failing is unavailable, in its own words', async (t) => {
  const url = await serve(t, (_, response) => {
    response.statusCode = 503;
    response.end(status('etcd is on holiday'));
  });
  await t.rejects(createKube().connect(kubeconfigFor(url)).version(signal), {
    kind: 'unavailable',
    message: `The API server at ${url} answered 503: etcd is on holiday`,
  });
});

t.test('an apply that conflicts is tried again', async (t) => {
  let asked = 0;
  const url = await serve(t, (_, response) => {
    asked += 1;
    response.statusCode = asked < 2 ? 409 : 200;
    response.end('{}');
  });
  const server = new ApiServer(kubeconfigFor(url));
  t.match(await server.request({ method: 'PATCH', path: '/x', body: {} }, signal), { outcome: 'ok' });
  t.equal(asked, 2);
});

t.test('refused credentials say which server and what to do', async (t) => {
  const url = await serve(t, (_, response) => {
    response.statusCode = 401;
    response.end(status('Unauthorized'));
  });
  await t.rejects(createKube().connect(kubeconfigFor(url)).version(signal), {
    kind: 'forbidden',
    message: `The API server at ${url} refused the kubeconfig's credentials: Unauthorized. Renew the kubeconfig.`,
  });
});

t.test('an abort ends a wait for the server at once, with its own reason', async (t) => {
  const controller = new AbortController();
  const url = await serve(t, () => controller.abort(new Error('cancelled by ann')));
  await t.rejects(createKube().connect(kubeconfigFor(url)).version(controller.signal), {
    message: 'cancelled by ann',
  });
});

t.test('connections are kept between requests', async (t) => {
  const ports = new Set<number | undefined>();
  const url = await serve(t, (request, response) => {
    ports.add(request.socket.remotePort);
    response.end(JSON.stringify({ gitVersion: 'v1.34.4' }));
  });
  const client = createKube().connect(kubeconfigFor(url));
  for (let i = 0; i < 20; i++) await client.version(signal);
  t.ok(ports.size < 5, `${ports.size} connections for 20 requests`);
});

t.test('a kubeconfig that is none is refused', async (t) => {
  t.throws(() => createKube().connect('][').version(signal), {
    kind: 'refused',
    message: /^The kubeconfig cannot be read: /,
  });
  t.throws(() => createKube().connect(''), { kind: 'refused', message: /^The kubeconfig / });
  t.throws(() => createKube().connect('clusters: []\nusers: []\ncontexts: []\n'), {
    kind: 'refused',
    message: 'The kubeconfig names no server: set current-context to a context whose cluster has one.',
  });
});

t.test('a kubeconfig that cannot be used says so, and is not blamed on the network', async (t) => {
  await t.rejects(createKube().connect(kubeconfigFor('http://127.0.0.1:1', {})).version(signal), {
    kind: 'refused',
    message: /^The kubeconfig for http:\/\/127.0.0.1:1 cannot be used: HTTP protocol is not allowed/,
  });
});

t.test('a conflict that lasts is an answer, not a server that is away', async (t) => {
  const url = await serve(t, (_, response) => {
    response.statusCode = 409;
    response.end(status('the object has been modified'));
  });
  const server = new ApiServer(kubeconfigFor(url));
  t.match(await server.request({ method: 'PATCH', path: '/x', body: {} }, signal), {
    outcome: 'refused',
    status: 409,
    message: 'the object has been modified',
  });
});
