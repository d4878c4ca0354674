import { Alias, type IFunction } from 'aws-cdk-lib/aws-lambda';
import { HTTP_ALIAS } from '../src/management/http-alias.ts';

/** The construct ID of the alias, below its function. */
const ID = 'Http';

/**
 * The alias of a management function that API Gateway integrates. Its resource policy allows the routes that integrate
 * it, and no other principal. It is created on the first call.
 */
export function httpAlias(target: IFunction): IFunction {
  const existing = target.node.tryFindChild(ID);
  if (existing instanceof Alias) return existing;
  // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- every IFunction is a construct
  return new Alias(target, ID, {
    aliasName: HTTP_ALIAS,
    version: target.latestVersion,
    description: 'Takes HTTP requests; for API Gateway only',
  });
}
