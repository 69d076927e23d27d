"""
What is proved at defaults is proved wherever these can be deployed, and elsewhere of what can be: an oracle tries every
assignment of a few parameters that rules, mappings and conditions tie to each other.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from itertools import chain, combinations, product
from random import Random

from hypothesis import given

import trustproof
from tests import tally
from tests.strategies import choices, examples
from trustproof.errors import InputError

Json = dict[str, object]
Values = Mapping[str, str]

OWN, OTHER, OUTSIDE, UNNAMED = "111122223333", "222233334444", "999988887777", "555566667777"
CONFIG = {"boundary": {"accounts": [OWN, OTHER]}}
ACCOUNTS = (OWN, OTHER, OUTSIDE)
#: What parameters without allowed values may be: all that anything compares them with, and one other text.
DOMAINS: dict[str, tuple[str, ...]] = {
    "Hub": (*ACCOUNTS, UNNAMED),
    "Spoke": (*ACCOUNTS, UNNAMED),
    "Tier": ("x", "y", "zz"),
    "Stage": ("dev", "prod"),
    "Flag": ("on", "off"),
}
#: What a policy reads, and is judged at the default of.
READ = ("Hub", "Spoke")


def _is(name: str, value: object) -> Json:
    return {"Fn::Equals": [{"Ref": name}, value]}


def _comparison(rng: Random, names: tuple[str, ...]) -> Json:
    name = rng.choice(names)
    if name in READ and rng.random() < 0.1:
        return _is("Hub", {"Ref": "Spoke"})
    named = [text for text in DOMAINS[name] if text not in (UNNAMED, "zz")]
    return _is(name, rng.choice(named))


def _assertion(rng: Random, names: tuple[str, ...], depth: int = 0) -> Json:
    if depth > 1 or rng.random() < 0.55:
        return _comparison(rng, names)
    if rng.random() < 0.4:
        return {"Fn::Not": [_assertion(rng, names, depth + 1)]}
    return {rng.choice(("Fn::And", "Fn::Or")): [_assertion(rng, names, depth + 1) for _ in range(2)]}


def _asserted(rng: Random, names: tuple[str, ...]) -> Json:
    """What rules may assert, and conditions may not."""
    if rng.random() < 0.15:
        name = rng.choice(READ)
        return {"Fn::Contains": [rng.sample(ACCOUNTS, 2), {"Ref": name}]}
    return _assertion(rng, names, 1)


def _rule(rng: Random, names: tuple[str, ...]) -> Json:
    when = {"RuleCondition": _asserted(rng, names)} if rng.random() < 0.6 else {}
    return {**when, "Assertions": [{"Assert": _asserted(rng, names)} for _ in range(rng.choice((1, 1, 2)))]}


def _trusted(rng: Random) -> object:
    name = rng.choice(READ)
    forms: list[object] = [
        {"Ref": name},
        {"Fn::Sub": f"arn:aws:iam::${{{name}}}:root"},
        {"Fn::Select": [0, {"Fn::Split": ["|", {"Ref": name}]}]},
        {"Fn::Split": [",", {"Fn::Join": [",", [{"Ref": "Hub"}, {"Ref": "Spoke"}]]}]},
        OWN,
    ]
    return rng.choice(forms)


def _template(rng: Random) -> Json:
    """A role that trusts accounts which parameters say, and what refuses some of them."""
    names = tuple(DOMAINS)
    declared: Json = {name: {"Type": "String", "Default": rng.choice((OWN, OWN, OTHER, OUTSIDE))} for name in READ}
    declared["Tier"] = {"Type": "String", "Default": "x"}
    for name in ("Stage", "Flag"):
        declared[name] = {"Type": "String", "Default": DOMAINS[name][0], "AllowedValues": [*DOMAINS[name]]}
    statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": _trusted(rng)}}
    role: Json = {"AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [statement]}}
    resources: Json = {"Role": {"Type": "AWS::IAM::Role", "Properties": role}}
    conditions: Json = {"C0": _assertion(rng, names), "C1": _comparison(rng, ("Stage", "Flag", "Tier"))}
    found: Json = {"Parameters": declared, "Conditions": conditions, "Resources": resources}
    kinds = [kind for kind in ("rules", "row", "reference") if rng.random() < 0.4] or ["rules"]
    if "rules" in kinds:
        found["Rules"] = {f"Q{number}": _rule(rng, names) for number in range(rng.choice((1, 1, 2)))}
    if "row" in kinds:
        found["Mappings"] = {"M": {key: {"Name": key} for key in rng.sample(ACCOUNTS, rng.choice((1, 2)))}}
        lookup: object = {"Fn::FindInMap": ["M", {"Ref": rng.choice(READ)}, "Name"]}
        resources["Row"] = {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": lookup}}
        if rng.random() < 0.7:
            resources["Row"] = {**resources["Row"], "Condition": "C1"}  # type: ignore[dict-item]
    if "reference" in kinds:
        resources["To"] = {"Type": "AWS::SNS::Topic", "Condition": "C0"}
        resources["From"] = {
            "Type": "AWS::SNS::Topic",
            "Condition": "C1",
            "Properties": {"DisplayName": {"Ref": "To"}},
        }
    return found


# -- what CloudFormation makes of it


def _holds(expression: object, values: Values) -> bool:
    assert isinstance(expression, dict)
    ((function, parts),) = expression.items()
    if function == "Fn::Equals":
        left, right = (_value(part, values) for part in parts)
        return left == right
    if function == "Fn::Contains":
        return _value(parts[1], values) in parts[0]
    held = [_holds(part, values) for part in parts]
    return {"Fn::Not": not held[0], "Fn::And": all(held), "Fn::Or": any(held)}[str(function)]


def _value(part: object, values: Values) -> str:
    return values[part["Ref"]] if isinstance(part, dict) else str(part)


def _is_deployable(content: Json, values: Values) -> bool:
    rules, resources, conditions = content.get("Rules", {}), content["Resources"], content["Conditions"]
    assert isinstance(rules, dict)
    assert isinstance(resources, dict)
    assert isinstance(conditions, dict)
    for rule in rules.values():
        is_about = "RuleCondition" not in rule or _holds(rule["RuleCondition"], values)
        if is_about and not all(_holds(one["Assert"], values) for one in rule["Assertions"]):
            return False
    there = {name for name, one in resources.items() if _holds(conditions.get(one.get("Condition"), _TRUE), values)}
    if "Row" in there:
        _, key, _ = resources["Row"]["Properties"]["DisplayName"]["Fn::FindInMap"]
        if _value(key, values) not in content["Mappings"]["M"]:  # type: ignore[index]
            return False
    return "From" not in there or "To" in there


_TRUE: Json = {"Fn::Equals": ["", ""]}


def _lets_in(content: Json, values: Values) -> bool:
    """Whether an account outside the boundary may have the role."""
    text = json.dumps(content["Resources"]["Role"])  # type: ignore[index]
    return any(values[name] in (OUTSIDE, UNNAMED) and (f'"{name}"' in text or f"{{{name}}}" in text) for name in READ)


def _deployments(content: Json) -> Iterator[dict[str, str]]:
    for chosen in product(*DOMAINS.values()):
        values = dict(zip(DOMAINS, chosen, strict=True))
        if _is_deployable(content, values):
            yield values


def _defaults(content: Json) -> dict[str, str]:
    declared = content["Parameters"]
    assert isinstance(declared, dict)
    return {name: one["Default"] for name, one in declared.items() if "AllowedValues" not in one}


def _is_judged(content: Json, values: Values) -> bool:
    """Whether a deployment has each default that it could have with the rest of it."""
    defaults = _defaults(content)
    others = [name for name, default in defaults.items() if values[name] != default]
    for some in chain.from_iterable(combinations(others, size) for size in range(1, len(others) + 1)):
        if _is_deployable(content, {**values, **{name: defaults[name] for name in some}}):
            return False
    return True


def _verdict(content: Json, given: Values | None = None, *, certify: bool = False) -> trustproof.Result | None:
    report = trustproof.check(
        [content],
        config=CONFIG,
        account=OWN,
        region="eu-west-1",
        properties=["inside-boundary"],
        parameters=dict(given or {}),
        certify=certify,
    )
    return min(report.results, key=lambda one: ("refuted", "unknown", "proved").index(one.verdict), default=None)


@examples(12, in_deep=2000)
@given(choices())
def test_a_proof_at_defaults_is_one_of_what_can_be_deployed(rng: Random) -> None:
    """No deployment that has the defaults which it can have lets in whom a proof says that it does not."""
    content = _template(rng)
    deployed = [*_deployments(content)]
    if not deployed:
        return
    found = _verdict(content, certify=True)
    assert found is not None
    tally.note("refused defaults", found.verdict)
    letting = [values for values in deployed if _lets_in(content, values)]
    if found.verdict == "proved":
        wrong = [values for values in letting if _is_judged(content, values)]
        tally.agree("refused defaults", not wrong, (wrong[:1], json.dumps(content)))
    elif found.verdict == "refuted":
        assert found.counterexample is not None
        named = found.counterexample.parameters
        there = [
            values for values in letting if all(values.get(n, v) == v or v not in DOMAINS[n] for n, v in named.items())
        ]
        tally.agree("refused defaults", bool(there), (named, json.dumps(content)))


@examples(5, in_deep=600)
@given(choices())
def test_a_proof_at_defaults_is_one_where_others_are_given(rng: Random) -> None:
    """What is proved is proved where allowed values of other parameters are given, which some deployment has."""
    content = _template(rng)
    if not [*_deployments(content)]:
        return
    found = _verdict(content)
    assert found is not None
    for stage, flag in product(DOMAINS["Stage"], DOMAINS["Flag"]):
        pinned = {"Stage": stage, "Flag": flag}
        if not any(all(values[n] == v for n, v in pinned.items()) for values in _deployments(content)):
            continue
        try:
            again = _verdict(content, pinned)
        except InputError:
            continue
        assert again is not None
        if found.verdict == "proved":
            tally.agree("refused defaults, given", again.verdict == "proved", (pinned, json.dumps(content)))
        letting = [
            v for v in _deployments(content) if _lets_in(content, v) and all(v[n] == o for n, o in pinned.items())
        ]
        if again.verdict == "proved":
            wrong = [values for values in letting if _is_judged(content, values)]
            tally.agree("refused defaults, given", not wrong, (pinned, wrong[:1], json.dumps(content)))
