import ts from 'typescript';
import { ENUMS } from './enums.ts';

/** The sources of the jsii package that are derived from the declarations of `latchkey/cdk`. */
export interface JsiiSources {
  /** `index.ts`: the enums, the structs and interfaces, and a class for each construct. */
  readonly index: string;
  /** `latchkey.d.ts`: the members of the classes, which `latchkey.js` implements. */
  readonly base: string;
}

/** The types that jsii has no equivalent of, as they are written in the declarations, and what replaces them. */
const TYPES: Readonly<Record<string, string>> = {
  "'iam' | 'simple'": 'HttpResponse',
  "'required' | 'optional'": 'SecondFactor',
  "'rest' | 'http'": 'CachingApi',
  "SecretScanningSettings['leakedKeys']": 'LeakedKeys',
  "Pick<StageOptions, 'accessLogDestination' | 'accessLogFormat'>": 'StageOptions',
  // The second extends the first.
  'ITable | ITableV2': 'ITable',
  Plans: '{ [name: string]: Limits }',
  Metadata: '{ [name: string]: any }',
  IdentitySource: 'string',
  'AttributesSchema | AttributesJsonSchema': 'any',
  AttributesJsonSchema: 'any',
  'Readonly<Record<KeyOperation, IFunction>>': '{ [operation: string]: IFunction }',
};

/** A class must have the type of the interface that it implements. The function itself is still a `Function`. */
const MEMBER_TYPES: Readonly<Record<string, string>> = { 'ApiKeys.authorizerFunction': 'IFunction' };

/** Classes that are written by hand, because they replace a type that isn't a class. */
const OWN_CLASSES = ['KeySource'];

/** The types that {@link TYPES} replaces wherever they are used. */
const REPLACED = [
  'AttributeJsonSchema',
  'AttributesJsonSchema',
  'AttributesSchema',
  'IdentitySource',
  'Metadata',
  'Plans',
];

/** Code in examples and defaults, which has other types in the jsii package. */
const EXAMPLES: readonly (readonly [pattern: RegExp, replacement: string])[] = [
  [/\{ header: ('[\w-]+') \}/g, 'KeySource.header($1)'],
  [/\{ header: ('[\w-]+'), scheme: ('[\w-]+') \}/g, 'KeySource.header($1, $2)'],
  [/\{ cookie: ('[\w-]+') \}/g, 'KeySource.cookie($1)'],
  [/\{ query: ('[\w-]+') \}/g, 'KeySource.query($1)'],
  [/(?<=\b(?:httpFunction|grant)\()'(\w+)'/g, 'KeyOperation.$1'],
  [/(?<=\bkind: )'(\w+)'/g, 'CachingApi.$1'],
];

interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/**
 * Derives the sources of the jsii package from the declarations of `latchkey/cdk`, in one file. The types that jsii rejects are
 * replaced; the documentation is kept.
 *
 * @throws {Error} if a type has no equivalent, or a member has no documentation; the message names the member
 */
export function jsiiSources(declarations: string): JsiiSources {
  const source = ts.createSourceFile('cdk.d.ts', declarations, ts.ScriptTarget.Latest, true);
  const imports = source.statements.filter(ts.isImportDeclaration);
  const exported = exportsOf(source).filter((name) => !REPLACED.includes(name));
  const declared = new Map(
    source.statements
      .filter((one) => ts.isInterfaceDeclaration(one) || ts.isClassDeclaration(one))
      .map((one) => [one.name?.text ?? '', one] as const),
  );
  const known = new Set([...exported, ...Object.keys(ENUMS), ...imports.flatMap(namesOf)]);
  const rewrite = (node: ts.InterfaceDeclaration | ts.ClassDeclaration) => rewritten(node, known);

  const interfaces: string[] = [];
  const classes: string[] = [];
  const bases: string[] = [];
  for (const name of exported.filter((one) => !OWN_CLASSES.includes(one) && !(one in ENUMS))) {
    const node = declared.get(name);
    if (node === undefined)
      throw new Error(`${name} is not a class, an interface or an enum. Add it to ${import.meta.filename}.`);
    if (ts.isInterfaceDeclaration(node)) {
      interfaces.push(rewrite(node).replace(/^(\/\*\*.*?\*\/\n)?/s, '$1export '));
      continue;
    }
    const clauses = node.heritageClauses?.filter(({ token }) => token === ts.SyntaxKind.ImplementsKeyword) ?? [];
    const doc = docOf(node, name);
    classes.push(
      `${doc}export class ${[`${name} extends latchkey.${name}`, ...clauses.map((clause) => clause.getText())].join(' ')} {}`,
    );
    // jsii hoists the members of an internal base class into its subclass.
    bases.push(rewrite(node).replace(/^\/\*\*.*?\*\/\ndeclare /s, '/** @internal */\nexport declare '));
  }
  const enums = Object.entries(ENUMS).map(([name, definition]) => enumText(name, definition));
  const ownClasses = OWN_CLASSES.map((name) => `export * from './${kebab(name)}';`);
  const own = OWN_CLASSES.map((name) => importOf([name], `./${kebab(name)}`));
  const all = imports.map((one) => importOf(namesOf(one), (one.moduleSpecifier as ts.StringLiteral).text));
  const exportedHere = importOf([...exported, ...Object.keys(ENUMS)], './index');
  const withImports = (parts: readonly string[], from: readonly ImportOf[], first: readonly string[] = []) => {
    const code = parts.join('\n\n');
    return `${[...from.map((one) => one(code)).filter(Boolean), ...first].join('\n')}\n\n${code}\n`;
  };
  return {
    index: withImports(
      [...ownClasses, ...enums, ...interfaces, ...classes],
      [...all, ...own],
      ["import * as latchkey from './latchkey';"],
    ),
    base: withImports(bases, [...all, exportedHere]),
  };
}

/** Returns the import that some code needs of a module, or an empty string. */
type ImportOf = (code: string) => string;

function importOf(names: readonly string[], module: string): ImportOf {
  return (code) => {
    const words = new Set(code.replace(/\/\*\*.*?\*\//gs, '').match(/\w+/g));
    const used = [...new Set(names)].filter((name) => words.has(name));
    return used.length === 0 ? '' : `import { ${used.join(', ')} } from '${module}';`;
  };
}

function exportsOf(source: ts.SourceFile): string[] {
  return source.statements
    .filter(ts.isExportDeclaration)
    .flatMap(({ exportClause }) => (exportClause && ts.isNamedExports(exportClause) ? exportClause.elements : []))
    .map(({ name }) => name.text);
}

function namesOf({ importClause }: ts.ImportDeclaration): string[] {
  const bindings = importClause?.namedBindings;
  return bindings && ts.isNamedImports(bindings) ? bindings.elements.map(({ name }) => name.text) : [];
}

function rewritten(node: ts.InterfaceDeclaration | ts.ClassDeclaration, known: ReadonlySet<string>): string {
  const owner = node.name?.text ?? '';
  const edits: Edit[] = [];
  for (const member of node.members) {
    if (member.name !== undefined && ts.isPrivateIdentifier(member.name)) {
      edits.push({ start: member.getFullStart(), end: member.getEnd(), text: '' });
      continue;
    }
    const name = ts.isConstructorDeclaration(member) ? 'constructor' : (member.name?.getText() ?? '');
    const place = `${owner}.${name}`;
    if (name !== 'constructor') docOf(member, place);
    if (ts.isPropertyDeclaration(member) || ts.isPropertySignature(member)) {
      const { type } = member;
      if (type === undefined) throw new Error(`${place} has no type.`);
      const { text, optional } = legalType(type, place, known);
      const mark = optional || member.questionToken !== undefined ? '?' : '';
      edits.push({
        start: member.name.getEnd(),
        end: member.getEnd(),
        text: `${mark}: ${MEMBER_TYPES[place] ?? text};`,
      });
    } else if (ts.isGetAccessor(member)) {
      if (member.type === undefined) throw new Error(`${place} has no type.`);
      const { text } = legalType(member.type, place, known);
      edits.push({ start: member.getStart(), end: member.getEnd(), text: `readonly ${name}: ${text};` });
    } else if (ts.isMethodDeclaration(member) || ts.isMethodSignature(member) || ts.isConstructorDeclaration(member)) {
      for (const parameter of member.parameters) edits.push(...parameterEdits(parameter, place, known));
      if (member.type !== undefined) {
        const { text } = legalType(member.type, place, known);
        edits.push({ start: member.type.getStart(), end: member.type.getEnd(), text });
      }
    } else throw new Error(`${place} is a member that jsii has no equivalent of.`);
  }
  const start = node.getStart(undefined, true);
  return documentation(applied(node.getSourceFile().text.slice(start, node.getEnd()), edits, start));
}

function parameterEdits(parameter: ts.ParameterDeclaration, place: string, known: ReadonlySet<string>): Edit[] {
  const { name, type } = parameter;
  if (type === undefined) throw new Error(`A parameter of ${place} has no type.`);
  const { text } = legalType(type, place, known);
  const edits = [{ start: type.getStart(), end: type.getEnd(), text }];
  // The declarations repeat the object pattern of the parameter.
  return ts.isIdentifier(name) ? edits : [{ start: name.getStart(), end: name.getEnd(), text: 'props' }, ...edits];
}

interface LegalType {
  readonly text: string;
  readonly optional: boolean;
}

function legalType(node: ts.TypeNode, place: string, known: ReadonlySet<string>): LegalType {
  if (ts.isUnionTypeNode(node)) {
    const types = node.types.filter(({ kind }) => kind !== ts.SyntaxKind.UndefinedKeyword);
    const text = types.map((type) => type.getText()).join(' | ');
    const optional = types.length < node.types.length;
    if (text in TYPES) return { text: TYPES[text] ?? '', optional };
    const [only, another] = types;
    if (only !== undefined && another === undefined) return { ...legalType(only, place, known), optional };
    throw unsupported(text, place);
  }
  const legal = (text: string) => ({ text, optional: false });
  const inner = (type: ts.TypeNode) => legalType(type, place, known).text;
  const text = node.getText();
  if (text in TYPES) return legal(TYPES[text] ?? '');
  if (ts.isTypeOperatorNode(node) && node.operator === ts.SyntaxKind.ReadonlyKeyword) return legal(inner(node.type));
  if (ts.isArrayTypeNode(node)) return legal(`${inner(node.elementType)}[]`);
  if (ts.isTypeReferenceNode(node)) {
    const [first, second] = node.typeArguments ?? [];
    const name = node.typeName.getText();
    if (name === 'Readonly' && first !== undefined) return legal(inner(first));
    if (name === 'Record' && first?.kind === ts.SyntaxKind.StringKeyword && second !== undefined)
      return legal(`{ [name: string]: ${inner(second)} }`);
    if (first === undefined && known.has(name)) return legal(name);
  }
  if (['string', 'number', 'boolean', 'void'].includes(text)) return legal(text);
  throw unsupported(text, place);
}

function unsupported(type: string, place: string): Error {
  return new Error(`${place} has the type "${type}", which jsii does not support. Add it to ${import.meta.filename}.`);
}

function applied(text: string, edits: readonly Edit[], offset: number): string {
  return [...edits]
    .sort((one, other) => other.start - one.start)
    .reduce(
      (edited, { start, end, text: inserted }) =>
        edited.slice(0, start - offset) + inserted + edited.slice(end - offset),
      text,
    );
}

/** @throws {Error} if there is no documentation */
function docOf(node: ts.Node, place: string): string {
  const [doc] = ts.getJSDocCommentsAndTags(node);
  if (doc === undefined || !ts.isJSDoc(doc) || ts.getTextOfJSDocComment(doc.comment) === undefined)
    throw new Error(`${place} has no documentation. Add a doc comment that has a text before its first tag.`);
  return documentation(`${doc.getText()}\n`);
}

/** Adapts doc comments: links in braces and `{Error}` are TypeScript's, and other languages have no unions of strings. */
function documentation(text: string): string {
  const enumsByValue = new Map(
    Object.entries(ENUMS).flatMap(([name, { values }]) =>
      Object.keys(values).map((value) => [value, `${name}.${memberName(value)}`] as const),
    ),
  );
  const plain = text
    .replace(/\{@link (?:[\w.]+\.)?(\w+)\}/g, '`$1`')
    .replace(/@throws \{\w+\} /g, '@throws ')
    .replace(/(?<=@default )'([\w-]+)'(?=\n)/g, (all, value: string) => enumsByValue.get(value) ?? all);
  return EXAMPLES.reduce((edited, [pattern, replacement]) => edited.replace(pattern, replacement), plain).replace(
    /\b(KeyOperation|CachingApi)\.([a-z]+)\b/g,
    (_all, name: string, value: string) => `${name}.${memberName(value)}`,
  );
}

function enumText(name: string, { doc, values }: (typeof ENUMS)[string]): string {
  const members = Object.entries(values).map(
    ([value, text]) => `  /** ${text} */\n  ${memberName(value)} = '${value}',`,
  );
  return `/** ${doc} */\nexport enum ${name} {\n${members.join('\n')}\n}`;
}

/** Returns the name of an enum's member: `wholeStage` and `whole-stage` become `WHOLE_STAGE`. */
function memberName(value: string): string {
  return value
    .replaceAll('-', '_')
    .replace(/(?<=[a-z])(?=[A-Z])/g, '_')
    .toUpperCase();
}

function kebab(name: string): string {
  return name.replace(/(?<=[a-z])(?=[A-Z])/g, '-').toLowerCase();
}
