import { Alias, type IFunction } from 'aws-cdk-lib/aws-lambda';
import { HTTP_ALIAS } from '../src/management/http-alias.ts';

/** The construct ID of the alias, below its function. */
const ID = 'Http';

/**
 * Returns the alias of a management function for API Gateway. Its resource policy allows only the routes that integrate it.
 * The first call creates it.
 */
export function httpAlias(target: IFunction): IFunction {
  const existing = target.node.tryFindChild(ID);
  if (existing instanceof Alias) return existing;
  // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- every IFunction is a construct
  return new Alias(target, ID, {
    aliasName: HTTP_ALIAS,
    version: target.latestVersion,
    description: 'Handles HTTP requests from API Gateway only',
  });
}
