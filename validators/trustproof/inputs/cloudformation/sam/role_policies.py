"""
What the roles that SAM makes may do by ``Policies``: statements, and policy templates.

https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/serverless-policy-templates.html
"""

from __future__ import annotations

from collections.abc import Mapping

from trustproof.aws.published import sam_policy_template
from trustproof.inputs.cloudformation.sam.documents import Resources, read_relocated
from trustproof.inputs.cloudformation.values.intrinsics import intrinsic_name
from trustproof.model.document import IDENTITY
from trustproof.model.policy import Guard, Path


def read_policies(
    collector: Resources, logical_id: str, properties: dict[str, object], path: Path, guards: tuple[Guard, ...]
) -> None:
    """Read the ``Policies`` of a function or state machine that are no names: statements, and policy templates."""
    for value, place, inner in collector.walk(properties, ("Policies", "*"), path, guards):
        if not isinstance(value, dict) or intrinsic_name(value) is not None:
            continue
        if "Statement" in value:
            collector.document(IDENTITY, value, place, inner, logical_id)
        else:
            _read_template(collector, logical_id, value, place, inner)


def _read_template(
    collector: Resources, logical_id: str, value: Mapping[str, object], path: Path, guards: tuple[Guard, ...]
) -> None:
    """
    Read an item of ``Policies`` that names a policy template, as the policy that SAM makes of it.

    Args:
        value: the name, and what the template is given.
        path: of the item, to which the parts of the policy lead that stand nowhere.
    """
    name = next(iter(value), "")
    template = sam_policy_template(name) if len(value) == 1 else None
    given = value.get(name)
    if template is None:
        collector.unread.append((path, f"no policy template of SAM that is known here: {', '.join(value)}"))
        return
    if not isinstance(given, Mapping) or intrinsic_name(given) is not None:
        collector.unread.append((path, f"what the policy template {name} is given is not known before deployment"))
        return
    missing = [parameter for parameter in template.parameters if parameter not in given]
    if missing:
        collector.unread.append((path, f"the policy template {name} is not given {' and '.join(missing)}"))
        return
    statements = _filled(list(template.statements), {one: given[one] for one in template.parameters})
    policy = {"Version": "2012-10-17", "Statement": statements}
    place = (*path, name)

    def move(found: Path) -> Path:
        return place if found[: len(path)] == path else found

    read_relocated(collector, lambda: collector.document(IDENTITY, policy, path, guards, logical_id), move)


def _filled(value: object, given: Mapping[str, object]) -> object:
    """A part of a template with what it is given; what is given may refer to parameters of the same name."""
    if isinstance(value, list):
        return [_filled(item, given) for item in value]
    if isinstance(value, dict):
        if len(value) == 1 and value.get("Ref") in given:
            return given[str(value["Ref"])]
        return {key: _filled(item, given) for key, item in value.items()}
    return value
