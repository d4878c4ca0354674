import { useState } from 'react';
import type { KeyView } from '../api/keys.ts';
import { creationOf, duplicateOf, newDraft, type KeyDraft } from '../key-form/draft.ts';
import { KeyForm } from '../key-form/key-form.tsx';
import { KeyLoader } from '../keys/key-loader.tsx';
import { useIssue } from '../keys/use-issue.ts';
import { useConsole } from '../layout/console-context.ts';
import { Page } from '../layout/frame.tsx';
import { useHashSearch } from '../layout/hash-location.ts';

/** Creates a key. `?from=<prefix>` copies the fields of an existing key. */
export function CreatePage() {
  const { attributes } = useConsole();
  const from = new URLSearchParams(useHashSearch()).get('from');
  return (
    <Page path={[{ text: 'Create key', href: '#/create' }]} contentType="form">
      {from === null ? (
        <CreateForm initial={() => newDraft(attributes)} />
      ) : (
        <KeyLoader prefix={from}>
          {(record: KeyView) => <CreateForm initial={() => duplicateOf(record, attributes)} />}
        </KeyLoader>
      )}
    </Page>
  );
}

function CreateForm({ initial }: { readonly initial: () => KeyDraft }) {
  const { keys } = useConsole();
  const [draft] = useState(initial);
  const [saved, setSaved] = useState(false);
  const { error, busy, issue } = useIssue();
  return (
    <KeyForm
      title="Create key"
      initial={draft}
      submitText="Create key"
      cancelHref="#/"
      submitting={busy}
      saved={saved}
      error={error}
      attempt="The key was not created."
      onSubmit={(draft) => {
        void issue(creationOf(draft), (fields, token) => keys.create(fields, token)).then(setSaved);
      }}
    />
  );
}
