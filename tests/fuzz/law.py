"""
The law that nothing vanishes: every policy of a template is in the report as a result, an error, or a said omission.

It looks for policies by itself, in the text of the template alone, and knows nothing of how Trustproof reads them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from tests.fuzz.mutations import places
from trustproof.results.report import Report

#: Types to where their policies stand; with a star, in every item of a list.
_PLACES: dict[str, tuple[tuple[str, ...], ...]] = {
    "AWS::IAM::Role": (("AssumeRolePolicyDocument",), ("Policies", "*", "PolicyDocument")),
    "AWS::IAM::User": (("Policies", "*", "PolicyDocument"),),
    "AWS::IAM::Group": (("Policies", "*", "PolicyDocument"),),
    "AWS::IAM::ManagedPolicy": (("PolicyDocument",),),
    "AWS::IAM::Policy": (("PolicyDocument",),),
    "AWS::S3::BucketPolicy": (("PolicyDocument",),),
}


def policies(template: Any) -> Iterator[tuple[Any, ...]]:
    """The path of every policy that plainly stands in a template, whatever the policy says."""
    resources = template.get("Resources") if isinstance(template, dict) else None
    for logical_id, resource in resources.items() if isinstance(resources, dict) else ():
        type_ = resource.get("Type") if isinstance(resource, dict) else None
        for place in _PLACES.get(type_, ()) if isinstance(type_, str) else ():
            yield from _below(resource.get("Properties"), place, ("Resources", logical_id, "Properties"))


def _below(value: Any, place: tuple[str, ...], path: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    if not place:
        yield path
    elif place[0] == "*":
        for index, item in enumerate(value) if isinstance(value, list) else ():
            yield from _below(item, place[1:], (*path, index))
    elif isinstance(value, dict) and place[0] in value:
        yield from _below(value[place[0]], place[1:], (*path, place[0]))


def vanished(template: Any, report: Report) -> list[tuple[Any, ...]]:
    """The policies of which a report says nothing at all."""
    if report.errors:
        # Exit status 2, and no green: what is wrong with the template is said.
        return []
    spoken = [result.path for result in report.results]
    # What bounds somebody is part of every answer about whom it bounds.
    notes = "\n".join((*report.notes, *(json.dumps(value) for value in _boundaries(template))))
    said = {*re.findall(r"\w+", notes), *re.split(r": |, |\n", notes)}
    return [path for path in policies(template) if not any(map(_about(path), spoken)) and path[1] not in said]


def _boundaries(template: Any) -> Iterator[Any]:
    return (container[key] for container, key in places(template) if key == "PermissionsBoundary")


def _about(path: tuple[Any, ...]) -> Any:
    """Whether a result is about a policy, a part of it, or something that it stands in."""
    return lambda found: found[: len(path)] == path or path[: len(found)] == found
