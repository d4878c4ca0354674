import { buffer } from 'node:stream/consumers';
import { password } from '@inquirer/prompts';
import type { Command } from 'commander';
import { ROTATE_TYPED_KEY } from '../arguments.ts';
import { withDeployment, type DeploymentOptions } from '../deployment/options.ts';
import { EXIT, usageError } from '../errors.ts';
import { decodeText } from '../input/decode-text.ts';
import { keyDetails } from '../output/key.ts';
import { print, printJson } from '../output/screen.ts';
import { line, lines, styled } from '../output/terminal-text.ts';
import { describedCommand } from './command.ts';

interface Options extends DeploymentOptions {
  readonly route?: string;
  readonly sourceIp?: string;
  readonly origin?: string;
  readonly stage?: string;
  readonly json?: true;
}

/** The denial reasons in words. */
const REASONS: Readonly<Record<string, string>> = {
  malformed: 'it is not a key of this deployment, or contains a typing error',
  unknown: 'no key has its prefix',
  mismatch: 'its secret does not match',
  corrupt: 'its record in the table is damaged',
  revoked: 'it was revoked',
  expired: 'it has expired',
  disabled: 'it is disabled',
  suspended: 'its owner is suspended',
  plan: 'its plan no longer exists',
  not_yet_valid: 'it is not valid yet',
  unenforced: 'it has a restriction that this deployment does not enforce',
  stage: 'it is not allowed on this stage',
  source_ip: 'it is not allowed from this IP address',
  origin: 'it is not allowed for this origin',
  scope: 'its scopes do not allow this route',
};

export function verifyCommand(): Command {
  return (
    describedCommand('verify', 'Check whether a key would be allowed. Reads the key from a prompt or from stdin.', [
      'verify',
      'verify --route "GET /orders/1" < checkout.key',
    ])
      .option('--route <call>', 'also check this route, such as "GET /orders/1"')
      .option('--source-ip <address>', 'also check this source IP address')
      .option('--origin <origin>', 'also check this origin')
      .option('--stage <name>', 'also check this API stage')
      // The action rejects arguments, with a message that says what to do.
      .allowExcessArguments()
      .action((options: Options, { args }: Command) => {
        if (args.length > 0)
          throw usageError(
            `Don't give the key as an argument; "verify" reads it from a prompt or from stdin. ${ROTATE_TYPED_KEY}`,
          );
        return withDeployment(options, async (deployment) => {
          const { route, sourceIp, origin, stage } = options;
          const verification = await deployment.keys.verify(await readKey(), { route, sourceIp, origin, stage });
          if (!verification.valid) process.exitCode = EXIT.refused;
          if (options.json === true) printJson(verification);
          else if (verification.valid) print(lines([styled('green', 'valid'), '', keyDetails(verification.record)]));
          else {
            const { reason } = verification;
            print(line`${styled('red', 'not valid')}: ${REASONS[reason] ?? reason} (${reason})`);
          }
        });
      })
  );
}

/** Reads the key from a prompt or from stdin. An argument would be visible in the shell history and in the process list. */
async function readKey(): Promise<string> {
  const key = process.stdin.isTTY
    ? await password({ message: 'Key:', mask: true }, { output: process.stderr })
    : keyIn(await buffer(process.stdin));
  if (key.trim() === '') throw usageError('No key was given. Enter the key, or send it to stdin.');
  return key.trim();
}

function keyIn(bytes: Uint8Array): string {
  const decoded = decodeText(bytes);
  if ('text' in decoded) return decoded.text;
  throw usageError('The text on stdin is not valid UTF-8 or UTF-16. Save the key as UTF-8.');
}
