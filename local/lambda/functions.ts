import { existsSync } from 'node:fs';
import { stagesToEnvironment } from '../../src/gateway/api-stage.ts';
import { SETTLE_MS, settleTimeToEnvironment } from '../../src/gateway/settle-time.ts';
import { toEnvironment, type AuthorizerSettings, type ManagementSettings } from '../../src/gateway/settings.ts';
import { definitionOf, OPERATION_NAMES } from '../../src/management/operations.ts';
import { LIMITS_TABLE_VARIABLE } from '../../src/rate-limit/limits-table.ts';
import { USAGE_TABLE_VARIABLE } from '../../src/usage/usage-table.ts';
import { CREDENTIALS, REGION, SAMPLE_STAGE } from '../account.ts';
import { SetupError } from '../setup-error.ts';
import type { Log } from './environment.ts';
import { LocalFunction } from './local-function.ts';

export interface FunctionsOptions {
  readonly tableName: string;
  readonly limitsTableName: string;
  readonly usageTableName: string;
  readonly dynamodbEndpoint: string;
  /** The endpoint of the API Gateway service, for the functions that flush its caches. */
  readonly apiGatewayEndpoint: string;
  /** In milliseconds. @default as in a deployment, 8 seconds */
  readonly flushSettleMs?: number | undefined;
  readonly authorizerSettings: AuthorizerSettings;
  readonly managementSettings: ManagementSettings;
  readonly log: Log;
}

/** The same as in a deployment, except that the deployed usage aggregator has a longer timeout. */
const MANAGEMENT_TIMEOUT_MS = 29_000;

/** In a deployment, functions that handle a request have 5 seconds. This machine can be busy with other things. */
const REQUEST_TIMEOUT_MS = 10_000;

/** Every function of the project by its name, with the same environment variables as in a deployment. */
export class LocalFunctions {
  readonly #functions: ReadonlyMap<string, LocalFunction>;

  /** @throws {SetupError} if a function has not been built */
  constructor({
    tableName,
    limitsTableName,
    usageTableName,
    authorizerSettings,
    managementSettings,
    flushSettleMs = SETTLE_MS,
    log,
    ...options
  }: FunctionsOptions) {
    const limits = { [LIMITS_TABLE_VARIABLE]: limitsTableName };
    const usage = { [USAGE_TABLE_VARIABLE]: usageTableName };
    const management = {
      ...toEnvironment(tableName, managementSettings),
      ...stagesToEnvironment([SAMPLE_STAGE]),
      ...settleTimeToEnvironment(flushSettleMs),
    };
    const onRequests = new Map<string, Record<string, string>>([
      ['authorizer', toEnvironment(tableName, authorizerSettings)],
      ['limiting-authorizer', { ...toEnvironment(tableName, authorizerSettings), ...limits }],
      ['echo', limits],
    ]);
    const others = new Map<string, Record<string, string>>([
      ['aggregate-usage', usage],
      ...OPERATION_NAMES.map(definitionOf).map(
        ({ entry, requires }) => [entry, { ...management, ...(requires === 'usage' ? usage : {}) }] as const,
      ),
    ]);
    const all = (settings: ReadonlyMap<string, Record<string, string>>, timeoutMs: number) =>
      [...settings].map(([name, variables]) => {
        const known = { name, bundle: bundleOf(name), timeoutMs };
        return [
          name,
          new LocalFunction({ ...known, variables: { ...runtime(name, options), ...variables } }, log),
        ] as const;
      });
    this.#functions = new Map([...all(onRequests, REQUEST_TIMEOUT_MS), ...all(others, MANAGEMENT_TIMEOUT_MS)]);
  }

  find(name: string): LocalFunction | undefined {
    return this.#functions.get(name);
  }

  /** @throws {Error} if no function has this name, which is a bug */
  get(name: string): LocalFunction {
    const found = this.find(name);
    if (found === undefined) throw new Error(`no function is named ${name}`);
    return found;
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#functions.values()].map((one) => one.stop()));
  }
}

function bundleOf(name: string): string {
  const bundle = new URL(`../../dist/functions/${name}/index.mjs`, import.meta.url);
  if (!existsSync(bundle)) throw new SetupError(`The function ${name} is not built. Run "npm run build".`);
  return bundle.href;
}

/** Returns the environment variables that Lambda sets. */
function runtime(
  name: string,
  { dynamodbEndpoint, apiGatewayEndpoint }: Pick<FunctionsOptions, 'dynamodbEndpoint' | 'apiGatewayEndpoint'>,
): Record<string, string> {
  return {
    AWS_REGION: REGION,
    AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
    AWS_ENDPOINT_URL_DYNAMODB: dynamodbEndpoint,
    AWS_ENDPOINT_URL_API_GATEWAY: apiGatewayEndpoint,
    AWS_LAMBDA_FUNCTION_NAME: name,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '256',
    TZ: ':UTC',
  };
}
