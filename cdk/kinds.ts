import { Token } from 'aws-cdk-lib';
import type { ITable, ITableV2 } from 'aws-cdk-lib/aws-dynamodb';
import type { Construct, IConstruct } from 'constructs';

/** Who has which label in which table, by the app. */
const kindsOfApp = new WeakMap<IConstruct, Map<string, string>>();

/**
 * Of two kinds of key in one table the label alone tells which is which. With the same one they would be one kind,
 * with two authorizers that open to the keys of both.
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
      `the label "${label}" is that of ${other} too, in the same table; accepted: a label of its own for each kind of key`,
    );
  kinds.set(kind, keys.node.path);
}
