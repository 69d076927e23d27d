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

#: Services whose sources may be called ``*``:
#: https://docs.aws.amazon.com/sagemaker/latest/dg/security-confused-deputy-prevention.html
WITH_WILDCARDS = ("sagemaker.amazonaws.com",)

#: What a service says it calls for, as it may look; ``{}`` is the account.
EXAMPLE_SOURCES: dict[str, str] = {
    "apigateway.amazonaws.com": "arn:aws:execute-api:us-east-1:{}:a1b2c3d4e5/prod/GET/app",
    "appstream.amazonaws.com": "arn:aws:appstream:us-east-1:{}:fleet/app",
    "cloudfront.amazonaws.com": "arn:aws:cloudfront::{}:distribution/E1EXAMPLE",
    "cloudtrail.amazonaws.com": "arn:aws:cloudtrail:us-east-1:{}:trail/app",
    "cloudwatch.amazonaws.com": "arn:aws:cloudwatch:us-east-1:{}:alarm:app",
    "codebuild.amazonaws.com": "arn:aws:codebuild:us-east-1:{}:project/app",
    "config.amazonaws.com": "arn:aws:config:us-east-1:{}:config-rule/config-rule-abcdef",
    "delivery.logs.amazonaws.com": "arn:aws:logs:us-east-1:{}:delivery-source:app",
    "events.amazonaws.com": "arn:aws:events:us-east-1:{}:rule/app",
    "iot.amazonaws.com": "arn:aws:iot:us-east-1:{}:rule/app",
    "personalize.amazonaws.com": "arn:aws:personalize:us-east-1:{}:dataset-group/app",
    "resources.cloudformation.amazonaws.com": "arn:aws:cloudformation:us-east-1:{}:type/resource/Other-App-Thing",
    "s3.amazonaws.com": "arn:aws:s3:::other-bucket",
    "scheduler.amazonaws.com": "arn:aws:scheduler:us-east-1:{}:schedule-group/default",
    "ses.amazonaws.com": "arn:aws:ses:us-east-1:{}:receipt-rule-set/app:receipt-rule/app",
    "sns.amazonaws.com": "arn:aws:sns:us-east-1:{}:topic",
    "ssm-incidents.amazonaws.com": (
        "arn:aws:ssm-incidents:us-east-1:{}:incident-record/app/00000000-1111-2222-3333-444444444444"
    ),
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
