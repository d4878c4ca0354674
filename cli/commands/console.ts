import { createInterface } from 'node:readline';
import { InvalidArgumentError, type Command } from 'commander';
import { openLink } from '../console/open-link.ts';
import { consoleSettings } from '../console/settings.ts';
import { serveConsole } from '../console/server.ts';
import { onDeployment, type DeploymentOptions } from '../deployment/options.ts';
import { note, print } from '../output/screen.ts';
import { json } from '../output/terminal-text.ts';
import { deploymentCommand } from './command.ts';

interface Options extends DeploymentOptions {
  readonly port: number;
  readonly open: boolean;
  readonly json?: true;
}

export function consoleCommand(): Command {
  return deploymentCommand('console', 'Serve the admin console on this machine, until Ctrl-C.', [
    'console',
    'console --local --no-open',
    'console --profile support --region eu-west-1 --port 9000',
  ])
    .option('--port <n>', 'where on 127.0.0.1 (default: any that is free)', port, 0)
    .option('--no-open', 'only print the link, and open no browser')
    .action((options: Options) =>
      onDeployment(options, async (deployment) => {
        const settings = await consoleSettings(deployment);
        const served = await serveConsole({ deployment, settings, port: options.port });
        const lines = createInterface({ input: process.stdin });
        let takeAway = () => Promise.resolve();
        try {
          const tell = (url: string) => {
            print(options.json === true ? json({ url }, { indent: 0 }) : url);
          };
          const link = served.newLink();
          tell(link);
          if (options.json !== true) {
            note(`The console of ${settings.stackName}, ${settings.region}.`);
            note('The link works once: press Enter for another. Ctrl-C ends the console.');
          }
          if (settings.label === null)
            note('Plans and attributes are not shown: your credentials may not invoke the settings function.');
          if (options.open && options.json !== true) takeAway = await openLink(link);
          lines.on('line', () => {
            tell(served.newLink());
          });
          await interrupted();
        } finally {
          lines.close();
          await takeAway();
          await served.stop();
        }
      }),
    );
}

function interrupted(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
      process.once(signal, () => {
        resolve();
      });
  });
}

function port(text: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value <= 65_535) return value;
  throw new InvalidArgumentError('Not a port from 0 to 65535.');
}
