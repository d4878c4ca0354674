import { beforeAll, describe } from 'vitest';
import { kindAcceptance, type KindPlace } from '../acceptance/kinds.ts';
import { outputsOf, placeOfStack, type Outputs } from '../acceptance/stack.ts';
import { acceptance } from '../acceptance/suite.ts';
import { accountIn } from './account.ts';
import { places } from './places.ts';

/** Runs in `npm run test:aws`, which deploys the stack and sets these variables. */
const { LATCHKEY_TEST_STACK: stackName, AWS_REGION: region } = process.env;
if (stackName === undefined || region === undefined)
  throw new Error('LATCHKEY_TEST_STACK and AWS_REGION are not set. Use npm run test:aws.');

const account = accountIn(region);
let outputs: Outputs;
let all: ReturnType<typeof places>;
beforeAll(async () => {
  outputs = await outputsOf(stackName, account.aws);
  all = places(account, outputs);
});
const place = (name: keyof ReturnType<typeof places>) => (): KindPlace => all[name];

describe('management and the sample REST API', () => {
  acceptance(() => placeOfStack(outputs, account));
});
describe('REST API', () => {
  kindAcceptance('rest', place('rest'));
});
describe('HTTP API with payload 1.0 and IAM policies', () => {
  kindAcceptance('http', place('httpIam'));
});
describe('HTTP API with payload 2.0 and simple responses', () => {
  kindAcceptance('http', place('httpSimple'));
});
describe('WebSocket API', () => {
  // MiniStack returns 500 if an authorizer of a WebSocket API fails.
  kindAcceptance('websocket', place('webSocket'), account.isEmulated ? { unauthorized: 500 } : {});
});
