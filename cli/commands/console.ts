import { createInterface } from 'node:readline';
import { InvalidArgumentError, type Command } from 'commander';
import { openLink } from '../console/open-link.ts';
import { consoleSettings, serveConsole } from '../console/server.ts';
import { withDeployment, type DeploymentOptions } from '../deployment/options.ts';
import { note, print } from '../output/screen.ts';
import { json } from '../output/terminal-text.ts';
import { describedCommand } from './command.ts';

interface Options extends DeploymentOptions {
  readonly port: number;
  readonly open: boolean;
  readonly json?: true;
}

export function consoleCommand(): Command {
  return describedCommand('console', 'Serve the admin console on this machine until you press Ctrl-C.', [
    'console',
    'console --local --no-open',
    'console --profile support --region eu-west-1 --port 9000',
  ])
    .option('--port <n>', 'port on 127.0.0.1 (default: any free port)', port, 0)
    .option('--no-open', 'print the link, and do not open a browser')
    .action((options: Options) =>
      withDeployment(options, async (deployment) => {
        const settings = await consoleSettings(deployment);
        const served = await serveConsole({ deployment, settings, port: options.port });
        const lines = createInterface({ input: process.stdin });
        let removePage = () => Promise.resolve();
        try {
          const printLink = (url: string) => {
            print(options.json === true ? json({ url }, { indent: 0 }) : url);
          };
          const link = served.newLink();
          printLink(link);
          if (options.json !== true) {
            note(`Console for ${settings.stackName} in ${settings.region}.`);
            note('The link works once. Press Enter for another link, or Ctrl-C to stop.');
          }
          if (settings.label === null)
            note(
              'Plans and attributes are not shown, because your credentials have no permission to invoke the settings function.',
            );
          if (options.open && options.json !== true) removePage = await openLink(link);
          lines.on('line', () => {
            printLink(served.newLink());
          });
          await interrupted();
        } finally {
          lines.close();
          await removePage();
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
  throw new InvalidArgumentError('Use a port from 0 to 65535.');
}
