"""
Which of the files of a run are the templates of nested stacks of others.

Before it is packaged, a template names them by their paths: in a text, or in several that a condition, a mapping or a
parameter chooses from.

https://docs.aws.amazon.com/cli/latest/reference/cloudformation/package.html
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from math import prod

from trustproof.errors import InputError
from trustproof.files.paths import place_of, real_path
from trustproof.inputs.cloudformation.evaluation.declarations.written_parameters import written_parameters
from trustproof.inputs.cloudformation.values.catalogue import APPLICATION, NESTED_STACK, STACK_SET
from trustproof.inputs.cloudformation.values.intrinsics import intrinsic_name, sub_parts
from trustproof.inputs.text.source import read

#: Types to the property that names the template of the stacks that they make.
LOCATIONS = {NESTED_STACK: "TemplateURL", STACK_SET: "TemplateURL", APPLICATION: "Location"}


#: What composes a URL, which is that of another place.
_COMPOSED = ("Fn::Join", "Fn::Sub")
#: How many texts are told apart that one may be composed to.
_MOST_COMPOSED = 64


def location_of(resource: object) -> object:
    """What a resource says of the place of the template that it nests; None for one that nests none."""
    type_ = resource.get("Type") if isinstance(resource, Mapping) else None
    properties = resource.get("Properties") if isinstance(resource, Mapping) else None
    key = LOCATIONS.get(type_) if isinstance(type_, str) else None
    return properties.get(key) if isinstance(properties, Mapping) else None


def local_file(file: str, place: object) -> str | None:
    """
    The path of a template that another one names; None where it is not named by a path.

    Args:
        file: the template that names it.
        place: what is written there, functions resolved.
    """
    if not isinstance(place, str) or not place or "://" in place:
        return None
    return os.path.join(os.path.dirname(file), place)


def nested_places(content: Mapping[str, object]) -> Iterator[tuple[Mapping[str, object], str]]:
    """The resources of a template that nest others, those in loops included, with each place that may be meant."""
    waiting = [content.get("Resources")]
    while waiting:
        value = waiting.pop()
        if (location := location_of(value)) is not None and isinstance(value, Mapping):
            yield from ((value, place) for place in written_places(location, content))
        elif isinstance(value, (Mapping, list)):
            waiting += value.values() if isinstance(value, Mapping) else value


def written_places(
    location: object, content: Mapping[str, object], given: Mapping[str, str] | None = None
) -> Iterator[str]:
    """
    Every text that a location may be, by what the template says; what nobody has written is not among them.

    Args:
        content: of the template.
        given: parameters that the user has given a value.
    """
    sections = [content.get(name) for name in ("Parameters", "Mappings")]
    parameters, mappings = (section if isinstance(section, Mapping) else {} for section in sections)
    function = intrinsic_name(location)
    if isinstance(location, str):
        yield location
    elif function == "Ref" and isinstance(location, Mapping):
        name = location["Ref"]
        if given is not None and isinstance(name, str) and name in given:
            yield given[name]
        declared = parameters.get(name)
        yield from _declared(declared if isinstance(declared, Mapping) else {})
    elif function == "Fn::FindInMap" and isinstance(location, Mapping):
        argument = location[function]
        name = argument[0] if isinstance(argument, list) and argument else None
        yield from _texts(mappings.get(name) if isinstance(name, str) else None)
        yield from _texts(argument[3:] if isinstance(argument, list) else None)
    elif function == "Fn::If" and isinstance(location, Mapping):
        branches = location[function]
        for branch in branches[1:] if isinstance(branches, list) else ():
            yield from written_places(branch, content, given)
    elif function in _COMPOSED and isinstance(location, Mapping):
        pieces = [[*written_places(piece, content, given)] for piece in _pieces(location)]
        if 0 < prod(map(len, pieces)) <= _MOST_COMPOSED:
            yield from map("".join, product(*pieces))


def _pieces(location: Mapping[str, object]) -> Iterator[object]:
    """What a text is composed of, one after the other; something that is no text for what cannot be told."""
    for function, argument in location.items():
        text, given = argument if isinstance(argument, list) and len(argument) == 2 else (argument, None)
        if function == "Fn::Sub" and isinstance(text, str):
            own = given if isinstance(given, Mapping) else {}
            yield from (own.get(one, {"Ref": one}) if is_variable else one for is_variable, one in sub_parts(text))
        elif function == "Fn::Join" and isinstance(text, str) and isinstance(given, list):
            yield from given[:1]
            yield from (piece for item in given[1:] for piece in (text, item))
        else:
            yield None


def _declared(parameter: Mapping[str, object]) -> Iterator[str]:
    yield from _texts(parameter.get("Default"))
    yield from _texts(parameter.get("AllowedValues"))


def _texts(value: object) -> Iterator[str]:
    """All texts in a value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, (Mapping, list)):
        for inner in value.values() if isinstance(value, Mapping) else value:
            yield from _texts(inner)


class StackNesting:
    """
    The files of a run, and which of them stand inside of which.

    Args:
        files: as the user names them.
        given: parameters that the user has given a value.
    """

    def __init__(self, files: Sequence[str], given: Mapping[str, str]) -> None:
        self._names = {real_path(file): file for file in reversed(files)}
        self._inside: dict[str, tuple[str, ...]] = {}
        #: Those that may be nested in one, and may not.
        self._perhaps: dict[str, tuple[str, ...]] = {}
        if len(self._names) > 1:
            for real, file in self._names.items():
                named = _Named(file, given)
                found = dict.fromkeys(map(place_of, named.files))
                if inside := tuple(one for one in found if one in self._names and one != real):
                    self._inside[real] = inside
                if perhaps := self._may_be_inside(real, named, inside):
                    self._perhaps[real] = perhaps
        children = {one for inside in self._inside.values() for one in inside}
        self._nested: set[str] = set()
        for real in reversed([*self._names]):
            # Of those in a circle, which CloudFormation refuses, the first one is read by itself.
            if real not in children:
                self._nested |= self._below(real)
        for real in reversed([*self._names]):
            if real in children and real not in self._nested:
                self._nested |= self._below(real) - {real}
                children.discard(real)

    def _may_be_inside(self, real: str, named: _Named, inside: tuple[str, ...]) -> tuple[str, ...]:
        """The files that may be nested in one, and may not; most name nothing, and are not held against all others."""
        if not named.passed and not named.patterns:
            return ()
        composed = [re.compile(pattern) for pattern in named.patterns]
        others = (one for one in self._names if one != real and one not in inside)
        return tuple(
            one for one in others if takes(self._names[one], *named.passed) or any(p.fullmatch(one) for p in composed)
        )

    def of(self, file: str) -> tuple[Mapping[str, str], bool]:
        """The real paths of all files that are nested in one, to what the user calls them; whether it is nested."""
        real = real_path(file)
        below = self._below(real, self._perhaps)
        return {one: self._names[one] for one in sorted(below)}, real in self._nested

    def _below(self, real: str, perhaps: Mapping[str, tuple[str, ...]] | None = None) -> set[str]:
        found: set[str] = set()
        waiting = [real]
        while waiting:
            one = waiting.pop()
            inside = (*self._inside.get(one, ()), *(perhaps or {}).get(one, ()))
            waiting += [inner for inner in inside if inner not in found]
            found.update(inside)
        return found


class _Named:
    """
    What the nested stacks of a file say of their templates; a file that cannot be read has none.
    """

    def __init__(self, file: str, given: Mapping[str, str]) -> None:
        #: The paths that they name.
        self.files: list[str] = []
        #: Regular expressions of the real paths that they compose.
        self.patterns: list[str] = []
        #: What is passed to those of which nobody says where they are.
        self.passed: list[tuple[str, ...]] = []
        try:
            source = read(file)
            if not any(type_ in source.text for type_ in LOCATIONS):
                return
            data = source.load()
        except InputError:
            # What is wrong with it is said where it is read for good.
            return
        if isinstance(data, Mapping):
            self._look(file, data, data.get("Resources"), given)
        # Hundreds may be passed the same.
        self.passed = [*dict.fromkeys(self.passed)]

    def _look(self, file: str, content: Mapping[str, object], value: object, given: Mapping[str, str]) -> None:
        """Look through resources, those in loops included."""
        if (location := location_of(value)) is not None:
            places = [*written_places(location, content, given)]
            self.files += [found for place in places if (found := local_file(file, place)) is not None]
            self.patterns += _composed(file, location)
            if not places and isinstance(value, Mapping) and intrinsic_name(location) not in (None, *_COMPOSED):
                self.passed.append(tuple(written_parameters(value, {}) or ()))
        if isinstance(value, (Mapping, list)):
            for inner in value.values() if isinstance(value, Mapping) else value:
                self._look(file, content, inner, given)


def _composed(file: str, location: object) -> Iterator[str]:
    """The real path that a text with variables in it composes, as a regular expression."""
    argument = location.get("Fn::Sub") if isinstance(location, Mapping) else None
    text = argument[0] if isinstance(argument, list) and argument else argument
    if not isinstance(text, str) or "://" in text:
        return
    named = os.path.normpath(text)
    # Behind the last brace no variable is looked for: there may be any number that are never closed.
    end = named.rfind("}") + 1
    *closed, last = re.split(r"\$\{[^}]*\}", named[:end])
    pieces = [*closed, last + named[end:]]
    if any(pieces):
        folder = re.escape(real_path(os.path.dirname(file)))
        first, *others = map(re.escape, pieces)
        # Each variable but the last takes the first place that will do: there may be any number of them.
        inner = "".join(f"(?>[^/]*?{piece})" for piece in others[:-1])
        yield folder + re.escape(os.sep) + first + inner + (f"[^/]*{others[-1]}" if others else "")


def takes(file: str, *passed: Sequence[str]) -> bool:
    """Whether a template may be passed some parameters of which there are any: these, and all that it asks for."""
    try:
        source = read(file)
        some = [{*names} for names in passed if names and all(name in source.text for name in names)]
        data = source.load() if some else None
    except InputError:
        return False
    declared = data.get("Parameters") if isinstance(data, Mapping) else None
    if not isinstance(declared, Mapping):
        return False
    asked = {name for name, one in declared.items() if not (isinstance(one, Mapping) and "Default" in one)}
    return any(asked <= names <= {*declared} for names in some)
