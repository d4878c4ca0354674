/**
 * The native client of `aws-lambda-ric` in JavaScript: it posts results to the Runtime API. To build the native one takes
 * minutes and needs a C++ compiler. With `AWS_LAMBDA_NODEJS_USE_ALTERNATIVE_CLIENT_1`, `aws-lambda-ric` itself fetches the
 * invocations.
 */
import { request } from 'node:http';

const [hostname, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(':');
const agent = false;

function post(path, body) {
  const headers = { 'content-type': 'application/json' };
  const options = { hostname, port, agent, headers, method: 'POST', path: `/2018-06-01/runtime/invocation/${path}` };
  request(options, (response) => response.resume()).end(body);
}

export const done = (id, body) => post(`${id}/response`, body);
export const error = (id, body) => post(`${id}/error`, body);
