/** The condition key `dynamodb:Attributes`: the attributes of the key and of the expressions. */
export function attributesOf({
  Key,
  UpdateExpression,
  ConditionExpression,
  ExpressionAttributeNames,
}: Record<string, unknown>): string[] {
  const expressions = [UpdateExpression, ConditionExpression].filter((text) => typeof text === 'string').join(' ');
  const words = expressions.match(/(?<![:#\w])[A-Za-z]\w*\b(?!\()/g) ?? [];
  return [
    ...Object.keys(Key as object),
    ...Object.values((ExpressionAttributeNames ?? {}) as Record<string, string>),
    ...words.filter((word) => !['SET', 'REMOVE', 'ADD', 'AND', 'OR', 'NOT'].includes(word)),
  ];
}
