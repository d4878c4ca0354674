/**
 * What Lambda's runtime does with a function, in a process of its own: loads the built authorizer, gives it the
 * events of its arguments one after the other, and posts each outcome to the runtime API. Then it stays, so that
 * it can be frozen as Lambda freezes it.
 */
import { request } from 'node:http';
import { pathToFileURL } from 'node:url';
import type { AuthorizerEvent } from '../../../src/authorizer/request.ts';

// A busy machine is no slow DynamoDB: what the function waits for has ten times as long, or it would be asked again.
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
