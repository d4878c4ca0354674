// An app in CommonJS with everything that the package has for it. Prints what the template contains.
const { App, Stack } = require('aws-cdk-lib');
const { Template } = require('aws-cdk-lib/assertions');
const { LambdaRestApi } = require('aws-cdk-lib/aws-apigateway');
const { HttpApi } = require('aws-cdk-lib/aws-apigatewayv2');
const { Code, Function, Runtime } = require('aws-cdk-lib/aws-lambda');
const latchkey = require('latchkey/cdk');

const stack = new Stack(new App(), 'Consumer');
const keys = new latchkey.ApiKeys(stack, 'Keys', {
  ownerSuspension: true,
  tracing: true,
  plans: { free: { rate: '10/s' } },
  usagePlans: true,
});
const orders = new Function(stack, 'Orders', {
  runtime: Runtime.NODEJS_24_X,
  handler: 'index.handler',
  code: Code.fromInline('exports.handler = async () => ({ statusCode: 200 });'),
});
const usage = new latchkey.Usage(stack, 'Usage', { keys });
new LambdaRestApi(stack, 'Rest', {
  handler: orders,
  cloudWatchRole: false,
  deployOptions: usage.restAccessLog(),
  defaultMethodOptions: { authorizer: keys.restAuthorizer() },
});
new HttpApi(stack, 'Http', { defaultAuthorizer: keys.httpAuthorizer() });
const limits = new latchkey.RateLimits(stack, 'Limits');
const events = new latchkey.KeyEvents(stack, 'Events', { keys, limits });
const usagePlans = new latchkey.UsagePlans(stack, 'UsagePlans', { keys, stages: [] });
new latchkey.AdminApi(stack, 'Admin', { keys, usage });
new latchkey.AdminConsole(stack, 'Console', { keys, usage }).addOutputs();
new latchkey.Monitoring(stack, 'Monitoring', { keys, limits, usage, events, usagePlans });
keys.addOutputs();

const { Resources } = Template.fromStack(stack).toJSON();
const types = Object.values(Resources).map(({ Type }) => Type);
console.log(
  JSON.stringify({
    functions: types.filter((type) => type === 'AWS::Lambda::Function').length,
    authorizers: types.filter((type) => /::Authorizer$/.test(type)).length,
  }),
);
