"""
Resources that give access without a policy of IAM's: where they change, nothing is said to be the same.
"""

from __future__ import annotations

from typing import Any

import pytest

import trustproof
from trustproof.inputs.cloudformation.resources.access_without_policies import TYPES

Json = dict[str, Any]


def template(type_: str | None, **properties: Any) -> Json:
    """A template with a role, and one resource of a type."""
    role: Json = {"Type": "AWS::SNS::Topic", "Properties": {}}
    other: Json = {} if type_ is None else {"Share": {"Type": type_, "Properties": properties}}
    return {"Resources": {"Topic": role, **other}}


@pytest.mark.parametrize("type_", TYPES)
def test_what_changes_is_named_as_not_compared(type_: str) -> None:
    """Whether it is new, gone or another one; tags are nothing, and what is the same is not named."""
    name = (*TYPES[type_], "Principals")[0]
    one, other = (template(type_, **{name: value}) for value in ("111122223333", "999988887777"))
    for old, new in ((one, other), (template(None), one), (one, template(None))):
        found = trustproof.diff(old, new)
        assert not found.access
        assert {reason for each in found.undecided for reason in each.reasons} == {
            f"what Share gives ({type_}) is not compared, and the other side does not have the same"
        }
    assert trustproof.diff(one, template(type_, **{name: "111122223333", "Tags": []})).is_empty
