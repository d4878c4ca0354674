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
   * Whether to set the role by which API Gateway writes logs, for the whole account in this Region. Set it to
   * `false` where the account has one that should stay.
   *
   * @default true
   */
  readonly apiGatewayLogRole?: boolean;
  /**
   * Whether to make a dashboard, alarms, Contributor Insights rules and saved queries: see {@link Monitoring}.
   *
   * @default false: they cost about six dollars a month
   */
  readonly monitoring?: boolean;
  /**
   * Whether to host the admin console: see {@link AdminConsole}.
   *
   * @default false: `latchkey console` serves it on the operator's machine
   */
  readonly console?: boolean;
}

/** All of Latchkey, to be tried or used as it is: keys, the admin API, and a sample API that they open. */
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

    new CfnOutput(this, 'SampleApiUrl', { value: sample.api.url, description: 'Call it with the header x-api-key' });
    new CfnOutput(this, 'AdminApiUrl', { value: admin.api.url, description: 'Sign calls with IAM credentials' });
    keys.addOutputs();
    usage.addOutputs();
  }
}
