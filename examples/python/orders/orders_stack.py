from aws_cdk import CfnOutput, Duration, RemovalPolicy, Stack
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_apigatewayv2 as apigatewayv2
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk.aws_apigatewayv2_integrations import (
    HttpLambdaIntegration,
    WebSocketLambdaIntegration,
)
from constructs import Construct
from latchkey_cdk import (
    ApiCors,
    ApiKeys,
    CachingApi,
    HttpResponse,
    ImportedFormat,
    KeyOperation,
    KeySource,
    KeysTable,
    Limits,
    RateLimits,
    UnscopedKeys,
    Usage,
)

ORIGIN = "https://app.example.com"


class OrdersStack(Stack):
    """A REST API, an HTTP API and a WebSocket API that require an API key."""

    def __init__(self, scope: Construct, construct_id: str, **kwargs) -> None:
        super().__init__(scope, construct_id, **kwargs)

        self.keys = ApiKeys(
            self,
            "Keys",
            table=KeysTable(
                self, "Table", removal_policy=RemovalPolicy.DESTROY, deletion_protection=False
            ),
            label="acme_live",
            key_sources=[KeySource.header("authorization", "Bearer")],
            imported_formats=[ImportedFormat.DRF],
            unscoped_keys=UnscopedKeys.NOTHING,
            http_response=HttpResponse.SIMPLE,
            cache_ttl=Duration.seconds(30),
            owner_suspension=True,
            plans={
                "free": Limits(rate="10/s", quota="10000/month"),
                "pro": Limits(rate="100/s", burst=200),
            },
            attributes={
                "type": "object",
                "properties": {
                    "tenant": {"type": "string", "maxLength": 40},
                    "tier": {"type": "string", "enum": ["trial", "premium"], "default": "trial"},
                },
                "required": ["tenant"],
            },
            log_retention=logs.RetentionDays.ONE_MONTH,
        )
        self.keys.add_outputs()
        self.limits = RateLimits(self, "Limits")
        self.usage = Usage(self, "Usage", keys=self.keys)
        self.usage.add_outputs()

        orders = lambda_.Function(
            self,
            "Orders",
            runtime=lambda_.Runtime.PYTHON_3_13,
            handler="index.handler",
            code=lambda_.Code.from_asset("api"),
        )

        rest = apigateway.LambdaRestApi(
            self,
            "Rest",
            handler=orders,
            deploy_options=self.usage.rest_access_log(),
            default_method_options=apigateway.MethodOptions(authorizer=self.keys.rest_authorizer()),
            cloud_watch_role=False,
        )
        ApiCors.add_to_rest_api(rest, allow_origin=ORIGIN)

        http = apigatewayv2.HttpApi(self, "Http")
        integration = HttpLambdaIntegration("Orders", orders)
        http.add_routes(
            path="/orders/{proxy+}",
            integration=integration,
            authorizer=self.keys.http_authorizer(),
        )
        ApiCors.add_to_http_api(http, integration, allow_origin=ORIGIN)

        web_socket = apigatewayv2.WebSocketApi(self, "WebSocket")
        web_socket.add_route(
            "$connect",
            integration=WebSocketLambdaIntegration("Orders", orders),
            authorizer=self.keys.web_socket_authorizer(),
        )

        # The stage of an API that another app defines.
        self.keys.flush_on_revoke(kind=CachingApi.REST, api_id="a1b2c3d4e5", stage_name="prod")

        # A function of your app that suspends the owner of a key.
        self.keys.grant(KeyOperation.SUSPEND, orders)

        CfnOutput(self, "ApiUrl", value=rest.url)
        CfnOutput(self, "HttpApiUrl", value=http.api_endpoint)
        CfnOutput(self, "VerifyFunction", value=self.keys.functions["verify"].function_arn)
