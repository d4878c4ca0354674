import { readFileSync } from 'node:fs';
import addFormats from 'ajv-formats';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { expect } from 'vitest';
import { matchRoute, type Route } from '../../../local/gateway/route.ts';
import type { OpenApiDocument } from '../../../scripts/openapi/document.ts';

/** A request to the admin API, and its answer. */
export interface Exchange {
  readonly method: string;
  /** With the query, and without the stage. */
  readonly path: string;
  /** The JSON of the request. */
  readonly input?: unknown;
  readonly status: number;
  /** The JSON of the answer. */
  readonly body: unknown;
}

type Check = (exchange: Exchange) => string[];

const DOCUMENT = 'openapi';

/**
 * Returns a function that compares an exchange with an OpenAPI document. It returns what the document does not describe: the
 * status, a field of the answer, a missing field, a value. An accepted request must be valid, too.
 */
export function checkOf(document: OpenApiDocument): Check {
  const ajv = new Ajv2020({ strict: false, allErrors: true, meta: false, validateSchema: false });
  // The package is CommonJS, whose default export TypeScript types as the namespace.
  (addFormats as unknown as (instance: Ajv2020) => void)(ajv);
  ajv.addSchema(closed(document) as object, DOCUMENT);
  const known = new Map<string, ValidateFunction>();
  const faultsAt = (pointer: readonly string[], value: unknown, what: string): string[] => {
    const $ref = `${DOCUMENT}#/${pointer.map((part) => encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'))).join('/')}`;
    const validate = known.get($ref) ?? ajv.compile({ $ref });
    known.set($ref, validate);
    if (validate(value)) return [];
    return (validate.errors ?? []).map(
      ({ instancePath, message = '', params }) => `${what}${instancePath} ${message} ${JSON.stringify(params)}`,
    );
  };
  const routes: Route[] = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => ({ method: method.toUpperCase(), path, functionName: '' })),
  );

  return ({ method, path: target, input, status, body }) => {
    const [path = '', query] = target.split('?');
    const route = matchRoute(routes, method, path)?.route;
    // API Gateway answers a request to another route as one without a signature.
    if (route === undefined) return status === 403 ? [] : [`${method} ${path} is not in the document`];
    const at = ['paths', route.path, route.method.toLowerCase()];
    const operation = document.paths[route.path]?.[route.method.toLowerCase()];
    const code = String(status) in (operation?.responses ?? {}) ? String(status) : 'default';
    const response = operation?.responses[code];
    if (response === undefined) return [`${method} ${route.path} has no response ${String(status)}`];
    const [, components = '', responses = '', name = ''] = '$ref' in response ? response.$ref.split('/') : [];
    const content = ['content', 'application/json', 'schema'];
    const pointer = name === '' ? [...at, 'responses', code] : [components, responses, name];
    const faults = faultsAt([...pointer, ...content], body, `${method} ${route.path}: ${String(status)} `);
    if (status >= 300) return faults;
    const given = Object.fromEntries(new URLSearchParams(query));
    const parameters = operation?.parameters ?? [];
    const unknown = Object.keys(given).filter((one) => !parameters.some(({ name: other }) => other === one));
    return [
      ...faults,
      ...unknown.map((one) => `${method} ${route.path}: the parameter ${one} is not in the document`),
      ...(operation?.requestBody === undefined || input === undefined
        ? []
        : faultsAt([...at, 'requestBody', ...content], input, `${method} ${route.path}: body `)),
    ];
  };
}

/** Returns a copy in which objects can only have the fields that they list. The document itself allows later fields. */
function closed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(closed);
  if (typeof value !== 'object' || value === null) return value;
  const copy = Object.fromEntries(Object.entries(value).map(([name, part]) => [name, closed(part)]));
  const listsFields = copy['type'] === 'object' && 'properties' in copy && !('additionalProperties' in copy);
  return listsFields ? { ...copy, additionalProperties: false } : copy;
}

let built: Check | undefined;

/** Expects the built document to describe an exchange with the admin API. */
export function expectDocumented(exchange: Exchange): void {
  built ??= checkOf(JSON.parse(readFileSync('dist/openapi.json', 'utf8')) as OpenApiDocument);
  expect(built(exchange)).toEqual([]);
}
