import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { SQSClient } from '@aws-sdk/client-sqs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { createPublisher, type Publish } from '../../../src/events/publisher.ts';
import { eventSchema } from '../../../src/events/schemas.ts';
import { setAsideIn, type SetAside } from '../../../src/events/set-aside.ts';
import { FakeEventBus } from '../../support/events/fake-event-bus.ts';
import { FakeQueue } from './fake-queue.ts';

/** Starts a fake event bus and a fake queue, and returns them with a publisher that calls them with the AWS SDK. */
export async function publishing(): Promise<{
  bus: FakeEventBus;
  queue: FakeQueue;
  publish: Publish;
  setAside: SetAside;
}> {
  const [bus, queue] = [new FakeEventBus(), new FakeQueue()];
  const [endpoint, queueUrl] = [await bus.start(), await queue.start()];
  const settings = {
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    // The fake bus injects faults by call, and retries of the SDK would count as calls.
    maxAttempts: 1,
  };
  const setAside = setAsideIn(
    new SQSClient({ ...settings, endpoint: queueUrl }),
    `${queueUrl}/123456789012/unpublished`,
  );
  const client = new EventBridgeClient({ ...settings, endpoint });
  return { bus, queue, publish: createPublisher(client, 'a-bus', setAside), setAside };
}

const ajv = new Ajv2020({ allowUnionTypes: true });
formats.default(ajv);
const validate = ajv.compile(eventSchema());

/** Returns the errors of the published schema for the events of a bus. */
export function schemaFaults(bus: FakeEventBus): unknown[] {
  return bus.taken.flatMap(({ Source, DetailType, Detail }) => {
    const detail: unknown = JSON.parse(Detail);
    const event = { source: Source, 'detail-type': DetailType, detail };
    return validate(event) ? [] : (validate.errors ?? []);
  });
}
