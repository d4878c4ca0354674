import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { AdminApi } from './admin-api.ts';
import { ApiGatewayLogRole } from './api-gateway-log-role.ts';
import { ApiKeys } from './api-keys.ts';
import { KeyEvents } from './key-events.ts';
import { AdminConsole } from './console.ts';
import { Monitoring } from './monitoring.ts';
import { RateLimits } from './rate-limits.ts';
import { SampleApi } from './sample-api.ts';
import { Usage } from './usage.ts';

export interface LatchkeyStackProps extends StackProps {
  /**
   * Whether to set the role with which API Gateway writes logs, for the whole account in this Region. Use `false` to keep the
   * role that the account already has.
   *
   * @default true
   */
  readonly apiGatewayLogRole?: boolean;
  /**
   * Whether to create a dashboard, alarms, Contributor Insights rules and saved queries: see `Monitoring`. They cost about six
   * dollars a month.
   *
   * @default false
   */
  readonly monitoring?: boolean;
  /**
   * Whether to host the admin console: see `AdminConsole`. Without it, `latchkey console` serves the console on the operator's
   * machine.
   *
   * @default false
   */
  readonly console?: boolean;
}

/** A complete deployment to try or to use: keys, the admin API, events, and a sample API that requires a key. */
export class LatchkeyStack extends Stack {
  constructor(scope: Construct, id: string, props: LatchkeyStackProps = {}) {
    super(scope, id, props);
    const keys = new ApiKeys(this, 'Keys');
    const limits = new RateLimits(this, 'Limits');
    const usage = new Usage(this, 'Usage', { keys });
    const admin = new AdminApi(this, 'Admin', { keys, usage });
    const sample = new SampleApi(this, 'Sample', { keys, limits, usage });
    const events = new KeyEvents(this, 'Events', { keys, limits });
    if (props.monitoring ?? false) new Monitoring(this, 'Monitoring', { keys, limits, usage, events });
    if (props.console ?? false) new AdminConsole(this, 'Console', { keys, usage }).addOutputs();
    if (props.apiGatewayLogRole ?? true) {
      const logRole = new ApiGatewayLogRole(this, 'ApiGatewayLogRole');
      for (const { api } of [admin, sample]) api.deploymentStage.node.addDependency(logRole);
    }

    new CfnOutput(this, 'SampleApiUrl', {
      value: sample.api.url,
      description: 'The sample API. Send a key in the header x-api-key.',
    });
    new CfnOutput(this, 'AdminApiUrl', {
      value: admin.api.url,
      description: 'The admin API. Sign requests with IAM credentials.',
    });
    keys.addOutputs();
    usage.addOutputs();
  }
}
