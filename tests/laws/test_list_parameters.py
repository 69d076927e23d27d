"""
A parameter that is a list of some of its ``AllowedValues`` is judged at every list of them.
"""

from __future__ import annotations

import json
from itertools import combinations
from random import Random

from hypothesis import given

import trustproof
from tests import tally
from tests.strategies import choices, examples

Json = dict[str, object]
OWN, OUTSIDE, OTHER = "111122223333", "222233334444", "999988887777"
VALUES = (OWN, OUTSIDE, OTHER)
ORDER = ("refuted", "unknown", "proved")
LIST: Json = {"Ref": "Accounts"}
#: The list as it is put together and taken apart again, and where a condition looks at the whole of it.
AGAIN: Json = {"Fn::Split": ["-", {"Fn::Join": ["-", LIST]}]}
CHOSEN: Json = {"Fn::If": ["Is", OWN, LIST]}
OPERATORS = ("StringEquals", "StringNotEquals", "StringLike", "ForAnyValue:StringEquals", "ForAllValues:StringEquals")


def _statement(rng: Random, effect: str) -> Json:
    """A statement that has the list as its principals, in a condition or in both, or not at all."""
    found: Json = {"Effect": effect, "Action": ["sts:AssumeRole", "sts:TagSession"]}
    everybody: Json = {"AWS": rng.choice(["*", [OWN, OUTSIDE], LIST, [OWN, LIST]])}
    found["Principal"] = everybody if effect == "Allow" else {"AWS": rng.choice(["*", LIST])}
    if rng.random() < 0.7:
        key = rng.choice(["aws:PrincipalAccount", "aws:PrincipalAccount", "aws:TagKeys", "sts:ExternalId"])
        operands = rng.choice([LIST, CHOSEN, AGAIN, [OWN, LIST], OWN])
        operator = rng.choice(OPERATORS if key == "aws:TagKeys" else OPERATORS[:3])
        found["Condition"] = {operator: {key: operands}}
    return found


def _template(rng: Random, compared: tuple[str, ...]) -> Json:
    """A role whose trust policy reads the list in several statements, some where all of it is one list."""
    statements = [_statement(rng, "Allow"), *(_statement(rng, "Deny") for _ in range(rng.randrange(3)))]
    declared: Json = {"Type": "CommaDelimitedList", "AllowedValues": [*VALUES]}
    if rng.random() < 0.5:
        declared["Default"] = ",".join(rng.sample(VALUES, rng.randrange(1, 4)))
    role = {"AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": statements}}
    delimiter = rng.choice([",", "-", ""])
    same: Json = {"Fn::Equals": [{"Fn::Join": [delimiter, LIST]}, delimiter.join(compared)]}
    return {
        "Parameters": {"Accounts": declared},
        "Conditions": {"Is": rng.choice([same, {"Fn::Not": [same]}])},
        "Resources": {"R": {"Type": "AWS::IAM::Role", "Properties": role}},
    }


def _verdict(template: Json, accounts: str | None = None) -> str:
    report = trustproof.check(
        [template],
        account=OWN,
        config={"boundary": {"accounts": [OWN]}},
        properties=["inside-boundary"],
        parameters=None if accounts is None else {"Accounts": accounts},
    )
    return min((result.verdict for result in report.results), key=ORDER.index, default="proved")


@examples(8, in_deep=600)
@given(choices())
def test_the_verdict_about_a_list_is_the_worst_about_all_lists(rng: Random) -> None:
    """What is said of a template is the worst of what is said of it at each choice of the values."""
    compared = (*rng.choices(VALUES, k=rng.randrange(1, 4)),)
    template = _template(rng, compared)
    every = [chosen for size in (1, 2, 3) for chosen in combinations(VALUES, size)]
    # The compared one, and one that has the same items and is another list.
    lists = [",".join(chosen) for chosen in (*every, compared, (*compared, compared[-1]))]
    worst = min((_verdict(template, accounts) for accounts in lists), key=ORDER.index)
    found = _verdict(template)
    tally.note("list parameters", found)
    tally.agree("a list parameter, and each list", found == worst, (found, worst, json.dumps(template)))


MANY = tuple(f"v{number}" for number in range(7))


def _demanding(rng: Random, values: tuple[str, ...]) -> Json:
    """A role that somebody outside may assume for certain lists only: with some of the values, and without others."""
    allow: Json = {"Effect": "Allow", "Action": ["sts:AssumeRole", "sts:TagSession"], "Principal": {"AWS": OUTSIDE}}
    tags = {f"aws:RequestTag/{value}": value for value in values}
    conditions: dict[str, Json] = {"StringLike": {**tags}}
    denials: list[Json] = []
    for tag in tags:
        where = rng.random()
        if where < 0.4:
            conditions.setdefault("StringEquals", {})[tag] = LIST
        elif where < 0.6:
            denials.append({"StringEquals": {tag: LIST}})
        elif where < 0.7:
            denials.append({"StringNotEquals": {tag: LIST}})
    if rng.random() < 0.4:
        conditions["ForAllValues:StringEquals"] = {"aws:TagKeys": LIST}
    if rng.random() < 0.4:
        # No choice of one value, or two, is enough.
        some = combinations(rng.sample(values, 3), rng.choice([1, 2]))
        denials += ({"ForAllValues:StringEquals": {"aws:TagKeys": [*one]}} for one in some)
    if rng.random() < 0.2:
        denials.append({"ForAnyValue:StringNotEquals": {"aws:TagKeys": LIST}})
    deny = {**allow, "Effect": "Deny", "Principal": {"AWS": "*"}}
    statements = [{**allow, "Condition": conditions}, *({**deny, "Condition": one} for one in denials)]
    declared: Json = {"Type": "CommaDelimitedList", "AllowedValues": [*values]}
    role = {"AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": statements}}
    return {"Parameters": {"Accounts": declared}, "Resources": {"R": {"Type": "AWS::IAM::Role", "Properties": role}}}


@examples(1, in_deep=100)
@given(choices())
def test_a_proof_about_a_long_list_is_one_about_all_lists(rng: Random) -> None:
    """What is proved of a list with six or seven values holds of each choice, and what is refuted fails for one."""
    values = MANY[: rng.choice([6, 7])]
    template = _demanding(rng, values)
    found = _verdict(template)
    tally.note("long list parameters", found)
    if found != "unknown":
        every = (",".join(chosen) for size in range(1, len(values) + 1) for chosen in combinations(values, size))
        worst = next((one for accounts in every if (one := _verdict(template, accounts)) != "proved"), "proved")
        tally.agree("a long list, and each list", found == worst, (found, worst, json.dumps(template)))
