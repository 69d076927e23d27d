"""
What a policy denies no more, where nothing else lets in those whom it denied.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeAlias

import pytest

import trustproof

Json: TypeAlias = "dict[str, Any]"
HUB, OTHER = "111122223333", "222233334444"
OUTSIDERS: Json = {"Effect": "Deny", "Principal": "*", "Action": "sqs:*", "Resource": "*"}
OUTSIDERS["Condition"] = {"StringNotEquals": {"aws:PrincipalAccount": HUB}}
OURS: Json = {"Effect": "Allow", "Principal": {"AWS": HUB}, "Action": "sqs:*", "Resource": "*"}


def policed(*statements: Json, **more: Json) -> Json:
    """A queue with a policy of these statements."""
    properties = {"Queues": [{"Ref": "Q"}], "PolicyDocument": {"Version": "2012-10-17", "Statement": list(statements)}}
    own = {"Q": {"Type": "AWS::SQS::Queue"}, "P": {"Type": "AWS::SQS::QueuePolicy", "Properties": properties}}
    return {"Resources": {**own, **more}}


def test_whom_a_queue_denies_no_more_is_let_in_by_its_policy_alone() -> None:
    """Nobody outside of its account gets in by a policy of his own; users of the account may."""
    assert trustproof.diff(policed(OURS, OUTSIDERS), policed(OURS), account=HUB).is_empty
    other = {**OURS, "Principal": {"AWS": OTHER}}
    assert trustproof.diff(policed(other, OUTSIDERS), policed(other), account=HUB).gained
    inside = {**OUTSIDERS, "Principal": {"AWS": f"arn:aws:iam::{HUB}:user/alice"}, "Condition": {}}
    assert trustproof.diff(policed(other, inside), policed(other), account=HUB).undecided
    # Where nobody knows whose the queue is, they may be of its account.
    assert trustproof.diff(policed(OURS, OUTSIDERS), policed(OURS)).undecided
    # Of two policies of one queue nobody knows which one holds.
    second = policed(other)["Resources"]["P"]
    assert not trustproof.diff(policed(OURS, OUTSIDERS, S=second), policed(OURS, S=second), account=HUB).is_empty


def identity(type_: str, **properties: Any) -> Json:
    """A resource of IAM's."""
    return {"Type": f"AWS::IAM::{type_}", "Properties": properties}


def denying(action: str) -> Json:
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": action, "Resource": "*"}]}


def guardrail(**whom: Any) -> Json:
    return {"P": identity("ManagedPolicy", PolicyDocument=denying("*"), **whom)}


INLINE = [{"PolicyName": "guardrail", "PolicyDocument": denying("*")}]
GROUP = {"G": identity("Group", GroupName="held", Policies=INLINE)}


def user(**properties: Any) -> Json:
    return {"U": identity("User", UserName="u", **properties)}


def members(*users: str) -> Json:
    return {"M": identity("UserToGroupAddition", GroupName="held", Users=list(users))}


@pytest.mark.parametrize(
    ("before", "after", "is_unknown"),
    [
        (guardrail(Users=["u"]), {}, True),
        (guardrail(Roles=["deployer"]), {}, True),
        (guardrail(Users=["u", "v"]), guardrail(Users=["v"]), True),
        ({"P": identity("ManagedPolicy", PolicyDocument=denying("ec2:*"), Users=["u"])}, {}, True),
        (user(Policies=INLINE), user(), True),
        ({**user(Groups=["held"]), **GROUP}, {**user(), **GROUP}, True),
        ({**GROUP, **members("u", "v")}, {**GROUP, **members("v")}, True),
        # Who is gone takes what it was denied with it, and who comes is denied more.
        (user(Policies=INLINE), {}, False),
        ({**GROUP, **members("v")}, {**GROUP, **members("u", "v")}, False),
        # Nothing else of a user of the template decides about services without resource policies.
        (user(Policies=[{"PolicyName": "p", "PolicyDocument": denying("ec2:*")}]), user(), False),
    ],
)
def test_whoever_stays_is_denied_less_without_the_only_policy(before: Json, after: Json, *, is_unknown: bool) -> None:
    """Removing a guardrail says no less than narrowing it."""
    topic = {"T": {"Type": "AWS::SNS::Topic"}}
    found = trustproof.diff({"Resources": {**topic, **before}}, {"Resources": {**topic, **after}}, account=HUB)
    assert not found.gained
    assert any("was denied and is no more" in one.reasons[0] for one in found.undecided) == is_unknown
    assert found.is_empty != is_unknown


def test_whom_a_bucket_lets_in_gains_it_without_the_only_policy() -> None:
    """A user that other stacks make is let in by the policy of the bucket, where nothing denies it any more."""
    entry = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{HUB}:user/u"}, "Action": "s3:GetObject"}
    policy = {"Version": "2012-10-17", "Statement": [{**entry, "Resource": "arn:aws:s3:::b/*"}]}
    bucket = {"B": {"Type": "AWS::S3::BucketPolicy", "Properties": {"Bucket": "b", "PolicyDocument": policy}}}
    before, after = {"Resources": {**bucket, **guardrail(Users=["u"])}}, {"Resources": bucket}
    (change,) = trustproof.diff(before, after, account=HUB).gained
    assert "s3:GetObject" in change.message


#: A role that reads a bucket, both of which AWS gives names.
READER = {
    "B": {"Type": "AWS::S3::Bucket"},
    "R": identity(
        "Role",
        AssumeRolePolicyDocument={
            "Statement": {"Effect": "Allow", "Principal": {"Service": "glue.amazonaws.com"}, "Action": "sts:AssumeRole"}
        },
        Policies=[
            {
                "PolicyName": "read",
                "PolicyDocument": {
                    "Statement": {"Effect": "Allow", "Action": "s3:GetObject", "Resource": {"Fn::Sub": "${B.Arn}/*"}}
                },
            }
        ],
    ),
}


def bucket_denying(*conditions: Json) -> Json:
    """The reader's bucket, which denies everybody what meets one of these conditions; without one, without a policy."""
    everybody: Json = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": {"Fn::Sub": "${B.Arn}/*"}}
    denies = [{**everybody, "Condition": one} for one in conditions]
    properties = {"Bucket": {"Ref": "B"}, "PolicyDocument": {"Statement": denies}}
    policy = {"P": {"Type": "AWS::S3::BucketPolicy", "Properties": properties}}
    return {"Resources": {**READER, **(policy if conditions else {})}}


TLS, ELSEWHERE = {"Bool": {"aws:SecureTransport": "false"}}, {"StringNotEquals": {"aws:SourceVpc": "vpc-1a2b3c4d"}}


@pytest.mark.parametrize("before", [(), (TLS,)])
def test_a_name_that_aws_gives_is_that_of_the_bucket(before: tuple[Json, ...]) -> None:
    """Whoever may call a bucket of the same template is stopped by its policy, whatever the bucket is called."""
    without, denying_more = bucket_denying(*before), bucket_denying(*before, ELSEWHERE)
    lost, gained = trustproof.diff(without, denying_more), trustproof.diff(denying_more, without)
    assert [[one.counterexample.action for one in there] for there in (lost.lost, gained.gained)] == [
        ["s3:GetObject"],
        ["s3:GetObject"],
    ]
    assert not any((lost.gained, lost.undecided, gained.lost, gained.undecided))


@pytest.mark.parametrize(
    ("queue", "left", "is_unknown"),
    [({}, {}, False), ({"DeletionPolicy": "Retain"}, {}, True), ({}, {"Q": {"Type": "AWS::SQS::Queue"}}, True)],
)
def test_what_denies_may_go_with_all_that_it_denies(queue: Json, left: Json, *, is_unknown: bool) -> None:
    """Of a queue that is deleted nobody gains anything; one that stays may be allowed elsewhere."""
    before = policed(OUTSIDERS, R=READER["R"], B=READER["B"])
    before["Resources"]["Q"].update(queue)
    found = trustproof.diff(before, {"Resources": {**READER, **left}})
    assert not found.access
    assert bool(found.undecided) == is_unknown


def queue_denying(condition: str, *names: str) -> Json:
    """
    A queue that denies some roles of its account, of which the template makes the first; nobody says its Region.

    Args:
        condition: of its policy; empty where that is there in any case.
    """
    queue = policed({"Effect": "Deny", "Principal": {"AWS": list(names)}, "Action": "sqs:*", "Resource": "*"})
    role: Json = {**READER["R"]["Properties"], "RoleName": "r"}
    entry = {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": {"Fn::GetAtt": ["Q", "Arn"]}}
    role["Policies"] = [{"PolicyName": "send", "PolicyDocument": {"Statement": entry}}]
    queue["Resources"]["R"] = {**READER["R"], "Properties": role}
    if condition:
        queue["Resources"]["P"]["Condition"] = condition
    decided = {"Type": "String", "Default": "n", "AllowedValues": ["y", "n"]}
    conditions = {"Wanted": {"Fn::Equals": [{"Ref": "P"}, "y"]}, "Never": {"Fn::Equals": [{"Ref": "P"}, "z"]}}
    return {"Parameters": {"P": decided}, "Conditions": conditions, **queue}


@pytest.mark.parametrize(("condition", "gained"), [("", 1), ("Wanted", 1), ("Never", 0)])
def test_neither_a_region_nor_a_condition_hides_whom_a_queue_denies_no_more(condition: str, gained: int) -> None:
    """A policy that is there in some deployments denies somebody in these."""
    names = [f"arn:aws:iam::{HUB}:role/{name}" for name in ("r", "other")]
    before, after = queue_denying(condition, *names), queue_denying(condition, names[1])
    there, back = trustproof.diff(before, after, account=HUB), trustproof.diff(after, before, account=HUB)
    assert [len(one) for one in (there.gained, back.lost)] == [gained, gained]
    assert not any((there.lost, there.undecided, back.gained, back.undecided))
    assert all(one.counterexample.parameters.get("P") == ("y" if condition else None) for one in there.gained)


ITSELF: Json = {"Fn::GetAtt": ["R", "Arn"]}


@pytest.mark.parametrize(
    "denied",
    [
        {"Principal": {"AWS": ITSELF}},
        {"NotPrincipal": {"AWS": f"arn:aws:iam::{HUB}:role/other"}},
        {"Principal": "*", "Condition": {"ArnEquals": {"aws:PrincipalArn": ITSELF}}},
    ],
)
def test_a_role_with_a_made_up_name_gains_what_a_bucket_denies_it_no_more(denied: Json) -> None:
    """Whatever it is called, a policy that refers to it is about it."""
    before, after = bucket_denying(TLS, TLS), bucket_denying(TLS)
    statement = {"Effect": "Deny", "Action": "s3:*", "Resource": {"Fn::Sub": "${B.Arn}/*"}, **denied}
    before["Resources"]["P"]["Properties"]["PolicyDocument"]["Statement"][1] = statement
    gained, lost = trustproof.diff(before, after, account=HUB), trustproof.diff(after, before, account=HUB)
    assert [one.counterexample.action for one in (*gained.gained, *lost.lost)] == ["s3:GetObject"] * 2
    (change,) = gained.gained
    assert change.counterexample.request.caller.arn.endswith(change.counterexample.parameters.get("R", ""))


def test_a_role_is_no_other_one_in_its_own_policy() -> None:
    """What it denies everybody but itself takes nothing."""
    before, after = bucket_denying(), bucket_denying()
    role = {**READER["R"]["Properties"]}
    but_itself: Json = {"Effect": "Deny", "Action": "s3:*", "Resource": "*"}
    but_itself["Condition"] = {"ArnNotEquals": {"aws:PrincipalArn": ITSELF}}
    role["Policies"] = [*role["Policies"], {"PolicyName": "deny", "PolicyDocument": {"Statement": but_itself}}]
    after["Resources"]["R"] = {**READER["R"], "Properties": role}
    assert not trustproof.diff(before, after, account=HUB).lost
    assert not trustproof.diff(after, before, account=HUB).gained


def test_another_deny_is_compared_beside_what_a_condition_lets_in() -> None:
    """What may not be there allows something, and denies nothing."""
    sends = {**OURS, "Principal": {"AWS": OTHER}, "Action": "sqs:SendMessage"}
    maybe = {"Fn::If": ["Wanted", sends, {"Ref": "AWS::NoValue"}]}
    head = {name: queue_denying("", "")[name] for name in ("Parameters", "Conditions")}
    denies = {"Effect": "Deny", "Principal": "*", "Resource": "*"}
    actions = ("sqs:PurgeQueue", "sqs:SendMessage")
    purging, sending = ({**head, **policed(maybe, {**denies, "Action": action})} for action in actions)
    found = trustproof.diff(purging, sending)
    assert [one.counterexample.action for one in found.lost] == ["sqs:SendMessage"]
    assert any("sqs:PurgeQueue" in reason for one in found.undecided for reason in one.reasons)


def test_a_caller_is_read_at_the_values_at_which_the_resource_denies() -> None:
    """A statement of the caller that hangs on the condition of the policy hides nothing of another statement."""
    before, after = queue_denying("Wanted", f"arn:aws:iam::{HUB}:role/r"), queue_denying("Wanted")
    del after["Resources"]["P"]
    for side in (before, after):
        statement = side["Resources"]["R"]["Properties"]["Policies"][0]["PolicyDocument"]
        more = {"Effect": "Allow", "Action": "sqs:DeleteQueue", "Resource": "*"}
        statement["Statement"] = [statement["Statement"], {"Fn::If": ["Wanted", more, {"Ref": "AWS::NoValue"}]}]
    found = trustproof.diff(before, after, account=HUB)
    assert sorted(one.counterexample.action for one in found.gained) == ["sqs:DeleteQueue", "sqs:SendMessage"]
    assert not found.undecided


def test_what_a_new_deny_takes_away_may_be_unknown() -> None:
    """A Deny that nobody can decide is no silence on either side."""
    unknown = {"NumericLessThan": {"s3:KeyOfTomorrow": "1.2"}}
    sides = bucket_denying(TLS), bucket_denying(TLS, unknown)
    assert [bool(trustproof.diff(*there).undecided) for there in (sides, sides[::-1])] == [True, True]


def test_another_boundary_of_a_permission_set_that_is_named_is_undecided(tmp_path: Path) -> None:
    """What others attach to it is not in sight, and the boundary may have been what stopped it."""
    text = (
        'resource "aws_ssoadmin_permissions_boundary_attachment" "b" {\n  instance_arn = "i"\n'
        '  permission_set_arn = "arn:aws:sso:::permissionSet/ssoins-1111111111111111/ps-1111111111111111"\n'
        '  permissions_boundary {\n    managed_policy_arn = "arn:aws:iam::aws:policy/NAME"\n  }\n}\n'
    )
    for name in ("ReadOnlyAccess", "AdministratorAccess"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "main.tf").write_text(text.replace("NAME", name))
    narrow, wide = tmp_path / "ReadOnlyAccess", tmp_path / "AdministratorAccess"
    (found,) = trustproof.diff(narrow, wide, account=HUB).undecided
    assert found.reasons[0].startswith("the permissions boundary allows it now, so where another policy does, ")
    assert trustproof.diff(wide, narrow, account=HUB).is_empty


def named_by(action: str, *boundary: Json, kind: str = "Role", session: str = "") -> Json:
    """A role and a queue that name a user, a role, or a session of it, with a permissions boundary of statements."""
    entry = {"Effect": "Allow", "Principal": {"AWS": session or ITSELF}, "Action": action}
    caller: Json = {"UserName": "r"}
    if kind == "Role":
        caller = {"RoleName": "r", "AssumeRolePolicyDocument": READER["R"]["Properties"]["AssumeRolePolicyDocument"]}
    if boundary:
        caller["PermissionsBoundary"] = {"Ref": "B"}
    limit = {"Statement": [*boundary] or [ANYTHING]}
    made = {"R": identity(kind, **caller), "B": identity("ManagedPolicy", PolicyDocument=limit)}
    if action.startswith("sqs:"):
        return policed({**entry, "Resource": "*"}, **made)
    return {"Resources": {**made, "T": identity("Role", RoleName="t", AssumeRolePolicyDocument={"Statement": entry})}}


ANYTHING: Json = {"Effect": "Allow", "Action": "*", "Resource": "*"}
READS: Json = {**ANYTHING, "Action": "s3:GetObject"}
NO_CALL: Json = {"Effect": "Deny", "Action": ["sts:AssumeRole", "sqs:*"], "Resource": "*"}
OF_ANOTHER: Json = {**ANYTHING, "Action": "sts:AssumeRole", "Resource": f"arn:aws:iam::{HUB}:role/other"}
OF_TWO: Json = {**OF_ANOTHER, "Resource": [OF_ANOTHER["Resource"], f"arn:aws:iam::{HUB}:role/third"]}


@pytest.mark.parametrize(
    ("before", "after", "caller", "is_gained"),
    [
        ((READS,), (), {}, True),
        ((READS,), (ANYTHING,), {}, True),
        ((ANYTHING, NO_CALL), (ANYTHING,), {}, True),
        ((ANYTHING,), (), {}, False),
        ((READS,), (READS,), {}, False),
        # Whom a policy names as a user or a session is not held to the boundary.
        ((READS,), (), {"kind": "User"}, False),
        ((READS,), (), {"session": f"arn:aws:sts::{HUB}:assumed-role/r/s"}, False),
    ],
)
@pytest.mark.parametrize("action", ["sts:AssumeRole", "sqs:SendMessage"])
def test_whom_a_policy_names_as_a_role_gains_what_its_boundary_held_from_it(
    action: str, before: tuple[Json, ...], after: tuple[Json, ...], caller: dict[str, str], *, is_gained: bool
) -> None:
    """Another boundary gives what the policy of a resource alone allows, and takes it the other way round."""
    narrow, wide = named_by(action, *before, **caller), named_by(action, *after, **caller)
    gained, lost = (trustproof.diff(*sides, account=HUB) for sides in ((narrow, wide), (wide, narrow)))
    # What a managed policy gives whoever has it is another matter.
    there = [[one.counterexample.action for one in way if one.kind != "identity"] for way in (gained.gained, lost.lost)]
    assert there == [[action] * is_gained] * 2
    assert not any(one.kind != "identity" for one in (*gained.lost, *lost.gained))


def test_a_boundary_that_is_about_other_roles_gives_nothing_here() -> None:
    """Whoever may assume some third role by its boundary may not assume the one that names it."""
    sides = [named_by("sts:AssumeRole", of) for of in (OF_ANOTHER, OF_TWO)]
    assert all(trustproof.diff(*way, account=HUB).is_empty for way in (sides, sides[::-1]))


@pytest.mark.parametrize(
    ("name", "resource"),
    [
        ({}, {"Ref": "S"}),
        ({}, "*"),
        ({"Name": "app"}, {"Ref": "S"}),
        ({"Name": "app"}, "*"),
        ({"Name": "app"}, f"arn:aws:secretsmanager:*:{HUB}:secret:app-??????"),
    ],
)
def test_who_may_read_a_secret_gains_it_where_its_policy_denies_it_no_more(name: Json, resource: Any) -> None:
    """Six characters that nobody knows end the ARN of a secret, whether or not somebody gives it a name."""
    trust = {
        "Statement": {"Effect": "Allow", "Principal": {"Service": "glue.amazonaws.com"}, "Action": "sts:AssumeRole"}
    }
    read = {"Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": resource}
    policies = [{"PolicyName": "read", "PolicyDocument": {"Statement": read}}]
    role = identity("Role", AssumeRolePolicyDocument=trust, Policies=policies)
    after = {"S": {"Type": "AWS::SecretsManager::Secret", "Properties": name}, "R": role}
    document = {"Statement": {**read, "Effect": "Deny", "Principal": "*", "Resource": "*"}}
    policy = {"SecretId": {"Ref": "S"}, "ResourcePolicy": document}
    before = {**after, "P": {"Type": "AWS::SecretsManager::ResourcePolicy", "Properties": policy}}
    sides = [{"Resources": side} for side in (before, after)]
    there, back = trustproof.diff(*sides, account=HUB), trustproof.diff(*sides[::-1], account=HUB)
    found = [[one.counterexample.action for one in way] for way in (there.gained, there.lost, back.gained, back.lost)]
    assert found == [["secretsmanager:GetSecretValue"], [], [], ["secretsmanager:GetSecretValue"]]
