"""
The same as a CloudFormation template and as a plan: the verdicts are the same, with the same requests.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import trustproof
from tests.inputs.terraform.builders import HUB, MFA, OWN, Resource, allow, plan, policy, raw_state, state, trust
from trustproof.results.report import Report

ROOT = "r-a1b2"
CONFIG = {"boundary": {"accounts": [OWN, HUB]}, "organization": {"root": ROOT, "accounts": [OWN]}}
ADMIN = policy(allow("*"))
WITH_MFA = policy(allow("*", Condition=MFA))
WITHOUT_MFA = {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}
DENY = policy(allow("s3:*"), {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": WITHOUT_MFA})
SERVICE_CONTROL = policy({"Effect": "Deny", "Action": "iam:*", "Resource": "*", "Condition": WITHOUT_MFA})
RESOURCE_CONTROL = policy(
    {"Effect": "Deny", "Principal": "*", "Action": "sts:*", "Resource": "*", "Condition": WITHOUT_MFA}
)
KEY = policy({"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"})
IAM = policy(allow("iam:*"))
DELEGATION = policy(
    {"Effect": "Allow", "Principal": "*", "Action": "organizations:DescribeOrganization", "Resource": "*"}
)
OPEN_BUCKET = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::data/*"}
OPEN_QUEUE = {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": "*"}
FROM_S3 = {"Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"}, "Action": "sns:Publish", "Resource": "*"}
READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"

R = Resource
_ARN = f"arn:aws:iam::{OWN}"


def _document(text: str) -> Any:
    return json.loads(text)


def _role(name: str, trusting: str, **more: Any) -> Resource:
    return R(f"aws_iam_role.{name}", {"name": name, "assume_role_policy": trusting, **more})


def _control(policy_id: str, target: str, content: str, **more: Any) -> list[Resource]:
    """A control policy that is attached to something."""
    name = policy_id.replace("-", "")
    return [
        R(f"aws_organizations_policy.{name}", {"name": name, "content": content, **more}, {"id": policy_id}),
        R(f"aws_organizations_policy_attachment.{name}", {"policy_id": policy_id, "target_id": target}),
    ]


def _cloudformation(**resources: tuple[str, dict[str, Any]]) -> dict[str, Any]:
    return {"Resources": {key: {"Type": f"AWS::{type_}", "Properties": p} for key, (type_, p) in resources.items()}}


#: A role that a resource control policy of its organization protects.
_UNDER_RESOURCE_CONTROL = _cloudformation(
    a=("IAM::Role", {"RoleName": "a", "AssumeRolePolicyDocument": _document(trust())}),
    c=(
        "Organizations::Policy",
        {
            "Name": "c",
            "Type": "RESOURCE_CONTROL_POLICY",
            "Content": _document(RESOURCE_CONTROL),
            "TargetIds": [ROOT],
        },
    ),
)
#: Name, template, resources of Terraform.
TWINS: list[tuple[str, dict[str, Any], list[Resource]]] = [
    (
        "a role without MFA",
        _cloudformation(a=("IAM::Role", {"RoleName": "a", "AssumeRolePolicyDocument": _document(trust())})),
        [_role("a", trust())],
    ),
    (
        "a role with MFA, and sessions that last too long",
        _cloudformation(
            a=(
                "IAM::Role",
                {"RoleName": "a", "MaxSessionDuration": 43200, "AssumeRolePolicyDocument": _document(trust(None, MFA))},
            )
        ),
        [_role("a", trust(None, MFA), max_session_duration=43200)],
    ),
    (
        "inline policies of a role",
        _cloudformation(
            a=(
                "IAM::Role",
                {
                    "RoleName": "a",
                    "AssumeRolePolicyDocument": _document(trust(None, MFA)),
                    "Policies": [{"PolicyName": "p", "PolicyDocument": _document(ADMIN)}],
                },
            )
        ),
        [_role("a", trust(None, MFA), inline_policy=[{"name": "p", "policy": ADMIN}])],
    ),
    (
        "a user with a policy",
        _cloudformation(
            u=("IAM::User", {"UserName": "u"}),
            p=("IAM::UserPolicy", {"UserName": "u", "PolicyName": "p", "PolicyDocument": _document(ADMIN)}),
        ),
        [R("aws_iam_user.u", {"name": "u"}), R("aws_iam_user_policy.p", {"name": "p", "user": "u", "policy": ADMIN})],
    ),
    (
        "a user in a group that demands MFA",
        _cloudformation(
            u=("IAM::User", {"UserName": "u"}),
            g=("IAM::Group", {"GroupName": "g"}),
            m=("IAM::UserToGroupAddition", {"GroupName": "g", "Users": ["u"]}),
            p=("IAM::UserPolicy", {"UserName": "u", "PolicyName": "p", "PolicyDocument": _document(ADMIN)}),
            d=("IAM::GroupPolicy", {"GroupName": "g", "PolicyName": "d", "PolicyDocument": _document(DENY)}),
        ),
        [
            R("aws_iam_user.u", {"name": "u"}),
            R("aws_iam_group.g", {"name": "g"}),
            R("aws_iam_user_group_membership.m", {"user": "u", "groups": ["g"]}),
            R("aws_iam_user_policy.p", {"name": "p", "user": "u", "policy": ADMIN}),
            R("aws_iam_group_policy.d", {"name": "d", "group": "g", "policy": DENY}),
        ],
    ),
    (
        "the same with all members at the group, and a managed policy",
        _cloudformation(
            u=("IAM::User", {"UserName": "u"}),
            g=("IAM::Group", {"GroupName": "g"}),
            m=("IAM::UserToGroupAddition", {"GroupName": "g", "Users": ["u"]}),
            p=(
                "IAM::ManagedPolicy",
                {"ManagedPolicyName": "p", "Path": "/team/", "PolicyDocument": _document(ADMIN), "Users": ["u"]},
            ),
            d=("IAM::GroupPolicy", {"GroupName": "g", "PolicyName": "d", "PolicyDocument": _document(DENY)}),
        ),
        [
            R("aws_iam_user.u", {"name": "u"}),
            R("aws_iam_group.g", {"name": "g"}),
            R("aws_iam_group_membership.m", {"name": "m", "group": "g", "users": ["u"]}),
            R("aws_iam_policy.p", {"name": "p", "path": "/team/", "policy": ADMIN}),
            R("aws_iam_user_policy_attachment.x", {"user": "u", "policy_arn": f"{_ARN}:policy/team/p"}),
            R("aws_iam_group_policy.d", {"name": "d", "group": "g", "policy": DENY}),
        ],
    ),
    (
        "a policy that is attached to everybody at once",
        _cloudformation(
            u=("IAM::User", {"UserName": "u"}),
            g=("IAM::Group", {"GroupName": "g"}),
            r=("IAM::Role", {"RoleName": "r", "AssumeRolePolicyDocument": _document(trust(None, MFA))}),
            p=(
                "IAM::ManagedPolicy",
                {
                    "ManagedPolicyName": "p",
                    "PolicyDocument": _document(ADMIN),
                    "Users": ["u"],
                    "Groups": ["g"],
                    "Roles": ["r"],
                },
            ),
        ),
        [
            R("aws_iam_user.u", {"name": "u"}),
            R("aws_iam_group.g", {"name": "g"}),
            _role("r", trust(None, MFA)),
            R("aws_iam_policy.p", {"name": "p", "policy": ADMIN}),
            R(
                "aws_iam_policy_attachment.x",
                {"name": "x", "policy_arn": f"{_ARN}:policy/p", "users": ["u"], "groups": ["g"], "roles": ["r"]},
            ),
        ],
    ),
    (
        "policies of AWS, and a boundary",
        _cloudformation(
            u=(
                "IAM::User",
                {"UserName": "u", "ManagedPolicyArns": [ADMINISTRATOR], "PermissionsBoundary": f"{_ARN}:policy/b"},
            ),
            r=(
                "IAM::Role",
                {
                    "RoleName": "r",
                    "AssumeRolePolicyDocument": _document(trust(None, MFA)),
                    "ManagedPolicyArns": [READ_ONLY],
                },
            ),
            b=("IAM::ManagedPolicy", {"ManagedPolicyName": "b", "PolicyDocument": _document(WITH_MFA)}),
        ),
        [
            R("aws_iam_user.u", {"name": "u", "permissions_boundary": f"{_ARN}:policy/b"}),
            R("aws_iam_user_policy_attachment.x", {"user": "u", "policy_arn": ADMINISTRATOR}),
            _role("r", trust(None, MFA)),
            R("aws_iam_role_policy_attachments_exclusive.x", {"role_name": "r", "policy_arns": [READ_ONLY]}),
            R("aws_iam_policy.b", {"name": "b", "policy": WITH_MFA}),
        ],
    ),
    (
        "an open bucket",
        _cloudformation(
            b=(
                "S3::Bucket",
                {
                    "BucketName": "data",
                    "PublicAccessBlockConfiguration": {"BlockPublicPolicy": False, "RestrictPublicBuckets": False},
                },
            ),
            p=("S3::BucketPolicy", {"Bucket": "data", "PolicyDocument": _document(policy(OPEN_BUCKET))}),
        ),
        [
            R("aws_s3_bucket.b", {"bucket": "data"}),
            R("aws_s3_bucket_public_access_block.x", {"bucket": "data", "block_public_acls": True}),
            R("aws_s3_bucket_policy.p", {"bucket": "data", "policy": policy(OPEN_BUCKET)}),
        ],
    ),
    (
        "a bucket that is kept private",
        _cloudformation(
            b=("S3::Bucket", {"BucketName": "data", "PublicAccessBlockConfiguration": {"RestrictPublicBuckets": True}}),
            p=("S3::BucketPolicy", {"Bucket": "data", "PolicyDocument": _document(policy(OPEN_BUCKET))}),
        ),
        [
            R("aws_s3_bucket.b", {"bucket": "data"}),
            R("aws_s3_bucket_public_access_block.x", {"bucket": "data", "restrict_public_buckets": True}),
            R("aws_s3_bucket_policy.p", {"bucket": "data", "policy": policy(OPEN_BUCKET)}),
        ],
    ),
    (
        "an account whose buckets are kept private",
        _cloudformation(
            b=("S3::Bucket", {"BucketName": "data", "PublicAccessBlockConfiguration": {"RestrictPublicBuckets": True}}),
            p=("S3::BucketPolicy", {"Bucket": "data", "PolicyDocument": _document(policy(OPEN_BUCKET))}),
        ),
        [
            R("aws_s3_bucket.b", {"bucket": "data"}),
            R("aws_s3_account_public_access_block.x", {"restrict_public_buckets": True}),
            R("aws_s3_bucket_policy.p", {"bucket": "data", "policy": policy(OPEN_BUCKET)}),
        ],
    ),
    (
        "a queue and a topic",
        _cloudformation(
            q=("SQS::Queue", {"QueueName": "q"}),
            p=("SQS::QueuePolicy", {"Queues": [{"Ref": "q"}], "PolicyDocument": _document(policy(OPEN_QUEUE))}),
            t=("SNS::Topic", {"TopicName": "t"}),
            s=("SNS::TopicPolicy", {"Topics": [{"Ref": "t"}], "PolicyDocument": _document(policy(FROM_S3))}),
        ),
        [
            R("aws_sqs_queue.q", {"name": "q"}),
            R(
                "aws_sqs_queue_policy.p",
                {"queue_url": f"https://sqs.eu-west-1.amazonaws.com/{OWN}/q", "policy": policy(OPEN_QUEUE)},
            ),
            R("aws_sns_topic.t", {"name": "t"}),
            R("aws_sns_topic_policy.s", {"arn": f"arn:aws:sns:eu-west-1:{OWN}:t", "policy": policy(FROM_S3)}),
        ],
    ),
    (
        "a queue that has its policy itself",
        _cloudformation(
            q=("SQS::Queue", {"QueueName": "q"}),
            p=("SQS::QueuePolicy", {"Queues": [{"Ref": "q"}], "PolicyDocument": _document(policy(OPEN_QUEUE))}),
        ),
        [R("aws_sqs_queue.q", {"name": "q", "policy": policy(OPEN_QUEUE)})],
    ),
    (
        "a function that a service may call",
        _cloudformation(
            f=("Lambda::Function", {"FunctionName": "f"}),
            p=(
                "Lambda::Permission",
                {"FunctionName": "f", "Action": "lambda:InvokeFunction", "Principal": "s3.amazonaws.com"},
            ),
            s=(
                "Lambda::Permission",
                {
                    "FunctionName": "f",
                    "Action": "lambda:InvokeFunction",
                    "Principal": "s3.amazonaws.com",
                    "SourceAccount": OWN,
                },
            ),
        ),
        [
            R("aws_lambda_function.f", {"function_name": "f"}),
            R(
                "aws_lambda_permission.p",
                {"function_name": "f", "action": "lambda:InvokeFunction", "principal": "s3.amazonaws.com"},
            ),
            R(
                "aws_lambda_permission.s",
                {
                    "function_name": "f",
                    "action": "lambda:InvokeFunction",
                    "principal": "s3.amazonaws.com",
                    "source_account": OWN,
                },
            ),
        ],
    ),
    (
        "an alias of a function that anybody may call",
        _cloudformation(
            f=("Lambda::Function", {"FunctionName": "f"}),
            p=(
                "Lambda::Permission",
                {"FunctionName": "f:live", "Action": "lambda:InvokeFunction", "Principal": "*"},
            ),
            q=(
                "Lambda::Permission",
                {"FunctionName": f"{OWN}:function:g", "Action": "lambda:InvokeFunction", "Principal": "*"},
            ),
        ),
        [
            R("aws_lambda_function.f", {"function_name": "f"}),
            R(
                "aws_lambda_permission.p",
                {"function_name": "f", "qualifier": "live", "action": "lambda:InvokeFunction", "principal": "*"},
            ),
            R(
                "aws_lambda_permission.q",
                {"function_name": f"{OWN}:function:g", "action": "lambda:InvokeFunction", "principal": "*"},
            ),
        ],
    ),
    (
        "a key",
        _cloudformation(
            k=(
                "KMS::Key",
                {
                    "KeyPolicy": _document(
                        policy({"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"})
                    )
                },
            )
        ),
        [
            R(
                "aws_kms_key.k",
                {"policy": KEY},
            )
        ],
    ),
    (
        "a permission set",
        _cloudformation(
            s=(
                "SSO::PermissionSet",
                {
                    "Name": "s",
                    "SessionDuration": "PT12H",
                    "ManagedPolicies": [READ_ONLY],
                    "InlinePolicy": _document(ADMIN),
                },
            )
        ),
        [
            R(
                "aws_ssoadmin_permission_set.s",
                {"name": "s", "session_duration": "PT12H"},
                {"arn": "arn:aws:sso:::permissionSet/ssoins-1/ps-1"},
            ),
            R(
                "aws_ssoadmin_managed_policy_attachment.a",
                {"permission_set_arn": "arn:aws:sso:::permissionSet/ssoins-1/ps-1", "managed_policy_arn": READ_ONLY},
            ),
            R(
                "aws_ssoadmin_permission_set_inline_policy.i",
                {"permission_set_arn": "arn:aws:sso:::permissionSet/ssoins-1/ps-1", "inline_policy": ADMIN},
            ),
        ],
    ),
    (
        "a domain in a network",
        _cloudformation(
            d=(
                "OpenSearchService::Domain",
                {
                    "DomainName": "d",
                    "VPCOptions": {"SubnetIds": ["subnet-1"]},
                    "AccessPolicies": _document(
                        policy({"Effect": "Allow", "Principal": "*", "Action": "es:*", "Resource": "*"})
                    ),
                },
            )
        ),
        [
            R(
                "aws_opensearch_domain.d",
                {
                    "domain_name": "d",
                    "vpc_options": [{"subnet_ids": ["subnet-1"]}],
                    "access_policies": policy({"Effect": "Allow", "Principal": "*", "Action": "es:*", "Resource": "*"}),
                },
            )
        ],
    ),
    (
        "a role of the provider awscc",
        _cloudformation(
            a=(
                "IAM::Role",
                {
                    "RoleName": "a",
                    "AssumeRolePolicyDocument": _document(trust()),
                    "Policies": [{"PolicyName": "p", "PolicyDocument": _document(ADMIN)}],
                    "ManagedPolicyArns": [READ_ONLY],
                },
            )
        ),
        [
            R(
                "awscc_iam_role.a",
                {
                    "role_name": "a",
                    "assume_role_policy_document": trust(),
                    "policies": [{"policy_name": "p", "policy_document": ADMIN}],
                    "managed_policy_arns": [READ_ONLY],
                    "tags": [{"key": "team", "value": "x"}],
                },
            )
        ],
    ),
    *(
        (
            f"a user under a service control policy of {target}",
            _cloudformation(
                u=("IAM::User", {"UserName": "u"}),
                p=("IAM::UserPolicy", {"UserName": "u", "PolicyName": "p", "PolicyDocument": _document(IAM)}),
                c=(
                    "Organizations::Policy",
                    {
                        "Name": "c",
                        "Type": "SERVICE_CONTROL_POLICY",
                        "Content": _document(SERVICE_CONTROL),
                        "TargetIds": [target],
                    },
                ),
            ),
            [
                R("aws_iam_user.u", {"name": "u"}),
                R("aws_iam_user_policy.p", {"name": "p", "user": "u", "policy": IAM}),
                *_control(f"p-{number}", target, SERVICE_CONTROL),
            ],
        )
        for number, target in enumerate((ROOT, OWN, HUB))
    ),
    (
        "a role under a resource control policy",
        _UNDER_RESOURCE_CONTROL,
        [_role("a", trust()), *_control("p-r", ROOT, RESOURCE_CONTROL, type="RESOURCE_CONTROL_POLICY")],
    ),
    (
        "a control policy of awscc",
        _UNDER_RESOURCE_CONTROL,
        [
            _role("a", trust()),
            R(
                "awscc_organizations_policy.c",
                {"name": "c", "type": "RESOURCE_CONTROL_POLICY", "content": RESOURCE_CONTROL, "target_ids": [ROOT]},
            ),
        ],
    ),
    (
        "the policy of an organization",
        _cloudformation(d=("Organizations::ResourcePolicy", {"Content": _document(DELEGATION)})),
        [R("aws_organizations_resource_policy.d", {"content": DELEGATION})],
    ),
]


def verdicts(report: Report) -> list[tuple[Any, ...]]:
    """What is said, without where and of whom it is said."""
    assert report.errors == ()
    found = []
    for one in report.results:
        case = one.counterexample
        asked = None if case is None else (case.action, case.credentials, sorted(case.context.items(), key=str))
        found.append((one.property, one.verdict, one.severity, one.reach, asked))
    return sorted(found, key=str)


@pytest.mark.parametrize("write", [plan, state, raw_state])
@pytest.mark.parametrize(("template", "resources"), [twin[1:] for twin in TWINS], ids=[twin[0] for twin in TWINS])
def test_a_twin_has_the_sameverdicts(
    tmp_path: Path, template: dict[str, Any], resources: list[Resource], write: Any
) -> None:
    """A plan or state of which everything is known is judged like the template."""
    (tmp_path / "template.json").write_text(json.dumps(template))
    (tmp_path / "plan.json").write_text(json.dumps(write(*resources)))
    options: dict[str, Any] = {"config": CONFIG, "account": OWN, "region": "eu-west-1"}
    expected = trustproof.check([tmp_path / "template.json"], **options)
    assert verdicts(trustproof.check([tmp_path / "plan.json"], **options)) == verdicts(expected)
    assert expected.results


@pytest.mark.parametrize(
    ("given", "arn"),
    [
        ({"function_name": "f"}, "f"),
        ({"function_name": f"{OWN}:function:f"}, "f"),
        ({"function_name": f"arn:aws:lambda:eu-west-1:{OWN}:function:f"}, "f"),
        ({"function_name": "f:live"}, "f:live"),
        ({"function_name": "f", "qualifier": "live"}, "f:live"),
        ({"function_name": f"{OWN}:function:f", "qualifier": "7"}, "f:7"),
        ({"function_name": "f", "qualifier": None}, "f"),
        ({"function_name": "f", "qualifier": ""}, "f"),
    ],
)
def test_a_permission_stands_on_the_function_and_its_alias(given: dict[str, Any], arn: str) -> None:
    """The three ways in which Terraform names a function are one, and the qualifier is a part of the ARN."""
    principal = {"action": "lambda:InvokeFunction", "principal": HUB}
    one = plan(R("aws_lambda_permission.p", {**given, **principal}))
    other = plan(R("aws_lambda_permission.p", {"function_name": "elsewhere", **principal}))
    found = trustproof.diff(other, one, account=OWN, region="eu-west-1")
    (gained,) = found.gained
    assert gained.message.endswith(f" on arn:aws:lambda:eu-west-1:{OWN}:function:{arn}")
