# Latchkey's keys as a CloudFormation stack, and an HTTP API that requires a key.
#
#   latchkey template --out latchkey
#   aws cloudformation package --template-file latchkey/template.json --s3-bucket my-artifacts \
#     --use-json --output-template-file packaged.json
#   terraform apply -var bucket=my-artifacts

terraform {
  required_version = ">= 1.5"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.60"
    }
  }
}

variable "bucket" {
  type        = string
  description = "The bucket of `aws cloudformation package`, which has the code of the functions"
}

variable "packaged_template" {
  type        = string
  description = "The template that `aws cloudformation package` wrote"
  default     = "packaged.json"
}

# CloudFormation accepts 51,200 bytes in a request, and a larger template from S3.
resource "aws_s3_object" "template" {
  bucket      = var.bucket
  key         = "latchkey/${filesha256(var.packaged_template)}.json"
  source      = var.packaged_template
  source_hash = filesha256(var.packaged_template)
}

resource "aws_cloudformation_stack" "latchkey" {
  name         = "Latchkey"
  template_url = "https://${var.bucket}.s3.${data.aws_region.current.name}.amazonaws.com/${aws_s3_object.template.key}"
  capabilities = ["CAPABILITY_IAM"]
  parameters = {
    Label         = "acme_live"
    RetentionDays = "90"
  }
}

data "aws_region" "current" {}

resource "aws_apigatewayv2_api" "orders" {
  name          = "orders"
  protocol_type = "HTTP"
}

resource "aws_apigatewayv2_stage" "default" {
  api_id      = aws_apigatewayv2_api.orders.id
  name        = "$default"
  auto_deploy = true
}

resource "aws_apigatewayv2_authorizer" "api_key" {
  api_id          = aws_apigatewayv2_api.orders.id
  name            = "api-key"
  authorizer_type = "REQUEST"
  authorizer_uri  = "arn:aws:apigateway:${data.aws_region.current.name}:lambda:path/2015-03-31/functions/${aws_cloudformation_stack.latchkey.outputs["AuthorizerFunctionArn"]}/invocations"
  # Payload 1.0, and no simple responses, match the parameter HttpResponse=iam of the Latchkey stack.
  authorizer_payload_format_version = "1.0"
  identity_sources                  = ["$request.header.x-api-key"]
  # How long a revoked key can still be used, in seconds.
  authorizer_result_ttl_in_seconds = 60
}

resource "aws_lambda_permission" "authorizer" {
  action        = "lambda:InvokeFunction"
  function_name = aws_cloudformation_stack.latchkey.outputs["AuthorizerFunctionArn"]
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_apigatewayv2_api.orders.execution_arn}/authorizers/${aws_apigatewayv2_authorizer.api_key.id}"
}

resource "aws_apigatewayv2_route" "any" {
  api_id             = aws_apigatewayv2_api.orders.id
  route_key          = "ANY /{proxy+}"
  authorization_type = "CUSTOM"
  authorizer_id      = aws_apigatewayv2_authorizer.api_key.id
  target             = "integrations/${aws_apigatewayv2_integration.orders.id}"
}

# Replace it with the integration of your API.
resource "aws_apigatewayv2_integration" "orders" {
  api_id             = aws_apigatewayv2_api.orders.id
  integration_type   = "HTTP_PROXY"
  integration_method = "ANY"
  integration_uri    = "https://example.com/{proxy}"
}

output "api_url" {
  value = aws_apigatewayv2_api.orders.api_endpoint
}

output "create_function_name" {
  value = aws_cloudformation_stack.latchkey.outputs["CreateFunctionName"]
}
