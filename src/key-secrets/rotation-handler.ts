import { logger } from '../logging/logger.ts';
import type { KeySecretContext } from './from-environment.ts';
import type { ReportFailure } from './failure-event.ts';
import { ROTATION_STEPS, RotationError, type RotationStep } from './rotation.ts';
import { secretNameOf } from './secret-value.ts';
import { DAILY_CHECK } from './settings.ts';

/** The event with which Secrets Manager invokes a rotation function. */
interface RotationRequest {
  readonly Step: RotationStep;
  readonly SecretId: string;
  readonly ClientRequestToken: string;
}

const SECOND_MS = 1000;

export interface RotationHandlerDependencies extends Pick<
  KeySecretContext,
  'secretId' | 'settings' | 'context' | 'versions' | 'rotation'
> {
  readonly reportFailure: ReportFailure;
}

/**
 * Returns a Lambda handler that runs one step of a rotation, or the daily check. If that fails, the handler publishes an
 * event and throws, so that Secrets Manager retries the rotation and the function's alarm goes off.
 */
export function rotationHandler(dependencies: RotationHandlerDependencies) {
  const { secretId, reportFailure } = dependencies;
  return async (event: unknown): Promise<void> => {
    const task = isDailyCheck(event) ? { step: 'check' as const } : taskOf(event, secretId);
    try {
      await (task.step === 'check' ? check(dependencies) : dependencies.rotation.run(task.step, task.token));
      logger.info('rotation step done', { secretId, ...task });
    } catch (error) {
      logger.error('rotation step failed', { secretId, ...task, error: error as Error });
      await reportFailure({ secretId, secretName: secretNameOf(secretId), step: task.step, code: codeOf(error) });
      throw error;
    }
  };
}

/**
 * Completes an interrupted rotation, then checks that the current key works and is rotated on time.
 *
 * @throws {RotationError} if the authorizer would deny the current key, or the rotation is overdue
 */
async function check({ rotation, versions, settings, context }: RotationHandlerDependencies): Promise<void> {
  await rotation.repair();
  await rotation.testCurrent();
  const { rotatedAt } = await versions.staged();
  if (rotatedAt === undefined || context.now() <= rotatedAt + settings.overdueSeconds * SECOND_MS) return;
  const message = `The secret was last rotated at ${new Date(rotatedAt).toISOString()}. Run "aws secretsmanager rotate-secret" and see the log of this function.`;
  throw new RotationError({ code: 'rotation_overdue', message });
}

function isDailyCheck(event: unknown): boolean {
  return typeof event === 'object' && event !== null && 'check' in event && event.check === DAILY_CHECK.check;
}

/** @throws {TypeError} if the event is not a rotation request for this function's secret */
function taskOf(event: unknown, secretId: string): { readonly step: RotationStep; readonly token: string } {
  if (!isRotationRequest(event))
    throw new TypeError(
      'The event is not a rotation request. Expected the fields Step, SecretId and ClientRequestToken, which Secrets Manager sends.',
    );
  if (event.SecretId !== secretId)
    throw new TypeError(
      `This function rotates the secret ${secretId} and no other. Create a KeySecret for each secret.`,
    );
  return { step: event.Step, token: event.ClientRequestToken };
}

function isRotationRequest(event: unknown): event is RotationRequest {
  if (typeof event !== 'object' || event === null) return false;
  const { Step, SecretId, ClientRequestToken } = event as Readonly<Record<string, unknown>>;
  const isStep = (ROTATION_STEPS as readonly unknown[]).includes(Step);
  return isStep && typeof SecretId === 'string' && typeof ClientRequestToken === 'string' && ClientRequestToken !== '';
}

function codeOf(error: unknown): string {
  return error instanceof RotationError ? error.code : 'unavailable';
}
