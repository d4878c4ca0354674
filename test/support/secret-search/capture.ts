/**
 * Runs before every test file. Records the issued keys and all output in the run's ledger:
 *
 * - what this process prints
 * - what every child process prints: the CLI, `npm start`, other programs
 * - what every worker thread prints and returns: the Lambda functions, with their logs and metrics
 * - the URLs of requests to our HTTP servers, and their responses
 * - what is sent to EventBridge
 *
 * It uses Node's diagnostics channels, so the tested code doesn't depend on it.
 */
import type { ChildProcess } from 'node:child_process';
import { subscribe } from 'node:diagnostics_channel';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { syncBuiltinESMExports } from 'node:module';
import { relative } from 'node:path';
import type { Readable } from 'node:stream';
import { format } from 'node:util';
import type { Worker } from 'node:worker_threads';
import zlib from 'node:zlib';
import { expect, inject } from 'vitest';
import type { Outcome } from '../../../local/lambda/environment.ts';
import { FOREIGN_KEYS } from './foreign-keys.ts';
import { Ledger } from './ledger.ts';
import { mayShow } from './may-show.ts';

const ledger = new Ledger(inject('secretsLedger'));
const here = relative('.', expect.getState().testPath ?? '');

/** Opens a place in the ledger for this test file. */
const place = (name: string) => ledger.place(`${name} (${here})`, mayShow(name, here));

// Every new key gets a checksum of its text.
const { crc32 } = zlib;
zlib.crc32 = (data, value) => {
  const body = typeof data === 'string' ? /^[a-z0-9_]+_[0-9A-Za-z]{12}_([0-9A-Za-z]{43})$/.exec(data) : null;
  if (body?.[1] !== undefined) ledger.issue(body[1]);
  return crc32(data, value);
};
syncBuiltinESMExports();

// The secret of another system's key is its last part.
subscribe(FOREIGN_KEYS, (key) => {
  const [secret] = /[0-9A-Za-z]+$/.exec(String(key)) ?? [];
  if (secret !== undefined) ledger.issue(secret);
});

const printed = place('output of the tests');
for (const stream of [process.stdout, process.stderr]) {
  const write = stream.write.bind(stream) as (...args: unknown[]) => boolean;
  stream.write = (piece: string | Uint8Array, ...rest: unknown[]) => {
    printed(piece);
    return write(piece, ...rest);
  };
}
for (const method of ['log', 'info', 'warn', 'error', 'debug', 'trace'] as const) {
  const original = console[method].bind(console);
  console[method] = (...args: unknown[]) => {
    printed(`${format(...args)}\n`);
    original(...args);
  };
}

/** Records a stream's output without consuming it. */
function overhear(stream: Readable | null, name: string): void {
  if (stream === null) return;
  const say = place(name);
  const push = stream.push.bind(stream);
  stream.push = (chunk: unknown, encoding) => {
    if (typeof chunk === 'string' || chunk instanceof Uint8Array) say(chunk);
    return push(chunk, encoding);
  };
}

subscribe('child_process', (message) => {
  const child = (message as { process: ChildProcess }).process;
  // The channel publishes before the process has its streams.
  process.nextTick(() => {
    const name = programOf(child.spawnargs);
    overhear(child.stdout, `stdout of ${name}`);
    overhear(child.stderr, `stderr of ${name}`);
  });
});

function programOf([command = '', file = '', ...more]: readonly string[] = []): string {
  if (file.endsWith('cli/index.mjs')) return `latchkey ${more[0] ?? ''}`;
  return command === process.execPath ? `node ${relative('.', file)}` : command;
}

subscribe('worker_threads', (message) => {
  const { worker } = message as { worker: Worker };
  process.nextTick(() => {
    const name = worker.threadName ?? '';
    overhear(worker.stdout, `stdout of function ${name}`);
    overhear(worker.stderr, `stderr of function ${name}`);
    const answered = place(`answers of function ${name}`);
    worker.on('message', (outcome: Outcome) => {
      answered(`${outcome.ok ? outcome.payload : JSON.stringify(outcome.error)}\n`);
    });
    worker.on('error', (error) => {
      answered(`${format(error)}\n`);
    });
  });
});

const places = new Map<string, ReturnType<typeof place>>();
function say(name: string, piece: string | Uint8Array): void {
  let known = places.get(name);
  if (known === undefined) places.set(name, (known = place(name)));
  known(piece);
}

subscribe('http.server.request.start', (message) => {
  const { request, response } = message as { request: IncomingMessage; response: ServerResponse };
  const [path = '', query = ''] = (request.url ?? '').split('?');
  // Clients may send a key in the query where an API is configured for it, but nowhere else in a URL.
  say('URLs asked for', `${path}?${query.replace(/(^|&)api_key=[^&]*/g, '$1api_key=')}\n`);
  if (request.headers['x-amz-target'] === 'AWSEvents.PutEvents') overhear(request, 'events sent');
  // Large, and built before any key was created.
  if (path.startsWith('/assets/')) return;
  const name = `answers to ${String(request.method)} ${path.replace(/\/keys\/[^/]+/, '/keys/{prefix}')}`;
  const note = (piece: unknown) => {
    if (typeof piece === 'string' || piece instanceof Uint8Array) say(name, piece);
  };
  const write = response.write.bind(response) as (...args: unknown[]) => boolean;
  response.write = (...args: unknown[]) => {
    note(args[0]);
    return write(...args);
  };
  const end = response.end.bind(response) as (...args: unknown[]) => ServerResponse;
  response.end = (...args: unknown[]) => {
    note(`\n${JSON.stringify(response.getHeaders())}\n`);
    note(args[0]);
    return end(...args);
  };
});
