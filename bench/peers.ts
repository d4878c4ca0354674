import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const FOLDER = join(import.meta.dirname, 'peers');
const VENV = join(FOLDER, '.venv');
const PYTHON = join(VENV, process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python');

/** Somebody else's check of a key. */
export interface Peer {
  readonly name: string;
  /** @returns CPU microseconds per check, in a fresh process */
  measure(calls: number): Promise<number>;
}

/** The peers that this machine can run, installed if need be; `say` is told of those that it cannot. */
export async function peers(say: (sentence: string) => void): Promise<Peer[]> {
  const found: Peer[] = [];
  try {
    if (!existsSync(PYTHON)) await run('python3', ['-m', 'venv', VENV]);
    await run(PYTHON, ['-m', 'pip', 'install', '--quiet', '--requirement', join(FOLDER, 'requirements.txt')]);
    found.push(peer('djangorestframework-api-key: has_permission', PYTHON, 'drf.py'));
  } catch (error) {
    say(`djangorestframework-api-key is left out, it takes Python 3.10 or newer with pip: ${lastLine(error)}`);
  }
  try {
    await run('npm', ['install', '--no-audit', '--no-fund'], { cwd: FOLDER });
    found.push(peer('Better Auth: verifyApiKey', process.execPath, 'better-auth.mjs'));
    found.push(peer('prefixed-api-key: checkAPIKey, no store', process.execPath, 'prefixed-api-key.mjs'));
  } catch (error) {
    say(`Better Auth and prefixed-api-key are left out, npm could not install them: ${lastLine(error)}`);
  }
  return found;
}

function peer(name: string, command: string, script: string): Peer {
  return {
    name,
    measure: async (calls) => Number((await run(command, [script, String(calls)], { cwd: FOLDER })).stdout),
  };
}

function lastLine(error: unknown): string {
  return String(error).trim().split('\n').at(-1) ?? '';
}
