"""
Plans of Terraform: what nobody knows proves nothing, and refutes nothing.
"""

from __future__ import annotations

from random import Random
from typing import Any

from hypothesis import given

import trustproof
from tests.inputs.terraform.builders import OWN, After, Resource, plan
from tests.inputs.terraform.test_twins import CONFIG, TWINS
from tests.strategies import choices, examples

#: Everything that the twins have, each under names of its own.
RESOURCES = [
    Resource(
        one.address.replace(f".{one.name}", f".{one.name}{number}"),
        one.arguments,
        one.computed,
        one.provider,
    )
    for number, (_, _, listed) in enumerate(TWINS)
    for one in listed
]


def _hidden(rng: Random, found: Any, share: float) -> Any:
    """A value of which some texts are known after the plan has been applied."""
    if isinstance(found, str):
        return After("local.hidden") if rng.random() < share else found
    if isinstance(found, list):
        return [_hidden(rng, item, share) for item in found]
    if isinstance(found, dict):
        return {key: _hidden(rng, inner, share) for key, inner in found.items()}
    return found


def _verdicts(resources: list[Resource]) -> dict[tuple[str, str], set[str]]:
    """Property and address to the verdicts about what the resource holds."""
    return _verdicts_of(plan(*resources))


def _verdicts_of(content: dict[str, Any]) -> dict[tuple[str, str], set[str]]:
    report = trustproof.check([content], config=CONFIG, account=OWN)
    assert report.errors == ()
    found: dict[tuple[str, str], set[str]] = {}
    for one in report.results:
        found.setdefault((one.property, one.logical_id), set()).add(one.verdict)
    return found


def _picked(rng: Random) -> list[Resource]:
    """Some of the resources; no two are called the same in AWS."""
    found: dict[object, Resource] = {}
    for one in rng.sample(RESOURCES, rng.randint(1, 8)):
        name = one.arguments.get("name", one.arguments.get("bucket", one.arguments.get("role_name")))
        found.setdefault((one.type, one.arguments.get("user"), one.arguments.get("group"), name), one)
    return list(found.values())


@examples(60, in_deep=2_500)
@given(choices())
def test_a_value_that_is_not_known_makes_no_proof(rng: Random) -> None:
    """Whatever is hidden of a plan: what is proved then is proved of the whole plan too."""
    picked = _picked(rng)
    share = rng.choice((0.1, 0.3, 0.8))
    partly = [
        Resource(
            one.address,
            {name: _hidden(rng, found, share) for name, found in one.arguments.items()},
            {},
            one.provider,
        )
        for one in picked
    ]
    whole, hidden = _verdicts(picked), _verdicts(partly)
    for key, verdicts in hidden.items():
        if verdicts == {"proved"} and key in whole:
            assert whole[key] == {"proved"}, key


@examples(60)
@given(choices())
def test_what_a_plan_forgets_counts_as_what_it_keeps(rng: Random) -> None:
    """Whatever a plan forgets of what is there: each verdict is that of the plan that changes nothing."""
    there = [_there(one) for one in _picked(rng) if one.provider == "aws"]
    kept = plan(*there)
    for change in kept["resource_changes"]:
        change["change"] |= {"actions": ["no-op"], "before": change["change"]["after"]}
    forgotten = {one.address for one in there if rng.random() < 0.5}
    forgets = plan(*(one for one in there if one.address not in forgotten))
    forgets["resource_changes"] = [
        {**one, "change": {**one["change"], "actions": ["forget"], "after": None}}
        if one["address"] in forgotten
        else one
        for one in kept["resource_changes"]
    ]
    assert _verdicts_of(forgets) == _verdicts_of(kept)


def _there(one: Resource) -> Resource:
    """A resource that was made before, so that all is known of it."""
    return Resource(one.address, one.values, {"id": one.address, **one.values}, one.provider)
