import { confirm as prompt } from '@inquirer/prompts';
import { refusal, usageError } from '../errors.ts';
import { terminalText } from './terminal-text.ts';

/**
 * Asks for confirmation, unless `--yes` was given.
 *
 * @throws {CommandError} if the user declines, or there is no terminal to ask on
 */
export async function confirm(question: string, { yes }: { readonly yes?: true }): Promise<void> {
  if (yes === true) return;
  if (!process.stdin.isTTY || !process.stderr.isTTY)
    throw usageError('This command needs a confirmation, and stdin is not a terminal. Use --yes to confirm.');
  const agreed = await prompt({ message: terminalText(question).text, default: false }, { output: process.stderr });
  if (!agreed) throw refusal({ code: 'declined', message: 'Nothing was changed.' });
}
