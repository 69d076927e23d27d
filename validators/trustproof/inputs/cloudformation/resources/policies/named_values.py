"""
The values at a place of a resource's properties, whatever functions and lists there are around them.
"""

from __future__ import annotations

from collections.abc import Iterator

from trustproof.inputs.cloudformation.evaluation.functions.resolver import Resolver
from trustproof.inputs.grammar.expressions import Choices
from trustproof.inputs.grammar.values import Partial, Unreadable, scalar_text
from trustproof.model.text import Symbol, Symbolic, Text

#: How many parts of one resource are looked at; what is behind them cannot be read.
_MOST = 10_000
#: For a value that cannot be read: nobody in the template says what it is.
UNREADABLE = Symbolic((Symbol("a value that cannot be read", "parameter"),))


def values_at(resolver: Resolver, properties: object, place: str) -> Iterator[Text]:
    """
    The texts at a place, in the order in which they are written; of a parameter with ``AllowedValues`` each of them.

    Args:
        place: names between slashes (``Source/SourceData``); lists are gone through, and what is below the last name.
            Names are compared by their letters, since Terraform writes ``source_data``.
    """
    steps = place.split("/")
    waiting: list[tuple[object, int, Resolver]] = [(properties, 0, resolver)]
    for _ in range(_MOST):
        if not waiting:
            return
        value, depth, scope = waiting.pop()
        inner: list[tuple[object, int, Resolver]] = []
        for given, _, guards in scope.branches(value, (), ()):
            reading = resolver.under(Choices(guards)) if guards else scope
            try:
                found = reading.resolve(given)
            except Unreadable:
                yield UNREADABLE
                continue
            if isinstance(found, dict):
                if depth < len(steps):
                    names = [name for name in found if _letters(str(name)) == _letters(steps[depth])]
                else:
                    names = list(found)
                inner += ((found[name], min(depth + 1, len(steps)), reading) for name in names)
            elif isinstance(found, (list, Partial)):
                items = found.items if isinstance(found, Partial) else found
                inner += ((item, depth, reading) for item in items)
            elif isinstance(found, Symbolic):
                yield from found.choices or (found,)
            elif depth == len(steps):
                told = reading.literal(found) if isinstance(found, str) else scalar_text(found)
                if told is not None:
                    yield told
        waiting += reversed(inner)
    yield UNREADABLE


def _letters(name: str) -> str:
    return name.replace("_", "").lower()
