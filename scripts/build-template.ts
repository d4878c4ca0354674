import { writeFile } from 'node:fs/promises';
import { cloudFormationTemplate } from '../cdk/cloudformation-template.ts';

/** Writes the CloudFormation template next to the functions that it refers to. Run it after a build. */
await writeFile('dist/template.json', `${JSON.stringify(cloudFormationTemplate(), null, 2)}\n`);
