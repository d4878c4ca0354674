import { useState } from 'react';
import { creationOf, newDraft } from '../keys/draft.ts';
import { KeyForm } from '../keys/key-form.tsx';
import { useIssue } from '../keys/use-issue.ts';
import { useConsole } from '../layout/console-context.ts';
import { Page } from '../layout/frame.tsx';

/** Makes a key, and shows it this once. */
export function CreatePage() {
  const { keys, attributes } = useConsole();
  const [initial] = useState(() => newDraft(attributes));
  const { error, busy, issue } = useIssue();
  return (
    <Page path={[{ text: 'Create key', href: '#/create' }]} contentType="form">
      <KeyForm
        title="Create key"
        initial={initial}
        submitText="Create key"
        cancelHref="#/"
        submitting={busy}
        error={error}
        attempt="The key was not created"
        onSubmit={(draft) => {
          void issue(creationOf(draft), (fields, token) => keys.create(fields, token));
        }}
      />
    </Page>
  );
}
