import AttributeEditor from '@cloudscape-design/components/attribute-editor';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import Input from '@cloudscape-design/components/input';
import Select from '@cloudscape-design/components/select';
import { CONNECT, NAMED, SCOPE_METHODS, type ScopeDraft } from './draft.ts';
import { GroupError } from './group-error.tsx';

interface ScopesEditorProps {
  readonly scopes: readonly ScopeDraft[];
  /** The errors, by the path of the field in the API's input. */
  readonly errors: ReadonlyMap<string, string>;
  readonly onChange: (scopes: readonly ScopeDraft[]) => void;
}

const METHOD_LABELS: Readonly<Record<string, string>> = {
  '*': 'Any method',
  [CONNECT]: 'WebSocket',
  [NAMED]: 'Named scope',
};
const METHOD_OPTIONS = SCOPE_METHODS.map((method) => ({ value: method, label: METHOD_LABELS[method] ?? method }));

const PLACEHOLDERS: Readonly<Record<string, string>> = { [CONNECT]: 'No path', [NAMED]: 'orders:write' };

/** Edits the scopes: each is a method and a path, or a named scope. */
export function ScopesEditor({ scopes, errors, onChange }: ScopesEditorProps) {
  const change = (index: number, changed: Partial<ScopeDraft>) => {
    onChange(scopes.map((scope, at) => (at === index ? { ...scope, ...changed } : scope)));
  };
  return (
    <Container
      header={
        <Header
          variant="h2"
          description="The routes that this key can call. In a path, * matches any characters, including slashes. Named scopes, such as orders:write, are checked by your own code."
        >
          Scopes
        </Header>
      }
    >
      <GroupError error={errors.get('scopes')} />
      <AttributeEditor
        items={scopes}
        addButtonText="Add scope"
        removeButtonText="Remove"
        removeButtonAriaLabel={({ method, path }) => `Remove ${method} ${path}`}
        empty="No scopes. The deployment’s setting unscopedKeys decides what this key can call: by default, every route."
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
                ariaLabel={method === NAMED ? 'Scope name' : 'Path'}
                value={method === CONNECT ? '' : path}
                disabled={method === CONNECT}
                placeholder={PLACEHOLDERS[method] ?? '/orders/*'}
                onChange={({ detail }) => {
                  change(index, { path: detail.value });
                }}
              />
            ),
            errorText: (_item, index) => errors.get(`scopes.${String(index)}`),
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
