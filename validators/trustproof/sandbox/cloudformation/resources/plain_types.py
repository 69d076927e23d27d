"""
Resource types that one operation of their service makes, one changes and one deletes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, NamedTuple

from trustproof.sandbox.cloudformation.errors import ResourceFailed
from trustproof.sandbox.cloudformation.resource_type import Made, Place, Properties, changed_tags
from trustproof.sandbox.cloudformation.resources.by_operations import TypeOfOperations, parameters_of
from trustproof.sandbox.moto.operations import input_shape

#: What stands for the physical id among the sources of parameters.
REF = "Ref"


class Tagging(NamedTuple):
    """
    How the tags of what is there are changed.
    """

    #: The parameter that names the resource, and the one with the keys of tags that go.
    named: str
    keys: str = "TagKeys"
    #: The attribute that is its name there.
    by: str = REF
    tags: str = "Tags"
    gives: str = "TagResource"
    takes: str = "UntagResource"


class PlainType(TypeOfOperations):
    """
    A type of which the names of its operations say all.
    """

    #: The member of the creation's answer that describes what was made; the empty string where the answer does.
    answer: ClassVar[str] = ""
    #: The member of it that `Ref` is; the empty string where that is the name.
    ref: ClassVar[str] = ""
    #: Attribute to the member that it is.
    told: ClassVar[Mapping[str, str]] = {}
    #: How long a name may be that is made up where the template gives none; there is none to be made up without it.
    longest: ClassVar[int] = 0
    #: The property with the name.
    named: ClassVar[str] = "Name"
    #: Parameters of the operations that change and delete one, to the property that they are, or to `REF`.
    about: ClassVar[Mapping[str, str]] = {}
    #: The operation that changes one; the empty string where there is none.
    change: ClassVar[str] = ""
    deletion: ClassVar[str]
    tagging: ClassVar[Tagging | None] = None

    def check_update(self, old: Properties, new: Properties) -> None:
        """See that each change is one that the operation makes: it takes nothing away."""
        known = set()
        if self.change:
            known = {member.lower() for member in input_shape(self.service, self.change).members}
        if self.tagging is not None:
            known.add("tags")
        for name in {**old, **new}:
            parameter = self.renamed.get(name, name).lower()
            if old.get(name) != new.get(name) and not (parameter in known and (name in new or name == "Tags")):
                raise ResourceFailed(f"the sandbox cannot change {name} of a resource of type {self.name}")

    def create(self, place: Place, properties: Properties) -> Made:
        """Make one."""
        given = self.completed(place, properties)
        if self.longest and not given.get(self.named):
            given[self.named] = place.generated_name(self.longest)
        self._ask(place, given, str(given.get(self.named) or ""))
        found = self._call(place, self.creation, self._parameters(self.creation, given))
        found = found[self.answer] if self.answer else found
        attributes = {name: found[member] for name, member in self.told.items() if member in found}
        return Made(str(found[self.ref] if self.ref else given[self.named]), attributes, given.get(self.named))

    def completed(self, place: Place, properties: Properties) -> dict[str, Any]:
        """Properties with what the operations want and templates may leave out."""
        return dict(properties)

    def update(self, place: Place, made: Made, old: Properties, new: Properties) -> Made:
        """Change one in place, and its tags."""
        if self.change and {**old, "Tags": None} != {**new, "Tags": None}:
            self._ask(place, new, made.physical_id)
            given = {**self.completed(place, new), **({self.named: made.handle} if self.longest else {})}
            members = {member.lower() for member in input_shape(self.service, self.change).members}
            kept = {self.renamed.get(name, name): value for name, value in given.items() if name not in self.beside}
            kept = {name: value for name, value in kept.items() if name.lower() in members - {"tags"}}
            self._call(
                place,
                self.change,
                {**parameters_of(self.service, self.change, kept), **self._about(made, new)},
            )
        if self.tagging is not None:
            self._change_tags(place, made, self.tagging, old, new)
        return made

    def _change_tags(self, place: Place, made: Made, how: Tagging, old: Properties, new: Properties) -> None:
        about = {how.named: made.physical_id if how.by == REF else made.attributes[how.by]}
        removed, added = changed_tags(old, new)
        if removed:
            self._call(place, how.takes, {**about, how.keys: removed})
        if added:
            given = parameters_of(self.service, how.gives, {how.tags: added})
            self._call(place, how.gives, {**about, **given})

    def delete(self, place: Place, made: Made, properties: Properties) -> None:
        """Delete one."""
        self._delete(place, self.deletion, self._about(made, properties))

    def _about(self, made: Made, properties: Properties) -> dict[str, Any]:
        sources = {
            name: made.physical_id if source == REF else properties.get(source) for name, source in self.about.items()
        }
        return {name: value for name, value in sources.items() if value is not None}
