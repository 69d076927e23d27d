"""
Locals that refer to themselves, by others or not: Terraform refuses them wherever they are written, used or not.

https://developer.hashicorp.com/terraform/internals/graph
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from graphlib import CycleError, TopologicalSorter

from trustproof.errors import InputError
from trustproof.inputs.terraform.configuration.modules.modules import Module
from trustproof.inputs.terraform.configuration.modules.static_references import names

_LOCAL = "local."


def errors_of_modules(modules: Iterable[Module], told: Sequence[InputError]) -> Iterator[InputError]:
    """
    What is wrong with modules, whatever is made of them, and what evaluating them has told.

    Args:
        told: that: of a circle that it came upon, no more is said.
    """
    places = {(one.file, one.line, one.column) for one in told}
    for module in modules:
        yield from module.errors
        for circle in _circles(module):
            found = [module.locals[name].place for name in circle]
            if places.isdisjoint((place.file, place.line, place.column) for place in found):
                name, place = circle[0], found[0]
                message = f"local.{name} refers to itself, by itself or by what it refers to"
                yield InputError(message, place.file, place.line, place.column)
    yield from told


def _circles(module: Module) -> Iterator[list[str]]:
    """The names of locals that refer to each other in a circle, each in the order of the files."""
    order = {name: at for at, name in enumerate(module.locals)}
    refers: dict[str, list[str]] = {}
    for name, argument in module.locals.items():
        said = {one.removeprefix(_LOCAL) for one in names(argument.expression) or () if one.startswith(_LOCAL)}
        refers[name] = sorted(said & order.keys(), key=order.__getitem__)
    while True:
        sorter = TopologicalSorter({name: [one for one in to if one in refers] for name, to in refers.items()})
        try:
            sorter.prepare()
        except CycleError as error:
            circle = sorted({str(name) for name in error.args[1]}, key=order.__getitem__)
            yield circle
            for name in circle:
                del refers[name]
        else:
            return
