import type { ConsoleSettings } from '../../console/hosting/settings.ts';
import type { Deployment } from '../deployment/deployment.ts';
import { CommandError } from '../errors.ts';

/** What the construct has decided. Whoever may not ask sees the keys, without a plan or a field of the deployment's own. */
export async function consoleSettings({ place, keys }: Deployment): Promise<ConsoleSettings> {
  try {
    const { label, plans, restrictions, readOnly, attributes } = await keys.settings();
    return { ...place, label, plans, restrictions, readOnly, attributes: attributes ?? undefined };
  } catch (error) {
    if (!(error instanceof CommandError && error.problem.code === 'access_denied')) throw error;
    return { ...place, label: null, plans: {}, restrictions: [], readOnly: false };
  }
}
