import { randomUUID } from 'node:crypto';
import middy from '@middy/core';
import httpCors from '@middy/http-cors';
import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { MockIntegration, RestApi } from 'aws-cdk-lib/aws-apigateway';
import { HttpApi } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import type { APIGatewayProxyResult } from 'aws-lambda';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, it, onTestFinished } from 'vitest';
import { ApiCors } from '../../../cdk/api-cors.ts';
import { createDemoKey } from '../../../local/demo-keys.ts';
import { withCors, type HttpCors, type RestCors } from '../../../local/gateway/cors.ts';
import { json, serve } from '../../../local/gateway/http.ts';
import { startLocal, type Local, type LocalOptions } from '../../../local/server.ts';
import { only, resourcesOf, someFunction, testApp } from '../../support/cdk/synth.ts';
import { startChromium } from './chromium.ts';

/** What a script of a page sees of a response; `hidden` if the browser keeps it from the script. */
type Seen = { status: number; body: unknown; retryAfter: string | null } | 'hidden';

/** The API as `ApiCors` deploys it. */
function restApiCors(allowOrigin: string): RestCors {
  const api = new RestApi(new Stack(testApp(), 'Stack'), 'Api');
  api.root.addMethod('ANY', new MockIntegration());
  ApiCors.addToRestApi(api, { allowOrigin });
  const template = Template.fromStack(Stack.of(api));
  const preflight = Object.values(resourcesOf(template)).find(
    ({ Properties }) => Properties?.['HttpMethod'] === 'OPTIONS',
  );
  const { IntegrationResponses: [response] = [] } = (preflight?.Properties?.['Integration'] ?? {}) as {
    IntegrationResponses?: { ResponseParameters: Record<string, string> }[];
  };
  const { ResponseParameters } = only(template, 'AWS::ApiGateway::GatewayResponse', 'ApiCors4xx') as {
    ResponseParameters: Record<string, string>;
  };
  return {
    kind: 'rest',
    gatewayResponses: headersOf(ResponseParameters),
    preflight: headersOf(response?.ResponseParameters ?? {}),
  };
}

function httpApiCors(allowOrigin: string): HttpCors {
  const stack = new Stack(testApp(), 'Stack');
  const integration = new HttpLambdaIntegration('Orders', someFunction(stack));
  ApiCors.addToHttpApi(new HttpApi(stack, 'Api'), integration, { allowOrigin });
  const template = Template.fromStack(stack);
  const { CorsConfiguration: of } = only(template, 'AWS::ApiGatewayV2::Api') as {
    CorsConfiguration: {
      AllowOrigins: string[];
      AllowMethods: string[];
      AllowHeaders: string[];
      ExposeHeaders: string[];
      MaxAge: number;
    };
  };
  const open = Object.values(resourcesOf(template)).filter(
    ({ Properties = {} }) =>
      String(Properties['RouteKey']).startsWith('OPTIONS ') && Properties['AuthorizationType'] === 'NONE',
  );
  return {
    kind: 'http',
    openOptions: open.length === 2,
    configuration: {
      allowOrigins: of.AllowOrigins,
      allowMethods: of.AllowMethods,
      allowHeaders: of.AllowHeaders,
      exposeHeaders: of.ExposeHeaders,
      maxAge: of.MaxAge,
    },
  };
}

/** The headers in the parameters of a response, whose values are in quotation marks. */
function headersOf(parameters: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(parameters).map(([name, value]) => [name.replace(/^.*?header\./, ''), value.replace(/^'|'$/g, '')]),
  );
}

let browser: Browser;
let page: { readonly origin: string; readonly fetch: (url: string, key?: string) => Promise<Seen> };

beforeAll(async () => {
  browser = await startChromium();
  page = await pageOfAnotherOrigin();
});
afterAll(() => browser.close());

const stops: (() => Promise<void>)[] = [];
afterAll(async () => {
  for (const stop of stops) await stop();
});

async function pageOfAnotherOrigin() {
  const html = { status: 200, headers: [['content-type', 'text/html'] as const], body: '<title>Dashboard</title>' };
  const site = await serve(() => Promise.resolve(html), { port: 0, flag: '' });
  stops.push(() => site.stop());
  const tab = await browser.newPage();
  await tab.goto(site.url);
  const fetchInPage = (url: string, key?: string) =>
    tab.evaluate(
      async ({ url: of, headers }) =>
        fetch(of, { headers }).then(
          async (response) => ({
            status: response.status,
            body: await response.json(),
            retryAfter: response.headers.get('retry-after'),
          }),
          () => 'hidden' as const,
        ),
      { url, headers: key === undefined ? {} : { 'x-api-key': key } },
    );
  return { origin: site.url, fetch: fetchInPage };
}

async function api(options: LocalOptions): Promise<Local> {
  const local = await startLocal({
    port: 0,
    adminPort: 0,
    cacheTtlSeconds: 0,
    dynamodbEndpoint: inject('dynamodbEndpoint'),
    table: `cors-${randomUUID()}`,
    ...options,
  });
  onTestFinished(() => local.stop());
  return local;
}

/** What the page sees of a 200, a 401, a 403 and a 429 of the API. */
async function seenOf(local: Local): Promise<Seen[]> {
  const { key: allowed } = await createDemoKey(local, { name: 'allowed' });
  const { key: denied } = await createDemoKey(local, { name: 'denied', scopes: ['GET /other'] });
  const { key: limited } = await createDemoKey(local, { name: 'limited', limits: { rate: '1/h' } });
  const url = `${local.apiUrl}/orders/1`;
  // The first request uses up the limit.
  await page.fetch(url, limited);
  return [
    await page.fetch(url, allowed),
    await page.fetch(url),
    await page.fetch(url, denied),
    await page.fetch(url, limited),
  ];
}

const READABLE = [
  { status: 200, body: expect.objectContaining({ path: '/orders/1' }) as unknown },
  { status: 401, body: { message: 'Unauthorized' } },
  { status: 403, body: { Message: expect.stringContaining('not authorized') as string } },
  { status: 429, retryAfter: expect.stringMatching(/^\d+$/) as string },
];

describe('a page of another origin', () => {
  it('cannot read any response of an API without ApiCors', async () => {
    expect(await seenOf(await api({}))).toEqual(['hidden', 'hidden', 'hidden', 'hidden']);
  });

  it('reads the status and the JSON of a 200, 401, 403 and 429 of a REST API with ApiCors', async () => {
    // As docs/how-to/browsers.md says, the function adds the headers to its own responses.
    const backend = middy<object, APIGatewayProxyResult>()
      .use(httpCors({ origin: page.origin, exposeHeaders: 'Retry-After' }))
      .handler(async (event) => {
        const outcome = await local.function('echo').invoke(JSON.stringify(event));
        if (!outcome.ok) throw new Error(outcome.error.errorMessage);
        return JSON.parse(outcome.payload) as APIGatewayProxyResult;
      });
    const local: Local = await api({
      cors: restApiCors(page.origin),
      backend: {
        invoke: async (payload) => {
          const result = await backend(JSON.parse(payload) as object, {} as never);
          return { ok: true, payload: JSON.stringify(result) };
        },
      },
    });
    expect(await seenOf(local)).toMatchObject(READABLE);
  });

  it('reads a 429 that API Gateway itself makes, as for a route limit of a REST API', async () => {
    const throttled = withCors(restApiCors(page.origin), () =>
      Promise.resolve(json(429, { message: 'Too Many Requests' }, 'TooManyRequestsException')),
    );
    const stage = await serve(throttled, { port: 0, flag: '' });
    onTestFinished(() => stage.stop());
    expect(await page.fetch(`${stage.url}/orders`, 'key')).toMatchObject({
      status: 429,
      body: { message: 'Too Many Requests' },
    });
  });

  it('reads the status and the JSON of a 200, 401, 403 and 429 of an HTTP API with ApiCors', async () => {
    expect(await seenOf(await api({ cors: httpApiCors(page.origin) }))).toMatchObject(READABLE);
  });

  it('cannot send its key to an HTTP API without the open routes for OPTIONS', async () => {
    const local = await api({ cors: { ...httpApiCors(page.origin), openOptions: false } });
    const [allowed, missing] = await seenOf(local);
    expect(allowed).toBe('hidden');
    expect(missing).toMatchObject({ status: 401 });
  });

  it.each([
    ['a REST', restApiCors],
    ['an HTTP', httpApiCors],
  ])('cannot read the responses of %s API that allows another origin', async (_kind, corsOf) => {
    const local = await api({ cors: corsOf('https://dashboard.example.com') });
    expect(await seenOf(local)).toEqual(['hidden', 'hidden', 'hidden', 'hidden']);
  });
});
