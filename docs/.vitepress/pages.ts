/** A page in the sidebar. `file` is relative to `docs/`, as it is on GitHub. */
export interface Page {
  readonly text: string;
  readonly file: string;
}

/** A group of pages: one of the four kinds of documentation (https://diataxis.fr), or a task area of the how-to guides. */
export interface Section {
  readonly text: string;
  readonly pages: readonly Page[];
}

/** Pages that the build generates. They are not in the repository. */
export const GENERATED = {
  admin: 'admin-api.md',
  cli: 'cli-commands.md',
  typescript: 'typescript/index.md',
} as const;

export const SECTIONS: readonly Section[] = [
  {
    text: 'Start',
    pages: [
      { text: 'Getting started', file: 'getting-started.md' },
      { text: 'Concepts', file: 'concepts.md' },
      { text: 'Kinds of API', file: 'kinds-of-api.md' },
      { text: 'Comparison', file: 'comparison.md' },
      { text: 'Cost', file: 'cost.md' },
      { text: 'FAQ', file: 'faq.md' },
    ],
  },
  {
    text: 'How to: attach',
    pages: [
      { text: 'Existing REST API', file: 'how-to/existing-rest-api.md' },
      { text: 'APIs in other stacks', file: 'cross-stack.md' },
      { text: 'HTTP API routes by scope', file: 'how-to/http-api-scopes.md' },
      { text: 'Browsers and CORS', file: 'how-to/browsers.md' },
      { text: 'Custom domain and CloudFront', file: 'how-to/custom-domain.md' },
      { text: 'Read the caller', file: 'how-to/read-the-caller.md' },
      { text: 'Python, Java and Go', file: 'how-to/other-languages.md' },
      { text: 'Without the CDK', file: 'how-to/without-cdk.md' },
      { text: 'Custom authorizer', file: 'custom-authorizer.md' },
    ],
  },
  {
    text: 'How to: manage keys',
    pages: [
      { text: 'Several kinds of key', file: 'how-to/several-kinds-of-key.md' },
      { text: 'Typed attributes', file: 'how-to/typed-attributes.md' },
      { text: 'Manage keys in code', file: 'how-to/manage-keys-in-code.md' },
      { text: 'Suspend an owner', file: 'how-to/suspend-owners.md' },
      { text: 'Limit rates by plan', file: 'how-to/limit-by-plan.md' },
      { text: 'Rotate keys', file: 'how-to/rotate.md' },
      { text: 'A key for CI', file: 'how-to/ci.md' },
      { text: 'Keys in Secrets Manager', file: 'keys-in-secrets-manager.md' },
      { text: 'Leaked keys', file: 'leaked-keys.md' },
      { text: 'Admin console', file: 'console.md' },
    ],
  },
  {
    text: 'How to: migrate',
    pages: [
      { text: 'From API Gateway keys', file: 'how-to/migrate-from-api-gateway.md' },
      { text: 'From Django', file: 'coming-from-django.md' },
      { text: 'From Better Auth', file: 'how-to/migrate-from-better-auth.md' },
      { text: 'From Unkey', file: 'how-to/migrate-from-unkey.md' },
    ],
  },
  {
    text: 'How to: operate',
    pages: [
      { text: 'Set up monitoring', file: 'how-to/monitoring.md' },
      { text: 'Roll back a deployment', file: 'how-to/roll-back.md' },
      { text: 'Several Regions', file: 'multi-region.md' },
      { text: 'Metrics and runbooks', file: 'operations.md' },
      { text: 'Troubleshooting', file: 'troubleshooting.md' },
    ],
  },
  {
    text: 'Reference',
    pages: [
      { text: 'Construct props', file: 'configuration.md' },
      { text: 'API', file: 'api.md' },
      { text: 'Admin API reference', file: GENERATED.admin },
      { text: 'CLI', file: 'cli.md' },
      { text: 'CLI commands', file: GENERATED.cli },
      { text: 'TypeScript', file: GENERATED.typescript },
      { text: 'Events', file: 'events.md' },
      { text: 'Limits and usage', file: 'limits.md' },
      { text: 'Import formats', file: 'importing.md' },
      { text: 'Denial reasons', file: 'denial-reasons.md' },
      { text: 'Errors', file: 'errors.md' },
      { text: 'Metrics', file: 'metrics.md' },
      { text: 'Quotas', file: 'quotas.md' },
    ],
  },
  {
    text: 'Explanation',
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
