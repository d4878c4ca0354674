import AttributeEditor from '@cloudscape-design/components/attribute-editor';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import Input from '@cloudscape-design/components/input';
import Select from '@cloudscape-design/components/select';
import { CONNECT, SCOPE_METHODS, type ScopeDraft } from './draft.ts';
import { FaultLine } from './fault-line.tsx';

interface ScopesEditorProps {
  readonly scopes: readonly ScopeDraft[];
  /** By the path of the field, as the server names it. */
  readonly faults: ReadonlyMap<string, string>;
  readonly onChange: (scopes: readonly ScopeDraft[]) => void;
}

const METHOD_OPTIONS = SCOPE_METHODS.map((method) => ({
  value: method,
  label: method === '*' ? 'Any method' : method === CONNECT ? 'WebSocket' : method,
}));

/** What a key may call: a method and a path on each line. */
export function ScopesEditor({ scopes, faults, onChange }: ScopesEditorProps) {
  const change = (index: number, changed: Partial<ScopeDraft>) => {
    onChange(scopes.map((scope, at) => (at === index ? { ...scope, ...changed } : scope)));
  };
  return (
    <Container
      header={
        <Header variant="h2" description="The calls that the key opens. In a path * stands for anything, slashes too.">
          Scopes
        </Header>
      }
    >
      <FaultLine fault={faults.get('scopes')} />
      <AttributeEditor
        items={scopes}
        addButtonText="Add a scope"
        removeButtonText="Remove"
        removeButtonAriaLabel={({ method, path }) => `Remove ${method} ${path}`}
        empty="None: the key opens whatever the deployment gives to keys without scopes, by default everything."
        definition={[
          {
            label: 'Method',
            control: ({ method }, index) => (
              <Select
                ariaLabel="Method"
                options={METHOD_OPTIONS}
                selectedOption={METHOD_OPTIONS.find(({ value }) => value === method) ?? null}
                onChange={({ detail }) => {
                  change(index, { method: detail.selectedOption.value ?? 'GET' });
                }}
              />
            ),
          },
          {
            label: 'Path',
            control: ({ method, path }, index) => (
              <Input
                ariaLabel="Path"
                value={method === CONNECT ? '' : path}
                disabled={method === CONNECT}
                placeholder={method === CONNECT ? 'opens a connection' : '/orders/*'}
                onChange={({ detail }) => {
                  change(index, { path: detail.value });
                }}
              />
            ),
            errorText: (_item, index) => faults.get(`scopes.${String(index)}`),
          },
        ]}
        onAddButtonClick={() => {
          onChange([...scopes, { method: 'GET', path: '/' }]);
        }}
        onRemoveButtonClick={({ detail }) => {
          onChange(scopes.filter((_, at) => at !== detail.itemIndex));
        }}
      />
    </Container>
  );
}
