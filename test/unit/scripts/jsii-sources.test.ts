import { describe, expect, it } from 'vitest';
import { jsiiSources } from '../../../scripts/jsii/sources.ts';

/** Declarations as the build of `latchkey/cdk` writes them. */
const declarations = (member: string) => `import { Construct } from "constructs";
import { Duration } from "aws-cdk-lib";
/** Properties of {@link Keys}. */
interface KeysProps {
${member}
}
/** Keys. */
declare class Keys extends Construct {
  #private;
  constructor(scope: Construct, id: string, {
    ttl
  }: KeysProps);
  /** The names. */
  get names(): readonly string[];
  /**
   * Grants.
   *
   * @throws {Error} if it fails
   */
  grant(operation: KeyOperation): void;
}
export { Keys, type KeysProps, type KeyOperation };`;

const documented = (type: string) => jsiiSources(declarations(`  /** A prop. */\n  readonly prop?: ${type};`)).index;

describe('the sources of the jsii package', () => {
  it.each([
    ['readonly Duration[]', 'Duration[]'],
    ['Readonly<Record<string, string>>', '{ [name: string]: string }'],
    ['Duration | undefined', 'Duration'],
    ["'iam' | 'simple'", 'HttpResponse'],
    ['Plans', '{ [name: string]: Limits }'],
    ['AttributesSchema | AttributesJsonSchema', 'any'],
    ['readonly KeyOperation[]', 'KeyOperation[]'],
  ])('have the type %s as %s', (type, expected) => {
    expect(documented(type)).toContain(`readonly prop?: ${expected};`);
  });

  it('have a class for each construct, which extends the bundled one', () => {
    const { index, base } = jsiiSources(declarations('  /** The time. */\n  readonly ttl?: Duration;'));
    expect(index).toContain('/** Keys. */\nexport class Keys extends latchkey.Keys {}');
    expect(base).toContain('constructor(scope: Construct, id: string, props: KeysProps);');
    expect(base).toContain('readonly names: string[];');
    expect(base).not.toContain('#private');
  });

  it('have enums with the strings of TypeScript as values', () => {
    expect(documented('Duration')).toMatch(/export enum UnscopedKeys \{[^}]*WHOLE_STAGE = 'whole-stage',/);
  });

  it('name the value of an enum in the documentation of a default', () => {
    const { index } = jsiiSources(
      declarations("  /**\n   * A prop.\n   *\n   * @default 'iam'\n   */\n  readonly prop?: 'iam' | 'simple';"),
    );
    expect(index).toContain('@default HttpResponse.IAM');
  });

  it('are not created if a type has no equivalent', () => {
    expect(() => documented('[string, string]')).toThrow('KeysProps.prop has the type "[string, string]"');
    expect(() => documented('Unknown')).toThrow('KeysProps.prop has the type "Unknown"');
  });

  it('are not created if a member has no documentation', () => {
    expect(() => jsiiSources(declarations('  readonly prop?: string;'))).toThrow('KeysProps.prop has no documentation');
    expect(() => jsiiSources(declarations('  /** @default none */\n  readonly prop?: string;'))).toThrow(
      'KeysProps.prop has no documentation',
    );
  });
});
