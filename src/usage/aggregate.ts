import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { CloudWatchLogsDecodedData, CloudWatchLogsEvent } from 'aws-lambda';
import { parseAccess } from '../gateway/access-log.ts';
import { lineOf, type CountedLine } from '../gateway/usage.ts';
import { itemsOf, MAX_ITEMS, type UsageStore } from './usage-store.ts';
import { partsByLane } from './parts.ts';
import type { UnreadableLines } from './report.ts';

/** How many transactions run at a time. */
const LANES = 4;

export interface AggregateOptions {
  readonly usage: Pick<UsageStore, 'add'>;
  /** Called once for a batch that has unreadable lines, even if counting the others fails. */
  readonly reportUnreadable: (lines: UnreadableLines) => void;
  /** @default Date.now */
  readonly now?: () => number;
}

/**
 * Counts a batch of access log lines. Each line is counted exactly once, even if it is delivered again in another batch or
 * order. Unreadable lines are reported and skipped. If a part can't be counted, the others still are, and a retry writes
 * only what is missing.
 *
 * @throws {AggregateError} if a part couldn't be counted, so that Lambda retries the batch
 */
export async function aggregate(
  event: CloudWatchLogsEvent,
  { usage, reportUnreadable, now = Date.now }: AggregateOptions,
): Promise<void> {
  const { messageType, logGroup, logStream, logEvents } = await decode(event);
  // CloudWatch Logs also sends control messages, which only check that the function is reachable.
  if (messageType !== 'DATA_MESSAGE') return;
  const lines: CountedLine[] = [];
  const unreadable: string[] = [];
  for (const { id, message } of logEvents) {
    const access = parseAccess(message);
    if (access === 'unreadable') unreadable.push(id);
    else if (access !== 'no key') lines.push(lineOf(id, access));
  }
  if (unreadable.length > 0) reportUnreadable({ logGroup, logStream, ids: unreadable });

  const failures: unknown[] = [];
  const countLane = async (parts: readonly CountedLine[][]) => {
    for (const part of parts) {
      await usage.add(part, now()).catch((error: unknown) => failures.push(error));
    }
  };
  await Promise.all(partsByLane(lines, { itemsOf, maxItems: MAX_ITEMS, lanes: LANES }).map(countLane));
  if (failures.length > 0)
    throw new AggregateError(
      failures,
      `${String(failures.length)} parts of the batch were not counted: ${String(failures[0])}`,
    );
}

async function decode(event: CloudWatchLogsEvent): Promise<CloudWatchLogsDecodedData> {
  const text = await promisify(gunzip)(Buffer.from(event.awslogs.data, 'base64'));
  return JSON.parse(text.toString()) as CloudWatchLogsDecodedData;
}
