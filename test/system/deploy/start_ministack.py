"""Starts MiniStack, with the qualifier in a function's `context.invokedFunctionArn` as AWS has it.

MiniStack 1.5.33 resolves an alias to its version and reports the ARN of the function alone. Lambda reports the ARN that
was invoked: https://docs.aws.amazon.com/lambda/latest/dg/nodejs-context.html
"""

from ministack.app import main
from ministack.services import lambda_svc

resolve = lambda_svc._effective_func_record_for_qualifier


def resolve_with_alias(function, qualifier):
    record, config = resolve(function, qualifier)
    if config is None or qualifier not in function.get("aliases", {}):
        return record, config
    arn = f"{function['config']['FunctionArn']}:{qualifier}"
    return record, {**config, "FunctionArn": arn}


lambda_svc._effective_func_record_for_qualifier = resolve_with_alias

main()
