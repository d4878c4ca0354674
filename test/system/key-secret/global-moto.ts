import type { TestProject } from 'vitest/node';
import { startMoto } from './moto.ts';

/** Starts moto as the DynamoDB of the tests, instead of DynamoDB Local. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const moto = await startMoto({ oneAtATime: true });
  project.provide('dynamodbEndpoint', moto.endpoint);
  return () => moto.stop();
}
