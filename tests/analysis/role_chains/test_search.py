"""
Role chains over all templates of a run.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import trustproof
from tests.analysis.role_chains.templates import (
    HUB,
    MFA,
    PROD,
    ROLES_ONLY,
    Json,
    arn,
    assuming,
    check,
    document,
    role,
    session,
    statement,
)

ENTRY = role("entry", statement(HUB), assumes=arn(PROD, "admin"))
ENTRY_HERE = role("entry", statement(HUB), assumes=arn(HUB, "admin"))
ENTRY_WITH_MFA = role("entry", statement(HUB, MFA), assumes=arn(PROD, "admin"))
ENTRY_WITHOUT_PERMISSION = role("entry", statement(HUB))
ADMIN = role("admin", statement(HUB, MFA), statement(arn(HUB, "entry")))


def verdicts(tmp_path: Path, hub: dict[str, Json], prod: dict[str, Json]) -> dict[str, trustproof.Result]:
    """Logical id to the result about it, for templates of two accounts."""
    files = []
    for name, account, resources in (("hub", HUB, hub), ("prod", PROD, prod)):
        file = tmp_path / f"{name}.json"
        file.write_text(json.dumps({"Resources": resources}), encoding="utf-8")
        files.append((str(file), account, None))
    report = trustproof.check_templates(files, properties=["mfa-survives-chaining"])
    return {result.logical_id: result for result in report.results}


def test_chain_across_accounts_and_templates_is_refuted(tmp_path: Path) -> None:
    """A role without MFA in one account leads to a role that demands it in another; the path is named."""
    found = verdicts(tmp_path, {"Entry": ENTRY}, {"Admin": ADMIN})["Admin"]
    assert found.verdict == "refuted"
    assert found.counterexample is not None
    assert found.counterexample.caller == arn(HUB, "x").replace("role/x", "user/alice")
    assert f"{arn(HUB, 'entry')} -> {arn(PROD, 'admin')}" in found.message


VENDOR = "999988887777"


@pytest.mark.parametrize(
    ("statements", "verdict"),
    [
        ([statement(VENDOR, {"StringEquals": {"sts:ExternalId": "agreed"}}), statement(arn(HUB, "entry"))], "refuted"),
        ([statement(VENDOR, {"StringLike": {"sts:ExternalId": "a-*"}}), statement(arn(HUB, "entry"))], "refuted"),
        ([statement(HUB, {"StringLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/entry"}})], "refuted"),
        ([statement(VENDOR, {"StringEquals": {"sts:ExternalId": "agreed"}})], "proved"),
        # Whoever gets in without any of this is told of by mfa-required.
        ([statement(VENDOR), statement(arn(HUB, "entry"))], None),
        ([statement(HUB, {"StringEquals": {"sts:ExternalId": "agreed"}}), statement(arn(HUB, "entry"))], None),
        (
            [
                statement(VENDOR, {"StringEquals": {"sts:ExternalId": "agreed"}}),
                statement(HUB, {"StringLike": {"aws:PrincipalTag/team": "*"}}),
                statement(arn(HUB, "entry")),
            ],
            None,
        ),
    ],
)
def test_a_role_that_lets_in_a_vendor_as_well_demands_mfa_of_its_own_people(
    statements: list[Json], verdict: str | None, tmp_path: Path
) -> None:
    """A way of `mfa-required` that is only worth a note does not switch the question of chains off."""
    admin = role("admin", statement(HUB, MFA), *statements)
    found = check(tmp_path, {"Entry": ENTRY_HERE, "Admin": admin}).get("Admin")
    assert (None if found is None else found.verdict) == verdict


ODD_PATHS = {"StringLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/*"}}
SCHEDULER: Json = {"Service": "scheduler.amazonaws.com"}
WITHOUT_MFA: Json = {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}


@pytest.mark.parametrize(
    ("tested", "asked"),
    [
        (statement(HUB, MFA), True),
        (statement(arn(HUB, "entry").replace(":role/", ":user/"), MFA), True),
        (statement("*", MFA), True),
        ({**statement(HUB, MFA), "Principal": SCHEDULER}, False),
        (statement(arn(HUB, "entry"), MFA), False),
        (statement(HUB, {**MFA, **ROLES_ONLY}), False),
        ({**statement(HUB, WITHOUT_MFA), "Principal": SCHEDULER, "Effect": "Deny"}, False),
        ({**statement(arn(HUB, "entry"), WITHOUT_MFA), "Effect": "Deny"}, False),
    ],
)
def test_mfa_that_is_asked_of_others_than_users_is_no_demand(tested: Json, asked: bool, tmp_path: Path) -> None:
    """Who gets in by an odd path alone, beside a test of MFA that no user is held to, is asked for no MFA."""
    admin = role("admin", statement(HUB, ODD_PATHS), tested)
    assert ("Admin" in check(tmp_path, {"Entry": ENTRY_HERE, "Admin": admin})) is asked


@pytest.mark.parametrize(
    ("entry", "why"),
    [(ENTRY_WITH_MFA, "the entry demands MFA"), (ENTRY_WITHOUT_PERMISSION, "another account needs both sides")],
)
def test_chain_that_breaks_is_proved(entry: Json, why: str, tmp_path: Path) -> None:
    """Where one step is missing there is no chain."""
    assert verdicts(tmp_path, {"Entry": entry}, {"Admin": ADMIN})["Admin"].verdict == "proved", why


def test_within_an_account_the_trust_policy_is_enough(tmp_path: Path) -> None:
    """A trust policy that names a role of its own account needs no identity policy."""
    entry = role("entry", statement(HUB))
    admin = role("admin", statement(HUB, MFA), statement(arn(HUB, "entry")))
    assert verdicts(tmp_path, {"Entry": entry, "Admin": admin}, {})["Admin"].verdict == "refuted"


def test_account_principal_needs_an_identity_policy(tmp_path: Path) -> None:
    """A trust policy that names the account lets in only roles that may ask."""
    admin = role("admin", statement(HUB, MFA), statement(HUB, ROLES_ONLY))
    silent = role("entry", statement(HUB))
    asking = role("entry", statement(HUB), assumes="*")
    assert verdicts(tmp_path, {"Entry": silent, "Admin": admin}, {})["Admin"].verdict == "proved"
    assert verdicts(tmp_path, {"Entry": asking, "Admin": admin}, {})["Admin"].verdict == "refuted"


@pytest.mark.parametrize(("account", "expected"), [(HUB, "refuted"), (PROD, "proved")])
def test_a_role_is_of_the_account_in_its_arn(account: str, expected: str, tmp_path: Path) -> None:
    """What may be assumed in another account only leads nowhere here."""
    only = assuming("*", Condition={"StringEquals": {"aws:ResourceAccount": account}})
    entry = role("entry", statement(HUB), Policies=[{"PolicyName": "next", "PolicyDocument": only}])
    admin = role("admin", statement(HUB, MFA), statement(HUB, ROLES_ONLY))
    assert check(tmp_path, {"Entry": entry, "Admin": admin})["Admin"].verdict == expected


@pytest.mark.parametrize("service", ["aws", "iam"])
@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ([{"Key": "Zone", "Value": "ops"}], "refuted"),
        ([{"Key": "Zone", "Value": "prod"}], "proved"),
        # A stack may give it that.
        ([{"Key": "Stage", "Value": "prod"}], "refuted"),
    ],
)
def test_a_role_that_is_assumed_has_its_own_tags(tags: object, expected: str, service: str, tmp_path: Path) -> None:
    """What may be assumed by its tags is what has them."""
    only = assuming("*", Condition={"StringEquals": {f"{service}:ResourceTag/zone": "ops"}})
    entry = role("entry", statement(HUB), Policies=[{"PolicyName": "next", "PolicyDocument": only}])
    admin = role("admin", statement(HUB, MFA), statement(HUB, ROLES_ONLY), Tags=tags)
    assert check(tmp_path, {"Entry": entry, "Admin": admin})["Admin"].verdict == expected


#: What a role's own policy demands of the request, and what the trust policy of the next one does.
DEMANDS: list[tuple[Json, Json, str]] = [
    ({"StringEquals": {"sts:ExternalId": "acme-1"}}, {"StringEquals": {"sts:ExternalId": "acme-2"}}, "proved"),
    ({"StringEquals": {"sts:ExternalId": "acme-1"}}, {"StringLike": {"sts:ExternalId": "acme-*"}}, "refuted"),
    ({"StringEquals": {"aws:RequestedRegion": "us-east-1"}}, {"StringLike": {"aws:RequestedRegion": "eu-*"}}, "proved"),
    ({"StringEquals": {"sts:ExternalId": "acme-1"}}, {"Null": {"sts:ExternalId": "true"}}, "proved"),
    ({"StringEquals": {"sts:ExternalId": "acme-1"}}, {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}, "refuted"),
    ({"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}, {"StringEquals": {"aws:SourceVpc": "vpc-1"}}, "proved"),
    # What has to be passed needs a permission of its own.
    ({"StringEquals": {"aws:RequestTag/team": "ops"}}, {"Bool": {"aws:ViaAWSService": "false"}}, "proved"),
]


@pytest.mark.parametrize(("own", "trusted", "expected"), DEMANDS)
def test_both_policies_let_in_one_request(own: Json, trusted: Json, expected: str, tmp_path: Path) -> None:
    """What the caller's policy demands and what the trust policy demands must go together."""
    policies = [{"PolicyName": "next", "PolicyDocument": assuming(arn(HUB, "admin"), Condition=own)}]
    entry = role("entry", statement(HUB), Policies=policies)
    admin = role("admin", statement(HUB, MFA), statement(HUB, {**ROLES_ONLY, **trusted}))
    assert check(tmp_path, {"Entry": entry, "Admin": admin})["Admin"].verdict == expected


@pytest.mark.parametrize(
    ("action", "expected"), [(["sts:AssumeRole", "sts:TagSession"], "refuted"), ("sts:AssumeRole", "proved")]
)
def test_what_only_a_deny_of_the_caller_asks_for_can_be_passed(action: object, expected: str, tmp_path: Path) -> None:
    """A tag that nothing but the caller's own Deny speaks of is passed where the trust policy allows it."""
    untagged = {
        "Effect": "Deny",
        "Action": "sts:AssumeRole",
        "Resource": "*",
        "Condition": {"Null": {"aws:RequestTag/team": "true"}},
    }
    allowed = {"Effect": "Allow", "Action": "sts:*", "Resource": "*"}
    policies = [{"PolicyName": "next", "PolicyDocument": document(allowed, untagged)}]
    entry = role("entry", statement(HUB), Policies=policies)
    admin = role("admin", statement(HUB, MFA), statement(arn(HUB, "entry"), action=action))
    assert check(tmp_path, {"Entry": entry, "Admin": admin})["Admin"].verdict == expected


@pytest.mark.parametrize("effect", ["Allow", "Deny"])
def test_nobody_knows_which_organization_a_role_is_in(effect: str, tmp_path: Path) -> None:
    """An organization that the caller's policies write down may be the one that the next role is in."""
    only: Json = {("StringEquals" if effect == "Allow" else "StringNotEquals"): {"aws:ResourceOrgID": "o-a1b2c3d4e5"}}
    one: Json = {"Effect": effect, "Action": "sts:AssumeRole", "Resource": "*", "Condition": only}
    every: Json = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}
    content = document(one) if effect == "Allow" else document(every, one)
    entry = role("entry", statement(HUB), Policies=[{"PolicyName": "next", "PolicyDocument": content}])
    admin = role("admin", statement(HUB, MFA), statement(HUB, ROLES_ONLY))
    assert check(tmp_path, {"Entry": entry, "Admin": admin})["Admin"].verdict == "refuted"


def test_many_hops_are_followed(tmp_path: Path) -> None:
    """The chain may have any number of roles."""
    hops = {f"H{i}": role(f"h{i}", statement(arn(HUB, f"h{i - 1}"))) for i in range(1, 6)}
    first = role("h0", statement(HUB))
    admin = role("admin", statement(HUB, MFA), statement(arn(HUB, "h5")))
    found = verdicts(tmp_path, {"H0": first, **hops, "Admin": admin}, {})["Admin"]
    assert found.verdict == "refuted"
    assert all(f"role/h{i}" in found.message for i in range(6))


def test_unknown_managed_policy_leaves_the_chain_open(tmp_path: Path) -> None:
    """A chain that depends on a policy that is in no template is unknown, and the reason names the policy."""
    entry = role("entry", statement(HUB), ManagedPolicyArns=[f"arn:aws:iam::{HUB}:policy/unseen"])
    found = verdicts(tmp_path, {"Entry": entry}, {"Admin": ADMIN})["Admin"]
    assert found.verdict == "unknown"
    assert any("policy/unseen" in reason for reason in found.reasons)


def test_administrator_may_assume_anything(tmp_path: Path) -> None:
    """AWS's AdministratorAccess is known to allow the step."""
    entry = role("entry", statement(HUB), ManagedPolicyArns=["arn:aws:iam::aws:policy/AdministratorAccess"])
    assert verdicts(tmp_path, {"Entry": entry}, {"Admin": ADMIN})["Admin"].verdict == "refuted"


def test_role_without_mfa_is_not_asked(tmp_path: Path) -> None:
    """A role that does not demand MFA has nothing that could be walked around."""
    assert "Entry" not in verdicts(tmp_path, {"Entry": ENTRY}, {"Admin": ADMIN})


@pytest.mark.parametrize(
    ("trusted", "verdict"),
    [
        (arn(HUB, "entry"), "refuted"),
        (session(HUB, "deploy", "entry"), "refuted"),
        ([HUB, session(HUB, "deploy", "entry")], "refuted"),
        ("*", "refuted"),
        (session(HUB, "deploy", "entr"), "proved"),
        (session(PROD, "deploy", "entry"), "proved"),
        (HUB, "proved"),
    ],
)
def test_whoever_is_named_needs_no_identity_policy(trusted: object, verdict: str, tmp_path: Path) -> None:
    """Within an account an Allow of everybody, a role or a session lets in what an Allow of the account does not."""
    condition = ROLES_ONLY if trusted == "*" else None
    found = check(
        tmp_path,
        {
            "Entry": role("entry", statement(HUB)),
            "Admin": role("admin", statement(HUB, MFA), statement(trusted, condition or ROLES_ONLY)),
        },
    )["Admin"]
    assert found.verdict == verdict


def test_a_session_has_the_name_that_is_trusted(tmp_path: Path) -> None:
    """The user gives the session the name that the next step asks for, and the counterexample shows it."""
    trusting = statement(session(HUB, "deploy", "entry"))
    admin = role("admin", statement(HUB, MFA), trusting)
    found = check(tmp_path, {"Entry": role("entry", statement(HUB)), "Admin": admin})["Admin"]
    assert found.counterexample is not None
    assert found.counterexample.context["sts:RoleSessionName"] == "deploy"
    assert f"a session of {arn(HUB, 'entry')} with the name deploy may assume {arn(HUB, 'admin')}" in found.why[1]


@pytest.mark.parametrize("effect", ["Allow", "Deny"])
def test_a_deny_of_the_identity_stops_a_role_that_is_named(effect: str, tmp_path: Path) -> None:
    """An explicit deny in an identity policy wins over a trust policy that names the role."""
    policy = document({"Effect": effect, "Action": "sts:*", "Resource": arn(HUB, "admin")})
    entry = role("entry", statement(HUB), Policies=[{"PolicyName": "next", "PolicyDocument": policy}])
    admin = role("admin", statement(HUB, MFA), statement(arn(HUB, "entry")))
    verdict = check(tmp_path, {"Entry": entry, "Admin": admin})["Admin"].verdict
    assert verdict == ("refuted" if effect == "Allow" else "proved")


@pytest.mark.parametrize(
    ("trusted", "allowed", "verdict"),
    [
        (arn(HUB, "entry"), "sts:AssumeRole", "refuted"),
        (arn(HUB, "entry"), "s3:*", "proved"),
        (session(HUB, "deploy", "entry"), "s3:*", "refuted"),
    ],
)
def test_a_boundary_holds_a_role_and_not_its_session(trusted: str, allowed: str, verdict: str, tmp_path: Path) -> None:
    """What a trust policy gives a role ends at its permissions boundary; what it gives a session does not."""
    limit = document({"Effect": "Allow", "Action": allowed, "Resource": "*"})
    resources: dict[str, Json] = {
        "Limit": {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": limit}},
        "Entry": role("entry", statement(HUB), PermissionsBoundary={"Ref": "Limit"}),
        "Admin": role("admin", statement(HUB, MFA), statement(trusted)),
    }
    assert check(tmp_path, resources)["Admin"].verdict == verdict


STAGES: dict[str, Json] = {
    "Parameters": {"Stage": {"Type": "String", "Default": "prod"}},
    "Conditions": {
        "IsProd": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]},
        "NotProd": {"Fn::Not": [{"Condition": "IsProd"}]},
    },
}


def allowing(action: str) -> Json:
    """A policy that allows an action on everything."""
    return document({"Effect": "Allow", "Action": action, "Resource": "*"})


def test_a_boundary_that_is_in_no_template_leaves_the_chain_open(tmp_path: Path) -> None:
    """A boundary that nobody has seen may stop what the policies allow."""
    limit = f"arn:aws:iam::{HUB}:policy/limit"
    for more in ({"assumes": "*"}, {}):
        entry = role("entry", statement(HUB), PermissionsBoundary=limit, **more)
        admin = role("admin", statement(HUB, MFA), statement(arn(HUB, "entry") if not more else HUB, ROLES_ONLY))
        found = check(tmp_path, {"Entry": entry, "Admin": admin})["Admin"]
        assert found.verdict == "unknown"
        assert any("permissions boundary" in reason and limit in reason for reason in found.reasons)


@pytest.mark.parametrize("default", ["prod", "dev"])
def test_a_boundary_that_a_condition_decides(default: str, tmp_path: Path) -> None:
    """The chain is there in the deployments that have no boundary, or one that lets assume."""
    sections = {**STAGES, "Parameters": {"Stage": {"Type": "String", "Default": default}}}

    def verdict(*boundary: object, **more: object) -> tuple[str, str | None]:
        entry = role("entry", statement(HUB), assumes="*", PermissionsBoundary={"Fn::If": ["IsProd", *boundary]})
        resources: Json = {
            "Closed": {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": allowing("s3:*")}},
            "Wide": {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": allowing("*")}},
            "Entry": entry,
            "Admin": {**role("admin", statement(HUB, MFA), statement(HUB, ROLES_ONLY)), **more},
        }
        found = check(tmp_path, {**sections, "Resources": resources})["Admin"]
        shown = found.counterexample
        return found.verdict, None if shown is None else shown.parameters.get("Stage", default)

    closed, wide, none = {"Ref": "Closed"}, {"Ref": "Wide"}, {"Ref": "AWS::NoValue"}
    assert verdict(closed, closed) == ("proved", None)
    for other in (wide, none):
        found, stage = verdict(closed, other)
        assert found == "refuted"
        assert stage != "prod"
        assert verdict(other, closed) == ("refuted", "prod")
        # Both roles have to be there at once.
        assert verdict(closed, other, Condition="IsProd")[0] == "proved"
        assert verdict(other, closed, Condition="IsProd")[0] == "refuted"


def test_the_boundary_of_the_role_that_is_reached_changes_nothing(tmp_path: Path) -> None:
    """There is one result about a role, whichever boundary it has."""
    limit = {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": allowing("s3:*")}}
    sometimes = {"Fn::If": ["IsProd", {"Ref": "Limit"}, {"Ref": "AWS::NoValue"}]}
    for trusted, verdict in ((ROLES_ONLY, "refuted"), (MFA, "proved")):
        resources = {
            "Limit": limit,
            "Entry": role("entry", statement(HUB), assumes="*"),
            "Admin": role("admin", statement(HUB, MFA), statement(HUB, trusted), PermissionsBoundary=sometimes),
        }
        assert check(tmp_path, {**STAGES, "Resources": resources})["Admin"].verdict == verdict


def test_one_request_passes_all_policies(tmp_path: Path) -> None:
    """An external id that the trust policy wants and one that the identity policy allows are one and the same."""
    for wanted, verdict in (("abc", "refuted"), ("xyz", "proved")):
        policy = document(
            {
                "Effect": "Allow",
                "Action": "sts:AssumeRole",
                "Resource": "*",
                "Condition": {"StringEquals": {"sts:ExternalId": "abc"}},
            }
        )
        entry = role("entry", statement(HUB), Policies=[{"PolicyName": "next", "PolicyDocument": policy}])
        demanding = statement(HUB, {**ROLES_ONLY, "StringEquals": {"sts:ExternalId": wanted}})
        found = check(tmp_path, {"Entry": entry, "Admin": role("admin", statement(HUB, MFA), demanding)})["Admin"]
        assert found.verdict == verdict


@pytest.mark.parametrize(
    ("entry", "admin", "verdict"),
    [
        ("IsProd", "IsProd", "refuted"),
        ("NotProd", "NotProd", "refuted"),
        ("NotProd", "IsProd", "proved"),
        ("IsProd", "NotProd", "proved"),
        ("", "NotProd", "refuted"),
    ],
)
def test_roles_of_one_template_meet_where_both_are(entry: str, admin: str, verdict: str, tmp_path: Path) -> None:
    """Two roles that no deployment has together are no chain; the parameters shown are those that have both."""
    roles = {
        "Entry": role("entry", statement(HUB)),
        "Admin": role("admin", statement(HUB, MFA), statement(arn(HUB, "entry"))),
    }
    for logical_id, condition in (("Entry", entry), ("Admin", admin)):
        roles[logical_id].update({"Condition": condition} if condition else {})
    found = check(tmp_path, {**STAGES, "Resources": roles})["Admin"]
    assert found.verdict == verdict
    if verdict == "refuted":
        assert found.counterexample is not None
        stage = found.counterexample.parameters.get("Stage", "prod")
        assert (stage == "prod") is (admin == "IsProd")


def test_roles_of_two_templates_meet_whatever_their_conditions_are_called(tmp_path: Path) -> None:
    """Each template is deployed with parameters of its own."""
    entry = {"Entry": {**role("entry", statement(HUB)), "Condition": "NotProd"}}
    admin = {"Admin": {**role("admin", statement(HUB, MFA), statement(arn(HUB, "entry"))), "Condition": "IsProd"}}
    found = check(tmp_path, {**STAGES, "Resources": entry}, {**STAGES, "Resources": admin})
    assert found["Admin"].verdict == "refuted"


@pytest.mark.parametrize(("when", "verdict"), [("IsProd", "refuted"), ("NotProd", "proved")])
def test_the_steps_of_a_chain_are_of_one_deployment(when: str, verdict: str, tmp_path: Path) -> None:
    """A hole that is open in one deployment leads nowhere if the next step is open in another."""
    hole = {"Fn::If": ["IsProd", {"BoolIfExists": {"aws:MultiFactorAuthPresent": "true"}}, MFA]}
    trusting = {"Fn::If": [when, statement(arn(HUB, "entry")), {"Ref": "AWS::NoValue"}]}
    roles = {"Entry": role("entry", statement(HUB, hole)), "Admin": role("admin", statement(HUB, MFA), trusting)}
    found = check(tmp_path, {**STAGES, "Resources": roles})["Admin"]
    assert found.verdict == verdict


def test_a_role_with_several_durations_is_one_role(tmp_path: Path) -> None:
    """What a condition decides besides the policies makes no second role, and no second result."""
    admin = role("admin", statement(HUB, MFA), MaxSessionDuration={"Fn::If": ["IsProd", 3600, 7200]})
    file = tmp_path / "template.json"
    file.write_text(json.dumps({**STAGES, "Resources": {"Admin": admin}}), encoding="utf-8")
    report = trustproof.check([str(file)], properties=["mfa-survives-chaining"])
    assert [result.logical_id for result in report.results] == ["Admin"]


#: What the protected role asks of the step, and how the report says it.
SENT: list[tuple[Json, str]] = [
    ({"StringEquals": {"sts:ExternalId": "x-secret"}}, "sts:ExternalId x-secret"),
    (
        {"StringEquals": {"sts:ExternalId": "x-secret", "aws:RequestedRegion": "eu-west-1"}},
        "aws:RequestedRegion eu-west-1 and sts:ExternalId x-secret",
    ),
]


@pytest.mark.parametrize(("condition", "sent"), SENT)
def test_what_a_step_sends(condition: Json, sent: str, tmp_path: Path) -> None:
    """The report points at the statement that lets the session in, and says what the call has to carry."""
    admin = role("admin", statement(HUB, MFA), statement(arn(HUB, "entry"), condition))
    found = check(tmp_path, {"Entry": role("entry", statement(HUB)), "Admin": admin})["Admin"]
    assert found.path[-3:] == ("Statement", 1, "Principal")
    assert found.why[1] == (
        f"a session of {arn(HUB, 'entry')} may assume {arn(HUB, 'admin')}, in a call with {sent}; it carries no MFA "
        "information"
    )


def test_the_statement_of_a_deployment(tmp_path: Path) -> None:
    """Where a parameter gives whom the role trusts, the statement is found in the deployment."""
    trusting = statement({"Ref": "Who"})
    template: Json = {
        "Parameters": {"Who": {"Type": "String", "AllowedValues": [arn(HUB, "entry")]}},
        "Resources": {
            "Entry": role("entry", statement(HUB)),
            "Admin": role("admin", statement(HUB, MFA), trusting),
        },
    }
    file = tmp_path / "template.json"
    file.write_text(json.dumps(template), encoding="utf-8")
    report = trustproof.check([str(file)], account=HUB, properties=["mfa-survives-chaining"])
    (found,) = [result for result in report.results if result.logical_id == "Admin"]
    assert found.verdict == "refuted"
    assert found.path[-3:] == ("Statement", 1, "Principal")


#: Trusted by the role of the other template, in the account of that one.
ADMIN_OF_HUB = role("admin", statement(HUB, MFA), statement(arn(HUB, "entry")))


@pytest.mark.parametrize(
    ("entry_account", "entry", "admin_account", "admin", "verdict"),
    [
        (HUB, ENTRY_HERE, None, ADMIN_OF_HUB, "refuted"),
        (None, ENTRY_HERE, HUB, ADMIN_OF_HUB, "refuted"),
        (None, ENTRY_WITHOUT_PERMISSION, HUB, ADMIN_OF_HUB, "refuted"),
        # It may ask for the role of one account, and the other is in another one.
        (HUB, ENTRY, HUB, ADMIN_OF_HUB, "refuted"),
        (HUB, ENTRY, PROD, ADMIN_OF_HUB, "refuted"),
        (HUB, ENTRY_HERE, PROD, ADMIN_OF_HUB, "proved"),
        (HUB, ENTRY_WITH_MFA, None, ADMIN_OF_HUB, "proved"),
    ],
)
def test_a_template_that_does_not_say_its_account_may_be_in_that_of_another(
    entry_account: str | None, entry: Json, admin_account: str | None, admin: Json, verdict: str, tmp_path: Path
) -> None:
    """What holds only in other accounts is no proof: the role may be where the other template has the one it trusts."""
    files = []
    for name, account, content in (("Entry", entry_account, entry), ("Admin", admin_account, admin)):
        file = tmp_path / f"{name}.json"
        file.write_text(json.dumps({"Resources": {name: content}}), encoding="utf-8")
        files.append((str(file), account, None))
    report = trustproof.check_templates(files, properties=["mfa-survives-chaining"])
    (found,) = (one for one in report.results if one.logical_id == "Admin")
    assert found.verdict == verdict
    if verdict == "refuted" and None in (entry_account, admin_account):
        assert f"{arn(HUB, 'entry')} -> {arn(HUB, 'admin')}" in found.message


@pytest.mark.parametrize("count", [15, 16, 40])
def test_a_template_that_names_many_accounts(count: int, tmp_path: Path) -> None:
    """It is looked at in that of another template, however many it names."""
    others = [statement(f"{number:012}") for number in range(1, count + 1)]
    files = []
    templates = (
        ("Entry", HUB, {"Entry": ENTRY_HERE}),
        ("Admin", None, {"Admin": ADMIN_OF_HUB, "More": role("more", *others)}),
    )
    for name, account, resources in templates:
        file = tmp_path / f"{name}.json"
        file.write_text(json.dumps({"Resources": resources}), encoding="utf-8")
        files.append((str(file), account, None))
    report = trustproof.check_templates(files, properties=["mfa-survives-chaining"])
    (found,) = (one for one in report.results if one.logical_id == "Admin")
    assert found.verdict == "refuted"


def test_two_templates_have_different_values_of_one_name(tmp_path: Path) -> None:
    """Each is said with its file: at one value for both, nobody reaches the role."""
    parameters: Json = {"Stage": {"Type": "String", "AllowedValues": ["qa", "prod"]}}
    by_stage = {"Fn::Sub": f"arn:aws:iam::{HUB}:role/${{Stage}}-entry"}
    other: Json = {"Fn::FindInMap": ["Names", {"Ref": "Stage"}, "Entry"]}
    names: Json = {"Names": {"qa": {"Entry": "prod-entry"}, "prod": {"Entry": "qa-entry"}}}
    entry = role(None, statement(HUB), assumes="*", RoleName=other)
    admin = role("admin", statement(HUB, MFA), statement(by_stage))
    files = []
    for name, content in (
        ("hub", {"Mappings": names, "Resources": {"E": entry}}),
        ("app", {"Resources": {"A": admin}}),
    ):
        file = tmp_path / f"{name}.json"
        file.write_text(json.dumps({"Parameters": parameters, **content}), encoding="utf-8")
        files.append((str(file), HUB, None))
    report = trustproof.check_templates(files, properties=["mfa-survives-chaining"])
    (found,) = report.results
    assert found.counterexample is not None
    assert sorted(found.counterexample.parameters.items()) in (
        [("app/Stage", "prod"), ("hub/Stage", "qa")],
        [("app/Stage", "qa"), ("hub/Stage", "prod")],
    )
