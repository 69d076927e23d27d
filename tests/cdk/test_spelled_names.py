"""
Whoever is named is the same, however the name is put together: what keeps somebody out is said of each spelling as of a
plain text, and of no right use.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

import aws_cdk as cdk
import jsii
import pytest
from aws_cdk import aws_eks as eks
from aws_cdk import aws_iam as iam
from aws_cdk import aws_ssm as ssm
from aws_cdk import aws_stepfunctions as sfn
from aws_cdk.assertions import Annotations, Match
from constructs import Construct

import trustproof
from tests.strategies import one_in
from trustproof_cdk import (
    ApprovalGrant,
    AssumeRoleGrant,
    CrossAccountRole,
    EksPodIdentityRole,
    JustInTimeRole,
    OrganizationRole,
    RoleChain,
    ServiceRole,
    Trusted,
)
from trustproof_cdk._policies.calls import Call, denies
from trustproof_cdk._policies.denying_of_aws import denying
from trustproof_cdk._roles import handed_roles

OWN, HUB, OTHER = "222233334444", "111122223333", "333344445555"
BOB, OP = f"arn:aws:iam::{HUB}:user/bob", f"arn:aws:iam::{OWN}:role/Op"
DENY_ALL = "arn:aws:iam::aws:policy/AWSDenyAll"


@jsii.implements(cdk.IStableStringProducer)
class _Text:
    def __init__(self, text: str) -> None:
        self._text = text

    def produce(self) -> str:
        return self._text


class Place(NamedTuple):
    """
    An app of two accounts, in which one stack has a value that is spelled in some way.
    """

    app: cdk.App
    #: Has the value; another account's stack does.
    stack: cdk.Stack
    other: cdk.Stack
    #: Where what is given the value is made: perhaps in a nested stack.
    scope: cdk.Stack
    spelled: Callable[[str], str]


Spell: TypeAlias = "Callable[[cdk.Stack, str], str]"
Make: TypeAlias = "Callable[[Place, bool], object]"


def _text(_: cdk.Stack, text: str) -> str:
    return text


def _lazy(_: cdk.Stack, text: str) -> str:
    return cdk.Lazy.string(_Text(text))


def _joined(_: cdk.Stack, text: str) -> str:
    return cdk.Fn.join("", [text[:5], text[5:]])


def _filled_in(_: cdk.Stack, text: str) -> str:
    return cdk.Fn.sub(text.replace("arn:aws:", "arn:${AWS::Partition}:"))


def _filled_in_by_name(_: cdk.Stack, text: str) -> str:
    return cdk.Fn.sub("${Begin}${End}", {"Begin": text[:5], "End": text[5:]})


def _selected(_: cdk.Stack, text: str) -> str:
    return cdk.Fn.select(1, cdk.Fn.split("|", cdk.Fn.join("|", ["x", cdk.Lazy.string(_Text(text))])))


def _own_account(stack: cdk.Stack, text: str) -> str:
    """What has the account of another stack stays as it is."""
    partition = text.replace("arn:aws:", f"arn:{cdk.Aws.PARTITION}:")
    return partition.replace(stack.account, cdk.Aws.ACCOUNT_ID)


def _mapped(stack: cdk.Stack, text: str) -> str:
    found = cdk.CfnMapping(stack, f"Map{len(stack.node.children)}", mapping={"all": {"it": text}})
    return cdk.Fn.find_in_map(found.logical_id, "all", "it")


def _mapped_by_region(stack: cdk.Stack, text: str) -> str:
    mapping = {"eu-central-1": {"it": text}, "eu-west-1": {"it": "another"}}
    return cdk.CfnMapping(stack, f"Map{len(stack.node.children)}", mapping=mapping).find_in_map(cdk.Aws.REGION, "it")


def _only_allowed(stack: cdk.Stack, text: str) -> str:
    name = f"Parameter{len(stack.node.children)}"
    return cdk.CfnParameter(stack, name, default=text, allowed_values=[text]).value_as_string


def _part_only_allowed(stack: cdk.Stack, text: str) -> str:
    """As most are written: a text around what a parameter says."""
    begin, end = text[:-2], text[-2:]
    return f"{begin}{_only_allowed(stack, end)}"


def _exported(stack: cdk.Stack, text: str) -> str:
    beside = cdk.Stack(stack.node.root, f"Beside{len(stack.node.root.node.children)}", env=_env(stack.account))  # type: ignore[arg-type]
    iam.Group(beside, "Group")
    cdk.CfnOutput(beside, "Output", value=text, export_name=f"Export{len(stack.node.root.node.children)}")
    return cdk.Fn.import_value(f"Export{len(stack.node.root.node.children)}")


def _stored(stack: cdk.Stack, text: str) -> str:
    return ssm.StringParameter(stack, f"Stored{len(stack.node.children)}", string_value=text).string_value


def _given(stack: cdk.Stack, text: str) -> str:
    """Of a nested stack."""
    name, resource = f"Given{len(stack.node.children)}", stack.nested_stack_resource
    parameter = cdk.CfnParameter(stack, name)
    assert isinstance(stack, cdk.NestedStack)
    assert isinstance(resource, cdk.CfnStack)
    stack.set_parameter(name, text)
    return parameter.value_as_string


SPELLINGS: dict[str, Spell] = {
    "text": _text,
    "lazy": _lazy,
    "joined": _joined,
    "filled-in": _filled_in,
    "filled-in-by-name": _filled_in_by_name,
    "selected": _selected,
    "own-account": _own_account,
    "mapped": _mapped,
    "mapped-by-region": _mapped_by_region,
    "parameter": _only_allowed,
    "part": _part_only_allowed,
    "exported": _exported,
    "stored": _stored,
    "nested": _given,
}


def _open(stack: cdk.Stack, _: str) -> str:
    return cdk.CfnParameter(stack, f"Parameter{len(stack.node.children)}").value_as_string


def _several_allowed(stack: cdk.Stack, text: str) -> str:
    name = f"Parameter{len(stack.node.children)}"
    return cdk.CfnParameter(stack, name, default=text, allowed_values=[text, text[:-1]]).value_as_string


def _read_from_store(stack: cdk.Stack, _: str) -> str:
    return ssm.StringParameter.value_for_string_parameter(stack, f"/{len(stack.node.children)}")


def _chosen(stack: cdk.Stack, text: str) -> str:
    parameter = cdk.CfnParameter(stack, f"Parameter{len(stack.node.children)}")
    name = f"Condition{len(stack.node.children)}"
    cdk.CfnCondition(stack, name, expression=cdk.Fn.condition_equals(parameter, "x"))
    return cdk.Token.as_string(cdk.Fn.condition_if(name, text, text[:-1]))


OPEN: dict[str, Spell] = {
    "parameter": _open,
    "several-allowed": _several_allowed,
    "stored-elsewhere": _read_from_store,
    "chosen": _chosen,
}


def _env(account: str) -> cdk.Environment:
    return cdk.Environment(account=account, region="eu-central-1")


def _place(folder: Path, spell: Spell, account: str) -> Place:
    app = cdk.App(outdir=str(folder), builtin_cloud_formation_validation=False)
    stack = cdk.Stack(app, "Stack", env=_env(account))
    other = cdk.Stack(app, "Other", env=_env(OWN if account == HUB else HUB))
    scope = cdk.NestedStack(stack, "Nested") if spell is _given else stack
    return Place(app, stack, other, scope, lambda text: spell(scope, text))


def _bob(scope: cdk.Stack, **given: Any) -> iam.User:
    return iam.User(scope, "Bob", **({"user_name": "bob"} | given))


def _trusting(place: Place, arn: str, *, name: str | None = "Op", **given: Any) -> iam.Role:
    return CrossAccountRole(place.scope, "Role", trusted=Trusted.users(arn), role_name=name, **given)


def _of_path(place: Place, is_wrong: bool) -> None:
    _bob(place.other, path="/staff/")
    _trusting(place, place.spelled(BOB if is_wrong else f"arn:aws:iam::{HUB}:user/staff/bob"))


def _of_letters(place: Place, is_wrong: bool) -> None:
    _bob(place.other, user_name="Bob" if is_wrong else "bob")
    _trusting(place, place.spelled(BOB))


def _of_denied(place: Place, is_wrong: bool) -> None:
    user = _bob(place.other)
    if is_wrong:
        denied = iam.PolicyStatement(effect=iam.Effect.DENY, actions=["sts:AssumeRole"], resources=["*"])
        user.add_to_policy(denied)
    _trusting(place, place.spelled(BOB))


def _of_denied_on(place: Place, is_wrong: bool) -> None:
    """Here the Deny is spelled: the stack has the user."""
    name = "Op" if is_wrong else "Or"
    denied = iam.PolicyStatement(
        effect=iam.Effect.DENY,
        actions=["sts:AssumeRole"],
        resources=[place.spelled(f"arn:aws:iam::{OWN}:role/{name}")],
    )
    user = _bob(place.scope)
    iam.ManagedPolicy(place.scope, "Denies", users=[user], statements=[denied])
    CrossAccountRole(place.other, "Role", trusted=Trusted.users(BOB), role_name="Op")


def _of_denied_by_aws(place: Place, is_wrong: bool) -> None:
    user = _bob(place.other)
    if is_wrong:
        user.add_managed_policy(iam.ManagedPolicy.from_managed_policy_arn(place.other, "Denies", DENY_ALL))
    _trusting(place, place.spelled(BOB))


def _of_policy_of_aws(place: Place, is_wrong: bool) -> None:
    """Here the policy is spelled."""
    user = _bob(place.scope)
    arn = place.spelled(DENY_ALL if is_wrong else "arn:aws:iam::aws:policy/ReadOnlyAccess")
    user.add_managed_policy(iam.ManagedPolicy.from_managed_policy_arn(place.scope, "Attached", arn))
    CrossAccountRole(place.other, "Role", trusted=Trusted.users(BOB), role_name="Op")


def _of_boundary(place: Place, is_wrong: bool) -> None:
    name = "AmazonS3ReadOnlyAccess" if is_wrong else "AdministratorAccess"
    _bob(place.other, permissions_boundary=iam.ManagedPolicy.from_aws_managed_policy_name(name))
    _trusting(place, place.spelled(BOB))


def _of_boundary_of(place: Place, is_wrong: bool) -> None:
    """Here what the boundary allows is spelled."""
    name = "Or" if is_wrong else "Op"
    allowed = iam.PolicyStatement(
        actions=["sts:AssumeRole"], resources=[place.spelled(f"arn:aws:iam::{OWN}:role/{name}")]
    )
    boundary = iam.ManagedPolicy(place.scope, "Boundary", managed_policy_name="Boundary", statements=[allowed])
    _bob(place.scope, permissions_boundary=boundary)
    CrossAccountRole(place.other, "Role", trusted=Trusted.users(BOB), role_name="Op")


def _of_boundary_named(place: Place, is_wrong: bool) -> None:
    """Here the boundary itself is spelled."""
    arn = place.spelled(f"arn:aws:iam::aws:policy/{'AmazonS3ReadOnlyAccess' if is_wrong else 'AdministratorAccess'}")
    boundary = iam.ManagedPolicy.from_managed_policy_arn(place.scope, "Boundary", arn)
    _bob(place.scope, permissions_boundary=boundary)
    CrossAccountRole(place.other, "Role", trusted=Trusted.users(BOB), role_name="Op")


def _grant(scope: cdk.Stack, *targets: Any, **given: Any) -> None:
    AssumeRoleGrant(scope, "Grant", groups=[iam.Group(scope, "Group")], target_roles=targets or None, **given)


def _of_account(place: Place, is_wrong: bool) -> None:
    trusted = Trusted.accounts(place.spelled(OTHER if is_wrong else HUB))
    _grant(place.other, CrossAccountRole(place.scope, "Role", trusted=trusted, role_name="Op"))


def _of_own_methods(place: Place, is_wrong: bool) -> None:
    arn = place.spelled(f"arn:aws:iam::{HUB}:user/{'al' if is_wrong else 'bob'}")
    role = CrossAccountRole(place.scope, "Role", trusted=Trusted.users(arn), role_name="Op")
    role.grant_assume_role(_bob(place.other))


def _of_target(place: Place, is_wrong: bool) -> None:
    """Here the role that is granted is spelled."""
    account = OTHER if is_wrong else HUB
    CrossAccountRole(place.other, "Role", trusted=Trusted.accounts(account), role_name="Op")
    _grant(place.scope, place.spelled(OP))


def _of_target_path(place: Place, is_wrong: bool) -> None:
    CrossAccountRole(place.other, "Role", trusted=Trusted.accounts(HUB), role_name="Op", path="/x/")
    _grant(place.scope, place.spelled(OP if is_wrong else f"arn:aws:iam::{OWN}:role/x/Op"))


def _of_names(place: Place, is_wrong: bool) -> None:
    account = OTHER if is_wrong else HUB
    CrossAccountRole(place.other, "Role", trusted=Trusted.accounts(account), role_name="Operators")
    _grant(place.scope, role_names=[place.spelled("Operators")], organization="o-a1b2c3d4e5")


def _of_names_path(place: Place, is_wrong: bool) -> None:
    CrossAccountRole(place.other, "Role", trusted=Trusted.accounts(HUB), role_name="Operators", path="/x/")
    name = place.spelled("Operators" if is_wrong else "x/Operators")
    _grant(place.scope, role_names=[name], organization="o-a1b2c3d4e5")


def _of_session_tags(place: Place, is_wrong: bool) -> None:
    trusted = Trusted.accounts(HUB)
    CrossAccountRole(place.other, "Role", trusted=trusted, role_name="Op", session_tags={"team": ["a"]})
    _grant(place.scope, place.spelled(OP), session_tags=not is_wrong)


def _of_role_name(place: Place, is_wrong: bool) -> None:
    """Here the role's own name is spelled."""
    trusted = Trusted.accounts(OTHER if is_wrong else HUB)
    CrossAccountRole(place.scope, "Role", trusted=trusted, role_name=place.spelled("Operators"))
    _grant(place.other, f"arn:aws:iam::{OWN}:role/Operators")


def _of_user_name(place: Place, is_wrong: bool) -> None:
    """Here the user's own name is spelled, like the path in the next."""
    _bob(place.scope, user_name=place.spelled("Robert" if is_wrong else "robert"))
    trusted = Trusted.users(f"arn:aws:iam::{HUB}:user/robert")
    CrossAccountRole(place.other, "Role", trusted=trusted, role_name="Op")


def _of_user_path(place: Place, is_wrong: bool) -> None:
    _bob(place.scope, path=place.spelled("/staff/" if is_wrong else "/people/"))
    trusted = Trusted.users(f"arn:aws:iam::{HUB}:user/people/bob")
    CrossAccountRole(place.other, "Role", trusted=trusted, role_name="Op")


def _of_approved(place: Place, is_wrong: bool) -> None:
    user = _bob(place.other)
    if is_wrong:
        cdk.Tags.of(user).add("trustproof-approval", "INC-1")
    _until(place, users=[place.spelled(BOB)], approval="INC-1")


def _of_approval(place: Place, is_wrong: bool) -> None:
    """Here it is spelled what is waited for."""
    user = _bob(place.other)
    cdk.Tags.of(user).add("trustproof-approval", "INC-10")
    _until(place, users=[BOB], approval=place.spelled("INC-10" if is_wrong else "INC-12"))


def _of_approvers(place: Place, is_wrong: bool) -> None:
    _bob(place.other)
    values = ["INC-2"] if is_wrong else ["INC-1"]
    group = iam.Group(place.other, "Approvers")
    ApprovalGrant(place.other, "Approve", for_users=[BOB], approvals=values, groups=[group])
    _until(place, users=[place.spelled(BOB)], approval="INC-1")


def _until(place: Place, **given: Any) -> None:
    until = datetime(2099, 1, 1, tzinfo=UTC)
    JustInTimeRole(place.scope, "Role", valid_until=until, role_name="Op", **given)


def _of_caller_without_grant(place: Place, is_wrong: bool) -> None:
    role = iam.Role(place.other, "Caller", role_name="Bob", assumed_by=iam.ServicePrincipal("ec2.amazonaws.com"))
    if not is_wrong:
        role.add_to_policy(iam.PolicyStatement(actions=["sts:AssumeRole"], resources=[OP]))
    trusted = Trusted.roles(place.spelled(f"arn:aws:iam::{HUB}:role/Bob"))
    CrossAccountRole(place.scope, "Role", trusted=trusted, mfa=False, role_name="Op")


def _of_untagged(place: Place, is_wrong: bool) -> None:
    user = _bob(place.other)
    cdk.Tags.of(user).add("team", "b" if is_wrong else "a")
    trusted = Trusted.users(place.spelled(BOB))
    conditions = {"StringEquals": {"aws:PrincipalTag/team": "a"}}
    CrossAccountRole(place.scope, "Role", trusted=trusted, role_name="Op", conditions=conditions)


def _of_chain(place: Place, is_wrong: bool) -> None:
    entry = f"arn:aws:iam::{HUB}:role/Entry"
    made = CrossAccountRole(
        place.other, "Entry", trusted=Trusted.accounts(OTHER), role_name="Entry", source_identities=["ada"]
    )
    made.add_to_policy(iam.PolicyStatement(actions=["sts:AssumeRole"], resources=[OP]))
    RoleChain(place.scope, "Role", entry=place.spelled(entry), role_name="Op", carries_source_identity=not is_wrong)


def _of_member(place: Place, is_wrong: bool) -> None:
    """Here the group is spelled that somebody is put into, and that is denied everything."""
    group = iam.Group(place.scope, "Group", group_name="people")
    denied = iam.PolicyStatement(effect=iam.Effect.DENY, actions=["sts:AssumeRole"], resources=["*"])
    group.add_to_policy(denied)
    user = _bob(place.scope)
    iam.Group(place.scope, "Others", group_name="others")
    into = place.spelled("people" if is_wrong else "others")
    iam.CfnUserToGroupAddition(place.scope, "In", group_name=into, users=[user.user_name])
    CrossAccountRole(place.other, "Role", trusted=Trusted.users(BOB), role_name="Op")


#: By what is wrong, the account of the stack that spells it, and how the message goes on.
CHECKS: dict[str, tuple[Make, str, str]] = {
    "path": (_of_path, OWN, "is nobody's"),
    "letters": (_of_letters, OWN, "is nobody's"),
    "denied": (_of_denied, OWN, "which denies sts:AssumeRole"),
    "denied-on": (_of_denied_on, HUB, "which denies sts:AssumeRole"),
    "denied-by-aws": (_of_denied_by_aws, OWN, "AWSDenyAll, which denies sts:AssumeRole"),
    "policy-of-aws": (_of_policy_of_aws, HUB, "AWSDenyAll, which denies sts:AssumeRole"),
    "boundary": (_of_boundary, OWN, "AmazonS3ReadOnlyAccess, which does not allow sts:AssumeRole"),
    "boundary-on": (_of_boundary_of, HUB, "which does not allow sts:AssumeRole"),
    "boundary-named": (_of_boundary_named, HUB, "AmazonS3ReadOnlyAccess, which does not allow sts:AssumeRole"),
    "account": (_of_account, OWN, "which gets into none of target_roles"),
    "own-methods": (_of_own_methods, OWN, "cannot be granted to Other/Bob"),
    "target": (_of_target, HUB, "which gets into none of target_roles"),
    "target-path": (_of_target_path, HUB, "is nobody's"),
    "names": (_of_names, HUB, "gets into none of the roles of the app"),
    "names-path": (_of_names_path, HUB, "no role of the app is called 'Operators'"),
    "session-tags": (_of_session_tags, HUB, "demands what takes sts:TagSession"),
    "role-name": (_of_role_name, OWN, "which gets into none of target_roles"),
    "user-name": (_of_user_name, HUB, "is nobody's"),
    "user-path": (_of_user_path, HUB, "is nobody's"),
    "approved": (_of_approved, OWN, "it is approved from its first deployment on"),
    "approval": (_of_approval, OWN, "it is approved from its first deployment on"),
    "approvers": (_of_approvers, OWN, "the grants of the app let nobody set that"),
    "caller": (_of_caller_without_grant, OWN, "no policy that it has in the app allows it sts:AssumeRole"),
    "untagged": (_of_untagged, OWN, "gets into Stack/Role by a tag only"),
    "chain": (_of_chain, OWN, "have a source identity, and this role refuses them"),
    "member": (_of_member, HUB, "which denies sts:AssumeRole"),
}


#: Each check with each spelling in ``make deep``; else each check with a few, and each spelling with a few checks.
SPELLED = [(check, one) for at, check in enumerate(CHECKS) for one in one_in(8, [*SPELLINGS], at)]
STILL_OPEN = [(check, one) for at, check in enumerate(CHECKS) for one in one_in(4, [*OPEN], at) if check != "member"]


def _said(place: Place, make: Callable[[], object]) -> str:
    """What is said of an app, in whichever way."""
    try:
        make()
        place.app.synth()
    except (RuntimeError, ValueError) as error:
        return str(error)
    entries = [
        entry
        for stack in (place.stack, place.other)
        for entry in Annotations.from_stack(stack).find_warning("*", Match.any_value())
    ]
    return "\n".join(str(one.entry.data) for one in entries if "trustproof" in str(one.entry.data))


@pytest.mark.parametrize(("check", "spelling"), SPELLED)
def test_is_said_of_each_spelling(tmp_path: Path, check: str, spelling: str) -> None:
    make, account, expected = CHECKS[check]
    place = _place(tmp_path, SPELLINGS[spelling], account)
    assert expected in _said(place, lambda: make(place, True)).replace("Stack/Nested", "Stack")


@pytest.mark.parametrize(("check", "spelling"), SPELLED)
def test_is_said_of_no_right_use(tmp_path: Path, check: str, spelling: str) -> None:
    make, account, _ = CHECKS[check]
    place = _place(tmp_path, SPELLINGS[spelling], account)
    assert _said(place, lambda: make(place, False)) == ""


@pytest.mark.parametrize(("check", "spelling"), STILL_OPEN)
def test_is_not_said_of_what_only_a_deployment_knows(tmp_path: Path, check: str, spelling: str) -> None:
    make, account, expected = CHECKS[check]
    place = _place(tmp_path, OPEN[spelling], account)
    assert expected not in _said(place, lambda: make(place, True))


#: What another stack exports as a text, the CDK imports nowhere by itself.
HANDED = [one for one in SPELLINGS if one != "exported"]
_WAYS = [(spelled, service) for spelled in ("arn", "name") for service in ("ec2", "states")]
HANDED_OVER = [(*way, one) for at, way in enumerate(_WAYS) for one in one_in(4, HANDED, at)]
_WRONG = ("", "cluster", "namespace", "service_account", "tags")
FOR_PODS = [(wrong, one) for at, wrong in enumerate(_WRONG) for one in one_in(len(_WRONG), HANDED, at)]


@pytest.mark.parametrize(("spelled", "service", "spelling"), HANDED_OVER)
def test_is_handed_over_by_each_spelling(tmp_path: Path, spelled: str, spelling: str, service: str) -> None:
    place = _place(tmp_path, SPELLINGS[spelling], OWN)
    name = place.spelled("Machine") if spelled == "name" else "Machine"
    ServiceRole(place.scope, "Role", service=f"{service}.amazonaws.com", role_name=name)
    arn = f"arn:aws:iam::{OWN}:role/Machine"
    sfn.CfnStateMachine(
        place.scope,
        "Machine",
        role_arn=place.spelled(arn) if spelled == "arn" else arn,
        definition_string='{"StartAt": "End", "States": {"End": {"Type": "Pass", "End": true}}}',
    )
    place.app.synth()
    found = [one.said for one in handed_roles.handed_in_vain(place.app, [*tmp_path.glob("*.template.json")])]
    assert ["does not let states.amazonaws.com in" in one for one in found] == ([True] if service == "ec2" else [])


@pytest.mark.parametrize("how", ["managed_policies", "permissions_boundary", "added"])
def test_warns_of_a_role_that_may_call_nothing(tmp_path: Path, how: str) -> None:
    place = _place(tmp_path, _text, OWN)
    policy = iam.ManagedPolicy.from_aws_managed_policy_name("AWSDenyAll")
    given: dict[str, Any] = {"managed_policies": {how: [policy]}, "permissions_boundary": {how: policy}}.get(how, {})
    role = CrossAccountRole(place.stack, "Role", trusted=Trusted.accounts(HUB), **given)
    if how == "added":
        role.add_managed_policy(policy)
    assert "AWSDenyAll, which denies everything" in _said(place, lambda: None)


def test_reads_each_policy_of_aws_that_denies_what_callers_need() -> None:
    """By their names: the text of all of them takes long to read, and few deny anything."""
    for name in trustproof.managed_policy_names():
        document = trustproof.managed_policy_document(name)
        if any(denies(document, Call(one)) for one in ("sts:AssumeRole", "sts:TagSession", "iam:TagUser")):
            assert denying(f"arn:aws:iam::aws:policy/{name}") is not None, name


@pytest.mark.parametrize("by_arn", [True, False])
@pytest.mark.parametrize(
    ("trusted", "own", "is_said"),
    [
        (Trusted.users(f"arn:aws:iam::{OWN}:user/bob"), OWN, False),
        (Trusted.accounts(OWN), OWN, True),
        (Trusted.users(BOB), HUB, True),
    ],
    ids=["named", "account", "other-account"],
)
def test_whom_a_role_of_the_account_names_needs_no_policy_to_pass_tags(
    tmp_path: Path, trusted: Any, own: str, is_said: bool, by_arn: bool
) -> None:
    place = _place(tmp_path, _text, OWN)
    scope = place.stack if own == OWN else place.other
    role = CrossAccountRole(place.stack, "Role", trusted=trusted, role_name="Op", session_tags={"team": ["a"]})

    def grant() -> None:
        AssumeRoleGrant(scope, "Grant", users=[_bob(scope)], target_roles=[OP if by_arn else role])

    assert ("AWS STS refuses every call" in _said(place, grant)) == is_said


#: A StackSet is in no nested stack here.
OF_STACKS = [one for one in SPELLINGS if one != "nested"]


def _machine(scope: cdk.Stack) -> None:
    sfn.CfnStateMachine(
        scope,
        "Machine",
        role_arn=f"arn:aws:iam::{OWN}:role/Machine",
        state_machine_name="Pay",
        definition_string='{"StartAt": "End", "States": {"End": {"Type": "Pass", "End": true}}}',
    )


@pytest.mark.parametrize("is_same", [True, False])
@pytest.mark.parametrize(
    "arn",
    [
        f"arn:aws:states:eu-central-1:{OWN}:stateMachine:Pay",
        f"arn:aws:states:{cdk.Aws.REGION}:{OWN}:stateMachine:Pay",
        f"arn:{cdk.Aws.PARTITION}:states:{cdk.Aws.REGION}:{cdk.Aws.ACCOUNT_ID}:stateMachine:Pay",
        cdk.Fn.sub("arn:${AWS::Partition}:states:${AWS::Region}:${AWS::AccountId}:stateMachine:Pay"),
    ],
    ids=["text", "region", "all", "filled-in"],
)
def test_is_for_resources_of_the_region_of_the_role(tmp_path: Path, arn: str, is_same: bool) -> None:
    """The Region in the trust policy is that of the stack of the role, and not of the stack that is handed it."""
    place = _place(tmp_path, _text, OWN)
    west = cdk.Stack(place.app, "West", env=cdk.Environment(account=OWN, region="eu-west-1"))
    ServiceRole(place.stack, "Role", service="states.amazonaws.com", role_name="Machine", source_arns=[arn])
    _machine(place.stack if is_same else west)
    place.app.synth()
    found = [one.said for one in handed_roles.handed_in_vain(place.app, [*tmp_path.glob("*.template.json")])]
    assert ["lets states.amazonaws.com in for others only" in one for one in found] == ([] if is_same else [True])


@pytest.mark.parametrize(("wrong", "spelling"), FOR_PODS)
def test_is_for_pods_by_each_spelling(tmp_path: Path, spelling: str, wrong: str) -> None:
    place = _place(tmp_path, SPELLINGS[spelling], OWN)
    clusters = [f"arn:aws:eks:eu-central-1:{OWN}:cluster/production"]
    role = EksPodIdentityRole(
        place.scope, "Role", namespace="shopping", service_account="website", clusters=clusters, role_name="Pods"
    )
    association = eks.CfnPodIdentityAssociation(
        place.scope,
        "Pods",
        cluster_name=place.spelled("development" if wrong == "cluster" else "production"),
        namespace=place.spelled("payments" if wrong == "namespace" else "shopping"),
        service_account=place.spelled("database" if wrong == "service_account" else "website"),
        role_arn=role.role_arn,
    )
    association.add_property_override("DisableSessionTags", place.spelled("true" if wrong == "tags" else "false"))
    place.app.synth()
    found = [one.said for one in handed_roles.handed_in_vain(place.app, [*tmp_path.glob("*.template.json")])]
    assert len(found) == bool(wrong)


@pytest.mark.parametrize("is_wrong", [True, False])
@pytest.mark.parametrize("spelling", OF_STACKS)
def test_is_said_of_values_of_parameters_of_an_organization_role(tmp_path: Path, spelling: str, is_wrong: bool) -> None:
    place = _place(tmp_path, SPELLINGS[spelling], OTHER)
    _bob(place.other, path="/staff/")

    def role(stack: cdk.Stack) -> iam.Role:
        who = cdk.CfnParameter(stack, "Who").value_as_string
        return CrossAccountRole(stack, "Role", trusted=Trusted.users(who), role_name="Op")

    who = place.spelled(BOB if is_wrong else f"arn:aws:iam::{HUB}:user/staff/bob")
    OrganizationRole(
        place.stack, "Everywhere", role=role, organizational_units=["ou-ab12-11111111"], parameters={"Who": who}
    )
    assert ("is nobody's" in _said(place, lambda: None)) == is_wrong


@pytest.mark.parametrize("is_wrong", [True, False])
@pytest.mark.parametrize("spelling", OF_STACKS)
def test_is_said_of_grants_of_an_organization_role(tmp_path: Path, spelling: str, is_wrong: bool) -> None:
    """By what its parameters are given, in whichever spelling."""
    place = _place(tmp_path, SPELLINGS[spelling], OTHER)

    def role(stack: cdk.Stack) -> iam.Role:
        who = cdk.CfnParameter(stack, "Who").value_as_string
        return CrossAccountRole(stack, "Role", trusted=Trusted.accounts(who), role_name="Op")

    who = place.spelled("444455556666" if is_wrong else HUB)
    OrganizationRole(
        place.stack, "Everywhere", role=role, organizational_units=["ou-ab12-11111111"], parameters={"Who": who}
    )
    _grant(place.other, OP)
    assert ("which gets into none of target_roles" in _said(place, lambda: None)) == is_wrong


def test_whom_a_role_names_may_be_granted_it_by_its_methods(tmp_path: Path) -> None:
    """The trust policy lets a user of the account pass the tags that it demands."""
    place = _place(tmp_path, _text, OWN)
    named, other = _bob(place.stack), iam.User(place.stack, "Other")
    role = CrossAccountRole(place.stack, "Role", trusted=Trusted.users(named), session_tags={"team": ["a"]})
    role.grant_assume_role(named)
    anybody = CrossAccountRole(place.stack, "Any", trusted=Trusted.accounts(OWN), session_tags={"team": ["a"]})
    with pytest.raises(ValueError, match="it demands what needs sts:TagSession too"):
        anybody.grant_assume_role(other)
    assert _said(place, lambda: None) == ""


OWN_ACCOUNT = f"arn:{cdk.Aws.PARTITION}:iam::{cdk.Aws.ACCOUNT_ID}:"
#: A user of a stack without an environment, how a role of which stack trusts it, and what is said.
ANYWHERE: dict[str, tuple[dict[str, Any], bool, str, str]] = {
    "path": ({"path": "/staff/"}, False, "Own", "write arn:${AWS::Partition}:iam::${AWS::AccountId}:user/staff/alice"),
    "letters": ({"user_name": "Alice"}, False, "Own", "user/alice is nobody's"),
    "nested": ({"path": "/staff/"}, False, "Nested", "user/alice is nobody's"),
    "denied": ({}, True, "Own", "which denies sts:AssumeRole"),
    "itself": ({}, False, "Own", ""),
    "another": ({"user_name": "bob", "path": "/staff/"}, False, "Own", ""),
    # Which may be deployed to another account.
    "elsewhere": ({"path": "/staff/"}, True, "Other", ""),
}


@pytest.mark.parametrize("case", ANYWHERE)
def test_own_account_that_only_a_deployment_knows(app: cdk.App, case: str) -> None:
    """It is one in a stack, and in those that are nested in it."""
    user, is_denied, name, said = ANYWHERE[case]
    own, other = cdk.Stack(app, "Own"), cdk.Stack(app, "Other")
    scopes: dict[str, cdk.Stack] = {"Own": own, "Other": other, "Nested": cdk.NestedStack(own, "Nested")}
    made = iam.User(own, "User", **{"user_name": "alice", **user})
    if is_denied:
        deny = {"effect": iam.Effect.DENY, "actions": ["sts:AssumeRole"], "resources": ["*"]}
        made.add_to_policy(iam.PolicyStatement(**deny))
    CrossAccountRole(scopes[name], "Role", trusted=Trusted.users(f"{OWN_ACCOUNT}user/alice"))
    if said:
        with pytest.raises(RuntimeError, match=re.escape(said)):
            app.synth()
    else:
        app.synth()


def _tagged(scope: Construct, department: str) -> None:
    alice = iam.User(scope, "User", user_name="alice")
    cdk.Tags.of(alice).add("department", department)
    operations = {"StringEquals": {"aws:PrincipalTag/department": "operations"}}
    CrossAccountRole(scope, "Role", trusted=Trusted.users(f"{OWN_ACCOUNT}user/alice"), conditions=operations)


def _granted(scope: Construct, name: str, *, in_group: bool) -> None:
    alice = iam.User(scope, "User", user_name="alice")
    CrossAccountRole(scope, "Role", trusted=Trusted.users(f"{OWN_ACCOUNT}user/{name}"), role_name="Op")
    holders: dict[str, Any] = {"users": [alice]}
    if in_group:
        group = iam.Group(scope, "Group")
        group.add_user(alice)
        holders = {"groups": [group]}
    AssumeRoleGrant(scope, "Grant", target_roles=[f"{OWN_ACCOUNT}role/Op"], **holders)


#: What is made, in which stack without an environment, and what is said there.
ASKED: dict[str, tuple[Callable[[Construct], None], str]] = {
    "tag": (lambda scope: _tagged(scope, "sales"), "in the app has the tag department=sales"),
    "right tag": (lambda scope: _tagged(scope, "operations"), ""),
    "user": (lambda scope: _granted(scope, "bob", in_group=False), "users cannot have Own/User"),
    "right user": (lambda scope: _granted(scope, "alice", in_group=False), ""),
    "group": (lambda scope: _granted(scope, "bob", in_group=True), "no member of Own/Group"),
    "right group": (lambda scope: _granted(scope, "alice", in_group=True), ""),
}


@pytest.mark.parametrize("case", ASKED)
def test_whom_an_own_account_that_only_a_deployment_knows_lets_in(app: cdk.App, case: str) -> None:
    """Who is granted a role by its own ARN, and has which tags, is asked there too."""
    make, expected = ASKED[case]
    own = cdk.Stack(app, "Own")
    make(own)
    try:
        said = " ".join(str(one.entry.data) for one in app.synth().get_stack_by_name("Own").messages)
    except RuntimeError as error:
        said = str(error)
    assert expected in said if expected else "Own/" not in said
