"""
What findings are found next to: neither a baseline nor a waiver covers one that is held back by less than then.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import trustproof
from trustproof.inputs.terraform.types.table import RESOURCE, is_put_on, table
from trustproof.output.json import render as render_json
from trustproof.results.baseline import compare, entries, from_json, to_json
from trustproof.results.report import Report
from trustproof.results.result import NOTE
from trustproof.results.surroundings import (
    ALLOWED,
    BOUNDARY,
    DENIED,
    GIVES,
    HELD,
    MEMBER,
    STANDS_ON,
    THROUGH,
    is_no_worse,
    surrounding,
)

EVERYTHING = {"Effect": "Allow", "Action": "*", "Resource": "*"}
BUT_EC2 = {"Effect": "Deny", "NotAction": "ec2:*", "Resource": "*"}
NO_PASSING = {"Effect": "Deny", "Action": ["iam:PassRole", "iam:Create*"], "Resource": "*"}
AMAZON = "arn:aws:iam::aws:policy/"


def document(*statements: Mapping[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": [*statements]}


def role(*more: Mapping[str, Any]) -> dict[str, Any]:
    everybody = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
    return {"R": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": document(everybody, *more)}}}


def deny(key: str, *values: str) -> dict[str, Any]:
    condition = {"StringNotEquals": {key: [*values]}}
    return {"Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRole", "Condition": condition}


OURS = deny("aws:PrincipalAccount", "222222222222", "333333333333")
SECRET = deny("sts:ExternalId", "a-secret-of-ours")


def giving(*actions: str, managed: str = "", **more: Any) -> dict[str, Any]:
    """A role that lets in everybody, with what it may do."""
    (made,) = role().values()
    own = [{"PolicyName": "p", "PolicyDocument": document(allow(*actions))}] if actions else []
    policies = {"Policies": own, "ManagedPolicyArns": [AMAZON + managed] if managed else []}
    return {"R": {**made, "Properties": {**made["Properties"], **policies}}, **more}


def user(name: str, *statements: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    policies = [{"PolicyName": "p", "PolicyDocument": document(*statements)}] if statements else []
    return {name: {"Type": "AWS::IAM::User", "Properties": {"Policies": policies, **more}}}


OWN = {"Ref": "B"}


def bounded(boundary: object, *statements: Mapping[str, Any]) -> dict[str, Any]:
    made = {"B": {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": document(*statements)}}}
    return {**user("U", EVERYTHING, PermissionsBoundary=boundary), **(made if statements else {})}


def attached(*users: str, group: bool = False) -> dict[str, Any]:
    """A policy of the template that users have, or a group that they are in."""
    named = {"Groups": [{"Ref": "G"}]} if group else {"ManagedPolicyArns": [{"Ref": "P"}]}
    holders = {name: resource for one in users for name, resource in user(one, **named).items()}
    crowd = {"G": {"Type": "AWS::IAM::Group", "Properties": {"ManagedPolicyArns": [{"Ref": "P"}]}}}
    policy = {"P": {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": document(EVERYTHING)}}}
    return {**policy, **holders, **(crowd if group else {})}


def allow(*actions: str) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": [*actions], "Resource": "*"}


def attached_to_role(statement: Mapping[str, Any]) -> dict[str, Any]:
    """A policy of the template that the role has."""
    properties = {"PolicyName": "p", "Roles": [{"Ref": "R"}], "PolicyDocument": document(statement)}
    return {"Type": "AWS::IAM::Policy", "Properties": properties}


def queues(*, on: Iterable[str], policy: str = "P", **names: str) -> dict[str, Any]:
    """A policy on some of the queues, by their logical ids, which have these names."""
    everybody = {"Effect": "Allow", "Principal": "*", "Action": "sqs:ReceiveMessage", "Resource": "*"}
    properties = {"Queues": [{"Ref": one} for one in on], "PolicyDocument": document(everybody)}
    made = {one: {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": name}} for one, name in names.items()}
    return {**made, policy: {"Type": "AWS::SQS::QueuePolicy", "Properties": properties}}


def chain(*denied: Mapping[str, Any], limit: Iterable[Mapping[str, Any]] = ()) -> dict[str, Any]:
    """A role without MFA that leads to one which demands it, with what its own policies deny, and its boundary."""
    names = [f"arn:aws:iam::111122223333:{one}" for one in ("root", "role/hop")]
    first, next_ = ({"Effect": "Allow", "Principal": {"AWS": one}, "Action": "sts:AssumeRole"} for one in names)
    demand = {**first, "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}
    allowed = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "arn:aws:iam::111122223333:role/t"}
    own = [{"PolicyName": "p", "PolicyDocument": document(allowed, *denied)}]
    hop: dict[str, Any] = {"RoleName": "hop", "AssumeRolePolicyDocument": document(first), "Policies": own}
    target = {"RoleName": "t", "AssumeRolePolicyDocument": document(demand, next_)}
    made = {"B": {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": document(*limit)}}}
    hop = {**hop, "PermissionsBoundary": OWN} if limit else hop
    roles = {"H": hop, "T": target}
    return {
        **{name: {"Type": "AWS::IAM::Role", "Properties": one} for name, one in roles.items()},
        **(made if limit else {}),
    }


NOT_THE_OTHER = {"Effect": "Deny", "Action": "sts:*", "Resource": "arn:aws:iam::111122223333:role/other"}
FEED = queues(on="A", A="feed", B="payments")
#: Before, after, whether that is worse.
CHANGES: dict[str, tuple[dict[str, Any], dict[str, Any], bool]] = {
    "a Deny is gone": (role(OURS), role(), True),
    "one of two Denies is gone": (role(OURS, SECRET), role(SECRET), True),
    "a Deny says something else": (role(OURS), role(deny("aws:PrincipalAccount", "444444444444")), True),
    "a Deny more": (role(SECRET), role(SECRET, OURS), False),
    "Denies in another order": (role(OURS, SECRET), role(SECRET, OURS), False),
    "a Deny with a Sid": (role(OURS), role({"Sid": "Ours", **OURS}), False),
    "values in another order": (
        role(OURS),
        role(deny("aws:PrincipalAccount", "333333333333", "222222222222")),
        False,
    ),
    "a Deny of all but a service is gone": (user("U", EVERYTHING, BUT_EC2), user("U", EVERYTHING), True),
    "a Deny of other actions is gone": (
        user("U", allow("ec2:TerminateInstances"), NO_PASSING),
        user("U", allow("ec2:TerminateInstances")),
        False,
    ),
    "a boundary of AWS is wider": (
        bounded(f"{AMAZON}AmazonEC2FullAccess"),
        bounded(f"{AMAZON}AdministratorAccess"),
        True,
    ),
    "a boundary is gone": (bounded(f"{AMAZON}AmazonEC2FullAccess"), user("U", EVERYTHING), True),
    "a boundary more": (user("U", EVERYTHING), bounded(f"{AMAZON}AmazonEC2FullAccess"), False),
    "a boundary allows more": (bounded(OWN, allow("ec2:*")), bounded(OWN, allow("ec2:*"), allow("iam:*")), True),
    "a boundary allows less": (bounded(OWN, allow("ec2:*"), allow("iam:*")), bounded(OWN, allow("ec2:*")), False),
    "one user more": (attached("U"), attached("U", "V"), True),
    "one user less": (attached("U", "V"), attached("U"), False),
    "one member more": (attached("U", group=True), attached("U", "V", group=True), False),
    "a denied user is gone": (
        {**attached("U", "V"), **user("W", BUT_EC2, ManagedPolicyArns=[{"Ref": "P"}])},
        attached("U", "V"),
        False,
    ),
    "a policy is on another queue": (FEED, queues(on="B", A="feed", B="payments"), True),
    "a policy is on one more queue": (FEED, queues(on="AB", A="feed", B="payments"), True),
    "a policy is on one queue less": (queues(on="AB", A="feed", B="payments"), FEED, False),
    "queues have changed their names": (FEED, queues(on="A", A="payments", B="feed"), True),
    "a Deny of a role on the way is gone": (chain(NOT_THE_OTHER), chain(), True),
    "a Deny of a role on the way more": (chain(), chain(NOT_THE_OTHER), False),
    "a Deny on the way of other actions is gone": (chain(NO_PASSING), chain(), False),
    "the boundary of a role on the way is gone": (chain(limit=[allow("sts:*")]), chain(), True),
    "a boundary of a role on the way more": (chain(), chain(limit=[allow("sts:*")]), False),
    "the boundary of a role on the way allows less": (
        chain(limit=[allow("sts:AssumeRole"), allow("sts:*")]),
        chain(limit=[allow("sts:AssumeRole")]),
        False,
    ),
    "a role gives another service": (giving("s3:Get*"), giving("s3:*", "ec2:*"), False),
    "a role gives permissions": (giving("s3:*", "iam:Get*"), giving("s3:*", "iam:*"), True),
    "a role gives roles to others": (giving("ec2:RunInstances"), giving("ec2:RunInstances", "iam:PassRole"), True),
    "a role gives permission sets to others": (giving("sso:List*"), giving("sso:*"), True),
    "a role gives one permission more": (giving("iam:PutRolePolicy"), giving("iam:*"), False),
    "a role gives everything": (giving("iam:*"), giving("*"), True),
    "a role gives everything by a policy of AWS": (giving(), giving(managed="AdministratorAccess"), True),
    "a role gives all but little": (
        giving(managed="ReadOnlyAccess"),
        giving(More=attached_to_role({"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"})),
        True,
    ),
    "a role gives everything otherwise": (giving("*"), giving(managed="AdministratorAccess"), False),
    "a role gives everything no more": (giving("*"), giving("iam:*"), False),
    "a queue has another logical id": (FEED, queues(on="C", C="feed", B="payments"), False),
}


def checked(
    folder: Path, resources: Mapping[str, Any], name: str = "t.json", waiver: Iterable[object] = (), **more: Any
) -> Report:
    for old in folder.glob("*.json"):
        old.unlink()
    (folder / name).write_text(json.dumps({"Resources": resources}))
    config: dict[str, Any] = {"boundary": {"accounts": ["222222222222"]}, "waiver": [*waiver]}
    return trustproof.check([str(folder)], config=config, **more)


def new(then: Report, now: Report, folder: Path) -> set[str]:
    """The properties of the findings that a baseline of before does not cover."""
    file = str(folder / "b")
    known = from_json(to_json(entries(then, file)), file)
    return {result.property for result in compare(now, known, file).report.failures(NOTE)}


@pytest.mark.parametrize(("before", "after", "is_worse"), CHANGES.values(), ids=CHANGES)
def test_a_baseline_covers_nothing_that_is_held_back_by_less(
    tmp_path: Path, before: dict[str, Any], after: dict[str, Any], is_worse: bool
) -> None:
    """The statement says what it said, and lets in more all the same: whoever looked at it has not seen that."""
    then = checked(tmp_path, before)
    assert then.failures(NOTE)
    assert new(then, checked(tmp_path, before, "renamed.json"), tmp_path) == set()
    assert new(then, checked(tmp_path, before, account="222222222222"), tmp_path) == set()
    assert bool(new(then, checked(tmp_path, after), tmp_path)) is is_worse


@pytest.mark.parametrize("what", ["a Deny of a role on the way is gone", "the boundary of a role on the way is gone"])
def test_a_chain_is_new_where_a_role_on_the_way_is_held_back_by_less(tmp_path: Path, what: str) -> None:
    """The roles and their trust policies are what they were."""
    before, after, _ = CHANGES[what]
    assert "mfa-survives-chaining" in new(checked(tmp_path, before), checked(tmp_path, after), tmp_path)


@pytest.mark.parametrize("what", [one for one in CHANGES if one.startswith("a role gives")])
def test_whom_a_role_lets_in_is_new_where_it_gives_more(tmp_path: Path, what: str) -> None:
    """And not only what is asked of its own policies."""
    before, after, is_worse = CHANGES[what]
    found = new(checked(tmp_path, before), checked(tmp_path, after), tmp_path)
    assert ("mfa-required" in found) is ("inside-boundary" in found) is is_worse


def waivers(report: Report, *, blind: bool = False) -> list[dict[str, Any]]:
    """A waiver by fingerprint of each finding, as somebody writes it who has read the report as JSON."""
    found = [one for one in json.loads(render_json(report))["results"] if one["verdict"] != "proved"]
    keys = ("property", "fingerprint", *(() if blind else ("around",)))
    return [{**{key: one[key] for key in keys if key in one}, "template": "*.json", "reason": "r"} for one in found]


@pytest.mark.parametrize(("before", "after", "is_worse"), CHANGES.values(), ids=CHANGES)
def test_a_waiver_covers_nothing_that_is_held_back_by_less(
    tmp_path: Path, before: dict[str, Any], after: dict[str, Any], is_worse: bool
) -> None:
    """A waiver by fingerprint sees what a baseline does, and is called unused where it covers nothing for that."""
    then = waivers(checked(tmp_path, before))
    assert {one.property for one in checked(tmp_path, before, waiver=then).failures(NOTE)} == set()
    now = checked(tmp_path, after, waiver=then)
    assert any(not one.property.startswith("waiver-") for one in now.failures(NOTE)) is is_worse
    assert any("was held back by more" in one.message for one in now.results) is is_worse
    assert not any("waivers by fingerprint" in note for note in now.notes)


def test_a_waiver_by_fingerprint_that_does_not_see_says_so(tmp_path: Path) -> None:
    """What stands beside the statement is seen only where the waiver says what it was; where nothing does, all is."""
    then = waivers(checked(tmp_path, role(OURS)), blind=True)
    now = checked(tmp_path, role(OURS), waiver=then)
    assert now.failures(NOTE) == ()
    assert ["waivers by fingerprint do not see" in note for note in now.notes] == [True]
    alone = checked(tmp_path, role(), waiver=waivers(checked(tmp_path, role())))
    assert alone.failures(NOTE) == ()
    assert alone.notes == ()


@pytest.mark.parametrize("around", ["denied", [], [1], ["denied"], ["x - 0123456789abcdef"], ["denied - 0123"]])
def test_what_was_not_around_anything_is_an_error(tmp_path: Path, around: object) -> None:
    """A waiver says what a report says, or nothing."""
    waiver = {"property": "mfa-required", "fingerprint": "a", "template": "*.json", "reason": "r", "around": around}
    with pytest.raises(trustproof.ConfigError, match="around of a waiver must be the list"):
        checked(tmp_path, role(), waiver=[waiver])


def test_what_is_around_a_resource_is_no_question(tmp_path: Path) -> None:
    """Only of one finding there is something to say."""
    waiver = {"property": "mfa-required", "resource": "R", "reason": "r", "around": ["denied - 0123456789abcdef"]}
    with pytest.raises(trustproof.ConfigError, match="is about the finding with its fingerprint"):
        checked(tmp_path, role(), waiver=[waiver])


PROVIDERS = """
provider "aws" {
  assume_role { role_arn = "arn:aws:iam::222222222222:role/d" }
}
provider "aws" {
  alias = "b"
  assume_role { role_arn = "arn:aws:iam::333333333333:role/d" }
}
resource "aws_iam_role" "r" {
  provider           = aws
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { AWS = "444444444444" } }]
  })
}
"""


def test_a_baseline_covers_nothing_in_another_account(tmp_path: Path) -> None:
    """What the input puts elsewhere is open there by now; a run may be given one account, or another one."""
    config = {"boundary": {"accounts": ["222222222222", "333333333333"]}}

    def found(text: str, account: str | None = None) -> Report:
        (tmp_path / "main.tf").write_text(text)
        return trustproof.check([tmp_path], config=config, account=account, properties=["inside-boundary"])

    moved = PROVIDERS.replace("= aws\n", "= aws.b\n")
    then = found(PROVIDERS)
    assert new(then, found(PROVIDERS), tmp_path) == set()
    assert new(found(PROVIDERS, "222222222222"), found(PROVIDERS), tmp_path) == set()
    assert new(then, found(moved), tmp_path) == {"inside-boundary"}
    anywhere = PROVIDERS[PROVIDERS.index("resource") :]
    for one, other in ((None, "222222222222"), ("222222222222", "333333333333"), ("222222222222", None)):
        assert new(found(anywhere, one), found(anywhere, other), tmp_path) == set()


ATTACHED = """
resource "aws_iam_role" "r" {
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { AWS = "444444444444" } }]
  })
}
resource "aws_iam_role_policy_attachment" "r" {
  role       = aws_iam_role.r.name
  policy_arn = "arn:aws:iam::aws:policy/NAME"
}
"""


def test_a_baseline_covers_no_role_that_gives_more_in_terraform(tmp_path: Path) -> None:
    """Also under another name, as long as the baseline knows it by that."""

    def found(text: str) -> Report:
        (tmp_path / "main.tf").write_text(text)
        return trustproof.check([tmp_path], properties=["mfa-required"])

    then = found(ATTACHED.replace("NAME", "ReadOnlyAccess"))
    more = ATTACHED.replace("NAME", "AdministratorAccess")
    assert new(then, found(ATTACHED.replace("NAME", "AmazonS3FullAccess")), tmp_path) == set()
    assert new(then, found(more), tmp_path) == {"mfa-required"}
    assert new(found(more), found(more + "# moved\n"), tmp_path) == set()


def test_a_baseline_that_says_nothing_of_what_a_role_gives_covers_what_it_did(tmp_path: Path) -> None:
    """An entry that was written before that was asked."""
    file = str(tmp_path / "b")
    then = entries(checked(tmp_path, role(OURS)), file)
    old = [one._replace(around=tuple(text for text in one.around if not text.startswith(GIVES))) for one in then]
    assert [len(one.around) for one in old] != [len(one.around) for one in then]
    (made,) = role(OURS).values()
    properties = {**made["Properties"], "ManagedPolicyArns": [f"{AMAZON}AdministratorAccess"]}
    grown = checked(tmp_path, {"R": {**made, "Properties": properties}})
    left = (compare(grown, one, file).report.failures(NOTE) for one in (old, then))
    # What the role may do by its own policies is asked by another property.
    assert ["mfa-required" in {result.property for result in found} for found in left] == [False, True]


def test_an_old_baseline_covers_what_it_did(tmp_path: Path) -> None:
    """Entries of which nobody has written down what they were found next to are read, and cover by the statement."""
    file = str(tmp_path / "b")
    then = entries(checked(tmp_path, role(OURS)), file)
    old = tuple(entry._replace(around=()) for entry in then)
    assert then != old
    assert '"around"' not in to_json(old)
    assert compare(checked(tmp_path, role()), from_json(to_json(old), file), file).report.failures(NOTE) == ()


KINDS = st.sampled_from([GIVES, DENIED, BOUNDARY, ALLOWED, HELD, MEMBER, THROUGH, STANDS_ON])
AROUND = st.frozensets(
    st.builds(surrounding, KINDS, st.sampled_from(["", "user U"]), st.sampled_from(["", "a"])), max_size=5
)


@given(AROUND, AROUND)
def test_more_that_denies_and_less_that_allows_is_no_worse(one: frozenset[str], other: frozenset[str]) -> None:
    """What is held back by all that was, and rests on nothing more, is covered; and everything by itself."""
    denying = {text for text in other if text.startswith((DENIED, BOUNDARY, MEMBER))}
    letting = {text for text in one if text.startswith((ALLOWED, THROUGH, STANDS_ON))}
    assert is_no_worse(one, one)
    assert is_no_worse(one, (one | denying) - letting)


def test_findings_about_one_policy_share_what_they_are_found_next_to(tmp_path: Path) -> None:
    """It is told once for all of them: a policy may have thousands of statements, and a finding about each."""
    template = tmp_path / "t.json"
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "*"}}
    statements = [{**trust, "Sid": f"S{n}"} for n in range(3)]
    denies = [{**trust, "Effect": "Deny", "Condition": {"Null": {f"aws:RequestTag/k{n}": "false"}}} for n in range(3)]
    properties = {"AssumeRolePolicyDocument": document(*statements, *denies)}
    template.write_text(json.dumps({"Resources": {"R": {"Type": "AWS::IAM::Role", "Properties": properties}}}))
    found = [one.around for one in trustproof.check([template]).results if one.around]
    assert len(found) > len(statements)
    assert len({id(around) for around in found}) == 1


LOOKED_UP = """
data "aws_sqs_queue" "feed" {
  name = "feed"
}
data "aws_sqs_queue" "payments" {
  name = "payments"
}
resource "aws_sqs_queue_policy" "p" {
  queue_url = data.aws_sqs_queue.feed.url
  policy    = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sqs:SendMessage", Principal = { AWS = "444444444444" }, Resource = "*" }]
  })
}
"""


@pytest.mark.parametrize(
    ("old", "new_text"), [("data.aws_sqs_queue.feed", "data.aws_sqs_queue.payments"), ('"feed"\n}', '"other"\n}')]
)
def test_a_baseline_covers_nothing_on_what_is_looked_up_otherwise(tmp_path: Path, old: str, new_text: str) -> None:
    """Nobody knows the ARN, and what names it says that it is another one."""

    def found(text: str) -> Report:
        (tmp_path / "main.tf").write_text(text)
        return trustproof.check([tmp_path], account="222222222222", properties=["inside-boundary"])

    then = found(LOOKED_UP)
    assert new(then, found(LOOKED_UP + "# more"), tmp_path) == set()
    assert new(then, found(LOOKED_UP.replace(old, new_text)), tmp_path) == {"inside-boundary"}


#: What says on which thing a policy or grant is put, of types of which the table does not say it.
NAMED_BY = {
    "aws_api_gateway_rest_api_policy": "rest_api_id",
    "aws_cloudsearch_domain_service_access_policy": "domain_name",
    "aws_cloudwatch_log_delivery_destination_policy": "delivery_destination_name",
    "aws_cloudwatch_log_resource_policy": "resource_arn",
    "aws_codeartifact_repository_permissions_policy": "repository",
    "aws_ecrpublic_repository_policy": "repository_name",
    "aws_lambda_layer_version_permission": "layer_name",
    "aws_prometheus_resource_policy": "workspace_id",
    "aws_s3control_bucket_policy": "bucket",
    "aws_s3control_multi_region_access_point_policy": "details.name",
    "aws_s3files_file_system_policy": "file_system_id",
    "aws_s3tables_table_policy": "name",
    "aws_s3vectors_vector_bucket_policy": "vector_bucket_arn",
    "aws_ses_identity_policy": "identity",
    "aws_sesv2_email_identity_policy": "email_identity",
    "aws_signer_signing_profile_permission": "profile_name",
}
#: Policies of which an account has one in each Region.
OF_AN_ACCOUNT = {
    "aws_ecr_registry_policy",
    "aws_glue_resource_policy",
    "aws_organizations_resource_policy",
    "aws_s3control_access_grants_instance_resource_policy",
    "aws_xray_resource_policy",
}
OUTSIDER = '"arn:aws:iam::444455556666:root"'
GRANTED = {
    "aws_acmpca_permission": {"principal": OUTSIDER, "actions": '["IssueCertificate"]'},
    "aws_cloudwatch_event_permission": {"principal": '"444455556666"'},
    "aws_kms_grant": {"grantee_principal": OUTSIDER, "operations": '["Decrypt"]'},
    "aws_lambda_layer_version_permission": {
        "principal": '"444455556666"',
        "action": '"lambda:GetLayerVersion"',
        "version_number": "1",
    },
    "aws_lambda_permission": {"principal": '"444455556666"', "action": '"lambda:InvokeFunction"'},
    "aws_signer_signing_profile_permission": {"principal": '"444455556666"', "action": '"signer:StartSigningJob"'},
}
OPEN_POLICY = """jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { AWS = "444455556666" }, Action = "*", Resource = "*" }]
  })"""


def policies_on(named: str) -> str:
    """A configuration with a policy or grant of each type of the table that is put on another resource."""
    blocks = []
    for type_, arguments in table().items():
        of_others = [one for one in arguments if one.kind in (RESOURCE, "grant") and is_put_on(type_)]
        for one in of_others if type_ not in OF_AN_ACCOUNT else ():
            given = GRANTED.get(type_) or {one.name: OPEN_POLICY}
            nested: dict[str, list[str]] = {}
            lines = []
            for name, value in {**given, one.about.partition("=")[2] or NAMED_BY[type_]: named}.items():
                block, _, inner = name.partition(".")
                if inner:
                    nested.setdefault(block, []).append(f"    {inner} = {value}")
                else:
                    lines.append(f"  {name} = {value}")
            lines += [line for block, inside in nested.items() for line in (f"  {block} {{", *inside, "  }")]
            blocks.append("\n".join((f'resource "{type_}" "p" {{', *lines, "}")))
    return "\n".join(blocks)


@pytest.mark.parametrize(
    ("named", "more"),
    [
        ('"NAME"', ""),
        ("var.v", 'variable "v" {\n  default = "NAME"\n}'),
        ("data.aws_x_thing.t.id", 'data "aws_x_thing" "t" {\n  name = "NAME"\n}'),
        ("random_pet.t.id", 'resource "random_pet" "t" {\n  prefix = "NAME"\n}'),
        ("data.terraform_remote_state.t.outputs.NAME", 'data "terraform_remote_state" "t" {\n  backend = "s3"\n}'),
    ],
    ids=["name", "variable", "data source", "resource", "output of another state"],
)
def test_a_baseline_covers_no_policy_that_is_put_on_another_thing(tmp_path: Path, named: str, more: str) -> None:
    """Of whatever type it is, and whatever says on which thing it is put."""

    def places(name: str) -> dict[str, set[str]]:
        (tmp_path / "main.tf").write_text(f"{policies_on(named)}\n{more}".replace("NAME", name))
        report = trustproof.check([tmp_path], account="222222222222", properties=["inside-boundary"])
        return {
            one.logical_id.partition(".")[0]: {near for near in one.around if near.startswith(STANDS_ON)}
            for one in report.results
        }

    one, other = places("one"), places("other")
    missing = {type_ for type_ in one if not one[type_] or one[type_] & other[type_]}
    assert len(one) > 50
    assert missing == set()


@pytest.mark.parametrize("place", [{"Ref": "Url"}, "https://sqs.eu-west-1.amazonaws.com/222222222222/feed"])
def test_a_baseline_covers_nothing_on_what_another_default_names(tmp_path: Path, place: object) -> None:
    """What a parameter names is another thing by another default, and by another parameter."""

    def found(at: object, default: str) -> Report:
        made = queues(on="")
        made["P"]["Properties"]["Queues"] = [at]
        parameters = {name: {"Type": "String", "Default": default} for name in ("Url", "Other")}
        (tmp_path / "t.json").write_text(json.dumps({"Parameters": parameters, "Resources": made}))
        return trustproof.check([tmp_path], account="222222222222", properties=["inside-boundary"])

    then = found(place, "https://sqs.eu-west-1.amazonaws.com/222222222222/feed")
    moved = "https://sqs.eu-west-1.amazonaws.com/222222222222/payments"
    is_fixed = isinstance(place, str)
    assert new(then, found(place, moved), tmp_path) == (set() if is_fixed else {"inside-boundary"})
    assert new(then, found(moved if is_fixed else {"Ref": "Other"}, moved), tmp_path) == {"inside-boundary"}


QUEUE = "https://sqs.eu-west-1.amazonaws.com/222222222222/"


@pytest.mark.parametrize(
    "place",
    [
        {"Fn::If": ["IsFeed", f"{QUEUE}feed", f"{QUEUE}payments"]},
        {"Fn::FindInMap": ["Queues", {"Ref": "Name"}, "Url"]},
        {"Fn::GetAtt": ["Nested", "Outputs.Url"]},
    ],
    ids=["condition", "mapping", "nested stack"],
)
def test_a_baseline_covers_nothing_on_what_another_default_chooses(tmp_path: Path, place: object) -> None:
    """What is not known, or is one of several, is another thing where what decides about it is."""

    def found(name: str, condition: str = "IsFeed", other: str = "payments") -> Report:
        made = queues(on="")
        made["P"]["Properties"]["Queues"] = [json.loads(json.dumps(place).replace("IsFeed", condition))]
        parameters = {"TemplateURL": "https://s3.amazonaws.com/b/t.json", "Parameters": {"Name": {"Ref": "Name"}}}
        template = {
            "Parameters": {"Name": {"Type": "String", "Default": name, "AllowedValues": ["feed", "payments"]}},
            "Mappings": {"Queues": {"feed": {"Url": f"{QUEUE}feed"}, "payments": {"Url": f"{QUEUE}{other}"}}},
            "Conditions": {condition: {"Fn::Equals": [{"Ref": "Name"}, "feed"]}},
            "Resources": {**made, "Nested": {"Type": "AWS::CloudFormation::Stack", "Properties": parameters}},
        }
        (tmp_path / "t.json").write_text(json.dumps(template))
        return trustproof.check([tmp_path], account="222222222222", properties=["inside-boundary"])

    then = found("feed")
    assert new(then, found("feed", "IsTheFeed"), tmp_path) == set()
    assert new(then, found("payments"), tmp_path) == {"inside-boundary"}
    is_another_row = "Fn::FindInMap" in str(place)
    assert new(then, found("feed", other="wages"), tmp_path) == ({"inside-boundary"} if is_another_row else set())


def test_a_baseline_covers_no_holder_that_is_looked_up_otherwise(tmp_path: Path) -> None:
    """Nobody knows the user, and another name in the Parameter Store is that of another one."""
    configuration = """
    data "aws_ssm_parameter" "user" {
      name = "/NAME"
    }
    resource "aws_iam_user_policy" "p" {
      user   = data.aws_ssm_parameter.user.value
      policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "*", Resource = "*" }] })
    }
    """

    def found(name: str) -> Report:
        (tmp_path / "main.tf").write_text(configuration.replace("NAME", name))
        return trustproof.check([tmp_path], account="222222222222")

    then = found("one")
    assert new(then, found("one"), tmp_path) == set()
    assert "sensitive-actions-require-mfa" in new(then, found("other"), tmp_path)
