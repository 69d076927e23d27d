"""
Which names a part of a template reads, and with what its conditions compare them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

from trustproof.inputs.cloudformation.evaluation.assignments.names_that_match import (
    NamesThatMatch,
    is_of_iam,
    without_names_of_policies,
)
from trustproof.inputs.cloudformation.evaluation.assignments.policy_places import (
    deciding_properties,
    judged_apart,
    names_resources,
    speaks_of_holders,
    without_settings,
)
from trustproof.inputs.cloudformation.evaluation.declarations.defaults import given_in, passed_expressions, taken_values
from trustproof.inputs.cloudformation.evaluation.declarations.environment import Environment
from trustproof.inputs.cloudformation.evaluation.declarations.list_choices import (
    is_list_again,
    joined_list,
    split_again,
)
from trustproof.inputs.cloudformation.evaluation.declarations.loop_turns import without_loops
from trustproof.inputs.cloudformation.evaluation.declarations.names_read import NameReads
from trustproof.inputs.cloudformation.evaluation.declarations.reference_values import deciding_reference
from trustproof.inputs.cloudformation.evaluation.declarations.tags_looked_at import TagsLookedAt
from trustproof.inputs.cloudformation.evaluation.declarations.written_partitions import partitions_in
from trustproof.inputs.cloudformation.evaluation.functions.keys_asked_for import KeysAskedFor
from trustproof.inputs.cloudformation.evaluation.texts.chosen_texts import (
    conditions_of_texts,
    is_regional,
    names_of_holder,
    texts_in_holder,
)
from trustproof.inputs.cloudformation.values.intrinsics import FOREACH, names_in, names_of
from trustproof.inputs.grammar.values import scalar_text
from trustproof.model.policy import Path
from trustproof.model.text import REGION, Symbolic

#: Properties that decide whether a public policy counts, wherever the resource stands that has them.
_PUBLIC_ACCESS = ("BlockPublicPolicy", "PublicAccessBlockConfiguration")
#: What surrounds a policy: of what is no identity; of one that does not speak of who may have it; of one that may.
_OF_RESOURCES, _OF_NAMES, _OF_HOLDERS = "around resources", "around names", "around holders"
_TRUST = "AssumeRolePolicyDocument"
#: How long sessions last, whoever has them.
_DURATION = "MaxSessionDuration"


class Dependencies:
    """
    Finds the names that parts of a template read, through conditions and the names of resources.

    Args:
        data: the template.
        environment: its declarations.
        prefix: where the template stands in its file.
    """

    def __init__(self, data: Mapping[str, object], environment: Environment, prefix: Path) -> None:
        self._data = data
        self._environment = environment
        self._prefix = prefix
        #: Which step of a path is the logical id of a resource.
        self._at = len(prefix) + 1
        self._surrounding: dict[str, NameReads] = {}
        self._unnamed: dict[tuple[str, bool], object] = {}
        self._keys = KeysAskedFor(environment.mappings)
        self._tags = TagsLookedAt(data, environment)
        #: What each of several policies and properties asks again. A value is kept with what was found in it, so that
        #: it stays one.
        self._inside: dict[int, tuple[object, NameReads]] = {}

    def parts(self, paths: Sequence[Path], *, together: bool = False) -> Iterator[NameReads]:
        """
        What is read by what stands at some paths: where statements cannot deny each other, by each of them.

        Args:
            together: whether by all of them in any case.
        """
        # What somebody holds decides about one request; with trust policies, about one after the other.
        of_several = len(paths) > 1 and any(_TRUST in path for path in paths)
        for turn in self._turns(paths):
            yield from self._parts(turn, of_several=of_several, together=together or len(turn) > len(paths))

    def _turns(self, paths: Sequence[Path]) -> Iterator[Sequence[Path]]:
        """
        Paths as they lead to what loops make: each turn of a loop is judged by itself, where they lead through one.
        """
        each = [without_loops(self._environment, path, self._prefix) for path in paths]
        made = {tuple(one[self._at] for one in found) for found in each if len(found) > 1}
        if len(made) > 1:
            # What is made by one may be attached to what is made by any turn of another one.
            yield [path for found in each for path in found]
            return
        for number in range(max(map(len, each), default=0)):
            yield [found[number if len(found) > 1 else 0] for found in each]

    def _parts(self, paths: Sequence[Path], *, of_several: bool, together: bool) -> Iterator[NameReads]:
        """What is read by what stands at some paths, none of which leads through a loop."""
        whole = self._at + 1
        tags = together or of_several or self._tags.of_callers
        bodies = [self._whole(path, with_tags=tags) if len(path) == whole else self._body(path) for path in paths]
        placed = [*zip(paths, bodies, strict=True)]
        apart = [] if together or of_several else judged_apart(placed, whole, self._environment)
        made = dict.fromkeys(str(path[self._at]) for path in paths if len(path) > self._at)
        collections = [one for logical_id in made for one in self._environment.collections_of(logical_id)]
        for inner in apart or [bodies]:
            read = NameReads(denies=not apart, of_several=of_several)
            for value in [*inner, *collections]:
                read.add(self._read_in(value))
                for text, is_text in texts_in_holder(value, with_tags=lambda: self._tags.of_callers):
                    self._decide(text, read, is_text=is_text)
                    read.is_called_by_region |= self._is_regional(text)
                read.is_called_by_region |= self._is_regional(names_of_holder(value))
            for path in paths:
                read.demanded_partitions.update(dict.fromkeys(self._demanded(path)))
                self._resource_condition(path, read)
                self._surroundings(path, read)
                self._own_resource(path, read)
            yield read

    def demanded(self) -> NameReads:
        """What is read by the conditions under which the stack is there."""
        linked_values = self._environment.deployment.linked_values
        read = NameReads(denies=True)
        for condition in linked_values.requirements if linked_values is not None else ():
            self._condition(condition, read)
        return read

    def compared_in(self, expression: object) -> NameReads:
        """What is read by an expression of conditions."""
        read = NameReads(denies=True)
        self._walk(expression, read, deciding=True)
        return read

    def _read_in(self, value: object) -> NameReads:
        """What a value reads, wherever it stands."""
        if id(value) not in self._inside:
            read = NameReads(denies=True)
            self._walk(value, read, deciding=False)
            if self._environment.names_partitions:
                read.written_partitions |= self._written_in(value)
            self._inside[id(value)] = value, read
        return self._inside[id(value)][1]

    def _written_in(self, value: object) -> set[str]:
        """The partitions of ARNs in a value, and in the parameters, mappings and other stacks' values that it reads."""
        found = partitions_in(value)
        for lent in taken_values(self._environment, value, set()):
            found |= partitions_in(lent)
        for name in dict.fromkeys(names_in(value)) if self._environment.parameters else ():
            if (parameter := self._environment.parameters.get(name)) is not None:
                bound = self._environment.bindings.get(name)
                found |= partitions_in([parameter.default, *parameter.listed] if bound is None else [str(bound)])
                if expressions := [*passed_expressions(self._environment, name)]:
                    # They may name parameters and mappings of stacks around this one.
                    found |= partitions_in(expressions) | self._partitions_of_mappings | self._partitions_of_parameters
        if self._environment.mappings and "Fn::FindInMap" in str(value):
            found |= self._partitions_of_mappings
        return found

    def _demanded(self, path: Path) -> tuple[str, ...]:
        """The partitions to one of which what stands at a path has to be deployed."""
        inner = path[len(self._prefix) :]
        return self._environment.demanded_by(str(inner[1])) if len(inner) > 1 and inner[0] == "Resources" else ()

    def _surroundings(self, path: Path, read: NameReads) -> None:
        """What decides, outside a policy, whether it counts and who has it: any resource may have a part in that."""
        inner = path[len(self._prefix) :]
        if _TRUST in inner or inner[-1:] == (_DURATION,) or len(inner) < 2 or inner[0] != "Resources":
            return
        own = self._environment.resource(str(inner[1])) or {}
        about = _OF_RESOURCES
        if is_of_iam(own):
            # Another template of the run may speak of what has a name here.
            is_alone = self._environment.deployment.linked_values is None
            about = (
                _OF_NAMES if is_alone and not speaks_of_holders(self._body(path), self._environment) else _OF_HOLDERS
            )
        if about not in read.seen:
            read.seen.add(about)
            read.add(self._around(about))

    def _own_resource(self, path: Path, read: NameReads) -> None:
        """What the resource with a policy says of the name and the tags of what the policy stands on."""
        inner = path[len(self._prefix) :]
        resource = self._environment.resource(str(inner[1])) if len(inner) > 1 and inner[0] == "Resources" else None
        if resource is None:
            return
        body = self._body(path)
        own = NameReads(denies=True)
        for value in deciding_properties(resource, body, self._environment, self._tags.of_resource):
            self._walk(value, own, deciding=False)
            self._decide(value, own, is_text=False)
            own.is_called_by_region |= self._is_regional(value)
        is_named = (
            names_resources(body)
            if not is_of_iam(resource)
            else _TRUST not in inner and speaks_of_holders(body, self._environment)
        )
        if is_named:
            self._name(str(inner[1]), own, deciding=False)
        read.add_decided(own)

    def _around(self, about: str) -> NameReads:
        """What all resources have outside policies that decides about policies; the same for each of these."""
        if about not in self._surrounding:
            read = self._surrounding[about] = NameReads(denies=True)
            for value, is_text in self._deciding(about):
                self._walk(value, read, deciding=False)
                self._decide(value, read, is_text=is_text)
                read.is_called_by_region |= about != _OF_RESOURCES and self._is_regional(value)
        return self._surrounding[about]

    def _decide(self, value: object, read: NameReads, *, is_text: bool) -> None:
        """
        Note what decides texts in a value, which are known where it is decided, and what other stacks give to it.
        """
        own, environment = NameReads(denies=True), self._environment
        bound = [name for name in dict.fromkeys(names_in(value)) if name in environment.bindings]
        own.compared.update((name, {}) for name in bound)
        given = given_in(environment, value)
        for name in (*conditions_of_texts(value, is_text=is_text), *conditions_of_texts(given, is_text=True)):
            self._condition(name, own)
        own.is_called_by_region |= REGION in own.compared
        read.add_decided(own)

    def _is_regional(self, value: object) -> bool:
        """Whether a mapping is asked for the Region in a value, or in what other stacks give to it."""
        return is_regional(value) or is_regional(given_in(self._environment, value))

    def _deciding(self, about: str) -> Iterator[tuple[object, bool]]:
        """What decides around policies, each with whether it is a text as a whole."""
        if about == _OF_RESOURCES:
            # What policies stand on may be made by another stack, which gives its name.
            for name, resource in {**self._environment.linked_resources, **self._environment.resources}.items():
                properties = resource.get("Properties")
                if isinstance(properties, dict) and not is_of_iam(resource):
                    said = [properties[key] for key in _PUBLIC_ACCESS if key in properties]
                    yield from ((one, False) for one in said + self._environment.collections_of(name if said else ""))
            return
        names = NamesThatMatch(self._environment)
        yield from ((one, False) for one in names.deciding())
        yield from ((one, True) for one in names.names())
        if about == _OF_HOLDERS:
            yield from ((one, False) for one in names.attaching())

    def _whole(self, path: Path, *, with_tags: bool) -> object:
        """
        A resource, without what none of its policies depends on, and without their names: these matter where two may be
        the same, see `_deciding`.
        """
        key = str(path[-1]), with_tags
        if key not in self._unnamed:
            body = self._body(path)
            if isinstance(body, dict):
                named = is_of_iam(body)
                body = without_names_of_policies(body, with_tags=with_tags) if named else without_settings(body)
            self._unnamed[key] = body
        return self._unnamed[key]

    def _body(self, path: Path) -> object:
        """What stands at a path; the last thing on the way where it leads into a text, and the whole of a loop."""
        inner = path[len(self._prefix) :] if path[: len(self._prefix)] == self._prefix else path
        if len(inner) > 1 and str(inner[1]).startswith(FOREACH):
            inner = inner[:2]
        value: object = self._data
        if len(inner) > 1 and inner[0] == "Resources" and inner[1] in self._environment.resources:
            # What loops inside of it say is written out there.
            value, inner = self._environment.resources[str(inner[1])], inner[2:]
        for step in inner:
            entries = dict(enumerate(value)) if isinstance(value, list) else value
            if (
                step == _DURATION
                and isinstance(entries, dict)
                and not any(str(key).startswith("Fn::") for key in entries)
            ):
                # Where it is not said, nothing says it.
                return entries.get(step)
            if not isinstance(entries, dict) or step not in entries:
                return value
            value = entries[step]
        return value

    def _free_key(self, part: object, read: NameReads) -> object:
        """What is left to look into of a part of an ``Fn::FindInMap`` with a default."""
        name = part.get("Ref") if isinstance(part, dict) and len(part) == 1 else None
        parameters = self._environment.parameters
        if not isinstance(name, str) or name not in parameters or name in self._environment.bindings:
            return part
        read.values[name] = read.free_keys[name] = None
        return None

    def _resource_condition(self, path: Path, read: NameReads) -> None:
        inner = path[len(self._prefix) :]
        resource = self._environment.resource(str(inner[1])) if len(inner) > 1 and inner[0] == "Resources" else None
        self._condition((resource or {}).get("Condition"), read)

    def _condition(self, name: object, read: NameReads) -> None:
        marker = f"condition {name}"
        if isinstance(name, str) and name in self._environment.conditions and marker not in read.seen:
            read.seen.add(marker)
            self._walk(self._environment.conditions[name], read, deciding=True)

    def _walk(self, value: object, read: NameReads, *, deciding: bool) -> None:
        if isinstance(value, list):
            for item in value:
                self._walk(item, read, deciding=deciding)
        if not isinstance(value, dict):
            return
        for lent in taken_values(self._environment, value, read.seen):
            self._walk(lent, read, deciding=deciding)
            read.of_sets.update(dict.fromkeys(names_in(lent)))
        for key, inner in value.items():
            if key == "Condition" and isinstance(inner, str):
                self._condition(inner, read)
            elif key == "Fn::Equals" and deciding and isinstance(inner, list) and len(inner) == 2:
                self._equality(inner, read)
                continue
            elif key == "Fn::If" and isinstance(inner, list) and inner:
                self._condition(inner[0], read)
            elif key == "Fn::FindInMap":
                for name, keys in self._keys.by(inner):
                    read.keys.setdefault(name, {}).update(keys)
                if _has_default(inner) and not deciding:
                    inner = [self._free_key(part, read) for part in inner]
            if (again := split_again(key, inner)) and is_list_again(
                self._environment.parameters.get(again[0]), again[1]
            ):
                self._name(again[0], read, deciding=deciding)
                continue
            read.note_lists(key, names_in(inner))
            read.note_issuers(key, inner)
            for name in names_of(key, inner):
                self._name(name, read, deciding=deciding)
            if key != "Ref" or not isinstance(inner, str):
                self._walk(inner, read, deciding=deciding)

    def _name(self, name: str, read: NameReads, *, deciding: bool) -> None:
        environment = self._environment
        if name in environment.parameters or name.startswith("AWS::"):
            if deciding:
                read.compared.setdefault(name, {})
                read.in_part[name] = None
            else:
                read.values[name] = read.texts[name] = None
                read.uses[name] = read.uses.get(name, 0) + 1
            self._bound(name, read, deciding=deciding)
            return
        marker = f"resource {name} {deciding}"
        if marker not in read.seen and environment.resource(name) is not None:
            read.seen.add(marker)
            for inner in deciding_reference(environment, name):
                # Whoever refers to the resource reads it once more.
                read.of_sets.update(dict.fromkeys(names_in(inner)))
                self._walk(inner, read, deciding=deciding)

    def _bound(self, name: str, read: NameReads, *, deciding: bool) -> None:
        """What a parent passes as a parameter reads."""
        marker = f"passed {name} {deciding}"
        bound = self._environment.bindings.get(name)
        if not isinstance(bound, Symbolic) or marker in read.seen:
            return
        read.seen.add(marker)
        for expression in passed_expressions(self._environment, name):
            self._walk(expression, read, deciding=deciding)
            for key, keys in self._keys.within(expression) if deciding else ():
                read.compared.setdefault(key, {}).update(keys)
            read.of_sets.update(dict.fromkeys(names_in(expression)))
        for symbol in bound.symbols:
            read.of_sets[symbol.name] = None
            self._name(symbol.name, read, deciding=deciding)

    def _equality(self, sides: Sequence[object], read: NameReads) -> None:
        """Note what is compared: a whole name with a text, or with a key of a mapping; anything else in part."""
        for one, other in (sides, sides[::-1]):
            own = one.get("Ref") if isinstance(one, dict) and len(one) == 1 else None
            text = scalar_text(other)
            if isinstance(own, str) and text is not None and own not in self._environment.bindings:
                read.compared.setdefault(own, {})[text] = None
                return
            found = joined_list(one)
            if found is not None and text is not None and found[0] in self._environment.parameters:
                read.joined.setdefault(found[0], {})[found[1], text] = None
                self._name(found[0], read, deciding=True)
                return
            name, asked = self._keys.of_one(one) if text is not None else ("", ())
            if name in self._environment.parameters and name not in self._environment.bindings:
                # No deployment has a value of it that is none of the keys.
                for table in (read.compared, read.keys):
                    table.setdefault(name, {}).update(dict.fromkeys(asked))
                return
        for side in sides:
            self._walk(side, read, deciding=True)
            for name, keys in self._keys.within(side):
                read.compared.setdefault(name, {}).update(keys)

    @cached_property
    def _partitions_of_parameters(self) -> frozenset[str]:
        parameters = self._environment.parameters.values()
        return frozenset(partitions_in([text for one in parameters for text in (one.default, *one.listed)]))

    @cached_property
    def _partitions_of_mappings(self) -> frozenset[str]:
        return frozenset(partitions_in(self._environment.mappings))


def _has_default(argument: object) -> bool:
    """Whether the arguments of an ``Fn::FindInMap`` have a value for keys that are not there."""
    last = argument[-1] if isinstance(argument, list) and len(argument) == 4 else None
    return isinstance(last, dict) and "DefaultValue" in last
