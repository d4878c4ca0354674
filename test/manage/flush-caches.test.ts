import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { stagesToEnvironment, type ApiStage } from '../../functions/domain/api-stage.ts';
import { cacheFlusher } from '../../functions/manage/flush-caches.ts';
import { drip } from '../drip.ts';

const REST: ApiStage = { kind: 'rest', apiId: 'a1b2c3d4e5', stageName: 'prod' };
const HTTP: ApiStage = { kind: 'http', apiId: 'f6g7h8i9j0', stageName: '$default' };

/** API Gateway's own API, as far as it is called here; answers what was called of it. */
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

describe('flushing caches', () => {
  it('calls each stage by its kind, and again when no read can miss the write any more', async () => {
    const calls = await apiGateway((_, response) => response.writeHead(202).end());
    const outcome = await cacheFlusher(stagesToEnvironment([REST, HTTP]))();
    expect(outcome).toEqual({ flushed: ['rest/a1b2c3d4e5/prod', 'http/f6g7h8i9j0/$default'], failed: [] });
    const rest = 'DELETE /restapis/a1b2c3d4e5/stages/prod/cache/authorizers';
    const http = 'DELETE /v2/apis/f6g7h8i9j0/stages/%24default/cache/authorizers';
    expect(calls.slice(0, 2).toSorted()).toEqual([rest, http]);
    expect(calls.slice(2).toSorted()).toEqual([rest, http]);
  });

  it('says where it failed, and fails nothing else', async () => {
    await apiGateway(({ url }, response) => response.writeHead(url?.startsWith('/v2') === true ? 202 : 403).end());
    expect(await cacheFlusher(stagesToEnvironment([REST, HTTP]))()).toEqual({
      flushed: ['http/f6g7h8i9j0/$default'],
      failed: ['rest/a1b2c3d4e5/prod'],
    });
  });

  it.each<[string, RequestListener]>([
    ['nobody answers', () => undefined],
    [
      'an answer comes in drops and never ends',
      (_, response) => {
        drip(response);
      },
    ],
  ])('gives up when %s', async (_what, answer) => {
    await apiGateway(answer);
    expect(await cacheFlusher(stagesToEnvironment([REST]))()).toEqual({
      flushed: [],
      failed: ['rest/a1b2c3d4e5/prod'],
    });
  });

  it('calls nobody without stages', async () => {
    const calls = await apiGateway((_, response) => response.writeHead(202).end());
    expect(await cacheFlusher({})()).toEqual({ flushed: [], failed: [] });
    expect(calls).toEqual([]);
  });
});
