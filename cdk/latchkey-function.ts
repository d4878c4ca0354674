import { Reference, Tokenization, type Duration } from 'aws-cdk-lib';
import { CfnAuthorizer } from 'aws-cdk-lib/aws-apigateway';
import { Role, ServicePrincipal, type PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Architecture, Function, Runtime, Tracing, type Permission } from 'aws-cdk-lib/aws-lambda';
import { NodejsFunction, OutputFormat } from 'aws-cdk-lib/aws-lambda-nodejs';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { acknowledge } from './acknowledge.ts';
import { bundle, REQUIRE } from './bundle.ts';

/** The options that all functions of a deployment share. */
export interface FunctionOptions {
  /** The memory of each function, in MiB. */
  readonly memorySize: number;
  /** How long the logs of the functions are kept. */
  readonly logRetention: RetentionDays;
  /** Whether the functions send traces to AWS X-Ray. */
  readonly tracing: boolean;
}

export interface LatchkeyFunctionProps extends FunctionOptions {
  /** The name of its entry file in `functions/`, without the extension; or the path of an entry file of the app. */
  readonly entry: string | { readonly file: string };
  readonly description: string;
  readonly timeout: Duration;
  /** @default no environment variables */
  readonly environment?: Record<string, string>;
  /**
   * What its role allows, in addition to writing its log.
   *
   * @default nothing
   */
  readonly statements?: readonly PolicyStatement[];
}

/**
 * A function whose grants allow direct invocation only. CDK's own `grantInvoke` also allows every alias, including the
 * one that only API Gateway can invoke.
 */
class UnqualifiedFunction extends Function {
  override get resourceArnsForGrantInvoke(): string[] {
    return [this.functionArn, this.latestVersion.functionArn];
  }

  override addPermission(id: string, permission: Permission): void {
    super.addPermission(id, inScopeOfAuthorizer(permission));
  }
}

/** A function of the app's own code, which esbuild bundles. */
class CustomFunction extends NodejsFunction {
  override addPermission(id: string, permission: Permission): void {
    super.addPermission(id, inScopeOfAuthorizer(permission));
  }
}

/**
 * Creates the permission for a REST API's authorizer in the scope of that authorizer, as CDK does for HTTP and WebSocket
 * APIs. In the scope of the function, which is CDK's default, the stack of the function would depend on the stack of the
 * API, which depends on the function.
 */
function inScopeOfAuthorizer(permission: Permission): Permission {
  const { scope, sourceArn } = permission;
  if (scope !== undefined || sourceArn === undefined) return permission;
  const authorizer = Tokenization.reverseString(sourceArn)
    .tokens.filter((token) => Reference.isReference(token))
    .find(({ target }) => CfnAuthorizer.isCfnAuthorizer(target))?.target.node.scope;
  return authorizer instanceof Construct ? { ...permission, scope: authorizer } : permission;
}

/**
 * A function with its own log group and role. The role allows writing that log and what `statements` allow. AWS's managed
 * policy for Lambda would allow writing every log of the account.
 */
export class LatchkeyFunction extends Construct {
  readonly function: Function;

  constructor(scope: Construct, id: string, props: LatchkeyFunctionProps) {
    super(scope, id);
    const { entry, statements = [], tracing, logRetention, ...settings } = props;
    // CDK's default keeps it when the stack is deleted: it is the audit trail. Its events expire.
    const logGroup = new LogGroup(this, 'Log', { retention: logRetention });
    const role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    logGroup.grantWrite(role);
    for (const statement of statements) role.addToPolicy(statement);
    if (tracing) {
      acknowledge(role, {
        id: 'AwsSolutions-IAM5[Resource::*]',
        reason: 'X-Ray supports only the resource *. These two actions write traces and read nothing.',
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
        : new CustomFunction(this, 'Function', {
            ...common,
            entry: entry.file,
            awsSdkConnectionReuse: false,
            // An ESM bundle that contains CommonJS modules needs these options: docs/architecture.md.
            bundling: {
              format: OutputFormat.ESM,
              target: 'node24',
              mainFields: ['module', 'main'],
              banner: REQUIRE,
              minify: true,
              // The log identifies errors by their class names.
              keepNames: true,
              externalModules: [],
            },
          });
  }
}
