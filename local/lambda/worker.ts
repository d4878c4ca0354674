import { parentPort, workerData } from 'node:worker_threads';
import type { Call, Outcome } from './environment.ts';

/** Runs inside an {@link ExecutionEnvironment}. Loads the bundle as Lambda's Node.js runtime does, and calls its handler. */

interface Bundle {
  readonly handler: (event: unknown, context: object) => unknown;
}

const { name, bundle } = workerData as { name: string; bundle: string };
const { handler } = (await import(bundle)) as Bundle;

parentPort?.on('message', (call: Call) => {
  void run(call).then((outcome) => parentPort?.postMessage(outcome));
});

async function run({ payload, ...call }: Call): Promise<Outcome> {
  try {
    const result = await handler(JSON.parse(payload), lambdaContext(call));
    return { ok: true, payload: JSON.stringify(result ?? null) };
  } catch (error) {
    const { name: errorType, message: errorMessage } = error instanceof Error ? error : new Error(String(error));
    return { ok: false, error: { errorType, errorMessage } };
  }
}

function lambdaContext({ requestId: awsRequestId, qualifier, deadline }: Omit<Call, 'payload'>) {
  const functionArn = `arn:aws:lambda:${String(process.env['AWS_REGION'])}:000000000000:function:${name}`;
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionName: name,
    functionVersion: '$LATEST',
    invokedFunctionArn: qualifier === undefined ? functionArn : `${functionArn}:${qualifier}`,
    memoryLimitInMB: process.env['AWS_LAMBDA_FUNCTION_MEMORY_SIZE'],
    awsRequestId,
    logGroupName: `/aws/lambda/${name}`,
    logStreamName: 'local',
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
  };
}
