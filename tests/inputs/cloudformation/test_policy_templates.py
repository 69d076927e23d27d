"""
The policy templates of SAM: each is read as the statements that it is published with.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from trustproof.aws import published
from trustproof.inputs.cloudformation.sam.documents import relocate_policy
from trustproof.inputs.cloudformation.template import Template

DATA = Path(published.__file__).parent / "data" / "sam_policy_templates.jsonl"
Read = Callable[..., Template]
TEMPLATES = [json.loads(line)["template"] for line in DATA.read_text("utf-8").splitlines()[1:]]


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_policy_template_is_what_its_statements_say(name: str, read: Read) -> None:
    """With what it is given in the place of its parameters, and found where it is named."""
    published_as = published.sam_policy_template(name)
    assert published_as is not None
    given = {parameter: f"my-{parameter.lower()}" for parameter in published_as.parameters}
    text = json.dumps(published_as.statements)
    for parameter, value in given.items():
        text = text.replace(json.dumps({"Ref": parameter}), json.dumps(value))
    statements = {"Version": "2012-10-17", "Statement": json.loads(text)}
    function = {"Type": "AWS::Serverless::Function", "Properties": {"Policies": [{name: given}, statements]}}
    found = read({"Resources": {"F": function}}, account="111122223333")
    assert found.unread == ()
    _, named, written = (document.policy for document in found.documents)
    assert {one.path[3:] for one in named.statements} == {("Policies", 0, name)}
    assert relocate_policy(named, lambda _: ()).statements == relocate_policy(written, lambda _: ()).statements
