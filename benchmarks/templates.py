"""
The templates that are measured: written the way the CDK writes them, the same bytes on every run.

    python benchmarks/templates.py large.json large.yaml
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

#: CloudFormation takes no larger template, and no more resources in one:
#: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
MAX_BYTES = 1_000_000
RESOURCES = 500
ROLES = 200

PARTITION = {"Ref": "AWS::Partition"}
OWN_ACCOUNT = {"Ref": "AWS::AccountId"}
#: What the functions of an application run as; the CDK makes a role for each of them.
SERVICES = (
    "lambda.amazonaws.com",
    "ecs-tasks.amazonaws.com",
    "states.amazonaws.com",
    "codebuild.amazonaws.com",
    "codepipeline.amazonaws.com",
    "events.amazonaws.com",
    "ec2.amazonaws.com",
    "apigateway.amazonaws.com",
)
GITHUB = "token.actions.githubusercontent.com"

Json = dict[str, object]


def join(*parts: object) -> Json:
    """``Fn::Join`` without a separator, which is how the CDK writes every ARN."""
    return {"Fn::Join": ["", list(parts)]}


def attribute(logical_id: str) -> Json:
    """``Fn::GetAtt`` of a resource's ARN."""
    return {"Fn::GetAtt": [logical_id, "Arn"]}


def own(service: str, name: str) -> Json:
    """The ARN of something in the account and Region that the template is deployed to."""
    return join("arn:", PARTITION, f":{service}:", {"Ref": "AWS::Region"}, ":", OWN_ACCOUNT, f":{name}")


def policy(*statements: Json) -> Json:
    """A policy document, its keys in the CDK's order."""
    return {"Statement": list(statements), "Version": "2012-10-17"}


def resource(kind: str, properties: Json, place: str) -> Json:
    """A resource with the metadata that the CDK adds."""
    return {"Type": kind, "Properties": properties, "Metadata": {"aws:cdk:path": place}}


def for_service(number: int) -> Json:
    """The trust policy of a role that a service assumes."""
    service = {"Service": SERVICES[number % len(SERVICES)]}
    return policy({"Action": "sts:AssumeRole", "Effect": "Allow", "Principal": service})


def for_people(number: int) -> Json:
    """The trust policy of a role for people of another account, who must have signed in with MFA."""
    root = {"AWS": join("arn:", PARTITION, f":iam::{222200000000 + number % 25:012d}:root")}
    return policy(
        {
            "Action": "sts:AssumeRole",
            "Condition": {
                "Bool": {"aws:MultiFactorAuthPresent": "true"},
                "NumericLessThan": {"aws:MultiFactorAuthAge": "3600"},
            },
            "Effect": "Allow",
            "Principal": root,
        }
    )


def for_vendor(number: int) -> Json:
    """The trust policy of a role for a third party, which brings an external id."""
    return policy(
        {
            "Action": "sts:AssumeRole",
            "Condition": {"StringEquals": {"sts:ExternalId": f"customer-{number:04d}"}},
            "Effect": "Allow",
            "Principal": {"AWS": "arn:aws:iam::444455556666:root"},
        }
    )


def for_workflow(number: int) -> Json:
    """The trust policy of a role for the workflows of one repository."""
    provider = join("arn:", PARTITION, ":iam::", OWN_ACCOUNT, f":oidc-provider/{GITHUB}")
    return policy(
        {
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": {
                "StringEquals": {f"{GITHUB}:aud": "sts.amazonaws.com"},
                "StringLike": {f"{GITHUB}:sub": f"repo:my-org/service-{number}:ref:refs/heads/main"},
            },
            "Effect": "Allow",
            "Principal": {"Federated": provider},
        }
    )


def trust(number: int) -> Json:
    """Of ten roles, seven are for services, one each for people, a vendor and a workflow."""
    makers: dict[int, Callable[[int], Json]] = {3: for_people, 6: for_vendor, 9: for_workflow}
    return makers.get(number % 10, for_service)(number)


def role(number: int) -> Json:
    """A role of the application."""
    basic = join("arn:", PARTITION, ":iam::aws:policy/service-role/AWSLambdaBasicExecutionRole")
    properties: Json = {"AssumeRolePolicyDocument": trust(number)}
    if number % 10 not in (3, 6, 9):
        properties["ManagedPolicyArns"] = [basic]
    return resource("AWS::IAM::Role", properties, f"App/Service{number}/Role/Resource")


def permissions(number: int) -> Json:
    """The default policy of a role: what a dozen calls of ``grant`` leave behind."""
    table, bucket = f"Table{number}", f"Bucket{number % 30}"
    imported = {"Fn::ImportValue": f"shared:ExportsOutputFnGetAtt{table}Arn{number:08X}"}
    statements: list[Json] = [
        {
            "Action": [
                f"dynamodb:{verb}"
                for verb in (
                    "BatchGetItem",
                    "BatchWriteItem",
                    "ConditionCheckItem",
                    "DeleteItem",
                    "DescribeTable",
                    "GetItem",
                    "GetRecords",
                    "GetShardIterator",
                    "PutItem",
                    "Query",
                    "Scan",
                    "UpdateItem",
                )
            ],
            "Effect": "Allow",
            "Resource": [imported, join(imported, "/index/*")],
        },
        {
            "Action": ["s3:Abort*", "s3:DeleteObject*", "s3:GetBucket*", "s3:GetObject*", "s3:List*", "s3:PutObject"],
            "Effect": "Allow",
            "Resource": [attribute(bucket), join(attribute(bucket), "/*")],
        },
        {
            "Action": ["sqs:GetQueueAttributes", "sqs:GetQueueUrl", "sqs:SendMessage"],
            "Effect": "Allow",
            "Resource": own("sqs", f"Queue{number}"),
        },
        {
            "Action": ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"],
            "Effect": "Allow",
            "Resource": {"Fn::ImportValue": f"shared:ExportsOutputFnGetAttKey{number % 5}Arn{number % 5:08X}"},
        },
        {
            "Action": ["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"],
            "Effect": "Allow",
            "Resource": own("secretsmanager", f"secret:service-{number}-??????"),
        },
        {
            "Action": [f"ssm:{verb}" for verb in ("DescribeParameters", "GetParameter", "GetParameters")],
            "Effect": "Allow",
            "Resource": own("ssm", f"parameter/service-{number}/*"),
        },
        {"Action": ["xray:PutTelemetryRecords", "xray:PutTraceSegments"], "Effect": "Allow", "Resource": "*"},
    ]
    properties: Json = {
        "PolicyDocument": policy(*statements),
        "PolicyName": f"Service{number}RoleDefaultPolicy{number:08X}",
        "Roles": [{"Ref": f"Role{number}"}],
    }
    return resource("AWS::IAM::Policy", properties, f"App/Service{number}/Role/DefaultPolicy/Resource")


def bucket_policy(number: int) -> Json:
    """The policy of a bucket that takes requests over TLS only."""
    bucket = f"Bucket{number}"
    return resource(
        "AWS::S3::BucketPolicy",
        {
            "Bucket": {"Ref": bucket},
            "PolicyDocument": policy(
                {
                    "Action": "s3:*",
                    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
                    "Effect": "Deny",
                    "Principal": {"AWS": "*"},
                    "Resource": [attribute(bucket), join(attribute(bucket), "/*")],
                },
                {
                    "Action": ["s3:GetBucket*", "s3:GetObject*", "s3:List*"],
                    "Effect": "Allow",
                    "Principal": {"AWS": attribute(f"Role{number}")},
                    "Resource": [attribute(bucket), join(attribute(bucket), "/*")],
                },
            ),
        },
        f"App/Bucket{number}/Policy/Resource",
    )


def large() -> Json:
    """The largest template that CloudFormation takes: 500 resources, 200 of them roles, and almost a million bytes."""
    resources: dict[str, Json] = {}
    for number in range(ROLES):
        resources[f"Role{number}"] = role(number)
        resources[f"Role{number}DefaultPolicy"] = permissions(number)
    for number in range(30):
        encryption = {
            "ServerSideEncryptionConfiguration": [{"ServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}}]
        }
        bucket = resource("AWS::S3::Bucket", {"BucketEncryption": encryption}, f"App/Bucket{number}")
        resources[f"Bucket{number}"] = bucket
        resources[f"Bucket{number}Policy"] = bucket_policy(number)
    for number in range(RESOURCES - len(resources)):
        function: Json = {
            "Code": {"S3Bucket": {"Fn::Sub": "cdk-hnb659fds-assets-${AWS::AccountId}"}, "S3Key": f"{number:064x}.zip"},
            "Environment": {"Variables": {}},
            "Handler": "index.handler",
            "Role": attribute(f"Role{number}"),
            "Runtime": "python3.13",
        }
        resources[f"Function{number}"] = resource("AWS::Lambda::Function", function, f"App/Function{number}/Resource")
    template: Json = {"Description": "An application of the largest size", "Resources": resources}
    _fill(template, [resources[f"Function{number}"] for number in range(40)])
    return template


def troubled() -> Json:
    """The largest template, in which every second trust policy is refuted or not decided before deployment."""
    template = large()
    resources = template["Resources"]
    assert isinstance(resources, dict)
    template["Parameters"] = {"Trusted": {"Type": "String"}}
    for number in range(0, ROLES, 2):
        properties = resources[f"Role{number}"]["Properties"]
        properties["AssumeRolePolicyDocument"] = _hole(number)
    return template


def _hole(number: int) -> Json:
    """A trust policy that lets somebody in without MFA, everybody in, or whom nobody knows."""
    condition: Json = {"BoolIfExists": {"aws:MultiFactorAuthPresent": "true"}}
    principals: tuple[object, ...] = (
        {"AWS": f"arn:aws:iam::{222200000000 + number % 25:012d}:root"},
        {"AWS": "*"},
        {"AWS": {"Ref": "Trusted"}},
        {"Federated": join("arn:", PARTITION, ":iam::", OWN_ACCOUNT, f":oidc-provider/{GITHUB}")},
    )
    principal = principals[number // 2 % len(principals)]
    action = "sts:AssumeRoleWithWebIdentity" if number // 2 % len(principals) == 3 else "sts:AssumeRole"
    return policy({"Action": action, "Condition": condition, "Effect": "Allow", "Principal": principal})


def small(number: int) -> Json:
    """One stack of many: three roles with what they may do."""
    resources: dict[str, Json] = {}
    for index in range(3 * number, 3 * number + 3):
        resources[f"Role{index}"] = role(index)
        resources[f"Role{index}DefaultPolicy"] = permissions(index)
    return {"Resources": resources}


def _fill(template: Json, functions: list[Json]) -> None:
    """Give the functions environment variables until the template has its size."""
    room = MAX_BYTES - len(text(template))
    line = len(f'\n       "SETTING_{0:04d}": "",')
    count = 10
    each = room // (len(functions) * count) - line - 8
    for function in functions:
        properties = function["Properties"]
        assert isinstance(properties, dict)
        properties["Environment"]["Variables"] = {f"SETTING_{n:04d}": "v" * each for n in range(count)}


def text(template: Json) -> str:
    """JSON as ``cdk synth`` writes it."""
    return json.dumps(template, indent=1)


def main() -> None:
    """Write the large template to the files that are named."""
    for name in sys.argv[1:]:
        Path(name).write_text(text(large()), encoding="utf-8")


if __name__ == "__main__":
    main()
