"""
Which services say for whom they call: the service principals that send ``aws:SourceArn`` and ``aws:SourceAccount``.

https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
"""

from __future__ import annotations

#: Service principals whose documentation shows these keys in the trust policies of the roles they assume, with the
#: page. Left out are those that are documented to do so for a part of their roles only, since a policy does not say
#: which part it is for: ``ecs-tasks`` (task roles, not task execution roles), ``ssm`` (hybrid activations), ``dms``
#: (newer engines).
IN_TRUST_POLICIES: dict[str, str] = {
    "appstream.amazonaws.com": "appstream2/latest/developerguide/confused-deputy.html",
    "batch.amazonaws.com": "batch/latest/userguide/cross-service-confused-deputy-prevention.html",
    "bedrock.amazonaws.com": "bedrock/latest/userguide/cross-service-confused-deputy-prevention.html",
    "codebuild.amazonaws.com": "codebuild/latest/userguide/cross-service-confused-deputy-prevention.html",
    "comprehend.amazonaws.com": "comprehend/latest/dg/cross-service-confused-deputy-prevention.html",
    "datasync.amazonaws.com": "datasync/latest/userguide/cross-service-confused-deputy-prevention.html",
    "iot.amazonaws.com": "iot/latest/developerguide/cross-service-confused-deputy-prevention.html",
    "personalize.amazonaws.com": "personalize/latest/dg/cross-service-confused-deputy-prevention.html",
    "rds.amazonaws.com": "AmazonRDS/latest/UserGuide/cross-service-confused-deputy-prevention.html",
    "resources.cloudformation.amazonaws.com": (
        "AWSCloudFormation/latest/UserGuide/cross-service-confused-deputy-prevention.html"
    ),
    "sagemaker.amazonaws.com": "sagemaker/latest/dg/security-confused-deputy-prevention.html",
    "scheduler.amazonaws.com": "scheduler/latest/UserGuide/cross-service-confused-deputy-prevention.html",
    "ssm-incidents.amazonaws.com": "IAM/latest/UserGuide/confused-deputy.html",
    "states.amazonaws.com": "step-functions/latest/dg/procedure-create-iam-role.html",
    "transfer.amazonaws.com": "transfer/latest/userguide/confused-deputy.html",
    "vpc-flow-logs.amazonaws.com": "vpc/latest/userguide/flow-logs-iam-role.html",
}

#: Service principals that send these keys when they use a resource for a customer, with the page.
IN_RESOURCE_POLICIES: dict[str, str] = {
    "apigateway.amazonaws.com": "lambda/latest/dg/services-apigateway.html",
    "cloudfront.amazonaws.com": (
        "AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-s3.html"
    ),
    "cloudtrail.amazonaws.com": "awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html",
    "cloudwatch.amazonaws.com": "sns/latest/dg/sns-access-policy-use-cases.html",
    "config.amazonaws.com": "config/latest/developerguide/s3-bucket-policy.html",
    "delivery.logs.amazonaws.com": "AmazonCloudWatch/latest/logs/AWS-logs-and-resource-policy.html",
    "events.amazonaws.com": "eventbridge/latest/userguide/eb-use-resource-based.html",
    "s3.amazonaws.com": "AmazonS3/latest/userguide/grant-destinations-permissions-to-s3.html",
    "ses.amazonaws.com": "ses/latest/dg/receiving-email-permissions.html",
    "sns.amazonaws.com": "sns/latest/dg/subscribe-sqs-queue-to-sns-topic.html",
}

#: Services that do not send these keys to some resource types, though they do to others:
#: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html
NOT_TO: dict[str, tuple[str, ...]] = {
    "events.amazonaws.com": ("AWS::SNS::TopicPolicy", "AWS::SNS::TopicInlinePolicy"),
}

#: What a service says it calls for, as it may look; ``{}`` is the account.
EXAMPLE_SOURCES: dict[str, str] = {
    "cloudfront.amazonaws.com": "arn:aws:cloudfront::{}:distribution/E1EXAMPLE",
    "cloudtrail.amazonaws.com": "arn:aws:cloudtrail:us-east-1:{}:trail/app",
    "codebuild.amazonaws.com": "arn:aws:codebuild:us-east-1:{}:project/app",
    "delivery.logs.amazonaws.com": "arn:aws:logs:us-east-1:{}:delivery-source:app",
    "events.amazonaws.com": "arn:aws:events:us-east-1:{}:rule/app",
    "s3.amazonaws.com": "arn:aws:s3:::other-bucket",
    "scheduler.amazonaws.com": "arn:aws:scheduler:us-east-1:{}:schedule-group/default",
    "sns.amazonaws.com": "arn:aws:sns:us-east-1:{}:topic",
    "states.amazonaws.com": "arn:aws:states:us-east-1:{}:stateMachine:app",
    "vpc-flow-logs.amazonaws.com": "arn:aws:ec2:us-east-1:{}:vpc-flow-log/fl-0123456789abcdef0",
}


def global_name(service: str) -> str:
    """
    The name of a service principal without its Region (``states.eu-west-1.amazonaws.com``), as in the partition aws.
    """
    head, dot, _ = service.partition(".amazonaws.com")
    name, _, region = head.rpartition(".")
    regional = name and region.count("-") >= 2 and region[-1:].isdigit()
    return f"{name if regional else head}.amazonaws.com" if dot else service
