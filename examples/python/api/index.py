import json


def handler(event, _context):
    """Returns the name of the caller's key, which the authorizer passes on."""
    context = event["requestContext"]["authorizer"]
    # An HTTP API has it in the field `lambda`.
    caller = context.get("lambda", context)
    return {"statusCode": 200, "body": json.dumps({"caller": caller["name"]})}
