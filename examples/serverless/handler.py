import json


def handler(event, context):
    # The authorizer's context. Every value is a string.
    caller = event["requestContext"]["authorizer"]
    return {"statusCode": 200, "body": json.dumps({"keyId": caller["keyId"], "name": caller["name"]})}
