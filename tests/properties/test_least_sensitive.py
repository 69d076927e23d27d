"""
What matters least of what is sensitive: stacks of Service Catalog's products, certificates of servers, and the own
user's keys for git.
"""

from __future__ import annotations

import pytest

import trustproof
from trustproof.results.result import ERROR, NOTE, PROVED, REFUTED, Result

PROPERTY = "sensitive-actions-require-mfa"
PRODUCTS = [f"arn:aws:cloudformation:*:*:{name}-*" for name in ("stack/SC", "stack/StackSet-SC", "stackset/SC")]


def found(*statements: dict[str, object], policies: tuple[str, ...] = (), **config: object) -> tuple[Result, ...]:
    """What is said of a group with these statements and policies of AWS."""
    policy = {"PolicyName": "p", "PolicyDocument": {"Version": "2012-10-17", "Statement": [*statements]}}
    properties = {
        "ManagedPolicyArns": [f"arn:aws:iam::aws:policy/{name}" for name in policies],
        **({"Policies": [policy]} if statements else {}),
    }
    template = {"Resources": {"Users": {"Type": "AWS::IAM::Group", "Properties": properties}}}
    return trustproof.check([template], config=config, properties=[PROPERTY]).results


def allow(action: str, *resources: str) -> dict[str, object]:
    """A statement that allows one action."""
    return {"Effect": "Allow", "Action": action, "Resource": [*resources]}


@pytest.mark.parametrize(
    ("resources", "severity"),
    [
        (PRODUCTS, NOTE),
        (PRODUCTS[:1], NOTE),
        ([*PRODUCTS, "arn:aws:cloudformation:*:*:stack/own-*"], ERROR),
        (["arn:aws:cloudformation:*:*:stack/S*"], ERROR),
        (["*"], ERROR),
    ],
)
def test_stacks_of_products_only_are_a_note(resources: list[str], severity: str) -> None:
    """Whoever may change any other stack is a finding, which is shown with that one."""
    (result,) = found(allow("cloudformation:CreateStack", *resources))
    assert (result.verdict, result.severity) == (REFUTED, severity)
    assert result.counterexample is not None
    assert (severity == NOTE) == any(f":{name}-" in result.counterexample.resource for name in ("stack/SC",))


def test_another_action_is_no_note() -> None:
    """Products are stacks: what else the statement allows counts as ever."""
    (result,) = found({**allow("*", *PRODUCTS, "arn:aws:iam::*:user/*")})
    assert result.severity == ERROR


def test_the_policy_for_end_users_is_a_note() -> None:
    """The policy of AWS for end users of Service Catalog is about the stacks of their products."""
    results = found(policies=("AWSServiceCatalogEndUserFullAccess",))
    assert [(one.verdict, one.severity) for one in results if one.verdict != PROVED] == [(REFUTED, NOTE)]


OWN_USER = "arn:aws:iam::*:user/${aws:username}"


@pytest.mark.parametrize(
    ("actions", "resource", "severity"),
    [
        (["iam:UploadSSHPublicKey"], OWN_USER, NOTE),
        (["iam:*SSHPublicKey", "iam:*ServiceSpecificCredential"], OWN_USER, NOTE),
        (["iam:UploadSSHPublicKey"], "arn:aws:iam::*:user/dev-*", ERROR),
        (["iam:UploadSSHPublicKey", "iam:CreateAccessKey"], OWN_USER, ERROR),
        (["iam:UploadSigningCertificate"], OWN_USER, ERROR),
    ],
)
def test_own_keys_for_git_are_a_note(actions: list[str], resource: str, severity: str) -> None:
    """They do what the user may do in one service anyway; those of others are given away."""
    (result,) = found({"Effect": "Allow", "Action": actions, "Resource": resource})
    assert (result.verdict, result.severity) == (REFUTED, severity)


@pytest.mark.parametrize(
    ("actions", "severity"),
    [
        (["iam:UploadServerCertificate"], NOTE),
        (["iam:DeleteServerCertificate", "iam:UpdateServerCertificate"], NOTE),
        (["iam:*ServerCertificate*"], NOTE),
        (["iam:Upload*"], ERROR),
        (["iam:DeleteServerCertificate", "s3:DeleteObjectVersion"], ERROR),
        (["iam:Delete*Certificate"], ERROR),
    ],
)
def test_certificates_of_servers_are_a_note(actions: list[str], severity: str) -> None:
    """Nobody may do more with one; a signing certificate is a credential of a user."""
    (result,) = found(allow("*", "*") | {"Action": actions})
    assert (result.verdict, result.severity) == (REFUTED, severity)


def test_no_name_makes_a_program_that_may_change_its_key() -> None:
    """A user without a key in the template may be called as a program is, by whoever likes to."""
    statement = allow("iam:CreateAccessKey", "arn:aws:iam::*:user/${aws:username}")
    policy = {"PolicyName": "p", "PolicyDocument": {"Version": "2012-10-17", "Statement": [statement]}}
    user = {"Type": "AWS::IAM::User", "Properties": {"UserName": "deploy-bot", "Policies": [policy]}}
    (result,) = trustproof.check([{"Resources": {"Bot": user}}], config={}, properties=[PROPERTY]).results
    assert (result.verdict, result.severity) == (REFUTED, ERROR)


@pytest.mark.parametrize("name", ["AWSCodeCommitFullAccess", "AWSCodeCommitPowerUser"])
def test_the_policies_for_codecommit_are_a_note(name: str) -> None:
    """The policies of AWS for CodeCommit let users keep their own keys for git."""
    results = found(policies=(name,))
    assert {(one.verdict, one.severity) for one in results if one.verdict != PROVED} == {(REFUTED, NOTE)}


def test_what_the_project_calls_sensitive_is_an_error() -> None:
    """Whoever names the action in the configuration means it of every stack."""
    (result,) = found(
        allow("cloudformation:CreateStack", *PRODUCTS), sensitive={"actions": ["cloudformation:CreateStack"]}
    )
    assert result.severity == ERROR


ROTATION = ["iam:CreateAccessKey", "iam:DeleteAccessKey", "iam:UpdateAccessKey"]


@pytest.mark.parametrize(
    ("password", "actions", "resource", "severity"),
    [
        (False, ROTATION, OWN_USER, NOTE),
        (False, ROTATION, {"Fn::GetAtt": ["Bot", "Arn"]}, NOTE),
        (True, ROTATION, OWN_USER, ERROR),
        (False, ROTATION, "arn:aws:iam::*:user/*", ERROR),
        (False, [*ROTATION, "iam:AttachUserPolicy"], OWN_USER, ERROR),
    ],
)
def test_a_program_that_changes_its_own_key_is_a_note(
    password: bool, actions: list[str], resource: object, severity: str
) -> None:
    """AWS advises it, and a program has no MFA; people, and whoever gets keys of others, are a finding."""
    statement = {"Effect": "Allow", "Action": actions, "Resource": resource}
    profile = {"LoginProfile": {"Password": "x"}} if password else {}
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    template = {
        "Resources": {
            "Bot": {"Type": "AWS::IAM::User", "Properties": profile},
            "Key": {"Type": "AWS::IAM::AccessKey", "Properties": {"UserName": {"Ref": "Bot"}}},
            "May": {
                "Type": "AWS::IAM::Policy",
                "Properties": {"PolicyName": "p", "PolicyDocument": policy, "Users": [{"Ref": "Bot"}]},
            },
        }
    }
    results = trustproof.check([template], config={}, properties=[PROPERTY]).results
    assert [(one.verdict, one.severity) for one in results if one.verdict != PROVED] == [(REFUTED, severity)]
