"""
Which of the files of a run are the templates of nested stacks of others.

Before it is packaged, a template names them by their paths.

https://docs.aws.amazon.com/cli/latest/reference/cloudformation/package.html
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence

from trustproof.errors import InputError
from trustproof.inputs.text.source import read

#: Types to the property that names the template of a nested stack.
LOCATIONS = {"AWS::CloudFormation::Stack": "TemplateURL", "AWS::Serverless::Application": "Location"}


def local_file(file: str, resource: object) -> str | None:
    """
    The path of the template of a nested stack; None where it is not named by a path.

    Args:
        file: the template that the resource is in.
        resource: of any type.
    """
    type_ = resource.get("Type") if isinstance(resource, Mapping) else None
    properties = resource.get("Properties") if isinstance(resource, Mapping) else None
    key = LOCATIONS.get(type_) if isinstance(type_, str) else None
    url = properties.get(key) if isinstance(properties, Mapping) else None
    if not isinstance(url, str) or not url or "://" in url:
        return None
    return os.path.join(os.path.dirname(file), url)


class Nesting:
    """
    The files of a run, and which of them stand inside of which.

    Args:
        files: as the user names them.
    """

    def __init__(self, files: Sequence[str]) -> None:
        self._names = {os.path.realpath(file): file for file in reversed(files)}
        self._inside: dict[str, tuple[str, ...]] = {}
        if len(self._names) > 1:
            for real, file in self._names.items():
                found = dict.fromkeys(map(os.path.realpath, _named_by(file)))
                if inside := tuple(one for one in found if one in self._names and one != real):
                    self._inside[real] = inside
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

    def of(self, file: str) -> tuple[Mapping[str, str], bool]:
        """The real paths of all files that are nested in one, to what the user calls them; whether it is nested."""
        real = os.path.realpath(file)
        return {one: self._names[one] for one in sorted(self._below(real))}, real in self._nested

    def _below(self, real: str) -> set[str]:
        found: set[str] = set()
        waiting = [*self._inside.get(real, ())]
        while waiting:
            one = waiting.pop()
            if one not in found:
                found.add(one)
                waiting += self._inside.get(one, ())
        return found


def _named_by(file: str) -> Iterator[str]:
    """The paths that the nested stacks of a file name; a file that cannot be read names none."""
    try:
        source = read(file)
        if not any(type_ in source.text for type_ in LOCATIONS):
            return
        data = source.load()
    except InputError:
        # What is wrong with it is said where it is read for good.
        return
    yield from _inside(file, data.get("Resources") if isinstance(data, Mapping) else None)


def _inside(file: str, value: object) -> Iterator[str]:
    """The same of resources, those in loops included."""
    if (found := local_file(file, value)) is not None:
        yield found
    elif isinstance(value, (Mapping, list)):
        for inner in value.values() if isinstance(value, Mapping) else value:
            yield from _inside(file, inner)
