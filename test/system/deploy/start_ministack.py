"""Starts MiniStack with three differences from AWS corrected. MiniStack 1.5.33:

- reports the ARN of the function alone when an alias is invoked. Lambda reports the ARN that was invoked:
  https://docs.aws.amazon.com/lambda/latest/dg/nodejs-context.html
- leaves out `version` in the authorizer event of payload 1.0 on HTTP APIs:
  https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html
- finds no identity source of the request context on WebSocket APIs, so it rejects every connection:
  https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-lambda-auth.html
"""

from ministack.app import main
from ministack.services import apigateway, lambda_svc

resolve = lambda_svc._effective_func_record_for_qualifier
invoke_authorizer = apigateway._invoke_request_authorizer_lambda
find_identity_sources = apigateway._request_authorizer_identity_sources


def resolve_with_alias(function, qualifier):
    record, config = resolve(function, qualifier)
    if config is None or qualifier not in function.get("aliases", {}):
        return record, config
    arn = f"{function['config']['FunctionArn']}:{qualifier}"
    return record, {**config, "FunctionArn": arn}


async def invoke_authorizer_with_version(authorizer, event, account_id, region):
    is_payload_1 = str(authorizer.get("authorizerPayloadFormatVersion")) == "1.0"
    return await invoke_authorizer(
        authorizer, {"version": "1.0", **event} if is_payload_1 else event, account_id, region
    )


def find_identity_sources_with_context(identity_source, *request):
    # Every request has the values of the request context.
    sources = [source for source in identity_source or [] if not source.startswith("context.")]
    return find_identity_sources(sources, *request)


lambda_svc._effective_func_record_for_qualifier = resolve_with_alias
apigateway._invoke_request_authorizer_lambda = invoke_authorizer_with_version
apigateway._request_authorizer_identity_sources = find_identity_sources_with_context

main()
