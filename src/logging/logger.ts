import { Logger } from '@aws-lambda-powertools/logger';

/**
 * The logger of the Lambda functions, except the authorizers: they are on the path of every request, and write their own
 * line. `POWERTOOLS_LOG_LEVEL` sets the level.
 *
 * https://docs.aws.amazon.com/powertools/typescript/latest/features/logger/
 */
export const logger = new Logger({ serviceName: 'latchkey' });
