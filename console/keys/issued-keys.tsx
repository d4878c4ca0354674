import { createContext, useState, type ReactNode } from 'react';
import { useLocation } from 'wouter';
import { IssuedKeyDialog, type KeyToShow } from './issued-key.tsx';

/** Shows a new key until the user has stored it. */
export const ShowIssuedKey = createContext<((issued: KeyToShow) => void) | undefined>(undefined);

/**
 * Holds new keys in memory until the user has stored them. It is above the pages, because a key is returned only once: it must
 * be shown even if the user has left the page that requested it.
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
          key={issued.record.prefix}
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
