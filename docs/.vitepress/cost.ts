/**
 * List prices of us-east-1 in US dollars, without free tiers, as of November 2026.
 *
 * https://aws.amazon.com/lambda/pricing/, https://aws.amazon.com/dynamodb/pricing/on-demand/,
 * https://aws.amazon.com/cloudwatch/pricing/
 */
const PRICES = {
  lambdaRequest: 0.2 / 1e6,
  /** Per GB-second, on arm64. */
  lambdaTime: 0.0000133334,
  readUnit: 0.125 / 1e6,
  logGigabyte: 0.5,
  /** A request to the API itself. */
  api: { rest: 3.5 / 1e6, http: 1 / 1e6 },
} as const;

/** Bytes that the authorizer logs for a decision, and about those of Lambda's START, END and REPORT lines. */
const LOG_BYTES = 526 + 300;

/** Waiting for DynamoDB, and CPU time on a whole vCPU, in milliseconds: assumptions, see docs/performance.md. */
const WAIT_MS = 4;
const CPU_MS = 1;
/** The memory that comes with one vCPU, in MB. */
const MEMORY_OF_ONE_CPU = 1769;

/** How an API is used. */
export interface Usage {
  /** Requests per month. */
  readonly requests: number;
  /** The share of requests that API Gateway authorizes from its cache, from 0 to 1. */
  readonly hitRate: number;
  /** The memory of the authorizer, in MB. */
  readonly memory: number;
}

/** The cost of authorizing requests, in US dollars per month. */
export interface Cost {
  readonly decisions: number;
  readonly lambdaRequests: number;
  readonly lambdaTime: number;
  readonly reads: number;
  readonly logs: number;
  readonly total: number;
}

/** Returns the billed time of one decision, in milliseconds. */
export function decisionTime(memory: number): number {
  return Math.ceil(WAIT_MS + CPU_MS / Math.min(1, memory / MEMORY_OF_ONE_CPU));
}

/** Returns what authorizing these requests costs. Each decision is one Lambda request and half a read unit. */
export function costOf({ requests, hitRate, memory }: Usage): Cost {
  const decisions = requests * (1 - hitRate);
  const lambdaRequests = decisions * PRICES.lambdaRequest;
  const lambdaTime = ((decisions * memory) / 1024) * (decisionTime(memory) / 1000) * PRICES.lambdaTime;
  const reads = decisions * 0.5 * PRICES.readUnit;
  const logs = ((decisions * LOG_BYTES) / 1e9) * PRICES.logGigabyte;
  return { decisions, lambdaRequests, lambdaTime, reads, logs, total: lambdaRequests + lambdaTime + reads + logs };
}

/** Returns what API Gateway charges for the requests themselves, with or without Latchkey. */
export const apiCost = (requests: number, api: 'rest' | 'http') => requests * PRICES.api[api];
