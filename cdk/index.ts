/** The constructs of Latchkey, for an app of the AWS CDK. */
export { AdminApi, type AdminApiProps } from './admin-api.ts';
export { ApiGatewayLogRole } from './api-gateway-log-role.ts';
export { ApiKeys, type ApiKeysProps } from './api-keys.ts';
export { KeysTable, type KeysTableProps } from './keys-table.ts';
export type { ApiStage } from '../functions/domain/api-stage.ts';
export type { KeySource } from '../functions/domain/credential.ts';
export type { ImportedFormat } from '../functions/domain/imported-key.ts';
export type { UnscopedKeys } from '../functions/domain/policy.ts';
export type { OperationName } from '../functions/manage/operation-names.ts';
