"""
The roles that values of templates mean: by a reference, an import, or an ARN.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from trustproof_cdk._arguments.template_values import Template, output_name
from trustproof_cdk._policies.calls import arn_pattern
from trustproof_cdk._roles import handed_values

_ROLE = "AWS::IAM::Role"
#: Begins the attribute of a nested stack that is an output of it.
_OUTPUTS = "Outputs."
#: Stacks in one another that a value is followed through.
_DEEPEST = 20
#: Where it has the name of a role that is put together.
_PUT = re.compile(r'"RoleName": ?\{')
#: An ARN of a role, in whichever partition: account, which may be `handed_values.OWN`, path and name.
ROLE_ARN = re.compile(r"arn:[^:]*:iam::([0-9]{12}|own):role(/(?:[^*?]*/)?)([^*?/]+)")


class MeantRole(NamedTuple):
    """
    A role of a template.
    """

    template: Path
    logical_id: str
    properties: Mapping[str, Any]
    #: That of the ARN by which the role is meant; empty where it is meant by a reference.
    account: str = ""


class Templates(NamedTuple):
    """
    What the values of a template may lead to; see `handed_values.Files`.
    """

    #: By file.
    texts: Mapping[Path, str]
    #: By the name of the export, or by stack and output (`output_name`), its value, and the template that has it.
    exports: Mapping[str, tuple[Any, Path, Mapping[str, Any]]]
    #: By the file of a nested stack, that of the stack around, and its logical id there.
    callers: Mapping[Path, tuple[Path, str]]
    #: By the file of a stack that is deployed to one environment, that, as ARNs have it.
    environments: Mapping[Path, str]
    #: What those say that were asked about.
    said: dict[Path, Template]

    def environment_of(self, template: Path) -> str:
        """The Region and account of what a template makes, as ARNs have them; ``*`` where they are not known."""
        # A nested stack is where the stack around is. A template of a StackSet is anywhere, and no stack's.
        return self.environments.get(self.root_of(template), "*:*")

    def root_of(self, template: Path) -> Path:
        """The stack that a nested one is in at last, or itself: what is in one is in one account."""
        for _ in range(_DEEPEST):
            if template not in self.callers:
                break
            template, _ = self.callers[template]
        return template


def meant(
    value: Any,
    template: Path,
    written: Mapping[str, Any],
    there: Templates,
    named: Callable[..., list[MeantRole]] | None = None,
) -> list[MeantRole]:
    """
    The roles of which a value of a template may mean one: by a reference, an import or its ARN as a text.

    `named` finds roles by the latter; `_named`, if there is none.
    """
    named = named or _named
    value, template, written = _traced(value, template, written, there)
    known = handed_values.text_in(value, template, there)
    if known is not None:
        return named(known, there)
    own = handed_values.own_text_in(value, template, there)
    if own is not None and (arn := ROLE_ARN.fullmatch(own)) is not None and arn[1] == handed_values.OWN:
        return named(own, there, there.root_of(template))
    imported = _imported(value)
    if imported is not None:
        # What is exported under a name is not imported by it.
        others = {name: one for name, one in there.exports.items() if name != imported}
        exported = there.exports.get(imported)
        return [] if exported is None else meant(*exported, there._replace(exports=others), named)
    if (role := _referred(value, template, written)) is not None:
        return [] if named is named_otherwise else [role]
    return named(arn_pattern(value), there)


def _imported(value: Any) -> str | None:
    """The name by which a value is what another stack exports or puts out, as the CDK refers to it."""
    if not isinstance(value, Mapping):
        return None
    name, output = value.get("Fn::ImportValue"), value.get("Fn::GetStackOutput")
    if isinstance(output, Mapping):
        stack, logical_id = output.get("StackName"), output.get("OutputName")
        name = output_name(stack, logical_id) if isinstance(stack, str) and isinstance(logical_id, str) else None
    return name if isinstance(name, str) else None


def _named(written: str, there: Templates, root: Path | None = None) -> list[MeantRole]:
    """The roles of templates that an ARN is of; of one stack and what is nested in it, where its own account has it."""
    arn = ROLE_ARN.fullmatch(written)
    if arn is None:
        return []
    account, path, name = arn.groups()
    account = account if root is None else ""
    # Few templates have the name, or one that is put together, and they are read for few values.
    having = [
        (one, json.loads(text))
        for one, text in there.texts.items()
        if (root is None or there.root_of(one) == root) and (f'"{name}"' in text or _PUT.search(text))
    ]
    return [
        MeantRole(one, logical_id, properties, account)
        for one, other in having
        for logical_id, made in other.get("Resources", {}).items()
        if made.get("Type") == _ROLE
        and handed_values.text_in((properties := made.get("Properties", {})).get("RoleName"), one, there) == name
        and handed_values.text_in(properties.get("Path", "/"), one, there) == path
    ]


def named_otherwise(written: str, there: Templates, root: Path | None = None) -> list[MeantRole]:
    """The roles that have the name in an ARN, under another path or in other letters, where none has that ARN."""
    arn = ROLE_ARN.fullmatch(written)
    if arn is None or _named(written, there, root):
        return []
    spelled = re.compile(f'"{re.escape(arn[3])}"', re.IGNORECASE)
    having = [
        (one, json.loads(text))
        for one, text in there.texts.items()
        if (root is None or there.root_of(one) == root) and spelled.search(text)
    ]
    return [
        MeantRole(one, logical_id, made["Properties"], arn[1] if root is None else "")
        for one, other in having
        for logical_id, made in other.get("Resources", {}).items()
        if made.get("Type") == _ROLE
        and "Condition" not in made
        and str(handed_values.text_in(made.get("Properties", {}).get("RoleName"), one, there)).lower() == arn[3].lower()
        and handed_values.text_in(made["Properties"].get("Path", "/"), one, there) is not None
    ]


def _traced(
    value: Any, template: Path, written: Mapping[str, Any], there: Templates
) -> tuple[Any, Path, Mapping[str, Any]]:
    """Where a value comes from that goes into a nested stack by a parameter, or out of one as an output."""
    for _ in range(_DEEPEST):
        name, named = (value.get("Ref"), value.get("Fn::GetAtt")) if isinstance(value, Mapping) else (None, None)
        if template in there.callers and isinstance(name, str) and name in written.get("Parameters", {}):
            template, logical_id = there.callers[template]
            written = json.loads(there.texts[template])
            value = written["Resources"][logical_id].get("Properties", {}).get("Parameters", {}).get(name)
        elif isinstance(named, list) and str(named[1]).startswith(_OUTPUTS):
            inner = next((one for one, called in there.callers.items() if called == (template, named[0])), None)
            if inner is None:
                break
            template, written = inner, json.loads(there.texts[inner])
            value = written.get("Outputs", {}).get(named[1].removeprefix(_OUTPUTS), {}).get("Value")
        else:
            break
    return value, template, written


def _referred(value: Any, template: Path, written: Mapping[str, Any]) -> MeantRole | None:
    """The role of a template that a value of it means, by its name or its ARN."""
    if not isinstance(value, Mapping):
        return None
    named = value.get("Fn::GetAtt")
    logical_id = named[0] if isinstance(named, list) and named[1:] == ["Arn"] else value.get("Ref")
    found = written.get("Resources", {}).get(logical_id) if isinstance(logical_id, str) else None
    if found is None or found.get("Type") != _ROLE:
        return None
    return MeantRole(template, str(logical_id), found.get("Properties", {}))
