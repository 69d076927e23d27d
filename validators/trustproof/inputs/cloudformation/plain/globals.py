"""
A template as SAM reads it: with ``Globals`` written into the resources that they are about.

https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification-template-anatomy-globals.html
"""

from __future__ import annotations

from collections.abc import Mapping

_ABOUT = "AWS::Serverless::"


def with_globals(template: Mapping[str, object]) -> Mapping[str, object]:
    """
    The template with what ``Globals`` says in each serverless resource; the template itself where it has none.
    """
    sections, resources = template.get("Globals"), template.get("Resources")
    if not isinstance(sections, Mapping) or not isinstance(resources, Mapping):
        return template
    return {**template, "Resources": {name: _filled(resource, sections) for name, resource in resources.items()}}


def _filled(resource: object, sections: Mapping[str, object]) -> object:
    if not isinstance(resource, Mapping) or not str(resource.get("Type")).startswith(_ABOUT):
        return resource
    section = sections.get(str(resource["Type"]).removeprefix(_ABOUT))
    ignored = resource.get("IgnoreGlobals", [])
    if not isinstance(section, Mapping) or ignored == "*":
        return resource
    kept = {name: value for name, value in section.items() if not (isinstance(ignored, list) and name in ignored)}
    return {**resource, "Properties": _over(kept, resource.get("Properties", {}))}


def _over(below: object, above: object) -> object:
    """One value over another one: objects key by key, lists one after the other, everything else replaced."""
    if isinstance(below, list) and isinstance(above, list):
        return below + above
    if not isinstance(below, Mapping) or not isinstance(above, Mapping) or _is_function(below) or _is_function(above):
        return above
    found = dict(below)
    for name, value in above.items():
        found[name] = _over(found[name], value) if name in found else value
    return found


def _is_function(value: Mapping[str, object]) -> bool:
    return len(value) == 1 and all(name in ("Ref", "Condition") or name.startswith("Fn::") for name in value)
