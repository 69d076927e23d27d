"""
A parameter that is a list: judged at every choice of its AllowedValues, next to what functions make of known lists.
"""

from __future__ import annotations

from itertools import combinations

import pytest

import trustproof

Json = dict[str, object]
OWN, OUTSIDE, OTHER = "111122223333", "222233334444", "999988887777"
REF: Json = {"Ref": "P"}
MANY = [OWN, *(f"{number:012}" for number in range(100000000000, 100000000006))]


def allow(who: object, **conditions: Json) -> Json:
    """A statement that lets somebody assume a role."""
    actions = ["sts:AssumeRole", "sts:TagSession"]
    return {"Effect": "Allow", "Action": actions, "Principal": {"AWS": who}, "Condition": conditions}


def deny(key: str, operands: object, operator: str = "StringEquals") -> Json:
    """A statement that keeps out whoever a condition holds of."""
    return {**allow("*", **{operator: {key: operands}}), "Effect": "Deny"}


def listed(*values: str, default: str | None = None) -> Json:
    """A list of some values."""
    found: Json = {"Type": "CommaDelimitedList", "AllowedValues": [*values]}
    return found if default is None else {**found, "Default": default}


def selected(index: int, text: str) -> Json:
    """A condition on one item."""
    return {"Conditions": {"C": {"Fn::Equals": [{"Fn::Select": [index, REF]}, text]}}}


def asserted(body: Json) -> Json:
    """Rules of one assertion."""
    return {"Rules": {"Known": {"Assertions": [{"Assert": body}]}}}


ACCOUNT = "aws:PrincipalAccount"
BOTH = allow([OWN, OUTSIDE])
#: The parameter, the statements, further sections and the verdict.
CASES: list[tuple[Json, list[Json], Json, str]] = [
    (listed(OUTSIDE), [BOTH, deny(ACCOUNT, REF)], {}, "proved"),
    (listed(OUTSIDE, default=OUTSIDE), [BOTH, deny(ACCOUNT, REF)], {}, "proved"),
    (listed(OUTSIDE, OTHER), [BOTH, deny(ACCOUNT, REF)], {}, "refuted"),
    (listed(OWN), [BOTH, deny(ACCOUNT, REF, "StringNotEquals")], {}, "proved"),
    (listed(OWN, OUTSIDE), [BOTH, deny(ACCOUNT, REF, "StringNotEquals")], {}, "refuted"),
    (listed(OWN, OUTSIDE, default=OWN), [allow(REF)], {}, "refuted"),
    (listed(OWN, default=OWN), [allow(REF)], {}, "proved"),
    (listed("a", "b"), [allow([OWN, OUTSIDE]), deny(ACCOUNT, OUTSIDE)], {}, "proved"),
    # Who is let in only with both items.
    (
        listed("a", "b"),
        [
            allow(OUTSIDE, **{"ForAllValues:StringEquals": {"aws:TagKeys": REF}, "Null": {"aws:TagKeys": "false"}}),
            deny("aws:TagKeys", "a", "ForAllValues:StringEquals"),
            deny("aws:TagKeys", "b", "ForAllValues:StringEquals"),
        ],
        {},
        "refuted",
    ),
    # More lists than are judged one by one.
    (listed(*MANY), [allow(REF)], {}, "refuted"),
    (listed(*MANY), [allow(OWN), deny(ACCOUNT, REF)], {}, "proved"),
    (listed(*MANY), [BOTH, deny(ACCOUNT, REF)], {}, "refuted"),
    # What is made of a list otherwise than item by item.
    (listed(OWN), [allow({"Fn::Join": ["", REF]})], {}, "unknown"),
    # An item is one of the allowed values.
    (listed(OWN), [allow({"Fn::Select": [1, REF]})], {}, "proved"),
    (listed(OWN, "c"), [allow({"Fn::If": ["C", OUTSIDE, OWN]})], selected(0, "d"), "proved"),
    (listed(OWN, "c"), [allow({"Fn::If": ["C", OUTSIDE, OWN]})], selected(1, "d"), "proved"),
    ({**listed(OWN, "c"), "Default": "c"}, [allow({"Fn::If": ["C", OUTSIDE, OWN]})], selected(0, "d"), "proved"),
    (listed(OWN, "c"), [allow({"Fn::If": ["C", OUTSIDE, OWN]})], selected(0, "c"), "refuted"),
    (listed(OWN, "c"), [allow({"Fn::If": ["C", OUTSIDE, OWN]})], selected(1, "c"), "refuted"),
    ({"Type": "CommaDelimitedList"}, [allow({"Fn::If": ["C", OUTSIDE, OWN]})], selected(0, "d"), "refuted"),
    ({"Type": "CommaDelimitedList", "Default": f"{OWN},{OUTSIDE}"}, [allow({"Fn::Select": [0, REF]})], {}, "proved"),
    ({"Type": "CommaDelimitedList", "Default": f"{OWN},{OUTSIDE}"}, [allow({"Fn::Select": [1, REF]})], {}, "refuted"),
    # What a rule admits.
    ({"Type": "CommaDelimitedList"}, [allow(REF)], asserted({"Fn::EachMemberIn": [REF, [OWN]]}), "proved"),
    ({"Type": "CommaDelimitedList"}, [allow(REF)], asserted({"Fn::EachMemberIn": [REF, [OWN, OUTSIDE]]}), "refuted"),
    ({"Type": "CommaDelimitedList"}, [allow(REF)], asserted({"Fn::EachMemberEquals": [REF, OWN]}), "proved"),
    (
        {"Type": "CommaDelimitedList"},
        [BOTH, deny(ACCOUNT, REF)],
        asserted({"Fn::EachMemberIn": [REF, [OUTSIDE]]}),
        "proved",
    ),
]


def check(statements: list[Json], declared: Json | None = None, more: Json | None = None) -> trustproof.Report:
    """What is said of a role with some statements."""
    role = {"AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": statements}}
    template: Json = {"Resources": {"R": {"Type": "AWS::IAM::Role", "Properties": role}}, **(more or {})}
    if declared is not None:
        template["Parameters"] = {"P": declared}
    boundary: Json = {"boundary": {"accounts": [OWN]}}
    return trustproof.check([template], account=OWN, config=boundary, properties=["inside-boundary"], certify=True)


@pytest.mark.parametrize(("declared", "statements", "more", "verdict"), CASES)
def test_a_list_parameter(declared: Json, statements: list[Json], more: Json, verdict: str) -> None:
    """It is judged at each list that may be given, and at no other one."""
    assert {result.verdict for result in check(statements, declared, more).results} == {verdict}


def test_a_counterexample_names_a_list_that_may_be_given() -> None:
    """The list of a refutation has several items where it takes several."""
    statements = [BOTH, deny(ACCOUNT, REF, "StringNotEquals"), deny(ACCOUNT, {"Fn::Split": [",", OTHER]})]
    (result,) = check(statements, listed(OWN, OUTSIDE)).results
    assert result.counterexample is not None
    assert dict(result.counterexample.parameters) == {"P": OUTSIDE}


BLOCKS: Json = {"Fn::Cidr": ["203.0.113.0/24", 2, 4]}


@pytest.mark.parametrize(
    ("admitted", "denied", "verdict"),
    [
        (BLOCKS, "203.0.113.0/27", "proved"),
        (BLOCKS, "203.0.113.16/28", "refuted"),
        ({"Fn::Select": [1, BLOCKS]}, "203.0.113.16/28", "proved"),
        ("203.0.113.16/28", BLOCKS, "proved"),
        ("203.0.113.16/28", {"Fn::Select": [0, BLOCKS]}, "refuted"),
    ],
)
def test_blocks_of_addresses(admitted: object, denied: object, verdict: str) -> None:
    """``Fn::Cidr`` of a known block gives blocks that are known."""
    statements = [
        allow([OWN, OUTSIDE], IpAddress={"aws:SourceIp": admitted}),
        deny("aws:SourceIp", denied, "IpAddress"),
    ]
    assert {result.verdict for result in check(statements).results} == {verdict}


MAPPED: Json = {"Mappings": {"Accounts": {"p-a": {"Id": OWN}, "p-b": {"Id": OWN}, "p-c": {"Id": OUTSIDE}}}}


@pytest.mark.parametrize(("values", "verdict"), [(("a", "b"), "proved"), (("a", "c"), "refuted"), ((), "refuted")])
def test_a_key_of_a_mapping_that_is_put_together(values: tuple[str, ...], verdict: str) -> None:
    """A key of a text and one unknown part is each of the keys that it may be."""
    declared: Json = {"Type": "String", **({"AllowedValues": [*values]} if values else {})}
    found = {"Fn::FindInMap": ["Accounts", {"Fn::Sub": "p-${P}"}, "Id"]}
    assert {result.verdict for result in check([allow(found)], declared, MAPPED).results} == {verdict}


def test_lists_that_a_rule_tells_apart_may_still_hold_the_same() -> None:
    """A rule compares lists as they are written: two that differ in order, or in how often an item is there, differ."""
    rules: Json = {"Rules": {"R": {"Assertions": [{"Assert": {"Fn::Not": [{"Fn::Equals": [REF, {"Ref": "Q"}]}]}}]}}}
    more: Json = {**rules, "Parameters": {"P": listed(OTHER, OUTSIDE), "Q": listed(OTHER, OUTSIDE)}}
    statements = [BOTH, deny(ACCOUNT, REF), deny(ACCOUNT, {"Ref": "Q"})]
    (result,) = check(statements, None, more).results
    assert result.verdict == "unknown"


@pytest.mark.parametrize(("count", "needed"), [(6, 3), (6, 5), (7, 4), (8, 3)])
def test_what_only_some_items_together_let_in_is_never_proved(count: int, needed: int) -> None:
    """Where one list of several values, and no list of a few, lets outsiders in, that is refuted or not decided."""
    values = [f"v{number}" for number in range(count)]
    tags = {f"aws:RequestTag/{value}": value for value in values}
    inside: Json = dict.fromkeys([*tags][:needed], REF)
    statements = [
        allow(OUTSIDE, StringLike={**tags}, StringEquals=inside),
        *(deny(tag, REF) for tag in [*tags][needed:]),
    ]
    verdicts = {result.verdict for result in check(statements, listed(*values)).results}
    assert "proved" not in verdicts
    assert count > 6 or verdicts == {"refuted"}


@pytest.mark.parametrize("count", [6, 8])
def test_a_set_of_values_may_need_several_items(count: int) -> None:
    """All tags of a request may be in a list only if the list has as many items, or more."""
    values = [f"v{number}" for number in range(count)]
    tags = {"ForAllValues:StringEquals": {"aws:TagKeys": REF}, "Null": {"aws:TagKeys": "false"}}
    pairs = [deny("aws:TagKeys", [*pair], "ForAllValues:StringEquals") for pair in combinations(values, 2)]
    assert "proved" not in {r.verdict for r in check([allow(OUTSIDE, **tags), *pairs], listed(*values)).results}


def compared(text: str, delimiter: str = ",") -> Json:
    """A condition on all items as one text."""
    return {"Conditions": {"Is": {"Fn::Equals": [{"Fn::Join": [delimiter, REF]}, text]}}}


CHOSEN: Json = {"Fn::If": ["Is", OWN, REF]}
#: The allowed values, the condition, what is let in and the verdict.
WHOLE: list[tuple[tuple[str, ...], Json, object, str]] = [
    # No list of these is that text.
    ((OWN,), compared(OUTSIDE), CHOSEN, "proved"),
    ((OWN,), compared("", ""), {"Fn::If": ["Is", OUTSIDE, REF]}, "proved"),
    ((OWN,), compared(f"{OUTSIDE}|{OWN}", "|"), {"Fn::If": ["Is", OUTSIDE, OWN]}, "proved"),
    ((OWN, OUTSIDE), compared(OUTSIDE), {"Fn::If": ["Is", OWN, {"Fn::If": ["Is", REF, OWN]}]}, "proved"),
    # One item is that text, and twice the item is another list.
    ((OUTSIDE,), compared(OUTSIDE), CHOSEN, "refuted"),
    ((OUTSIDE,), compared(OUTSIDE), {"Fn::If": ["Is", REF, OWN]}, "refuted"),
    # A list in another order.
    ((OWN, OUTSIDE), compared(f"{OUTSIDE}-{OWN}", "-"), {"Fn::If": ["Is", REF, OWN]}, "refuted"),
    # What is joined and split again is the list.
    ((OWN,), {}, {"Fn::Split": ["-", {"Fn::Join": ["-", REF]}]}, "proved"),
    ((OWN, OUTSIDE), {}, {"Fn::Split": ["-", {"Fn::Join": ["-", REF]}]}, "refuted"),
    ((f"{OWN}-", f"-{OWN}"), {}, {"Fn::Split": ["-", {"Fn::Join": ["-", REF]}]}, "unknown"),
]


@pytest.mark.parametrize(("values", "more", "admitted", "verdict"), WHOLE)
def test_a_list_that_a_condition_compares_as_a_whole(
    values: tuple[str, ...], more: Json, admitted: object, verdict: str
) -> None:
    """A list of allowed items is that text or not, and the items count at both."""
    statements = [allow("*", StringEquals={ACCOUNT: admitted})]
    assert {result.verdict for result in check(statements, listed(*values), more).results} == {verdict}


@pytest.mark.parametrize("condition", ["bb,aa", "aa,bb,cc,aa"])
def test_a_list_in_an_order_is_a_list_too(condition: str) -> None:
    """What a condition says of a list as it is written is judged with what the policy makes of its items."""
    more: Json = {"Conditions": {"Is": {"Fn::Equals": [{"Fn::Join": [",", REF]}, condition]}}}
    admitted = {"Fn::If": ["Is", OUTSIDE, OWN]}
    statements = [allow(admitted, StringEquals={"sts:ExternalId": REF}), deny("aws:PrincipalTag/x", REF)]
    assert "proved" not in {result.verdict for result in check(statements, listed("aa", "bb", "cc"), more).results}


@pytest.mark.parametrize(("more", "verdict"), [((), "proved"), (("arn:aws:iam::*:role/any",), "refuted")])
def test_a_list_of_the_roles_that_a_user_may_assume(more: tuple[str, ...], verdict: str) -> None:
    """Each request is about one role, so that no more than one item decides."""
    values = [*(f"arn:aws:iam::{OWN}:role/role{number}" for number in range(9)), *more]
    statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": REF}
    inline = {"PolicyName": "p", "PolicyDocument": {"Version": "2012-10-17", "Statement": [statement]}}
    user: Json = {"Type": "AWS::IAM::User", "Properties": {"Policies": [inline]}}
    template: Json = {"Parameters": {"P": listed(*values)}, "Resources": {"U": user}}
    boundary: Json = {"boundary": {"accounts": [OWN]}}
    found = trustproof.check([template], account=OWN, config=boundary, properties=["assume-role-scoped"]).results
    assert {result.verdict for result in found} == {verdict}
