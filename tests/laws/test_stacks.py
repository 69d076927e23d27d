"""
Resources of one account mean the same in one template and in several.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from random import Random

from hypothesis import example, given
from hypothesis import strategies as st

from tests.analysis.stacks import (
    ADMINISTRATOR,
    FALSE_MFA,
    HUB,
    MFA,
    NO_MFA,
    Json,
    assembly,
    check,
    document,
    exported,
    imported,
    may,
    resource,
    template,
    trusting,
)
from tests.strategies import examples

STACKS = ("First", "Second", "Third")
#: Resources that a policy can be attached to, to the property of the policy.
PLURAL = {"Ann": "Users", "Bob": "Users", "Group": "Groups", "Role": "Roles"}
CONDITIONS = (None, MFA, NO_MFA, FALSE_MFA, {"Null": {"aws:MultiFactorAuthPresent": "true"}})
PARAMETERS = {"Mode": {"Type": "String", "AllowedValues": ["on", "off"]}}
IS_ON = {"IsOn": {"Fn::Equals": [{"Ref": "Mode"}, "on"]}}


def any_statement(rng: Random) -> Json:
    """A statement of an identity policy, about MFA or not."""
    effect = rng.choice(("Allow", "Allow", "Deny"))
    return may(effect, rng.choice(("*", "iam:*", "s3:*", "sts:AssumeRole")), rng.choice(CONDITIONS))


def any_account(rng: Random) -> dict[str, Json]:
    """Users, a group, a role and policies, which have each other by reference."""
    found = {
        "Ann": resource("User", ManagedPolicyArns=[ADMINISTRATOR]),
        "Bob": resource("User", Policies=[{"PolicyName": "own", "PolicyDocument": document(any_statement(rng))}]),
        "Group": resource("Group", Policies=[{"PolicyName": "own", "PolicyDocument": document(any_statement(rng))}]),
        "Role": trusting(f"arn:aws:iam::{HUB}:root", MFA),
        "Managed": resource("ManagedPolicy", PolicyDocument=document(any_statement(rng))),
        "Other": resource("ManagedPolicy", PolicyDocument=document(any_statement(rng))),
    }
    for name, key in PLURAL.items():
        own = found[name]["Properties"]
        assert isinstance(own, dict)
        held = [{"Ref": policy} for policy in ("Managed", "Other") if rng.random() < 0.3]
        own["ManagedPolicyArns"] = [*own.get("ManagedPolicyArns", []), *held]
        if key != "Groups" and rng.random() < 0.2:
            own["PermissionsBoundary"] = {"Ref": "Managed"}
        if key == "Users" and rng.random() < 0.5:
            own["Groups"] = [{"Ref": "Group"}]
    whom = rng.choice([*PLURAL])
    attached = {PLURAL[whom]: [{"Ref": whom}]}
    found["Attached"] = resource("Policy", PolicyName="p", PolicyDocument=document(any_statement(rng)), **attached)
    if rng.random() < 0.3:
        found["Attached"]["Condition"] = "IsOn"
    return found


def split(resources: dict[str, Json], place: dict[str, str]) -> dict[str, Json]:
    """The resources in several stacks, which import what is elsewhere."""
    found: dict[str, Json] = {}
    for stack in sorted(set(place.values())):
        here = {name: _cut(body, place, stack) for name, body in resources.items() if place[name] == stack}
        outputs: Json = {f"Out{name}": exported(f"the-{name}", {"Ref": name}) for name in here if name != "Attached"}
        found[stack] = template(outputs, **here, Parameters=PARAMETERS, Conditions=IS_ON)
    return found


def _cut(value: object, place: dict[str, str], stack: str) -> object:
    if isinstance(value, list):
        return [_cut(item, place, stack) for item in value]
    if not isinstance(value, dict):
        return value
    name = value.get("Ref")
    if isinstance(name, str) and place[name] != stack:
        return imported(f"the-{name}")
    return {key: _cut(inner, place, stack) for key, inner in value.items()}


def said(folder: Path, stacks: dict[str, Json]) -> set[tuple[str, str, str, tuple[object, ...]]]:
    """What is said of each resource, and of which statement."""
    folder.mkdir()
    report = check(assembly(folder, {**stacks}))
    assert report.errors == ()
    return {(result.logical_id, result.property, result.verdict, _statement(result.path)) for result in report.results}


def _statement(path: Sequence[str | int]) -> tuple[str | int, ...]:
    """
    The place of a statement, whatever in it is to blame: of several holders for whom a statement is of no use, the
    first gives the reason, and which is the first depends on the stacks.
    """
    until = path.index("Statement") + 2 if "Statement" in path else len(path)
    return tuple(path[:until])


@example(812, (STACKS[0],) * 7)
@example(536870912, (STACKS[1], *(STACKS[0],) * 6))
@given(st.integers(0, 2**32), st.tuples(*[st.sampled_from(STACKS)] * 7))
@examples(12, in_deep=600)
def test_stacks_say_what_one_template_says(seed: int, places: tuple[str, ...]) -> None:
    """Wherever a user, a policy and their tie stand, the verdicts are those of one template with all of them."""
    resources = any_account(Random(seed))
    with tempfile.TemporaryDirectory() as folder:
        whole = said(Path(folder, "whole"), split(resources, dict.fromkeys(resources, "One")))
        parts = said(Path(folder, "parts"), split(resources, dict(zip(resources, places, strict=True))))
    assert parts == whole
