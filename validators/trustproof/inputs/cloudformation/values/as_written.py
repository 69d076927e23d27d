"""
A template as it is written: what stands at a path, and what decides about a condition.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Protocol

from trustproof.aws.resource_policies import BY_ARN, BY_NAME
from trustproof.inputs.cloudformation.values.catalogue import (
    PUT_ON,
    ROLE_MAKERS,
    STANDS_ON,
    STANDS_ON_ARN,
    STANDS_ON_NAMED,
    generated_role,
)
from trustproof.inputs.cloudformation.values.deployable_references import Needed, why_not_deployable
from trustproof.inputs.cloudformation.values.intrinsics import intrinsic_name, reference
from trustproof.inputs.grammar.values import Unreadable
from trustproof.inputs.reader import Container
from trustproof.inputs.written_input import OtherResource
from trustproof.model.names import is_nothing_but_a_policy
from trustproof.model.policy import Path
from trustproof.model.principals import ArnReference
from trustproof.model.text import Symbolic, Text

_SECTIONS = ("Conditions", "Parameters", "Mappings")
#: Where these are, they may decide about any parameter.
_RULES = "Rules"
_NAME = r"[A-Za-z0-9]+"
_REPLICA_KEY, _COPY_OF = "AWS::KMS::ReplicaKey", "PrimaryKeyArn"


class _Resolver(Protocol):
    def text(self, value: object) -> object: ...

    def attribute(self, logical_id: str, name: str) -> Text: ...


class AsWritten:
    """
    Something that was read from a mapping.
    """

    data: Mapping[str, object]
    #: Knows what its values are.
    resolver: _Resolver

    @property
    def listed(self) -> _Resolver:
        """Knows what they are where a parameter may have each of its ``AllowedValues``."""
        raise NotImplementedError

    @property
    def assigned_only(self) -> _Resolver | None:
        """Knows what they are by the values alone at which it is read; None where it is read at the defaults."""
        raise NotImplementedError

    def is_impossible(self, condition: str, *, holds: bool) -> bool:
        """Whether a condition certainly never holds, or never fails to, whatever the values of parameters are."""
        raise NotImplementedError

    @property
    def container(self) -> Container | None:
        """What it stands inside of; None for a file of its own."""
        raise NotImplementedError

    def written(self, path: Path) -> object:
        """What is written at a path; None where nothing is."""
        found: object = self.data
        for step in path[len(self.container.path) :] if self.container is not None else path:
            if isinstance(found, Mapping):
                found = found.get(step)
            elif isinstance(found, list) and isinstance(step, int) and step < len(found):
                found = found[step]
            else:
                return None
        return found

    def text_at(self, path: Path) -> Text | None:
        """The text at a path, as far as it is known; None where there is none."""
        return self._text(self.written(path))

    def _text(self, value: object, resolver: _Resolver | None = None) -> Text | None:
        try:
            found = (resolver or self.resolver).text(value)
        except Unreadable:
            return None
        return found if isinstance(found, (str, Symbolic)) else None

    def texts_at(self, path: Path) -> Sequence[Text]:
        """
        Each text that stands at a path by some outcome of the conditions there, as far as they are known; once more
        where a parameter may have other values than its default. One only where the values at which it is read decide.
        """
        written, texts = [self.written(path)], list[Text]()
        if self.assigned_only is not None and isinstance(found := self._text(written[0], self.assigned_only), str):
            return (found,)
        for value in written:
            if intrinsic_name(value) == "Fn::If" and isinstance(value, dict) and isinstance(value["Fn::If"], list):
                written += self._possible(*value["Fn::If"])
            else:
                both = (self._text(value), self._text(value, self.listed))
                texts += [text for text in dict.fromkeys(both) if text is not None]
        return texts

    def _possible(self, condition: object, *branches: object) -> Sequence[object]:
        """Those of the two branches of a condition that may be the one."""
        kept = [
            branch
            for branch, holds in zip(branches, (True, False), strict=False)
            if not isinstance(condition, str) or not self.is_impossible(condition, holds=holds)
        ]
        return kept or branches

    def arns_of(self, logical_id: str) -> Sequence[Text]:
        """The ARN of a resource where a parameter may have each value of a list; none where that is no other one."""
        try:
            found = [one.attribute(logical_id, "Arn") for one in (self.resolver, self.listed)]
        except Unreadable:
            return ()
        return () if found[0] == found[1] else found[1:]

    def other_resource(self, path: Path) -> OtherResource | None:
        """For which other one a resource of Terraform's is, which has another type there; None for none."""
        body = self.written(path)
        if not isinstance(body, Mapping) or body.keys().isdisjoint((STANDS_ON_ARN, STANDS_ON_NAMED)):
            return None
        return OtherResource(body.get(STANDS_ON_ARN), body.get(STANDS_ON_NAMED))

    def put_on(self, path: Path) -> object | None:
        """What says on which resource a policy is put that is one of its own, as it is written; None for none."""
        body = self.written(path)
        if not isinstance(body, Mapping):
            return None
        type_, properties = str(body.get("Type")), body.get("Properties")
        if PUT_ON in body or not isinstance(properties, Mapping):
            return body.get(PUT_ON)
        if type_ == _REPLICA_KEY:
            # Its policy lets in to what the other key has encrypted.
            return {_COPY_OF: properties[_COPY_OF]} if _COPY_OF in properties else None
        if not is_nothing_but_a_policy(type_):
            return None
        named = {"Bucket", "MrapName", BY_ARN.get(type_, ""), STANDS_ON.get(type_, "")}
        named.update(re.findall(r"{(\w+)}", BY_NAME.get(type_, ("", ""))[1]))
        return {name: properties[name] for name in sorted(named) if name in properties}

    def chosen_by(self, value: object) -> Sequence[str]:
        """What decides which of several things a value is: the conditions, without their names, and its mappings."""
        conditions: dict[str, object] = {}
        waiting, looked_up = [value], list[str]()
        around = self.container.path if self.container is not None else ()
        while waiting:
            one = waiting.pop()
            if not isinstance(one, Mapping):
                waiting += one if isinstance(one, list) else ()
                continue
            waiting += one.values()
            if "Fn::FindInMap" in one:
                looked_up.append(f"{one!r} {self._entries(one['Fn::FindInMap'])!r}")
            chosen = one.get("Fn::If")
            for name in (chosen[0] if isinstance(chosen, list) and chosen else None, one.get("Condition")):
                if isinstance(name, str) and name not in conditions:
                    conditions[name] = self.written((*around, "Conditions", name))
                    waiting.append(conditions[name])
        return [f"{condition!r}" for condition in conditions.values()] + looked_up

    def mapped_by(self, path: Path) -> Mapping[str, Sequence[str]]:
        """
        The names in what looks up a mapping below a path, those of parameters among them; with the keys that the
        mapping has there of one that is a key by itself.
        """
        names: dict[str, list[str]] = {}
        waiting = [self.written(path)]
        while waiting:
            one = waiting.pop()
            if isinstance(one, Mapping):
                for name in re.findall(r"\w+", f"{one.get('Fn::FindInMap', '')}"):
                    names.setdefault(name, [])
                for name, key in self._keys(one.get("Fn::FindInMap")):
                    names.setdefault(name, []).append(key)
                waiting += one.values()
            elif isinstance(one, list):
                waiting += one
        return names

    def _entries(self, asked: object) -> Mapping[object, Mapping[object, object]]:
        """What a mapping may give that is asked: of keys that are written out, these alone."""
        if not isinstance(asked, list) or len(asked) < 3 or not isinstance(asked[0], str):
            return {}
        table = self.written(("Mappings", asked[0]))
        row, entry = (None if isinstance(key, Mapping) else key for key in asked[1:3])
        return {
            name: {key: value for key, value in entries.items() if entry in (None, key)}
            for name, entries in (table.items() if isinstance(table, Mapping) else ())
            if isinstance(entries, Mapping) and row in (None, name)
        }

    def _keys(self, asked: object) -> Iterator[tuple[str, str]]:
        """The names of what a mapping is asked for, each with a key that the mapping has in that place."""
        # With a default value, any other key is one as well.
        if not isinstance(asked, list) or len(asked) != 3:
            return
        table = self.written(("Mappings", asked[0])) if isinstance(asked[0], str) else None
        rows = table if isinstance(table, Mapping) else {}
        entries = dict.fromkeys(key for row in rows.values() if isinstance(row, Mapping) for key in row)
        for one, keys in ((asked[1], rows), (asked[2], entries)):
            if (found := reference(one)) is not None and not found[1]:
                yield from ((found[0], str(key)) for key in keys)

    def reference(self, value: object) -> tuple[str, str] | None:
        """The name and the attribute that ``Ref`` or ``Fn::GetAtt`` names; None for any other value."""
        return reference(value)

    def reference_to_arn(self, logical_id: str, within: str) -> ArnReference:
        """``{"Fn::GetAtt": ["Role", "Arn"]}``: of what SAM makes a role for, of that role."""
        resources = self.data.get("Resources")
        there = resources.get(logical_id) if isinstance(resources, Mapping) else None
        is_made = isinstance(there, Mapping) and there.get("Type") in ROLE_MAKERS
        name = generated_role(logical_id) if is_made else logical_id
        return ArnReference(
            "Fn::GetAtt", (name, "Arn"), why_not_deployable(resources, within, logical_id, self._needed)
        )

    @cached_property
    def _needed(self) -> Needed:
        return {}


def definition(data: Mapping[str, object], name: str) -> tuple[tuple[str, str], ...]:
    """
    What decides about a name, as it is written: each condition, parameter and mapping that is spoken of, sorted.

    Args:
        data: the template.
        name: of a condition or a parameter.
    """
    sections = {section: found for section in _SECTIONS if isinstance(found := data.get(section), Mapping)}
    written: dict[str, str] = {}
    waiting = [name]
    while waiting:
        one = waiting.pop()
        for section, entries in sections.items():
            key = f"{section}/{one}"
            if one in entries and key not in written:
                written[key] = json.dumps(entries[one], sort_keys=True, default=str)
                # A text may hold several names, and a name that is none of ours is found in no section.
                waiting += _names(entries[one])
    if _RULES in data:
        written[_RULES] = json.dumps(data[_RULES], sort_keys=True, default=str)
    return tuple(sorted(written.items()))


def _names(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield from re.findall(_NAME, value)
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _names(key)
            yield from _names(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _names(inner)
