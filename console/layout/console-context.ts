import { createContext, useContext } from 'react';
import type { Keys } from '../api/keys.ts';
import type { AttributeField } from '../attributes/fields.ts';
import type { ConsoleSettings } from '../hosting/settings.ts';

/** The values that every component can use. */
export interface ConsoleContext {
  readonly settings: ConsoleSettings;
  readonly keys: Keys;
  readonly attributes: readonly AttributeField[];
  /** Whether this is the hosted console, where users sign in, or the one that the CLI serves. */
  readonly hosted: boolean;
}

export const ConsoleContext = createContext<ConsoleContext | undefined>(undefined);

export function useConsole(): ConsoleContext {
  const context = useContext(ConsoleContext);
  if (context === undefined) throw new Error('useConsole() was called outside of ConsoleContext');
  return context;
}
