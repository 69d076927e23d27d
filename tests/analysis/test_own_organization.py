"""
The account of a template may be in no organization: then no request has the keys of one, and a variable has no value.
"""

from __future__ import annotations

import pytest

import trustproof

Json = dict[str, object]

OWN = "111122223333"
OURS = "o-a1b2c3d4e5"
ELSEWHERE = "o-evil123456"
CONFIGS: list[Json] = [{}, {"boundary": {"accounts": [OWN], "organizations": [OURS]}}]


def statement(effect: str, **condition: Json) -> Json:
    made: Json = {"Effect": effect, "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
    return {**made, "Condition": condition} if condition else made


ALLOW = statement("Allow")
SAME = {"aws:PrincipalOrgID": "${aws:ResourceOrgID}"}
OR_ANOTHER = {"aws:PrincipalOrgID": f"${{aws:ResourceOrgID, '{ELSEWHERE}'}}"}
CASES: list[tuple[str, list[Json]]] = [
    ("refuted", [statement("Allow", Null={"aws:ResourceOrgID": "true"})]),
    ("refuted", [statement("Allow", StringEquals=OR_ANOTHER)]),
    ("refuted", [ALLOW, statement("Deny", StringNotEquals=OR_ANOTHER)]),
    ("refuted", [ALLOW, statement("Deny", StringNotEquals=SAME, Null={"aws:ResourceOrgID": "false"})]),
    ("refuted", [ALLOW, statement("Deny", StringNotEquals=SAME, StringLike={"aws:ResourceOrgPaths": "*"})]),
    ("proved", [statement("Allow", StringEquals=SAME)]),
    ("proved", [ALLOW, statement("Deny", StringNotEquals=SAME)]),
    (
        "proved",
        [
            ALLOW,
            statement("Deny", StringNotEqualsIfExists=SAME),
            statement("Deny", Null={"aws:PrincipalOrgID": "true"}),
        ],
    ),
]


@pytest.mark.parametrize("config", CONFIGS, ids=["undeclared", "declared"])
@pytest.mark.parametrize(("expected", "statements"), CASES)
def test_a_proof_holds_in_no_organization(expected: str, statements: list[Json], config: Json) -> None:
    """Whom a policy lets in there is let in, and what compares with the own organization lets in nobody."""
    document = {"Version": "2012-10-17", "Statement": statements}
    role = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": document}}
    report = trustproof.check(
        [{"Resources": {"R": role}}], account=OWN, config=config, properties=["inside-boundary"], certify=True
    )
    (found,) = report.results
    assert found.verdict == expected, found.reasons
    assert found.counterexample is None or "aws:resourceorgid" not in found.counterexample.context


def test_an_identity_policy_is_judged_in_no_organization() -> None:
    """A Deny that needs the organization of the caller asks nobody there for MFA."""
    guard = {
        "Effect": "Deny",
        "Action": "*",
        "Resource": "*",
        "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}, "Null": {"aws:PrincipalOrgID": "false"}},
    }
    allow = {"Effect": "Allow", "Action": "iam:*", "Resource": "*"}
    policy = {"PolicyName": "p", "PolicyDocument": {"Version": "2012-10-17", "Statement": [allow, guard]}}
    user = {"Type": "AWS::IAM::User", "Properties": {"Policies": [policy]}}
    report = trustproof.check(
        [{"Resources": {"U": user}}], account=OWN, properties=["sensitive-actions-require-mfa"], certify=True
    )
    assert {found.verdict for found in report.results} == {"refuted"}


def _allow(**condition: Json) -> Json:
    return {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*", **condition}


NEVER: Json = {"StringEquals": {"aws:PrincipalArn": "arn:aws:iam::111122223333:nobody/x"}}
LOOKING: Json = {
    "Effect": "Deny",
    "Action": "*",
    "Resource": "*",
    "Condition": {"StringNotEquals": {"aws:ResourceOrgID": "${aws:PrincipalOrgID}"}},
}


@pytest.mark.parametrize("config", CONFIGS, ids=["undeclared", "declared"])
@pytest.mark.parametrize("condition", [{}, {"Condition": NEVER}], ids=["usable", "unusable"])
@pytest.mark.parametrize("beside", ["another user", "a user with the same policy", "a boundary of another user"])
def test_whoever_holds_nothing_that_looks_at_an_organization_is_judged_as_without_the_others(
    beside: str, condition: Json, config: Json
) -> None:
    """What another one holds makes no difference, found or not, and a policy that both have is that of both."""
    shared = {
        "Type": "AWS::IAM::ManagedPolicy",
        "Properties": {"PolicyDocument": {"Version": "2012-10-17", "Statement": [_allow(**condition)]}},
    }
    looking = {
        "Type": "AWS::IAM::ManagedPolicy",
        "Properties": {"PolicyDocument": {"Version": "2012-10-17", "Statement": [_allow(), LOOKING]}},
    }
    user = {"Type": "AWS::IAM::User", "Properties": {"ManagedPolicyArns": [{"Ref": "Shared"}]}}
    other: Json = {"ManagedPolicyArns": [{"Ref": "Looking"}]}
    if beside == "a user with the same policy":
        other = {"ManagedPolicyArns": [{"Ref": "Looking"}, {"Ref": "Shared"}]}
    elif beside == "a boundary of another user":
        other = {"ManagedPolicyArns": [{"Ref": "Shared"}], "PermissionsBoundary": {"Ref": "Looking"}}
    alone = {"Shared": shared, "User": user}
    both = {**alone, "Looking": looking, "Other": {"Type": "AWS::IAM::User", "Properties": other}}

    def verdicts(resources: Json) -> dict[str, str]:
        report = trustproof.check([{"Resources": resources}], account=OWN, config=config, certify=True)
        return {one.property: one.verdict for one in report.results if one.logical_id == "Shared"}

    found = verdicts(both)
    assert found == verdicts(alone)
    assert found["statement-usable"] == ("refuted" if condition else "proved")
    assert found["assume-role-scoped"] == ("proved" if condition else "refuted")


@pytest.mark.parametrize("config", CONFIGS, ids=["undeclared", "declared"])
@pytest.mark.parametrize(
    ("own", "expected"), [({}, "proved"), ({"StringNotEquals": {"aws:PrincipalOrgID": ELSEWHERE}}, "refuted")]
)
def test_an_organization_that_an_allow_names_may_be_the_own_one(own: Json, expected: str, config: Json) -> None:
    """A guard that keeps to the own organization, in another policy or a boundary, leaves roles of the one named."""
    allow = _allow(Condition={"StringEquals": {"aws:ResourceOrgID": OURS}})
    elsewhere: Json = {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": own}
    guard = {"Version": "2012-10-17", "Statement": [_allow(), LOOKING, *([elsewhere] if own else [])]}
    user = {
        "Type": "AWS::IAM::User",
        "Properties": {
            "Policies": [{"PolicyName": "p", "PolicyDocument": {"Version": "2012-10-17", "Statement": [allow]}}],
            "PermissionsBoundary": {"Ref": "Guard"},
        },
    }
    made = {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": guard}}
    report = trustproof.check(
        [{"Resources": {"U": user, "Guard": made}}],
        account=OWN,
        config=config,
        properties=["statement-usable"],
        certify=True,
    )
    assert {one.verdict for one in report.results if one.logical_id == "U"} == {expected}
