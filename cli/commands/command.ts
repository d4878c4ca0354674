import { Command } from 'commander';
import { addDeploymentOptions } from '../deployment/options.ts';

/** Returns a command with `--json`, and with examples in its help text. */
export function describedCommand(name: string, description: string, examples: readonly string[]): Command {
  return new Command(name)
    .description(description)
    .option('--json', 'print the result as JSON')
    .addHelpText('after', `\nExamples:\n${examples.map((example) => `  $ latchkey ${example}`).join('\n')}`);
}

/** Returns a command with the options that select a deployment. */
export function deploymentCommand(name: string, description: string, examples: readonly string[]): Command {
  return addDeploymentOptions(describedCommand(name, description, examples));
}
