"""
Values that have the same name on both sides, and are not known to be the same.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from trustproof.comparison.values.look_ups import symbols_of
from trustproof.inputs.reader import Input
from trustproof.model.policy import Statement
from trustproof.model.text import Symbol


def made_otherwise(
    statement: Statement,
    sides: tuple[Input, Input],
    renamed: Collection[str],
    spoken_of: Collection[str],
    side_name: str,
) -> dict[str, Symbol]:
    """
    The values that are made of something else on the other side: nobody knows both.

    Args:
        sides: the template of the statement, and that of the other side.
        renamed: names of values that are looked up alike by another name.
        spoken_of: the names of values that the other side's policies speak of.
        side_name: that of the statement.
    """
    here, there = sides
    out: dict[str, Symbol] = {}
    for symbol in symbols_of(statement):
        if symbol.name in renamed:
            continue
        made, made_there = here.made_of(symbol.name), there.made_of(symbol.name)
        # One that the other side does not have is nothing that it could be compared with.
        is_alone = made and not made_there and symbol.name not in spoken_of
        if made != made_there and not is_alone:
            doubt = f"{symbol.name} is made of something else on the other side"
            out[symbol.name] = symbol._replace(name=f"{symbol.name} ({side_name})", doubt=doubt)
    return out


def other_defaults(statement: Statement, here: Input, there: Input) -> dict[str, Symbol]:
    """
    The parameters of a statement whose defaults are not the same on both sides, and do not tell what the values are.

    The default of another kind of parameter is the value that it is compared at.
    """
    out: dict[str, Symbol] = {}
    for symbol in symbols_of(statement):
        declared = [template.written(("Parameters", symbol.name)) for template in (here, there)]
        defaults = [found.get("Default") for found in declared if isinstance(found, Mapping)]
        if len(defaults) == 2 and None not in defaults and defaults[0] != defaults[1]:
            out[symbol.name] = symbol
    return out
