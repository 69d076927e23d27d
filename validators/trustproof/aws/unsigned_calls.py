"""
Which calls need no signature: everybody can send those, without an account of AWS.

AWS takes signed requests only, but for a few calls of a few services:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html
"""

from __future__ import annotations

#: Beginnings of actions, lower-cased, that an unsigned request can be for. STS has calls that bring a token instead.
UNSIGNED = (
    # https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/resource-based-policies.html
    "bedrock-agentcore:",
    # https://docs.aws.amazon.com/cloudsearch/latest/developerguide/configuring-access.html
    "cloudsearch:",
    # https://docs.aws.amazon.com/efs/latest/ug/iam-access-control-nfs-efs.html
    "elasticfilesystem:client",
    # https://docs.aws.amazon.com/opensearch-service/latest/developerguide/ac.html
    "es:eshttp",
    # Connections of WebSockets are managed by signed requests:
    # https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-resource-policies.html
    # https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-how-to-call-websocket-api-connections.html
    "execute-api:invoke",
    # https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html
    "lambda:invokefunctionurl",
    # https://docs.aws.amazon.com/mediapackage/latest/userguide/policies.html
    "mediapackagev2:",
    # https://docs.aws.amazon.com/mediastore/latest/ug/policies.html
    "mediastore:",
    # https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch-RUM-resource-policies.html
    "rum:putrumevents",
    # https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-policy-language-overview.html
    "s3:",
    # https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-use-cases.html
    "sns:",
    # https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-basic-examples-of-sqs-policies.html
    "sqs:",
    # https://docs.aws.amazon.com/vpc-lattice/latest/ug/auth-policies.html
    "vpc-lattice-svcs:",
)
