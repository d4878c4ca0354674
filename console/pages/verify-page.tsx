import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import ExpandableSection from '@cloudscape-design/components/expandable-section';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import Input from '@cloudscape-design/components/input';
import Link from '@cloudscape-design/components/link';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import type { Verification } from '../api/keys.ts';
import { fieldErrors } from '../key-form/form-errors.ts';
import { DENIAL_TEXTS } from '../keys/denial-texts.ts';
import { useConsole } from '../layout/console-context.ts';
import { Page } from '../layout/frame.tsx';
import { ProblemBox } from '../layout/problem-box.tsx';

const REQUEST_FIELDS = [
  { name: 'route', label: 'Route', placeholder: 'GET /orders/1' },
  { name: 'stage', label: 'Stage', placeholder: 'prod' },
  { name: 'sourceIp', label: 'Source IP address', placeholder: '192.0.2.7' },
  { name: 'origin', label: 'Origin', placeholder: 'https://app.example.com' },
] as const;
type RequestField = (typeof REQUEST_FIELDS)[number]['name'];

/** Checks whether the authorizer would allow a key. The key is only in this page's memory and in the body of one request. */
export function VerifyPage() {
  const { keys } = useConsole();
  const [key, setKey] = useState('');
  const [request, setRequest] = useState<Readonly<Partial<Record<RequestField, string>>>>({});
  const verify = useMutation({
    mutationFn: () => {
      const given = Object.entries(request).filter(([, value]) => value.trim() !== '');
      return keys.verify({ key: key.trim(), ...Object.fromEntries(given) });
    },
    // The result doesn't need the key.
    onSuccess: () => {
      setKey('');
    },
    gcTime: 0,
  });
  const errors = fieldErrors(verify.error);
  return (
    <Page path={[{ text: 'Verify a key', href: '#/verify' }]} contentType="form">
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          if (key.trim() !== '') verify.mutate();
        }}
      >
        <SpaceBetween size="l">
          <Header
            variant="h1"
            description="Find out whether a key would be allowed now, and why not. This doesn’t count as use of the key."
          >
            Verify a key
          </Header>
          {verify.error !== null && errors.size === 0 && (
            <ProblemBox error={verify.error} attempt="The key was not verified" />
          )}
          {verify.data !== undefined && <Result verification={verify.data} />}
          <Container>
            <SpaceBetween size="l">
              <FormField label="Key" description="The key is not stored." errorText={errors.get('key')} stretch>
                <Input
                  value={key}
                  type="password"
                  autoComplete={false}
                  spellcheck={false}
                  onChange={({ detail }) => {
                    verify.reset();
                    setKey(detail.value);
                  }}
                />
              </FormField>
              <ExpandableSection
                headerText="Request"
                headerDescription="Optional. Checks the key’s scopes and restrictions too."
                defaultExpanded={false}
              >
                <SpaceBetween size="m">
                  {REQUEST_FIELDS.map(({ name, label, placeholder }) => (
                    <FormField key={name} label={label} errorText={errors.get(name)}>
                      <Input
                        value={request[name] ?? ''}
                        placeholder={placeholder}
                        onChange={({ detail }) => {
                          setRequest((before) => ({ ...before, [name]: detail.value }));
                        }}
                      />
                    </FormField>
                  ))}
                </SpaceBetween>
              </ExpandableSection>
            </SpaceBetween>
          </Container>
          <Box float="right">
            <Button variant="primary" loading={verify.isPending} loadingText="Verifying" disabled={key.trim() === ''}>
              Verify
            </Button>
          </Box>
        </SpaceBetween>
      </form>
    </Page>
  );
}

function Result({ verification }: { readonly verification: Verification }) {
  if (!verification.valid)
    return (
      <Alert type="error" header="The key would be rejected">
        <span role="status">
          {DENIAL_TEXTS[verification.reason]} Reason: <code>{verification.reason}</code>
        </span>
      </Alert>
    );
  const { name, prefix } = verification.record;
  return (
    <Alert type="success" header="The key would be allowed">
      <span role="status">
        This is the key <Link href={`#/keys/${prefix}`}>{name}</Link>. Limits and code of a custom authorizer are not
        checked.
      </span>
    </Alert>
  );
}
