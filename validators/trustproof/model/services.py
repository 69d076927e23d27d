"""
Which services say for whom they call: the service principals that send ``aws:SourceArn`` and ``aws:SourceAccount``.

https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
"""

from __future__ import annotations

#: Service principals whose documentation shows these keys in the trust policy of a role, with the page.
IN_TRUST_POLICIES: dict[str, str] = {
    "appstream.amazonaws.com": "appstream2/latest/developerguide/confused-deputy.html",
    "codebuild.amazonaws.com": "codebuild/latest/userguide/cross-service-confused-deputy-prevention.html",
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
