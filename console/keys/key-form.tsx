import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Form from '@cloudscape-design/components/form';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import Input from '@cloudscape-design/components/input';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import { RECORD_SIZE_LIMITS } from '../../src/core/keys/record.ts';
import { problemOf } from '../api/problem.ts';
import { AttributeInput } from '../attributes/attribute-input.tsx';
import { useConsole } from '../layout/console-context.ts';
import { ProblemBox } from '../layout/problem-box.tsx';
import { draftFaults, type KeyDraft } from './draft.ts';
import { ExpiryField } from './expiry-field.tsx';
import { FactsEditor } from './facts-editor.tsx';
import { hasPlans, LimitFields } from './limit-fields.tsx';
import { RestrictionFields } from './restriction-fields.tsx';
import { ScopesEditor } from './scopes-editor.tsx';

interface KeyFormProps {
  readonly title: string;
  readonly initial: KeyDraft;
  /** The key that is changed; a new one has none. */
  readonly existing?: { readonly expiresAt: string | null };
  readonly submitText: string;
  readonly cancelHref: string;
  readonly submitting: boolean;
  /** What the last attempt ended with. */
  readonly error: unknown;
  /** What was tried, as "The key was not created". */
  readonly attempt: string;
  readonly onSubmit: (draft: KeyDraft) => void;
}

/**
 * All that can be said of a key. What is wrong the server says, field by field: there is one set of rules. Only what it could
 * not see is said here, and that there is no name.
 */
export function KeyForm(props: KeyFormProps) {
  const { title, initial, existing, submitting, error } = props;
  const { attributes, settings } = useConsole();
  const [draft, setDraft] = useState(initial);
  const change = (changed: Partial<KeyDraft>) => {
    setDraft((before) => ({ ...before, ...changed }));
  };
  // From the first attempt on, and then at every letter.
  const [tried, setTried] = useState(false);
  const ownFaults = draftFaults(draft, attributes);
  const faults = new Map(
    (error === null ? [] : problemOf(error).faults).map(({ field, message, accepted }) => [
      field,
      accepted === undefined ? message : `${message}. Accepted: ${accepted}.`,
    ]),
  );
  const faultAt = (field: string) =>
    faults.get(field) ?? [...faults].find(([path]) => path.startsWith(`${field}.`))?.[1];
  /** Whether a field that is there says what is wrong at a path. */
  const isPlaced = (path: string): boolean => {
    const [field = '', entry] = path.split('.');
    switch (field) {
      case 'name':
      case 'expires':
      case 'limits':
      case 'restrictions':
      case 'notBefore':
        return true;
      case 'ownerId':
        return existing === undefined;
      case 'plan':
        return hasPlans(draft, settings.plans);
      case 'scopes':
        return entry === undefined || Number(entry) < draft.scopes.length;
      case 'metadata':
        return entry === undefined || [...attributes, ...draft.facts].some(({ name }) => name === entry);
      default:
        return false;
    }
  };
  // A fault that no field of the form shows must not be lost.
  const unplaced = error !== null && (faults.size === 0 || [...faults.keys()].some((path) => !isPlaced(path)));

  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        setTried(true);
        if (ownFaults.size === 0) props.onSubmit(draft);
      }}
    >
      <Form
        header={<Header variant="h1">{title}</Header>}
        actions={
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" href={props.cancelHref} formAction="none">
              Cancel
            </Button>
            <Button variant="primary" loading={submitting} loadingText="Waiting for the answer">
              {props.submitText}
            </Button>
          </SpaceBetween>
        }
      >
        <SpaceBetween size="l">
          {unplaced && <ProblemBox error={error} attempt={props.attempt} />}
          <Container header={<Header variant="h2">Key</Header>}>
            <SpaceBetween size="l">
              <FormField
                label="Name"
                description="What people will know it by, such as the client that holds it."
                errorText={(tried ? ownFaults.get('name') : undefined) ?? faultAt('name')}
              >
                <Input
                  value={draft.name}
                  autoFocus={existing === undefined}
                  nativeInputAttributes={{ maxLength: RECORD_SIZE_LIMITS.nameCharacters }}
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
                  description="Your own id of whoever the key belongs to. It cannot be changed later."
                  errorText={faultAt('ownerId')}
                >
                  <Input
                    value={draft.ownerId}
                    placeholder="acme"
                    nativeInputAttributes={{ maxLength: RECORD_SIZE_LIMITS.ownerIdCharacters }}
                    onChange={({ detail }) => {
                      change({ ownerId: detail.value });
                    }}
                  />
                </FormField>
              )}
              <ExpiryField
                value={draft.expiry}
                current={existing?.expiresAt}
                error={faultAt('expires')}
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
                    error={faults.get(`metadata.${field.name}`)}
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
            faults={faults}
            onChange={(scopes) => {
              change({ scopes });
            }}
          />
          <LimitFields
            draft={draft}
            faultAt={faultAt}
            onChange={(limits) => {
              change(limits);
            }}
          />
          <RestrictionFields
            draft={draft}
            faults={faults}
            faultAt={faultAt}
            onChange={(restrictions) => {
              change(restrictions);
            }}
          />
          <FactsEditor
            facts={draft.facts}
            faults={tried ? new Map([...faults, ...ownFaults]) : faults}
            titled={attributes.length > 0 ? 'Further metadata' : 'Metadata'}
            onChange={(facts) => {
              change({ facts });
            }}
          />
        </SpaceBetween>
      </Form>
    </form>
  );
}
