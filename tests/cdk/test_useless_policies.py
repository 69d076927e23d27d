"""
Policies that let a role assume roles which let no role in: the plugin sees them in the templates.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_stepfunctions as sfn
from aws_cdk import aws_stepfunctions_tasks as tasks

from trustproof_cdk import CrossAccountRole, Trusted
from trustproof_cdk._roles.useless_policies import useless_policies


def _closed(stack: cdk.Stack, name: str = "Closed") -> CrossAccountRole:
    return CrossAccountRole(stack, name, trusted=Trusted.accounts("222233334444"))


def _open(stack: cdk.Stack) -> CrossAccountRole:
    trusted = Trusted.roles("arn:aws:iam::222233334444:role/Builder")
    return CrossAccountRole(stack, "Open", trusted=trusted, mfa=False)


def _caller(stack: cdk.Stack, *roles: iam.IRole, actions: tuple[str, ...] = ("sts:AssumeRole",)) -> iam.Role:
    caller = iam.Role(stack, "Caller", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
    caller.add_to_policy(iam.PolicyStatement(actions=[*actions], resources=[one.role_arn for one in roles]))
    return caller


def _machine(stack: cdk.Stack) -> None:
    credentials = sfn.Credentials(role=sfn.TaskRole.from_role(_closed(stack)))
    call = tasks.CallAwsService(
        stack, "Call", service="s3", action="listBuckets", iam_resources=["*"], credentials=credentials
    )
    sfn.StateMachine(stack, "Machine", definition_body=sfn.DefinitionBody.from_chainable(call))


def _with_user(stack: cdk.Stack) -> None:
    statement = iam.PolicyStatement(actions=["sts:AssumeRole"], resources=[_closed(stack).role_arn])
    role = iam.Role(stack, "Caller", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
    iam.Policy(stack, "Both", statements=[statement], roles=[role], users=[iam.User(stack, "User")])


def _managed(stack: cdk.Stack) -> None:
    statement = iam.PolicyStatement(actions=["sts:AssumeRole"], resources=[_closed(stack).role_arn])
    role = iam.Role(stack, "Caller", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
    policy = iam.ManagedPolicy(stack, "Policy", statements=[statement], roles=[role])
    iam.User(stack, "User").add_managed_policy(policy)


def _inline(stack: cdk.Stack) -> None:
    statement = iam.PolicyStatement(actions=["sts:AssumeRole"], resources=[_closed(stack).role_arn])
    iam.Role(
        stack,
        "Caller",
        assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"),
        inline_policies={"Onward": iam.PolicyDocument(statements=[statement])},
    )


def _plain(stack: cdk.Stack) -> None:
    conditions = {"Bool": {"aws:multifactorauthpresent": "true"}}
    principal = iam.AccountPrincipal("111122223333").with_conditions(conditions)
    _caller(stack, iam.Role(stack, "Closed", assumed_by=principal))


def _plain_for_lambda_too(stack: cdk.Stack) -> None:
    conditions = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
    people = iam.AccountPrincipal("111122223333").with_conditions(conditions)
    both = iam.CompositePrincipal(people, iam.ArnPrincipal("arn:aws:iam::111122223333:role/Builder"))
    _caller(stack, iam.Role(stack, "Closed", assumed_by=both))


def _plain_for(stack: cdk.Stack, value: object) -> None:
    conditions = {"Bool": {"aws:MultiFactorAuthPresent": value}}
    principal = iam.AccountPrincipal("111122223333").with_conditions(conditions)
    _caller(stack, iam.Role(stack, "Closed", assumed_by=principal))


#: What there is, and what is said; empty where somebody may get something by the policy.
TESTS: dict[str, tuple[Callable[[cdk.Stack], object], str]] = {
    "statement": (
        lambda stack: _caller(stack, _closed(stack)),
        "Stack/Caller/DefaultPolicy allows Stack/Caller to assume Stack/Closed, in vain: it demands MFA",
    ),
    "several": (
        lambda stack: _caller(stack, _closed(stack), _closed(stack, "Other")),
        "to assume Stack/Closed and Stack/Other, in vain: each of them demands MFA",
    ),
    "task": (_machine, "allows Stack/Machine/Role to assume Stack/Closed, in vain"),
    "inline": (_inline, "Stack/Caller allows Stack/Caller to assume Stack/Closed, in vain"),
    "one that lets roles in": (lambda stack: _caller(stack, _open(stack)), ""),
    "one of them lets roles in": (lambda stack: _caller(stack, _closed(stack), _open(stack)), ""),
    "more": (lambda stack: _caller(stack, _closed(stack), actions=("sts:AssumeRole", "iam:GetRole")), ""),
    "a user has it too": (_with_user, ""),
    "a user has the managed policy too": (_managed, ""),
    "a role of the CDK": (_plain, "to assume Stack/Closed, in vain: it demands MFA"),
    "a role of the CDK that lets roles in": (_plain_for_lambda_too, ""),
    "a role of the CDK that demands nothing in the end": (lambda stack: _plain_for(stack, cdk.Aws.NO_VALUE), ""),
    "a role of the CDK for whoever has no MFA": (lambda stack: _plain_for(stack, "false"), ""),
    "a role of the CDK for everybody": (lambda stack: _plain_for(stack, ["true", "false"]), ""),
}


def test_a_policy_that_lets_a_role_assume_what_lets_no_role_in_is_in_vain(tmp_path: Path) -> None:
    app = cdk.App(
        outdir=str(tmp_path),
        context={"aws:cdk:enable-path-metadata": True},
        builtin_cloud_formation_validation=False,
    )
    names = {f"Stack{number}": name for number, name in enumerate(TESTS)}
    for stack, name in names.items():
        TESTS[name][0](cdk.Stack(app, stack))
    app.synth()

    for stack, name in names.items():
        said = [one.said for one in useless_policies(app, [tmp_path / f"{stack}.template.json"])]
        expected = TESTS[name][1].replace("Stack/", f"{stack}/")
        assert [expected in one for one in said] == ([True] if expected else []), (name, said)


def test_the_cdk_is_asked_nothing_where_no_policy_is_in_vain(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each role is asked who it is otherwise, and an app with an account for each team has thousands."""
    asked: list[object] = []
    monkeypatch.setattr("trustproof_cdk._roles.handed_roles.made_in", lambda app: asked.append(app) or {})
    app = cdk.App(outdir=str(tmp_path), builtin_cloud_formation_validation=False)
    stack = cdk.Stack(app, "Stack")
    _closed(stack)
    _caller(stack, _open(stack))
    assert _said(app) == []
    assert not asked


OWN, OTHER = "222233334444", "333344445555"


def _stack(app: cdk.App, name: str, account: str | None) -> cdk.Stack:
    environment = None if account is None else cdk.Environment(account=account, region="eu-central-1")
    return cdk.Stack(app, name, env=environment)


def _target(stack: cdk.Stack, *, mfa: bool = True) -> CrossAccountRole:
    trusted = Trusted.accounts("111122223333") if mfa else Trusted.roles(f"arn:aws:iam::{OWN}:role/Builder")
    return CrossAccountRole(stack, "Target", trusted=trusted, mfa=mfa, role_name="Target")


def _said(app: cdk.App) -> list[str]:
    assembly = Path(app.synth().directory)
    return [
        one.said
        for one in useless_policies(
            app, [one for one in sorted(assembly.rglob("*.template.json")) if "nested" not in one.name]
        )
    ]


@pytest.mark.parametrize("strength", ["strong", "weak", "both"])
@pytest.mark.parametrize("account", [OWN, OTHER])
@pytest.mark.parametrize("is_nested", [True, False])
def test_a_role_of_another_stack(tmp_path: Path, strength: str, account: str, *, is_nested: bool) -> None:
    """However the CDK refers to it: by an export, by an output, or from another account by its ARN."""
    app = cdk.App(
        outdir=str(tmp_path),
        context={"@aws-cdk/core:defaultCrossStackReferences": strength},
        builtin_cloud_formation_validation=False,
    )
    target, caller = _target(_stack(app, "There", account)), _stack(app, "Here", OWN)
    _caller(cdk.NestedStack(caller, "Nested") if is_nested else caller, target)
    (said,) = _said(app)
    assert "to assume There/Target, in vain: it demands MFA" in said


@pytest.mark.parametrize(
    ("account", "others", "is_vain"),
    [
        (OTHER, [], True),
        # It is that of the account, whatever there is in others.
        (OTHER, [(OWN, False)], True),
        (OWN, [(OTHER, False)], False),
        # Of a stack that is deployed to any account, it may be the one, or not.
        (OTHER, [(None, False)], False),
        (OTHER, [(None, True)], True),
        (None, [], False),
    ],
)
def test_a_role_by_its_arn(
    tmp_path: Path, account: str | None, others: list[tuple[str | None, bool]], *, is_vain: bool
) -> None:
    app = cdk.App(outdir=str(tmp_path), builtin_cloud_formation_validation=False)
    _target(_stack(app, "There", account))
    for place, mfa in others:
        _target(_stack(app, "Else", place), mfa=mfa)
    here = _stack(app, "Here", "444455556666")
    _caller(here, iam.Role.from_role_arn(here, "Imported", f"arn:aws:iam::{OTHER}:role/Target"))
    assert [bool(one) for one in _said(app)] == [True] * is_vain
