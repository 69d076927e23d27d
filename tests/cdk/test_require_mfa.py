"""
`require_mfa`: closes the door that `iam.Role` leaves open, or says why it cannot.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam

from trustproof_cdk import CrossAccountRole, Trusted, require_mfa

HUB = iam.ArnPrincipal("111122223333")
LAMBDA = iam.ServicePrincipal("lambda.amazonaws.com")
MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}

Resources = Callable[[str], list[dict[str, Any]]]


def statements(resources: Resources) -> list[dict[str, Any]]:
    """The statements of the only role's trust policy, as they are deployed."""
    (properties,) = resources("AWS::IAM::Role")
    found: list[dict[str, Any]] = properties["AssumeRolePolicyDocument"]["Statement"]
    return found


def test_open_statement_is_closed(stack: cdk.Stack, resources: Resources) -> None:
    """The statement that the CDK wrote gets the condition; no second one stands beside it."""
    require_mfa(iam.Role(stack, "Role", assumed_by=HUB), max_mfa_age=cdk.Duration.hours(1))
    (statement,) = statements(resources)
    assert statement["Condition"] == {**MFA, "NumericLessThanEquals": {"aws:MultiFactorAuthAge": "3600"}}


def test_conditions_that_are_there_stay(stack: cdk.Stack, resources: Resources) -> None:
    """MFA is demanded beside what was demanded before."""
    organization = {"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}
    require_mfa(iam.Role(stack, "Role", assumed_by=iam.AnyPrincipal().with_conditions(organization)))
    (statement,) = statements(resources)
    assert statement["Condition"] == {**organization, **MFA}


def test_statements_that_are_added_later_are_closed_too(stack: cdk.Stack, resources: Resources) -> None:
    """The order of calls makes no difference."""
    role = iam.Role(stack, "Role", assumed_by=HUB)
    require_mfa(role)
    assert role.assume_role_policy is not None
    role.assume_role_policy.add_statements(
        iam.PolicyStatement(actions=["sts:AssumeRole"], principals=[iam.ArnPrincipal("222233334444")])
    )
    assert [statement["Condition"] for statement in statements(resources)] == [MFA, MFA]


def test_statements_for_services_and_denies_stay_as_they_are(stack: cdk.Stack, resources: Resources) -> None:
    """A service has no MFA and is no way in for a user; a Deny gives nothing."""
    role = iam.Role(stack, "Role", assumed_by=iam.CompositePrincipal(HUB, LAMBDA))
    assert role.assume_role_policy is not None
    deny = iam.PolicyStatement(effect=iam.Effect.DENY, actions=["sts:AssumeRole"], principals=[iam.AnyPrincipal()])
    role.assume_role_policy.add_statements(deny)
    require_mfa(role)
    user, service, denied = statements(resources)
    assert user["Condition"] == MFA
    assert "Condition" not in service
    assert "Condition" not in denied


def test_role_of_a_template_is_hardened(stack: cdk.Stack, resources: Resources) -> None:
    """A `CfnRole` with a plain document is a role like another."""
    document = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "111122223333"}}],
    }
    require_mfa(iam.CfnRole(stack, "Role", assume_role_policy_document=document))
    (statement,) = statements(resources)
    assert statement["Condition"] == MFA


@pytest.mark.parametrize("as_text", [False, True])
@pytest.mark.parametrize("in_a_list", [False, True])
def test_a_document_of_a_template_may_have_one_statement_and_be_text(
    stack: cdk.Stack, resources: Resources, as_text: bool, in_a_list: bool
) -> None:
    """IAM takes one statement without a list, and CloudFormation a document as text."""
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "111122223333"}}
    document = {"Version": "2012-10-17", "Statement": [trust] if in_a_list else trust}
    given = json.dumps(document) if as_text else document
    require_mfa(iam.CfnRole(stack, "Role", assume_role_policy_document=given))
    (role,) = resources("AWS::IAM::Role")
    assert role["AssumeRolePolicyDocument"] == {**document, "Statement": [{**trust, "Condition": MFA}]}


def test_hardened_twice_is_hardened_once(stack: cdk.Stack, resources: Resources) -> None:
    """A role that demands MFA already, by ours or by anybody's doing, is as it should be."""
    role = iam.Role(stack, "Role", assumed_by=HUB)
    require_mfa(role)
    require_mfa(role)
    require_mfa(CrossAccountRole(stack, "Ours", trusted=Trusted.accounts("111122223333")))
    for resource in resources("AWS::IAM::Role"):
        (statement,) = resource["AssumeRolePolicyDocument"]["Statement"]
        assert statement["Condition"] == MFA


def test_user_of_the_app_is_no_role(stack: cdk.Stack, resources: Resources) -> None:
    """A reference to a user is hardened, though a role elsewhere has its logical id."""
    other = cdk.Stack(stack.node.scope, "Other")
    iam.CfnRole(other, "Same", assume_role_policy_document={"Version": "2012-10-17", "Statement": []})
    iam.CfnUser(stack, "Same")
    document = {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": {"Fn::GetAtt": ["Same", "Arn"]}}}
        ],
    }
    require_mfa(iam.CfnRole(stack, "Role", assume_role_policy_document=document))
    (statement,) = statements(resources)
    assert statement["Condition"] == MFA


BUILDER = "arn:aws:iam::111122223333:role/Builder"

REFUSED: list[tuple[Callable[[cdk.Stack], iam.IRole | iam.CfnRole], str]] = [
    # role, part of the message
    (
        lambda stack: iam.Role.from_role_arn(stack, "Role", BUILDER),
        "role must be a role that this app creates, got 'Stack/Role', which is imported",
    ),
    (
        lambda stack: iam.LazyRole(stack, "Role", assumed_by=LAMBDA),
        "role must be a role that this app creates, got 'Stack/Role', a LazyRole, which makes none before",
    ),
    (
        lambda stack: iam.Role(stack, "Role", assumed_by=LAMBDA),
        "cannot harden Stack/Role/Resource: it trusts only services or providers, whose requests never carry MFA",
    ),
    (
        lambda stack: iam.Role(stack, "Role", assumed_by=iam.ArnPrincipal(BUILDER)),
        f"statement 0 of its trust policy: it trusts {BUILDER}, and role sessions never carry",
    ),
    (
        lambda stack: iam.Role(stack, "Role", assumed_by=iam.Role(stack, "Builder", assumed_by=LAMBDA)),
        "and role sessions never carry aws:MultiFactorAuthPresent; demand MFA where these sessions begin",
    ),
    (
        lambda stack: iam.Role(
            stack, "Role", assumed_by=iam.ArnPrincipal(f"arn:{cdk.Aws.PARTITION}:iam::111122223333:role/Builder")
        ),
        "and role sessions never carry aws:MultiFactorAuthPresent; demand MFA where these sessions begin",
    ),
    (
        lambda stack: iam.CfnRole(stack, "Role", assume_role_policy_document={"Ref": "Document"}),
        "its trust policy is not a document with statements",
    ),
    (
        lambda stack: iam.Role(
            stack,
            "Role",
            assumed_by=HUB.with_conditions({"Bool": {"aws:MultiFactorAuthPresent": "false"}}),
        ),
        "Stack/Role/Resource: statement 0 of its trust policy: Bool aws:MultiFactorAuthPresent cannot be both 'false'",
    ),
]


@pytest.mark.parametrize(("role", "message"), REFUSED)
def test_refuses_what_it_cannot_harden(
    stack: cdk.Stack, role: Callable[[cdk.Stack], iam.IRole | iam.CfnRole], message: str
) -> None:
    """Nothing is hardened halfway."""
    found = role(stack)
    with pytest.raises(ValueError, match=re.escape(message)):
        require_mfa(found)


def test_later_statement_that_cannot_be_hardened_fails_synthesis(app: cdk.App, stack: cdk.Stack) -> None:
    """What is added afterwards does not slip through."""
    role = iam.Role(stack, "Role", assumed_by=HUB)
    require_mfa(role)
    assert role.assume_role_policy is not None
    role.assume_role_policy.add_statements(
        iam.PolicyStatement(actions=["sts:AssumeRole"], principals=[iam.ArnPrincipal(BUILDER)])
    )
    with pytest.raises(RuntimeError, match="statement 1 of its trust policy"):
        app.synth()


def test_services_beside_accounts_get_a_statement_of_their_own(tmp_path: Any) -> None:
    """The CDK puts the statements of several principals into one, by a flag that is the default of new apps."""
    flags = {"@aws-cdk/aws-iam:minimizePolicies": True}
    app = cdk.App(outdir=str(tmp_path), context=flags, builtin_cloud_formation_validation=False)
    stack = cdk.Stack(app, "Stack")
    both = iam.CompositePrincipal(LAMBDA, iam.AccountPrincipal("111122223333"))
    require_mfa(iam.Role(stack, "Role", assumed_by=both))
    (resource,) = app.synth().get_stack_artifact(stack.artifact_id).template["Resources"].values()
    hardened, services = resource["Properties"]["AssumeRolePolicyDocument"]["Statement"]
    assert hardened["Principal"].keys() == {"AWS"}
    assert hardened["Condition"] == MFA
    assert services == {
        "Effect": "Allow",
        "Action": "sts:AssumeRole",
        "Principal": {"Service": "lambda.amazonaws.com"},
    }


def test_a_sid_stays_with_whoever_has_to_use_mfa(stack: cdk.Stack, resources: Resources) -> None:
    """IAM takes a Sid once in a policy."""
    statement = {
        "Sid": "Trust",
        "Effect": "Allow",
        "Action": "sts:AssumeRole",
        "Principal": {"AWS": "111122223333", "Service": "lambda.amazonaws.com"},
        "Condition": {"StringEquals": {"sts:RoleSessionName": "build"}},
    }
    document = {"Version": "2012-10-17", "Statement": [statement]}
    require_mfa(iam.CfnRole(stack, "Role", assume_role_policy_document=document))
    hardened, services = statements(resources)
    assert (hardened["Sid"], services.get("Sid")) == ("Trust", None)
    assert hardened["Condition"] == {**MFA, **statement["Condition"]}
    assert services["Condition"] == statement["Condition"]
