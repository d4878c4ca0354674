import { createContext, useState, type ReactNode } from 'react';
import { useLocation } from 'wouter';
import { IssuedKeyDialog, type KeyToShow } from './issued-key.tsx';

/** Shows a key that has been issued, until the operator has stored it. */
export const ShowIssuedKey = createContext<((issued: KeyToShow) => void) | undefined>(undefined);

/**
 * Holds the keys that have been issued until the operator has stored them: in this state alone, in no cache. It is above
 * the pages, because a key is told once: whatever becomes of the page that has asked for it, the key must be seen.
 */
export function IssuedKeys({ children }: { readonly children: ReactNode }) {
  const [, navigate] = useLocation();
  const [waiting, setWaiting] = useState<readonly KeyToShow[]>([]);
  const [issued] = waiting;
  return (
    <ShowIssuedKey
      value={(another) => {
        setWaiting((before) => [...before, another]);
      }}
    >
      {children}
      {issued !== undefined && (
        <IssuedKeyDialog
          issued={issued}
          onStored={() => {
            setWaiting((before) => before.slice(1));
            navigate(`/keys/${issued.record.prefix}`);
          }}
        />
      )}
    </ShowIssuedKey>
  );
}
