"""
Roles that trust users and roles of other stacks: what is trusted is deployed first, and nothing dangles.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam

from trustproof_cdk import (
    ApprovalGrant,
    AssumeRoleGrant,
    CrossAccountRole,
    EksServiceAccountRole,
    MfaEnforcedGroup,
    RoleChain,
    Trusted,
    WebIdentityRole,
    require_mfa,
)

HUB = "111122223333"
PEOPLE = Trusted.accounts("111122223333")
ALL = [iam.PolicyStatement(actions=["s3:*"], resources=["*"])]
ONE = cdk.Environment(account="222233334444", region="eu-central-1")
OTHER = cdk.Environment(account="333344445555", region="eu-central-1")


def entry_in(scope: cdk.Stack, name: str | None = "Entry") -> CrossAccountRole:
    """An entry role of people with MFA."""
    return CrossAccountRole(scope, "Entry", trusted=Trusted.accounts(HUB), role_name=name)


def references(value: Any) -> set[str]:
    """The logical ids that a value of a template refers to."""
    if isinstance(value, list):
        return set().union(*map(references, value))
    if not isinstance(value, dict):
        return set()
    if set(value) == {"Ref"}:
        return set() if value["Ref"].startswith("AWS::") else {value["Ref"]}
    if set(value) == {"Fn::GetAtt"}:
        return {value["Fn::GetAtt"][0]}
    return references(list(value.values()))


def template(app: cdk.App, stack: cdk.Stack) -> dict[str, Any]:
    """What is deployed, in which every reference leads somewhere."""
    directory = Path(app.synth().directory)
    found: dict[str, Any] = json.loads((directory / stack.template_file).read_text(encoding="utf-8"))
    known = {*found.get("Resources", {}), *found.get("Parameters", {})}
    assert references(found.get("Resources", {})) - known == set()
    return found


def depends_on(app: cdk.App, stack: cdk.Stack) -> set[str]:
    """The stacks that are deployed before this one."""
    dependencies = app.synth().get_stack_artifact(stack.artifact_id).dependencies
    return {one.id for one in dependencies if not one.id.endswith(".assets")}


def of_provider(scope: cdk.Stack, provider: iam.OidcProviderNative) -> object:
    """A condition key that is made of the provider."""
    return EksServiceAccountRole(scope, "Role", provider=provider, namespace="a", service_account="b")


def of_issuer(scope: cdk.Stack, provider: iam.OidcProviderNative) -> object:
    """One that is made of the issuer that the provider says, with a condition of ours on another claim."""
    issuer = cdk.Fn.select(1, cdk.Fn.split("/id/", provider.oidc_provider_arn))
    return WebIdentityRole(
        scope,
        "Role",
        issuer=issuer,
        provider=provider,
        audiences=["sts.amazonaws.com"],
        subjects=["job"],
        conditions={"StringEquals": {f"{issuer}:email": "a@example.com"}},
    )


@pytest.mark.parametrize("made", [of_provider, of_issuer])
@pytest.mark.parametrize("env", [ONE, None], ids=["known", "agnostic"])
def test_a_condition_key_of_another_stack_is_imported(
    app: cdk.App, env: cdk.Environment | None, made: Callable[[cdk.Stack, iam.OidcProviderNative], object]
) -> None:
    """The text of the trust policy imports what the other stack exports, and is JSON with any value in its place."""
    clusters, pods = cdk.Stack(app, "Clusters", env=env), cdk.Stack(app, "Pods", env=env)
    url = cdk.CfnParameter(clusters, "Url").value_as_string
    made(pods, iam.OidcProviderNative(clusters, "Provider", url=url, client_ids=["sts.amazonaws.com"]))
    (role,) = (r for r in template(app, pods)["Resources"].values() if r["Type"] == "AWS::IAM::Role")
    parts = role["Properties"]["AssumeRolePolicyDocument"]["Fn::Join"][1]
    assert {"Fn::ImportValue"} <= {key for part in parts if isinstance(part, dict) for key in _keys(part)}
    document = json.loads("".join(part if isinstance(part, str) else "value" for part in parts))
    assert document["Statement"][0]["Principal"] == {"Federated": "value"}
    assert depends_on(app, pods) == {"Clusters"}


def _keys(value: Any) -> set[str]:
    if isinstance(value, dict):
        return set(value).union(*map(_keys, value.values()))
    return set().union(*map(_keys, value)) if isinstance(value, list) else set()


def test_a_hardened_role_imports_whom_it_trusts(app: cdk.App) -> None:
    """A user of another stack, in a trust policy that `require_mfa` writes anew."""
    people, roles = cdk.Stack(app, "People", env=ONE), cdk.Stack(app, "Roles", env=ONE)
    role = iam.Role(roles, "Role", assumed_by=iam.ArnPrincipal(iam.User(people, "Ann").user_arn))
    require_mfa(role)
    (resource,) = template(app, roles)["Resources"].values()
    (statement,) = resource["Properties"]["AssumeRolePolicyDocument"]["Statement"]
    assert list(statement["Principal"]["AWS"]) == ["Fn::ImportValue"]
    assert statement["Condition"] == {"Bool": {"aws:MultiFactorAuthPresent": "true"}}


@pytest.mark.parametrize("name", ["Entry", None])
def test_chain_over_stacks_of_one_account(app: cdk.App, name: str | None) -> None:
    """What lets the entry role ask stands with the target, so that the stacks do not depend on each other."""
    first, second = cdk.Stack(app, "First", env=ONE), cdk.Stack(app, "Second", env=ONE)
    target = RoleChain(second, "Target", entry=entry_in(first, name))
    assert depends_on(app, first) == set()
    assert depends_on(app, second) == {"First"}
    template(app, first)
    (policy,) = (r for r in template(app, second)["Resources"].values() if r["Type"] == "AWS::IAM::Policy")
    assert policy["Properties"]["PolicyDocument"]["Statement"] == [
        {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": second.resolve(target.role_arn)}
    ]
    assert [list(role) for role in policy["Properties"]["Roles"]] == [["Fn::ImportValue"]]


def test_chain_over_accounts(app: cdk.App) -> None:
    """The entry role's own policy names the target, which is deployed after it."""
    first, second = cdk.Stack(app, "First", env=ONE), cdk.Stack(app, "Second", env=OTHER)
    RoleChain(second, "Target", entry=entry_in(first), role_name="Target", path="/ops/")
    assert depends_on(app, second) == {"First"}
    assert depends_on(app, first) == set()
    template(app, second)
    (policy,) = (r for r in template(app, first)["Resources"].values() if r["Type"] == "AWS::IAM::Policy")
    (statement,) = policy["Properties"]["PolicyDocument"]["Statement"]
    arn = ["arn:", {"Ref": "AWS::Partition"}, ":iam::333344445555:role/ops/Target"]
    assert statement["Resource"] == {"Fn::Join": ["", arn]}


def test_trusted_users_and_roles_are_deployed_first(app: cdk.App) -> None:
    """Also where only a name leads to the other account."""
    people, roles = cdk.Stack(app, "People", env=ONE), cdk.Stack(app, "Roles", env=OTHER)
    ann, own = iam.User(people, "Ann", user_name="ann"), cdk.Stack(app, "Own", env=OTHER)
    CrossAccountRole(roles, "Role", trusted=Trusted.users(ann))
    CrossAccountRole(own, "Role", trusted=Trusted.users(ann.user_arn))
    assert depends_on(app, roles) == depends_on(app, own) == {"People"}


def test_nested_stacks_are_deployed_with_their_parents(app: cdk.App) -> None:
    """It is the outermost stacks that are put in an order."""
    first, second = cdk.Stack(app, "First", env=ONE), cdk.Stack(app, "Second", env=OTHER)
    entry = entry_in(cdk.NestedStack(first, "Inner"))
    RoleChain(cdk.NestedStack(second, "Inner"), "Target", entry=entry, role_name="Target")
    assert depends_on(app, second) == {"First"}


def test_circle_is_named(app: cdk.App) -> None:
    """A stack that must be deployed before itself: the message has the way round."""
    first, between, second = (cdk.Stack(app, name, env=ONE) for name in ("First", "Between", "Second"))
    first.add_stack_dependency(between)
    between.add_stack_dependency(second)
    message = "Second/Target must be deployed after First/Entry/Resource, which it trusts, but their stacks depend on "
    with pytest.raises(ValueError, match=re.escape(f"{message}each other: Second -> First -> Between -> Second")):
        RoleChain(second, "Target", entry=entry_in(first))


def test_what_has_no_name_cannot_be_trusted_from_another_account(app: cdk.App) -> None:
    """CloudFormation makes a name up, which nothing carries to another account."""
    first, second = cdk.Stack(app, "First", env=ONE), cdk.Stack(app, "Second", env=OTHER)
    with pytest.raises(
        ValueError, match="entry cannot have First/Entry/Resource of another account without a role_name"
    ):
        RoleChain(second, "Target", entry=entry_in(first, None), role_name="Target")


def test_target_in_another_account_needs_a_name(app: cdk.App) -> None:
    """The entry role's policy has nothing else to name it by."""
    first, second = cdk.Stack(app, "First", env=ONE), cdk.Stack(app, "Second", env=OTHER)
    with pytest.raises(ValueError, match="role_name and the account of the stack must be given where the entry role"):
        RoleChain(second, "Target", entry=entry_in(first))


def test_stages_are_put_in_order_by_people(app: cdk.App) -> None:
    """The CDK orders no stages, so the synthesis says which is first."""
    first = cdk.Stack(cdk.Stage(app, "Entries"), "Stack", env=ONE)
    second = cdk.Stack(cdk.Stage(app, "Targets"), "Stack", env=OTHER)
    RoleChain(second, "Target", entry=entry_in(first), role_name="Target")
    nested = app.synth().get_nested_assembly("assembly-Targets")
    (message,) = nested.get_stack_by_name("Targets-Stack").messages
    assert "deploy the stage of Entries/Stack before that of Targets/Stack" in str(message.entry.data)


@pytest.mark.parametrize(
    ("construct", "argument", "given"),
    [
        (RoleChain, "entry", lambda there: {"entry": entry_in(there)}),
        (
            CrossAccountRole,
            "trusted",
            lambda there: {"trusted": Trusted.users(iam.User(there, "Given", user_name="u"))},
        ),
        (AssumeRoleGrant, "target_roles", lambda there: {"target_roles": [entry_in(there)]}),
        (MfaEnforcedGroup, "users", lambda there: {"users": [iam.User(there, "Given", user_name="u")]}),
        (
            ApprovalGrant,
            "for_users",
            lambda there: {"for_users": [iam.User(there, "Given", user_name="u")]},
        ),
        (
            CrossAccountRole,
            "managed_policies",
            lambda there: {"trusted": PEOPLE, "managed_policies": [iam.ManagedPolicy(there, "Given", statements=ALL)]},
        ),
        (
            CrossAccountRole,
            "permissions_boundary",
            lambda there: {
                "trusted": PEOPLE,
                "permissions_boundary": iam.ManagedPolicy(there, "Given", statements=ALL),
            },
        ),
    ],
)
def test_nothing_refers_to_another_stage_of_the_same_account(
    app: cdk.App, construct: Callable[..., Any], argument: str, given: Callable[[cdk.Stack], dict[str, Any]]
) -> None:
    """The CDK would say so of a stack, at synthesis; this says of which argument, and what to give instead."""
    first = cdk.Stack(cdk.Stage(app, "Entries"), "Stack", env=ONE)
    second = cdk.Stack(cdk.Stage(app, "Targets"), "Stack", env=ONE)
    said = (
        f"{argument} cannot have Entries/Stack/[^ ]*, which is of another stage, and nothing refers from Targets/Stack"
    )
    with pytest.raises(ValueError, match=said):
        construct(second, "Target", **given(first))


@pytest.mark.parametrize("env", [ONE, None], ids=["known", "agnostic"])
@pytest.mark.parametrize("by_arn", [False, True])
def test_a_provider_of_another_stage_is_given_by_its_arn(
    app: cdk.App, env: cdk.Environment | None, by_arn: bool
) -> None:
    """No reference leads from one stage to another, and the message says what to give; a text is taken."""
    first = cdk.Stack(cdk.Stage(app, "Providers"), "Stack", env=env)
    second = cdk.Stack(cdk.Stage(app, "Roles"), "Stack", env=env)
    issuer = "oidc.eks.eu-central-1.amazonaws.com/id/AB"
    provider = iam.OpenIdConnectProvider(first, "Provider", url=f"https://{issuer}", client_ids=["sts.amazonaws.com"])
    given = provider.open_id_connect_provider_arn if by_arn else provider
    with pytest.raises(ValueError, match=r"provider must be of the same stage, since no reference leads to Providers/"):
        EksServiceAccountRole(second, "Refused", provider=given, namespace="a", service_account="b")
    EksServiceAccountRole(second, "Role", issuer=issuer, namespace="a", service_account="b")
    app.synth()
