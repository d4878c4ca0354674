import { createContext, useContext } from 'react';
import type { Keys } from '../api/keys.ts';
import type { AttributeField } from '../attributes/fields.ts';
import type { ConsoleSettings } from '../hosting/settings.ts';

/** What every part of the console can ask for. */
export interface ConsoleContext {
  readonly settings: ConsoleSettings;
  readonly keys: Keys;
  readonly attributes: readonly AttributeField[];
  /** Whether it is hosted, with people signing in; or else served by the command line. */
  readonly hosted: boolean;
}

export const ConsoleContext = createContext<ConsoleContext | undefined>(undefined);

export function useConsole(): ConsoleContext {
  const context = useContext(ConsoleContext);
  if (context === undefined) throw new Error('outside of the console');
  return context;
}
