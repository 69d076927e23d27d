"""
What is one of a few values, of which nobody knows before which it is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from trustproof.inputs.cloudformation.values.parameter import ANYTHING
from trustproof.inputs.terraform.configuration.values import convert
from trustproof.inputs.terraform.configuration.values.expression_names import short_name, value_text
from trustproof.inputs.terraform.configuration.values.open_keys import may_be_same, name_of
from trustproof.inputs.terraform.configuration.values.refused_cases import in_some_cases
from trustproof.inputs.terraform.configuration.values.sensitivity import with_sensitivity
from trustproof.inputs.terraform.configuration.values.work import Fault, OverBudget
from trustproof.inputs.terraform.values.conditions import NULL, Outcome
from trustproof.inputs.terraform.values.place import Place
from trustproof.inputs.terraform.values.references_in_text import references
from trustproof.inputs.terraform.values.values import Choice, Entry, Fields, Known, Symbol, Text, Value, is_sensitive
from trustproof.results.result import BUDGET

#: So many values are told apart at most.
_MOST = 16


def one_of(name: str, values: Sequence[Value], place: Place | None, *, sensitive: bool = False) -> Value | None:
    """
    What is one of some values, judged at each of them; None where these are not few, or not all of them are known.

    Args:
        name: what it would be written like.
    """
    if values and _are_same(values):
        return with_sensitivity(values[0]) if sensitive else values[0]
    if sensitive or any(map(is_sensitive, values)):
        # What decides is called by the values.
        return None
    found: dict[str, Known] = {}
    for value in values:
        if not isinstance(value, Known):
            return None
        other = found.setdefault(NULL if value.value is None else convert.scalar_text(value.value), value)
        if not convert.is_same(other, value):
            return None
    if not found or len(found) > _MOST:
        return None
    *others, last = found
    result: Value = found[last]
    by = _whole_references(name)
    for text in reversed(others):
        condition = Outcome(short_name(name), text, tuple(found), by)
        result = Choice(condition, found[text], result, place)
    return result


def _whole_references(text: str) -> tuple[str, ...]:
    """The references in an expression; none where a part of it was cut off before."""
    found = references(text)
    return () if ANYTHING in found else found


def in_either_case(then: Callable[[], Value], otherwise: Callable[[], Value]) -> Value | None:
    """What two values are, of which nobody knows which it is; None where they are not known to be the same."""
    try:
        with in_some_cases():
            values = then(), otherwise()
    except OverBudget:
        raise
    except Fault:
        return None
    return values[0] if _are_same(values) else None


def _are_same(values: Sequence[Value]) -> bool:
    return all(value.is_known and value_text(value) == value_text(values[0]) for value in values)


def at_one_of(value: Fields, key: Value, place: Place | None) -> Value | None:
    """
    What an object has at a key that is not known; None where its own keys are not all known, and none is written alike.

    Raises:
        OverBudget: they are too many.
    """
    own = name_of(key)
    same = (one.value for one in reversed(value.entries) if not isinstance(one.key, Known) and name_of(one.key) == own)
    if (there := next(same, None)) is not None:
        return there
    keys = [one for one in sorted(value.by_key) if not isinstance(key, Text) or may_be_same(Known(one), key)]
    if len(value.by_key) < len(value.entries) or not keys:
        return None
    sensitive = is_sensitive(value) or is_sensitive(key)
    values = [value.by_key[one] for one in keys]
    if len(keys) > convert.MAX_OUTCOMES and not _are_same(values):
        raise OverBudget(f"{BUDGET}: keys of an object that are told apart ({convert.MAX_OUTCOMES})")
    found = one_of(f"{value_text(value)}[{value_text(key)}]", values, place, sensitive=sensitive)
    if found is not None or sensitive:
        return found
    name = short_name(f"which of {', '.join(map(convert.to_json, keys))} is {value_text(key)}")
    result, by = value.by_key[keys[-1]], _whole_references(value_text(key))
    for one in reversed(keys[:-1]):
        result = Choice(Outcome(name, one, tuple(keys), by), value.by_key[one], result, place)
    return result


def alike(values: Sequence[Value]) -> Value | None:
    """
    What is the same in all of some values, the rest of it by symbols without a name; None where there is nothing.
    """
    if not values:
        return None
    if len(values) == 1 or _are_same(values):
        return values[0]
    objects = [one for one in values if isinstance(one, Fields)]
    if len(objects) == len(values):
        return _alike_objects(objects)
    found = Symbol("")
    if all(isinstance(one, Known) for one in values):
        found.among = tuple(values)
    return found


def _alike_objects(values: Sequence[Fields]) -> Value | None:
    keys = [*values[0].by_key]
    if any(one.by_key.keys() != set(keys) or len(one.by_key) < len(one.entries) for one in values):
        # What one of them does not have, whoever asks for it does not get.
        return None
    entries: list[Entry] = []
    for key in keys:
        found = alike([one.by_key[key] for one in values])
        entries.append(Entry(Known(key), Symbol("") if found is None else found))
    return Fields(tuple(entries), values[0].place, any(one.sensitive for one in values))
