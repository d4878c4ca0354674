import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Stack, type App } from 'aws-cdk-lib';

interface CfnTemplate {
  readonly Resources?: Readonly<Record<string, CfnResource>>;
  readonly Outputs?: Readonly<
    Record<string, { readonly Value?: unknown; readonly Export?: { readonly Name?: unknown } }>
  >;
}

interface CfnResource {
  readonly Type: string;
  readonly Properties?: unknown;
  readonly DependsOn?: string | readonly string[];
  readonly Metadata?: unknown;
}

type Graph = ReadonlyMap<string, ReadonlySet<string>>;

/** Synthesises an app. Returns all templates, including those of nested stacks, by the path of their stack in the app. */
export function templatesOf(app: App): Map<string, CfnTemplate> {
  const { directory } = app.synth();
  const stacks = app.node.findAll().filter((node) => Stack.isStack(node));
  return new Map(
    stacks.map((stack) => [
      stack.node.path,
      JSON.parse(readFileSync(join(directory, stack.templateFile), 'utf8')) as CfnTemplate,
    ]),
  );
}

/**
 * Returns the cycles that CloudFormation would reject, as text: between the resources of one template, by `Ref`,
 * `Fn::GetAtt`, `Fn::Sub` and `DependsOn`; and between stacks, by `Fn::ImportValue` and `Fn::GetStackOutput`.
 */
export function cyclesIn(templates: ReadonlyMap<string, CfnTemplate>): string[] {
  const within = [...templates].flatMap(([name, template]) => {
    const cycle = cycleIn(resourceGraph(template));
    return cycle === undefined ? [] : [`${name}: ${cycle.join(' → ')}`];
  });
  const between = cycleIn(stackGraph(templates));
  return [...within, ...(between === undefined ? [] : [`stacks: ${between.join(' → ')}`])];
}

function resourceGraph({ Resources = {} }: CfnTemplate): Graph {
  return new Map(
    Object.entries(Resources).map(([id, { Properties, DependsOn = [] }]) => {
      const needed = [...[DependsOn].flat(), ...referencesIn(Properties)];
      return [id, new Set(needed.filter((one) => one in Resources))];
    }),
  );
}

/** A reference to an output that no stack has is an error of the app, so it is thrown. */
function stackGraph(templates: ReadonlyMap<string, CfnTemplate>): Graph {
  const owners = new Map<string, string>();
  for (const [stack, { Outputs = {} }] of templates)
    for (const [name, { Export }] of Object.entries(Outputs)) {
      owners.set(`${stack}.${name}`, stack);
      if (typeof Export?.Name === 'string') owners.set(Export.Name, stack);
    }
  return new Map(
    [...templates].map(([stack, template]) => [
      stack,
      new Set(
        outputsReadBy(template).map((output) => {
          const owner = owners.get(output);
          if (owner === undefined) throw new Error(`${stack} reads the output ${output}, which no stack has`);
          return owner;
        }),
      ),
    ]),
  );
}

/** The logical IDs that a value refers to. */
function referencesIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(referencesIn);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]: [string, unknown]) => {
    if (name === 'Ref') return [String(inner)];
    if (name === 'Fn::GetAtt') return [String(Array.isArray(inner) ? inner[0] : String(inner).split('.')[0])];
    if (name === 'Fn::Sub') return [...namesInSub(inner), ...referencesIn(inner)];
    return referencesIn(inner);
  });
}

function namesInSub(value: unknown): string[] {
  const [text] = [value].flat();
  return [...String(text).matchAll(/\$\{(\w+)/g)].map(([, name]) => String(name));
}

/** The outputs of other stacks that a value refers to: the name of an export, or `<stack>.<output>`. */
function outputsReadBy(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(outputsReadBy);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]: [string, unknown]) => {
    if (name === 'Fn::ImportValue') return [String(inner)];
    if (name !== 'Fn::GetStackOutput') return outputsReadBy(inner);
    const { StackName, OutputName } = inner as { StackName: string; OutputName: string };
    return [`${StackName}.${OutputName}`];
  });
}

/** Returns the nodes of a cycle, with the first one repeated at the end, or `undefined` for a graph without cycles. */
function cycleIn(graph: Graph): string[] | undefined {
  const done = new Set<string>();
  const visit = (node: string, path: readonly string[]): string[] | undefined => {
    if (path.includes(node)) return [...path.slice(path.indexOf(node)), node];
    if (done.has(node)) return undefined;
    for (const next of graph.get(node) ?? []) {
      const cycle = visit(next, [...path, node]);
      if (cycle !== undefined) return cycle;
    }
    done.add(node);
    return undefined;
  };
  for (const node of graph.keys()) {
    const cycle = visit(node, []);
    if (cycle !== undefined) return cycle;
  }
  return undefined;
}
