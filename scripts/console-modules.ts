import { relative } from 'node:path';
import { build, type Plugin } from 'vite';

/** Returns each module of the published console, with the modules that it imports. */
export async function consoleModules(): Promise<ReadonlyMap<string, readonly string[]>> {
  const modules = new Map<string, readonly string[]>();
  const note: Plugin = {
    name: 'note-modules',
    generateBundle(_options, outputs) {
      for (const output of Object.values(outputs))
        for (const id of output.type === 'chunk' ? output.moduleIds : [])
          modules.set(fileOf(id), (this.getModuleInfo(id)?.importedIds ?? []).map(fileOf));
    },
  };
  await asPublished(() => build({ configFile: 'console/vite.config.ts', build: { write: false }, plugins: [note] }));
  return modules;
}

/** Sets `NODE_ENV`, because a test runs with another value and would build the console for development. */
async function asPublished(work: () => Promise<unknown>): Promise<void> {
  const usual = process.env['NODE_ENV'];
  process.env['NODE_ENV'] = 'production';
  try {
    await work();
  } finally {
    if (usual === undefined) delete process.env['NODE_ENV'];
    else process.env['NODE_ENV'] = usual;
  }
}

/** The file of a module. The ids of generated modules start with NUL. Other ids can end with a query. */
export function fileOf(id: string): string {
  return relative('.', id.replace(/^\0/, '').replace(/\?.*$/, ''));
}
