"""
How functions are declared: by the types of their arguments, and what they do with what is known.

A function that is given something unknown has a result that is unknown, unless it says itself what it makes of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

from trustproof.inputs.terraform.configuration.evaluation.possible_values import one_of
from trustproof.inputs.terraform.configuration.values import convert
from trustproof.inputs.terraform.configuration.values.work import Fault, Work
from trustproof.inputs.terraform.values.place import Place
from trustproof.inputs.terraform.values.values import UNSAID, Fields, Items, Known, Symbol, Unknown, Value, is_sensitive


class Context(NamedTuple):
    """
    A call, as far as a function has to know it.
    """

    place: Place
    work: Work
    #: What the result is called where it is not known.
    unknown: Callable[[], Value]
    #: Called where Terraform may refuse the arguments, which nobody knows here; of `try` and `can` that is the answer.
    doubt: Callable[[], None] = lambda: None

    def one_of(self, values: Sequence[Value]) -> Value:
        """
        One of some values, of which nobody knows which it is.

        Args:
            values: one of them is not known where there may be others.
        """
        found = self.unknown()
        if not isinstance(found, Symbol) or found.kind == UNSAID:
            return found
        one = one_of(found.name, values, self.place, sensitive=any(map(is_sensitive, values)))
        return found if one is None else one


#: The largest whole number that Terraform's functions count with.
_LARGEST = 2**63 - 1
#: What a function does with its arguments.
Function: TypeAlias = "Callable[[Context, Sequence[Value]], Value]"

#: Stands for the length of the list that `slice` is given, where that is written as the end.
TO_THE_END: Value = Symbol("the length of the list")

FUNCTIONS: dict[str, Function] = {}
#: How many arguments each takes: at least, and at most; None for any number.
ARITIES: dict[str, tuple[int, int | None]] = {}


def function(least: int, most: int | None = -1, *names: str) -> Callable[[Function], Function]:
    """
    Declare a function that takes values as they are.

    Args:
        least: how many arguments it takes at least.
        most: at most; None for any number, -1 for the same as `least`.
        names: what it is called; as in Python where none is given, without an underscore at its end.
    """

    def declare(made: Function) -> Function:
        for name in names or (made.__name__.strip("_"),):
            FUNCTIONS[name] = made
            ARITIES[name] = (least, least if most == -1 else most)
        return made

    return declare


def of_known(kinds: str, name: str = "") -> Callable[[Callable[..., object]], Callable[..., object]]:
    """
    Declare a function that takes and gives plain values, all of them known.

    Args:
        kinds: of the arguments, ``text``, ``number``, ``whole``, ``truth``, ``list`` or ``any``; ``?`` behind one that
            may be left out, ``*`` behind one that may come any number of times.
        name: what it is called, where that is not its name in Python.
    """
    found = kinds.split()
    least = sum(kind[-1] not in "?*" for kind in found)
    most = None if any(kind.endswith("*") for kind in found) else len(found)

    def declare(made: Callable[..., object]) -> Callable[..., object]:
        def call(context: Context, arguments: Sequence[Value]) -> Value:
            given = []
            for index, argument in enumerate(arguments):
                kind = found[min(index, len(found) - 1)].rstrip("?*")
                given.append(_plain(argument, kind))
            try:
                result = made(*given)
            except (ArithmeticError, ValueError, TypeError, KeyError, IndexError) as error:
                raise Fault(str(error).lower() or "the arguments are not those it takes") from None
            if isinstance(result, str):
                context.work.write(len(result))
            return convert.value_of(result, context.place)

        key = name or made.__name__.strip("_")
        FUNCTIONS[key] = call
        ARITIES[key] = (least, most)
        return made

    return declare


_CONVERSIONS: Mapping[str, Callable[[Value], Value]] = {
    "text": convert.text,
    "number": convert.numeric,
    "whole": convert.numeric,
    "truth": convert.truth,
}


def _plain(value: Value, kind: str) -> Any:
    if kind in _CONVERSIONS:
        value = _CONVERSIONS[kind](value)
    elif kind == "list":
        value = items(value)
    found = convert.plain(value)
    return _whole_number(found) if kind == "whole" else found


def whole(value: Value) -> int:
    """
    A value as a whole number that a machine counts with.

    Raises:
        Fault: it is none.
        NotKnown: it is not known.
    """
    return _whole_number(convert.plain(convert.numeric(value)))


def _whole_number(found: object) -> int:
    if not isinstance(found, int) or abs(found) > _LARGEST:
        raise Fault("it is no whole number that a machine counts with")
    return found


def items(value: Value) -> Items:
    """
    A value as a list or set.

    Raises:
        Fault: it is none.
        NotKnown: it is unknown in whole.
    """
    if isinstance(value, Items):
        return value
    if isinstance(value, Unknown):
        raise convert.not_known(value)
    raise Fault(f"it is {convert.what(value)}, expected a list")


def fields(value: Value) -> Fields:
    """
    A value as an object or map.

    Raises:
        Fault: it is none.
        NotKnown: it is unknown in whole.
    """
    if isinstance(value, Fields):
        return value
    if isinstance(value, Unknown):
        raise convert.not_known(value)
    raise Fault(f"it is {convert.what(value)}, expected an object")


def is_null(value: Value) -> bool:
    """Whether a value is known to be null."""
    return isinstance(value, Known) and value.value is None
