"""
What conditions of a template decide, compared: at the same values on both sides.
"""

from __future__ import annotations

import itertools
from typing import Any

import pytest

import trustproof
from trustproof.results.difference import Difference

HUB, OTHER = "111122223333", "999988887777"
Json = dict[str, Any]
NONE = {"Ref": "AWS::NoValue"}
PROD = {"Fn::Equals": [{"Ref": "Stage"}, "prod"]}
CONDITIONS = {
    "Prod": PROD,
    "NotProd": {"Fn::Not": [{"Condition": "Prod"}]},
    "Turned": {"Fn::Equals": ["prod", {"Ref": "Stage"}]},
    "Dev": {"Fn::Equals": [{"Ref": "Stage"}, "dev"]},
    "Here": {"Fn::Equals": [{"Ref": "AWS::Region"}, "eu-west-1"]},
    "Elsewhere": {"Fn::Equals": [{"Ref": "AWS::Region"}, "us-east-1"]},
    "NotHere": {"Fn::Not": [{"Condition": "Here"}]},
}

ANY: Json = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
SOME: Json = {"Effect": "Allow", "Action": "s3:Get*", "Resource": "arn:aws:s3:::b/*"}
OTHERS: Json = {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*"}


def if_(condition: str, yes: Any, no: Any) -> Json:
    """What a condition chooses."""
    return {"Fn::If": [condition, yes, no]}


def policy(actions: Any, **more: Any) -> Json:
    """A policy that allows something."""
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": actions, **more}]}


def holding(boundary: Any = None, actions: str = "s3:*", **more: Any) -> Json:
    """A template with a user, and managed policies that may be boundaries."""
    user = {"UserName": "u", "Policies": [{"PolicyName": "p", "PolicyDocument": policy(actions, Resource="*")}], **more}
    if boundary is not None:
        user["PermissionsBoundary"] = boundary
    managed = {
        name: {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": policy(what, Resource="*")}}
        for name, what in (("B", "s3:*"), ("C", "s3:GetObject"), ("D", "s3:*"))
    }
    return template({"U": {"Type": "AWS::IAM::User", "Properties": user}, **managed})


def template(resources: Json, **parameter: Any) -> Json:
    """A template with the conditions."""
    stage = {"Type": "String", **parameter}
    return {"Parameters": {"Stage": stage}, "Conditions": CONDITIONS, "Resources": resources}


def trusting(account: Any, **more: Any) -> Json:
    """A template with a role that trusts an account."""
    trust = policy("sts:AssumeRole", Principal={"AWS": account})
    properties = {"RoleName": "r", "AssumeRolePolicyDocument": trust}
    return template({"R": {"Type": "AWS::IAM::Role", "Properties": properties, **more}})


def diff(old: Json, new: Json) -> list[str]:
    """What changed, in words; swapping the sides swaps it."""
    there, back = said(trustproof.diff(old, new, account=HUB)), said(trustproof.diff(new, old, account=HUB))
    swapped = {"gained": "lost", "lost": "gained", "unknown": "unknown"}
    assert sorted(one.split(":")[0] for one in there) == sorted(swapped[one.split(":")[0]] for one in back)
    return there


def said(found: Difference) -> list[str]:
    """Gained and lost with the request and the values of parameters; what is not known with why."""
    out = []
    for one in found.access:
        shown = one.counterexample
        values = "".join(f" where {name} = {value}" for name, value in shown.parameters.items())
        out.append(f"{one.direction}: {shown.caller} {shown.action}{values}")
    return out + [f"unknown: {reason}" for one in found.undecided for reason in one.reasons]


B, C, D = ({"Ref": name} for name in "BCD")
USER = f"arn:aws:iam::{HUB}:user/u"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        # A boundary that allows what is allowed anyway takes nothing away.
        (B, if_("Prod", B, NONE), []),
        (if_("Prod", B, C), if_("NotProd", C, B), []),
        (if_("Prod", B, C), if_("Turned", B, C), []),
        (if_("Prod", B, D), B, []),
        (if_("Here", B, C), if_("Here", B, C), []),
        (if_("Here", B, D), B, []),
        (C, if_("Prod", C, B), [f"gained: {USER} s3:DeleteObject where Stage = example"]),
        (C, if_("Prod", B, C), [f"gained: {USER} s3:DeleteObject where Stage = prod"]),
        (if_("Prod", B, C), if_("Dev", B, C), ["gained: dev", "lost: prod"]),
    ],
)
def test_a_boundary_that_a_condition_chooses_is_compared_where_it_is(old: Any, new: Any, expected: list[str]) -> None:
    """No request is gained and lost at once, and what is gained somewhere is shown there."""
    found = diff(holding(old), holding(new))
    assert len(found) == len(expected)
    for one, start in zip(found, expected, strict=True):
        direction, _, rest = start.partition(": ")
        assert one.startswith(direction)
        assert one.endswith(rest.rpartition(" ")[2])


@pytest.mark.parametrize(("old", "new"), [*itertools.permutations([("Here", B, C), ("NotHere", C, B)], 2)])
def test_what_is_not_decided_is_nothing_that_changed(old: Any, new: Any) -> None:
    """The Region decides, by conditions of other names: nothing is said to be gained or lost."""
    assert all(one.startswith("unknown") for one in diff(holding(if_(*old)), holding(if_(*new))))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (if_("Prod", HUB, OTHER), if_("NotProd", OTHER, HUB)),
        (if_("Prod", HUB, OTHER), if_("Turned", HUB, OTHER)),
        (if_("Prod", HUB, if_("Dev", OTHER, HUB)), if_("Dev", OTHER, HUB)),
    ],
)
def test_conditions_that_hold_alike_are_the_same(old: Any, new: Any) -> None:
    """Whatever they are called, and however they are written."""
    assert diff(trusting(old), trusting(new)) == []


@pytest.mark.parametrize(("kind", "name"), [("Role", "a-dev"), ("Group", "a-dev")])
def test_who_is_named_by_a_condition_is_the_same_where_it_has_that_name(kind: str, name: str) -> None:
    """What it gains by a value of the parameter is said, at the name that it has there."""
    found = []
    for dev in ("arn:aws:s3:::dev/*", "*"):
        statement = policy("s3:GetObject", Resource=if_("Prod", "arn:aws:s3:::prod/*", dev))
        said: Json = {"Policies": [{"PolicyName": "p", "PolicyDocument": statement}]}
        if kind == "Role":
            said["AssumeRolePolicyDocument"] = policy("sts:AssumeRole", Principal={"Service": "ec2.amazonaws.com"})
        said[f"{kind}Name"] = if_("Prod", "a-prod", name)
        found.append(template({"A": {"Type": f"AWS::IAM::{kind}", "Properties": said}}, AllowedValues=["dev", "prod"]))
    (gained,) = trustproof.diff(*found, account=HUB).access
    assert gained.direction == "gained"
    assert name in gained.message
    assert trustproof.diff(found[0], found[0], account=HUB).is_empty


def test_a_condition_that_is_taken_away_is_named_by_its_parameter() -> None:
    """The role was there in production already."""
    assert diff(trusting(HUB, Condition="Prod"), trusting(HUB)) == [
        f"gained: arn:aws:iam::{HUB}:user/alice sts:AssumeRole where Stage = example"
    ]


@pytest.mark.parametrize("more", [{}, {"Groups": ["readers"]}])
def test_a_policy_that_was_only_a_boundary_is_held_by_nobody(more: Json) -> None:
    """It limits one user less, and nobody has got it."""
    assert diff(holding(B, **more), holding(**more)) == []
    assert diff(holding(D), holding(B)) == []


def test_a_policy_that_becomes_attached_gives_it_to_whom_it_is_attached() -> None:
    """Whoever else has it has lost nothing."""
    found = trustproof.diff(holding(actions="sqs:*"), holding(actions="sqs:*", ManagedPolicyArns=[C]), account=HUB)
    assert [one.message.split(" may")[0] for one in found.access] == ["user u"]


def test_a_policy_that_nobody_has_is_compared_with_what_it_was() -> None:
    """Somebody may have it by hand: what it says besides, while it is attached to nobody any more, is gained."""
    new = holding(actions="sqs:*")
    new["Resources"]["C"]["Properties"]["PolicyDocument"] = policy(["s3:GetObject", "s3:PutObject"], Resource="*")
    found = trustproof.diff(holding(actions="sqs:*", ManagedPolicyArns=[C]), new, account=HUB)
    assert sorted((one.direction, one.message.split(" may")[0]) for one in found.access) == [
        ("gained", "whoever has the managed policy C"),
        ("lost", "user u"),
    ]
    (gained,) = (one for one in found.access if one.direction == "gained")
    # The root user of an account has no policies.
    assert "role session" in gained.also
    assert not any("root user" in one for one in gained.also)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("${aws:PrincipalTag/team}", "${aws:principaltag/team}"),
        ("${aws:PrincipalTag/Team}", "${AWS:PrincipalTag/team}"),
        ("${aws:userid}", "${aws:UserId}"),
        ("${aws:userid, 'X'}", "${aws:UserId, 'X'}"),
    ],
)
def test_the_case_of_a_variable_is_no_change(old: str, new: str) -> None:
    """The name of a key has no case, in a resource as in a condition; a default has."""

    def holder(variable: str) -> dict[str, Any]:
        condition = {"StringEquals": {"s3:ExistingObjectTag/team": variable}}
        statements = [
            {"Effect": "Allow", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::b/{variable}/*"},
            {"Effect": "Allow", "Action": "s3:PutObject", "Resource": "*", "Condition": condition},
        ]
        document = {"Version": "2012-10-17", "Statement": statements}
        trust = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
        properties = {
            "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [trust]},
            "Policies": [{"PolicyName": "p", "PolicyDocument": document}],
        }
        return {"Resources": {"X": {"Type": "AWS::IAM::Role", "Properties": properties}}}

    found = trustproof.diff(holder(old), holder(new), account="111122223333")
    assert found.is_empty
    other = trustproof.diff(holder("${aws:userid, 'X'}"), holder("${aws:userid, 'x'}"), account="111122223333")
    assert not other.is_empty


def test_a_value_that_one_side_does_not_admit_takes_nothing_from_it() -> None:
    """Nothing of the old side is deployed with a value that its parameter does not list: what it gives is gained."""
    old = trusting({"Fn::If": ["Dev", HUB, OTHER]})
    new = trusting({"Fn::If": ["Prod", "444455556666", {"Fn::If": ["Dev", HUB, OTHER]}]})
    for one, values in ((old, ["dev", "x"]), (new, ["dev", "x", "prod"])):
        one["Parameters"]["Stage"]["AllowedValues"] = values
    (gained,) = diff(old, new)
    assert gained.startswith("gained: arn:aws:iam::444455556666:")
    assert gained.endswith(" where Stage = prod")


#: What a stage lets in that is compared with `prod`, or is itself what is let in.
OPEN, NAMED = if_("Prod", "*", OTHER), {"Fn::Sub": "arn:aws:iam::${Stage}:root"}
MAPPED = {"Fn::FindInMap": ["Who", {"Ref": "Stage"}, "Arn"]}


@pytest.mark.parametrize(
    ("principal", "old", "new", "expected"),
    [
        # Whatever the old side gives at its own values.
        (OPEN, [["dev"], None], [["dev", "prod"], None], ["gained * prod"]),
        (OPEN, [["dev"], "dev"], [["dev", "prod"], "dev"], ["gained * prod"]),
        (OPEN, [["dev"], "dev"], [["dev", "prod"], "prod"], ["gained * prod"]),
        (if_("Prod", "*", if_("Dev", "*", OTHER)), [["dev", "x"], None], [["dev", "x", "prod"], None], []),
        (MAPPED, [["dev"], None], [["dev", "prod"], None], ["gained * prod"]),
        (MAPPED, [["dev"], None], [["dev", "test"], None], []),
        # Another default, of a list or none.
        (OPEN, [["dev", "prod"], "dev"], [["dev", "prod"], "prod"], ["gained * prod"]),
        (OPEN, [None, "dev"], [None, "prod"], ["gained * prod"]),
        (NAMED, [[HUB], HUB], [[HUB, OTHER], OTHER], ["gained 999988887777 999988887777", f"lost {HUB} {HUB}"]),
        (if_("Prod", OTHER, "*"), [None, "prod"], [None, "x"], ["gained * x"]),
        # Where any value may be given.
        (OPEN, [["dev"], None], [None, None], ["gained * prod"]),
        # No value has stayed.
        (NAMED, [[HUB], None], [[OTHER], None], ["gained 999988887777 999988887777", f"lost {HUB} {HUB}"]),
        (OPEN, [["dev"], None], [["prod"], None], ["gained * prod"]),
        # What is only named is a note.
        (NAMED, [[HUB], None], [[HUB, OTHER], None], []),
        (NAMED, [[HUB, OTHER], None], [[OTHER, HUB], None], []),
    ],
)
def test_each_side_is_deployed_with_its_own_values(
    principal: Any, old: list[Any], new: list[Any], expected: list[str]
) -> None:
    """A value that only one side admits, and another default, give what no value of the other side does."""

    def who(one: trustproof.AccessChange) -> str:
        return "*" if one.message.startswith("anyone") else str(one.counterexample.request.caller.account)

    def found(before: list[Any], after: list[Any]) -> list[str]:
        sides = []
        for values, default in (before, after):
            said = {key: value for key, value in (("AllowedValues", values), ("Default", default)) if value}
            made = trusting(principal)
            made["Parameters"]["Stage"] |= said
            made["Mappings"] = {"Who": {"dev": {"Arn": OTHER}, "test": {"Arn": OTHER}, "prod": {"Arn": "*"}}}
            sides.append(made)
        access = trustproof.diff(*sides, account="123456789012").access
        return sorted(f"{one.direction} {who(one)} {one.counterexample.parameters['Stage']}" for one in access)

    assert found(old, new) == expected
    swapped = {"gained": "lost", "lost": "gained"}
    back = sorted(" ".join((swapped[one.split()[0]], *one.split()[1:])) for one in expected)
    assert found(new, old) == back


def test_what_is_the_same_is_so_at_more_values_than_are_compared() -> None:
    """Something else of the template has changed, and a condition with it that decides nothing here."""
    names = [f"P{number}" for number in range(7)]
    bucket = {"Fn::Join": ["-", ["arn:aws:s3:::b", *({"Ref": name} for name in names)]]}
    made = holding(actions="s3:GetObject")
    made["Resources"]["U"]["Properties"]["Policies"][0]["PolicyDocument"] = policy("s3:ListBucket", Resource=bucket)
    made["Parameters"] |= {name: {"Type": "String", "AllowedValues": ["a", "b"]} for name in names}
    more = {**made["Resources"], "T": {"Type": "AWS::SNS::Topic", "Condition": "More"}}
    new = {**made, "Resources": more, "Conditions": {**CONDITIONS, "More": PROD}}
    new["Parameters"] = {**made["Parameters"], "Another": {"Type": "String", "AllowedValues": ["a"]}}
    assert trustproof.diff(made, new, account=HUB).is_empty


@pytest.mark.parametrize("is_read", [True, False])
def test_what_is_written_alike_says_something_else_by_what_it_speaks_of(is_read: bool) -> None:
    """A default that names a bucket, by way of another resource, is compared; one that nobody reads is nothing."""
    statement = policy("s3:GetObject", Principal={"AWS": OTHER}, Resource=[{"Fn::Sub": "${B.Arn}/*"}])
    on = {"Type": "AWS::S3::BucketPolicy", "Properties": {"Bucket": {"Ref": "B"}, "PolicyDocument": statement}}
    bucket = {"BucketName": {"Ref": "Stage"}} if is_read else {}
    resources = {"B": {"Type": "AWS::S3::Bucket", "Properties": bucket}, "P": on}
    old, new = (template(resources, AllowedValues=values) for values in (["one", "two"], ["three", "four"]))
    assert trustproof.diff(old, new, account=HUB).is_empty != is_read


def test_a_value_without_a_deny_that_a_list_kept_out_is_gained() -> None:
    """Where the list goes, any other value may be deployed, and the condition takes away what denies."""
    statements = [
        {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"},
        if_("Prod", {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::b/*"}, NONE),
    ]
    bucket = {"Bucket": "b", "PolicyDocument": {"Statement": statements}}
    old, new = (
        template({"B": {"Type": "AWS::S3::BucketPolicy", "Properties": bucket}}, **listed)
        for listed in ({"AllowedValues": ["prod"]}, {})
    )
    (gained,) = trustproof.diff(old, new, account=HUB).access
    assert gained.direction == "gained"
    assert trustproof.diff(new, old, account=HUB).access[0].direction == "lost"


def test_a_value_that_is_long_enough_on_one_side_only_is_gained() -> None:
    """What declares a value away needs no list."""
    sides = []
    for longest in (3, 4):
        made = trusting(OPEN)
        made["Parameters"]["Stage"] |= {"Default": "dev", "MaxLength": longest}
        sides.append(made)
    (gained,) = trustproof.diff(*sides, account="123456789012").access
    assert (gained.direction, gained.counterexample.parameters) == ("gained", {"Stage": "prod"})


def test_a_value_that_opens_beside_another_parameter_is_gained() -> None:
    """The old side does not read the parameter that it has one value of, and is compared at each of the other."""
    sides = []
    for values in (["dev"], ["dev", "prod"]):
        made = trusting(if_("Both", "*", OTHER))
        made["Parameters"]["Stage"]["AllowedValues"] = values
        made["Parameters"]["Switch"] = {"Type": "String", "AllowedValues": ["on", "off"]}
        on = {"Fn::Equals": [{"Ref": "Switch"}, "on"]}
        made["Conditions"] = {**CONDITIONS, "Both": {"Fn::And": [PROD, on]}}
        sides.append(made)
    found = trustproof.diff(*sides, account="123456789012")
    (gained,) = found.access
    assert (gained.direction, gained.counterexample.parameters) == ("gained", {"Stage": "prod", "Switch": "on"})
    assert not found.undecided


@pytest.mark.parametrize("before", [{"dev": {"P": HUB}}, {}])
def test_a_row_for_a_parameter_with_a_default_is_compared(before: Json) -> None:
    """Whoever deploys chooses each of the rows; at what no row is for, there is no deployment."""
    found: list[Json] = []
    for rows in (before, {"dev": {"P": "*"}}):
        stack = trusting({"Fn::FindInMap": ["M", {"Ref": "Stage"}, "P"]})
        stack["Parameters"]["Stage"]["Default"] = "prod"
        found.append({**stack, "Mappings": {"M": {"prod": {"P": HUB}, **rows}}})
    difference = trustproof.diff(*found, account=HUB)
    assert [one.counterexample.parameters["Stage"] for one in difference.access if one.direction == "gained"] == ["dev"]
    assert not difference.undecided


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ({"AllowedValues": [HUB]}, {"AllowedValues": [HUB, OTHER]}, f'newly admits "{OTHER}"'),
        ({"AllowedValues": [HUB]}, {}, "has no AllowedValues any more"),
        ({"AllowedPattern": "1+"}, {"AllowedPattern": "[12]+"}, 'was "1+", is "[12]+"'),
        ({"AllowedValues": [HUB, OTHER]}, {"AllowedValues": [HUB]}, ""),
    ],
)
def test_what_is_newly_admitted_is_a_note(old: Json, new: Json, expected: str) -> None:
    """It gives nobody anything where both sides are deployed alike, and whoever reads the change sees it."""
    sides = [trusting(NAMED), trusting(NAMED)]
    for one, said_of_it in zip(sides, (old, new), strict=True):
        one["Parameters"]["Stage"] |= {"Default": HUB, **said_of_it}
    found = trustproof.diff(*sides, account=HUB)
    assert not found.access
    assert [expected in note for note in found.notes] == [True] * bool(expected)


REGION = {"Ref": "AWS::Region"}


@pytest.mark.parametrize("key", [{"Ref": "Stage"}, REGION, {"Ref": "AWS::AccountId"}])
def test_a_row_for_a_pseudo_parameter_is_compared(key: Json) -> None:
    """A mapping by the Region or the account is the most ordinary one there is."""
    found: list[Json] = []
    for other in (HUB, "*"):
        rows = {"eu-west-1": {"P": other}, HUB: {"P": other}, "us-east-1": {"P": HUB}}
        found.append({**trusting({"Fn::FindInMap": ["M", key, "P"]}), "Mappings": {"M": rows}})
    assert [one.direction for one in trustproof.diff(*found, account=HUB).access] == ["gained"]


@pytest.mark.parametrize("key", ["Stage", "AWS::Region"])
@pytest.mark.parametrize(
    ("type_", "properties"),
    [
        ("Lambda::Permission", {"FunctionName": "-", "Action": "lambda:InvokeFunction", "Principal": "*"}),
        ("SQS::QueuePolicy", {"Queues": ["https://sqs.us-east-1.amazonaws.com/111122223333/-"]}),
        ("IAM::Policy", {"PolicyName": "p", "Roles": ["-"]}),
    ],
)
def test_what_a_mapping_puts_a_policy_on_is_compared(key: str, type_: str, properties: Json) -> None:
    """Whoever deploys may choose another row than that of the default, and the policy is put on something else."""
    statement = {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*"}
    statement |= {} if type_ == "IAM::Policy" else {"Principal": "*"}
    rows = {"Stage": ("dev", "prod"), "AWS::Region": ("eu-west-1", "us-east-1")}[key]
    found: list[Json] = []
    for other in ("reader", "writer"):
        look = {"Fn::FindInMap": ["M", {"Ref": key}, "N"]}
        said = {name: _filled(value, look) for name, value in properties.items()}
        said |= {} if type_ == "Lambda::Permission" else {"PolicyDocument": {"Statement": [statement]}}
        found.append(
            {
                "Parameters": {"Stage": {"Type": "String", "AllowedValues": ["dev", "prod"], "Default": "prod"}},
                "Mappings": {"M": dict(zip(rows, ({"N": other}, {"N": "main"}), strict=True))},
                "Resources": {"R": {"Type": f"AWS::{type_}", "Properties": said}},
            }
        )
    difference = trustproof.diff(*found, account=HUB)
    assert sorted(one.direction for one in difference.access) == ["gained", "lost"]
    assert {one.counterexample.parameters.get(key) for one in difference.access} <= {rows[0], None}


def _filled(value: Any, look: Json) -> Any:
    if isinstance(value, list):
        return [_filled(one, look) for one in value]
    if not isinstance(value, str) or not value.endswith("-"):
        return value
    return {"Fn::Join": ["", [value[:-1], look]]} if value[:-1] else look


def test_what_is_not_known_of_one_user_is_told_once() -> None:
    """Not at each outcome of the conditions, with the reasons that hold there."""
    compared = {"NumericEquals": {"s3:max-keys": "${aws:PrincipalTag/x}"}, "DateEquals": {"aws:CurrentTime": "soon"}}
    statements = [
        if_(name, policy("s3:ListBucket", Resource="*", Condition={operator: operand})["Statement"][0], NONE)
        for name, (operator, operand) in zip(("Prod", "NotProd"), compared.items(), strict=True)
    ]
    old, new = holding(), holding()
    for side, added in ((old, []), (new, statements)):
        document = policy("sts:GetCallerIdentity", Resource="*")
        document["Statement"] += added
        side["Resources"]["U"]["Properties"]["Policies"][0]["PolicyDocument"] = document
    (left,) = trustproof.diff(old, new, account=HUB).undecided
    assert [operator for operator in compared if operator in " ".join(left.reasons)] == [*compared]


_ONE = {"Ref": "One"}
_TRUSTED = {"Principal": {"AWS": f"arn:aws:iam::{OTHER}:root"}}


@pytest.mark.parametrize(
    ("default", "named"),
    [("x", _ONE), ("x", {"Fn::Sub": "arn:aws:iam::${One}:root"}), ("123", _ONE), ("arn:aws:iam:::root", _ONE)],
)
def test_what_is_no_principal_by_default_is_compared_at_any_other_value_too(default: str, named: Json) -> None:
    """IAM refuses it, so that a value is to be given, as for one that is empty."""
    old, new = trusting(HUB), trusting(HUB)
    for side in (old, new):
        side["Parameters"]["One"] = {"Type": "String", "Default": default}
    (role,) = [one["Properties"] for one in new["Resources"].values() if one["Type"] == "AWS::IAM::Role"]
    trust, more = role["AssumeRolePolicyDocument"], policy("sts:AssumeRole", Principal={"AWS": named})
    role["AssumeRolePolicyDocument"] = {**trust, "Statement": [*trust["Statement"], *more["Statement"]]}
    found = trustproof.diff(old, new, account=HUB)
    (gained,) = found.gained
    assert gained.counterexample.parameters["One"]
    assert not found.undecided


#: What a bucket's name is, and the values at which its policy is about it: None where there is none.
BUCKETS: list[tuple[object, Json, list[Json]]] = [
    ({"Ref": "B"}, {"Default": ""}, [{"B": "other"}]),
    ({"Ref": "B"}, {}, [{"B": "other"}]),
    ({"Ref": "B"}, {"AllowedValues": ["mine", "yours"]}, []),
    ({"Ref": "B"}, {"AllowedPattern": "mine.*"}, []),
    ("mine", {}, []),
    ("other", {}, [{}]),
    ({"Ref": "B"}, {"Default": "mine"}, [{}]),
]


@pytest.mark.parametrize(("bucket", "declared", "expected"), BUCKETS)
def test_what_a_policy_says_of_another_bucket_gives_nothing(
    bucket: object, declared: Json, expected: list[Json]
) -> None:
    """S3 refuses a policy that is about another bucket, so at another name nobody gains anything."""

    def side(account: str) -> Json:
        statement = {"Effect": "Allow", "Principal": {"AWS": account}, "Action": "s3:GetObject"}
        policy = {"Statement": {**statement, "Resource": "arn:aws:s3:::other/*"}}
        on = {"Type": "AWS::S3::BucketPolicy", "Properties": {"Bucket": bucket, "PolicyDocument": policy}}
        return {"Parameters": {"B": {"Type": "String", **declared}}, "Resources": {"P": on}}

    found = trustproof.diff(side("222233334444"), side("333344445555"), account="111122223333")
    assert [one.counterexample.parameters for one in found.access] == expected * 2
    by_default = declared == {"Default": "mine"}
    assert all(any("by default" in note for note in one.notes) is by_default for one in found.access)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (policy("sqs:SendMessage", Resource=_ONE), "on arn:aws:sqs:us-east-1:111122223333:app"),
        (policy("secretsmanager:GetSecretValue", Resource=[_ONE]), ":secret:app-AbCdEf"),
        (policy("sqs:SendMessage", Resource={"Fn::Sub": "arn:aws:sqs:*:*:${One}"}), ":example"),
        (policy("s3:GetObject", Resource={"Fn::Sub": "arn:aws:s3:::${One}/*"}), "arn:aws:s3:::example/app"),
        (policy("sts:AssumeRole", Principal={"AWS": _ONE}), "of account 444455556666"),
        (policy("sts:AssumeRole", **_TRUSTED, Condition={"StringEquals": {"sts:ExternalId": _ONE}}), OTHER),
        (policy("sts:AssumeRole", **_TRUSTED, Condition={"IpAddress": {"aws:SourceIp": _ONE}}), OTHER),
    ],
)
def test_what_is_empty_by_default_is_compared_at_any_other_value_too(given: Json, said: str) -> None:
    """Nobody is let in by an empty name: the value is to be given."""
    old, new = trusting(HUB), trusting(HUB)
    for side in (old, new):
        side["Parameters"]["One"] = {"Type": "String", "Default": ""}
    (role,) = [one["Properties"] for one in new["Resources"].values() if one["Type"] == "AWS::IAM::Role"]
    if "Resource" in given["Statement"][0]:
        role["Policies"] = [{"PolicyName": "p", "PolicyDocument": given}]
    else:
        trust = role["AssumeRolePolicyDocument"]
        role["AssumeRolePolicyDocument"] = {**trust, "Statement": [*trust["Statement"], *given["Statement"]]}
    found = trustproof.diff(old, new, account=HUB)
    (gained,) = found.gained
    assert said in gained.message
    assert gained.counterexample.parameters["One"]
    assert not found.lost
    assert not found.undecided


def test_what_the_same_caller_gains_at_each_value_is_one_block() -> None:
    """It names the values; a caller of its own at each of them is said at each."""
    folder = {name: {"Id": f"vendor{number}", "Account": 3 * f"{number}111"} for number, name in enumerate("abc", 2)}
    for looked_up, count in (("Id", 1), ("Account", 3)):
        old, new = trusting(HUB), trusting(HUB)
        for side in (old, new):
            side["Parameters"]["One"] = {"Type": "String", "AllowedValues": [*folder], "Default": "a"}
            side["Mappings"] = {"Vendors": folder}
        found: Json = {"Fn::FindInMap": ["Vendors", _ONE, looked_up]}
        more = _TRUSTED if looked_up == "Id" else {"Principal": {"AWS": found}}
        more = {**more, "Condition": {"StringEquals": {"sts:ExternalId": found}}} if looked_up == "Id" else more
        (role,) = [one["Properties"] for one in new["Resources"].values() if one["Type"] == "AWS::IAM::Role"]
        trust, statements = role["AssumeRolePolicyDocument"], policy("sts:AssumeRole", **more)["Statement"]
        role["AssumeRolePolicyDocument"] = {**trust, "Statement": [*trust["Statement"], *statements]}
        gained = trustproof.diff(old, new, account=HUB).gained
        assert len(gained) == count
        assert ("so it is at One = b; One = c" in " ".join(gained[0].notes)) == (count == 1)


def for_site(*read: Json) -> Json:
    """A template with a role whose trust policy looks up an account by the site, and what else reads that."""
    account = {"Fn::FindInMap": ["Sites", {"Ref": "Site"}, "Account"]}
    trust = policy("sts:AssumeRole", Principal={"AWS": account})
    inline = [{"PolicyName": f"p{number}", "PolicyDocument": policy(**one)} for number, one in enumerate(read)]
    role = {"AssumeRolePolicyDocument": trust, "Policies": inline}
    return {
        "Parameters": {"Site": {"Type": "String", "AllowedValues": ["us", "eu"], "Default": "us"}},
        "Mappings": {
            "Sites": {
                "us": {"Account": HUB, "Bucket": "arn:aws:s3:::a/*"},
                "eu": {"Account": OTHER, "Bucket": "arn:aws:s3:::b/*"},
            }
        },
        "Conditions": {"Eu": {"Fn::Equals": [{"Ref": "Site"}, "eu"]}},
        "Resources": {"R": {"Type": "AWS::IAM::Role", "Properties": role}},
    }


@pytest.mark.parametrize(
    ("more", "site"),
    [
        # At which site nobody has to say: what the role may do is the same at each.
        ({"actions": "kms:Decrypt", "Resource": "*"}, "us"),
        # What is given at one of them, the role had anyway.
        ({"Resource": {"Fn::FindInMap": ["Sites", {"Ref": "Site"}, "Bucket"]}}, "eu"),
        ({"Resource": if_("Eu", "arn:aws:s3:::b/*", "arn:aws:s3:::a/*")}, "eu"),
    ],
)
def test_what_only_a_trust_policy_reads_makes_no_more_of_what_a_role_may_do(more: Json, site: str) -> None:
    """It is compared at one of its values, and what else reads the parameter at each."""
    one = {"actions": "s3:GetObject", "Resource": "arn:aws:s3:::a/*"}
    found = trustproof.diff(for_site(one), for_site(one, {**one, **more}))
    assert [shown.counterexample.parameters.get("Site") for shown in found.gained] == [site]


#: A statement beside one that is gained, and the parameters that are shown.
BESIDE: list[tuple[str, object, set[str]]] = [
    ("about another action", {"Effect": "Allow", "Action": "sns:Publish", "Resource": {"Ref": "Other"}}, {"Bucket"}),
    (
        "about the same",
        {"Effect": "Deny", "Action": "s3:G*", "NotResource": {"Fn::Sub": "arn:aws:s3:::${Other}/*"}},
        {"Bucket", "Other"},
    ),
    (
        "about an action that is not known",
        {"Effect": "Deny", "Action": {"Fn::Sub": "s3:${Other}"}, "Resource": "*"},
        {"Bucket", "Other"},
    ),
]


@pytest.mark.parametrize(("beside", "names"), [row[1:] for row in BESIDE], ids=[row[0] for row in BESIDE])
def test_parameters_that_have_no_part_are_not_shown(beside: object, names: set[str]) -> None:
    """What other actions are about decides nothing; what may be about the request is shown with its value."""
    old, new = (
        {
            "Parameters": {"Bucket": {"Type": "String"}, "Other": {"Type": "String"}},
            "Resources": {
                "User": {
                    "Type": "AWS::IAM::User",
                    "Properties": {
                        "Policies": [{"PolicyName": "p", "PolicyDocument": {"Statement": [beside, allow]}}],
                    },
                }
            },
        }
        for allow in (
            {"Effect": "Allow", "Action": "s3:GetObject", "Resource": {"Fn::Sub": f"arn:aws:s3:::${{Bucket}}/{path}*"}}
            for path in ("a/", "")
        )
    )
    shown = [one.counterexample.parameters for one in trustproof.diff(old, new, account=HUB).gained]
    assert shown
    assert all({*map(str, one)} >= names for one in shown)
    assert "Other" in names or all("Other" not in one for one in shown)


@pytest.mark.parametrize("name", ["A", "Z"])
def test_what_is_put_on_whom_a_parameter_names_may_be_anybodys(name: str) -> None:
    """Wherever the policy stands in the template."""

    def said(**more: Any) -> Json:
        return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **more}]}

    trust = said(Action="sts:AssumeRole", Principal={"AWS": HUB})
    own = {"PolicyName": "own", "PolicyDocument": said(Action="sqs:*", Resource="*")}
    properties = {"RoleName": "r", "AssumeRolePolicyDocument": trust, "Policies": [own]}
    resources: Json = {"R": {"Type": "AWS::IAM::Role", "Properties": properties}}
    read = said(Action="s3:GetObject", Resource="*")
    given = {"PolicyName": "p", "Roles": [{"Ref": "P"}], "PolicyDocument": read}
    parameters = {"P": {"Type": "String", "Default": "x", "AllowedValues": ["x", "r"]}}
    more = dict(sorted({**resources, name: {"Type": "AWS::IAM::Policy", "Properties": given}}.items()))
    old, new = ({"Parameters": parameters, "Resources": one} for one in (resources, more))
    found = trustproof.diff(old, new, account=HUB)
    assert ["role r" in one.message for one in found.gained] == [True]


#: What a user has where it is not production, and another way to say so, or to say more.
EXCLUSIVE: list[tuple[str, list[Json], list[Json], list[str]]] = [
    ("either outcome alike", [ANY], [if_("Prod", ANY, ANY)], []),
    ("what is there already", [if_("Prod", SOME, ANY)], [if_("Prod", SOME, ANY), SOME], []),
    ("more", [if_("Prod", ANY, SOME)], [if_("Prod", ANY, SOME), OTHERS], ["gained"]),
    ("less", [if_("Prod", ANY, SOME), OTHERS], [if_("Prod", ANY, SOME)], ["lost"]),
]


@pytest.mark.parametrize(("old", "new", "told"), [row[1:] for row in EXCLUSIVE], ids=[row[0] for row in EXCLUSIVE])
def test_exclusive_conditions_leave_nothing_open(old: list[Json], new: list[Json], told: list[str]) -> None:
    """
    What a policy gives where it is not production, to a user who is made twice by the same name.

    It was said not to be known of the one in production, since one condition was taken to say nothing of the other.
    """

    def template(statements: list[Json]) -> Json:
        users = {
            name: {"Type": "AWS::IAM::User", "Condition": name, "Properties": {"UserName": "u"}}
            for name in ("Prod", "NotProd")
        }
        given = {"PolicyDocument": {"Version": "2012-10-17", "Statement": statements}, "Users": ["u"]}
        made = {"Type": "AWS::IAM::ManagedPolicy", "Condition": "NotProd", "Properties": given}
        return {
            "Parameters": {"Stage": {"Type": "String", "AllowedValues": ["dev", "prod"]}},
            "Conditions": {name: CONDITIONS[name] for name in ("Prod", "NotProd")},
            "Resources": {**users, "Policy": made},
        }

    found = trustproof.diff(template(old), template(new), account=HUB)
    assert not found.undecided
    assert [one.direction for one in found.access] == told
