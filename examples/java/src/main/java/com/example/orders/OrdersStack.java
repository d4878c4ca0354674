package com.example.orders;

import io.github.latchkey.cdk.ApiCors;
import io.github.latchkey.cdk.ApiCorsOptions;
import io.github.latchkey.cdk.ApiKeys;
import io.github.latchkey.cdk.ApiStage;
import io.github.latchkey.cdk.CachingApi;
import io.github.latchkey.cdk.HttpResponse;
import io.github.latchkey.cdk.ImportedFormat;
import io.github.latchkey.cdk.KeyOperation;
import io.github.latchkey.cdk.KeySource;
import io.github.latchkey.cdk.KeysTable;
import io.github.latchkey.cdk.Limits;
import io.github.latchkey.cdk.RateLimits;
import io.github.latchkey.cdk.UnscopedKeys;
import io.github.latchkey.cdk.Usage;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import software.amazon.awscdk.CfnOutput;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.RemovalPolicy;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.aws_apigatewayv2_integrations.HttpLambdaIntegration;
import software.amazon.awscdk.aws_apigatewayv2_integrations.WebSocketLambdaIntegration;
import software.amazon.awscdk.services.apigateway.LambdaRestApi;
import software.amazon.awscdk.services.apigateway.MethodOptions;
import software.amazon.awscdk.services.apigatewayv2.AddRoutesOptions;
import software.amazon.awscdk.services.apigatewayv2.HttpApi;
import software.amazon.awscdk.services.apigatewayv2.WebSocketApi;
import software.amazon.awscdk.services.apigatewayv2.WebSocketRouteOptions;
import software.amazon.awscdk.services.lambda.Code;
import software.amazon.awscdk.services.lambda.Function;
import software.amazon.awscdk.services.lambda.Runtime;
import software.amazon.awscdk.services.logs.RetentionDays;
import software.constructs.Construct;

/** A REST API, an HTTP API and a WebSocket API that require an API key. */
public final class OrdersStack extends Stack {
    final ApiKeys keys;
    final RateLimits limits;
    final Usage usage;

    public OrdersStack(final Construct scope, final String id) {
        super(scope, id);

        keys = ApiKeys.Builder.create(this, "Keys")
                .table(KeysTable.Builder.create(this, "Table")
                        .removalPolicy(RemovalPolicy.DESTROY)
                        .deletionProtection(false)
                        .build())
                .label("acme_live")
                .keySources(List.of(KeySource.header("authorization", "Bearer")))
                .importedFormats(List.of(ImportedFormat.DRF))
                .unscopedKeys(UnscopedKeys.NOTHING)
                .httpResponse(HttpResponse.SIMPLE)
                .cacheTtl(Duration.seconds(30))
                .ownerSuspension(true)
                .plans(sorted(Map.of(
                        "free", Limits.builder().rate("10/s").quota("10000/month").build(),
                        "pro", Limits.builder().rate("100/s").burst(200).build())))
                .attributes(sorted(Map.of(
                        "type", "object",
                        "properties", sorted(Map.of(
                                "tenant", sorted(Map.of("type", "string", "maxLength", 40)),
                                "tier", sorted(Map.of(
                                        "type", "string",
                                        "enum", List.of("trial", "premium"),
                                        "default", "trial")))),
                        "required", List.of("tenant"))))
                .logRetention(RetentionDays.ONE_MONTH)
                .build();
        keys.addOutputs();
        limits = new RateLimits(this, "Limits");
        usage = Usage.Builder.create(this, "Usage").keys(keys).build();
        usage.addOutputs();

        Function orders = Function.Builder.create(this, "Orders")
                .runtime(Runtime.PYTHON_3_13)
                .handler("index.handler")
                .code(Code.fromAsset("../python/api"))
                .build();

        LambdaRestApi rest = LambdaRestApi.Builder.create(this, "Rest")
                .handler(orders)
                .deployOptions(usage.restAccessLog())
                .defaultMethodOptions(MethodOptions.builder().authorizer(keys.restAuthorizer()).build())
                .cloudWatchRole(false)
                .build();
        ApiCorsOptions cors = ApiCorsOptions.builder().allowOrigin("https://app.example.com").build();
        ApiCors.addToRestApi(rest, cors);

        HttpApi http = new HttpApi(this, "Http");
        HttpLambdaIntegration integration = new HttpLambdaIntegration("Orders", orders);
        http.addRoutes(AddRoutesOptions.builder()
                .path("/orders/{proxy+}")
                .integration(integration)
                .authorizer(keys.httpAuthorizer())
                .build());
        ApiCors.addToHttpApi(http, integration, cors);

        WebSocketApi webSocket = new WebSocketApi(this, "WebSocket");
        webSocket.addRoute("$connect", WebSocketRouteOptions.builder()
                .integration(new WebSocketLambdaIntegration("Orders", orders))
                .authorizer(keys.webSocketAuthorizer())
                .build());

        // The stage of an API that another app defines.
        keys.flushOnRevoke(ApiStage.builder()
                .kind(CachingApi.REST)
                .apiId("a1b2c3d4e5")
                .stageName("prod")
                .build());

        // A function of your app that suspends the owner of a key.
        keys.grant(KeyOperation.SUSPEND, orders);

        CfnOutput.Builder.create(this, "ApiUrl").value(rest.getUrl()).build();
        CfnOutput.Builder.create(this, "HttpApiUrl").value(http.getApiEndpoint()).build();
        CfnOutput.Builder.create(this, "VerifyFunction")
                .value(keys.getFunctions().get("verify").getFunctionArn())
                .build();
    }

    /** Map.of has another order in each run. The template would then change with each synthesis. */
    private static <V> Map<String, V> sorted(final Map<String, V> map) {
        return new TreeMap<>(map);
    }
}
