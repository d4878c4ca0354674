import { useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import type { IssuedKey } from '../api/keys.ts';

/**
 * Has a key issued, and holds it until the operator has stored it: in this state alone, in no cache.
 *
 * One idempotency token for one thing that is asked for, so that trying again after an answer was lost makes no second key.
 */
export function useIssue() {
  const queries = useQueryClient();
  const [issued, setIssued] = useState<IssuedKey>();
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const lastAsked = useRef({ request: '', token: '' });

  const issue = async <Request extends object>(
    request: Request,
    ask: (request: Request, idempotencyToken: string) => Promise<IssuedKey>,
  ) => {
    const asked = JSON.stringify(request);
    if (lastAsked.current.request !== asked) lastAsked.current = { request: asked, token: crypto.randomUUID() };
    setBusy(true);
    setError(null);
    try {
      setIssued(await ask(request, lastAsked.current.token));
      lastAsked.current = { request: '', token: '' };
      await queries.invalidateQueries({ queryKey: ['keys'] });
    } catch (thrown) {
      setError(thrown);
    } finally {
      setBusy(false);
    }
  };
  return {
    issued,
    error,
    busy,
    issue,
    drop: () => {
      setIssued(undefined);
    },
  };
}
