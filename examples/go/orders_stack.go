package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	apigateway "github.com/aws/aws-cdk-go/awscdk/v2/awsapigateway"
	apigatewayv2 "github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2"
	integrations "github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2integrations"
	lambda "github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	logs "github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	latchkey "github.com/latchkey/latchkey-cdk-go/latchkeycdk"
)

// Orders is what the operators' stack needs of the stack with the APIs.
type Orders struct {
	keys   latchkey.ApiKeys
	limits latchkey.RateLimits
	usage  latchkey.Usage
}

// NewOrdersStack creates a REST API, an HTTP API and a WebSocket API that require an API key.
func NewOrdersStack(scope constructs.Construct, id string) Orders {
	stack := awscdk.NewStack(scope, jsii.String(id), nil)
	keys := latchkey.NewApiKeys(stack, jsii.String("Keys"), &latchkey.ApiKeysProps{
		Table: latchkey.NewKeysTable(stack, jsii.String("Table"), &latchkey.KeysTableProps{
			RemovalPolicy:      awscdk.RemovalPolicy_DESTROY,
			DeletionProtection: jsii.Bool(false),
		}),
		Label:           jsii.String("acme_live"),
		KeySources:      &[]latchkey.KeySource{latchkey.KeySource_Header(jsii.String("authorization"), jsii.String("Bearer"))},
		ImportedFormats: &[]latchkey.ImportedFormat{latchkey.ImportedFormat_DRF},
		UnscopedKeys:    latchkey.UnscopedKeys_NOTHING,
		HttpResponse:    latchkey.HttpResponse_SIMPLE,
		CacheTtl:        awscdk.Duration_Seconds(jsii.Number(30)),
		OwnerSuspension: jsii.Bool(true),
		Plans: &map[string]*latchkey.Limits{
			"free": {Rate: jsii.String("10/s"), Quota: jsii.String("10000/month")},
			"pro":  {Rate: jsii.String("100/s"), Burst: jsii.Number(200)},
		},
		Attributes: map[string]interface{}{
			"type": "object",
			"properties": map[string]interface{}{
				"tenant": map[string]interface{}{"type": "string", "maxLength": 40},
				"tier":   map[string]interface{}{"type": "string", "enum": []string{"trial", "premium"}, "default": "trial"},
			},
			"required": []string{"tenant"},
		},
		LogRetention: logs.RetentionDays_ONE_MONTH,
	})
	keys.AddOutputs()
	limits := latchkey.NewRateLimits(stack, jsii.String("Limits"))
	usage := latchkey.NewUsage(stack, jsii.String("Usage"), &latchkey.UsageProps{Keys: keys})
	usage.AddOutputs()

	orders := lambda.NewFunction(stack, jsii.String("Orders"), &lambda.FunctionProps{
		Runtime: lambda.Runtime_PYTHON_3_13(),
		Handler: jsii.String("index.handler"),
		Code:    lambda.Code_FromAsset(jsii.String("../python/api"), nil),
	})
	rest := apigateway.NewLambdaRestApi(stack, jsii.String("Rest"), &apigateway.LambdaRestApiProps{
		Handler:              orders,
		DeployOptions:        usage.RestAccessLog(nil),
		DefaultMethodOptions: &apigateway.MethodOptions{Authorizer: keys.RestAuthorizer()},
		CloudWatchRole:       jsii.Bool(false),
	})
	cors := &latchkey.ApiCorsOptions{AllowOrigin: jsii.String("https://app.example.com")}
	latchkey.ApiCors_AddToRestApi(rest, cors)
	http := apigatewayv2.NewHttpApi(stack, jsii.String("Http"), nil)
	integration := integrations.NewHttpLambdaIntegration(jsii.String("Orders"), orders, nil)
	http.AddRoutes(&apigatewayv2.AddRoutesOptions{
		Path:        jsii.String("/orders/{proxy+}"),
		Integration: integration,
		Authorizer:  keys.HttpAuthorizer(),
	})
	latchkey.ApiCors_AddToHttpApi(http, integration, cors)
	webSocket := apigatewayv2.NewWebSocketApi(stack, jsii.String("WebSocket"), nil)
	webSocket.AddRoute(jsii.String("$connect"), &apigatewayv2.WebSocketRouteOptions{
		Integration: integrations.NewWebSocketLambdaIntegration(jsii.String("Orders"), orders, nil),
		Authorizer:  keys.WebSocketAuthorizer(),
	})
	// The stage of an API that another app defines.
	keys.FlushOnRevoke(&latchkey.ApiStage{
		Kind: latchkey.CachingApi_REST, ApiId: jsii.String("a1b2c3d4e5"), StageName: jsii.String("prod"),
	})
	// A function of your app that suspends the owner of a key.
	keys.Grant(latchkey.KeyOperation_SUSPEND, orders)
	awscdk.NewCfnOutput(stack, jsii.String("ApiUrl"), &awscdk.CfnOutputProps{Value: rest.Url()})
	awscdk.NewCfnOutput(stack, jsii.String("HttpApiUrl"), &awscdk.CfnOutputProps{Value: http.ApiEndpoint()})
	verify := (*keys.Functions())["verify"]
	awscdk.NewCfnOutput(stack, jsii.String("VerifyFunction"), &awscdk.CfnOutputProps{Value: verify.FunctionArn()})
	return Orders{keys, limits, usage}
}
