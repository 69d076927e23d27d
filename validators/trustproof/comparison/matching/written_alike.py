"""
Whether a resource is written alike on both sides, with all that it speaks of: then it says the same at whatever values.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import partial

from trustproof.comparison.subjects.subjects import Subject
from trustproof.inputs.reader import Input
from trustproof.model.identity_memory import IdentityMemory

#: What is followed by its names, or decides about nothing; whatever else there is decides about everything.
_BY_NAME = ("Conditions", "Mappings", "Parameters", "Resources")
_BESIDES = ("Description", "Metadata", "Outputs")
#: What else may put a policy, or somebody into a group, by a name that a parameter gives.
_PUT_ON = ("Groups", "Roles", "Users", "GroupName", "RoleName", "UserName")
_NAME = re.compile(r"[A-Za-z0-9]+")
#: What is written of a template is asked about for each of its policies, of which it may have thousands.
_GIVEN = IdentityMemory["set[tuple[str, str]] | None"](4)
_ATTACHED = IdentityMemory["tuple[tuple[str, str], ...]"](4)


def are_written_alike(new: Subject, old: Subject) -> bool:
    """Whether both sides write it alike, with each parameter, condition, mapping and resource that it speaks of."""
    here, there = (_everything(one) for one in (new, old))
    return here is not None and here == there


def are_given_alike(new: Subject, old: Subject) -> bool:
    """
    Whether both sides write alike what is put on users, groups and roles that a parameter names: it may be anybody's.
    """
    templates = [one.context.template for one in (new, old)]
    here, there = (_GIVEN.get(partial(_given_by_name, one), one) for one in templates)
    return here is not None and here == there


def _given_by_name(template: Input) -> set[tuple[str, str]] | None:
    """What is written of that, with what decides about it; None where nobody can look."""
    resources, parameters = template.written(("Resources",)), template.written(("Parameters",)) or {}
    if not isinstance(resources, Mapping) or not isinstance(parameters, Mapping):
        return None
    found: set[tuple[str, str]] = set()
    for name, text in _attached(resources):
        if not parameters.keys().isdisjoint(_NAME.findall(text)):
            whole = json.dumps(resources[name], sort_keys=True, default=str)
            found.add((whole, repr(sorted(_definitions(template, {*_NAME.findall(whole)}).items()))))
    return found


def _everything(subject: Subject) -> Mapping[str, object] | None:
    """What is written of a subject, and of all that is named there and thereafter; None where names are made."""
    template = subject.context.template
    whole, resources = template.written(()), template.written(("Resources",))
    # What is no logical id makes several, by names that are not written.
    if not isinstance(whole, Mapping) or not isinstance(resources, Mapping):
        return None
    if not all(str(name).isalnum() for name in resources):
        return None
    paths = [subject.path, *(document.path for document in subject.all_documents)]
    waiting = [str(path[1]) for path in paths if len(path) > 1 and path[0] == "Resources"]
    found: dict[str, object] = {name: said for name, said in whole.items() if name not in (*_BY_NAME, *_BESIDES)}
    attached = [*_ATTACHED.get(lambda: (*_attached(resources),), template)]
    named = {*waiting, *_names(attached)}
    found["attached"] = attached
    waiting += named & resources.keys()
    while waiting:
        if (key := f"Resources/{(name := waiting.pop())}") in found:
            continue
        text = json.dumps(resources.get(name), sort_keys=True, default=str)
        found[key] = text
        spoken_of = {*_NAME.findall(text)}
        named |= spoken_of
        waiting += spoken_of & resources.keys()
    return {**found, **_definitions(template, named)}


def _attached(resources: Mapping[object, object]) -> Iterator[tuple[str, str]]:
    """Whom policies and groups of the template are given to, as it is written."""
    for name, one in resources.items():
        if isinstance(one, Mapping) and str(one.get("Type")).startswith("AWS::IAM::"):
            properties = one.get("Properties")
            given = (
                {key: properties[key] for key in _PUT_ON if key in properties} if isinstance(properties, dict) else {}
            )
            if given:
                yield str(name), json.dumps(given, sort_keys=True, default=str)


def _names(attached: Iterable[tuple[str, str]]) -> Iterator[str]:
    return (name for _, text in attached for name in _NAME.findall(text))


def _definitions(template: Input, names: Iterable[str]) -> dict[str, object]:
    sections = [template.written((section,)) for section in ("Conditions", "Mappings", "Parameters")]
    declared = {str(name) for section in sections if isinstance(section, Mapping) for name in section}
    return {name: template.definition(name) for name in names if name in declared}
