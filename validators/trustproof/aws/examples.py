"""
Accounts, names, actions and sources that stand in counterexamples where a policy leaves the choice.
"""

from __future__ import annotations

#: The account IDs of AWS's own examples; the first that fits is used.
ACCOUNTS = ("111122223333", "444455556666", "777788889999", "123456789012", "999999999999")

#: Names of users.
NAMES = ("alice", "bob")


#: A name of those that AWS makes of hexadecimal digits.
ID = "0a1b2c3d4e5f60718"
UUID = "1234abcd-12ab-34cd-56ef-1234567890ab"

#: Values of keys that every request carries, where the policy leaves them open.
USUAL: dict[str, str] = {
    "aws:currenttime": "2026-12-01T00:00:00Z",
    "aws:epochtime": "1796083200",
    "aws:tokenissuetime": "2026-12-01T00:00:00Z",
    "aws:requestedregion": "us-east-1",
    "aws:securetransport": "true",
    "aws:viaawsservice": "false",
    "aws:multifactorauthage": "0",
    "sts:rolesessionname": "alice",
    "saml:aud": "https://signin.aws.amazon.com/saml",
    "saml:iss": "https://idp.example.com/",
    "saml:sub": "alice",
    "saml:sub_type": "persistent",
    "saml:namequalifier": "0000000000000000000000000000",
}

#: The same moment as a date, in seconds since 1970.
USUAL_SECONDS = 1796083200

_REGIONS = (
    *("eu-west-1", "us-west-2", "eu-central-1", "ap-southeast-2", "ca-central-1", "sa-east-1", "us-east-2"),
    *("us-west-1", "eu-north-1", "ap-northeast-1", "ap-south-1", "cn-north-1", "us-gov-west-1"),
)

#: Values of keys that a policy may leave open, or compare with a wildcard; the first that it admits is used.
LIKELY: dict[str, tuple[str, ...]] = {
    "aws:requestedregion": _REGIONS,
    "aws:sourcevpc": ("vpc-0a1b2c3d4e5f60718", "vpc-0f1e2d3c4b5a69788"),
    "vpc-lattice-svcs:sourcevpc": ("vpc-0a1b2c3d4e5f60718", "vpc-0f1e2d3c4b5a69788"),
    "kms:viaservice": tuple(
        f"{service}.{region}.amazonaws.com{'.cn' if region.startswith('cn-') else ''}"
        for region in ("us-east-1", *_REGIONS)
        for service in ("s3", "ec2")
    ),
    "aws:sourcevpce": ("vpce-0a1b2c3d4e5f60718", "vpce-0f1e2d3c4b5a69788"),
    "aws:sourcevpcarn": tuple(
        f"arn:aws:ec2:us-east-1:{account}:vpc/vpc-0a1b2c3d4e5f60718" for account in ("999988887777", *ACCOUNTS)
    ),
}


#: Actions that exist, so that a counterexample for ``s3:*`` names one; the one that matters most first.
EXAMPLE_ACTIONS = (
    "s3:GetObject",
    "s3:PutObject",
    "s3:DeleteObject",
    "s3:ListBucket",
    "s3:GetBucketPolicy",
    "s3:PutBucketPolicy",
    "sqs:SendMessage",
    "sqs:ReceiveMessage",
    "sns:Publish",
    "sns:Subscribe",
    "kms:Decrypt",
    "kms:Encrypt",
    "kms:GenerateDataKey",
    "kms:PutKeyPolicy",
    "kms:CreateGrant",
    "lambda:InvokeFunction",
    "lambda:InvokeFunctionUrl",
    "lambda:GetLayerVersion",
    "secretsmanager:GetSecretValue",
    "ecr:BatchGetImage",
    "ecr:PutImage",
    "ecr:GetDownloadUrlForLayer",
    "kafka:CreateVpcConnection",
    "kafka:GetBootstrapBrokers",
    "redshift:AuthorizeInboundIntegration",
    "redshift:CreateInboundIntegration",
    "events:PutEvents",
    "execute-api:Invoke",
    "es:ESHttpGet",
    "es:ESHttpPost",
    "elasticfilesystem:ClientMount",
    "elasticfilesystem:ClientWrite",
    "dynamodb:GetItem",
    "dynamodb:DeleteTable",
    "kinesis:PutRecord",
    "kinesis:GetRecords",
    "logs:PutLogEvents",
    "logs:PutSubscriptionFilter",
    "backup:CopyIntoBackupVault",
    "codeartifact:ReadFromRepository",
    "payment-cryptography:DecryptData",
    "bedrock-agentcore:InvokeAgentRuntime",
    "bedrock-agentcore:InvokeGateway",
    "bedrock-agentcore:RetrieveMemoryRecords",
    "bedrock:Retrieve",
    "bedrock:ApplyGuardrail",
    "comprehend:ImportModel",
    "glacier:UploadArchive",
    "glue:GetTable",
    "xray:PutTraceSegments",
    "cloudtrail-data:PutAuditEvents",
    "mediapackagev2:GetObject",
    "mediastore:GetObject",
    "s3express:CreateSession",
    "s3tables:GetTableData",
    "s3vectors:GetVectors",
    "oam:CreateLink",
    "vpc-lattice-svcs:Invoke",
    "acm-pca:IssueCertificate",
    "signer:SignPayload",
    "ssm:GetParameters",
    "sts:AssumeRole",
    "iam:CreateAccessKey",
    "iam:AttachUserPolicy",
    "iam:PutUserPolicy",
    "iam:CreateUser",
    "iam:PassRole",
    "iam:DeactivateMFADevice",
    "iam:DeleteVirtualMFADevice",
    "ec2:TerminateInstances",
    "ec2:StopInstances",
    "ec2:DescribeInstances",
    "rds:DeleteDBInstance",
    "kms:ScheduleKeyDeletion",
    "cloudtrail:StopLogging",
    "cloudtrail:DeleteTrail",
    "organizations:LeaveOrganization",
    "organizations:DescribePolicy",
    "ec2:RunInstances",
)

#: Actions of which one is shown before any other where a policy allows many: what gives permissions and credentials,
#: and then what is read, written and destroyed. The one that matters most comes first.
GRAVE_ACTIONS = tuple(
    dict.fromkeys(
        (
            "iam:AttachUserPolicy",
            "iam:PutUserPolicy",
            "iam:AttachRolePolicy",
            "iam:PutRolePolicy",
            "iam:CreateAccessKey",
            "iam:UpdateAssumeRolePolicy",
            "iam:CreateUser",
            "iam:PassRole",
            "sts:AssumeRole",
            "secretsmanager:GetSecretValue",
            "lambda:UpdateFunctionCode",
            *EXAMPLE_ACTIONS,
        )
    )
)


#: Services that write to buckets and read nothing there, so that what matters of theirs is shown.
#: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html
#: https://docs.aws.amazon.com/config/latest/developerguide/s3-bucket-policy.html
#: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AWS-logs-infrastructure-V2-S3.html
#: https://docs.aws.amazon.com/AmazonS3/latest/userguide/example-bucket-policies.html#example-bucket-policies-s3-inventory
#: https://docs.aws.amazon.com/ses/latest/dg/receiving-email-permissions.html
DELIVERING = (
    "cloudtrail.amazonaws.com",
    "config.amazonaws.com",
    "delivery.logs.amazonaws.com",
    "logging.s3.amazonaws.com",
    "logs.amazonaws.com",
    "s3.amazonaws.com",
    "ses.amazonaws.com",
)

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
    "secretsmanager.amazonaws.com": "arn:aws:secretsmanager:us-east-1:{}:secret:app-AbCdEf",
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

#: A name that somebody gave to a resource.
IN_A_NAME = "app"
_HEX = "0123456789abcdef0"

#: Names that AWS gives to resources, by service and the beginning of the resource.
#: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/resource-ids.html
#: https://docs.aws.amazon.com/secretsmanager/latest/userguide/whats-in-a-secret.html
IDENTIFIERS: dict[str, str] = {
    **{
        f"ec2:{type_}": f"{beginning}-{_HEX}"
        for type_, beginning in {
            "image": "ami",
            "instance": "i",
            "internet-gateway": "igw",
            "launch-template": "lt",
            "natgateway": "nat",
            "network-interface": "eni",
            "route-table": "rtb",
            "security-group": "sg",
            "snapshot": "snap",
            "subnet": "subnet",
            "transit-gateway": "tgw",
            "volume": "vol",
            "vpc": "vpc",
            "vpc-endpoint": "vpce",
        }.items()
    },
    "cloudfront:distribution": "E1EXAMPLE",
    "elasticfilesystem:file-system": f"fs-{_HEX}",
    "kms:key": "00000000-1111-2222-3333-444444444444",
    "route53:hostedzone": "Z1EXAMPLE",
    "secretsmanager:secret": "app-AbCdEf",
}
