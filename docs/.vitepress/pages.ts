/** A page in the sidebar. `file` is relative to `docs/`, as it is on GitHub. */
export interface Page {
  readonly text: string;
  readonly file: string;
}

/** A group of pages: one of the four kinds of documentation (https://diataxis.fr), or a task area of the how-to guides. */
export interface Section {
  readonly text: string;
  readonly collapsed?: boolean;
  readonly pages: readonly Page[];
}

/** Pages that the build generates. They are not in the repository. */
export const GENERATED = {
  cli: 'cli-commands.md',
  typescript: 'typescript/index.md',
} as const;

export const SECTIONS: readonly Section[] = [
  {
    text: 'Start',
    pages: [
      { text: 'Getting started', file: 'getting-started.md' },
      { text: 'REST, HTTP, and WebSocket APIs', file: 'kinds-of-api.md' },
    ],
  },
  {
    text: 'Keys and owners',
    pages: [
      { text: 'Guide', file: 'guide.md' },
      { text: 'Admin console', file: 'console.md' },
    ],
  },
  {
    text: 'Limits and authorization',
    pages: [
      { text: 'Limits and usage', file: 'limits.md' },
      { text: 'Custom authorizer', file: 'custom-authorizer.md' },
    ],
  },
  {
    text: 'Migrate',
    pages: [
      { text: 'Import keys', file: 'importing.md' },
      { text: 'From djangorestframework-api-key', file: 'coming-from-django.md' },
    ],
  },
  {
    text: 'Operate',
    pages: [
      { text: 'Monitoring and runbooks', file: 'operations.md' },
      { text: 'Several Regions', file: 'multi-region.md' },
      { text: 'Leaked keys', file: 'leaked-keys.md' },
    ],
  },
  {
    text: 'Reference',
    pages: [
      { text: 'Construct props', file: 'configuration.md' },
      { text: 'API', file: 'api.md' },
      { text: 'CLI', file: 'cli.md' },
      { text: 'CLI commands', file: GENERATED.cli },
      { text: 'TypeScript', file: GENERATED.typescript },
      { text: 'Events', file: 'events.md' },
      { text: 'Denial reasons', file: 'denial-reasons.md' },
    ],
  },
  {
    text: 'Explanation',
    collapsed: true,
    pages: [
      { text: 'Architecture', file: 'architecture.md' },
      { text: 'Security model', file: 'security.md' },
      { text: 'Performance', file: 'performance.md' },
      { text: 'Testing', file: 'testing.md' },
      { text: 'Dependencies', file: 'dependencies.md' },
      { text: 'Decisions', file: 'decisions/README.md' },
    ],
  },
];
