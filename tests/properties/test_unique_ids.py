"""
Users and roles that a policy names by their unique ids.
"""

from __future__ import annotations

import pytest

import trustproof

USER, ROLE = "AIDACKCEVSQ6C2EXAMPLE", "AROACKCEVSQ6C2EXAMPLE"
BOB = "arn:aws:iam::111122223333:user/bob"
VENDOR = {"third-party": [{"name": "vendor", "accounts": ["444455556666"]}]}


def ask(asked: str, named: object, config: dict[str, object] | None = None) -> trustproof.Result:
    """The answer about a role that trusts somebody."""
    statement = {"Effect": "Allow", "Principal": {"AWS": named}, "Action": "sts:AssumeRole"}
    trust = {"Version": "2012-10-17", "Statement": [statement]}
    role = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": trust}}
    template = {"Resources": {"R": role}}
    (found,) = trustproof.check([template], properties=[asked], config=config or {}).results
    return found


def test_a_user_is_shown_as_its_unique_id() -> None:
    """Whose a unique id is nobody knows, so no name and no account is made up for it, and it fails no build."""
    found = ask("mfa-required", USER)
    assert found.counterexample is not None
    assert (found.counterexample.caller, found.severity) == (USER, "warning")
    assert USER in found.message
    assert found.remedy is not None
    assert not found.remedy.edits


@pytest.mark.parametrize("named", [[USER, BOB], [BOB, USER], [USER, "111122223333"]])
def test_whoever_else_gets_in_is_shown_first(named: list[str]) -> None:
    """A living user or account beside a unique id is what a finding is about."""
    found = ask("mfa-required", named)
    assert found.counterexample is not None
    assert (found.counterexample.caller.split(":")[4], found.severity) == ("111122223333", "error")
    assert USER not in found.message


def test_a_deleted_role_is_asked_for_no_mfa() -> None:
    """Sessions of a role carry no MFA, by whatever the role is named."""
    assert ask("mfa-required", ROLE).verdict == trustproof.PROVED


@pytest.mark.parametrize(
    ("named", "verdict"),
    [(USER, trustproof.UNKNOWN), (ROLE, trustproof.UNKNOWN), ([ROLE, "444455556666"], trustproof.REFUTED)],
)
def test_a_unique_id_may_be_a_third_partys(named: object, verdict: str) -> None:
    """Whether a unique id is of a third party is not known, and nothing is hidden by it."""
    assert ask("external-id-required", named, VENDOR).verdict == verdict


def test_several_users_are_called_by_their_names() -> None:
    """Where users are named one by one, a finding is about them and not about an account."""
    message = ask("mfa-required", [BOB, "arn:aws:iam::111122223333:user/carol"]).message
    assert message.startswith("each of users bob and carol ")


@pytest.mark.parametrize(
    ("named", "condition", "verdict"),
    [
        (USER, {}, trustproof.UNKNOWN),
        ([BOB, ROLE], {}, trustproof.UNKNOWN),
        (USER, {"Bool": {"aws:MultiFactorAuthPresent": "true"}}, trustproof.UNKNOWN),
        (ROLE, {"StringEquals": {"aws:PrincipalAccount": "111122223333"}}, trustproof.PROVED),
        (ROLE, {"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}, trustproof.PROVED),
        ("111122223333", {"StringLike": {"aws:userid": f"{ROLE}:*"}}, trustproof.PROVED),
        ("*", {"StringLike": {"aws:userid": f"{ROLE}:*"}}, trustproof.UNKNOWN),
        ("*", {"StringEquals": {"aws:userid": [USER, "111122223333"]}}, trustproof.UNKNOWN),
    ],
)
def test_a_unique_id_may_be_somebodys_outside(named: object, condition: dict[str, object], verdict: str) -> None:
    """Of a unique id that a policy lets in as a principal nobody can tell whether it is one's own."""
    allow = {"Effect": "Allow", "Principal": {"AWS": named}, "Action": "sts:AssumeRole", "Condition": condition}
    policy = {"Version": "2012-10-17", "Statement": [allow]}
    config = {"boundary": {"organizations": ["o-a1b2c3d4e5"]}}
    found = trustproof.prove(policy, "inside-boundary", account="111122223333", config=config)
    assert found.verdict == verdict
    assert (USER in found.message or ROLE in found.message) == (verdict == trustproof.UNKNOWN)


@pytest.mark.parametrize(
    ("named", "verdict"), [(USER, trustproof.UNKNOWN), ([USER, "444455556666"], trustproof.REFUTED)]
)
def test_so_it_may_be_at_a_resource(named: object, verdict: str) -> None:
    """The policy of a resource is asked the same, and whoever is surely outside is said first."""
    allow = {"Effect": "Allow", "Principal": {"AWS": named}, "Action": "sns:Publish", "Resource": "*"}
    document = {"Version": "2012-10-17", "Statement": [allow]}
    topic = {"Type": "AWS::SNS::TopicPolicy", "Properties": {"Topics": ["orders"], "PolicyDocument": document}}
    report = trustproof.check(
        [{"Resources": {"R": topic}}], account="111122223333", config={"boundary": {"accounts": ["111122223333"]}}
    )
    (found,) = (one for one in report.results if one.property == "inside-boundary")
    assert found.verdict == verdict
