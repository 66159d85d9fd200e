import { openSandbox } from './open-sandbox.ts';

// A process of its own, so that a test which root runs can see what an ordinary user gets. Arguments: user, command, confinement.
const [uid = '', command = '', confinement = ''] = process.argv.slice(2);
process.setgroups?.([]);
process.setgid?.(Number(uid));
process.setuid?.(Number(uid));
const state = await openSandbox({ report: () => {}, signal: AbortSignal.timeout(60_000) });
const answer = state.sandbox === 'here' ? await state.confine(JSON.parse(command), JSON.parse(confinement)) : state;
process.stdout.write(JSON.stringify(answer));
