"""
Which services say for whom they call: the service principals that send ``aws:SourceArn`` and ``aws:SourceAccount``.

https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
"""

from __future__ import annotations

#: Service principals whose documentation shows these keys in the trust policies of the roles they assume, with the
#: page. Left out are those that do so for a part of their roles only, since a policy does not say which part it is for,
#: and those of which it is not confirmed (Bedrock, SageMaker, Glue and many more): a condition on a key that a service
#: does not send locks the service out.
IN_TRUST_POLICIES: dict[str, str] = {
    "appstream.amazonaws.com": "appstream2/latest/developerguide/confused-deputy.html",
    "codebuild.amazonaws.com": "codebuild/latest/userguide/cross-service-confused-deputy-prevention.html",
    # Roles of IoT Device Defender as well.
    "iot.amazonaws.com": "iot/latest/developerguide/cross-service-confused-deputy-prevention.html",
    "personalize.amazonaws.com": "personalize/latest/dg/cross-service-confused-deputy-prevention.html",
    "resources.cloudformation.amazonaws.com": (
        "AWSCloudFormation/latest/UserGuide/cross-service-confused-deputy-prevention.html"
    ),
    "scheduler.amazonaws.com": "scheduler/latest/UserGuide/cross-service-confused-deputy-prevention.html",
    "ssm-incidents.amazonaws.com": "IAM/latest/UserGuide/confused-deputy.html",
    "states.amazonaws.com": "step-functions/latest/dg/procedure-create-iam-role.html",
    "vpc-flow-logs.amazonaws.com": "vpc/latest/userguide/flow-logs-iam-role.html",
}

#: Service principals that send these keys when they use a resource for a customer, with the page. Left out are those
#: whose pages show them for a part of what they do only (AppFlow, Redshift, Systems Manager), and those that pages show
#: without (AWS Backup, and the delivery of access logs of load balancers).
IN_RESOURCE_POLICIES: dict[str, str] = {
    "aiops.amazonaws.com": "AmazonCloudWatch/latest/monitoring/Investigations-Integrations.html",
    "amplify.amazonaws.com": "amplify/latest/userguide/deploy-with-sdks.html",
    "apigateway.amazonaws.com": "lambda/latest/dg/services-apigateway.html",
    "auditmanager.amazonaws.com": "audit-manager/latest/userguide/security_iam_id-based-policy-examples.html",
    "backups.rds.amazonaws.com": "AmazonRDS/latest/UserGuide/USER_SQLServer.AddlFeat.TransactionLogAccess.html",
    "billingreports.amazonaws.com": "cur/latest/userguide/cur-s3.html",
    "budgets.amazonaws.com": "cost-management/latest/userguide/budgets-sns-policy.html",
    "cloudfront.amazonaws.com": (
        "AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-s3.html"
    ),
    "cloudtrail.amazonaws.com": "awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html",
    "cloudwatch.amazonaws.com": "sns/latest/dg/sns-access-policy-use-cases.html",
    "codebuild.amazonaws.com": "AmazonECR/latest/userguide/repository-policy-examples.html",
    "cognito-idp.amazonaws.com": (
        "cognito/latest/developerguide/cognito-user-identity-pools-working-with-aws-lambda-triggers.html"
    ),
    "config.amazonaws.com": "config/latest/developerguide/s3-bucket-policy.html",
    "costalerts.amazonaws.com": "cost-management/latest/userguide/ad-SNS.html",
    "delivery.logs.amazonaws.com": "AmazonCloudWatch/latest/logs/AWS-logs-and-resource-policy.html",
    "elasticloadbalancing.amazonaws.com": "elasticloadbalancing/latest/application/lambda-functions.html",
    "events.amazonaws.com": "eventbridge/latest/userguide/eb-use-resource-based.html",
    "events.rds.amazonaws.com": "AmazonRDS/latest/UserGuide/USER_Events.GrantingPermissions.html",
    "guardduty.amazonaws.com": "guardduty/latest/ug/guardduty_exportfindings.html",
    "inspector2.amazonaws.com": "inspector/latest/user/findings-managing-exporting-reports.html",
    "iot.amazonaws.com": "iot/latest/developerguide/lambda-rule-action.html",
    "lambda.alarms.cloudwatch.amazonaws.com": "AmazonCloudWatch/latest/monitoring/alarms-and-actions-Lambda.html",
    "logging.s3.amazonaws.com": "AmazonS3/latest/userguide/enable-server-access-logging.html",
    "logs.amazonaws.com": "AmazonCloudWatch/latest/logs/S3ExportTasks.html",
    "macie.amazonaws.com": "macie/latest/user/discovery-results-repository-s3.html",
    "mq.amazonaws.com": "amazon-mq/latest/developer-guide/configure-logging-monitoring-activemq.html",
    "q.amazonaws.com": "amazonq/latest/qdeveloper-ug/q-admin-prompt-logging.html",
    "rds.amazonaws.com": "AmazonRDS/latest/UserGuide/SSRS.Email.html",
    "replication.dynamodb.amazonaws.com": "amazondynamodb/latest/developerguide/globaltables_MA_security.html",
    "route53.amazonaws.com": "AmazonCloudWatchLogs/latest/APIReference/API_PutResourcePolicy.html",
    "rum.amazonaws.com": "AmazonCloudWatch/latest/monitoring/CloudWatch-RUM-JavaScriptStackTraceSourceMaps.html",
    "s3.amazonaws.com": "AmazonS3/latest/userguide/grant-destinations-permissions-to-s3.html",
    "ses.amazonaws.com": "ses/latest/dg/receiving-email-permissions.html",
    "sns.amazonaws.com": "sns/latest/dg/subscribe-sqs-queue-to-sns-topic.html",
    "storage-lens.s3.amazonaws.com": "AmazonS3/latest/userguide/example-bucket-policies.html",
    "tax.amazonaws.com": "awsaccountbilling/latest/aboutv2/manage-account-payment.html",
    "xray.amazonaws.com": "AmazonCloudWatch/latest/monitoring/Enable-TransactionSearch.html",
}

#: The types of the policies of functions.
FUNCTIONS = ("AWS::Lambda::Permission", "AWS::Lambda::ResourcePolicy")
#: Further service principals that send these keys when they invoke a function, with the page. Left out are those that
#: the manual shows without (Secrets Manager, Alexa, CloudFormation's macros).
IN_FUNCTION_POLICIES: dict[str, str] = {
    "bedrock.amazonaws.com": "bedrock/latest/userguide/agents-permissions.html",
    "codecommit.amazonaws.com": "codecommit/latest/userguide/how-to-notify-lambda-cc.html",
    "connect.amazonaws.com": "connect/latest/adminguide/connect-lambda-functions.html",
    "lexv2.amazonaws.com": "lexv2/latest/dg/lambda-attach.html",
}

#: Services that do not send these keys to some resource types, or are not known to, though they do to others:
#: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html
NOT_TO: dict[str, tuple[str, ...]] = {
    "elasticloadbalancing.amazonaws.com": ("AWS::S3::BucketPolicy",),
    "events.amazonaws.com": ("AWS::SNS::TopicPolicy", "AWS::SNS::TopicInlinePolicy"),
}

#: Services whose sources may be called ``*``:
#: https://docs.aws.amazon.com/sagemaker/latest/dg/security-confused-deputy-prevention.html
WITH_WILDCARDS = ("sagemaker.amazonaws.com",)

#: What a service says it calls for, as it may look; ``{}`` is the account.
EXAMPLE_SOURCES: dict[str, str] = {
    "aiops.amazonaws.com": "arn:aws:aiops:us-east-1:{}:investigation-group/app",
    "amplify.amazonaws.com": "arn:aws:amplify:us-east-1:{}:apps/d1example/branches/main",
    "apigateway.amazonaws.com": "arn:aws:execute-api:us-east-1:{}:a1b2c3d4e5/prod/GET/app",
    "appstream.amazonaws.com": "arn:aws:appstream:us-east-1:{}:fleet/app",
    "auditmanager.amazonaws.com": "arn:aws:auditmanager:us-east-1:{}:assessment/app",
    "backups.rds.amazonaws.com": "arn:aws:rds:us-east-1:{}:db:app",
    "bedrock.amazonaws.com": "arn:aws:bedrock:us-east-1:{}:agent/APP",
    "billingreports.amazonaws.com": "arn:aws:cur:us-east-1:{}:definition/app",
    "budgets.amazonaws.com": "arn:aws:budgets::{}:budget/app",
    "cloudfront.amazonaws.com": "arn:aws:cloudfront::{}:distribution/E1EXAMPLE",
    "cloudtrail.amazonaws.com": "arn:aws:cloudtrail:us-east-1:{}:trail/app",
    "cloudwatch.amazonaws.com": "arn:aws:cloudwatch:us-east-1:{}:alarm:app",
    "codebuild.amazonaws.com": "arn:aws:codebuild:us-east-1:{}:project/app",
    "codecommit.amazonaws.com": "arn:aws:codecommit:us-east-1:{}:app",
    "cognito-idp.amazonaws.com": "arn:aws:cognito-idp:us-east-1:{}:userpool/us-east-1_EXAMPLE",
    "config.amazonaws.com": "arn:aws:config:us-east-1:{}:config-rule/config-rule-abcdef",
    "connect.amazonaws.com": "arn:aws:connect:us-east-1:{}:instance/app",
    "costalerts.amazonaws.com": "arn:aws:ce::{}:anomalysubscription/app",
    "delivery.logs.amazonaws.com": "arn:aws:logs:us-east-1:{}:delivery-source:app",
    "elasticloadbalancing.amazonaws.com": "arn:aws:elasticloadbalancing:us-east-1:{}:targetgroup/app/0123456789abcdef",
    "events.amazonaws.com": "arn:aws:events:us-east-1:{}:rule/app",
    "events.rds.amazonaws.com": "arn:aws:rds:us-east-1:{}:db:app",
    "guardduty.amazonaws.com": "arn:aws:guardduty:us-east-1:{}:detector/0123456789abcdef0123456789abcdef",
    "inspector2.amazonaws.com": "arn:aws:inspector2:us-east-1:{}:report/app",
    "iot.amazonaws.com": "arn:aws:iot:us-east-1:{}:rule/app",
    "lambda.alarms.cloudwatch.amazonaws.com": "arn:aws:cloudwatch:us-east-1:{}:alarm:app",
    "lexv2.amazonaws.com": "arn:aws:lex:us-east-1:{}:bot-alias/APP/APP",
    "logging.s3.amazonaws.com": "arn:aws:s3:::other-bucket",
    "logs.amazonaws.com": "arn:aws:logs:us-east-1:{}:log-group:app",
    "macie.amazonaws.com": "arn:aws:macie2:us-east-1:{}:export-configuration:app",
    "mq.amazonaws.com": "arn:aws:mq:us-east-1:{}:broker:app",
    "personalize.amazonaws.com": "arn:aws:personalize:us-east-1:{}:dataset-group/app",
    "q.amazonaws.com": "arn:aws:codewhisperer:us-east-1:{}:profile/app",
    "rds.amazonaws.com": "arn:aws:rds:us-east-1:{}:db:app",
    "replication.dynamodb.amazonaws.com": "arn:aws:dynamodb:us-east-1:{}:table/app",
    "resources.cloudformation.amazonaws.com": "arn:aws:cloudformation:us-east-1:{}:type/resource/Other-App-Thing",
    "route53.amazonaws.com": "arn:aws:route53:::hostedzone/Z1EXAMPLE",
    "rum.amazonaws.com": "arn:aws:rum:us-east-1:{}:appmonitor/app",
    "s3.amazonaws.com": "arn:aws:s3:::other-bucket",
    "scheduler.amazonaws.com": "arn:aws:scheduler:us-east-1:{}:schedule-group/default",
    "ses.amazonaws.com": "arn:aws:ses:us-east-1:{}:receipt-rule-set/app:receipt-rule/app",
    "sns.amazonaws.com": "arn:aws:sns:us-east-1:{}:topic",
    "ssm-incidents.amazonaws.com": (
        "arn:aws:ssm-incidents:us-east-1:{}:incident-record/app/00000000-1111-2222-3333-444444444444"
    ),
    "states.amazonaws.com": "arn:aws:states:us-east-1:{}:stateMachine:app",
    "storage-lens.s3.amazonaws.com": "arn:aws:s3:us-east-1:{}:storage-lens/app",
    "tax.amazonaws.com": "arn:aws:tax:us-east-1:{}:app",
    "vpc-flow-logs.amazonaws.com": "arn:aws:ec2:us-east-1:{}:vpc-flow-log/fl-0123456789abcdef0",
    "xray.amazonaws.com": "arn:aws:xray:us-east-1:{}:app",
}


def global_name(service: str) -> str:
    """
    The name of a service principal without its Region (``states.eu-west-1.amazonaws.com``), as in the partition aws.
    """
    head, dot, _ = service.partition(".amazonaws.com")
    name, _, region = head.rpartition(".")
    regional = name and region.count("-") >= 2 and region[-1:].isdigit()
    return f"{name if regional else head}.amazonaws.com" if dot else service


def service_of(arn: str) -> str:
    """The service that may call for what an ARN names; empty where that cannot be said."""
    fields = arn.split(":", 3)
    if len(fields) < 4 or not fields[2] or set(fields[2]) & set("*?<$"):
        return ""
    plain = f"{fields[2]}.amazonaws.com"
    if plain in EXAMPLE_SOURCES:
        return plain
    return next((name for name, example in EXAMPLE_SOURCES.items() if example.split(":")[2] == fields[2]), plain)
