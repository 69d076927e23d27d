"""
A remedy where a statement has several principals: those whom the property does not mind can use it as before.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import trustproof
from tests.properties.applying import applied, opened

Json = dict[str, object]
OWN, VENDOR = "111122223333", "444455556666"
CONFIG: Json = {
    "boundary": {"accounts": [], "organizations": ["o-a1b2c3d4e5"]},
    "third-party": [{"name": "vendor", "accounts": [VENDOR]}],
}
MFA, EXTERNAL, TENANT, AUDIENCE, DEPUTY, BOUNDARY = (
    "mfa-required",
    "external-id-required",
    "web-identity-bound",
    "saml-audience-bound",
    "no-confused-deputy",
    "inside-boundary",
)
ALICE, ROLE, SESSION = (
    f"arn:aws:{name}"
    for name in (
        f"iam::{OWN}:user/operator",
        f"iam::{OWN}:role/ci",
        f"sts::{OWN}:assumed-role/dev/alice",
    )
)
GITHUB = "token.actions.githubusercontent.com"
OIDC, IDP = f"arn:aws:iam::{OWN}:oidc-provider/{GITHUB}", f"arn:aws:iam::{OWN}:saml-provider/idp"
SCHEDULER, EC2 = "scheduler.amazonaws.com", "ec2.amazonaws.com"
ANY_ACTION = ["sts:AssumeRole", "sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity"]
AGREED: Json = {"StringEquals": {"sts:ExternalId": "cust-1"}}
NO_MFA: Json = {"Bool": {"aws:MultiFactorAuthPresent": "false"}}


def allow(principal: Json, condition: Json | None = None) -> Json:
    """An Allow statement of a trust policy."""
    more = {} if condition is None else {"Condition": condition}
    return {"Effect": "Allow", "Principal": principal, "Action": ANY_ACTION, **more}


def deny(condition: Json) -> Json:
    """A Deny statement for everybody."""
    return {**allow({"AWS": "*"}, condition), "Effect": "Deny"}


#: A property, the statements, whom the property does not mind, and whom the remedy gives a statement of its own.
CASES: list[tuple[str, list[Json], list[tuple[str, str]], str]] = [
    (MFA, [allow({"AWS": [ROLE, ALICE], "Service": EC2})], [("AWS", ROLE), ("Service", EC2)], ALICE),
    (MFA, [allow({"AWS": [SESSION, ALICE]})], [("AWS", SESSION)], ALICE),
    (MFA, [allow({"AWS": [VENDOR, ALICE]}, AGREED)], [("AWS", VENDOR)], ALICE),
    (MFA, [allow({"AWS": ALICE, "Service": EC2})], [("Service", EC2)], ALICE),
    (MFA, [allow({"AWS": [ALICE, ROLE]}), deny(NO_MFA)], [("AWS", ROLE)], ""),
    (
        MFA,
        [allow({"AWS": ALICE, "Service": EC2}), deny({**NO_MFA, "Null": {"aws:PrincipalArn": "false"}})],
        [("Service", EC2)],
        "",
    ),
    (
        TENANT,
        [allow({"AWS": ROLE, "Federated": OIDC}, {"StringLikeIfExists": {f"{GITHUB}:sub": "repo:my-org/*"}})],
        [("AWS", ROLE)],
        OIDC,
    ),
    (AUDIENCE, [allow({"Federated": IDP, "Service": EC2})], [("Service", EC2)], IDP),
    (DEPUTY, [allow({"Service": [SCHEDULER, EC2], "AWS": ROLE})], [("AWS", ROLE)], SCHEDULER),
    # Of EC2 it is not known that it says for whom it calls.
    (DEPUTY, [allow({"Service": [SCHEDULER, EC2]})], [("Service", EC2)], SCHEDULER),
    (BOUNDARY, [allow({"AWS": "*", "Service": EC2})], [("Service", EC2)], "everybody"),
    (BOUNDARY, [allow({"AWS": ["*", OWN]})], [("AWS", OWN)], ""),
]


@pytest.mark.parametrize(
    ("asked", "statements", "others", "own"), CASES, ids=[f"{one[0]} {one[1][0]['Principal']}" for one in CASES]
)
def test_others_get_in_as_before(asked: str, statements: list[Json], others: list[tuple[str, str]], own: str) -> None:
    """Applied, it makes the property proved and no other refuted, and the others can still use the policy."""
    written: Json = {"Version": "2012-10-17", "Statement": statements}
    found = trustproof.prove(written, asked, account=OWN, config=CONFIG)
    assert found.remedy is not None
    assert found.remedy.text.startswith(f"give {own} a statement of its own, and ") is bool(own)
    fixed = applied(written, found)
    assert trustproof.prove(fixed, asked, account=OWN, config=CONFIG).verdict == "proved"
    assert opened(written, fixed, account=OWN, config=CONFIG) == []
    for kind, value in others:
        alone = {"Version": "2012-10-17", "Statement": list(_for_one(fixed, kind, value))}
        assert trustproof.prove(alone, "statement-usable", account=OWN).verdict == "proved"


@pytest.mark.parametrize("beside", [{"AWS": [VENDOR, ROLE]}, {"AWS": VENDOR, "Service": EC2}, {"AWS": VENDOR}])
def test_only_the_vendor_is_told_to_pass_an_external_id(beside: dict[str, Json]) -> None:
    """In words, since only the vendor knows the value: who else the statement lets in has none to pass."""
    written: Json = {"Version": "2012-10-17", "Statement": [allow(beside)]}
    remedy = trustproof.prove(written, EXTERNAL, account=OWN, config=CONFIG).remedy
    assert remedy is not None
    assert remedy.edits == ()
    assert remedy.text.startswith(f"give {VENDOR} a statement of its own, and ") is (beside != {"AWS": VENDOR})


def _for_one(policy: Json, kind: str, value: str) -> list[Json]:
    """The Denies, and what is allowed to one principal."""
    statements = policy["Statement"]
    assert isinstance(statements, list)
    out: list[Json] = []
    for one in statements:
        named = one["Principal"].get(kind, [])
        if one["Effect"] == "Deny":
            out.append(one)
        elif value in (named if isinstance(named, list) else [named]):
            out.append({**one, "Principal": {kind: value}})
    assert any(one["Effect"] == "Allow" for one in out)
    return out


def test_a_vendor_keeps_its_condition() -> None:
    """A vendor signs with an access key, and is held by its external id."""
    written: Json = {"Version": "2012-10-17", "Statement": [allow({"AWS": [VENDOR, ALICE]}, AGREED)]}
    fixed = applied(written, trustproof.prove(written, MFA, account=OWN, config=CONFIG))
    first, second = fixed["Statement"]  # type: ignore[misc]
    assert first == allow({"AWS": VENDOR}, AGREED)
    assert second["Principal"] == {"AWS": ALICE}
    assert second["Condition"] == {**AGREED, "Bool": {"aws:MultiFactorAuthPresent": "true"}}


#: Principals of which a condition of the template chooses.
FORMS: list[object] = [
    {"Fn::If": ["X", {"Service": EC2}, {"AWS": ALICE}]},
    {"AWS": [{"Fn::If": ["X", ALICE, {"Ref": "AWS::NoValue"}]}, ROLE]},
]


@pytest.mark.parametrize("principal", FORMS, ids=str)
def test_others_of_another_form(principal: object, tmp_path: Path) -> None:
    """What is put into a statement is there for each of its forms, so the remedy says who needs one of its own."""
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    role = {"AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [statement]}}
    template = {
        "Parameters": {"E": {"Type": "String"}},
        "Conditions": {"X": {"Fn::Equals": [{"Ref": "E"}, "p"]}},
        "Resources": {"Role": {"Type": "AWS::IAM::Role", "Properties": role}},
    }
    path = tmp_path / "template.json"
    path.write_text(json.dumps(template), encoding="utf-8")
    (found,) = trustproof.check([str(path)], account=OWN, properties=[MFA]).results
    assert found.remedy is not None
    assert found.remedy.text.startswith(f"give {ALICE} a statement of its own, and allow only requests")
    assert found.remedy.diff == ()


def test_others_of_a_queue(tmp_path: Path) -> None:
    """In a resource policy too, others in the statement do not say for whom they call."""
    statement = {"Effect": "Allow", "Principal": {"AWS": ROLE, "Service": "events.amazonaws.com"}, "Action": "sqs:*"}
    queue = {"Queues": ["q"], "PolicyDocument": {"Version": "2012-10-17", "Statement": {**statement, "Resource": "*"}}}
    path = tmp_path / "template.json"
    path.write_text(json.dumps({"Resources": {"It": {"Type": "AWS::SQS::QueuePolicy", "Properties": queue}}}), "utf-8")
    (found,) = trustproof.check([str(path)], account=OWN, properties=[DEPUTY]).results
    assert found.remedy is not None
    assert found.remedy.diff[3] == (
        '+ "Statement": [{...}, {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, '
        '"Action": "sqs:*", "Resource": "*", '
        f'"Condition": {{"ArnLike": {{"aws:SourceArn": "arn:aws:events:*:{OWN}:*"}}}}}}]'
    )


#: Denies that do not stop a user without MFA, and the age that the project asks for.
DENIES: list[tuple[Json, int | None]] = [
    ({"Bool": {"aws:MultiFactorAuthPresent": "false"}, "Null": {"aws:MultiFactorAuthPresent": "true"}}, None),
    ({"Bool": {"aws:MultiFactorAuthPresent": "false"}, "Null": {"aws:MultiFactorAuthAge": "true"}}, None),
    ({"Bool": {"aws:MultiFactorAuthPresent": "false"}, "BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}, None),
    ({**NO_MFA, "DateGreaterThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"}}, None),
    ({**NO_MFA, "StringEquals": {"aws:username": "bob"}}, None),
    (NO_MFA, 3600),
    ({"NumericGreaterThan": {"aws:MultiFactorAuthAge": "3600"}}, 3600),
]


@pytest.mark.parametrize(("condition", "seconds"), DENIES, ids=str)
def test_a_deny_is_put_right(condition: Json, seconds: int | None) -> None:
    """Whatever else of the Deny looks at MFA, applied, the remedy stops all whom the property is about."""
    written: Json = {"Version": "2012-10-17", "Statement": [allow({"AWS": OWN}), deny(condition)]}
    config: Json = {} if seconds is None else {"properties": {MFA: {"max-age": seconds}}}
    found = trustproof.prove(written, MFA, account=OWN, config=config)
    if found.verdict != "proved":
        fixed = applied(written, found)
        assert trustproof.prove(fixed, MFA, account=OWN, config=config).verdict == "proved"
        assert opened(written, fixed, account=OWN, config=config) == []


def test_a_user_without_a_deny() -> None:
    """Where the age of the MFA is bounded, MFA alone would not do."""
    written: Json = {"Version": "2012-10-17", "Statement": [allow({"AWS": ALICE})]}
    config: Json = {"properties": {MFA: {"max-age": 900}}}
    found = trustproof.prove(written, MFA, account=OWN, config=config)
    assert found.remedy is not None
    assert found.remedy.diff == ('+ "Condition": {"NumericLessThanEquals": {"aws:MultiFactorAuthAge": "900"}}',)


def test_a_deny_of_an_identity_policy(tmp_path: Path) -> None:
    """The same for what a user may do."""
    both = {**NO_MFA, "Null": {"aws:MultiFactorAuthPresent": "true"}}
    everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    document = {"Version": "2012-10-17", "Statement": [everything, {**everything, "Effect": "Deny", "Condition": both}]}
    user = {"Policies": [{"PolicyName": "p", "PolicyDocument": document}]}
    path = tmp_path / "template.json"
    path.write_text(json.dumps({"Resources": {"User": {"Type": "AWS::IAM::User", "Properties": user}}}), "utf-8")
    report = trustproof.check([str(path)], account=OWN, properties=["sensitive-actions-require-mfa"])
    (found,) = [result for result in report.results if result.verdict == "refuted"]
    assert found.remedy is not None
    assert found.remedy.diff[-1] == '+ "BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}'


@pytest.mark.parametrize("other", [VENDOR, f"arn:aws:iam::{VENDOR}:root", f"arn:aws:iam::{VENDOR}:user/operator"])
def test_an_account_beside_a_wildcard(other: str) -> None:
    """Nobody knows whether an account that is named is of the reader's organization, so it keeps its statement."""
    statement = {"Effect": "Allow", "Principal": {"AWS": [other, "*"]}, "Action": "sts:AssumeRole"}
    written: Json = {"Version": "2012-10-17", "Statement": [statement]}
    ours = {"organizations": ["o-a1b2c3d4e5"]}
    config = {"boundary": ours, "third-party": [{"name": "vendor", "accounts": [VENDOR]}]}
    found = trustproof.prove(written, BOUNDARY, account=OWN, config=config)
    assert found.verdict == "refuted"
    assert found.remedy is not None
    assert found.remedy.text.startswith("give everybody a statement of its own, and name the account")
    first, second = applied(written, found)["Statement"]  # type: ignore[misc]
    assert first == {**statement, "Principal": {"AWS": other}}
    assert second["Condition"] == {"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}
