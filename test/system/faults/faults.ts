import { setTimeout as delay } from 'node:timers/promises';
import { drip } from '../../support/drip.ts';
import { answer, refuse, type Behaviour } from '../../support/storage/fast-reader/fake-dynamodb.ts';

export interface Fault {
  readonly name: string;
  /** How each request is handled. If it is missing, the port is closed. */
  readonly behaviour?: Behaviour;
  /** What the authorizer's log must contain. @default {@link REFUSED} */
  readonly says?: RegExp;
  /** For an owner, this is a valid response: the owner was never suspended. */
  readonly clearsAnOwner?: true;
  /** The SDK accepts this: it doesn't check the checksum, and any response with status 200 confirms a write. */
  readonly fools?: 'the SDK';
}

/** This is an ordinary rejection with a reason. */
export const REFUSED = /"result":"(?:unknown|corrupt|mismatch)"/;

const ITEM = JSON.stringify({ Item: { prefix: { S: 'abcdefghijkl' } } });
const raw =
  (text: string): Behaviour =>
  (_response, socket) =>
    socket.end(text);
const noAnswer = /no response from DynamoDB/;

/** A complete record of another key. */
const ANOTHER = answer({
  Item: {
    ...{ prefix: { S: 'abcdefghijkl' }, label: { S: 'lk_test' }, digest: { S: `sha256$${'B'.repeat(43)}` } },
    ...{ name: { S: 'another' }, scopes: { L: [] }, metadata: { M: {} }, createdAt: { N: '1' }, version: { N: '1' } },
  },
});

/** The faults between a function and DynamoDB. */
export const FAULTS: readonly Fault[] = [
  { name: 'the port is closed', says: /ECONNREFUSED/ },
  { name: 'the connection is reset', behaviour: (_response, socket) => socket.resetAndDestroy(), says: noAnswer },
  {
    name: 'the connection is closed without an answer',
    behaviour: (_response, socket) => socket.end(),
    says: noAnswer,
  },
  { name: 'silence', behaviour: () => undefined, says: /not within/ },
  {
    name: 'an answer that comes too late',
    behaviour: (response) => void delay(20_000, undefined, { ref: false }).then(() => response.end(ITEM)),
    says: /not within/,
  },
  {
    name: 'the beginning of an answer, and silence',
    behaviour: (response) => response.writeHead(200, { 'content-length': '1000' }).write('{"Item":'),
    says: /not within/,
  },
  {
    name: 'an answer that comes in drops',
    behaviour: drip,
    says: /not within/,
  },
  {
    name: 'a truncated response',
    behaviour: (response, socket) =>
      response.writeHead(200, { 'content-length': '99' }).write('{"Item"', () => socket.destroy()),
    says: noAnswer,
  },
  {
    name: 'truncated JSON',
    behaviour: (response) => response.writeHead(200).end(ITEM.slice(0, -3)),
    says: /UnexpectedResponse/,
  },
  { name: 'a protocol other than HTTP', behaviour: raw('SSH-2.0-OpenSSH_9.6\r\n'), says: noAnswer },
  {
    name: 'garbage',
    behaviour: (response) => response.writeHead(200).end('\u0000\u00ff<<<'),
    says: /UnexpectedResponse/,
  },
  {
    name: 'an empty response',
    behaviour: (response) => response.writeHead(200).end(),
    fools: 'the SDK',
    says: /UnexpectedResponse/,
  },
  { name: 'JSON that isn’t an object', behaviour: answer([ITEM]), fools: 'the SDK', says: /UnexpectedResponse/ },
  {
    name: 'an item that isn’t an object',
    behaviour: answer({ Item: 'abcdefghijkl' }),
    fools: 'the SDK',
    says: /Unsupported type|unmarshall/i,
  },
  {
    name: 'an item of an unknown type',
    behaviour: answer({ Item: { prefix: { X: 1 } } }),
    fools: 'the SDK',
    says: /Unsupported type|unmarshall/i,
  },
  { name: "another key's item", behaviour: ANOTHER },
  { name: 'an item without its fields', behaviour: (response) => response.writeHead(200).end(ITEM) },
  { name: 'no item', behaviour: answer({}), clearsAnOwner: true },
  {
    name: 'a response with a wrong checksum',
    behaviour: answer({ Item: {} }, { 'x-amz-crc32': '1' }),
    fools: 'the SDK',
    says: /damaged/,
  },
  {
    name: 'an HTML page of a gateway',
    behaviour: (response) => response.writeHead(503).end('<html>later</html>'),
    says: /503/,
  },
  { name: 'a redirect', behaviour: (response) => response.writeHead(301, { location: '/' }).end(), says: /301/ },
  {
    name: 'throttling of the table',
    behaviour: refuse(400, 'ProvisionedThroughputExceededException'),
    says: /ProvisionedThroughput/,
  },
  { name: 'throttling of the account', behaviour: refuse(400, 'ThrottlingException'), says: /Throttling/ },
  {
    name: 'a conflict of transactions',
    behaviour: refuse(400, 'TransactionConflictException'),
    says: /TransactionConflict/,
  },
  { name: 'a fault of the server', behaviour: refuse(500, 'InternalServerError'), says: /InternalServerError/ },
  { name: 'no permission', behaviour: refuse(400, 'AccessDeniedException'), says: /AccessDenied/ },
  { name: 'no table', behaviour: refuse(400, 'ResourceNotFoundException'), says: /ResourceNotFound/ },
  { name: 'credentials that have expired', behaviour: refuse(400, 'ExpiredTokenException'), says: /ExpiredToken/ },
  { name: 'a refused signature', behaviour: refuse(400, 'InvalidSignatureException'), says: /InvalidSignature/ },
  { name: 'a request that is called invalid', behaviour: refuse(400, 'ValidationException'), says: /Validation/ },
];
