"""Starts MiniStack with six differences from AWS corrected. MiniStack 1.5.33:

- reports the ARN of the function alone when an alias is invoked. Lambda reports the ARN that was invoked:
  https://docs.aws.amazon.com/lambda/latest/dg/nodejs-context.html
- leaves out `version` in the authorizer event of payload 1.0 on HTTP APIs:
  https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html
- finds no identity source of the request context on WebSocket APIs, so it rejects every connection:
  https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-lambda-auth.html
- has no FlushStageAuthorizersCache for REST APIs:
  https://docs.aws.amazon.com/apigateway/latest/api/API_FlushStageAuthorizersCache.html
- deletes the stage of an HTTP API when its authorizer cache is reset:
  https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-stages-stagename-cache-authorizers.html
- returns the name of a secret as its physical ID. CloudFormation returns the ARN, which `Ref` then has:
  https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-secretsmanager-secret.html
"""

from urllib.parse import unquote

from ministack.app import main
from ministack.services import apigateway, apigateway_v1, lambda_svc, secretsmanager
from ministack.services.cloudformation import provisioners

resolve = lambda_svc._effective_func_record_for_qualifier
invoke_authorizer = apigateway._invoke_request_authorizer_lambda
find_identity_sources = apigateway._request_authorizer_identity_sources
handle_request = apigateway.handle_request
handle_rest_request = apigateway_v1.handle_request
secret_resource = provisioners._RESOURCE_HANDLERS["AWS::SecretsManager::Secret"]
create_secret, update_secret, delete_secret = (secret_resource[name] for name in ("create", "update", "delete"))


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


def drop_cached_results(service, api_id, stage):
    # The key of a cached result is (account, region, API, authorizer, stage, identity).
    for key in [key for key in service._authorizer_cache if (key[2], key[4]) == (api_id, stage)]:
        del service._authorizer_cache[key]


async def handle_request_with_cache_reset(method, path, headers, body, query_params):
    match [unquote(part) for part in path.strip("/").split("/")]:
        case ["v2", "apis", api_id, "stages", stage, "cache", "authorizers"] if method == "DELETE":
            drop_cached_results(apigateway, api_id, stage)
            return 204, {}, b""
    return await handle_request(method, path, headers, body, query_params)


async def handle_rest_request_with_cache_flush(method, path, headers, body, query_params):
    match [unquote(part) for part in path.strip("/").split("/")]:
        case ["restapis", api_id, "stages", stage, "cache", "authorizers"] if method == "DELETE":
            drop_cached_results(apigateway_v1, api_id, stage)
            return 202, {}, b""
    return await handle_rest_request(method, path, headers, body, query_params)


def name_of_secret(arn):
    name, _ = secretsmanager._resolve(arn)
    return name


def create_secret_with_arn(logical_id, props, stack_name):
    _, attributes = create_secret(logical_id, props, stack_name)
    return attributes["Arn"], attributes


def update_secret_by_arn(arn, *arguments, **options):
    _, attributes = update_secret(name_of_secret(arn), *arguments, **options)
    return attributes["Arn"], attributes


def delete_secret_by_arn(arn, props):
    return delete_secret(name_of_secret(arn), props)


lambda_svc._effective_func_record_for_qualifier = resolve_with_alias
apigateway._invoke_request_authorizer_lambda = invoke_authorizer_with_version
apigateway._request_authorizer_identity_sources = find_identity_sources_with_context
apigateway.handle_request = handle_request_with_cache_reset
apigateway_v1.handle_request = handle_rest_request_with_cache_flush
secret_resource.update(create=create_secret_with_arn, update=update_secret_by_arn, delete=delete_secret_by_arn)

main()
