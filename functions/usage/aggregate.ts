import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { CloudWatchLogsDecodedData, CloudWatchLogsEvent } from 'aws-lambda';
import { parseAccess } from '../domain/access-log.ts';
import { dayOf, sum, usageOf, type RouteUsage } from '../domain/usage.ts';
import { MAX_ROUTES_PER_BATCH, type UsageStore } from '../store/usage-store.ts';

/** One request of a batch, and the id that CloudWatch Logs gave its line. */
interface Counted {
  readonly lineId: string;
  readonly usage: RouteUsage;
}

/**
 * Counts a batch of access log lines. A batch delivered again counts nothing, and one that failed halfway is
 * finished: each key's part of it is added up in one transaction that leaves a mark.
 *
 * @throws whatever kept a part from being counted, so that Lambda delivers the batch again
 */
export async function aggregate(
  event: CloudWatchLogsEvent,
  { usage, now = Date.now }: { readonly usage: Pick<UsageStore, 'add'>; readonly now?: () => number },
): Promise<void> {
  for (const [keyId, lines] of Object.entries(byKey(await linesOf(event)))) {
    const rows = [...byRoute(lines)];
    for (let start = 0; start < rows.length; start += MAX_ROUTES_PER_BATCH) {
      const part = rows.slice(start, start + MAX_ROUTES_PER_BATCH);
      const batchId = idOf(part.flatMap(({ lineIds }) => lineIds));
      await usage.add(
        keyId,
        batchId,
        part.map((row) => row.usage),
        now(),
      );
    }
  }
}

async function linesOf(event: CloudWatchLogsEvent): Promise<CloudWatchLogsDecodedData['logEvents']> {
  const text = await promisify(gunzip)(Buffer.from(event.awslogs.data, 'base64'));
  const { messageType, logEvents } = JSON.parse(text.toString()) as CloudWatchLogsDecodedData;
  // CloudWatch Logs asks now and then whether anybody is there.
  return messageType === 'DATA_MESSAGE' ? logEvents : [];
}

function byKey(lines: CloudWatchLogsDecodedData['logEvents']): Record<string, Counted[]> {
  const counted = [...new Map(lines.map((line) => [line.id, line])).values()].flatMap(({ id, message }) => {
    const access = parseAccess(message);
    if (access === undefined) return [];
    const usage = { ...usageOf(access), day: dayOf(access.time), route: access.route };
    return [{ keyId: access.keyId, lineId: id, usage }];
  });
  return Object.groupBy(counted, ({ keyId }) => keyId) as Record<string, Counted[]>;
}

function byRoute(lines: readonly Counted[]): Iterable<{ usage: RouteUsage; lineIds: string[] }> {
  const rows = new Map<string, { usage: RouteUsage; lineIds: string[] }>();
  for (const { lineId, usage } of lines) {
    const place = `${usage.day} ${usage.route}`;
    const row = rows.get(place);
    if (row === undefined) rows.set(place, { usage, lineIds: [lineId] });
    else {
      row.usage = { ...row.usage, ...sum(row.usage, usage) };
      row.lineIds.push(lineId);
    }
  }
  return rows.values();
}

/** The same lines have the same id, in whatever order they come. */
function idOf(lineIds: readonly string[]): string {
  return createHash('sha256').update(lineIds.toSorted().join('\n')).digest('base64url');
}
