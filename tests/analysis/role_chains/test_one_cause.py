"""
A chain that begins where users get in without MFA: one finding says both, and its remedy closes both.
"""

from __future__ import annotations

from typing import Any

import pytest

import trustproof
from trustproof.results.groups import groups

Json = dict[str, Any]
OWN = "111122223333"
MFA: Json = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}


def trusting(*principals: tuple[object, Json]) -> Json:
    """A trust policy with a statement for each of some principals."""
    allow = {"Effect": "Allow", "Action": "sts:AssumeRole"}
    said = [{**allow, "Principal": {"AWS": who}, **more} for who, more in principals]
    return {"AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": said}}


def template(entry: Json) -> Json:
    """Users enter Entry, which Middle trusts; that one is trusted by Admin, as people with MFA are."""
    enter = trusting((OWN, entry))
    admin = trusting((OWN, {"Condition": MFA}), ({"Fn::GetAtt": ["Middle", "Arn"]}, {}))
    middle = trusting(({"Fn::GetAtt": ["Entry", "Arn"]}, {}))
    roles = {"Entry": enter, "Middle": middle, "Admin": admin}
    return {"Resources": {name: {"Type": "AWS::IAM::Role", "Properties": said} for name, said in roles.items()}}


@pytest.mark.parametrize(("entry", "refuted"), [({}, 1), ({"Condition": MFA}, 0)])
def test_a_chain_is_told_where_it_begins(entry: Json, refuted: int) -> None:
    """What users reach from a role that lets them in without MFA is no finding of its own, and goes with it."""
    found = trustproof.check([template(entry)], config={}, account=OWN)
    leads = [group for group in groups(found.results) if group.lead.verdict == trustproof.REFUTED]
    assert [group.lead.property for group in leads] == ["mfa-required"] * refuted
    assert [[one.property for one in group.also] for group in leads] == [["mfa-survives-chaining"]] * refuted
