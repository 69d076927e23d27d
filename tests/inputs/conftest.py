"""
Templates written to a file for one test.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from trustproof.inputs.cloudformation.template import Template
from trustproof.inputs.discovery.inputs import read_paths


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., Template]:
    """Reads a template given as a mapping or as text; its errors are raised."""

    def _read(content: Any, name: str = "", **options: Any) -> Template:
        text = content if isinstance(content, str) else json.dumps(content, indent=2)
        path = tmp_path / (name or ("template.yaml" if isinstance(content, str) else "template.json"))
        path.write_text(text, encoding="utf-8")
        inputs = read_paths([str(path)], **options)
        templates = list(inputs.templates)
        for error in inputs.errors:
            raise error
        return templates[0]

    return _read


@pytest.fixture
def role() -> Callable[..., dict[str, Any]]:
    """A role resource that trusts whatever is given as its principal, or has the given trust statements."""

    def _role(principal: Any = None, *, statement: Any = None, **properties: Any) -> dict[str, Any]:
        default = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": principal}}
        document = {"Version": "2012-10-17", "Statement": [default] if statement is None else statement}
        return {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": document, **properties}}

    return _role


@pytest.fixture
def resolved(read: Callable[..., Template], role: Callable[..., dict[str, Any]]) -> Callable[..., list[Any]]:
    """What a value gives as the AWS principal of a trust policy, with the guards of each variant."""

    def _resolved(value: Any, sections: Any = None, **options: Any) -> list[Any]:
        given = sections or {}
        resources = {**given.get("Resources", {}), "Probe": role(value)}
        template = read({**given, "Resources": resources}, **options)
        assert template.unread == ()
        found = next(d for d in template.documents if d.logical_id == "Probe")
        return [
            (tuple(p.value for p in s.principals or ()), {g.name: g.value for g in s.guards})
            for s in found.policy.statements
        ]

    return _resolved
