import { buffer } from 'node:stream/consumers';
import { password } from '@inquirer/prompts';
import type { Command } from 'commander';
import { ROTATE_IT } from '../arguments.ts';
import { onDeployment, type DeploymentOptions } from '../deployment/options.ts';
import { EXIT, usageError } from '../errors.ts';
import { decodeText, TEXT_ENCODINGS } from '../input/decode-text.ts';
import { keyDetails } from '../output/key.ts';
import { print, printJson } from '../output/screen.ts';
import { line, lines, styled } from '../output/terminal-text.ts';
import { deploymentCommand } from './command.ts';

interface Options extends DeploymentOptions {
  readonly route?: string;
  readonly sourceIp?: string;
  readonly origin?: string;
  readonly stage?: string;
  readonly json?: true;
}

/** Why not, in words. */
const REASONS: Readonly<Record<string, string>> = {
  malformed: 'it is not a key of this deployment, or was mistyped',
  unknown: 'there is no key with its prefix',
  mismatch: 'there is a key with its prefix, but its secret is another',
  corrupt: 'its record in the table is damaged',
  revoked: 'it was revoked',
  expired: 'it has expired',
  suspended: 'its owner is suspended',
  plan: 'its plan is not configured any more',
  not_yet_valid: 'its time has not come',
  unenforced: 'it has a restriction that this deployment does not enforce',
  stage: 'it may not be used on this stage',
  source_ip: 'it may not be used from this address',
  origin: 'it may not be used for this page',
  scope: 'it may not make this call',
};

export function verifyCommand(): Command {
  return (
    deploymentCommand('verify', 'Tell whether a key would be let in. It is asked for, or read from stdin.', [
      'verify',
      'verify --route "GET /orders/1" < checkout.key',
    ])
      .option('--route <call>', 'also whether it may make this call, such as "GET /orders/1"')
      .option('--source-ip <address>', 'also whether it may be used from there')
      .option('--origin <origin>', 'also whether it may be used for this page')
      .option('--stage <name>', 'also whether it may be used on this stage')
      // They are refused with more than that they are too many.
      .allowExcessArguments()
      .action((options: Options, { args }: Command) => {
        if (args.length > 0)
          throw usageError(`A key is asked for or read from stdin, never an argument: ${ROTATE_IT}.`);
        return onDeployment(options, async (deployment) => {
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

/** Asks for the key or reads it from stdin. An argument would be in the shell's history and in the list of processes. */
async function readKey(): Promise<string> {
  const key = process.stdin.isTTY
    ? await password({ message: 'Key:', mask: true }, { output: process.stderr })
    : decodeText(await buffer(process.stdin));
  if (key === undefined) throw usageError(`The text on stdin is not valid ${TEXT_ENCODINGS}. Save the key as UTF-8.`);
  if (key.trim() === '') throw usageError('There is no key on stdin.');
  return key.trim();
}
