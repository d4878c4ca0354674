import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useLocation } from 'wouter';
import type { KeyFields, KeyView } from '../api/keys.ts';
import { changesOf, draftOf } from '../keys/draft.ts';
import { KeyForm } from '../keys/key-form.tsx';
import { KeyLoader, keyQuery } from '../keys/key-loader.tsx';
import { useConsole } from '../layout/console-context.ts';
import { Page } from '../layout/frame.tsx';

/** Changes what is known of a key; the key itself never changes. */
export function EditPage({ prefix }: { readonly prefix: string }) {
  return (
    <Page
      contentType="form"
      path={[
        { text: prefix, href: `#/keys/${prefix}` },
        { text: 'Edit', href: `#/keys/${prefix}/edit` },
      ]}
    >
      <KeyLoader prefix={prefix}>{(record) => <EditForm record={record} />}</KeyLoader>
    </Page>
  );
}

function EditForm({ record }: { readonly record: KeyView }) {
  const { keys, attributes } = useConsole();
  const [, navigate] = useLocation();
  const queries = useQueryClient();
  // As it was when the form was opened: a change that somebody else makes meanwhile is to be noticed, not overwritten.
  const [opened] = useState(record);
  const [initial] = useState(() => draftOf(record, attributes));
  const here = `#/keys/${record.prefix}`;
  const update = useMutation({
    mutationFn: (changes: KeyFields) => keys.update(opened.prefix, changes, opened.version),
    onSuccess: async (changed) => {
      queries.setQueryData(keyQuery(changed.prefix), changed);
      await queries.invalidateQueries({ queryKey: ['keys', 'list'] });
      navigate(`/keys/${changed.prefix}`);
    },
  });
  return (
    <KeyForm
      title={`Edit "${opened.name}"`}
      initial={initial}
      existing={opened}
      submitText="Save changes"
      cancelHref={here}
      submitting={update.isPending}
      error={update.error}
      attempt="The key was not changed"
      onSubmit={(draft) => {
        const changes = changesOf(draft, initial);
        if (Object.keys(changes).length === 0) navigate(`/keys/${opened.prefix}`);
        else update.mutate(changes);
      }}
    />
  );
}
