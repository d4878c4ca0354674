import { APIGatewayClient, GetAuthorizersCommand, paginateGetRestApis } from '@aws-sdk/client-api-gateway';
import {
  ApiGatewayV2Client,
  GetApisCommand,
  GetAuthorizersCommand as GetHttpAuthorizersCommand,
} from '@aws-sdk/client-apigatewayv2';
import type { ClientConfig } from '../deployment/stack.ts';
import { checked, type Finding } from './check.ts';

/** The cache of an authorizer that invokes our function. */
interface Cache {
  readonly api: string;
  readonly seconds: number;
}

/** With a longer TTL, a revocation takes too long. */
const LONG_SECONDS = 300;

const CACHE_CHECK = {
  permission: 'apigateway:GET on /restapis and /apis',
  advice: 'deploy the stack of the API again',
};

type Config = ClientConfig & { readonly region: string };

/** Checks how long API Gateway caches results of the authorizer. */
export async function checkCaches(config: Config, authorizerFunction: string): Promise<Finding> {
  return checked('Caches', CACHE_CHECK, async () => {
    const caches = [
      ...(await restCaches(config, authorizerFunction)),
      ...(await httpCaches(config, authorizerFunction)),
    ];
    if (caches.length === 0) {
      const found = `no API in ${config.region} uses ${authorizerFunction}`;
      return { status: 'warning', found, advice: 'attach the authorizer to an API, as in the README' };
    }
    const found = caches.map(({ api, seconds }) => `${api}: ${String(seconds)} s`).join(', ');
    if (caches.every(({ seconds }) => seconds <= LONG_SECONDS)) return { status: 'ok', found };
    const advice =
      'a revoked key can be allowed for this long; lower cacheTtl, or flush the stage’s authorizer cache after a revocation';
    return { status: 'warning', found, advice };
  });
}

async function restCaches(config: Config, authorizerFunction: string): Promise<Cache[]> {
  const client = new APIGatewayClient(config);
  try {
    const caches: Cache[] = [];
    for await (const { items = [] } of paginateGetRestApis({ client }, {})) {
      for (const { id: restApiId, name = '' } of items) {
        const { items: authorizers = [] } = await client.send(new GetAuthorizersCommand({ restApiId, limit: 500 }));
        for (const { authorizerUri, authorizerResultTtlInSeconds = 300 } of authorizers)
          if (invokes(authorizerUri, authorizerFunction))
            caches.push({ api: name, seconds: authorizerResultTtlInSeconds });
      }
    }
    return caches;
  } finally {
    client.destroy();
  }
}

/** Includes WebSocket APIs, which cache nothing. */
async function httpCaches(config: Config, authorizerFunction: string): Promise<Cache[]> {
  const client = new ApiGatewayV2Client(config);
  try {
    const caches: Cache[] = [];
    let NextToken: string | undefined;
    do {
      const page = await client.send(new GetApisCommand({ NextToken, MaxResults: '100' }));
      for (const { ApiId, Name = '' } of page.Items ?? []) {
        const { Items = [] } = await client.send(new GetHttpAuthorizersCommand({ ApiId, MaxResults: '100' }));
        for (const { AuthorizerUri, AuthorizerResultTtlInSeconds = 0 } of Items)
          if (invokes(AuthorizerUri, authorizerFunction))
            caches.push({ api: Name, seconds: AuthorizerResultTtlInSeconds });
      }
      NextToken = page.NextToken;
    } while (NextToken !== undefined);
    return caches;
  } finally {
    client.destroy();
  }
}

/** `arn:aws:apigateway:<region>:lambda:path/2015-03-31/functions/<function ARN>/invocations` */
function invokes(uri: string | undefined, authorizerFunction: string): boolean {
  return uri?.includes(`:function:${authorizerFunction}/`) ?? false;
}
