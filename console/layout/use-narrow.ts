import { useSyncExternalStore } from 'react';

/** The width below which Cloudscape uses its layout for phones. */
export const NARROW = matchMedia('(max-width: 688px)');

function subscribe(listener: () => void): () => void {
  NARROW.addEventListener('change', listener);
  return () => {
    NARROW.removeEventListener('change', listener);
  };
}

/** Returns whether the screen is as narrow as a phone's. */
export function useNarrow(): boolean {
  return useSyncExternalStore(subscribe, () => NARROW.matches);
}
