"""
``Globals`` of SAM: what a section says goes into every resource of its type.

Maps are merged, the items of lists are put before the resource's own, and of anything else the resource's own wins.
https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification-template-anatomy-globals.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from trustproof.inputs.cloudformation.values.intrinsics import intrinsic_name
from trustproof.model.policy import Path, Policy

_SAM = "AWS::Serverless::"
#: Resource types that may have a role or a resource policy, to their section.
SECTIONS = {
    "AWS::Serverless::Api": "Api",
    "AWS::Serverless::Function": "Function",
    "AWS::Serverless::StateMachine": "StateMachine",
}


def global_properties(data: Mapping[str, object], resource: Mapping[str, object]) -> Mapping[str, object]:
    """What ``Globals`` says of a resource, without what the resource ignores."""
    sections = data.get("Globals")
    # A section is called as the type is.
    name = str(resource.get("Type")).removeprefix(_SAM)
    section = sections.get(name) if isinstance(sections, Mapping) else None
    ignored = resource.get("IgnoreGlobals")
    if not isinstance(section, Mapping) or ignored == "*":
        return {}
    names = ignored if isinstance(ignored, list) else ()
    return {name: value for name, value in section.items() if name not in names}


def merge_globals(common: object, own: object) -> object:
    """A value of ``Globals`` and the resource's own, as SAM puts them together."""
    if _is_map(common) and _is_map(own):
        assert isinstance(common, Mapping)
        assert isinstance(own, Mapping)
        both = {name: merge_globals(value, own[name]) if name in own else value for name, value in common.items()}
        return {**both, **{name: value for name, value in own.items() if name not in common}}
    if isinstance(common, list) and isinstance(own, list):
        return [*common, *own]
    return own


def with_globals(
    data: Mapping[str, object], resource: Mapping[str, object], properties: dict[str, object]
) -> dict[str, object]:
    """The properties of a resource with those that the template's ``Globals`` give to its type."""
    whole = merge_globals(global_properties(data, resource), properties)
    return whole if isinstance(whole, dict) else properties


def written_at(path: Path, before: Path, section: Path, common: object, own: object) -> Path:
    """
    Where a part of a merged value stands in the template.

    Args:
        path: of the part, as if the resource had all of it.
        before: of the whole value in the resource.
        section: of the whole value in ``Globals``.
        common: what ``Globals`` says.
        own: what the resource says.
    """
    if path[: len(before)] != before:
        return path
    steps = path[len(before) :]
    for number, step in enumerate(steps):
        rest = steps[number + 1 :]
        if isinstance(common, list) and isinstance(own, list) and isinstance(step, int):
            if step < len(common):
                return (*section, step, *rest)
            return (*before, step - len(common), *rest)
        if not (_is_map(common) and _is_map(own)):
            break
        assert isinstance(common, Mapping)
        assert isinstance(own, Mapping)
        if step not in own:
            return (*section, step, *rest) if step in common else path
        if step not in common:
            break
        common, own = common[step], own[step]
        before, section = (*before, step), (*section, step)
    return path


def _is_map(value: object) -> bool:
    """An intrinsic function is a value for SAM, and no map."""
    return isinstance(value, Mapping) and intrinsic_name(value) is None


def relocate_policy(policy: Policy, move: Callable[[Path], Path]) -> Policy:
    """A policy with its statements and conditions where they stand."""
    return policy._replace(
        statements=tuple(
            s._replace(path=move(s.path), conditions=tuple(c._replace(path=move(c.path)) for c in s.conditions))
            for s in policy.statements
        )
    )
