"""
Texts of templates that are put together: an ARN, or a name, that a mapping, a parameter or a function of CloudFormation
says, is that of a role as one that is written out is.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from trustproof_cdk._arguments import regions
from trustproof_cdk._arguments.template_values import Template, only_text, template_said

#: Says nothing of itself, and is in no ARN of two.
_PARTITION, _ANY = "AWS::Partition", "*"
_ACCOUNT = "AWS::AccountId"
#: Stands for the account of a template, which is that of what is nested in it too.
OWN = "own"
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


def own_text_in(value: Any, template: Path, files: Files) -> str | None:
    """As `text_in`, with `OWN` for the account where only a deployment knows that."""
    said = _said(template, files, 0)
    own = {_ACCOUNT: {"AllowedValues": [OWN]}}
    is_known = _ACCOUNT in said.environment or not isinstance(value, Mapping)
    return None if is_known else only_text(value, said._replace(parameters={**said.parameters, **own}))


def document_in(value: Any, template: Path, files: Files) -> Any:
    """
    A policy of a template, or properties, with the texts that are put together written out, where it is known where the
    template is deployed to.
    """
    if isinstance(value, list):
        return [document_in(one, template, files) for one in value]
    if not isinstance(value, Mapping):
        return value
    if len(value) == 1 and next(iter(value)).startswith(("Fn::", "Ref")):
        said = _said(template, files, 0)
        # A partition that is not known is no pattern where a text is meant as it stands.
        found = only_text(value, said) if _PARTITION in said.environment else None
        return value if found is None else found
    return {key: document_in(one, template, files) for key, one in value.items()}


def _said(template: Path, files: Files, depth: int) -> Template:
    """What a template says, with what the stack around gives it."""
    if template in files.said:
        return files.said[template]
    written = json.loads(files.texts[template])
    said = template_said(written)
    region, _, account = files.environment_of(template).partition(":")
    partition = None if region == _ANY else regions.partition_of_region(region)
    known = {_PARTITION: partition or _ANY, "AWS::Region": region, _ACCOUNT: account}
    environment = {name: one for name, one in known.items() if one != _ANY}
    given: dict[str, tuple[Template, Any]] = {}
    if template in files.callers and depth < _DEEPEST:
        around, logical_id = files.callers[template]
        outer = _said(around, files, depth + 1)
        values = outer.resources.get(logical_id, {}).get("Properties", {}).get("Parameters", {})
        given = {name: (outer, one) for name, one in values.items()}
    only = {name: {"AllowedValues": [one]} for name, one in ({_PARTITION: _ANY} | environment).items()}
    found = files.said[template] = said._replace(
        parameters={**said.parameters, **only}, environment=environment, given=given
    )
    return found
