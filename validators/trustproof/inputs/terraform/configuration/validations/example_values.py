"""
Values that a variable might be given, to find out what an expression comes to.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice, permutations, product

from trustproof.inputs.terraform.configuration.evaluation.types import Attribute, Type
from trustproof.inputs.terraform.configuration.syntax.expressions import Expression, Literal, Traversal
from trustproof.inputs.terraform.configuration.values.expression_names import within

#: So many are tried of one variable.
_MOST = 200
#: So many parts of an expression's own values are taken.
_MOST_LITERALS = 12
_NUMBERS = ("0", "1", "2", "3", "-1", "12", "1000", "1000000", "0.5")
_COUNTS = (5, 12)
_TEXTS = ("", "a", "abcdefghijkl", "true", "false", "1", "*")
#: Ids of accounts, by the shape that validations demand of one most often; two, which may have to differ.
_ACCOUNTS = ("111122223333", "444455556666")
#: What a text is when nobody says of what type it is.
_SCALARS = ("string", "number", "bool", "any")
#: Pieces of a regular expression that stand for themselves.
_WORD = re.compile(r"[\w:/.-]+")


def literals(expressions: Iterable[Expression]) -> tuple[list[str], list[str]]:
    """The texts that stand in some expressions, and parts of them; and the numbers, with those next to them."""
    texts: dict[str, None] = {}
    numbers: dict[str, None] = {}
    for part in (part for expression in expressions for part in within(expression)):
        value = part.value if isinstance(part, Literal) else None
        if isinstance(part, Traversal):
            texts.update((step.name, None) for step in part.steps[1:] if step.name)
        if isinstance(value, str):
            texts.update(dict.fromkeys((value, *_WORD.findall(value))))
        elif isinstance(value, int) and not isinstance(value, bool):
            numbers.update(dict.fromkeys(map(str, (value, value + 1, value - 1))))
    return [*islice(texts, _MOST_LITERALS)], [*islice(numbers, _MOST_LITERALS)]


def example_values(kind: Type, texts: Sequence[str], numbers: Sequence[str]) -> Iterator[str]:
    """
    Values of a type as they are given on a command line.

    Args:
        texts: that may matter.
        numbers: likewise.
    """
    found = _scalars(kind.name, texts, numbers) if kind.name in _SCALARS else _written(kind, texts, numbers)
    return islice(dict.fromkeys(found), _MOST)


def example_objects(keys: Sequence[str]) -> Iterator[str]:
    """
    Objects for what may be of any type, as they are given on a command line.

    Args:
        keys: that may matter.
    """
    yield "{}"
    named = [json.dumps(key) for key in (*keys[:_MOST_LITERALS], "another")]
    yield from (f"{{ {name} = {value} }}" for value in ("{}", '"a"', "[]") for name in named)


def _scalars(name: str, texts: Sequence[str], numbers: Sequence[str]) -> Iterator[str]:
    if name == "bool":
        yield from ("true", "false")
        return
    if name == "number":
        yield from (*numbers, *_NUMBERS)
        return
    yield from texts
    yield from _ACCOUNTS
    yield from (f"{text}{between}{text}" for between in texts if len(between) == 1 for text in texts[:2])
    for text in texts:
        yield from (f"{text}-a", f"{text}a", f"a{text}", text.upper(), text.lower())
    yield from (*_TEXTS, *numbers)


def _written(kind: Type, texts: Sequence[str], numbers: Sequence[str]) -> Iterator[str]:
    """Values of a type as expressions."""
    if kind.name in _SCALARS:
        plain = _scalars(kind.name, texts, numbers)
        yield from map(json.dumps, plain) if kind.name in ("string", "any") else plain
        return
    if kind.name in ("list", "set", "map"):
        of = kind.of or Type("string")
        inner = [*islice(_written(of, texts, numbers), _MOST // 4)]
        if kind.name == "map":
            yield from _maps(inner, texts or ("a",))
            return
        yield "[]"
        yield from (f"[{one}]" for one in inner[:5])
        yield from (f"[{', '.join((inner * count)[:count])}]" for count in _COUNTS)
        yield from (f"[{inner[0]}, {one}]" for one in inner[1:])
        yield from (f"[{one}]" for one in inner[5:])
        return
    if kind.name == "tuple":
        for found in product(*(islice(_written(one, texts, numbers), 4) for one in kind.items)):
            yield f"[{', '.join(found)}]"
        return
    each = (_attribute(name, of, texts, numbers) for name, of in kind.attributes.items())
    yield from (f"{{ {', '.join(filter(None, found))} }}" for found in islice(product(*each), _MOST - 1))
    yield "null"


def _maps(inner: Sequence[str], keys: Sequence[str]) -> Iterator[str]:
    """Maps with some values, and keys that may matter."""
    yield "{}"
    names = [json.dumps(key) for key in keys[:5]]
    yield from (f"{{ {name} = {one} }}" for one in inner[:3] for name in names)
    for own, (one, other) in product(names, permutations(inner[:6], 2)):
        yield f"{{ {', '.join(f'{name} = {one if name == own else other}' for name in names)} }}"
    yield from (f"{{ {json.dumps(key)} = {one} }}" for one in inner for key in keys)


def _attribute(name: str, attribute: Attribute, texts: Sequence[str], numbers: Sequence[str]) -> list[str]:
    """An attribute of an object with a few values, and without it where it need not be there."""
    found = [f"{json.dumps(name)} = {one}" for one in islice(_written(attribute.type, texts, numbers), 4)]
    return [*found, ""] if attribute.is_optional else found
