import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { createPublisher, type Publish } from '../../functions/events/publisher.ts';
import { eventSchema } from '../../functions/events/schemas.ts';
import { FakeEventBus } from './fake-event-bus.ts';

/** A bus that takes events over HTTP, and a publisher that puts them there by the AWS SDK. */
export async function publishing(): Promise<{ bus: FakeEventBus; publish: Publish }> {
  const bus = new FakeEventBus();
  const client = new EventBridgeClient({
    endpoint: await bus.start(),
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    // Trouble is dealt out by call: the SDK's own attempts are calls too.
    maxAttempts: 1,
  });
  return { bus, publish: createPublisher(client, 'a-bus') };
}

const ajv = new Ajv2020({ allowUnionTypes: true });
formats.default(ajv);
const validate = ajv.compile(eventSchema());

/** What the published schema has against the events of a bus. */
export function schemaFaults(bus: FakeEventBus): unknown[] {
  return bus.taken.flatMap(({ Source, DetailType, Detail }) => {
    const detail: unknown = JSON.parse(Detail);
    const event = { source: Source, 'detail-type': DetailType, detail };
    return validate(event) ? [] : (validate.errors ?? []);
  });
}
