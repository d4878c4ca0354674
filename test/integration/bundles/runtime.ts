/**
 * Runs a function as Lambda's runtime does: loads the built authorizer, invokes it with one event after another, and
 * posts each outcome to the runtime API. The process keeps running, so that a test can freeze it as Lambda does.
 */
import { request } from 'node:http';
import { pathToFileURL } from 'node:url';
import type { AuthorizerEvent } from '../../../src/authorizer/request.ts';

// Timeouts are ten times as long, so that a busy machine doesn't cause retries.
const wait = globalThis.setTimeout;
globalThis.setTimeout = Object.assign(
  <Values extends unknown[]>(callback: (...values: Values) => void, milliseconds = 0, ...values: Values) =>
    wait(callback, milliseconds * 10, ...values),
  { __promisify__: wait.__promisify__ },
);

const [bundle = '', runtimeApi = '', ...events] = process.argv.slice(2);
const { handler } = (await import(pathToFileURL(bundle).href)) as {
  handler: (event: AuthorizerEvent) => Promise<unknown>;
};
for (const event of events) {
  const outcome = await handler(JSON.parse(event) as AuthorizerEvent).catch((error: unknown) => String(error));
  await new Promise((resolve, reject) => {
    request(runtimeApi, { method: 'POST' }, (response) => response.resume().on('end', resolve))
      .on('error', reject)
      .end(JSON.stringify(outcome));
  });
}
setInterval(() => undefined, 1000);
