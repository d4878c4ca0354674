import { cp, mkdir, readdir, readFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Command } from 'commander';
import { CommandError, systemCode, usageError } from '../errors.ts';
import { print } from '../output/screen.ts';

const TEMPLATE = 'template.json';

interface Template {
  readonly Resources: Readonly<Record<string, { readonly Properties?: { readonly Code?: unknown } }>>;
}

const EXAMPLES = `
Examples:
  $ latchkey template --out latchkey
  $ aws cloudformation package --template-file latchkey/template.json --s3-bucket <bucket> --output-template-file packaged.yaml
  $ aws cloudformation deploy --template-file packaged.yaml --stack-name Latchkey --s3-bucket <bucket> --capabilities CAPABILITY_IAM`;

export function templateCommand(): Command {
  return new Command('template')
    .description('Write a CloudFormation template and the code of its functions, for apps without the CDK.')
    .requiredOption('--out <folder>', 'a new or empty folder to write to')
    .addHelpText('after', EXAMPLES)
    .action(async ({ out }: { out: string }) => {
      await writeTemplate(out);
      print(
        `Wrote ${join(out, TEMPLATE)} and ${join(out, 'functions')}. To deploy them, see latchkey template --help.`,
      );
    });
}

async function writeTemplate(folder: string): Promise<void> {
  const source = packagedFolder();
  const { Resources } = JSON.parse(await readFile(join(source, TEMPLATE), 'utf8')) as Template;
  const functions = Object.values(Resources).flatMap(({ Properties }) =>
    typeof Properties?.Code === 'string' ? [Properties.Code] : [],
  );
  try {
    await mkdir(folder, { recursive: true });
    if ((await readdir(folder)).length > 0)
      throw usageError(`${folder} is not empty, and no file is overwritten. Use a new or empty folder.`);
    for (const path of [...functions, TEMPLATE]) await cp(join(source, path), join(folder, path), { recursive: true });
  } catch (error) {
    if (error instanceof CommandError) throw error;
    throw usageError(`Couldn't write to ${folder} (${systemCode(error)}). Use another folder.`);
  }
}

/** The `dist` folder, which has the template and the built functions. */
function packagedFolder(): string {
  for (let folder = import.meta.dirname; folder !== dirname(folder); folder = dirname(folder)) {
    const dist = folder.endsWith('dist') ? folder : join(folder, 'dist');
    if (existsSync(join(dist, TEMPLATE))) return dist;
  }
  throw new Error('The template has not been built. Run npm run build.');
}
