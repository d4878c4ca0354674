#!/usr/bin/env python3
import aws_cdk as cdk

from orders.operations_stack import OperationsStack
from orders.orders_stack import OrdersStack

app = cdk.App()
orders = OrdersStack(app, "LatchkeyOrdersExample")
OperationsStack(app, "LatchkeyOperationsExample", orders=orders)
app.synth()
