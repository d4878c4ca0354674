from aws_cdk import Duration, Stack
from constructs import Construct
from latchkey_cdk import (
    AdminApi,
    AdminConsole,
    ApiGatewayLogRole,
    KeyEvents,
    KeySecret,
    Limits,
    Monitoring,
    Restrictions,
    SecondFactor,
)

from orders.orders_stack import OrdersStack


class OperationsStack(Stack):
    """What the operators of the API use."""

    def __init__(
        self, scope: Construct, construct_id: str, *, orders: OrdersStack, **kwargs
    ) -> None:
        super().__init__(scope, construct_id, **kwargs)
        keys, limits, usage = orders.keys, orders.limits, orders.usage

        ApiGatewayLogRole(self, "ApiGatewayLogRole")
        AdminApi(self, "Admin", keys=keys, usage=usage)
        AdminConsole(
            self, "Console", keys=keys, usage=usage, mfa=SecondFactor.OPTIONAL
        ).add_outputs()
        events = KeyEvents(
            self, "Events", keys=keys, limits=limits, expiry_notices=[Duration.days(14)]
        )
        Monitoring(self, "Monitoring", keys=keys, limits=limits, usage=usage, events=events)

        # A key for another service, in AWS Secrets Manager.
        KeySecret(
            self,
            "CheckoutKey",
            keys=keys,
            name="Checkout",
            scopes=["GET /orders/*"],
            metadata={"tenant": "acme", "tier": "premium"},
            plan="pro",
            limits=Limits(rate="50/s"),
            restrictions=Restrictions(stages=["prod"]),
        )
