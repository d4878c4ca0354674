import { expect, it, onTestFinished, vi } from 'vitest';
import type { KeyEvent } from '../../../src/gateway/key-events.ts';
import { EVENT_BUS_VARIABLE, UNPUBLISHED_QUEUE_VARIABLE } from '../../../src/gateway/settings.ts';
import { publisherFromEnvironment } from '../../../src/events/from-environment.ts';
import { FakeEventBus } from '../../support/events/fake-event-bus.ts';

const EVENT: KeyEvent = {
  type: 'API Key Created',
  detail: {
    metadata: { version: '1', eventId: 'an-event', occurredAt: '2027-01-01T00:00:00.000Z' },
    data: {
      key: {
        ...{ keyId: 'abcdefghijkl', label: 'lk', name: 'a key', scopes: [], metadata: {} },
        createdAt: '2027-01-01T00:00:00.000Z',
      },
    },
  },
};

it('retries a request to EventBridge whose response trickles in and never completes', async () => {
  const bus = new FakeEventBus();
  vi.stubEnv('AWS_ENDPOINT_URL', await bus.start());
  vi.stubEnv('AWS_REGION', 'us-east-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'test');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
  onTestFinished(async () => {
    vi.unstubAllEnvs();
    await bus.stop();
  });
  bus.trouble = (call) => (call === 0 ? 'drips' : undefined);
  const { publish } = publisherFromEnvironment({
    [EVENT_BUS_VARIABLE]: 'a-bus',
    [UNPUBLISHED_QUEUE_VARIABLE]: 'https://sqs.us-east-1.amazonaws.com/123456789012/unpublished',
  });
  await publish([EVENT]);
  expect(bus.distinct).toEqual([EVENT]);
});
