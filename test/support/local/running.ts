import { randomUUID } from 'node:crypto';
import { inject, onTestFinished } from 'vitest';
import { startLocal, type Local, type LocalOptions } from '../../../local/server.ts';

/** A log line of the authorizer for a decision. */
interface DecisionLine {
  readonly result: string;
  readonly error?: string;
}

export interface RunningLocal extends Local {
  /** The authorizer's decisions, one for each invocation. */
  readonly decisions: readonly DecisionLine[];
  /** The logs of all functions. */
  readonly lines: readonly string[];
  key(input?: {
    name?: string;
    scopes?: readonly string[];
    metadata?: object;
    limits?: object;
  }): Promise<{ key: string; prefix: string }>;
  call(functionName: string, input: object): Promise<Record<string, unknown>>;
}

/** Starts a local server with a separate table. */
export async function runningLocal(options: LocalOptions = {}): Promise<RunningLocal> {
  const lines: string[] = [];
  const decisions: DecisionLine[] = [];
  const local = await startLocal({
    port: 0,
    adminPort: 0,
    table: `keys-${randomUUID()}`,
    dynamodbEndpoint: inject('dynamodbEndpoint'),
    cacheTtlSeconds: 300,
    flushSettleMs: 300,
    ...options,
    log: (name, line) => {
      lines.push(line);
      if (name === 'authorizer' && line.includes('"Decisions":1')) decisions.push(JSON.parse(line) as DecisionLine);
    },
  });
  const call = async (functionName: string, input: object) => {
    const outcome = await local.function(functionName).invoke(JSON.stringify(input));
    if (!outcome.ok) throw new Error(outcome.error.errorMessage);
    return JSON.parse(outcome.payload) as Record<string, unknown>;
  };
  return {
    ...local,
    lines,
    decisions,
    call,
    key: async (input = {}) => {
      const { key, record } = (await call('create-key', { name: 'test', ...input })) as {
        key: string;
        record: { prefix: string };
      };
      return { key, prefix: record.prefix };
    },
  };
}

/** Starts a local server for one test, which stops it. */
export async function localForTest(options: LocalOptions = {}): Promise<RunningLocal> {
  const local = await runningLocal(options);
  onTestFinished(() => local.stop());
  return local;
}
