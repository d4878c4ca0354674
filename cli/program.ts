import { Command } from 'commander';
import { completionCommand, completionServerCommand } from './commands/completion.ts';
import { consoleCommand } from './commands/console.ts';
import { createCommand } from './commands/create.ts';
import { doctorCommand } from './commands/doctor.ts';
import { exportCommand } from './commands/export.ts';
import { importCommand } from './commands/import.ts';
import { listCommand } from './commands/list.ts';
import { ownerCommand, resumeCommand, suspendCommand } from './commands/owner.ts';
import { revokeCommand } from './commands/revoke.ts';
import { rotateCommand } from './commands/rotate.ts';
import { scanCommand } from './commands/scan.ts';
import { settingsCommand } from './commands/settings.ts';
import { showCommand } from './commands/show.ts';
import { templateCommand } from './commands/template.ts';
import { updateCommand } from './commands/update.ts';
import { usageCommand } from './commands/usage.ts';
import { verifyCommand } from './commands/verify.ts';

const EXIT_CODES = `
Exit codes: 0 done, 1 refused or a negative answer, 2 not understood, 3 no answer (credentials, stack, connection).
A command's own options and examples: latchkey <command> --help`;

/** The command line. It throws where commander would end the process. */
export function latchkey(version: string): Command {
  const program = new Command('latchkey')
    .description('Manages the API keys of a Latchkey deployment, with your AWS credentials.')
    .version(version)
    .addHelpText('after', EXIT_CODES);
  const commands = [
    createCommand(),
    listCommand(),
    showCommand(),
    updateCommand(),
    rotateCommand(),
    revokeCommand(),
    suspendCommand(),
    resumeCommand(),
    ownerCommand(),
    verifyCommand(),
    usageCommand(),
    settingsCommand(),
    importCommand(),
    exportCommand(),
    scanCommand(),
    templateCommand(),
    consoleCommand(),
    doctorCommand(),
    completionCommand(),
  ];
  for (const command of commands) program.addCommand(command);
  program.addCommand(completionServerCommand(program), { hidden: true });
  // It would repeat a key that was typed by mistake: what it throws is told as any other error.
  for (const command of [program, ...program.commands])
    command.exitOverride().configureOutput({ outputError: () => undefined });
  return program;
}
