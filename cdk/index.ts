/** The constructs of Latchkey, for an app of the AWS CDK. */
export { AdminApi, type AdminApiProps } from './admin-api.ts';
export { ApiGatewayLogRole } from './api-gateway-log-role.ts';
export { ApiKeys, type ApiKeysProps } from './api-keys.ts';
export { KeysTable, type KeysTableProps } from './keys-table.ts';
export { Monitoring, type MonitoringProps } from './monitoring.ts';
export { RateLimits } from './rate-limits.ts';
export { UsagePlans, type UsagePlansProps } from './usage-plans.ts';
export { Usage, type UsageProps } from './usage.ts';
export type { AttributesSchema } from '../functions/domain/attributes.ts';
export type { ApiStage } from '../functions/domain/api-stage.ts';
export type { KeySource } from '../functions/domain/credential.ts';
export type { IdentitySource } from '../functions/domain/identity-source.ts';
export type { ImportedFormat } from '../functions/domain/imported-key.ts';
export type { Limits, Plans } from '../functions/domain/limits.ts';
export type { UnscopedKeys } from '../functions/domain/policy.ts';
export type { EnforcedRestriction } from '../functions/domain/restrictions.ts';
export type { KeyOperation } from '../functions/manage/operation-names.ts';
