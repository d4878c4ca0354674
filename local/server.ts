import { mkdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { distinct, placeOf, SOURCE_IP, type IdentitySource } from '../src/gateway/identity-source.ts';
import {
  DEFAULT_AUTHORIZER_SETTINGS,
  DEFAULT_MANAGEMENT_SETTINGS,
  type AuthorizerSettings,
  type ManagementSettings,
} from '../src/gateway/settings.ts';
import { CREDENTIALS, LOCAL_PLANS, REGION } from './account.ts';
import { createLimitsTable, createTable, createUsageTable } from './create-table.ts';
import { startDynamoDbLocal, type DynamoDbLocal } from './dynamodb-local.ts';
import { AccessLog } from './gateway/access-log.ts';
import { adminApi } from './gateway/admin-api.ts';
import { withCors, type HttpCors, type RestCors } from './gateway/cors.ts';
import { documentApi } from './gateway/document-api.ts';
import { flushApi } from './gateway/flush-api.ts';
import { infoApi } from './gateway/info-api.ts';
import { json, serve, type RequestHandler } from './gateway/http.ts';
import { invokeApi } from './gateway/invoke-api.ts';
import { RequestAuthorizer } from './gateway/request-authorizer.ts';
import { sampleApi } from './gateway/sample-api.ts';
import type { Log } from './lambda/environment.ts';
import { LocalFunctions } from './lambda/functions.ts';
import type { LocalFunction } from './lambda/local-function.ts';
import { SetupError } from './setup-error.ts';

export interface LocalOptions {
  /** The port of the sample API; 0 for any free port. @default 8787 */
  readonly port?: number;
  /** The port of the admin API; 0 for any free port. @default 8788 */
  readonly adminPort?: number;
  /** The endpoint of a running DynamoDB. @default DynamoDB Local is started, and stopped with the server */
  readonly dynamodbEndpoint?: string | undefined;
  /** The folder of the database, so that keys are kept. Created if it doesn't exist. @default the database is in memory */
  readonly dataFolder?: string | undefined;
  /** @default 'latchkey-local' */
  readonly table?: string;
  /** The TTL of the authorizer cache in seconds; 0 for no caching. @default 5 */
  readonly cacheTtlSeconds?: number;
  /** Settings of the authorizer that differ from the defaults. @default none */
  readonly authorizer?: Partial<AuthorizerSettings>;
  /** The JSON Schema of the keys' metadata, as in the construct. @default any metadata */
  readonly attributes?: ManagementSettings['attributes'];
  /** Whether the authorizer also enforces limits. @default false */
  readonly limitInAuthorizer?: boolean;
  /**
   * How long after a revocation the authorizer cache is flushed for the last time, in milliseconds. With less than the default,
   * tests are faster, but a request in flight can be cached after the last flush.
   *
   * @default as in a deployment, 8 seconds
   */
  readonly flushSettleMs?: number;
  /** CORS of the sample API. @default none: a browser hides its responses from pages of other origins */
  readonly cors?: RestCors | HttpCors;
  /** The function behind the sample API. @default one that returns the caller */
  readonly backend?: Pick<LocalFunction, 'invoke'>;
  /** Receives the logs of the functions. @default logs are discarded */
  readonly log?: Log;
}

export interface Local {
  /** The sample API, behind the authorizer. */
  readonly apiUrl: string;
  /**
   * The admin API with IAM authorization, its OpenAPI document at `/openapi.json`, Lambda's Invoke API, and API Gateway's
   * `FlushStageAuthorizersCache`.
   */
  readonly adminUrl: string;
  readonly table: string;
  readonly dynamodbEndpoint: string;
  /** Returns a function, to invoke it directly. */
  function(name: string): LocalFunction;
  /** Stops everything. */
  stop(): Promise<void>;
}

/**
 * Runs the built functions behind a simulation of API Gateway, with DynamoDB Local.
 *
 * @throws {SetupError} if a port is in use, Java is not installed, or the functions are not built
 * @example
 * const local = await startLocal({ port: 0, adminPort: 0 });
 * await fetch(`${local.apiUrl}/orders`, { headers: { 'x-api-key': key } });
 * await local.stop();
 */
export async function startLocal(options: LocalOptions = {}): Promise<Local> {
  const {
    port = 8787,
    adminPort = 8788,
    table = 'latchkey-local',
    cacheTtlSeconds = 5,
    log = () => undefined,
  } = options;
  const started: { stop(): Promise<void> }[] = [];
  const keep = <Part extends { stop(): Promise<void> }>(part: Part): Part => {
    started.unshift(part);
    return part;
  };
  const stop = async () => {
    for (const part of started) await part.stop();
  };
  try {
    const dynamodbEndpoint = options.dynamodbEndpoint ?? keep(await startDatabase(options.dataFolder)).endpoint;
    const limitsTable = `${table}-limits`;
    const usageTable = `${table}-usage`;
    await createLocalTables(dynamodbEndpoint, { table, limitsTable, usageTable });
    const authorizerSettings = { ...DEFAULT_AUTHORIZER_SETTINGS, plans: LOCAL_PLANS, ...options.authorizer };
    // The functions call the API Gateway service on this server, so it starts before them.
    let handler: RequestHandler = () => Promise.resolve(json(503, { message: 'Starting' }));
    const admin = keep(await serve((request) => handler(request), { port: adminPort, flag: '--admin-port' }));
    const functions = keep(
      new LocalFunctions({
        tableName: table,
        limitsTableName: limitsTable,
        usageTableName: usageTable,
        dynamodbEndpoint,
        apiGatewayEndpoint: admin.url,
        flushSettleMs: options.flushSettleMs,
        authorizerSettings,
        managementSettings: {
          ...DEFAULT_MANAGEMENT_SETTINGS,
          label: authorizerSettings.label,
          importedFormats: authorizerSettings.importedFormats,
          plans: authorizerSettings.plans,
          ownerSuspension: authorizerSettings.ownerSuspension,
          unscopedKeys: authorizerSettings.unscopedKeys,
          attributes: options.attributes,
          restrictions: authorizerSettings.restrictions,
        },
        log,
      }),
    );
    const accessLog = keep(new AccessLog(functions.get('aggregate-usage'), log));
    const authorizer = new RequestAuthorizer({
      authorizer: functions.get(options.limitInAuthorizer === true ? 'limiting-authorizer' : 'authorizer'),
      identitySources: identitySources(authorizerSettings),
      cacheTtlSeconds,
    });
    const documented = await documentApi(admin.url, adminApi(functions));
    handler = invokeApi(
      functions,
      flushApi(authorizer, infoApi({ dynamodbEndpoint, table, cacheTtlSeconds }, documented)),
    );
    const sampleHandler = sampleApi(authorizer, options.backend ?? functions.get('echo'), accessLog);
    const sample = keep(
      await serve(options.cors === undefined ? sampleHandler : withCors(options.cors, sampleHandler), {
        port,
        flag: '--port',
      }),
    );
    return {
      apiUrl: sample.url,
      adminUrl: admin.url,
      table,
      dynamodbEndpoint,
      function: (name) => functions.get(name),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startDatabase(dataFolder: string | undefined): Promise<DynamoDbLocal> {
  if (dataFolder === undefined) return startDynamoDbLocal();
  const folder = resolve(dataFolder);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  return startDynamoDbLocal({ folder });
}

/**
 * The identity sources of the construct. There are no sources if a key can be in several places, or if the result depends on an
 * optional header.
 */
function identitySources({ keySources, restrictions }: AuthorizerSettings): readonly IdentitySource[] {
  const places = distinct(keySources.map(placeOf));
  if (places.length !== 1 || restrictions.includes('origin')) return [];
  return restrictions.includes('sourceIp') ? [...places, SOURCE_IP] : places;
}

async function createLocalTables(
  endpoint: string,
  tables: { table: string; limitsTable: string; usageTable: string },
): Promise<void> {
  const client = new DynamoDBClient({ endpoint, region: REGION, credentials: CREDENTIALS });
  try {
    await createTable(client, tables.table);
    await createLimitsTable(client, tables.limitsTable);
    await createUsageTable(client, tables.usageTable);
  } catch (error) {
    throw new SetupError(
      `The tables can't be created at ${endpoint}: ${String(error)}. Check that DynamoDB is running there, or unset DYNAMODB_ENDPOINT.`,
    );
  } finally {
    client.destroy();
  }
}
