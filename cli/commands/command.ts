import { Command } from 'commander';
import { withDeployment } from '../deployment/options.ts';

/** A command, with examples under its help and `--json`. */
export function describedCommand(name: string, description: string, examples: readonly string[]): Command {
  return new Command(name)
    .description(description)
    .option('--json', 'answer in JSON, for machines')
    .addHelpText('after', `\nExamples:\n${examples.map((example) => `  $ latchkey ${example}`).join('\n')}`);
}

/** A command on a deployment. */
export function deploymentCommand(name: string, description: string, examples: readonly string[]): Command {
  return withDeployment(describedCommand(name, description, examples));
}
