import type { OperationContext } from '../management/operations/operation.ts';
import { verify } from '../management/operations/verify.ts';
import type { StoredKey } from '../storage/key-store.ts';
import {
  planCreate,
  planFinish,
  planRepair,
  planSet,
  planTest,
  ROTATION_STEPS,
  RotationError,
  type Action,
  type NewKeyFields,
  type PlanInput,
  type RotationFault,
  type RotationSettings,
  type RotationState,
  type RotationStep,
  type SecretVersion,
} from './rotation.ts';
import { readSecretValue, writeSecretValue, type SecretValue } from './secret-value.ts';
import type { SecretVersions } from './secret-versions.ts';

export interface SecretRotationDependencies extends RotationSettings {
  readonly context: OperationContext;
  readonly versions: SecretVersions;
  /** The name of the secret. */
  readonly secretName: string;
  /** The URL to store with the key. @default none */
  readonly endpoint?: string | undefined;
}

/** Attempts at a step. The maximum number of plans for one step. A concurrent change by another writer requires a new plan. */
const MAX_ATTEMPTS = 5;

/** Runs the steps of a rotation against Secrets Manager and the keys table. Each step can be repeated at any time. */
export class SecretRotation {
  readonly #context: OperationContext;
  readonly #versions: SecretVersions;
  readonly #settings: Omit<SecretRotationDependencies, 'context' | 'versions'>;

  constructor({ context, versions, ...settings }: SecretRotationDependencies) {
    this.#context = context;
    this.#versions = versions;
    this.#settings = settings;
  }

  /**
   * Runs one step.
   *
   * @param token the `ClientRequestToken`, which is the id of the version that the rotation creates
   * @param first the fields of the first key of a secret. @default the new key succeeds the current one
   * @throws {RotationError} if the rotation can't continue
   */
  async run(step: RotationStep, token: string, first?: NewKeyFields): Promise<void> {
    await this.#carryOut(token, (state) => PLANS[step](state, this.#planInput(first)));
    if (step === 'testSecret') await this.#test(token);
  }

  /** Runs all steps in their order. */
  async runAll(token: string, first?: NewKeyFields): Promise<void> {
    for (const step of ROTATION_STEPS) await this.run(step, token, first);
  }

  /** Completes a rotation that was interrupted after AWSCURRENT had moved. */
  async repair(): Promise<void> {
    const { current } = await this.#versions.staged();
    if (current !== undefined) await this.#carryOut(current, (state) => planRepair(state, this.#planInput()));
  }

  /** Returns the records of the keys in the secret's versions: current first, then previous, then pending. */
  async storedKeys(): Promise<StoredKey[]> {
    const { current, previous, pending } = await this.#versions.staged();
    const ids = [...new Set([current, previous, pending])].filter((id) => id !== undefined);
    const versions = await Promise.all(ids.map((id) => this.#version(id)));
    return versions.flatMap(({ record = [] }) => record);
  }

  async #carryOut(token: string, plan: (state: RotationState) => Action[]): Promise<void> {
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      const actions = plan(await this.#state(token));
      if (await this.#all(actions, token)) return;
    }
    throw new Error(`the keys of version ${token} keep changing; try again`);
  }

  /** Performs actions in order. Stops and returns `false` if the state has changed since the plan was made. */
  async #all(actions: readonly Action[], token: string): Promise<boolean> {
    for (const action of actions) if (!(await this.#one(action, token))) return false;
    return true;
  }

  async #one(action: Action, token: string): Promise<boolean> {
    const { keys } = this.#context;
    switch (action.action) {
      case 'store_pending':
        await this.#versions.storePending(token, writeSecretValue(action.value));
        return true;
      case 'create_key': {
        const { outcome, record } = await keys.create(action.record);
        return outcome === 'stored' || record.digest === action.record.digest;
      }
      case 'set_expiry': {
        const { record, expiresAt, replacedBy } = action;
        const { outcome } = await keys.update(record.prefix, { expiresAt, replacedBy }, record.version);
        return outcome === 'updated';
      }
      case 'make_current':
        await this.#versions.makeCurrent(token, action.from);
        return true;
      case 'clear_pending':
        await this.#versions.removePending(token);
        return true;
      case 'give_up':
        await this.#versions.removePending(token);
        throw new RotationError(action.reason);
    }
  }

  /**
   * Verifies the current key with the same rules as the authorizer.
   *
   * @throws {RotationError} with the reason of the denial
   */
  async testCurrent(): Promise<void> {
    const { current } = await this.#versions.staged();
    const value = current === undefined ? undefined : (await this.#version(current)).value;
    await this.#verify(value, 'current_key_rejected');
  }

  /**
   * Verifies the pending key with the same rules as the authorizer. Without a pending key, it verifies the current one. See
   * {@link planTest}.
   *
   * @throws {RotationError} with the reason of the denial
   */
  async #test(token: string): Promise<void> {
    const { target, current } = await this.#state(token);
    await this.#verify(target.value ?? current?.value, 'pending_key_rejected');
  }

  async #verify(value: SecretValue | undefined, code: RotationFault['code']): Promise<void> {
    if (value === undefined)
      throw new RotationError({ code: 'no_current_key', message: 'The secret holds no Latchkey key.' });
    const verification = await verify(this.#context, { key: value.key });
    if (verification.valid) return;
    const message = `The authorizer would deny the key ${value.keyId}: ${verification.reason}.`;
    throw new RotationError({ code, message });
  }

  async #state(token: string): Promise<RotationState> {
    const { current, previous, pending } = await this.#versions.staged();
    const target = await this.#version(token);
    const versionOf = async (id: string | undefined) => {
      if (id === undefined) return undefined;
      return id === token ? target : this.#version(id);
    };
    return { target, current: await versionOf(current), previous: await versionOf(previous), pending };
  }

  async #version(id: string): Promise<SecretVersion> {
    const text = await this.#versions.read(id);
    const value = text === undefined ? undefined : readSecretValue(text);
    const record = value && (await this.#context.keys.get(value.keyId, { consistent: true }));
    return { id, value, record };
  }

  #planInput(first?: NewKeyFields): PlanInput {
    const { now, randomBytes, settings } = this.#context;
    return { ...this.#settings, label: settings.label, now: now(), randomBytes, first };
  }
}

const PLANS: Readonly<Record<RotationStep, (state: RotationState, input: PlanInput) => Action[]>> = {
  createSecret: planCreate,
  setSecret: planSet,
  testSecret: planTest,
  finishSecret: planFinish,
};
