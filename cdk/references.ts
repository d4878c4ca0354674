import {
  DefaultTokenResolver,
  Reference,
  StringConcat,
  Tokenization,
  type IPostProcessor,
  type IResolvable,
  type IResolveContext,
} from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** Collects the references in a value, and resolves each to the path of what it refers to. */
class ReferenceCollector extends DefaultTokenResolver {
  readonly references: Reference[] = [];

  constructor() {
    super(new StringConcat());
  }

  override resolveToken(token: IResolvable, context: IResolveContext, postProcessor: IPostProcessor): unknown {
    if (!Reference.isReference(token)) return super.resolveToken(token, context, postProcessor);
    this.references.push(token);
    return `<${token.target.node.path}.${token.displayName}>`;
  }
}

/** Returns the constructs that a value refers to. */
export function referencedBy(value: unknown, scope: IConstruct): IConstruct[] {
  const resolver = new ReferenceCollector();
  Tokenization.resolve(value, { scope, resolver, preparing: false });
  return resolver.references.map(({ target }) => target);
}

/**
 * Returns a string that is the same for two values exactly if they are the same at deployment. Unlike the resolved value
 * it also tells apart resources of two stacks that have the same logical ID.
 */
export function identityOf(value: unknown, scope: IConstruct): string {
  const resolver = new ReferenceCollector();
  return JSON.stringify(Tokenization.resolve(value, { scope, resolver, preparing: false }));
}
