"""
A nested stack means what its resources mean in the template around it, with what it is passed in the places of its
parameters.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from random import Random

from hypothesis import given
from hypothesis import strategies as st

import trustproof
from tests.analysis.stacks import CONFIG, HUB, MFA, NO_MFA, OUTSIDE, OWN, Json, document, may, plain, resource, trusting
from tests.strategies import examples

NOTHING: Json = {"Ref": "AWS::NoValue"}
ASKED = ("inside-boundary", "mfa-required", "sensitive-actions-require-mfa")
TEXT: Json = {"Type": "String"}
DECLARED: tuple[Json, ...] = (
    {**TEXT, "AllowedValues": ["a", "b"]},
    {**TEXT, "AllowedValues": ["a", "b"], "Default": "b"},
    {**TEXT, "Default": "a"},
    TEXT,
)
PASSED: tuple[object, ...] = ({"Ref": "Stage"}, {"Ref": "Stage"}, {"Fn::Sub": "${Stage}"}, {"Ref": "Other"}, "a", None)


def equals(value: object, prefix: str) -> Json:
    """A condition and its contrary."""
    is_a: Json = {"Fn::Equals": [value, "a"]}
    return {f"{prefix}A": is_a, f"{prefix}NotA": {"Fn::Not": [{"Condition": f"{prefix}A"}]}}


def choose(condition: str | None, there: object, else_: object) -> object:
    """The one value or the other."""
    return there if condition is None else {"Fn::If": [condition, there, else_]}


def piece(kind: int, condition: str | None) -> Json:
    """A policy of a user, or a role."""
    if kind > 2:
        return (
            trusting(choose(condition, HUB, OUTSIDE), MFA)
            if kind == 3
            else trusting(HUB, choose(condition, MFA, NOTHING))
        )
    statement = may("Allow", "*") if kind == 0 else may("Deny", "*", NO_MFA)
    found = resource("Policy", PolicyName=f"p{kind}", Users=["erin"], PolicyDocument=document(statement))
    return found if condition is None else {**found, "Condition": condition}


def under(condition: str | None, found: Json, name: str) -> tuple[Json, Json]:
    """A resource that a condition decides about besides its own, and the condition that is both."""
    if condition is None or "Condition" not in found:
        return (found if condition is None else {**found, "Condition": condition}), {}
    both = {"Fn::And": [{"Condition": condition}, {"Condition": found["Condition"]}]}
    return {**found, "Condition": name}, {name: both}


def nested(url: str, **passed: object) -> Json:
    """A nested stack."""
    given_ = {name: value for name, value in passed.items() if value is not None}
    return {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": url, "Parameters": given_}}


def any_templates(rng: Random) -> tuple[dict[str, Json], dict[str, Json]]:
    """Templates that nest each other, and one that says the same."""
    parameters = {"Stage": rng.choice(DECLARED), "Other": rng.choice(DECLARED)}
    conditions = equals({"Ref": "Stage"}, "Is")
    user = resource("User", UserName="erin")
    outer: dict[str, Json] = {"User": user}
    whole: dict[str, object] = {"User": user}
    there: Json = dict(conditions)
    files: dict[str, Json] = {}
    for number in range(rng.randint(0, 2)):
        outer[f"Own{number}"] = whole[f"Own{number}"] = piece(rng.randrange(5), rng.choice((None, "IsA", "IsNotA")))
    for number in range(rng.randint(1, 2)):
        passed, prefix, inner = rng.choice(PASSED), f"In{number}", f"inner{number}"
        declared = TEXT if passed is not None else {**TEXT, "Default": rng.choice("ab")}
        there |= equals(declared["Default"] if passed is None else passed, prefix)
        is_there = rng.choice((None, None, "IsA", "IsNotA"))
        resources: dict[str, object] = {}
        for place in range(rng.randint(1, 2)):
            one = rng.randrange(5), rng.choice((None, f"{prefix}A", f"{prefix}NotA"))
            resources[f"{prefix}R{place}"] = piece(*one)
            whole[f"{prefix}R{place}"], more = under(is_there, piece(*one), f"{prefix}R{place}IsThere")
            there |= more
        given_back = {"Value": choose(f"{prefix}A", HUB, OUTSIDE)}
        files[inner] = {
            "Parameters": {"Given": declared},
            "Conditions": equals({"Ref": "Given"}, prefix),
            "Resources": resources,
            "Outputs": {"Who": given_back},
        }
        outer[f"Nested{number}"] = nested(f"{inner}.json", Given=passed)
        if passed is not None and rng.random() < 0.4:
            middle = {"Inner": nested(f"{inner}.json", Given={"Ref": "Given"})}
            out = {"Who": {"Value": {"Fn::GetAtt": ["Inner", "Outputs.Who"]}}}
            files[f"middle{number}"] = {"Parameters": {"Given": TEXT}, "Resources": middle, "Outputs": out}
            outer[f"Nested{number}"] = nested(f"middle{number}.json", Given=passed)
        if is_there is not None:
            outer[f"Nested{number}"] = {**outer[f"Nested{number}"], "Condition": is_there}
        elif rng.random() < 0.4:
            condition = rng.choice((None, "IsA", "IsNotA"))
            from_output = {"Fn::GetAtt": [f"Nested{number}", "Outputs.Who"]}
            outer[f"Back{number}"] = trusting(choose(condition, from_output, HUB), MFA)
            whole[f"Back{number}"] = trusting(choose(condition, given_back["Value"], HUB), MFA)
    files["outer"] = {"Parameters": parameters, "Conditions": conditions, "Resources": outer}
    return files, {"whole": {"Parameters": parameters, "Conditions": there, "Resources": whole}}


def worst(templates: dict[str, Json]) -> dict[tuple[str, str], str]:
    """Property and resource to the worst verdict about them."""
    order = ("refuted", "unknown", "proved")
    found: dict[tuple[str, str], str] = {}
    with tempfile.TemporaryDirectory() as folder:
        files = plain(Path(folder), templates)
        report = trustproof.check([*files], config=CONFIG, account=OWN, properties=ASKED)
    assert report.errors == ()
    for one in report.results:
        key = (one.property, one.logical_id)
        found[key] = min(one.verdict, found.get(key, "proved"), key=order.index)
    return found


@given(st.integers(0, 2**32))
@examples(20, in_deep=600)
def test_nested_and_in_the_template_around_it(seed: int) -> None:
    """What is proved or refuted of stacks that are passed parameters is so of one template with the same resources."""
    several, one = any_templates(Random(seed))
    nested_, whole = worst(several), worst(one)
    assert {key: nested_[key] for key in nested_.keys() & whole.keys()} == {
        key: whole[key] for key in nested_.keys() & whole.keys()
    }
