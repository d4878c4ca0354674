import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Form from '@cloudscape-design/components/form';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import Input from '@cloudscape-design/components/input';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useEffect, useRef, useState, type ReactNode } from 'react';
import { KEY_FIELDS } from '../../src/core/keys/key-fields.ts';
import type { Plans } from '../../src/core/limits/limits.ts';
import { AttributeInput } from '../attributes/attribute-input.tsx';
import { useConsole } from '../layout/console-context.ts';
import { UnsavedChanges } from '../layout/unsaved-changes.tsx';
import { draftErrors, type KeyDraft } from './draft.ts';
import { ExpiryField } from './expiry-field.tsx';
import { focusError } from './focus-error.ts';
import { errorSummary, fieldErrors } from './form-errors.ts';
import { hasPlans, LimitFields } from './limit-fields.tsx';
import { MetadataEditor } from './metadata-editor.tsx';
import { RestrictionFields } from './restriction-fields.tsx';
import { ScopesEditor } from './scopes-editor.tsx';

interface KeyFormProps {
  readonly title: string;
  readonly initial: KeyDraft;
  /** The key to change. `undefined` in the form of a new key. */
  readonly existing?: { readonly expiresAt: string | null };
  readonly submitText: string;
  readonly cancelHref: string;
  readonly submitting: boolean;
  /** Whether the draft has been saved, so that the user can leave the page. */
  readonly saved: boolean;
  /** Why the last attempt failed, or `null`. */
  readonly error: unknown;
  /** What failed, such as "The key was not created." */
  readonly attempt: string;
  /** Shown above the fields, for example the conflicting changes of another user. */
  readonly renderNotice?: (draft: KeyDraft) => ReactNode;
  readonly onSubmit: (draft: KeyDraft) => void;
}

/** The form for all fields of a key. The server validates them, so the rules are in one place: see {@link draftErrors}. */
export function KeyForm(props: KeyFormProps) {
  const { title, initial, existing, submitting, error } = props;
  const { attributes, settings, hosted } = useConsole();
  const form = useRef<HTMLFormElement>(null);
  const [draft, setDraft] = useState(initial);
  const change = (changed: Partial<KeyDraft>) => {
    setDraft((before) => ({ ...before, ...changed }));
  };
  // The form shows its own errors after the first attempt, and then while the user types.
  const [attempts, setAttempts] = useState(0);
  const ownErrors = attempts > 0 ? draftErrors(draft, attributes) : new Map<string, string>();
  const serverErrors = fieldErrors(error);
  const errors = new Map([...serverErrors, ...ownErrors]);
  const errorAt = (field: string) =>
    errors.get(field) ?? [...errors].find(([path]) => path.startsWith(`${field}.`))?.[1];
  const summary = errorSummary({
    attempt: props.attempt,
    error,
    ownErrors: ownErrors.size,
    isShown: (path) => isShown(path, { draft, attributes, plans: settings.plans, existing: existing !== undefined }),
    hosted,
  });
  useEffect(() => {
    if (attempts > 0 && form.current !== null) focusError(form.current);
  }, [attempts, error]);

  return (
    <form
      ref={form}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        setAttempts((before) => before + 1);
        if (draftErrors(draft, attributes).size === 0) props.onSubmit(draft);
      }}
    >
      <UnsavedChanges present={!props.saved && JSON.stringify(draft) !== JSON.stringify(initial)} />
      <Form
        header={<Header variant="h1">{title}</Header>}
        errorText={summary === undefined ? undefined : <span data-error-summary>{summary}</span>}
        actions={
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" href={props.cancelHref} formAction="none">
              Cancel
            </Button>
            <Button variant="primary" loading={submitting} loadingText="Saving">
              {props.submitText}
            </Button>
          </SpaceBetween>
        }
      >
        <SpaceBetween size="l">
          {props.renderNotice?.(draft)}
          <Container header={<Header variant="h2">Key</Header>}>
            <SpaceBetween size="l">
              <FormField
                label="Name"
                description="A name that people recognize, such as the client that uses the key."
                errorText={errorAt('name')}
              >
                <Input
                  value={draft.name}
                  autoFocus={existing === undefined}
                  nativeInputAttributes={{ maxLength: KEY_FIELDS.name.maxCharacters }}
                  onChange={({ detail }) => {
                    change({ name: detail.value });
                  }}
                />
              </FormField>
              {existing === undefined && (
                <FormField
                  label={
                    <>
                      Owner <i>- optional</i>
                    </>
                  }
                  description="Your ID of the customer or team that the key belongs to. You can’t change it later."
                  errorText={errorAt('ownerId')}
                >
                  <Input
                    value={draft.ownerId}
                    placeholder="acme"
                    nativeInputAttributes={{ maxLength: KEY_FIELDS.ownerId.maxCharacters }}
                    onChange={({ detail }) => {
                      change({ ownerId: detail.value });
                    }}
                  />
                </FormField>
              )}
              <ExpiryField
                value={draft.expiry}
                current={existing?.expiresAt}
                error={errorAt('expires')}
                onChange={(expiry) => {
                  change({ expiry });
                }}
              />
            </SpaceBetween>
          </Container>
          {attributes.length > 0 && (
            <Container header={<Header variant="h2">Attributes</Header>}>
              <SpaceBetween size="l">
                {attributes.map((field) => (
                  <AttributeInput
                    key={field.name}
                    field={field}
                    value={draft.attributes[field.name]}
                    error={errors.get(`metadata.${field.name}`)}
                    onChange={(value) => {
                      const { [field.name]: _, ...others } = draft.attributes;
                      change({ attributes: value === undefined ? others : { ...others, [field.name]: value } });
                    }}
                  />
                ))}
              </SpaceBetween>
            </Container>
          )}
          <ScopesEditor
            scopes={draft.scopes}
            errors={errors}
            onChange={(scopes) => {
              change({ scopes });
            }}
          />
          <LimitFields draft={draft} errors={errors} errorAt={errorAt} onChange={change} />
          <RestrictionFields draft={draft} errors={errors} errorAt={errorAt} onChange={change} />
          <MetadataEditor
            entries={draft.entries}
            errors={errors}
            title={attributes.length > 0 ? 'Other metadata' : 'Metadata'}
            onChange={(entries) => {
              change({ entries });
            }}
          />
        </SpaceBetween>
      </Form>
    </form>
  );
}

interface FormContents {
  readonly draft: KeyDraft;
  readonly attributes: readonly { readonly name: string }[];
  readonly plans: Plans;
  readonly existing: boolean;
}

/** Returns whether the form has a field that shows the error at a path of the API's input. */
function isShown(path: string, { draft, attributes, plans, existing }: FormContents): boolean {
  const [field = '', entry] = path.split('.');
  switch (field) {
    case 'name':
    case 'expires':
    case 'notBefore':
      return true;
    case 'limits':
      return entry === undefined || ['rate', 'burst', 'quota'].includes(entry);
    case 'restrictions':
      return entry === undefined || ['stages', 'sourceIps', 'origins'].includes(entry);
    case 'ownerId':
      return !existing;
    case 'plan':
      return hasPlans(draft, plans);
    case 'scopes':
      return entry === undefined || Number(entry) < draft.scopes.length;
    case 'metadata':
      return entry === undefined || [...attributes, ...draft.entries].some(({ name }) => name === entry);
    default:
      return false;
  }
}
