package com.example.orders;

import io.github.latchkey.cdk.AdminApi;
import io.github.latchkey.cdk.AdminConsole;
import io.github.latchkey.cdk.ApiGatewayLogRole;
import io.github.latchkey.cdk.ApiKeys;
import io.github.latchkey.cdk.KeyEvents;
import io.github.latchkey.cdk.KeySecret;
import io.github.latchkey.cdk.Limits;
import io.github.latchkey.cdk.Monitoring;
import io.github.latchkey.cdk.RateLimits;
import io.github.latchkey.cdk.Restrictions;
import io.github.latchkey.cdk.SecondFactor;
import io.github.latchkey.cdk.Usage;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.Stack;
import software.constructs.Construct;

/** What the operators of the API use. */
public final class OperationsStack extends Stack {
    public OperationsStack(final Construct scope, final String id, final OrdersStack orders) {
        super(scope, id);
        ApiKeys keys = orders.keys;
        RateLimits limits = orders.limits;
        Usage usage = orders.usage;

        new ApiGatewayLogRole(this, "ApiGatewayLogRole");
        AdminApi.Builder.create(this, "Admin").keys(keys).usage(usage).build();
        AdminConsole.Builder.create(this, "Console")
                .keys(keys)
                .usage(usage)
                .mfa(SecondFactor.OPTIONAL)
                .build()
                .addOutputs();
        KeyEvents events = KeyEvents.Builder.create(this, "Events")
                .keys(keys)
                .limits(limits)
                .expiryNotices(List.of(Duration.days(14)))
                .build();
        Monitoring.Builder.create(this, "Monitoring")
                .keys(keys)
                .limits(limits)
                .usage(usage)
                .events(events)
                .build();

        // A key for another service, in AWS Secrets Manager.
        KeySecret.Builder.create(this, "CheckoutKey")
                .keys(keys)
                .name("Checkout")
                .scopes(List.of("GET /orders/*"))
                .metadata(new TreeMap<>(Map.of("tenant", "acme", "tier", "premium")))
                .plan("pro")
                .limits(Limits.builder().rate("50/s").build())
                .restrictions(Restrictions.builder().stages(List.of("prod")).build())
                .build();
    }
}
