package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	latchkey "github.com/latchkey/latchkey-cdk-go/latchkeycdk"
)

// NewOperationsStack creates what the operators of the API use.
func NewOperationsStack(scope constructs.Construct, id string, orders Orders) {
	stack := awscdk.NewStack(scope, jsii.String(id), nil)
	latchkey.NewApiGatewayLogRole(stack, jsii.String("ApiGatewayLogRole"))
	latchkey.NewAdminApi(stack, jsii.String("Admin"), &latchkey.AdminApiProps{Keys: orders.keys, Usage: orders.usage})
	console := latchkey.NewAdminConsole(stack, jsii.String("Console"), &latchkey.AdminConsoleProps{
		Keys:  orders.keys,
		Usage: orders.usage,
		Mfa:   latchkey.SecondFactor_OPTIONAL,
	})
	console.AddOutputs()
	events := latchkey.NewKeyEvents(stack, jsii.String("Events"), &latchkey.KeyEventsProps{
		Keys:          orders.keys,
		Limits:        orders.limits,
		ExpiryNotices: &[]awscdk.Duration{awscdk.Duration_Days(jsii.Number(14))},
	})
	latchkey.NewMonitoring(stack, jsii.String("Monitoring"), &latchkey.MonitoringProps{
		Keys:   orders.keys,
		Limits: orders.limits,
		Usage:  orders.usage,
		Events: events,
	})

	// A key for another service, in AWS Secrets Manager.
	latchkey.NewKeySecret(stack, jsii.String("CheckoutKey"), &latchkey.KeySecretProps{
		Keys:         orders.keys,
		Name:         jsii.String("Checkout"),
		Scopes:       jsii.Strings("GET /orders/*"),
		Metadata:     &map[string]interface{}{"tenant": "acme", "tier": "premium"},
		Plan:         jsii.String("pro"),
		Limits:       &latchkey.Limits{Rate: jsii.String("50/s")},
		Restrictions: &latchkey.Restrictions{Stages: jsii.Strings("prod")},
	})
}
