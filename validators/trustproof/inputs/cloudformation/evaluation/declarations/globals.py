"""
``Globals`` of SAM: what a section says goes into every resource of its type.

Maps are merged, the items of lists are put before the resource's own, and of anything else the resource's own wins.
https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification-template-anatomy-globals.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from trustproof.inputs.cloudformation.values.intrinsics import FOREACH, intrinsic_name
from trustproof.model.policy import Path

_SAM = "AWS::Serverless::"


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


def with_globals(data: Mapping[str, object]) -> Mapping[str, object]:
    """
    A template with what its ``Globals`` say in each resource that they are about, in those of loops as well; the
    template itself where that is nothing.

    Whatever reads a resource finds there what it will have, and so the parameters by which that is decided.
    """
    resources = data.get("Resources")
    if not isinstance(data.get("Globals"), Mapping) or not isinstance(resources, Mapping):
        return data
    return {**data, "Resources": _filled(data, resources)}


def resource_with_globals(data: Mapping[str, object], resource: dict[str, object]) -> dict[str, object]:
    """A resource with what the template's ``Globals`` say of it."""
    common, own = global_properties(data, resource), resource.get("Properties", {})
    return {**resource, "Properties": merge_globals(common, own)} if common and isinstance(own, dict) else resource


def _filled(data: Mapping[str, object], entries: Mapping[str, object]) -> dict[str, object]:
    found: dict[str, object] = {}
    for key, value in entries.items():
        if isinstance(value, dict):
            found[key] = resource_with_globals(data, value)
        elif key.startswith(FOREACH) and isinstance(value, list):
            found[key] = [
                _filled(data, body) if isinstance(body, dict) and n == 2 else body for n, body in enumerate(value)
            ]
        else:
            found[key] = value
    return found


def place_in_globals(
    data: Mapping[str, object], resource: Mapping[str, object], prefix: Path, at: Path
) -> Callable[[Path], Path]:
    """
    What tells where a part of a resource stands in the template, which may be in its ``Globals``.

    Args:
        data: the template as it is written.
        resource: one of its resources.
        prefix: where the template stands in its file.
        at: where the resource stands in the file.
    """
    common = global_properties(data, resource)
    if not common:
        return lambda path: path
    own: Any = data
    for step in at[len(prefix) :]:
        own = own[step]
    own = own.get("Properties", {})
    section = (*prefix, "Globals", str(resource.get("Type")).removeprefix(_SAM))
    return lambda path: written_at(path, (*at, "Properties"), section, common, own)


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
    """An intrinsic function is a value for SAM, and no map; loops are written out before."""
    name = intrinsic_name(value)
    return isinstance(value, Mapping) and (name is None or name.startswith(FOREACH))
