"""
Small templates of which parameters decide everything, some with a nested stack: conditions, rules, mappings, patterns.
"""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Iterator, Mapping
from itertools import product
from pathlib import Path
from random import Random

import trustproof

Json = dict[str, object]
Files = dict[str, Json]

OWN, OUTSIDE = "111122223333", "999988887777"
CONFIG = {"boundary": {"accounts": [OWN]}}
OUTER, INNER = "outer", "inner"
#: The parameters, and texts that they are compared with.
VALUES: dict[str, tuple[str, ...]] = {"S": ("dev", "prod", "qa"), "K": ("x", "y"), "T": (OWN, OUTSIDE)}
#: A text that nothing is compared with, and that some patterns admit.
OTHERS = ("zz", "x1", "12")
PATTERNS = ("[a-z]+", "[0-9]{12}", "dev|prod", "x.*|[0-9]+", "1.*")


def any_template(rng: Random) -> Json:
    """A template with roles that trust accounts."""
    names = [*VALUES][: rng.choice((1, 2, 2, 3))]
    conditions: Json = {}
    for number in range(rng.randrange(4)):
        conditions[f"C{number}"] = _condition(rng, names, [*conditions])
    found: Json = {"Parameters": {name: _declared(rng, name) for name in names}, "Conditions": conditions}
    if rng.random() < 0.5:
        found["Rules"] = {f"Q{number}": _rule(rng, names) for number in range(rng.choice((1, 1, 2)))}
    by = rng.choice(names) if rng.random() < 0.4 else None
    if by is not None:
        keys = [key for key in VALUES[by] if rng.random() < 0.75] or [VALUES[by][0]]
        found["Mappings"] = {"M": {key: {"Id": rng.choice((OWN, OUTSIDE))} for key in keys}}
    found["Resources"] = {f"R{number}": _role(rng, names, [*conditions], by) for number in range(rng.choice((1, 1, 2)))}
    return found


def any_files(rng: Random, nested: float = 0.5) -> Files:
    """A template, maybe with a nested stack, which is passed its parameters."""
    outer = any_template(rng)
    if rng.random() >= nested:
        return {OUTER: outer}
    inner = any_template(rng)
    own, conditions = [*_section(outer, "Parameters")], [*_section(outer, "Conditions")]
    passed: Json = {}
    for name, declared in _section(inner, "Parameters").items():
        if "Default" in str(declared) and rng.random() < 0.25:
            continue
        value: object = {"Ref": rng.choice(own)} if rng.random() < 0.6 else rng.choice(VALUES[name])
        if name in own and rng.random() < 0.7:
            value = {"Ref": name}
        if conditions and rng.random() < 0.3:
            value = {"Fn::If": [rng.choice(conditions), value, rng.choice(VALUES[name])]}
        passed[name] = value
    made: Json = {
        "Type": "AWS::CloudFormation::Stack",
        "Properties": {"TemplateURL": f"{INNER}.json", "Parameters": passed},
    }
    resources = {**_section(outer, "Resources"), "Nested": _under(rng, made, conditions, 0.25)}
    return {OUTER: {**outer, "Resources": resources}, INNER: inner}


def report_of(files: Files, parameters: Mapping[str, str] | None = None) -> trustproof.Report:
    """What Trustproof says of templates, with some parameters given."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder, f"{name}.json") for name in files]
        for path, content in zip(paths, files.values(), strict=True):
            path.write_text(json.dumps(content))
        return trustproof.check(
            [*map(str, paths)],
            account=OWN,
            region="eu-west-1",
            config=CONFIG,
            properties=["inside-boundary"],
            parameters=dict(parameters or {}),
        )


def by_resource(report: trustproof.Report) -> dict[tuple[str, str], list[trustproof.Result]]:
    """The results about each resource of each template."""
    found: dict[tuple[str, str], list[trustproof.Result]] = {}
    for one in report.results:
        found.setdefault((Path(one.template).stem, one.logical_id), []).append(one)
    return found


def named_values(files: Files, template: str, parameters: Mapping[str, str]) -> dict[str, str]:
    """The parameters of the outer template that a counterexample names, as they are given on the command line."""
    own = _section(files[OUTER], "Parameters")
    # In a nested stack, what belongs to the one around it has a name behind that one's.
    named = {key.rpartition("/")[2]: one for key, one in parameters.items() if template == OUTER or "/" in key}
    return {name: value for name, value in named.items() if name in own}


def defaults(files: Files) -> dict[str, str]:
    """The defaults of the outer template."""
    declared = _section(files[OUTER], "Parameters")
    return {name: str(one["Default"]) for name, one in declared.items() if isinstance(one, dict) and "Default" in one}


def all_values(files: Files) -> Iterator[dict[str, str]]:
    """Every assignment of the parameters of the outer template at which a proof of it has to hold."""
    options = [
        [(name, value) for value in _values(files, name, declared)]
        for name, declared in _section(files[OUTER], "Parameters").items()
    ]
    yield from map(dict, product(*options))


def _values(files: Files, name: str, declared: object) -> tuple[str, ...]:
    """The values of a parameter that anything may tell apart, or those that it is judged at by its declaration."""
    body = declared if isinstance(declared, dict) else {}
    if "AllowedValues" in body:
        return tuple(body["AllowedValues"])
    outer = files[OUTER]
    written = [outer["Conditions"], outer.get("Rules"), _section(outer, "Resources").get("Nested")]
    if "Default" in body and f"'{name}'" not in str(written):
        # Nothing but a text is made of it, which is judged at the default.
        return (str(body["Default"]),)
    return tuple(dict.fromkeys((*VALUES[name], *VALUES["S"], *VALUES["K"], *VALUES["T"], *OTHERS)))


def _section(template: Json, name: str) -> Json:
    found = template.get(name)
    return found if isinstance(found, dict) else {}


def _declared(rng: Random, name: str) -> Json:
    values = VALUES[name]
    found: Json = {"Type": "String"}
    listed = rng.sample(values, rng.randint(1, len(values))) if rng.random() < 0.45 else None
    admitted = [*(listed or values)]
    pattern = rng.choice(PATTERNS)
    if rng.random() < 0.2 and (fitting := [value for value in admitted if re.fullmatch(pattern, value)]):
        found["AllowedPattern"], admitted = pattern, fitting
    if listed is not None:
        found["AllowedValues"] = listed
    if rng.random() < 0.65:
        # What its own declaration refuses is a mistake of another kind.
        found["Default"] = rng.choice(admitted)
    return found


def _comparison(rng: Random, names: list[str]) -> Json:
    name = rng.choice(names)
    return {"Fn::Equals": [{"Ref": name}, rng.choice((*VALUES[name], *VALUES[name], "zz"))]}


def _condition(rng: Random, names: list[str], others: list[str], depth: int = 0) -> Json:
    kind = rng.random()
    if kind < 0.5 or depth > 1:
        return _comparison(rng, names)
    if kind < 0.65:
        return {"Fn::Not": [_condition(rng, names, others, depth + 1)]}
    if kind < 0.9 or not others:
        both = [_condition(rng, names, others, depth + 1) for _ in range(2)]
        return {rng.choice(("Fn::And", "Fn::Or")): both}
    return {"Condition": rng.choice(others)}


def _rule(rng: Random, names: list[str]) -> Json:
    when = {"RuleCondition": _assertion(rng, names)} if rng.random() < 0.5 else {}
    return {**when, "Assertions": [{"Assert": _assertion(rng, names)} for _ in range(rng.choice((1, 1, 2)))]}


def _assertion(rng: Random, names: list[str]) -> Json:
    kind = rng.random()
    if kind < 0.3:
        return {"Fn::Not": [_comparison(rng, names)]}
    if kind < 0.5:
        name = rng.choice(names)
        return {"Fn::Contains": [rng.sample(VALUES[name], rng.choice((1, 2))), {"Ref": name}]}
    return _comparison(rng, names)


def _trusted(rng: Random, names: list[str], conditions: list[str], by: str | None) -> object:
    found: object = rng.choice((OWN, OUTSIDE))
    if by is not None and rng.random() < 0.3:
        found = {"Fn::FindInMap": ["M", {"Ref": by}, "Id"]}
    elif "T" in names and rng.random() < 0.4:
        found = {"Ref": "T"}
    if conditions and rng.random() < 0.3:
        found = {"Fn::If": [rng.choice(conditions), found, rng.choice((OWN, OUTSIDE))]}
    return found


def _role(rng: Random, names: list[str], conditions: list[str], by: str | None) -> Json:
    statements: list[object] = []
    for _ in range(rng.choice((1, 1, 2))):
        effect = "Deny" if rng.random() < 0.2 else "Allow"
        trusted = {"AWS": _trusted(rng, names, conditions, by)}
        statement: Json = {"Effect": effect, "Principal": trusted, "Action": "sts:AssumeRole"}
        if conditions and rng.random() < 0.3:
            statement = {"Fn::If": [rng.choice(conditions), statement, {"Ref": "AWS::NoValue"}]}
        statements.append(statement)
    document = {"Version": "2012-10-17", "Statement": statements}
    role: Json = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": document}}
    return _under(rng, role, conditions, 0.35)


def _under(rng: Random, resource: Json, conditions: list[str], share: float) -> Json:
    return {**resource, "Condition": rng.choice(conditions)} if conditions and rng.random() < share else resource
