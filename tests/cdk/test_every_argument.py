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
from trustproof_cdk._role import RoleOptions

pytestmark = pytest.mark.filterwarnings("ignore:.* is deprecated. its name is:DeprecationWarning")

#: What has no arguments of its own, or none that a template is made of.
_OTHERS = {"Trusted", "TrustproofChecks", "conjoin", "mfa_conditions"}

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


def looked_up(stack: cdk.Stack) -> str:
    """What the CDK gives in the first synthesis for a value of Systems Manager."""
    return ssm.StringParameter.value_from_lookup(stack, "/its/value")


def _app(directory: Path) -> cdk.App:
    return cdk.App(outdir=str(directory), builtin_cloud_formation_validation=False, tree_metadata=False)


def _variants(name: str, others: list[Other], find: Callable[[Arguments], Iterator[Place]]) -> list[Variant]:
    """Something else in each place of each sample."""
    probe = cdk.Stack(cdk.App(), "Probe", env=ENVIRONMENT)
    return [
        (sample, place, other)
        for number, sample in enumerate(SAMPLES[name])
        for place in find(sample(cdk.Stack(probe, f"Sample{number}", env=ENVIRONMENT)))
        for other in others
    ]


def _put(name: str, stack: cdk.Stack, variant: Variant) -> None:
    sample, place, other = variant
    placed(name, stack, replaced(sample(stack), place, other(stack)))


def _refusal(name: str, variant: Variant, directory: Path) -> str:
    """What is said of a variant; empty where it is taken. Nothing but a `ValueError` or `TypeError` refuses."""
    try:
        _put(name, cdk.Stack(_app(directory), "Stack", env=ENVIRONMENT), variant)
    except (TypeError, ValueError) as error:
        return str(error) or "nothing"
    return ""


def _templates(name: str, variants: list[Variant], directory: Path) -> dict[str, str]:
    """Each variant in a stage of its own, since names are taken once."""
    app = _app(directory)
    for number, variant in enumerate(variants):
        _put(name, cdk.Stack(cdk.Stage(app, f"V{number}", env=ENVIRONMENT), "Stack"), variant)
    app.synth()
    return {str(path.relative_to(directory)): path.read_text() for path in sorted(directory.rglob("*.template.json"))}


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
    said = [_refusal(name, variant, tmp_path / "probe") for variant in variants]
    assert [one for one in said if "Token[" in one] == []
    # What is refused is refused for what it is, and not for how its token is spelt.
    assert [
        one
        for one in said
        if one and not re.search(r"a token|a list that only a deployment knows|GENERATE_IF_NEEDED", one)
    ] == []
    taken = [variant for variant, message in zip(variants, said, strict=True) if not message]
    once = _templates(name, taken, tmp_path / "once")
    for number in range(7):
        # Tokens are numbered.
        cdk.Fn.import_value(f"Other{number}")
    again = _templates(name, taken, tmp_path / "again")
    assert once == again
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
    assert [said for variant in variants if (said := _refusal(name, variant, tmp_path / "probe"))] == []
    templates = _templates(name, variants, tmp_path / "all")
    assert len(templates) >= len(variants)
    if variants:
        missing = json.loads((tmp_path / "all" / "assembly-V0" / "manifest.json").read_text())["missing"]
        assert [one["props"]["parameterName"] for one in missing] == ["/its/value"]
