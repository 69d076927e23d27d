"""
Parameters that a template reads in the trust policy of a role alone: what the role may do is the same at each of their
values, and is compared at one of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from trustproof.comparison.matching.matching import Pair
from trustproof.comparison.subjects.subjects import Subject
from trustproof.model.deployments import Assignment
from trustproof.model.document import IDENTITY

_ROLE = "AWS::IAM::Role"
_OF_IAM = "AWS::IAM::"
_MAKING_POLICIES = (_OF_IAM, "AWS::Serverless::")
_TRUST = "AssumeRolePolicyDocument"
_WORD = re.compile(r"\w+")


def once_for_trust(assignments: Sequence[Assignment], pair: Pair) -> tuple[Assignment, ...]:
    """Assignments, without those that differ from an earlier one in what only trust policies read."""
    there = [one for one in pair if one is not None]
    if len(assignments) < 2 or not all(map(_is_role_by_itself, there)):
        return tuple(assignments)
    read = {word for one in there for word in _read_besides(one)}
    declared = {name for one in there for name in one.context.template.parameter_names}
    free = declared - read
    kept: dict[object, Assignment] = {}
    for one in assignments:
        values = tuple(value for value in one.values if value[0] not in free)
        not_default = tuple(name for name in one.not_default if name not in free)
        kept.setdefault(repr(one._replace(values=values, not_default=not_default, named=())), one)
    return tuple(kept.values())


def _is_role_by_itself(subject: Subject) -> bool:
    """Whether it is what a role may do of a template that is as it was written, and inside of no other."""
    template = subject.context.template
    is_role = subject.kind == IDENTITY and subject.resource_type == _ROLE and bool(subject.path)
    return is_role and not subject.parts and template.container is None and template.is_as_written


def _read_besides(subject: Subject) -> Iterator[str]:
    """
    Every word that has to do with what a role may do: of whatever is of IAM but for trust policies, of the resources of
    its policies, and of all resources, conditions and mappings that are named in there. What is said of whoever else
    the words are about is among them.
    """
    template = subject.context.template
    resources = _entries(template.written(("Resources",)))
    named = {**_entries(template.written(("Mappings",))), **_entries(template.written(("Conditions",)))}
    paths = (subject.path, *(document.path for document in subject.all_documents))
    own = {*map(str, (step for path in paths for step in path[1:2]))}
    texts = [
        repr(_without_trust(resource))
        for name, resource in resources.items()
        # What a loop, a macro or SAM makes is not written out.
        if name in own or str(_entries(resource).get("Type", _OF_IAM)).startswith(_MAKING_POLICIES)
    ]
    texts.append(repr(template.written(("Rules",))))
    seen: set[str] = set()
    while texts:
        words = {*_words(texts)} - seen
        yield from words
        seen |= words
        texts = [repr(named[word]) for word in words if word in named]
        texts += [repr(_without_trust(resources[word])) for word in words if word in resources]


def _words(texts: Iterable[str]) -> Iterator[str]:
    return (word for text in texts for word in _WORD.findall(text))


def _entries(written: object) -> Mapping[str, object]:
    return written if isinstance(written, Mapping) else {}


def _without_trust(resource: object) -> object:
    entries = _entries(resource)
    if entries.get("Type") != _ROLE or not isinstance(properties := entries.get("Properties"), Mapping):
        return resource
    return {**entries, "Properties": {key: value for key, value in properties.items() if key != _TRUST}}
