import { Token } from 'aws-cdk-lib';
import type { ITable, ITableV2 } from 'aws-cdk-lib/aws-dynamodb';
import type { Construct, IConstruct } from 'constructs';

/** The paths of the `ApiKeys` by their label and table, for each app. */
const kindsOfApp = new WeakMap<IConstruct, Map<string, string>>();

/**
 * Rejects two `ApiKeys` with the same label in the same table. Only the label distinguishes the kinds of key in a table,
 * so each authorizer would accept the keys of the other.
 *
 * @throws {Error} if another `ApiKeys` of the app has this label in this table
 */
export function refuseSameKindTwice(keys: Construct, table: ITable | ITableV2, label: string): void {
  const kinds = kindsOfApp.get(keys.node.root) ?? new Map<string, string>();
  kindsOfApp.set(keys.node.root, kinds);
  const { account, region } = table.env;
  const place = Token.isUnresolved(table.tableName) ? table.node.path : `${account}/${region}/${table.tableName}`;
  const kind = `${label} in ${place}`;
  const other = kinds.get(kind);
  if (other !== undefined)
    throw new Error(
      `${other} uses the label "${label}" for the same table. Give each ApiKeys of a table a different label.`,
    );
  kinds.set(kind, keys.node.path);
}
