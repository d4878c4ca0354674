import { writeFile } from 'node:fs/promises';
import { openApiDocument } from './openapi/document.ts';

/** Writes the OpenAPI document of the admin API. */
await writeFile('dist/openapi.json', `${JSON.stringify(openApiDocument(), null, 2)}\n`);
