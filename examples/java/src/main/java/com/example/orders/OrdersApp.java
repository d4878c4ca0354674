package com.example.orders;

import software.amazon.awscdk.App;

public final class OrdersApp {
    public static void main(final String[] args) {
        App app = new App();
        OrdersStack orders = new OrdersStack(app, "LatchkeyOrdersExample");
        new OperationsStack(app, "LatchkeyOperationsExample", orders);
        app.synth();
    }
}
