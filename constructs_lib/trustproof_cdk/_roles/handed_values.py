"""
Texts of templates that are put together: an ARN, or a name, that a mapping, a parameter or a function of CloudFormation
says, is that of a role as one that is written out is.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from trustproof_cdk._arguments.template_values import Template, only_text, template_said

#: Says nothing of itself, and is in no ARN of two.
_PARTITION = "AWS::Partition"
#: Stacks in one another that a value is followed through.
_DEEPEST = 20


class Files(Protocol):
    """
    The templates of an app.
    """

    @property
    def texts(self) -> Mapping[Path, str]:
        """By file."""

    @property
    def callers(self) -> Mapping[Path, tuple[Path, str]]:
        """By the file of a nested stack, that of the stack around, and its logical id there."""

    @property
    def said(self) -> dict[Path, Template]:
        """What those say that were asked about."""

    def environment_of(self, template: Path) -> str:
        """The Region and account of what a template makes, as ARNs have them; ``*`` where they are not known."""


def text_in(value: Any, template: Path, files: Files) -> str | None:
    """What a value of a template comes to as a text, where the templates say one; the partition is any."""
    if isinstance(value, str):
        return value
    return only_text(value, _said(template, files, 0)) if isinstance(value, Mapping) else None


def _said(template: Path, files: Files, depth: int) -> Template:
    """What a template says, with what the stack around gives it."""
    if template in files.said:
        return files.said[template]
    written = json.loads(files.texts[template])
    said = template_said(written)
    region, _, account = files.environment_of(template).partition(":")
    known = {_PARTITION: "*", "AWS::Region": region, "AWS::AccountId": account}
    environment = {name: one for name, one in known.items() if one != "*"}
    given: dict[str, tuple[Template, Any]] = {}
    if template in files.callers and depth < _DEEPEST:
        around, logical_id = files.callers[template]
        outer = _said(around, files, depth + 1)
        values = outer.resources.get(logical_id, {}).get("Properties", {}).get("Parameters", {})
        given = {name: (outer, one) for name, one in values.items()}
    only = {name: {"AllowedValues": [one]} for name, one in (environment | {_PARTITION: "*"}).items()}
    found = files.said[template] = said._replace(
        parameters={**said.parameters, **only}, environment=environment, given=given
    )
    return found
