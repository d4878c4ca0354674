import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const FOLDER = join(import.meta.dirname, 'peers');
const VENV = join(FOLDER, '.venv');
const PYTHON = join(VENV, process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python');

/** A key check of another library. */
export interface Peer {
  readonly name: string;
  /** @returns CPU microseconds per check, in a fresh process */
  measure(calls: number): Promise<number>;
}

/** Installs the peers and returns those that run on this machine. Reports the others to `say`. */
export async function peers(say: (sentence: string) => void): Promise<Peer[]> {
  const found: Peer[] = [];
  try {
    if (!existsSync(PYTHON)) await run('python3', ['-m', 'venv', VENV]);
    await run(PYTHON, ['-m', 'pip', 'install', '--quiet', '--requirement', join(FOLDER, 'requirements.txt')]);
    found.push(peer('djangorestframework-api-key: has_permission', PYTHON, 'drf.py'));
  } catch (error) {
    say(`Skipping djangorestframework-api-key, which needs Python 3.10 or newer with pip: ${lastLine(error)}`);
  }
  try {
    await run('npm', ['install', '--no-audit', '--no-fund'], { cwd: FOLDER });
    found.push(peer('Better Auth: verifyApiKey', process.execPath, 'better-auth.mjs'));
    found.push(peer('prefixed-api-key: checkAPIKey, no store', process.execPath, 'prefixed-api-key.mjs'));
  } catch (error) {
    say(`Skipping Better Auth and prefixed-api-key, which npm couldn't install: ${lastLine(error)}`);
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
