"""
A small campaign of hostile templates, and the law by itself.
"""

from __future__ import annotations

import pytest

import trustproof
from tests.fuzz.campaign import campaign
from tests.fuzz.law import policies, vanished
from tests.fuzz.mutations import seeds


@pytest.mark.parametrize("seed", range(4))
def test_hostile_templates_have_an_answer(seed: int) -> None:
    """No mutated template ends in a traceback or never, and no policy of one vanishes from the report."""
    found = campaign(60, seed)
    assert (found.tracebacks, found.hangs, found.vanished) == ({}, [], [])
    # A campaign that only makes what is refused at once would try nothing.
    assert found.reports["findings"] > 10
    assert found.reports["errors"] > 3


@pytest.mark.parametrize(("name", "template"), seeds(), ids=[name for name, _ in seeds()])
def test_every_policy_of_a_template_is_in_its_report(name: str, template: dict[str, object]) -> None:
    """As a result, an error, or a said omission."""
    assert vanished(template, trustproof.check([template])) == [], name


def test_the_law_can_fail() -> None:
    """A report without results and notes has lost every policy of a template but the one that bounds a role."""
    template = dict(seeds())["everything"]
    assert len(list(policies(template))) == 6
    assert len(vanished(template, trustproof.check([{"Resources": {}}]))) == 5


def test_a_property_without_a_name_is_no_traceback() -> None:
    """Found by a campaign: a key that is the empty string says nothing of what a policy stands on."""
    trust = {"Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}]}
    role = {
        "Type": "AWS::IAM::Role",
        "Properties": {"AssumeRolePolicyDocument": trust, "": [{"Fn::Sub": "${AWS::Region}"}]},
    }
    assert trustproof.check([{"Resources": {"R": role}}]).failures()
