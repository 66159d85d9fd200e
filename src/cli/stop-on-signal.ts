import { messageOf } from '../domain/errors.ts';
import { exitCodes } from './exit-code.ts';

const patienceMs = 60_000;

/** The first Ctrl-C, SIGTERM or SIGHUP stops in order, a second one leaves at once: 130 as shells have it for Ctrl-C. */
export function stopOnSignal(stop: () => Promise<void>, say: (line: string) => void): void {
  let stopping = false;
  const heard = (): void => {
    if (stopping) {
      say('leaving at once; what was being done is taken up again by the next start');
      process.exit(130);
    }
    stopping = true;
    say('stopping; press Ctrl-C again to leave at once');
    setTimeout(() => {
      say(`Fairway did not stop within ${patienceMs / 1000} s, and leaves`);
      process.exit(exitCodes.broke);
    }, patienceMs).unref();
    stop().then(
      () => process.exit(exitCodes.done),
      (error) => {
        say(`stopping failed: ${messageOf(error)}`);
        process.exit(exitCodes.broke);
      },
    );
  };
  process.on('SIGINT', heard);
  process.on('SIGTERM', heard);
  // The terminal was closed: what is said from now on may reach nobody.
  process.on('SIGHUP', heard);
}
