import type { Duration } from 'aws-cdk-lib';
import { Role, ServicePrincipal, type PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Architecture, Function, Runtime, Tracing } from 'aws-cdk-lib/aws-lambda';
import { NodejsFunction, OutputFormat } from 'aws-cdk-lib/aws-lambda-nodejs';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { acknowledge } from './acknowledge.ts';
import { bundle, REQUIRE } from './bundle.ts';

/** What all functions of a deployment share. */
export interface FunctionOptions {
  /** In MiB. */
  readonly memorySize: number;
  readonly logRetention: RetentionDays;
  readonly tracing: boolean;
}

export interface LatchkeyFunctionProps extends FunctionOptions {
  /** Its entry file in `functions/`, without the extension; or a file of a team's own. */
  readonly entry: string | { readonly file: string };
  readonly description: string;
  readonly timeout: Duration;
  readonly environment?: Record<string, string>;
  /** What it may do, beside writing its log. */
  readonly statements?: readonly PolicyStatement[];
}

/**
 * A function whose grants allow direct invocation only. CDK's own `grantInvoke` also allows every alias, and so the one
 * that is for API Gateway alone.
 */
class UnqualifiedFunction extends Function {
  override get resourceArnsForGrantInvoke(): string[] {
    return [this.functionArn, this.latestVersion.functionArn];
  }
}

/**
 * A function with a log group and a role of its own. The role may write that log and do what `statements` say:
 * AWS's managed policy for Lambda would let it write every log of the account.
 */
export class LatchkeyFunction extends Construct {
  readonly function: Function;

  constructor(scope: Construct, id: string, props: LatchkeyFunctionProps) {
    super(scope, id);
    const { entry, statements = [], tracing, logRetention, ...settings } = props;
    // Kept when the stack is deleted, as CDK does with logs: it is the audit trail. It empties itself in time.
    const logGroup = new LogGroup(this, 'Log', { retention: logRetention });
    const role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    logGroup.grantWrite(role);
    for (const statement of statements) role.addToPolicy(statement);
    if (tracing) {
      acknowledge(role, {
        id: 'AwsSolutions-IAM5[Resource::*]',
        reason: 'X-Ray takes traces for no resource but *; these two actions write traces and read nothing.',
      });
    }
    const common = {
      ...settings,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      role,
      logGroup,
      tracing: tracing ? Tracing.ACTIVE : Tracing.DISABLED,
    };
    this.function =
      typeof entry === 'string'
        ? new UnqualifiedFunction(this, 'Function', { ...common, code: bundle(entry), handler: 'index.handler' })
        : new NodejsFunction(this, 'Function', {
            ...common,
            entry: entry.file,
            awsSdkConnectionReuse: false,
            // An ESM bundle of CommonJS modules runs only so: docs/architecture.md.
            bundling: {
              format: OutputFormat.ESM,
              target: 'node24',
              mainFields: ['module', 'main'],
              banner: REQUIRE,
              minify: true,
              // The log tells errors by their names.
              keepNames: true,
              externalModules: [],
            },
          });
  }
}
