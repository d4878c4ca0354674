import { useQueryClient } from '@tanstack/react-query';
import { useContext, useRef, useState } from 'react';
import type { KeyToShow } from './issued-key.tsx';
import { ShowIssuedKey } from './issued-keys.tsx';

/**
 * Creates or rotates a key, and shows the new key.
 *
 * A retry of the same input uses the same idempotency token, so it doesn't create a second key if the first response was lost.
 */
export function useIssue() {
  const queries = useQueryClient();
  const show = useContext(ShowIssuedKey);
  if (show === undefined) throw new Error('useIssue() was called outside of IssuedKeys');
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const last = useRef({ request: '', token: '' });

  /** @returns whether the key was issued */
  const issue = async <Request extends object>(
    request: Request,
    send: (request: Request, idempotencyToken: string) => Promise<KeyToShow>,
  ): Promise<boolean> => {
    const text = JSON.stringify(request);
    if (last.current.request !== text) last.current = { request: text, token: crypto.randomUUID() };
    setBusy(true);
    setError(null);
    try {
      show(await send(request, last.current.token));
      last.current = { request: '', token: '' };
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
