import { Converter, ReflectionKind } from 'typedoc';

/** Names each module in the TypeScript reference as it is imported: `src/client` is `latchkey/client`. */
export function load(app) {
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    for (const module of project.getReflectionsByKind(ReflectionKind.Module)) {
      const entry = module.name
        .replace(/^src(\/index)?$/, '')
        .replace(/^(src\/|cdk\/index$)/, (folder) => (folder === 'src/' ? '' : 'cdk'));
      module.name = ['latchkey', entry].filter((part) => part !== '').join('/');
    }
  });
}
