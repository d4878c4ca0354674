import type { CloudFormationCustomResourceEvent } from 'aws-lambda';
import { logger } from '../logging/logger.ts';
import type { KeyResourceProperties, KeyResourceRequest } from './key-resource.ts';

/** CloudFormation truncates longer reasons. */
const MAX_REASON_CHARACTERS = 1000;

/**
 * Returns a Lambda handler for a CloudFormation custom resource. It also reports failures to CloudFormation, so that the
 * deployment does not wait for a timeout. The response has no data.
 *
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-responses.html
 *
 * @param physicalId the ID of the resource. It never changes, so CloudFormation never replaces the resource
 */
export function customResourceHandler(physicalId: string, handle: (request: KeyResourceRequest) => Promise<void>) {
  return async (event: CloudFormationCustomResourceEvent): Promise<void> => {
    const { RequestType, RequestId, StackId, LogicalResourceId, ResponseURL } = event;
    let failure: unknown;
    try {
      await handle(requestOf(event));
      logger.info('resource handled', { type: RequestType });
    } catch (error) {
      logger.error('resource failed', { type: RequestType, error: error as Error });
      failure = error;
    }
    const response = await fetch(ResponseURL, {
      method: 'PUT',
      body: JSON.stringify({
        Status: failure === undefined ? 'SUCCESS' : 'FAILED',
        ...(failure === undefined ? {} : { Reason: reasonOf(failure) }),
        PhysicalResourceId: physicalId,
        StackId,
        RequestId,
        LogicalResourceId,
      }),
    });
    // Lambda then retries the invocation, which is safe because each request can be repeated.
    if (!response.ok) throw new Error(`CloudFormation rejected the result with status ${String(response.status)}`);
  };
}

function requestOf(event: CloudFormationCustomResourceEvent): KeyResourceRequest {
  const requestId = event.RequestId;
  switch (event.RequestType) {
    case 'Create':
      return { type: 'Create', requestId, properties: propertiesOf(event.ResourceProperties) };
    case 'Update':
      return {
        type: 'Update',
        requestId,
        properties: propertiesOf(event.ResourceProperties),
        old: propertiesOf(event.OldResourceProperties),
      };
    case 'Delete':
      return { type: 'Delete', requestId };
  }
}

/** @throws {TypeError} if a property is missing, naming it */
function propertiesOf(properties: Readonly<Record<string, unknown>>): KeyResourceProperties {
  const { Fields, Generation } = properties;
  if (typeof Fields !== 'string') throw new TypeError('The property Fields is missing.');
  if (typeof Generation !== 'string') throw new TypeError('The property Generation is missing.');
  return { Fields, Generation };
}

function reasonOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).slice(0, MAX_REASON_CHARACTERS);
}
