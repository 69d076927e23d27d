"""
CloudFormation makes resources with the permissions of whoever calls it, or of the role that a stack is handed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from itertools import count
from typing import Any

import pytest

from tests.sandbox.cast import HOME, OTHER, Cast, allow, policy, refusal, root, trust
from trustproof.aws.published import service
from trustproof.sandbox.cloudformation.permissions import _PREFIXES

DENY_IAM = {"Effect": "Deny", "Action": "iam:*", "Resource": "*"}
OF_QUEUES = [f"sqs:{name}" for name in ("CreateQueue", "GetQueue*", "ListQueueTags", "TagQueue")]
KEY_OF_ANOTHER = f"arn:aws:kms:eu-central-1:{HOME}:key/one"
QUEUE, LOGS = {"Type": "AWS::SQS::Queue"}, {"Type": "AWS::Logs::LogGroup"}
RULE = {"Type": "AWS::Events::Rule", "Properties": {"ScheduleExpression": "rate(1 hour)"}}
TRUST = json.loads(policy(trust(root(HOME))))
ROLE = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": TRUST}}
_numbers = count()


def deny(action: Any, resource: str = "*") -> dict[str, Any]:
    """The statement of a guard."""
    return {"Effect": "Deny", "Action": action, "Resource": resource}


def made(cast: Cast, keys: Mapping[str, Any], resource: Mapping[str, Any], **more: Any) -> str:
    """The status of a stack of one resource."""
    cloudformation = cast.aws.client("cloudformation", keys)
    name = f"permitted{next(_numbers)}"
    cloudformation.create_stack(
        StackName=name,
        TemplateBody=json.dumps({"Resources": {"R": resource}}),
        Capabilities=["CAPABILITY_NAMED_IAM"],
        **more,
    )
    found = cast.aws.client("cloudformation", account=HOME).describe_stacks(StackName=name)["Stacks"][0]
    return str(found["StackStatus"])


@pytest.mark.parametrize(
    ("statements", "resource", "status"),
    [
        ([allow("*")], ROLE, "CREATE_COMPLETE"),
        ([allow("cloudformation:*")], ROLE, "ROLLBACK_COMPLETE"),
        ([allow("*"), DENY_IAM], ROLE, "ROLLBACK_COMPLETE"),
        ([allow(["cloudformation:*", "iam:CreateRole"])], ROLE, "CREATE_COMPLETE"),
        # The name that a role will have is known, but for its end.
        ([allow("*"), deny("iam:*", "arn:aws:iam::*:role/aws-*")], ROLE, "CREATE_COMPLETE"),
        ([allow("*"), deny("iam:CreateRole", "arn:aws:iam::*:role/permitted*")], ROLE, "ROLLBACK_COMPLETE"),
        ([allow(["cloudformation:*"]), allow("iam:*", "arn:aws:iam::*:role/permitted*-R-*")], ROLE, "CREATE_COMPLETE"),
        ([allow("cloudformation:*")], {"Type": "AWS::S3::Bucket"}, "ROLLBACK_COMPLETE"),
        ([allow(["cloudformation:*", "s3:*"])], {"Type": "AWS::S3::Bucket"}, "CREATE_COMPLETE"),
        # What the schema of the type lists is asked for, and nothing else.
        ([allow("*"), deny("s3:PutBucketPolicy")], {"Type": "AWS::S3::Bucket"}, "CREATE_COMPLETE"),
        ([allow("*"), deny("s3:PutBucketTagging")], {"Type": "AWS::S3::Bucket"}, "ROLLBACK_COMPLETE"),
        ([allow("*"), deny(["sqs:DeleteQueue", "dynamodb:*"])], QUEUE, "CREATE_COMPLETE"),
        ([allow("*"), deny("sqs:CreateQueue", "arn:*:sqs:*:*:aws-*")], QUEUE, "CREATE_COMPLETE"),
        ([allow("*"), deny("sqs:CreateQueue", "arn:*:sqs:*:*:permitted*")], QUEUE, "ROLLBACK_COMPLETE"),
        ([allow("*"), deny("logs:PutRetentionPolicy", "arn:*:logs:*:*:log-group:aws-*")], LOGS, "CREATE_COMPLETE"),
        (
            [allow("*"), deny("logs:PutRetentionPolicy", "arn:*:logs:*:*:log-group:permitted*")],
            LOGS,
            "ROLLBACK_COMPLETE",
        ),
        ([allow("*"), deny("events:PutRule", "arn:*:events:*:*:rule/aws-*")], RULE, "CREATE_COMPLETE"),
        ([allow("*"), deny("events:PutRule", "arn:*:events:*:*:rule/permitted*")], RULE, "ROLLBACK_COMPLETE"),
        ([allow("*"), deny("kms:DescribeKey", KEY_OF_ANOTHER)], {"Type": "AWS::KMS::Key"}, "CREATE_COMPLETE"),
        ([allow("cloudformation:*"), allow(OF_QUEUES, "arn:*:sqs:*:*:permitted*")], QUEUE, "CREATE_COMPLETE"),
        ([allow("cloudformation:*"), allow(OF_QUEUES, "arn:*:sqs:*:*:other*")], QUEUE, "ROLLBACK_COMPLETE"),
        ([allow(["cloudformation:*", "kms:*"])], {"Type": "AWS::KMS::Key"}, "CREATE_COMPLETE"),
        (
            [allow(["cloudformation:*", "kms:*"])],
            {"Type": "AWS::KMS::Key", "Properties": {"MultiRegion": True}},
            "ROLLBACK_COMPLETE",
        ),
    ],
)
def test_a_stack_is_made_as_its_caller(
    cast: Cast, statements: list[Any], resource: dict[str, Any], status: str
) -> None:
    """What the caller could not make by a call, its stack does not make either."""
    assert made(cast, cast.user(*statements), resource) == status


READS = ["iam:GetRole", "iam:GetRolePolicy", "iam:ListRolePolicies", "iam:ListAttachedRolePolicies"]
OF_ROLES = {"ForAllValues:StringEquals": {"cloudformation:ImportResourceTypes": "AWS::IAM::Role"}}
OF_USERS = {"ForAnyValue:StringEquals": {"cloudformation:ImportResourceTypes": "AWS::IAM::User"}}


@pytest.mark.parametrize(
    ("statements", "status"),
    [
        ([allow("cloudformation:*")], "IMPORT_ROLLBACK_COMPLETE"),
        ([allow(["cloudformation:*", *READS])], "IMPORT_COMPLETE"),
        # Whether the others are asked for is not known.
        ([allow(["cloudformation:*", "iam:GetRole"])], "IMPORT_ROLLBACK_COMPLETE"),
        ([allow("*"), {**DENY_IAM, "Action": "iam:GetRole"}], "IMPORT_ROLLBACK_COMPLETE"),
        ([allow(READS), allow("cloudformation:*", Condition=OF_ROLES)], "IMPORT_COMPLETE"),
        (
            [
                allow("*"),
                {"Effect": "Deny", "Action": "cloudformation:CreateChangeSet", "Resource": "*", "Condition": OF_ROLES},
            ],
            "",
        ),
        (
            [
                allow("*"),
                {"Effect": "Deny", "Action": "cloudformation:CreateChangeSet", "Resource": "*", "Condition": OF_USERS},
            ],
            "IMPORT_COMPLETE",
        ),
    ],
)
def test_a_role_is_imported_by_whoever_may_read_it(cast: Cast, statements: list[Any], status: str) -> None:
    """`cdk import` changes nothing, and asks for what reads; of which types, a policy may say."""
    name = cast.role(trust(root(HOME))).rpartition("/")[2]
    resource = {**ROLE, "Properties": {**ROLE["Properties"], "RoleName": name}, "DeletionPolicy": "Retain"}
    stack, cloudformation = f"permitted{next(_numbers)}", cast.aws.client("cloudformation", cast.user(*statements))

    def imported() -> None:
        cloudformation.create_change_set(
            StackName=stack,
            ChangeSetName="import",
            ChangeSetType="IMPORT",
            TemplateBody=json.dumps({"Resources": {"R": resource}}),
            Capabilities=["CAPABILITY_NAMED_IAM"],
            ResourcesToImport=[
                {"ResourceType": ROLE["Type"], "LogicalResourceId": "R", "ResourceIdentifier": {"RoleName": name}}
            ],
        )
        cloudformation.execute_change_set(StackName=stack, ChangeSetName="import")

    if not status:
        assert refusal(imported)[0] == "AccessDenied"
        return
    imported()
    (there,) = cast.aws.client("cloudformation", account=HOME).describe_stacks(StackName=stack)["Stacks"]
    assert there["StackStatus"] == status


def test_a_policy_goes_through_no_stack(cast: Cast) -> None:
    """A role with an administrator's policy needs the right to attach it, and a boundary holds in stacks."""
    strong = {"ManagedPolicyArns": ["arn:aws:iam::aws:policy/AdministratorAccess"], "AssumeRolePolicyDocument": TRUST}
    resource = {"Type": "AWS::IAM::Role", "Properties": strong}
    keys = cast.user(allow(["cloudformation:*", "iam:CreateRole", "iam:DeleteRole"]))
    assert made(cast, keys, resource) == "ROLLBACK_COMPLETE"
    boundary = cast.iam().create_policy(PolicyName="stackbound", PolicyDocument=policy(allow("cloudformation:*")))
    bound = cast.user(allow("*"), PermissionsBoundary=boundary["Policy"]["Arn"])
    assert made(cast, bound, resource) == "ROLLBACK_COMPLETE"


def test_a_session_policy_holds_in_stacks(cast: Cast) -> None:
    """A session that may do less than its role makes no stack of more."""
    role = cast.role(trust(root(HOME)), may=[allow("*")])
    keys = cast.assume(cast.user(allow("sts:AssumeRole")), role, Policy=policy(allow("cloudformation:*")))[
        "Credentials"
    ]
    assert made(cast, keys, ROLE) == "ROLLBACK_COMPLETE"
    assert made(cast, keys, {"Type": "AWS::S3::Bucket"}) == "ROLLBACK_COMPLETE"


def test_the_role_of_a_stack_is_asked_instead(cast: Cast) -> None:
    """A stack that is handed a role does what the role may, whatever its caller may not."""
    lets = trust({"Service": "cloudformation.amazonaws.com"})
    strong, weak = cast.role(lets, may=[allow("iam:*")]), cast.role(lets)
    keys = cast.user(allow(["cloudformation:*", "iam:PassRole"]))
    assert made(cast, keys, ROLE, RoleARN=strong) == "CREATE_COMPLETE"
    assert made(cast, cast.user(allow("*")), ROLE, RoleARN=weak) == "ROLLBACK_COMPLETE"


@pytest.mark.parametrize(("name", "lets"), [("AWSCloudFormation", True), ("AWS*", True), ("deployer", False)])
def test_the_session_of_the_role_of_a_stack_has_a_name(cast: Cast, name: str, lets: bool) -> None:
    """What CloudFormation calls its session counts where the role is handed over, and in what the session may do."""
    named = {"StringLike": {"sts:RoleSessionName": name}}
    by_trust = cast.role(trust({"Service": "cloudformation.amazonaws.com"}, Condition=named), may=[allow("*")])
    user = cast.user(allow("*"))
    if lets:
        assert made(cast, user, ROLE, RoleARN=by_trust) == "CREATE_COMPLETE"
    else:
        code, message = refusal(lambda: made(cast, user, ROLE, RoleARN=by_trust))
        assert (code, message) == ("ValidationError", f"Role {by_trust} is invalid or cannot be assumed")
    may = allow("*", Condition={"StringLike": {"aws:userid": f"*:{name}"}})
    by_policy = cast.role(trust({"Service": "cloudformation.amazonaws.com"}), may=[may])
    assert made(cast, user, ROLE, RoleARN=by_policy) == ("CREATE_COMPLETE" if lets else "ROLLBACK_COMPLETE")


def test_deletion_is_asked_as_well(cast: Cast) -> None:
    """Whoever may not delete a role deletes none by its stack."""
    name = f"permitted{next(_numbers)}"
    there = cast.aws.client("cloudformation", account=HOME)
    there.create_stack(
        StackName=name, TemplateBody=json.dumps({"Resources": {"R": ROLE}}), Capabilities=["CAPABILITY_IAM"]
    )
    keys = cast.user(allow("*"), DENY_IAM)
    cast.aws.client("cloudformation", keys).delete_stack(StackName=name)
    assert there.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"] == "DELETE_FAILED"


def test_a_guard_of_deletions_keeps_what_is_there(cast: Cast) -> None:
    """Who may make a queue, and delete none whose name begins otherwise than this one's, makes it and deletes it."""
    name = f"permitted{next(_numbers)}"
    there = cast.aws.client("cloudformation", account=HOME)

    def kept(beginning: str) -> bool:
        there.create_stack(StackName=name, TemplateBody=json.dumps({"Resources": {"R": QUEUE}}))
        keys = cast.user(allow("*"), deny("sqs:DeleteQueue", f"arn:*:sqs:*:*:{beginning}*"))
        cast.aws.client("cloudformation", keys).delete_stack(StackName=name)
        found = {one["StackName"]: one["StackStatus"] for one in there.describe_stacks()["Stacks"]}
        return found.get(name) == "DELETE_FAILED"

    assert not kept("other")
    assert kept(name)


def test_a_stack_is_deleted_with_the_role_that_is_named(cast: Cast) -> None:
    """A role that the deletion is handed is asked, whatever made the stack."""
    name = f"permitted{next(_numbers)}"
    there = cast.aws.client("cloudformation", account=HOME)
    there.create_stack(
        StackName=name, TemplateBody=json.dumps({"Resources": {"R": ROLE}}), Capabilities=["CAPABILITY_IAM"]
    )
    lets = trust({"Service": "cloudformation.amazonaws.com"})
    weak, strong = cast.role(lets), cast.role(lets, may=[allow("iam:*")])
    there.delete_stack(StackName=name, RoleARN=weak)
    assert there.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"] == "DELETE_FAILED"
    user = cast.user(allow(["cloudformation:*", "iam:PassRole"]))
    cast.aws.client("cloudformation", user).delete_stack(StackName=name, RoleARN=strong)
    assert name not in [one["StackName"] for one in there.describe_stacks()["Stacks"]]


@pytest.mark.parametrize("fails", [False, True])
def test_a_boundary_put_by_hand_stays(cast: Cast, fails: bool) -> None:
    """Whoever may not take a boundary off takes none off by an update of something else, or by its rollback."""
    name = f"permitted{next(_numbers)}"
    there = cast.aws.client("cloudformation", account=HOME)

    def body(description: str, **more: Any) -> dict[str, Any]:
        properties = {**ROLE["Properties"], "RoleName": name, "Description": description}
        resources = {"R": {"Type": "AWS::IAM::Role", "Properties": properties}, **more}
        return {
            "StackName": name,
            "TemplateBody": json.dumps({"Resources": resources}),
            "Capabilities": ["CAPABILITY_NAMED_IAM"],
        }

    there.create_stack(**body("one"))
    boundary = "arn:aws:iam::aws:policy/ReadOnlyAccess"
    cast.iam().put_role_permissions_boundary(RoleName=name, PermissionsBoundary=boundary)
    keys = cast.user(allow(["cloudformation:*", "iam:UpdateRole", "iam:UpdateRoleDescription", "iam:GetRole"]))
    wrong = {"Z": {"Type": "AWS::IAM::Group", "DependsOn": "R"}} if fails else {}
    cast.aws.client("cloudformation", keys).update_stack(**body("two", **wrong))
    status = there.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"]
    assert status == ("UPDATE_ROLLBACK_COMPLETE" if fails else "UPDATE_COMPLETE")
    role = cast.iam().get_role(RoleName=name)["Role"]
    assert role["Description"] == ("one" if fails else "two")
    assert role["PermissionsBoundary"]["PermissionsBoundaryArn"] == boundary


def test_every_type_has_actions() -> None:
    """The service of each type that can be made is one whose actions are known."""
    from moto.cloudformation.parsing import get_model_map

    names = {name.split("::")[1] for name in get_model_map() if name.count("::") == 2 and "SERVICE" not in name}
    for name in names:
        assert all(service(prefix) is not None for prefix in _PREFIXES.get(name, (name.lower(),))), name


def test_parameters_are_read_as_whoever_makes_the_stack(cast: Cast) -> None:
    """Whoever may not read a parameter makes no stack with its value, unless the role of the stack may read it."""
    cast.aws.client("ssm", account=HOME).put_parameter(Name="/team/name", Type="String", Value="readers")
    template = json.dumps(
        {
            "Parameters": {"P": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/team/name"}},
            "Resources": {"G": {"Type": "AWS::IAM::Group", "Properties": {"GroupName": {"Ref": "P"}}}},
        }
    )
    given = {"TemplateBody": template, "Capabilities": ["CAPABILITY_NAMED_IAM"]}

    def client(*statements: Any) -> Any:
        return cast.aws.client("cloudformation", cast.user(allow(["cloudformation:*", "iam:*"]), *statements))

    other = allow("ssm:GetParameters", f"arn:aws:ssm:*:{HOME}:parameter/other")
    for call in (client().create_stack, client(other).create_stack, client().create_change_set):
        more = {"ChangeSetName": "c", "ChangeSetType": "CREATE"} if "change" in call.__name__ else {}
        code, message = refusal(lambda call=call, more=more: call(StackName="reads", **given, **more))
        assert (code, "ssm:GetParameters" in message) == ("AccessDenied", True)
    lets = trust({"Service": "cloudformation.amazonaws.com"})
    strong, weak = cast.role(lets, may=[allow("*")]), cast.role(lets, may=[allow("iam:*")])
    reads = client(allow("ssm:GetParameters", f"arn:aws:ssm:*:{HOME}:parameter/team/name"))
    assert refusal(lambda: reads.create_stack(StackName="reads", RoleARN=weak, **given))[0] == "NotImplemented"
    assert refusal(lambda: client().create_stack(StackName="reads", RoleARN=weak, **given))[0] == "AccessDenied"
    for caller, more in ((client(), {"RoleARN": strong}), (reads, {})):
        caller.create_stack(StackName="reads", **given, **more)
        assert cast.iam().get_group(GroupName="readers")
        cast.aws.client("cloudformation", account=HOME).delete_stack(StackName="reads")


def test_templates_of_nested_stacks_are_read_by_whoever_deploys(cast: Cast) -> None:
    """A template that the caller, or the role of the stack, may not read makes no nested stack."""
    s3 = cast.aws.client("s3", account=HOME)
    s3.create_bucket(Bucket="nested", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    inner = {"Resources": {"R": {"Type": "AWS::S3::Bucket"}}}
    s3.put_object(Bucket="nested", Key="t.json", Body=json.dumps(inner))
    resource = {
        "Type": "AWS::CloudFormation::Stack",
        "Properties": {"TemplateURL": "https://nested.s3.eu-central-1.amazonaws.com/t.json"},
    }
    blind = {**allow("s3:GetObject*"), "Effect": "Deny"}
    assert made(cast, cast.user(allow("*")), resource) == "CREATE_COMPLETE"
    # Reading changes nothing, so all else that makes buckets and stacks is allowed.
    assert made(cast, cast.user(allow("*"), blind), resource) == "ROLLBACK_COMPLETE"
    lets = trust({"Service": "cloudformation.amazonaws.com"})
    strong, weak = cast.role(lets, may=[allow("*")]), cast.role(lets, may=[allow("*"), blind])
    assert made(cast, cast.user(allow("*"), blind), resource, RoleARN=strong) == "CREATE_COMPLETE"
    assert made(cast, cast.user(allow("*")), resource, RoleARN=weak) == "ROLLBACK_COMPLETE"


def test_templates_of_stack_sets_are_read_by_whoever_deploys(cast: Cast) -> None:
    """A template that the caller, or the role of the stack, may not read makes no stack set."""
    s3 = cast.aws.client("s3", account=HOME)
    s3.create_bucket(Bucket="of-sets", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    s3.put_object(Bucket="of-sets", Key="t.json", Body=json.dumps({"Resources": {"R": {"Type": "AWS::S3::Bucket"}}}))
    resource: dict[str, Any] = {
        "Type": "AWS::CloudFormation::StackSet",
        "Properties": {
            "StackSetName": "read",
            "PermissionModel": "SERVICE_MANAGED",
            "TemplateURL": "https://of-sets.s3.eu-central-1.amazonaws.com/t.json",
        },
    }
    blind = {**allow("s3:GetObject*"), "Effect": "Deny"}
    lets = trust({"Service": "cloudformation.amazonaws.com"})
    strong, weak = cast.role(lets, may=[allow("*")]), cast.role(lets, may=[allow("*"), blind])
    assert made(cast, cast.user(allow("*")), resource) == "CREATE_COMPLETE"
    resource["Properties"] = {**resource["Properties"], "StackSetName": "unread"}
    assert made(cast, cast.user(allow("*"), blind), resource) == "ROLLBACK_COMPLETE"
    resource["Properties"] = {**resource["Properties"], "StackSetName": "by-role"}
    assert made(cast, cast.user(allow("*"), blind), resource, RoleARN=strong) == "CREATE_COMPLETE"
    resource["Properties"] = {**resource["Properties"], "StackSetName": "by-another"}
    assert made(cast, cast.user(allow("*")), resource, RoleARN=weak) == "ROLLBACK_COMPLETE"


@pytest.mark.parametrize(
    ("statements", "more", "status"),
    [
        ([trust(root(HOME), "kms:*", Resource="*")], {}, "CREATE_COMPLETE"),
        ([trust(root(HOME), "kms:Decrypt", Resource="*")], {}, "ROLLBACK_COMPLETE"),
        ([trust(root(HOME), "kms:Decrypt", Resource="*")], {"BypassPolicyLockoutSafetyCheck": True}, "CREATE_COMPLETE"),
        (
            [
                trust(root(HOME), "kms:*", Resource="*"),
                {**trust({"AWS": "*"}, "kms:PutKeyPolicy", Resource="*"), "Effect": "Deny"},
            ],
            {},
            "ROLLBACK_COMPLETE",
        ),
        # From where CloudFormation calls is not known here.
        (
            [trust(root(HOME), "kms:*", Resource="*", Condition={"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}})],
            {},
            "ROLLBACK_COMPLETE",
        ),
    ],
)
def test_a_key_policy_does_not_lock_out_whoever_deploys(
    cast: Cast, statements: list[Any], more: dict[str, Any], status: str
) -> None:
    """A template gives a key no policy with which its policy could not be changed any more, unless it says so."""
    document = json.loads(policy(*statements))
    key = {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": document, **more}}
    assert made(cast, cast.user(allow("*")), key) == status


@pytest.mark.parametrize(
    ("kind", "name", "more", "is_asked"),
    [
        ("SecretsManager::Secret", "KmsKeyId", {"SecretString": "x"}, True),
        ("Logs::LogGroup", "KmsKeyId", {}, True),
        # Who names the key of a queue need not be let use it.
        ("SQS::Queue", "KmsMasterKeyId", {}, False),
    ],
)
def test_a_key_goes_through_no_stack(cast: Cast, kind: str, name: str, more: dict[str, Any], *, is_asked: bool) -> None:
    """What whoever deploys may not do with a key by a call, a template that names the key does not do either."""
    key = cast.aws.client("kms", account=HOME).create_key()["KeyMetadata"]["Arn"]
    resource = {"Type": f"AWS::{kind}", "Properties": {name: key, **more}}
    of_service = f"{kind.partition('::')[0].lower()}:*"
    without = cast.user(allow(["cloudformation:*", of_service]))
    assert made(cast, without, resource) == ("ROLLBACK_COMPLETE" if is_asked else "CREATE_COMPLETE")
    assert made(cast, cast.user(allow(["cloudformation:*", "kms:*", of_service])), resource) == "CREATE_COMPLETE"


@pytest.mark.parametrize(
    ("statements", "status"),
    [
        ([allow("*")], "CREATE_COMPLETE"),
        ([allow("*"), deny("kms:Decrypt")], "ROLLBACK_COMPLETE"),
        ([allow(["cloudformation:*", "rds:*", "secretsmanager:PutSecretValue"])], "ROLLBACK_COMPLETE"),
    ],
)
def test_a_secret_is_attached_by_whoever_may_read_and_write_it(cast: Cast, statements: list[Any], status: str) -> None:
    """What a stack writes into a secret, whoever deploys may read and write, with its key."""
    about = f"attached{next(_numbers)}"
    key = cast.aws.client("kms", account=HOME).create_key()["KeyMetadata"]["Arn"]
    secrets, rds = (cast.aws.client(name, account=HOME) for name in ("secretsmanager", "rds"))
    secrets.create_secret(Name=about, SecretString="{}", KmsKeyId=key)
    login = {"MasterUsername": "a", "MasterUserPassword": "long enough", "AllocatedStorage": 20}
    rds.create_db_instance(DBInstanceIdentifier=about, Engine="postgres", DBInstanceClass="db.t3.micro", **login)
    given = {"SecretId": about, "TargetId": about, "TargetType": "AWS::RDS::DBInstance"}
    resource = {"Type": "AWS::SecretsManager::SecretTargetAttachment", "Properties": given}
    assert made(cast, cast.user(*statements), resource) == status


def test_an_update_does_not_lock_out_whoever_deploys(cast: Cast) -> None:
    """A change of the policy is held to the same, and rolled back."""
    user = cast.user(allow("*"))
    name = f"permitted{next(_numbers)}"
    cloudformation = cast.aws.client("cloudformation", user)

    def template(action: str) -> str:
        document = json.loads(policy(trust(root(HOME), action, Resource="*")))
        return json.dumps({"Resources": {"K": {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": document}}}})

    cloudformation.create_stack(StackName=name, TemplateBody=template("kms:*"))
    cloudformation.update_stack(StackName=name, TemplateBody=template("kms:Decrypt"))
    assert cloudformation.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    events = cloudformation.describe_stack_events(StackName=name)["StackEvents"]
    reasons = [one.get("ResourceStatusReason", "") for one in events if one["ResourceStatus"] == "UPDATE_FAILED"]
    assert "The new key policy will not allow you to update the key policy in the future." in reasons[0]


@pytest.mark.parametrize("skipped", [[], ["Limit"]])
def test_a_rollback_that_failed_is_continued(cast: Cast, skipped: list[str]) -> None:
    """Whoever may take back what the one who deployed could not does so, or skips it; others are told the state."""
    user = cast.user(allow("*"))
    owner = cast.sts(user).get_caller_identity()["Arn"].rpartition("/")[2]
    name = f"permitted{next(_numbers)}"
    mine, admin = cast.aws.client("cloudformation", user), cast.aws.client("cloudformation", account=HOME)

    def template(*denied: str) -> str:
        limit = [{"Effect": "Deny", "Action": ["iam:DeleteUser", *denied], "Resource": "*"}]
        document = {"PolicyName": "limit", "UserName": owner, "PolicyDocument": json.loads(policy(*limit))}
        resources: dict[str, Any] = {"Limit": {"Type": "AWS::IAM::UserPolicy", "Properties": document}}
        if denied:
            wrong = {"AssumeRolePolicyDocument": json.loads(policy(trust({"AWS": f"arn:aws:iam::{HOME}:role/none"})))}
            resources["Wrong"] = {"Type": "AWS::IAM::Role", "DependsOn": "Limit", "Properties": wrong}
        return json.dumps({"Resources": resources})

    def status() -> str:
        return str(admin.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"])

    mine.create_stack(StackName=name, TemplateBody=template(), Capabilities=["CAPABILITY_IAM"])
    code, message = refusal(lambda: admin.continue_update_rollback(StackName=name))
    assert code == "ValidationError"
    assert "CREATE_COMPLETE" in message
    mine.update_stack(StackName=name, TemplateBody=template("iam:PutUserPolicy"), Capabilities=["CAPABILITY_IAM"])
    assert status() == "UPDATE_ROLLBACK_FAILED"
    mine.continue_update_rollback(StackName=name)
    assert status() == "UPDATE_ROLLBACK_FAILED"
    assert refusal(lambda: admin.continue_update_rollback(StackName=name, ResourcesToSkip=["No"]))[0] == code
    admin.continue_update_rollback(StackName=name, ResourcesToSkip=skipped)
    assert status() == "UPDATE_ROLLBACK_COMPLETE"
    document = cast.iam().get_user_policy(UserName=owner, PolicyName="limit")["PolicyDocument"]
    assert ("iam:PutUserPolicy" in document["Statement"][0]["Action"]) is bool(skipped)
    admin.delete_stack(StackName=name)


def test_a_rollback_leaves_what_it_cannot_delete(cast: Cast) -> None:
    """What an update made, and whoever deploys may not delete, is left there by its rollback, which is complete."""
    user = cast.user(allow("*"), {"Effect": "Deny", "Action": "iam:DeleteGroup", "Resource": "*"})
    mine = cast.aws.client("cloudformation", user)
    name = f"permitted{next(_numbers)}"
    kept: dict[str, Any] = {"Kept": {"Type": "AWS::IAM::Group"}}
    wrong = {"AssumeRolePolicyDocument": json.loads(policy(trust({"AWS": f"arn:aws:iam::{HOME}:role/none"})))}
    more = {
        "New": {"Type": "AWS::IAM::Group", "Properties": {"GroupName": f"{name}-new"}},
        "Wrong": {"Type": "AWS::IAM::Role", "DependsOn": "New", "Properties": wrong},
    }
    capable = {"StackName": name, "Capabilities": ["CAPABILITY_NAMED_IAM"]}
    mine.create_stack(TemplateBody=json.dumps({"Resources": kept}), **capable)
    mine.update_stack(TemplateBody=json.dumps({"Resources": {**kept, **more}}), **capable)
    assert mine.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    events = mine.describe_stack_events(StackName=name)["StackEvents"]
    failed = [one["LogicalResourceId"] for one in events if one["ResourceStatus"] == "DELETE_FAILED"]
    assert failed == ["New"]
    left = [one["LogicalResourceId"] for one in mine.list_stack_resources(StackName=name)["StackResourceSummaries"]]
    assert left == ["Kept"]
    assert cast.iam().get_group(GroupName=f"{name}-new")["Group"]["GroupName"] == f"{name}-new"


EMPTY_ARCHIVE = b"PK\x05\x06" + bytes(18)


def archived(cast: Cast, account: str) -> tuple[str, str, str]:
    """A bucket with an archive, a role of functions in the account that deploys, and a layer."""
    bucket = f"archives{next(_numbers)}"
    s3, functions = (cast.aws.client(one, account=account, region="eu-central-1") for one in ("s3", "lambda"))
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    s3.put_object(Bucket=bucket, Key="c", Body=EMPTY_ARCHIVE)
    layer = functions.publish_layer_version(LayerName=bucket, Content={"ZipFile": EMPTY_ARCHIVE})["LayerVersionArn"]
    return bucket, cast.role(trust({"Service": "lambda.amazonaws.com"})), layer


@pytest.mark.parametrize(
    ("statements", "account", "status"),
    [
        ([allow("*")], HOME, "CREATE_COMPLETE"),
        ([allow("*"), deny("s3:GetObject")], HOME, "ROLLBACK_COMPLETE"),
        ([allow("*"), deny("lambda:GetLayerVersion")], HOME, "ROLLBACK_COMPLETE"),
        ([allow(["cloudformation:*", "iam:PassRole", "lambda:*"])], HOME, "ROLLBACK_COMPLETE"),
        # Neither the bucket nor the layer has a policy.
        ([allow("*")], OTHER, "ROLLBACK_COMPLETE"),
    ],
)
def test_what_lambda_reads_is_read_by_whoever_deploys(
    cast: Cast, statements: list[Any], account: str, status: str
) -> None:
    """An archive and a layer that a template names are read as those that a call names."""
    bucket, role, layer = archived(cast, account)
    code = {"S3Bucket": bucket, "S3Key": "c"}
    given = {"Runtime": "python3.12", "Handler": "i.h", "Role": role}
    function = {"Type": "AWS::Lambda::Function", "Properties": {**given, "Code": code, "Layers": [layer]}}
    assert made(cast, cast.user(*statements), function) == status
    if account == OTHER:
        by_text = {**given, "Code": {"ZipFile": "x = 1"}, "Layers": [layer]}
        assert made(cast, cast.user(*statements), {**function, "Properties": by_text}) == status
        of_layer = {"Type": "AWS::Lambda::LayerVersion", "Properties": {"Content": code}}
        assert made(cast, cast.user(*statements), of_layer) == status


@pytest.mark.parametrize(
    ("statements", "shut", "reason"),
    [
        ([], False, "cannot invoke"),
        ([deny("lambda:InvokeFunction")], False, "lambda:InvokeFunction is not decided"),
        ([], True, "secretsmanager:RotateSecret"),
    ],
)
def test_a_secret_is_rotated_by_a_function_that_its_author_may_invoke(
    cast: Cast, statements: list[Any], shut: bool, reason: str
) -> None:
    """Whoever may not, or not rotate it, is stopped before the function is asked whether it lets in the service."""
    secrets = cast.aws.client("secretsmanager", account=HOME)
    arn = secrets.create_secret(Name=f"rotated{next(_numbers)}")["ARN"]
    if shut:
        closed = {"Effect": "Deny", "Principal": "*", "Action": "secretsmanager:RotateSecret", "Resource": "*"}
        secrets.put_resource_policy(SecretId=arn, ResourcePolicy=policy(closed))
    function = f"arn:aws:lambda:eu-central-1:{HOME}:function:rotates"
    schedule = {"SecretId": arn, "RotationLambdaARN": function}
    cloudformation = cast.aws.client("cloudformation", cast.user(allow("*"), *statements))
    resources = {"R": {"Type": "AWS::SecretsManager::RotationSchedule", "Properties": schedule}}
    name = f"rotates{next(_numbers)}"
    cloudformation.create_stack(StackName=name, TemplateBody=json.dumps({"Resources": resources}))
    events = cloudformation.describe_stack_events(StackName=name)["StackEvents"]
    assert any(reason in str(one.get("ResourceStatusReason")) for one in events), events
