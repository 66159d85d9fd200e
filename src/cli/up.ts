import { Command } from 'commander';
import { startApp } from '../app.ts';
import { readConfig } from '../config.ts';
import { prepareMachine } from '../prepare-machine.ts';
import { seedEmbeddedForge } from '../seed-embedded-forge.ts';
import { createLog } from '../telemetry/log.ts';

/** `fairway up`: all in one, until Ctrl-C. */
export function upCommand(): Command {
  return new Command('up')
    .description('start everything: store, queue, forge where none is configured, server and worker')
    .option('--state <dir>', 'state folder')
    .action(async (options: { state?: string }) => {
      const config = readConfig(process.env, options);
      const say = (line: string): void => void process.stdout.write(`${line}\n`);
      await prepareMachine(say, AbortSignal.timeout(3_600_000));
      const app = await startApp({ config, log: createLog({ level: 'info' }), report: say });
      await seedEmbeddedForge(app, config.repository);
      say(`Fairway listens on ${app.url}; webhooks go to ${app.url}/webhooks/github`);
      say(`Secrets are in ${app.secrets.file}, state is in ${config.stateDirectory}`);
      if (app.embeddedForge) {
        say(
          `The embedded forge holds ${config.repository}. Next: git clone ${app.embeddedForge.url}/${config.repository}.git`,
        );
        say(
          `(user "you", the password is userToken in the secrets file), push a branch, and open a pull request against dev.`,
        );
      }
      const stop = (): void => {
        say('stopping');
        app.close().then(
          () => process.exit(0),
          () => process.exit(3),
        );
      };
      process.once('SIGINT', stop);
      process.once('SIGTERM', stop);
    });
}
