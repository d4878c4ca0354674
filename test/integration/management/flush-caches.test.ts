import { createServer, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished, vi } from 'vitest';
import {
  stageParametersToEnvironment,
  stagesText,
  stagesToEnvironment,
  type ApiStage,
} from '../../../src/gateway/api-stage.ts';
import { DECISION_TIMEOUT_MS } from '../../../src/gateway/settings.ts';
import { settleTimeFromEnvironment, settleTimeToEnvironment } from '../../../src/gateway/settle-time.ts';
import { cacheFlusher } from '../../../src/management/flush-caches.ts';
import { drip } from '../../support/drip.ts';

const REST: ApiStage = { kind: 'rest', apiId: 'a1b2c3d4e5', stageName: 'prod' };
const HTTP: ApiStage = { kind: 'http', apiId: 'f6g7h8i9j0', stageName: '$default' };

/** Starts a fake of API Gateway's management API. Returns its calls, to which later calls are added. */
async function apiGateway(answer: RequestListener): Promise<string[]> {
  const calls: string[] = [];
  const server = createServer((request, response) => {
    calls.push(`${String(request.method)} ${String(request.url)}`);
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const endpoint = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  vi.stubEnv('AWS_ENDPOINT_URL', endpoint);
  vi.stubEnv('AWS_REGION', 'eu-central-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'test');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
  vi.stubEnv('POWERTOOLS_LOG_LEVEL', 'SILENT');
  onTestFinished(() => {
    vi.unstubAllEnvs();
    server.close();
    server.closeAllConnections();
  });
  return calls;
}

const SETTLE_MS = 150;
const flusherOf = (...stages: ApiStage[]) =>
  cacheFlusher({ ...stagesToEnvironment(stages), ...settleTimeToEnvironment(SETTLE_MS) });

/** Responds as API Gateway's API does to a throttled call. */
function throttle(response: ServerResponse): void {
  response.writeHead(429, { 'x-amzn-errortype': 'TooManyRequestsException', 'content-type': 'application/json' });
  response.end('{"message":"Too Many Requests"}');
}

it('flushes each stage by its kind, at once and again after the settle time', async () => {
  const times: number[] = [];
  const calls = await apiGateway((_, response) => {
    times.push(performance.now());
    response.writeHead(202).end();
  });
  const outcome = await flusherOf(REST, HTTP).flush(20_000);
  expect(outcome).toEqual({
    flushed: ['rest/a1b2c3d4e5/prod', 'http/f6g7h8i9j0/$default'],
    pending: [],
    failed: [],
  });
  const rest = 'DELETE /restapis/a1b2c3d4e5/stages/prod/cache/authorizers';
  const http = 'DELETE /v2/apis/f6g7h8i9j0/stages/%24default/cache/authorizers';
  expect(calls.slice(0, 2).toSorted()).toEqual([rest, http]);
  expect(calls.slice(2).toSorted()).toEqual([rest, http]);
  expect(Number(times[2]) - Number(times[0])).toBeGreaterThan(SETTLE_MS - 100);
});

it('reports a stage that API Gateway refuses to flush as failed, and flushes the others', async () => {
  await apiGateway(({ url }, response) => response.writeHead(url?.startsWith('/v2') === true ? 202 : 403).end());
  expect(await flusherOf(REST, HTTP).flush(20_000)).toEqual({
    flushed: ['http/f6g7h8i9j0/$default'],
    pending: [],
    failed: ['rest/a1b2c3d4e5/prod'],
  });
});

it('retries throttled calls until they succeed', async () => {
  let throttled = 0;
  const calls = await apiGateway((_, response) => {
    if (throttled++ < 6) throttle(response);
    else response.writeHead(202).end();
  });
  expect(await flusherOf(REST).flush(25_000)).toMatchObject({ flushed: ['rest/a1b2c3d4e5/prod'] });
  expect(calls.length).toBeGreaterThan(6);
});

it('reports a stage as pending when API Gateway throttles until no time is left', async () => {
  await apiGateway((_, response) => {
    throttle(response);
  });
  expect(await flusherOf(REST).flush(4500)).toEqual({ flushed: [], pending: ['rest/a1b2c3d4e5/prod'], failed: [] });
});

it('flushes once and reports the stage as pending when there is no time for the requests in flight', async () => {
  const calls = await apiGateway((_, response) => response.writeHead(202).end());
  const outcome = await cacheFlusher(stagesToEnvironment([REST])).flush(9000);
  expect(outcome).toEqual({ flushed: [], pending: ['rest/a1b2c3d4e5/prod'], failed: [] });
  expect(calls).toHaveLength(1);
});

it.each<[string, RequestListener]>([
  ['API Gateway does not respond', () => undefined],
  [
    'a response never ends',
    (_, response) => {
      drip(response);
    },
  ],
])('returns within its time when %s', async (_what, answer) => {
  await apiGateway(answer);
  const start = performance.now();
  expect(await flusherOf(REST).flush(6000)).toEqual({ flushed: [], pending: [], failed: ['rest/a1b2c3d4e5/prod'] });
  // Allows for a busy machine. The function that waits for this has 29 s.
  expect(performance.now() - start).toBeLessThan(12_000);
});

it('makes no calls without stages', async () => {
  const calls = await apiGateway((_, response) => response.writeHead(202).end());
  expect(await cacheFlusher({}).flush(20_000)).toEqual({ flushed: [], pending: [], failed: [] });
  expect(calls).toEqual([]);
});

it('rejects a settle time that is not a number', () => {
  expect(() => cacheFlusher({ LATCHKEY_FLUSH_SETTLE_MS: '1 s' })).toThrow(
    'LATCHKEY_FLUSH_SETTLE_MS is "1 s"; it must be a whole number of milliseconds, such as 8000',
  );
});

it('waits longer than the oldest read and the slowest decision together', () => {
  expect(settleTimeFromEnvironment({})).toBeGreaterThanOrEqual(DECISION_TIMEOUT_MS + 3000);
});

const PARAMETER = '/latchkey/Authorizer-1A2B3C/Orders';
const flusherOfListed = (names: string[], ...stages: ApiStage[]) =>
  cacheFlusher({
    ...stagesToEnvironment(stages),
    ...stageParametersToEnvironment(names),
    ...settleTimeToEnvironment(SETTLE_MS),
  });

/** Starts a fake of API Gateway's management API and Systems Manager, which denies access to a parameter without a value. */
async function withParameters(values: Record<string, string | undefined>): Promise<void> {
  await apiGateway((request, response) => {
    if (request.headers['x-amz-target'] !== 'AmazonSSM.GetParameter') {
      response.writeHead(202).end();
      return;
    }
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      const { Name } = JSON.parse(body) as { Name: string };
      const Value = values[Name];
      response.writeHead(Value === undefined ? 400 : 200, { 'content-type': 'application/x-amz-json-1.1' });
      const __type = Name in values ? 'AccessDeniedException' : 'ParameterNotFound';
      response.end(JSON.stringify(Value === undefined ? { __type } : { Parameter: { Name, Value } }));
    });
  });
}

it('flushes the stages that a Systems Manager parameter lists, in addition to its own', async () => {
  await withParameters({ [PARAMETER]: stagesText([HTTP]) });
  expect(await flusherOfListed([PARAMETER], REST).flush(20_000)).toEqual({
    flushed: ['rest/a1b2c3d4e5/prod', 'http/f6g7h8i9j0/$default'],
    pending: [],
    failed: [],
  });
});

it('reads any number of parameters, and ignores those that do not exist', async () => {
  const names = Array.from({ length: 23 }, (_, index) => `${PARAMETER}${String(index)}`);
  await withParameters({ [`${PARAMETER}22`]: stagesText([REST]) });
  expect(await flusherOfListed(names).flush(20_000)).toEqual({
    flushed: ['rest/a1b2c3d4e5/prod'],
    pending: [],
    failed: [],
  });
});

it('reports a parameter that cannot be read as failed, and flushes all other stages', async () => {
  await withParameters({ [PARAMETER]: undefined, [`${PARAMETER}2`]: stagesText([HTTP]) });
  expect(await flusherOfListed([PARAMETER, `${PARAMETER}2`], REST).flush(20_000)).toEqual({
    flushed: ['rest/a1b2c3d4e5/prod', 'http/f6g7h8i9j0/$default'],
    pending: [],
    failed: [PARAMETER],
  });
});

it('names the parameters, which it has not read, when the flush is left to another call', () => {
  expect(flusherOfListed([PARAMETER], REST).stages).toEqual(['rest/a1b2c3d4e5/prod', PARAMETER]);
});
