"""
Which services say for whom they call: the service principals that send ``aws:SourceArn`` and ``aws:SourceAccount``.

https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
"""

from __future__ import annotations

from typing import NamedTuple

from trustproof.aws.examples import EXAMPLE_SOURCES

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

#: The types of the policies of log groups.
LOG_GROUPS = ("AWS::Logs::ResourcePolicy", "AWS::Logs::LogGroup")
#: The types of the policies of topics, and of queues.
TOPICS = ("AWS::SNS::TopicPolicy",)
QUEUES = ("AWS::SQS::QueuePolicy", "AWS::SQS::QueueInlinePolicy")
#: The types of the policies of functions.
FUNCTIONS = ("AWS::Lambda::Permission", "AWS::Lambda::ResourcePolicy")
#: Further service principals that send these keys when they invoke a function, with the page. Left out are those that
#: the manual shows without (CloudFormation's macros).
IN_FUNCTION_POLICIES: dict[str, str] = {
    "bedrock.amazonaws.com": "bedrock/latest/userguide/agents-permissions.html",
    "codecommit.amazonaws.com": "codecommit/latest/userguide/how-to-notify-lambda-cc.html",
    "connect.amazonaws.com": "connect/latest/adminguide/connect-lambda-functions.html",
    "lexv2.amazonaws.com": "lexv2/latest/dg/lambda-attach.html",
    "secretsmanager.amazonaws.com": (
        "secretsmanager/latest/userguide/rotating-secrets-required-permissions-function.html"
    ),
}


class KeyUse(NamedTuple):
    """
    How a key policy tells for whom a service uses the key.
    """

    page: str
    #: The key of the encryption context that says it, in lower case; empty where the manual has none.
    context: str = ""
    #: Whether the service sends ``aws:SourceArn`` and ``aws:SourceAccount`` too, as far as the manual says.
    sends_sources: bool = True


#: Service principals of which the manual says how a key policy tells for whom they use the key.
IN_KEY_POLICIES: dict[str, KeyUse] = {
    "cloudtrail.amazonaws.com": KeyUse(
        "awscloudtrail/latest/userguide/create-kms-key-policy-for-cloudtrail.html", "aws:cloudtrail:arn"
    ),
    "config.amazonaws.com": KeyUse("config/latest/developerguide/s3-kms-key-policy.html"),
    "delivery.logs.amazonaws.com": KeyUse("AmazonCloudWatch/latest/logs/AWS-logs-and-resource-policy.html"),
    "guardduty.amazonaws.com": KeyUse("guardduty/latest/ug/guardduty_exportfindings.html"),
    "inspector2.amazonaws.com": KeyUse("inspector/latest/user/findings-managing-exporting-reports.html"),
    "logs.amazonaws.com": KeyUse(
        "AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html", "aws:logs:arn", sends_sources=False
    ),
    "macie.amazonaws.com": KeyUse("macie/latest/user/discovery-results-repository-s3.html"),
}

#: Services that say by ``aws:Referer`` for which account they call, to policies of some resource types. The manual of
#: SES had it so before SES sent ``aws:SourceAccount``, and such policies still bound it:
#: https://docs.aws.amazon.com/ses/latest/DeveloperGuide/receiving-email-permissions.html
#: Of topics that page had no condition, and templates test the same key: customers of SES write no header of its calls,
#: so that the key is there with their account, or is not there, and a test of it lets in nobody else either way.
BY_REFERER: dict[str, tuple[str, ...]] = {
    "ses.amazonaws.com": ("AWS::S3::BucketPolicy", "AWS::SNS::TopicPolicy", "AWS::SNS::TopicInlinePolicy"),
}
#: Likewise by ``aws:SourceOwner``, which topics tell from ``aws:SourceAccount``:
#: https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-use-cases.html#source-account-versus-source-owner
BY_OWNER: dict[str, tuple[str, ...]] = {
    "ses.amazonaws.com": ("AWS::SNS::TopicPolicy", "AWS::SNS::TopicInlinePolicy"),
}

#: Services that call functions for whoever has made a skill, and say by a token which one it is, with the page. To say
#: nothing of the token leaves every skill in:
#: https://developer.amazon.com/docs/custom-skills/host-a-custom-skill-as-an-aws-lambda-function.html
#: https://docs.aws.amazon.com/lambda/latest/api/API_AddPermission.html ("a token that the invoker must supply")
BY_TOKEN = ("alexa-appkit.amazon.com", "alexa-connectedhome.amazon.com")

#: Services that do not send these keys to some resource types, or are not known to, though they do to others:
#: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html
NOT_TO: dict[str, tuple[str, ...]] = {
    "elasticloadbalancing.amazonaws.com": ("AWS::S3::BucketPolicy",),
    "events.amazonaws.com": ("AWS::SNS::TopicPolicy", "AWS::SNS::TopicInlinePolicy"),
}

#: Services that use some resource types for the owner of these only, whatever the policy says:
#: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html ("must be in the same
#: account")
#: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-cross-account.html (log groups are not among the
#: targets that another account may have)
#: https://docs.aws.amazon.com/Route53/latest/APIReference/API_CreateQueryLoggingConfig.html ("You must use the same
#: Amazon Web Services account to create the log group and the hosted zone")
#: https://docs.aws.amazon.com/AmazonS3/latest/userguide/ServerLogs.html ("owned by the same account")
#: https://docs.aws.amazon.com/xray/latest/api/API_UpdateTraceSegmentDestination.html (names no account or log group)
FOR_OWNERS: dict[str, tuple[str, ...]] = {
    "elasticloadbalancing.amazonaws.com": FUNCTIONS,
    "events.amazonaws.com": LOG_GROUPS,
    "logging.s3.amazonaws.com": ("AWS::S3::BucketPolicy",),
    "route53.amazonaws.com": LOG_GROUPS,
    "xray.amazonaws.com": LOG_GROUPS,
}

#: Services that say for whom they call in one action only, by ``aws:SourceArn``: to that action, by resource type. The
#: manual's policy for EventBridge binds logs:PutLogEvents to the ARN of the rule, and logs:CreateLogStream to nothing:
#: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html#eb-cloudwatchlogs-permissions
SAYING_IN: dict[str, dict[str, str]] = {"events.amazonaws.com": dict.fromkeys(LOG_GROUPS, "logs:PutLogEvents")}

#: Services that the manual binds by ``aws:SourceArn``, and by nothing else, to some resource types: whether they send
#: ``aws:SourceAccount`` there is not documented, and where they do not, a test of it locks them out:
#: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-least-privilege-policy.html
#: https://docs.aws.amazon.com/sns/latest/dg/subscribe-sqs-queue-to-sns-topic.html
#: https://docs.aws.amazon.com/sns/latest/dg/sns-configure-dead-letter-queue.html
#: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html#eb-sqs-permissions
#: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html#eb-dlq-perms
#: Of a trail at a topic, an account "is also supported, but not recommended":
#: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-permissions-for-sns-notifications.html
BY_ARN: dict[str, tuple[str, ...]] = {
    "events.amazonaws.com": QUEUES,
    "sns.amazonaws.com": QUEUES,
    "cloudtrail.amazonaws.com": TOPICS,
}

#: Services that write logs to buckets below ``AWSLogs/`` and the account or organization whose logs they are, behind a
#: prefix that the customer chooses, with the page:
LOG_WRITERS: dict[str, str] = {
    "cloudtrail.amazonaws.com": "awscloudtrail/latest/userguide/get-and-view-cloudtrail-log-files.html",
    "config.amazonaws.com": "config/latest/developerguide/s3-bucket-policy.html",
    "delivery.logs.amazonaws.com": "AmazonCloudWatch/latest/logs/AWS-logs-and-resource-policy.html",
    "guardduty.amazonaws.com": "guardduty/latest/ug/guardduty_exportfindings.html",
    "macie.amazonaws.com": "macie/latest/user/discovery-results-repository-s3.html",
}
#: Of these, the ones that are known to refuse a prefix with ``AWSLogs`` in it. Load balancers ("the prefix must not
#: include AWSLogs") and flow logs ("you can't use AWSLogs as a subfolder name") have theirs delivered:
#: https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-access-logs.html
#: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateFlowLogs.html
#: https://github.com/awsdocs/aws-cloudformation-user-guide/pull/1282 (a report on AWS Config, not the manual)
REFUSING_AWSLOGS = ("config.amazonaws.com", "delivery.logs.amazonaws.com")

#: What services do with a bucket or log group for their customers, where the manual gives the policy that they need:
#: in lower case, by service and type. They are not known to do anything else there.
#: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html
#: https://docs.aws.amazon.com/config/latest/developerguide/s3-bucket-policy.html
#: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AWS-logs-and-resource-policy.html
DOCUMENTED_CALLS: dict[str, dict[str, tuple[str, ...]]] = {
    "cloudtrail.amazonaws.com": {"AWS::S3::BucketPolicy": ("s3:getbucketacl", "s3:putobject")},
    "config.amazonaws.com": {"AWS::S3::BucketPolicy": ("s3:getbucketacl", "s3:listbucket", "s3:putobject")},
    "delivery.logs.amazonaws.com": {
        "AWS::S3::BucketPolicy": ("s3:getbucketacl", "s3:listbucket", "s3:putobject"),
        **dict.fromkeys(LOG_GROUPS, ("logs:createlogstream", "logs:putlogevents")),
    },
}

#: Services that as a rule deliver for all accounts of an organization to one of them:
#: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/creating-trail-organization.html
#: https://docs.aws.amazon.com/config/latest/developerguide/s3-bucket-policy.html
#: https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_exportfindings.html
FOR_ORGANIZATIONS = (
    "cloudtrail.amazonaws.com",
    "config.amazonaws.com",
    "delivery.logs.amazonaws.com",
    "guardduty.amazonaws.com",
    "macie.amazonaws.com",
)

#: Services whose sources may be called ``*``:
#: https://docs.aws.amazon.com/sagemaker/latest/dg/security-confused-deputy-prevention.html
WITH_WILDCARDS = ("sagemaker.amazonaws.com",)
#: The service that sends the attributes of a certificate as tags:
#: https://docs.aws.amazon.com/rolesanywhere/latest/userguide/trust-model.html
ROLES_ANYWHERE = "rolesanywhere.amazonaws.com"
#: The service that assumes roles for the pods of EKS.
POD_IDENTITY = "pods.eks.amazonaws.com"


def global_name(service: str) -> str:
    """
    The name of a service principal without its Region (``states.eu-west-1.amazonaws.com``), as in the partition aws.
    """
    head, dot, _ = service.partition(".amazonaws.com")
    region = region_of(service)
    return f"{head.removesuffix(f'.{region}') if region else head}.amazonaws.com" if dot else service


def region_of(service: str) -> str:
    """The Region in the name of a service principal; empty where there is none."""
    name, _, region = service.partition(".amazonaws.com")[0].rpartition(".")
    return region if name and region.count("-") >= 2 and region[-1:].isdigit() else ""


def service_of(arn: str) -> str:
    """The service that may call for what an ARN names; empty where that cannot be said."""
    fields = arn.split(":", 3)
    if len(fields) < 4 or not fields[2] or set(fields[2]) & set("*?<$"):
        return ""
    plain = f"{fields[2]}.amazonaws.com"
    if plain in EXAMPLE_SOURCES:
        return plain
    return next((name for name, example in EXAMPLE_SOURCES.items() if example.split(":")[2] == fields[2]), plain)
