"""
IAM Identity Center: permission sets are roles in the accounts that they are assigned in, which people enter by SAML.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

pytest.importorskip("moto", reason="the extra `sandbox` is not installed")

from botocore.exceptions import ClientError

from tests.sandbox.conftest import HOME, OTHER
from trustproof.sandbox import Sandbox
from trustproof.sandbox.credentials.issuers import AssertionRequest

VIEW = "arn:aws:iam::aws:policy/job-function/ViewOnlyAccess"
PEOPLE = {"TargetType": "AWS_ACCOUNT", "PrincipalType": "GROUP", "PrincipalId": "people"}


def allow(action: str) -> str:
    """A policy."""
    statement = {"Effect": "Allow", "Action": action, "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


@pytest.fixture(scope="module")
def center(aws: Sandbox) -> Any:
    """`sso-admin` of the management account."""
    return aws.client("sso-admin")


@pytest.fixture(scope="module")
def instance(center: Any) -> str:
    (found,) = center.list_instances()["Instances"]
    return str(found["InstanceArn"])


@pytest.fixture
def new(center: Any, instance: str) -> Callable[..., dict[str, str]]:
    """Makes a permission set, assigned where it is said; what calls name it by."""

    def make(name: str, *accounts: str, policy: str = "") -> dict[str, str]:
        made = center.create_permission_set(InstanceArn=instance, Name=name)["PermissionSet"]
        keys = {"InstanceArn": instance, "PermissionSetArn": made["PermissionSetArn"]}
        if policy:
            center.put_inline_policy_to_permission_set(**keys, InlinePolicy=policy)
        for account in accounts:
            answer = center.create_account_assignment(**keys, **PEOPLE, TargetId=account)
            assert answer["AccountAssignmentCreationStatus"]["Status"] == "SUCCEEDED"
        return keys

    return make


def roles(aws: Sandbox, name: str, account: str = HOME) -> list[dict[str, Any]]:
    """The roles of a permission set in an account."""
    found = aws.client("iam", account=account).list_roles()["Roles"]
    return [one for one in found if one["RoleName"].startswith(f"AWSReservedSSO_{name}_")]


def enter(aws: Sandbox, role: dict[str, Any]) -> Any:
    """Keys of somebody who comes in from Identity Center."""
    ((statement),) = role["AssumeRolePolicyDocument"]["Statement"]
    provider = statement["Principal"]["Federated"]
    said = aws.assertion(AssertionRequest(provider.rpartition("/")[2], role["Arn"], provider, "alice"))
    answer = aws.client("sts").assume_role_with_saml(RoleArn=role["Arn"], PrincipalArn=provider, SAMLAssertion=said)
    return answer["Credentials"]


def test_an_assignment_makes_the_role_that_people_enter(aws: Sandbox, new: Any) -> None:
    """Its name, path, trust and session duration are those of AWS, and a second assignment makes no second role."""
    keys = new("Enter", HOME, OTHER, policy=allow("s3:*"))
    (role,) = roles(aws, "Enter")
    assert role["Path"] == "/aws-reserved/sso.amazonaws.com/eu-central-1/"
    assert role["MaxSessionDuration"] == 43_200
    assert len(role["RoleName"].removeprefix("AWSReservedSSO_Enter_")) == 16
    assert role["AssumeRolePolicyDocument"]["Statement"][0]["Condition"] == {
        "StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}
    }
    got = enter(aws, role)
    assert aws.client("sts", got).get_caller_identity()["Arn"].endswith(f"assumed-role/{role['RoleName']}/alice")
    aws.client("s3", got).list_buckets()
    aws.client("sso-admin").create_account_assignment(**keys, **{**PEOPLE, "PrincipalId": "more"}, TargetId=HOME)
    assert len(roles(aws, "Enter")) == len(roles(aws, "Enter", OTHER)) == 1
    with pytest.raises(ClientError, match="AccessDenied"):
        aws.client("sts", account=HOME).assume_role(RoleArn=role["Arn"], RoleSessionName="xx")


def test_a_change_reaches_the_roles_when_it_is_provisioned(aws: Sandbox, center: Any, new: Any) -> None:
    """Policies that are put, attached or taken away count from then on, and the boundary does."""
    keys = new("Change", HOME)
    iam = aws.client("iam", account=HOME)
    iam.create_policy(PolicyName="own", Path="/p/", PolicyDocument=allow("sqs:*"))
    center.put_inline_policy_to_permission_set(**keys, InlinePolicy=allow("s3:*"))
    center.attach_managed_policy_to_permission_set(**keys, ManagedPolicyArn=VIEW)
    own = {"Name": "own", "Path": "/p/"}
    center.attach_customer_managed_policy_reference_to_permission_set(**keys, CustomerManagedPolicyReference=own)
    boundary = {"ManagedPolicyArn": VIEW}
    center.put_permissions_boundary_to_permission_set(**keys, PermissionsBoundary=boundary)
    assert center.get_permissions_boundary_for_permission_set(**keys)["PermissionsBoundary"] == boundary
    (role,) = roles(aws, "Change")
    name = role["RoleName"]
    assert iam.list_role_policies(RoleName=name)["PolicyNames"] == []
    answer = center.provision_permission_set(**keys, TargetType="ALL_PROVISIONED_ACCOUNTS")
    status = answer["PermissionSetProvisioningStatus"]
    asked = center.describe_permission_set_provisioning_status(
        InstanceArn=keys["InstanceArn"], ProvisionPermissionSetRequestId=status["RequestId"]
    )
    assert asked["PermissionSetProvisioningStatus"]["Status"] == status["Status"] == "SUCCEEDED"
    assert iam.list_role_policies(RoleName=name)["PolicyNames"] == ["AwsSSOInlinePolicy"]
    attached = [one["PolicyArn"] for one in iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]]
    assert sorted(attached) == sorted([VIEW, f"arn:aws:iam::{HOME}:policy/p/own"])
    assert iam.get_role(RoleName=name)["Role"]["PermissionsBoundary"]["PermissionsBoundaryArn"] == VIEW
    center.delete_inline_policy_from_permission_set(**keys)
    center.detach_managed_policy_from_permission_set(**keys, ManagedPolicyArn=VIEW)
    center.delete_permissions_boundary_from_permission_set(**keys)
    center.provision_permission_set(**keys, TargetType="AWS_ACCOUNT", TargetId=HOME)
    assert iam.list_role_policies(RoleName=name)["PolicyNames"] == []
    assert len(iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]) == 1
    assert "PermissionsBoundary" not in iam.get_role(RoleName=name)["Role"]


def test_the_last_assignment_takes_the_role_with_it(aws: Sandbox, center: Any, new: Any) -> None:
    """Sessions of it are of no use then, and the permission set can be deleted only after that."""
    keys = new("Last", HOME, policy=allow("s3:*"))
    (role,) = roles(aws, "Last")
    got = enter(aws, role)
    with pytest.raises(ClientError, match="ConflictException"):
        center.delete_permission_set(**keys)
    status = center.delete_account_assignment(**keys, **PEOPLE, TargetId=HOME)["AccountAssignmentDeletionStatus"]
    assert status["Status"] == "SUCCEEDED"
    assert roles(aws, "Last") == []
    with pytest.raises(ClientError, match="InvalidAccessKeyId"):
        aws.client("s3", got).list_buckets()
    center.delete_permission_set(**keys)
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        center.delete_account_assignment(**keys, **PEOPLE, TargetId=HOME)


def test_what_cannot_be_provisioned_says_why(aws: Sandbox, center: Any, new: Any) -> None:
    """An account of somebody else, and a policy that the account does not have, fail; no role is left."""
    keys = new("Fails")
    reference = {"Name": "missing", "Path": "/"}
    answer = center.create_account_assignment(**keys, **PEOPLE, TargetId="444455556666")
    status = answer["AccountAssignmentCreationStatus"]
    assert (status["Status"], "444455556666" in status["FailureReason"]) == ("FAILED", True)
    center.attach_customer_managed_policy_reference_to_permission_set(**keys, CustomerManagedPolicyReference=reference)
    answer = center.create_account_assignment(**keys, **PEOPLE, TargetId=HOME)
    asked = center.describe_account_assignment_creation_status(
        InstanceArn=keys["InstanceArn"],
        AccountAssignmentCreationRequestId=answer["AccountAssignmentCreationStatus"]["RequestId"],
    )["AccountAssignmentCreationStatus"]
    assert (asked["Status"], "missing" in asked["FailureReason"]) == ("FAILED", True)
    assert roles(aws, "Fails") == []
    assert center.list_account_assignments(**keys, AccountId=HOME)["AccountAssignments"] == []


def test_only_identity_center_changes_its_roles(aws: Sandbox, new: Any) -> None:
    """Whoever may do anything in the account gets `UnmodifiableEntity`, or is told that nobody knows."""
    new("Protected", HOME)
    (role,) = roles(aws, "Protected")
    iam, name = aws.client("iam", account=HOME), role["RoleName"]
    trust = json.dumps(role["AssumeRolePolicyDocument"])
    for call in (
        lambda: iam.put_role_policy(RoleName=name, PolicyName="x", PolicyDocument=allow("*")),
        lambda: iam.attach_role_policy(RoleName=name, PolicyArn=VIEW),
        lambda: iam.update_assume_role_policy(RoleName=name, PolicyDocument=trust),
        lambda: iam.update_role(RoleName=name, MaxSessionDuration=3_600),
        lambda: iam.delete_role(RoleName=name),
    ):
        with pytest.raises(ClientError, match="UnmodifiableEntity"):
            call()
    with pytest.raises(ClientError, match="NotImplemented"):
        iam.tag_role(RoleName=name, Tags=[{"Key": "a", "Value": "b"}])


def test_who_may_assign_is_decided_by_permission_set_and_account(aws: Sandbox, center: Any, new: Any) -> None:
    """A policy on `sso:CreateAccountAssignment` names both; members have no Identity Center of their own."""
    keys = new("Limited")
    iam = aws.client("iam")
    iam.create_user(UserName="assigner")
    resources = [
        keys["InstanceArn"],
        keys["PermissionSetArn"],
        f"arn:aws:sso:::account/{HOME}",
    ]
    statement = {"Effect": "Allow", "Action": "sso:CreateAccountAssignment", "Resource": resources}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.put_user_policy(UserName="assigner", PolicyName="p", PolicyDocument=document)
    theirs = aws.client("sso-admin", iam.create_access_key(UserName="assigner")["AccessKey"])
    theirs.create_account_assignment(**keys, **PEOPLE, TargetId=HOME)
    with pytest.raises(ClientError, match="AccessDenied"):
        theirs.create_account_assignment(**keys, **PEOPLE, TargetId=OTHER)
    with pytest.raises(ClientError, match="NotImplemented"):
        aws.client("sso-admin", account=HOME).list_instances()


@pytest.fixture
def stack(aws: Sandbox) -> Iterator[Callable[[dict[str, Any]], str]]:
    """Brings the stack `people` of the management account to some resources; its status afterwards."""
    client = aws.client("cloudformation")

    def deploy(resources: dict[str, Any]) -> str:
        there = [one["StackName"] for one in client.describe_stacks()["Stacks"]]
        act = client.update_stack if "people" in there else client.create_stack
        act(StackName="people", TemplateBody=json.dumps({"Resources": resources}))
        return str(client.describe_stacks(StackName="people")["Stacks"][0]["StackStatus"])

    yield deploy
    client.delete_stack(StackName="people")


def test_templates_make_permission_sets_and_assignments(
    aws: Sandbox, instance: str, stack: Callable[[dict[str, Any]], str]
) -> None:
    """A change in the template reaches the role; what is taken out is gone, and an unknown account rolls back."""

    def resources(policy: str, account: str = HOME) -> dict[str, Any]:
        has = {"InlinePolicy": json.loads(policy), "ManagedPolicies": [VIEW]}
        properties = {"InstanceArn": instance, "Name": "Deployed", **has}
        arn = {"Fn::GetAtt": ["Set", "PermissionSetArn"]}
        assigned = {**PEOPLE, "InstanceArn": instance, "PermissionSetArn": arn, "TargetId": account}
        return {
            "Set": {"Type": "AWS::SSO::PermissionSet", "Properties": properties},
            "To": {"Type": "AWS::SSO::Assignment", "Properties": assigned},
        }

    assert stack(resources(allow("s3:*"))) == "CREATE_COMPLETE"
    (role,) = roles(aws, "Deployed")
    got = enter(aws, role)
    aws.client("s3", got).create_bucket(
        Bucket="of-deployed", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
    )
    assert stack(resources(allow("sqs:*"))) == "UPDATE_COMPLETE"
    with pytest.raises(ClientError, match="AccessDenied"):
        aws.client("s3", got).delete_bucket(Bucket="of-deployed")
    assert stack(resources(allow("sqs:*"), "444455556666")) == "UPDATE_ROLLBACK_COMPLETE"
    assert [one["RoleName"] for one in roles(aws, "Deployed")] == [role["RoleName"]]
    assert stack({"Set": resources(allow("sqs:*"))["Set"]}) == "UPDATE_COMPLETE"
    assert roles(aws, "Deployed") == []


TEAM = {"Key": "team", "Value": {"Source": ["${path:enterprise.department}"]}}


def test_attributes_for_access_control(center: Any, instance: str) -> None:
    """They are enabled, changed and disabled as AWS says, and are there once."""
    name = "InstanceAccessControlAttributeConfiguration"
    describe = center.describe_instance_access_control_attribute_configuration
    create = center.create_instance_access_control_attribute_configuration
    given = {"InstanceArn": instance, name: {"AccessControlAttributes": [TEAM]}}
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        describe(InstanceArn=instance)
    create(**given)
    assert describe(InstanceArn=instance)[name] == given[name]
    with pytest.raises(ClientError, match="ConflictException"):
        create(**given)
    nothing = {"AccessControlAttributes": []}
    center.update_instance_access_control_attribute_configuration(**{**given, name: nothing})
    assert describe(InstanceArn=instance)[name] == nothing
    center.delete_instance_access_control_attribute_configuration(InstanceArn=instance)
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        describe(InstanceArn=instance)


def test_there_is_one_identity_store(aws: Sandbox, center: Any) -> None:
    """It is that of the instance, in the management account: others are not found, or undecided."""
    store = center.list_instances()["Instances"][0]["IdentityStoreId"]
    people = aws.client("identitystore")
    group = people.create_group(IdentityStoreId=store, DisplayName="one")["GroupId"]
    assert group in [one["GroupId"] for one in people.list_groups(IdentityStoreId=store)["Groups"]]
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        people.list_groups(IdentityStoreId="d-1234567890")
    with pytest.raises(ClientError, match="NotImplemented"):
        aws.client("identitystore", account=HOME).list_groups(IdentityStoreId=store)


def test_templates_make_groups_memberships_and_attributes(aws: Sandbox, center: Any, instance: str) -> None:
    """What a stack makes is there, is renamed in place, and goes with it."""
    store = center.list_instances()["Instances"][0]["IdentityStoreId"]
    people, cloudformation = aws.client("identitystore"), aws.client("cloudformation")
    name = {"GivenName": "A", "FamilyName": "B"}
    user = people.create_user(IdentityStoreId=store, UserName="ann", DisplayName="Ann", Name=name)["UserId"]

    def template(called: str, *attributes: Any) -> str:
        group = {"IdentityStoreId": store, "DisplayName": called}
        member = {
            "IdentityStoreId": store,
            "GroupId": {"Fn::GetAtt": ["Group", "GroupId"]},
            "MemberId": {"UserId": user},
        }
        resources = {
            "Group": {"Type": "AWS::IdentityStore::Group", "Properties": group},
            "Member": {"Type": "AWS::IdentityStore::GroupMembership", "Properties": member},
            "Tags": {
                "Type": "AWS::SSO::InstanceAccessControlAttributeConfiguration",
                "Properties": {"InstanceArn": instance, "AccessControlAttributes": list(attributes)},
            },
        }
        return json.dumps({"Resources": resources})

    def there() -> list[str]:
        return [one["DisplayName"] for one in people.list_groups(IdentityStoreId=store)["Groups"]]

    cloudformation.create_stack(StackName="people", TemplateBody=template("devs", TEAM))
    assert "devs" in there()
    described = center.describe_instance_access_control_attribute_configuration(InstanceArn=instance)
    assert described["InstanceAccessControlAttributeConfiguration"]["AccessControlAttributes"] == [TEAM]
    (member,) = people.list_group_memberships_for_member(IdentityStoreId=store, MemberId={"UserId": user})[
        "GroupMemberships"
    ]
    cloudformation.update_stack(StackName="people", TemplateBody=template("ops"))
    assert "ops" in there()
    assert "devs" not in there()
    assert people.describe_group(IdentityStoreId=store, GroupId=member["GroupId"])["DisplayName"] == "ops"
    cloudformation.delete_stack(StackName="people")
    assert "ops" not in there()
    assert not people.list_group_memberships_for_member(IdentityStoreId=store, MemberId={"UserId": user})[
        "GroupMemberships"
    ]
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        center.describe_instance_access_control_attribute_configuration(InstanceArn=instance)
