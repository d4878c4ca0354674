import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useLocation } from 'wouter';
import type { KeyFields, KeyView } from '../api/keys.ts';
import { problemOf } from '../api/problem.ts';
import { changesOf, draftOf } from '../key-form/draft.ts';
import { EditConflict } from '../key-form/edit-conflict.tsx';
import { KeyForm } from '../key-form/key-form.tsx';
import { KeyLoader, keyQuery } from '../keys/key-loader.tsx';
import { useConsole } from '../layout/console-context.ts';
import { Page } from '../layout/frame.tsx';

/** Changes the fields of a key. The key itself never changes. */
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
  // The key when the form was opened. An update with its version fails if someone has changed the key since.
  const [opened] = useState(record);
  const [initial] = useState(() => draftOf(record, attributes));
  /** The key as someone else has changed it. */
  const [current, setCurrent] = useState<KeyView>();
  const here = `/keys/${record.prefix}`;
  const update = useMutation({
    mutationFn: (changes: KeyFields) => keys.update(opened.prefix, changes, (current ?? opened).version),
    onSuccess: async (changed) => {
      queries.setQueryData(keyQuery(changed.prefix), changed);
      await queries.invalidateQueries({ queryKey: ['keys', 'list'] });
      navigate(here);
    },
    onError: async (error) => {
      if (problemOf(error).code === 'version_conflict') setCurrent(await keys.get(opened.prefix));
    },
  });
  const inConflict = update.error !== null && problemOf(update.error).code === 'version_conflict';
  return (
    <KeyForm
      title={`Edit "${opened.name}"`}
      initial={initial}
      existing={opened}
      submitText={current === undefined ? 'Save changes' : 'Save over current values'}
      cancelHref={`#${here}`}
      submitting={update.isPending}
      saved={update.isSuccess}
      error={inConflict && current !== undefined ? null : update.error}
      attempt="The key was not changed."
      renderNotice={(draft) =>
        current === undefined ? undefined : (
          <EditConflict
            opened={opened}
            current={current}
            initial={initial}
            draft={draft}
            onDiscard={() => {
              queries.setQueryData(keyQuery(opened.prefix), current);
              navigate(here);
            }}
          />
        )
      }
      onSubmit={(draft) => {
        const changes = changesOf(draft, initial);
        if (Object.keys(changes).length === 0) navigate(here);
        else update.mutate(changes);
      }}
    />
  );
}
