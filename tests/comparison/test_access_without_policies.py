"""
Resources that give access without a policy of IAM's: where they change, nothing is said to be the same.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import trustproof
from trustproof.inputs.cloudformation.resources.access_without_policies import TYPES
from trustproof.inputs.terraform.access_by_argument import TYPES as TERRAFORM_TYPES

Json = dict[str, Any]


def template(type_: str | None, **properties: Any) -> Json:
    """A template with a role, and one resource of a type."""
    role: Json = {"Type": "AWS::SNS::Topic", "Properties": {}}
    other: Json = {} if type_ is None else {"Share": {"Type": type_, "Properties": properties}}
    return {"Resources": {"Topic": role, **other}}


@pytest.mark.parametrize("type_", TYPES)
def test_what_changes_is_named_as_not_compared(type_: str) -> None:
    """Whether it is new, gone or another one, once; tags are nothing, and what is the same is not named."""
    name = (*TYPES[type_], "Principals")[0]
    one, other = (template(type_, **{name: value}) for value in ("111122223333", "999988887777"))
    for old, new in ((one, other), (template(None), one), (one, template(None))):
        found = trustproof.diff(old, new)
        assert not found.access
        said = [reason for each in found.undecided for reason in each.reasons]
        assert said == [f"what Share gives ({type_}) is not compared, and the other side does not have the same"]
    assert trustproof.diff(one, template(type_, **{name: "111122223333", "Tags": []})).is_empty


@pytest.mark.parametrize("type_", TERRAFORM_TYPES)
def test_what_changes_in_terraform_is_named_as_not_compared(tmp_path: Path, type_: str) -> None:
    """Whether it is new, gone or another one, once; tags are nothing, and what is the same is not named."""
    argument = (*TERRAFORM_TYPES[type_].callers, *TERRAFORM_TYPES[type_].rest)[0]
    texts = {
        "none": "",
        "one": f'resource "{type_}" "r" {{\n  {argument} = "111122223333"\n}}\n',
        "other": f'resource "{type_}" "r" {{\n  {argument} = "999988887777"\n}}\n',
        "tagged": f'resource "{type_}" "r" {{\n  {argument} = "111122223333"\n  tags = {{ a = "b" }}\n}}\n',
    }
    for name, text in texts.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "main.tf").write_text(f'resource "aws_sns_topic" "t" {{\n  name = "t"\n}}\n{text}')
    for old, new in (("one", "other"), ("none", "one"), ("one", "none")):
        found = trustproof.diff(tmp_path / old, tmp_path / new)
        assert not found.access
        said = [reason for each in found.undecided for reason in each.reasons]
        assert said == [f"what {type_}.r gives is not compared, and the other side does not have the same"]
    assert trustproof.diff(tmp_path / "one", tmp_path / "tagged").is_empty
