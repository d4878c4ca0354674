import { Command } from 'commander';
import { completionCommand, completionServerCommand } from './commands/completion.ts';
import { consoleCommand } from './commands/console.ts';
import { createCommand } from './commands/create.ts';
import { doctorCommand } from './commands/doctor.ts';
import { exportCommand } from './commands/export.ts';
import { importCommand } from './commands/import.ts';
import { listCommand } from './commands/list.ts';
import { ownerCommand, resumeCommand, suspendCommand } from './commands/owner.ts';
import { disableCommand, enableCommand } from './commands/disable.ts';
import { revokeCommand } from './commands/revoke.ts';
import { rotateCommand } from './commands/rotate.ts';
import { scanCommand } from './commands/scan.ts';
import { settingsCommand } from './commands/settings.ts';
import { showCommand } from './commands/show.ts';
import { templateCommand } from './commands/template.ts';
import { updateCommand } from './commands/update.ts';
import { usageCommand } from './commands/usage.ts';
import { verifyCommand } from './commands/verify.ts';
import { whoamiCommand } from './commands/whoami.ts';
import { addDeploymentOptions } from './deployment/options.ts';
import { usageError } from './errors.ts';

const EXIT_CODES = `
Exit codes: 0 success, 1 rejected or a negative result, 2 invalid command line or input, 3 no response (credentials, stack, connection).
Run "latchkey <command> --help" for the options and examples of a command.`;

/** Commands of other CLIs, and the command of this one that does the same. */
export const SYNONYMS: ReadonlyMap<string, string> = new Map([
  ['add', 'create'],
  ['issue', 'create'],
  ['keys', 'list'],
  ['search', 'list'],
  ['describe', 'show'],
  ['view', 'show'],
  ['edit', 'update'],
  ['set', 'update'],
  ['renew', 'rotate'],
  ['replace', 'rotate'],
  ['delete', 'revoke'],
  ['remove', 'revoke'],
  ['unsuspend', 'resume'],
  ['check', 'verify'],
  ['test', 'verify'],
  ['stats', 'usage'],
  ['migrate', 'import'],
  ['backup', 'export'],
  ['config', 'settings'],
  ['ui', 'console'],
  ['status', 'doctor'],
]);

/** Returns the CLI. It throws errors instead of exiting the process. */
export function latchkey(version: string): Command {
  const program = new Command('latchkey')
    .description('Manages the API keys of a Latchkey deployment with your AWS credentials.')
    .version(version)
    .addHelpText('after', EXIT_CODES);
  const deploymentCommands = [
    createCommand(),
    listCommand(),
    showCommand(),
    updateCommand(),
    rotateCommand(),
    disableCommand(),
    enableCommand(),
    revokeCommand(),
    suspendCommand(),
    resumeCommand(),
    ownerCommand(),
    verifyCommand(),
    usageCommand(),
    settingsCommand(),
    importCommand(),
    exportCommand(),
    consoleCommand(),
    doctorCommand(),
    whoamiCommand(),
  ];
  const otherCommands = [scanCommand(), templateCommand()];
  for (const command of deploymentCommands) addDeploymentOptions(addOutputOptions(command));
  for (const command of otherCommands) addOutputOptions(command);
  for (const command of [...deploymentCommands, ...otherCommands, completionCommand()]) program.addCommand(command);
  program.addCommand(completionServerCommand(program), { hidden: true });
  acceptBeforeCommand(addDeploymentOptions(addOutputOptions(program)));
  // Commander would print its errors itself, and repeat a key that was typed by mistake.
  for (const command of [program, ...program.commands])
    command.exitOverride().configureOutput({ outputError: () => undefined });
  return program;
}

function addOutputOptions(command: Command): Command {
  return command.optionsGroup('Output:').option('--json', 'print the result as JSON');
}

/** Passes options that were given before the command on to the command: `latchkey --json list`. */
function acceptBeforeCommand(program: Command): void {
  program.hook('preAction', (_, command) => {
    const accepted = new Set(command.options.map((option) => option.attributeName()));
    for (const [name, value] of Object.entries(program.opts<Record<string, unknown>>())) {
      if (value === undefined) continue;
      if (!accepted.has(name)) throw usageError(`"${command.name()}" does not accept the option --${name}.`);
      if (command.getOptionValue(name) === undefined) command.setOptionValueWithSource(name, value, 'cli');
    }
  });
}
