import { InvokeCommand, LambdaClient, type LambdaClientConfig } from '@aws-sdk/client-lambda';
import type { OperationName } from '../../../src/management/operations.ts';
import { expectDocumented } from '../../support/openapi/documented.ts';
import { send, sendSigned, type Endpoint, type Reply, type Request, type Signer } from './http.ts';

/** A running deployment with the sample API: the local server, an emulated account, or AWS. */
export interface Place {
  /** The sample API, behind the authorizer. */
  readonly sample: Endpoint;
  /** The admin API, behind IAM. */
  readonly admin: Endpoint;
  readonly functionNames: Readonly<Partial<Record<OperationName, string>>>;
  /** Endpoint, Region and credentials, for Lambda’s API and the signed admin API. */
  readonly aws: LambdaClientConfig & Signer;
  /** How long API Gateway caches authorizer results. Must be above 0, because the suite tests the cache. */
  readonly cacheTtlSeconds: number;
}

/** Calls the APIs and functions of one deployment. */
export class Visitor {
  readonly #place: Place;
  readonly #lambda: LambdaClient;

  constructor(place: Place) {
    this.#place = place;
    this.#lambda = new LambdaClient(place.aws);
  }

  /** Calls the sample API with or without a key. */
  call(route: string, key?: string): Promise<Reply> {
    const [method = '', path = ''] = route.split(' ');
    return send(this.#place.sample, { method, path, headers: key === undefined ? {} : { 'x-api-key': key } });
  }

  /**
   * Calls the admin API with a signed request. The body is sent as JSON. Expects the OpenAPI document to describe the
   * answer.
   */
  async admin(route: string, body?: object): Promise<Reply> {
    const request = adminRequest(route, body);
    return documented(request, body, await sendSigned(this.#place.admin, request, this.#place.aws));
  }

  async adminUnsigned(route: string, body?: object): Promise<Reply> {
    const request = adminRequest(route, body);
    return documented(request, body, await send(this.#place.admin, request));
  }

  /** Invokes a management function through Lambda's API. */
  async invoke<Output>(operation: OperationName, input: object): Promise<Output> {
    const { FunctionError, Payload } = await this.#lambda.send(
      new InvokeCommand({ FunctionName: this.#place.functionNames[operation], Payload: JSON.stringify(input) }),
    );
    const text = Buffer.from(Payload ?? []).toString();
    if (FunctionError !== undefined) throw new Error(`${operation} failed: ${text}`);
    return JSON.parse(text) as Output;
  }

  close(): void {
    this.#lambda.destroy();
  }
}

function documented({ method, path }: Request, input: object | undefined, reply: Reply): Reply {
  expectDocumented({ method, path, input, status: reply.status, body: reply.body });
  return reply;
}

function adminRequest(route: string, body?: object): Request {
  const [method = '', path = ''] = route.split(' ');
  return {
    method,
    path,
    headers: { 'content-type': 'application/json' },
    body: body === undefined ? undefined : JSON.stringify(body),
  };
}
