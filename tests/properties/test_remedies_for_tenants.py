"""
A remedy for tokens of other tenants names a tenant that the statement names, and leaves the rest of the subject.
"""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import trustproof
from tests.laws.remedying import edited
from trustproof import Result
from trustproof.sets.patterns import like, matches

Json = dict[str, Any]
OWN = "111122223333"
GITHUB = "token.actions.githubusercontent.com"
GITLAB = "gitlab.com"
HCP = "app.terraform.io"
EKS = "oidc.eks.eu-west-1.amazonaws.com/id/AAAABBBBCCCCDDDDEEEEFFFF00001111"


def role(host: str, condition: Json) -> Json:
    """A role that a provider's tokens get into."""
    statement = {
        "Effect": "Allow",
        "Principal": {"Federated": f"arn:aws:iam::{OWN}:oidc-provider/{host}"},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": condition,
    }
    trust = {"Version": "2012-10-17", "Statement": [statement]}
    return {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": trust}}


def template(host: str, asked: list[object], siblings: list[object], sections: Json) -> Json:
    """A role that asks for subjects, and one beside it."""
    roles = {"R": role(host, {"StringLike": {f"{host}:sub": asked}})}
    if siblings:
        roles["S"] = role(host, {"StringLike": {f"{host}:sub": siblings}})
    return {**sections, "Resources": roles}


def refuted(written: Json) -> list[Result]:
    """The refutations of web-identity-bound."""
    report = trustproof.check([written], account=OWN)
    assert not report.errors
    return [r for r in report.results if r.verdict == trustproof.REFUTED and r.property == "web-identity-bound"]


def subjects(written: Json, host: str) -> list[object]:
    """What the role asks for."""
    policy = written["Resources"]["R"]["Properties"]["AssumeRolePolicyDocument"]
    found: list[object] = policy["Statement"][0]["Condition"]["StringLike"][f"{host}:sub"]
    return found


@pytest.mark.parametrize(
    ("host", "asked", "after"),
    [
        (GITHUB, ["repo:acme*"], ["repo:acme/*"]),
        (GITHUB, ["repo:acme*:*"], ["repo:acme/*:*"]),
        (GITHUB, ["repo:acme*:environment:prod"], ["repo:acme/*:environment:prod"]),
        (GITHUB, ["repo:acme*:ref:refs/heads/main"], ["repo:acme/*:ref:refs/heads/main"]),
        (GITHUB, ["repo:a/x:*", "repo:*/y:*", "repo:a/z"], ["repo:a/x:*", "repo:a/y:*", "repo:a/z"]),
        (GITHUB, ["*:ref:refs/heads/main", "repo:a/x"], ["repo:a/*:ref:refs/heads/main", "repo:a/x"]),
        (GITHUB, ["*/infra:*", "repo:a/x"], ["repo:a/infra:*", "repo:a/x"]),
        (
            GITHUB,
            ["repo:*/infra:*", "repo:a/x", "repo:b/x"],
            ["repo:a/infra:*", "repo:b/infra:*", "repo:a/x", "repo:b/x"],
        ),
        (
            GITLAB,
            ["project_path:*/app:ref_type:tag:*", "project_path:ops/x:*"],
            ["project_path:ops/app:ref_type:tag:*", "project_path:ops/x:*"],
        ),
        (
            HCP,
            ["organization:*:project:prod:workspace:*:run_phase:apply", "organization:acme:project:dev:*"],
            ["organization:acme:project:prod:workspace:*:run_phase:apply", "organization:acme:project:dev:*"],
        ),
    ],
)
def test_the_name_of_a_tenant_is_put_in_and_the_rest_is_left(
    host: str, asked: list[object], after: list[object]
) -> None:
    """In the place of what stands for any tenant comes one that the statement names."""
    written = template(host, asked, [], {})
    (found,) = refuted(written)
    assert found.remedy is not None
    changed = edited(written, found.remedy.edits)
    assert subjects(changed, host) == after
    assert not refuted(changed)


@pytest.mark.parametrize(
    ("asked", "siblings"),
    [
        (["repo:acme-*"], []),
        (["repo:acme-*/infra:*"], ["repo:other/api:*"]),
        (["repo:acme*/infra:*"], []),
        (["*:ref:refs/heads/main"], []),
        (["repo:*/infra:*", "repo:a/x", "repo:b/x", "repo:c/x", "repo:d/x"], []),
        (["repo:a/x:*", "repo:b-*/y:*"], []),
        (["repo:*/x:*"], ["repo:auditors/x:*"]),
        (["repo:acme-*/infra:*", "repo:acme-corp/api:*"], []),
        (["repo:*/x:*", "repo:a/x:*"], []),
    ],
)
def test_where_nobody_is_named_there_are_words(asked: list[object], siblings: list[object]) -> None:
    """A name that is made up, or of whom another role is for, would lock out who is meant, and be proved."""
    (found,) = refuted(template(GITHUB, asked, siblings, {}))
    assert found.remedy is not None
    assert not found.remedy.edits
    assert "and leave the rest" in found.remedy.text


def test_whom_a_subject_keeps_out_is_not_who_is_meant() -> None:
    """The tenant of a negated test is another one."""
    asked = {
        "StringLike": {f"{GITHUB}:sub": "repo:*/infra:*"},
        "StringNotLike": {f"{GITHUB}:sub": "repo:other/api:*"},
    }
    (found,) = refuted({"Resources": {"R": role(GITHUB, asked)}})
    assert found.remedy is not None
    assert not found.remedy.edits


@pytest.mark.parametrize(
    ("host", "beside", "form"),
    [
        (GITHUB, "repo:auditors/scanner:*", "repo:ORGANIZATION/REPOSITORY"),
        (GITLAB, "project_path:vendor/x:*", "project_path:GROUP/PROJECT"),
        (HCP, "organization:msp:project:ours:*", "organization:ORGANIZATION"),
        (EKS, "system:serviceaccount:kube-system:external-dns", "system:serviceaccount:NAMESPACE:NAME"),
    ],
)
def test_whom_another_role_is_for_is_not_let_in(host: str, beside: str, form: str) -> None:
    """What is asked for says nothing of whose the role is; another role, or another statement, is for somebody else."""
    loose = role(host, {"StringEquals": {f"{host}:aud": "sts.amazonaws.com"}})
    other = role(host, {"StringLike": {f"{host}:sub": beside}})
    both = copy.deepcopy(loose)
    for one in (loose, both):
        (*_, found) = refuted({"Resources": {"R": one, "S": other}})
        assert found.remedy is not None
        assert not found.remedy.edits
        assert form in found.remedy.text
        trust = both["Properties"]["AssumeRolePolicyDocument"]
        trust["Statement"] += other["Properties"]["AssumeRolePolicyDocument"]["Statement"]


def test_a_parameter_stays_in_the_subject() -> None:
    """A name that a parameter gives is named by the parameter."""
    sections = {"Parameters": {"Org": {"Type": "String"}}}
    written = template(GITHUB, [{"Fn::Sub": "repo:${Org}*:environment:prod"}], [], sections)
    (found,) = refuted(written)
    assert found.remedy is not None
    changed = edited(written, found.remedy.edits)
    assert subjects(changed, GITHUB) == [{"Fn::Sub": "repo:${Org}/*:environment:prod"}]
    assert not refuted(changed)


@pytest.mark.parametrize(
    ("text", "is_diff"),
    [
        ({}, True),
        ({GITHUB: "${Host}"}, False),
        ({"repo:acme": "repo:${Org}"}, False),
        ({OWN: "${AWS::AccountId}"}, True),
    ],
    ids=["plain", "key", "value", "elsewhere"],
)
def test_what_a_text_comes_to_is_not_changed_in_it(text: dict[str, str], *, is_diff: bool) -> None:
    """A diff that has the defaults of parameters is not what the text says, and tests nothing at other values."""
    sections = {
        "Parameters": {"Host": {"Type": "String", "Default": GITHUB}, "Org": {"Type": "String", "Default": "acme"}}
    }
    written = template(GITHUB, ["repo:acme*"], [], sections)
    properties = written["Resources"]["R"]["Properties"]
    policy = json.dumps(properties["AssumeRolePolicyDocument"])
    for literal, name in text.items():
        policy = policy.replace(literal, name)
    properties["AssumeRolePolicyDocument"] = {"Fn::Sub": policy}
    (found,) = refuted(written)
    assert found.remedy is not None
    assert bool(found.remedy.edits) is is_diff
    assert is_diff or found.remedy.text.endswith("in the text that the policy is")


_NAMES = st.sampled_from(("acme", "acme-corp", "ops", "*", "acme-*", "a?me", "acme*"))
_TAILS = st.sampled_from(("/*", "/app:*", "/app:ref:refs/heads/*", ":*", ":environment:prod", "", "/app:pull_request"))


@given(st.lists(st.tuples(_NAMES, _TAILS), min_size=1, max_size=3), st.lists(_NAMES, max_size=2))
def test_a_remedy_only_narrows(parts: list[tuple[str, str]], names: list[str]) -> None:
    """Whatever a changed subject admits an old one admitted, and each old one that named a tenant is still there."""
    asked: list[object] = [f"repo:{name}{tail}" for name, tail in parts]
    written = template(GITHUB, asked, [f"repo:{name}/x" for name in names], {})
    for found in refuted(written):
        if found.logical_id != "R" or found.remedy is None or not found.remedy.edits:
            continue
        changed = edited(written, found.remedy.edits)
        after = [str(one) for one in subjects(changed, GITHUB)]
        examples = [one.replace("*", "x").replace("?", "x") for one in after]
        assert all(any(matches(like(str(old)), example) for old in asked) for example in examples)
        kept = {old for old in asked if set(str(old).partition("/")[0]).isdisjoint("*?") and "/" in str(old)}
        assert kept <= set(after)
        assert not [one for one in refuted(changed) if one.logical_id == "R"]


COGNITO = "cognito-identity.amazonaws.com"


@pytest.mark.parametrize(
    ("pools", "expected"),
    [
        ([{"Ref": "Pool"}], {"Ref": "Pool"}),
        (["eu-west-1:a"], "eu-west-1:a"),
        # Each of them gives its users the role.
        ([{"Ref": "Pool"}, "eu-west-1:a"], [{"Ref": "Pool"}, "eu-west-1:a"]),
        ([], None),
    ],
)
def test_the_pool_that_gives_a_role_is_the_audience_of_its_tokens(pools: list[object], expected: object) -> None:
    """The attachment says it; the audience of the role beside it is that of another pool."""
    signed_in = {"ForAnyValue:StringLike": {f"{COGNITO}:amr": "authenticated"}}
    beside = {**signed_in, "StringEquals": {f"{COGNITO}:aud": {"Ref": "Other"}}}
    resources: Json = {"R": role(COGNITO, signed_in), "S": role(COGNITO, beside)}
    for one in (resources["R"], resources["S"]):
        one["Properties"]["AssumeRolePolicyDocument"]["Statement"][0]["Principal"] = {"Federated": COGNITO}
    for name in ("Pool", "Other"):
        resources[name] = {
            "Type": "AWS::Cognito::IdentityPool",
            "Properties": {"AllowUnauthenticatedIdentities": False},
        }
    for number, pool in enumerate(pools):
        properties = {"IdentityPoolId": pool, "Roles": {"authenticated": {"Fn::GetAtt": ["R", "Arn"]}}}
        resources[f"A{number}"] = {"Type": "AWS::Cognito::IdentityPoolRoleAttachment", "Properties": properties}
    (found,) = refuted({"Resources": resources})
    assert found.remedy is not None
    assert bool(found.remedy.edits) is (expected is not None)
    if expected is not None:
        assert f'"{COGNITO}:aud": {json.dumps(expected)}' in "\n".join(found.remedy.diff)
        assert refuted(edited({"Resources": resources}, found.remedy.edits)) == []


def test_a_pool_of_the_template_is_named_where_a_group_of_users_has_the_role() -> None:
    """A group is of no identity pool, so which of them takes its users is not known: words name what there is."""
    resources: Json = {
        "R": role(COGNITO, {"ForAnyValue:StringLike": {f"{COGNITO}:amr": "authenticated"}}),
        "Pool": {"Type": "AWS::Cognito::IdentityPool", "Properties": {"AllowUnauthenticatedIdentities": False}},
        "G": {"Type": "AWS::Cognito::UserPoolGroup", "Properties": {"RoleArn": {"Fn::GetAtt": ["R", "Arn"]}}},
    }
    resources["R"]["Properties"]["AssumeRolePolicyDocument"]["Statement"][0]["Principal"] = {"Federated": COGNITO}
    (found,) = refuted({"Resources": resources})
    assert found.remedy is not None
    assert not found.remedy.edits
    assert found.remedy.text.endswith("has the form REGION:POOL-ID, as Pool of the template has")


def test_a_claim_that_is_in_no_request_is_not_asked_for() -> None:
    """STS makes no key of ``iss``: ForAllValues is true of it, and whoever asks for it lets in nobody."""
    host = GITHUB
    claims = {f"{host}:iss": f"https://{host}", f"{host}:aud": "sts.amazonaws.com"}
    (found,) = refuted({"Resources": {"R": role(host, {"ForAllValues:StringEquals": claims})}})
    assert found.path[-1] == f"{host}:aud"
    assert found.remedy is not None
    assert not found.remedy.edits
    assert found.remedy.text.startswith(f"name the tenant in full: {host}:sub")


def test_a_claim_of_no_values_wants_one() -> None:
    """An empty list passes every token with ForAllValues, and none with an operator that is false without the claim."""
    host = "oidc.circleci.com/org/00000000-1111-2222-3333-444444444444"
    condition = {"ForAllValues:StringLike": {f"{host}:aud": []}}
    (found,) = refuted({"Resources": {"R": role(host, condition)}})
    assert found.remedy is not None
    assert not found.remedy.edits
    assert found.remedy.text.startswith(f"give {host}:aud a value")
    assert "other tenants" not in found.label
