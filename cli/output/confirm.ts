import { confirm as ask } from '@inquirer/prompts';
import { refusal, usageError } from '../errors.ts';
import { terminalText } from './terminal-text.ts';

/**
 * Asks before something that many would notice. `--yes` is the answer where nobody can be asked.
 *
 * @throws {CommandError} if the answer is no, or there is nobody to ask
 */
export async function confirmed(question: string, { yes }: { readonly yes?: true }): Promise<void> {
  if (yes === true) return;
  if (!process.stdin.isTTY || !process.stderr.isTTY)
    throw usageError('There is no terminal to ask at: confirm it with --yes.');
  const agreed = await ask({ message: terminalText(question).text, default: false }, { output: process.stderr });
  if (!agreed) throw refusal({ code: 'declined', message: 'Nothing was changed.' });
}
