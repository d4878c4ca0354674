import { useQueryClient } from '@tanstack/react-query';
import { useContext, useRef, useState } from 'react';
import type { KeyToShow } from './issued-key.tsx';
import { ShowIssuedKey } from './issued-keys.tsx';

/**
 * Has a key issued, and shown.
 *
 * One idempotency token for one thing that is asked for, so that trying again after an answer was lost makes no second key.
 */
export function useIssue() {
  const queries = useQueryClient();
  const show = useContext(ShowIssuedKey);
  if (show === undefined) throw new Error('nobody is here to show a key');
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const lastAsked = useRef({ request: '', token: '' });

  /** @returns whether there is a key */
  const issue = async <Request extends object>(
    request: Request,
    ask: (request: Request, idempotencyToken: string) => Promise<KeyToShow>,
  ): Promise<boolean> => {
    const asked = JSON.stringify(request);
    if (lastAsked.current.request !== asked) lastAsked.current = { request: asked, token: crypto.randomUUID() };
    setBusy(true);
    setError(null);
    try {
      show(await ask(request, lastAsked.current.token));
      lastAsked.current = { request: '', token: '' };
      void queries.invalidateQueries({ queryKey: ['keys'] });
      return true;
    } catch (thrown) {
      setError(thrown);
      return false;
    } finally {
      setBusy(false);
    }
  };
  return { error, busy, issue };
}
