import { readFileSync } from 'node:fs';
import ts from 'typescript';

/** The texts of doc comments by the names of what they describe, such as `KeyView` and `KeyView.status`. */
export type DocComments = ReadonlyMap<string, string>;

/** Reads the doc comments of the types, constants and classes in TypeScript files, and of their members. */
export function docCommentsOf(files: readonly string[]): DocComments {
  const comments = new Map<string, string>();
  for (const file of files) {
    const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true);
    source.statements.forEach((statement) => {
      collect(statement, [], comments);
    });
  }
  return comments;
}

function collect(node: ts.Node, path: readonly string[], comments: Map<string, string>): void {
  const name = nameOf(node);
  const inner = name === undefined ? path : [...path, name];
  // The comment of a constant belongs to its statement.
  const text = textOf(ts.isVariableDeclaration(node) ? node.parent.parent : node);
  if (name !== undefined && text !== undefined) comments.set(inner.join('.'), text);
  if (!ts.isFunctionLike(node))
    node.forEachChild((child) => {
      collect(child, inner, comments);
    });
}

function nameOf(node: ts.Node): string | undefined {
  const named =
    ts.isInterfaceDeclaration(node) ||
    ts.isTypeAliasDeclaration(node) ||
    ts.isClassDeclaration(node) ||
    ts.isFunctionDeclaration(node) ||
    ts.isVariableDeclaration(node) ||
    ts.isPropertySignature(node) ||
    ts.isPropertyDeclaration(node) ||
    ts.isPropertyAssignment(node);
  return named && node.name !== undefined && ts.isIdentifier(node.name) ? node.name.text : undefined;
}

/** Returns the text of a node's doc comment with its default value and without other tags, as Markdown in one line per paragraph. */
function textOf(node: ts.Node): string | undefined {
  const [comment] = ts.getJSDocCommentsAndTags(node).filter(ts.isJSDoc);
  if (comment === undefined) return undefined;
  const fallback = comment.tags?.find(({ tagName }) => tagName.text === 'default');
  const parts = [comment.comment, fallback && `Default: ${ts.getTextOfJSDocComment(fallback.comment) ?? ''}.`];
  const texts = parts.map((part) => (typeof part === 'string' ? part : ts.getTextOfJSDocComment(part)));
  const text = texts
    .filter((one) => one !== undefined && one !== '')
    .join(' ')
    .replaceAll(/\{@link (\w+)\}/g, '`$1`')
    .replaceAll(/(?<!\n)\n(?![\n-])/g, ' ');
  return text === '' ? undefined : text;
}
