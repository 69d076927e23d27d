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
    report = trustproof.check([plan(*resources)], config=CONFIG, account=OWN)
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


@examples(100)
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
