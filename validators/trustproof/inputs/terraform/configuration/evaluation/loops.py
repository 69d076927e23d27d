"""
What a loop goes through: ``for`` in expressions and in texts.

https://developer.hashicorp.com/terraform/language/expressions/for
"""

from __future__ import annotations

from collections.abc import Iterator

from trustproof.inputs.terraform.configuration.evaluation.names import Variables
from trustproof.inputs.terraform.configuration.values import convert
from trustproof.inputs.terraform.configuration.values.expression_names import cut, value_text
from trustproof.inputs.terraform.configuration.values.work import Fault, NotKnown
from trustproof.inputs.terraform.values.unordered_items import Unordered
from trustproof.inputs.terraform.values.values import Fields, Items, Known, Rest, Symbol, Unknown, Value


def rounds(over: Value, key: str | None, value: str, variables: Variables) -> Iterator[Variables | None]:
    """
    The variables of each round of a loop; None for any number of rounds of which nothing is known.

    Raises:
        Fault: the value cannot be gone through.
    """
    if isinstance(over, Items):
        known = True
        for at, item in enumerate(over.items):
            if isinstance(item, Rest):
                known = False
                yield None
                continue
            number: Value = item if over.is_set else Known(at)
            if isinstance(over, Unordered):
                number = Symbol(f"the index of {value_text(item)}")
            if key is not None and not known and not over.is_set:
                yield None
                continue
            yield {**variables, value: item, **({key: number} if key is not None else {})}
    elif isinstance(over, Fields):
        for entry in sorted(over.entries, key=convert.entry_order):
            yield {**variables, value: entry.value, **({key: entry.key} if key is not None else {})}
    elif isinstance(over, Unknown):
        yield None
    else:
        raise Fault(f"it is {convert.what(over)}, and cannot be gone through")


def known_rounds(over: Value, key: str | None, value: str, variables: Variables, written: str) -> list[Variables]:
    """
    The variables of each round.

    Args:
        written: what is gone through, as it is written.

    Raises:
        Fault: the value cannot be gone through.
        NotKnown: how many rounds there are is not known.
    """
    found = list(rounds(over, key, value, variables))
    if None in found:
        raise NotKnown(f"{cut(written)}, which is gone through, is not known")
    return [inner for inner in found if inner is not None]
