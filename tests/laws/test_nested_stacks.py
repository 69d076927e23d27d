"""
A nested stack means what its resources mean in the template around it, with what it is passed in the places of its
parameters.
"""

from __future__ import annotations

import json
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


def values_of(rng: Random) -> object:
    """Somebody to trust: a text, or what the outer template makes of its parameters, mappings and imports."""
    entry: Json = {"Fn::FindInMap": ["M", {"Ref": rng.choice(("Stage", "Stage", "Other"))}, "Who"]}
    taken: Json = {"Fn::ImportValue": rng.choice(("own", "open"))}
    named = f"arn:aws:iam::{rng.choice((HUB, OUTSIDE))}:role/${{{rng.choice(('Stage', 'Other'))}}}"
    text: Json = {"Fn::Sub": ["arn:aws:iam::${W}:root", {"W": rng.choice((entry, taken))}]}
    joined: Json = {"Fn::Join": ["", ["arn:aws:iam::", entry, ":root"]]}
    chosen = choose(rng.choice(("IsA", "IsNotA")), rng.choice((entry, taken, text, OUTSIDE)), rng.choice((HUB, entry)))
    return rng.choice((entry, entry, taken, text, joined, {"Fn::Sub": named}, chosen, chosen, HUB))


def stage_of(rng: Random) -> tuple[object, Json]:
    """A stage that is passed, and the condition that it is a certain one, which has no ``Fn::If``."""
    name = rng.choice(("Stage", "Stage", "Other"))
    own: Json = {"Ref": name}
    entry: Json = {"Fn::FindInMap": ["M", own, "Stage"]}
    made: tuple[object, ...] = (own, own, {"Fn::Sub": f"${{{name}}}"}, "a", "b", entry, {"Fn::Join": ["", [own]]})
    passed = rng.choice((*made, {"Fn::Select": ["0", [own, "b"]]}))
    is_a: Json = {"Fn::Equals": [passed, "a"]}
    condition = rng.choice((None, None, "IsA", "IsNotA"))
    if condition is None:
        return passed, is_a
    return choose(condition, passed, "x"), {"Fn::And": [{"Condition": condition}, is_a]}


def role_for(kind: int, condition: str | None, who: object) -> Json:
    """A role that trusts somebody where a condition holds, or does not, or without MFA."""
    if kind == 2:
        return trusting(who, choose(condition, MFA, NOTHING))
    return trusting(choose(condition, *((who, HUB) if kind else (HUB, who))), MFA)


def made_of_expressions(rng: Random) -> tuple[dict[str, Json], dict[str, Json]]:
    """Templates whose nested stacks are passed what functions make, and one that says the same."""
    conditions = equals({"Ref": "Stage"}, "Is")
    sections: Json = {
        "Parameters": {"Stage": rng.choice(DECLARED), "Other": rng.choice(DECLARED)},
        "Mappings": {"M": {"a": {"Who": HUB, "Stage": "b"}, "b": {"Who": OUTSIDE, "Stage": "a"}}},
        "Conditions": conditions,
    }
    there: Json = dict(conditions)
    outer: dict[str, object] = {}
    whole: dict[str, object] = {}
    exports: Json = {
        "Resources": {"Topic": {"Type": "AWS::SNS::Topic"}},
        "Outputs": {key: {"Value": value, "Export": {"Name": key}} for key, value in (("own", HUB), ("open", OUTSIDE))},
    }
    files: dict[str, Json] = {"exports": exports}
    for number in range(rng.randint(1, 2)):
        prefix, inner, who = f"In{number}", f"inner{number}", values_of(rng)
        stage, there[f"{prefix}A"] = stage_of(rng)
        there[f"{prefix}NotA"] = {"Fn::Not": [{"Condition": f"{prefix}A"}]}
        either = (None, f"{prefix}A", f"{prefix}NotA")
        is_there = rng.choice((None, None, None, "IsA", "IsNotA"))
        resources: dict[str, object] = {}
        for place in range(rng.randint(1, 2)):
            name, kind, by, own = f"{prefix}R{place}", rng.randrange(3), rng.choice(either), rng.choice(either)
            more: Json = {} if own is None else {"Condition": own}
            resources[name] = role_for(kind, by, {"Ref": "Who"}) | more
            whole[name], both = under(is_there, role_for(kind, by, who) | more, f"{name}IsThere")
            there |= both
        by = rng.choice(either)
        given_back = {"Who": {"Value": choose(by, {"Ref": "Who"}, HUB)}} if rng.random() < 0.5 else {}
        taken: Json = {"Given": TEXT, "Who": TEXT}
        said: Json = {"Outputs": given_back} if given_back else {}
        by_stage = equals({"Ref": "Given"}, prefix)
        files[inner] = {"Parameters": taken, "Conditions": by_stage, "Resources": resources, **said}
        outer[f"Nested{number}"] = nested(f"{inner}.json", Given=stage, Who=who)
        if rng.random() < 0.35:
            middle = {"Inner": nested(f"{inner}.json", Given={"Ref": "Given"}, Who={"Ref": "Who"})}
            if given_back:
                said = {"Outputs": {"Who": {"Value": {"Fn::GetAtt": ["Inner", "Outputs.Who"]}}}}
            files[f"middle{number}"] = {"Parameters": taken, "Resources": middle, **said}
            outer[f"Nested{number}"] = nested(f"middle{number}.json", Given=stage, Who=who)
        if is_there is not None:
            outer[f"Nested{number}"] = {**outer[f"Nested{number}"], "Condition": is_there}  # type: ignore[dict-item]
        elif given_back:
            condition, output = rng.choice((None, "IsA", "IsNotA")), {"Fn::GetAtt": [f"Nested{number}", "Outputs.Who"]}
            outer[f"Back{number}"] = trusting(choose(condition, output, HUB), MFA)
            whole[f"Back{number}"] = trusting(choose(condition, choose(by, who, HUB), HUB), MFA)
    files["outer"] = {**sections, "Resources": outer}
    return files, {"whole": {**sections, "Conditions": there, "Resources": whole}, "exports": exports}


def made_by_sam(templates: dict[str, Json]) -> dict[str, Json]:
    """The same templates, with applications of SAM in the place of nested stacks."""
    text = json.dumps(templates).replace('"AWS::CloudFormation::Stack"', '"AWS::Serverless::Application"')
    found: dict[str, Json] = json.loads(text.replace('"TemplateURL"', '"Location"'))
    return {name: {"Transform": "AWS::Serverless-2016-10-31", **one} for name, one in found.items()}


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
    nested_, whole = worst(made_by_sam(several) if seed % 3 == 0 else several), worst(one)
    assert {key: nested_[key] for key in nested_.keys() & whole.keys()} == {
        key: whole[key] for key in nested_.keys() & whole.keys()
    }


@given(st.integers(0, 2**32))
@examples(20, in_deep=600)
def test_what_functions_make_for_a_nested_stack(seed: int) -> None:
    """What a nested stack is passed by ``Fn::If``, mappings, texts and imports means what it means where it is made."""
    several, one = made_of_expressions(Random(seed))
    nested_, whole = worst(made_by_sam(several) if seed % 3 == 0 else several), worst(one)
    assert {key: nested_[key] for key in nested_.keys() & whole.keys()} == {
        key: whole[key] for key in nested_.keys() & whole.keys()
    }
