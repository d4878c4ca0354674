import { Names } from 'aws-cdk-lib';
import type { IAuthorizer } from 'aws-cdk-lib/aws-apigateway';
import type { IHttpRouteAuthorizer, IWebSocketRouteAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2';
import {
  HttpLambdaAuthorizer,
  HttpLambdaResponseType,
  WebSocketLambdaAuthorizer,
} from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { httpIdentitySource, SOURCE_IP } from '../src/gateway/identity-source.ts';
import type { AuthorizerSettings } from '../src/gateway/settings.ts';
import { httpAuthorizerCaching, type AuthorizerCaching } from './authorizer-caching.ts';
import { RestAuthorizer } from './rest-authorizer.ts';

/** Options of {@link Authorizers}. */
export interface AuthorizersOptions {
  /** The keys that the authorizers are for. */
  readonly keys: Construct;
  /** The function that API Gateway invokes to authorize a request. */
  readonly handler: IFunction;
  /** How API Gateway caches the results of the function. */
  readonly caching: AuthorizerCaching;
  /** What the function returns to HTTP APIs. */
  readonly httpResponse: AuthorizerSettings['httpResponse'];
}

/** Creates the authorizers of APIs, each in the stack of its API. */
export class Authorizers {
  readonly #options: AuthorizersOptions;
  readonly #http: IHttpRouteAuthorizer;
  readonly #webSocket: IWebSocketRouteAuthorizer;
  #restCount = 0;

  constructor(options: AuthorizersOptions) {
    this.#options = options;
    const httpAuthorizers = new Map<unknown, HttpLambdaAuthorizer>();
    this.#http = {
      bind: (route) => getOrCreate(httpAuthorizers, route.route.httpApi, () => httpAuthorizer(options)).bind(route),
    };
    const webSocketAuthorizers = new Map<unknown, WebSocketLambdaAuthorizer>();
    this.#webSocket = {
      bind: (route) =>
        getOrCreate(webSocketAuthorizers, route.route.webSocketApi, () => webSocketAuthorizer(options)).bind(route),
    };
  }

  rest(): IAuthorizer {
    this.#restCount += 1;
    return new RestAuthorizer(this.#options.keys, `RestAuthorizer${String(this.#restCount)}`, this.#options);
  }

  http(): IHttpRouteAuthorizer {
    return this.#http;
  }

  webSocket(): IWebSocketRouteAuthorizer {
    return this.#webSocket;
  }
}

function httpAuthorizer({ keys, handler, caching, httpResponse }: AuthorizersOptions): HttpLambdaAuthorizer {
  const simple = httpResponse === 'simple';
  const { identitySources, ttl } = httpAuthorizerCaching(caching);
  // A simple response allows one request, so it must be cached for that request only. `$context.routeKey` is not enough:
  // all requests of a route such as `ANY /{proxy+}` share it.
  const perRequest = simple && ttl.toSeconds() > 0 ? ['$context.httpMethod', '$context.path'] : [];
  return new HttpLambdaAuthorizer(idFor(keys), handler, {
    identitySource: [...identitySources.map(httpIdentitySource), ...perRequest],
    resultsCacheTtl: ttl,
    responseTypes: [simple ? HttpLambdaResponseType.SIMPLE : HttpLambdaResponseType.IAM],
  });
}

/**
 * The identity source is the source IP address. A WebSocket API caches nothing and rejects a connection that lacks an
 * identity source, possibly also one that writes the name of a header in another case. The function itself finds the key.
 */
function webSocketAuthorizer({ keys, handler }: AuthorizersOptions): WebSocketLambdaAuthorizer {
  return new WebSocketLambdaAuthorizer(idFor(keys), handler, {
    identitySource: [SOURCE_IP],
  });
}

/** The construct ID of the authorizer in the scope of an API, where there can be authorizers of several keys. */
function idFor(keys: Construct): string {
  return `${Names.nodeUniqueId(keys.node)}Authorizer`;
}

function getOrCreate<Key, Value>(map: Map<Key, Value>, key: Key, create: () => Value): Value {
  const value = map.get(key) ?? create();
  map.set(key, value);
  return value;
}
