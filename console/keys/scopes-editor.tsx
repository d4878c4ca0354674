import AttributeEditor from '@cloudscape-design/components/attribute-editor';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import Input from '@cloudscape-design/components/input';
import Select from '@cloudscape-design/components/select';
import { CONNECT, NAMED, SCOPE_METHODS, type ScopeDraft } from './draft.ts';
import { FaultLine } from './fault-line.tsx';

interface ScopesEditorProps {
  readonly scopes: readonly ScopeDraft[];
  /** By the path of the field, as the server names it. */
  readonly faults: ReadonlyMap<string, string>;
  readonly onChange: (scopes: readonly ScopeDraft[]) => void;
}

const METHOD_LABELS: Readonly<Record<string, string>> = {
  '*': 'Any method',
  [CONNECT]: 'WebSocket',
  [NAMED]: 'By name',
};
const METHOD_OPTIONS = SCOPE_METHODS.map((method) => ({ value: method, label: METHOD_LABELS[method] ?? method }));

const PLACEHOLDERS: Readonly<Record<string, string>> = { [CONNECT]: 'opens a connection', [NAMED]: 'orders:write' };

/** What a key may do: on each line a method and a path that it may call, or a name that the API asks for. */
export function ScopesEditor({ scopes, faults, onChange }: ScopesEditorProps) {
  const change = (index: number, changed: Partial<ScopeDraft>) => {
    onChange(scopes.map((scope, at) => (at === index ? { ...scope, ...changed } : scope)));
  };
  return (
    <Container
      header={
        <Header
          variant="h2"
          description="The calls that the key opens, in whose path * stands for anything, slashes too; and names, such as orders:write, that your API asks for."
        >
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
            label: 'Path or name',
            control: ({ method, path }, index) => (
              <Input
                ariaLabel={method === NAMED ? 'Name of the scope' : 'Path'}
                value={method === CONNECT ? '' : path}
                disabled={method === CONNECT}
                placeholder={PLACEHOLDERS[method] ?? '/orders/*'}
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
