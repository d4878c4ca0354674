import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export interface Metered {
  /** For example `GetItem`. */
  readonly operation: string;
  /** The consumed capacity that DynamoDB reports. */
  readonly capacityUnits: number;
}

/** A proxy for DynamoDB Local that records every request and its consumed capacity. */
export async function meteringProxy(target: string): Promise<{ endpoint: string; metered: Metered[]; stop(): void }> {
  const metered: Metered[] = [];
  const server = createServer((request, response) => {
    void (async () => {
      const operation = String(request.headers['x-amz-target']).split('.')[1] ?? '';
      const input = JSON.parse(await text(request)) as object;
      const headers = Object.entries(request.headers).filter(
        ([name]) => !/^(host|content-length|connection)$/.test(name),
      );
      const answer = await fetch(target, {
        method: 'POST',
        headers: headers as [string, string][],
        body: JSON.stringify({ ...input, ReturnConsumedCapacity: 'TOTAL' }),
      });
      const body = await answer.text();
      const { ConsumedCapacity } = JSON.parse(body) as { ConsumedCapacity?: { CapacityUnits: number } };
      metered.push({ operation, capacityUnits: ConsumedCapacity?.CapacityUnits ?? NaN });
      response.writeHead(answer.status).end(body);
    })();
  });
  await new Promise((resolve) =>
    server.listen(0, '127.0.0.1', () => {
      resolve(undefined);
    }),
  );
  const endpoint = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  const stop = () => {
    server.closeAllConnections();
    server.close();
  };
  return { endpoint, metered, stop };
}
