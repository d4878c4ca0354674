import { setTimeout as delay } from 'node:timers/promises';
import { LambdaClient, UpdateFunctionConfigurationCommand, waitUntilFunctionUpdatedV2 } from '@aws-sdk/client-lambda';
import { AUTHORIZER_OUTPUT } from '../../../src/management/operations.ts';
import { Keys, statusOf, type Kind, type KindPlace } from '../acceptance/kinds.ts';
import { output, type Outputs } from '../acceptance/stack.ts';
import type { Account } from './account.ts';
import { places } from './places.ts';

const SAMPLES = 20;
const COLD_STARTS = 3;
const POLL_MS = 250;
/** The longest cache TTL, with a margin. */
const REJECTED_WITHIN_MS = 120_000;

/** One measured figure. */
export interface Measurement {
  readonly what: string;
  readonly seen: string;
}

/** Measures the time from the revocation to the first rejected request, cold starts, and latencies. */
export async function measure(account: Account, outputs: Outputs): Promise<Measurement[]> {
  const { rest, httpIam, httpSimple } = places(account, outputs);
  const revocations = await Promise.all([
    revocation('REST, with flush', 'rest', rest),
    revocation('HTTP, with flush', 'http', httpIam),
    revocation('HTTP, without flush', 'http', httpSimple),
  ]);
  return [...revocations, await coldStart(account, outputs, rest), ...(await latencies(rest))];
}

async function revocation(title: string, kind: Kind, place: KindPlace): Promise<Measurement> {
  const what = `Revoke to first rejection, ${title}`;
  const keys = new Keys(place);
  try {
    const { key, prefix } = await keys.create();
    await statusOf(kind, place.endpoint, key);
    const started = performance.now();
    const revoked = keys.revoke(prefix).then(() => milliseconds(performance.now() - started));
    while (performance.now() - started < REJECTED_WITHIN_MS) {
      if ((await statusOf(kind, place.endpoint, key)) === 403) {
        const seen = milliseconds(performance.now() - started);
        return { what, seen: `${seen} (the operation took ${await revoked})` };
      }
      await delay(POLL_MS);
    }
    await revoked;
    return { what, seen: `still allowed after ${milliseconds(REJECTED_WITHIN_MS)}` };
  } finally {
    keys.close();
  }
}

async function coldStart({ aws }: Account, outputs: Outputs, place: KindPlace): Promise<Measurement> {
  const lambda = new LambdaClient(aws);
  const keys = new Keys(place);
  const FunctionName = output(outputs, AUTHORIZER_OUTPUT);
  const seen: number[] = [];
  try {
    for (let i = 0; i < COLD_STARTS; i++) {
      // A change of the configuration makes Lambda start a new execution environment.
      await lambda.send(
        new UpdateFunctionConfigurationCommand({ FunctionName, Description: `Cold start ${String(i + 1)}` }),
      );
      await waitUntilFunctionUpdatedV2({ client: lambda, maxWaitTime: 60 }, { FunctionName });
      seen.push(await latencyOf(place, (await keys.create()).key));
    }
  } finally {
    lambda.destroy();
    keys.close();
  }
  return { what: 'First request after a cold start of the authorizer, REST', seen: seen.map(milliseconds).join(', ') };
}

async function latencies(place: KindPlace): Promise<Measurement[]> {
  const keys = new Keys(place);
  try {
    const uncached: number[] = [];
    let last = '';
    for (let i = 0; i < SAMPLES; i++) {
      last = (await keys.create()).key;
      uncached.push(await latencyOf(place, last));
    }
    const cached: number[] = [];
    for (let i = 0; i < SAMPLES; i++) cached.push(await latencyOf(place, last));
    return [
      { what: 'Request latency, authorizer called, REST', seen: summary(uncached) },
      { what: 'Request latency, authorizer result cached, REST', seen: summary(cached) },
    ];
  } finally {
    keys.close();
  }
}

/** The latency from this machine on a new connection, in milliseconds. */
async function latencyOf({ endpoint }: KindPlace, key: string): Promise<number> {
  const started = performance.now();
  const status = await statusOf('rest', endpoint, key);
  if (status !== 200) throw new Error(`A request with a new key was answered with ${String(status)}.`);
  return performance.now() - started;
}

function summary(samples: readonly number[]): string {
  const sorted = samples.toSorted((a, b) => a - b);
  const at = (share: number) => milliseconds(sorted[Math.floor((sorted.length - 1) * share)] ?? 0);
  return `median ${at(0.5)}, longest ${at(1)}, ${String(samples.length)} requests`;
}

function milliseconds(value: number): string {
  return `${value.toFixed(0)} ms`;
}
