"""
What is true of every argument of every construct and function: of values that only a deployment knows, and of those
that the CDK is still to look up.
"""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ssm as ssm

import trustproof_cdk
from tests.cdk.generated import ENVIRONMENT
from tests.cdk.samples import SAMPLES, Arguments, Place, keys, lists, placed, rekeyed, replaced, texts
from tests.strategies import one_in
from trustproof_cdk._roles.role import RoleOptions

pytestmark = pytest.mark.filterwarnings("ignore:.* is deprecated. its name is:DeprecationWarning")

#: What has no arguments of its own, or none that a template is made of.
_OTHERS = {"ConditionBlock", "RoleOptions", "Trusted", "TrustproofChecks", "conjoin", "mfa_conditions"}

#: What is given in the place of a text or a list.
Other = Callable[[cdk.Stack], Any]
#: Where in which sample something else is given.
Variant = tuple[Callable[[cdk.Stack], Arguments], Place, Other]


def parameter(stack: cdk.Stack) -> str:
    """A text that only a deployment knows."""
    return cdk.CfnParameter(stack, "Parameter").value_as_string


def part(stack: cdk.Stack) -> str:
    """A text of which only a deployment knows a part."""
    return f"x{parameter(stack)}"


def list_parameter(stack: cdk.Stack) -> list[str]:
    """A list that only a deployment knows."""
    return cdk.CfnParameter(stack, "Parameter", type="CommaDelimitedList").value_as_list


def entry(stack: cdk.Stack) -> str:
    """What Python makes of such a list, where it is given as ``*parameter.value_as_list``."""
    return list_parameter(stack)[0]


def generated(_: cdk.Stack) -> str:
    """What stands for a name that the CDK makes where it is needed."""
    return cdk.PhysicalName.GENERATE_IF_NEEDED


#: Texts of many thousand characters.
LONG = ("long" * 2_000, "a long 'one' \n" * 1_000)


def looked_up(stack: cdk.Stack) -> str:
    """What the CDK gives in the first synthesis for a value of Systems Manager."""
    return ssm.StringParameter.value_from_lookup(stack, "/its/value")


def _app(directory: Path) -> cdk.App:
    return cdk.App(outdir=str(directory), builtin_cloud_formation_validation=False, tree_metadata=False)


def _variants(name: str, others: list[Other], find: Callable[[Arguments], Iterator[Place]]) -> list[Variant]:
    """Something else in each place of each sample: of four or more, one or two of them, and in ``make deep`` all."""
    probe = cdk.Stack(cdk.App(), "Probe", env=ENVIRONMENT)
    found = [
        (sample, place, other)
        for number, sample in enumerate(SAMPLES[name])
        for place in find(sample(cdk.Stack(probe, f"Sample{number}", env=ENVIRONMENT)))
        for other in others
    ]
    return [*one_in(3 if len(others) > 3 else 1, found)]


def _put(name: str, stack: cdk.Stack, variant: Variant) -> None:
    sample, place, other = variant
    placed(name, stack, replaced(sample(stack), place, other(stack)))


def _synthesis(name: str, variants: dict[int, Variant], directory: Path) -> tuple[dict[int, str], dict[str, str]]:
    """
    What is said of the variants that are refused, and the templates of the others.

    Each is in a stage of its own, since names are taken once. Nothing but a `ValueError` or `TypeError` refuses.
    """
    app = _app(directory)
    refused: dict[int, str] = {}
    for number, variant in variants.items():
        stage = cdk.Stage(app, f"V{number}", env=ENVIRONMENT)
        try:
            _put(name, cdk.Stack(stage, "Stack"), variant)
        except (TypeError, ValueError) as error:
            refused[number] = str(error)
            stage.node.try_remove_child("Stack")
    app.synth()
    files = sorted(directory.rglob("*.template.json"))
    return refused, {str(file.relative_to(directory)): file.read_text() for file in files}


def test_every_argument_is_in_a_sample() -> None:
    """Nobody adds an argument and forgets it here; what every role takes is in one of them."""
    assert SAMPLES.keys() == set(trustproof_cdk.__all__) - _OTHERS
    stack = cdk.Stack(cdk.App(), "Stack", env=ENVIRONMENT)
    missing: dict[str, set[str]] = {}
    options: set[str] = set()
    for name, samples in SAMPLES.items():
        exported = getattr(trustproof_cdk, name)
        made = inspect.unwrap(exported.__init__ if isinstance(exported, type) else exported)
        known = set(inspect.signature(made).parameters) - {"self", "scope", "construct_id", "options"}
        given = {key for n, one in enumerate(samples) for key in one(cdk.Stack(stack, f"{name}{n}", env=ENVIRONMENT))}
        options |= given - known
        if known - given:
            missing[name] = known - given
    assert missing == {}
    assert options == set(RoleOptions.__annotations__)


@pytest.mark.parametrize("name", SAMPLES)
def test_what_only_a_deployment_knows_is_written_or_refused(name: str, tmp_path: Path) -> None:
    """
    A token gives the same template in every synthesis, or a message in words; none of it is made of the token's text.
    """
    variants = [*_variants(name, [parameter, part, entry, generated], texts), *_variants(name, [list_parameter], lists)]
    refused, once = _synthesis(name, dict(enumerate(variants)), tmp_path / "once")
    said = refused.values()
    assert [one for one in said if "Token[" in one] == []
    # What is refused is refused for what it is, and not for how its token is spelt.
    assert [
        one for one in said if not re.search(r"a token|a list that only a deployment knows|GENERATE_IF_NEEDED", one)
    ] == []
    taken = {number: variant for number, variant in enumerate(variants) if number not in refused}
    assert len(once) >= len(taken)
    for number in range(7):
        # Tokens are numbered.
        cdk.Fn.import_value(f"Other{number}")
    assert _synthesis(name, taken, tmp_path / "again") == ({}, once)
    assert [path for path, template in once.items() if "Token[" in template] == []


@pytest.mark.parametrize("name", SAMPLES)
def test_no_key_is_one_that_only_a_deployment_knows(name: str, tmp_path: Path) -> None:
    """Keys of mappings are parts of condition keys, or names of what a template has."""
    probe = cdk.Stack(cdk.App(), "Probe", env=ENVIRONMENT)
    for number, sample in enumerate(SAMPLES[name]):
        for place in keys(sample(cdk.Stack(probe, f"Sample{number}", env=ENVIRONMENT))):
            stack = cdk.Stack(_app(tmp_path), "Stack", env=ENVIRONMENT)
            given = rekeyed(sample(stack), place, parameter(stack))
            if place[0] == "inline_policies":
                # The name of a policy is a value in a template.
                placed(name, stack, given)
                continue
            with pytest.raises(ValueError, match=r"a token|which only a deployment knows") as caught:
                placed(name, stack, given)
            assert "Token[" not in str(caught.value)


@pytest.mark.parametrize("name", SAMPLES)
def test_what_is_still_to_be_looked_up_lets_the_synthesis_go_on(name: str, tmp_path: Path) -> None:
    """Else the CDK never sees what is missing, and never looks it up."""
    variants = _variants(name, [looked_up], texts)
    refused, templates = _synthesis(name, dict(enumerate(variants)), tmp_path / "all")
    assert refused == {}
    assert len(templates) >= len(variants)
    if variants:
        missing = json.loads((tmp_path / "all" / "assembly-V0" / "manifest.json").read_text())["missing"]
        assert [one["props"]["parameterName"] for one in missing] == ["/its/value"]


@pytest.mark.parametrize("name", SAMPLES)
def test_what_is_very_long_is_shown_by_its_beginning(name: str) -> None:
    """A text of many thousand characters in the place of any, which some program has made: nobody reads all of it."""
    app, said = cdk.App(builtin_cloud_formation_validation=False), list[str]()
    probe = cdk.Stack(app, "Probe", env=ENVIRONMENT)
    for number, sample in enumerate(SAMPLES[name]):
        for index, place in enumerate(texts(sample(cdk.Stack(probe, f"Sample{number}", env=ENVIRONMENT)))):
            stack = cdk.Stack(app, f"Stack{number}-{index}", env=ENVIRONMENT)
            try:
                placed(name, stack, replaced(sample(stack), place, LONG[index % len(LONG)]))
            except (TypeError, ValueError) as error:
                said.append(str(error))
    assert [one[:200] for one in said if len(one) > 1_000] == []
