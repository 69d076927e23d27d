"""
Who is inside the trust boundary of a role: hard pairs of trust policies.
"""

from __future__ import annotations

import pytest

import trustproof
from trustproof.config.reader import read_mapping
from trustproof.inputs.documents.policy_json import parse_policy
from trustproof.model.document import TRUST, Document
from trustproof.properties import registry
from trustproof.proving.answers import Proof
from trustproof.proving.outcomes import subject_for
from trustproof.proving.proofs_alone import is_proved
from trustproof.proving.prover import Prover

Json = dict[str, object]
CONFIG = {
    "boundary": {"accounts": ["222233334444"], "organizations": ["o-aaaabbbbcc"]},
    "third-party": [{"name": "vendor", "accounts": ["444455556666"]}],
}
ANYONE: Json = {"AWS": "*"}
FOREIGN = "999988887777"
ORGANIZATION, PATHS, ARN, ACCOUNT = (
    "aws:PrincipalOrgID",
    "aws:PrincipalOrgPaths",
    "aws:PrincipalArn",
    "aws:PrincipalAccount",
)


def allow(principal: Json, condition: Json | None = None, action: object = "sts:AssumeRole") -> Json:
    """An Allow statement of a trust policy."""
    more = {"Condition": condition} if condition is not None else {}
    return {"Effect": "Allow", "Principal": principal, "Action": action, **more}


def deny(condition: Json, principal: object = "*") -> Json:
    """A Deny statement of a trust policy."""
    return {"Effect": "Deny", "Principal": principal, "Action": "sts:*", "Condition": condition}


def one(key: str, value: object, operator: str = "StringEquals") -> Json:
    """A condition with one test."""
    return {operator: {key: value}}


#: Principals without conditions.
PRINCIPALS: list[tuple[Json, str]] = [
    (ANYONE, "refuted"),
    ({"AWS": "111122223333"}, "proved"),
    ({"AWS": "222233334444"}, "proved"),
    ({"AWS": "444455556666"}, "proved"),
    ({"AWS": FOREIGN}, "refuted"),
    ({"AWS": f"arn:aws:iam::{FOREIGN}:root"}, "refuted"),
    ({"AWS": f"arn:aws:iam::{FOREIGN}:role/app"}, "refuted"),
    ({"AWS": f"arn:aws:iam::{FOREIGN}:user/alice"}, "refuted"),
    ({"AWS": f"arn:aws:sts::{FOREIGN}:assumed-role/app/me"}, "refuted"),
    ({"AWS": ["111122223333", FOREIGN]}, "refuted"),
    ({"AWS": "arn:aws:iam::222233334444:role/app"}, "proved"),
    # A unique id does not say whose it is.
    ({"AWS": "AROAEXAMPLE0000000001"}, "unknown"),
    ({"AWS": ["111122223333", "AIDAEXAMPLE0000000001"]}, "unknown"),
    ({"AWS": [FOREIGN, "AIDAEXAMPLE0000000001"]}, "refuted"),
    # A federated user cannot assume a role.
    ({"AWS": f"arn:aws:sts::{FOREIGN}:federated-user/alice"}, "proved"),
    # No principal element knows this wildcard.
    ({"AWS": "arn:aws:iam::*:root"}, "proved"),
    # Other properties ask about these.
    ({"Service": "ec2.amazonaws.com"}, "proved"),
    ({"Federated": "arn:aws:iam::111122223333:saml-provider/idp"}, "proved"),
]


@pytest.mark.parametrize(("principal", "expected"), PRINCIPALS, ids=[str(case[0]) for case in PRINCIPALS])
def test_principal(principal: Json, expected: str) -> None:
    """Whom a principal admits is known from the principal, where there is no condition."""
    assert verdict(allow(principal)) == expected


#: Conditions next to `{"AWS": "*"}`.
CONDITIONS: list[tuple[Json, str]] = [
    (one(ACCOUNT, "111122223333"), "proved"),
    (one(ACCOUNT, ["111122223333", "222233334444"]), "proved"),
    (one(ACCOUNT, "444455556666"), "proved"),
    (one(ACCOUNT, ["111122223333", FOREIGN]), "refuted"),
    (one(ACCOUNT, "11112222????", "StringLike"), "refuted"),
    (one(ACCOUNT, "111122223333", "StringLike"), "proved"),
    (one(ACCOUNT, "111122223333", "StringEqualsIfExists"), "proved"),
    (one(ACCOUNT, "111122223333", "StringNotEquals"), "refuted"),
    (one(ACCOUNT, FOREIGN, "StringNotEquals"), "refuted"),
    (one(ORGANIZATION, "o-aaaabbbbcc"), "proved"),
    (one(ORGANIZATION, "o-zzzzzzzzzz"), "refuted"),
    (one(ORGANIZATION, "o-aaaabbbbcc", "StringEqualsIfExists"), "refuted"),
    (one(ORGANIZATION, "o-aaaabbbbcc", "ForAllValues:StringEquals"), "refuted"),
    (one(ORGANIZATION, "o-aaaabbbbcc", "ForAnyValue:StringEquals"), "proved"),
    (one(ORGANIZATION, "o-*", "StringLike"), "refuted"),
    (one(ORGANIZATION, "o-aaaabbbbc?", "StringLike"), "refuted"),
    # An exact operator knows no wildcard, and no organization is called so.
    (one(ORGANIZATION, "o-*"), "proved"),
    (one(ORGANIZATION, "false", "Null"), "refuted"),
    (one(ORGANIZATION, "o-zzzzzzzzzz", "StringNotEquals"), "refuted"),
    (one(PATHS, "o-aaaabbbbcc/*", "ForAnyValue:StringLike"), "proved"),
    (one(PATHS, "o-aaaabbbbcc/r-ab12/ou-ab12-11111111/*", "ForAnyValue:StringLike"), "proved"),
    (one(PATHS, "o-aaaabbbbcc/*", "ForAllValues:StringLike"), "refuted"),
    ({**one(PATHS, "o-aaaabbbbcc/*", "ForAllValues:StringLike"), **one(PATHS, "false", "Null")}, "proved"),
    # The ids of organizational units repeat in other organizations.
    (one(PATHS, "*/ou-ab12-11111111/*", "ForAnyValue:StringLike"), "refuted"),
    (one(PATHS, "o-aaaabbbbcc*", "ForAnyValue:StringLike"), "refuted"),
    (one(ARN, "arn:aws:iam::111122223333:role/deploy", "ArnEquals"), "proved"),
    (one(ARN, "arn:aws:iam::111122223333:*", "ArnLike"), "proved"),
    (one(ARN, "arn:*:iam::111122223333:role/*", "ArnLike"), "proved"),
    (one(ARN, "arn:aws:iam::*:role/deploy", "ArnLike"), "refuted"),
    (one(ARN, "arn:aws:iam::*:role/deploy", "ArnEquals"), "refuted"),
    (one(ARN, "arn:aws:iam::*:role/deploy"), "proved"),
    (one(ARN, "arn:aws:iam::111122223333:role/deploy", "ArnNotEquals"), "refuted"),
    (one(ARN, "arn:aws:iam::111122223333:role/deploy", "ArnEqualsIfExists"), "proved"),
    # A wildcard of StringLike crosses the colons of an ARN.
    (one(ARN, "arn:aws:iam:*:111122223333:*", "StringLike"), "refuted"),
    (one(ARN, "arn:aws:iam::111122223333:*", "StringLike"), "proved"),
    # Whoever it is, of whatever account.
    (one("aws:userid", "AROAEXAMPLE0000000001:*", "StringLike"), "unknown"),
    (one("aws:userid", "AIDAEXAMPLE0000000001"), "unknown"),
    (one("aws:userid", "*:deploy", "StringLike"), "refuted"),
    (one("aws:username", "alice"), "refuted"),
    (one("aws:PrincipalTag/team", "red"), "refuted"),
    (one("aws:PrincipalType", "AssumedRole"), "refuted"),
    (one("aws:PrincipalIsAWSService", "false", "Bool"), "refuted"),
    (one("sts:ExternalId", "customer-0815"), "refuted"),
    (one("sts:RoleSessionName", "deploy"), "refuted"),
    (one("aws:UserAgent", "secret-agent"), "refuted"),
    (one("aws:referer", "https://example.com/"), "refuted"),
    (one("aws:MultiFactorAuthPresent", "true", "Bool"), "refuted"),
    # In a trust policy a network says where the caller is, not who.
    (one("aws:SourceIp", "192.0.2.1/32", "IpAddress"), "refuted"),
    (one("aws:SourceVpce", "vpce-0123456789abcdef0"), "refuted"),
    # No principal of an account sends these.
    (one("aws:SourceAccount", "111122223333"), "proved"),
    (one("aws:SourceAccount", "111122223333", "StringEqualsIfExists"), "refuted"),
    (one("aws:PrincipalOrgId", "o-aaaabbbbcc"), "proved"),
    (one("aws:PrincipalOrganization", "o-aaaabbbbcc"), "proved"),
    (one("aws:PrincipalOrganization", "o-aaaabbbbcc", "StringEqualsIfExists"), "refuted"),
    ({**one(ORGANIZATION, "o-zzzzzzzzzz"), "StringLike": {ACCOUNT: "111122223333"}}, "proved"),
]


@pytest.mark.parametrize(("condition", "expected"), CONDITIONS, ids=[str(case[0]) for case in CONDITIONS])
def test_condition(condition: Json, expected: str) -> None:
    """A condition confines the caller where it tests what the caller cannot choose, and fails without it."""
    assert verdict(allow(ANYONE, condition)) == expected


STATEMENTS: list[tuple[str, list[Json], str]] = [
    ("outsiders are denied", [allow(ANYONE), deny(one(ORGANIZATION, "o-aaaabbbbcc", "StringNotEquals"))], "proved"),
    ("if they have one", [allow(ANYONE), deny(one(ORGANIZATION, "o-aaaabbbbcc", "StringNotEqualsIfExists"))], "proved"),
    (
        "some value is another",
        [allow(ANYONE), deny(one(ORGANIZATION, "o-aaaabbbbcc", "ForAnyValue:StringNotEquals"))],
        "refuted",
    ),
    ("one is denied", [allow(ANYONE), deny(one(ORGANIZATION, "o-zzzzzzzzzz"))], "refuted"),
    ("other accounts are denied", [allow(ANYONE), deny(one(ACCOUNT, "111122223333", "StringNotEquals"))], "proved"),
    (
        "other accounts are denied to users only",
        [
            allow(ANYONE),
            deny({**one(ACCOUNT, "111122223333", "StringNotEquals"), "StringLike": {"aws:PrincipalType": "User"}}),
        ],
        "refuted",
    ),
    (
        "the foreign account is denied",
        [allow({"AWS": FOREIGN}), deny(one(ACCOUNT, FOREIGN), {"AWS": FOREIGN})],
        "proved",
    ),
    ("a role of it is denied", [allow({"AWS": FOREIGN}), deny(one(ARN, f"arn:aws:iam::{FOREIGN}:role/x"))], "refuted"),
    ("a second statement", [allow({"AWS": "111122223333"}), allow({"AWS": FOREIGN})], "refuted"),
    ("no credentials", [allow({"AWS": FOREIGN}, None, "sts:TagSession")], "proved"),
    ("with tags", [allow({"AWS": FOREIGN}, None, ["sts:AssumeRole", "sts:TagSession"])], "refuted"),
]


@pytest.mark.parametrize(("statements", "expected"), [case[1:] for case in STATEMENTS], ids=[c[0] for c in STATEMENTS])
def test_statements(statements: list[Json], expected: str) -> None:
    """Statements decide together."""
    assert verdict(*statements) == expected


@pytest.mark.parametrize(
    ("principal", "condition", "expected"),
    [
        (ANYONE, None, "refuted"),
        (ANYONE, one(ORGANIZATION, "false", "Null"), "refuted"),
        ({"AWS": FOREIGN}, None, "unknown"),
        (ANYONE, one(ORGANIZATION, "o-zzzzzzzzzz"), "unknown"),
        (ANYONE, one(ACCOUNT, FOREIGN), "unknown"),
        ({"AWS": "111122223333"}, None, "proved"),
    ],
)
def test_without_a_boundary_only_anyone_is_refuted(principal: Json, condition: Json | None, expected: str) -> None:
    """Nobody is accused of trusting an account that may well be theirs."""
    assert verdict(allow(principal, condition), config={}) == expected


def verdict(*statements: Json, config: Json | None = None) -> str:
    """The verdict on a trust policy; a refutation has a request."""
    policy = {"Version": "2012-10-17", "Statement": list(statements)}
    chosen = CONFIG if config is None else config
    found = trustproof.prove(policy, "inside-boundary", account="111122223333", config=chosen)
    assert (found.counterexample is not None) == (found.verdict == "refuted")
    return found.verdict


@pytest.mark.parametrize(
    "statement",
    [
        {"Principal": {"AWS": "111122223333"}},
        {"Principal": {"AWS": "444455556666"}},
        {"Principal": "*", "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-other"}}},
        {"Principal": "*", "Condition": {"StringEquals": {"aws:PrincipalAccount": ["111122223333", "444455556666"]}}},
        {"Principal": "*", "Condition": {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/deploy"}}},
        {"Principal": {"Service": "ec2.amazonaws.com"}},
        {"Principal": {"AWS": "AROAEXAMPLE0000000000"}},
    ],
    ids=str,
)
def test_anybody_is_an_outsider(statement: dict[str, object]) -> None:
    """Where no outsider gets in, nobody who is named nowhere does; so these are not looked for."""
    document = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "sts:AssumeRole", **statement}}
    config = read_mapping({"boundary": {"accounts": ["222233334444"]}}, known=registry.options())
    policy = parse_policy(document, kind=TRUST)
    subject = subject_for(Document(TRUST, policy, "R", "AWS::IAM::Role", ()), "111122223333", "aws", config)
    asked = registry.find("inside-boundary")
    anybody, outsiders, *_ = asked.questions(subject, 0)
    assert anybody.larger is outsiders
    prover = Prover(subject, asked.inquiry)
    if isinstance(prover.settle(0, [outsiders]), Proof):
        assert isinstance(prover.settle(0, [anybody._replace(larger=None)]), Proof)
        assert isinstance(prover.settle(0, [anybody]), Proof)
        assert is_proved(prover, 0, [anybody, outsiders])


@pytest.mark.parametrize(("account", "verdict"), [("111122223333", "proved"), (FOREIGN, "refuted")])
def test_sessions_of_whichever_role_are_of_its_account(account: str, verdict: str) -> None:
    """A name that a parameter gives to a role changes nothing of whose it is."""
    principal: Json = {"AWS": {"Fn::Sub": f"arn:aws:sts::{account}:assumed-role/${{RoleName}}/me"}}
    properties = {"AssumeRolePolicyDocument": {"Statement": [allow(principal)]}}
    template: Json = {
        "Parameters": {"RoleName": {"Type": "String"}},
        "Resources": {"R": {"Type": "AWS::IAM::Role", "Properties": properties}},
    }
    report = trustproof.check([template], account="111122223333", config=CONFIG, properties=["inside-boundary"])
    assert [found.verdict for found in report.results] == [verdict]
