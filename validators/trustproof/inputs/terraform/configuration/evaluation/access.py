"""
Steps into values: attributes, indices, splats.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from copy import copy
from typing import Literal

from trustproof.inputs.terraform.configuration.evaluation.open_instances import (
    AbsentInstances,
    OfInstances,
    of_only_one,
)
from trustproof.inputs.terraform.configuration.evaluation.possible_values import at_one_of, one_of
from trustproof.inputs.terraform.configuration.syntax.expressions import Expression, Name, Step
from trustproof.inputs.terraform.configuration.values.convert import (
    MAX_OUTCOMES,
    both,
    choose,
    is_ordered,
    numeric,
    text,
    what,
)
from trustproof.inputs.terraform.configuration.values.expression_names import is_constant, value_text
from trustproof.inputs.terraform.configuration.values.refused_cases import leave_out, refuse
from trustproof.inputs.terraform.configuration.values.sensitivity import with_sensitivity
from trustproof.inputs.terraform.configuration.values.variable_equality import is_equal
from trustproof.inputs.terraform.configuration.values.work import Fault, OverBudget
from trustproof.inputs.terraform.types.nested_blocks import OtherAttributes
from trustproof.inputs.terraform.types.types_of_aws import AWS
from trustproof.inputs.terraform.values.conditions import AllOf, AnyOf, Condition, Not
from trustproof.inputs.terraform.values.merged_objects import MergedObject
from trustproof.inputs.terraform.values.place import Place
from trustproof.inputs.terraform.values.unordered_items import listed
from trustproof.inputs.terraform.values.unset_variable import STRING, Variable
from trustproof.inputs.terraform.values.untyped_scalar import without_type
from trustproof.inputs.terraform.values.values import (
    ATTRIBUTE,
    MODULE,
    UNSAID,
    Attribute,
    Choice,
    Fields,
    Items,
    Known,
    Maybe,
    Rest,
    Symbol,
    Unknown,
    Value,
    is_sensitive,
    unknowns,
)
from trustproof.results.result import BUDGET

#: Blocks that AWS makes of each cluster, which are there and have a value.
_BLOCKS_OF_AWS = ("certificate_authority", "identity", "vpc_config")


class Whole(Unknown):
    """
    A resource, data source or module as one value, whose attributes are made when they are asked for.

    Args:
        name: what a user would call it.
        attribute: gives an attribute by its name.
        is_module: whether it is a module.
    """

    __slots__ = ("attribute", "is_module", "name")

    def __init__(self, name: str, attribute: Callable[[str], Value], *, is_module: bool = False) -> None:
        super().__init__()
        self.name: str = name
        self.attribute: Callable[[str], Value] = attribute
        self.is_module: bool = is_module

    @property
    def shown(self) -> str:
        """Its name."""
        return self.name

    def __repr__(self) -> str:
        return f"Whole({self.name!r})"


def _inside(value: Unknown, step: str, place: Place | None) -> Value:
    """A part of what is not known; `step` is as it is written, ``.a`` or ``[0]``."""
    if isinstance(value, Attribute):
        return Attribute(value.address, f"{value.name}{step}", place, value.sensitive)
    if isinstance(value, Symbol):
        return Symbol(f"{value.name}{step}", value.kind, value.reason, place, value.sensitive)
    if isinstance(value, (Whole, AbsentInstances)):
        return Symbol(f"{value.shown}{step}", MODULE if value.is_module else ATTRIBUTE, place=place)
    return Symbol(f"{value.shown}{step}", place=place, sensitive=value.sensitive)


def _part(value: Value, step: str, place: Place | None) -> Symbol:
    """A part of what is known in parts, which is another one: of what has one value, it has one too."""
    name = f"{value_text(value)}{step}"
    if value.budget or (not value.is_known and all(map(is_constant, unknowns(value)))):
        why = f": {value.budget}" if value.budget else ""
        return Symbol(name, UNSAID, f"the value of {name} is not known{why}", place, value.sensitive)
    return Symbol(name, place=place, sensitive=value.sensitive)


def at_reference(value: Value, of: Expression, place: Place) -> Value:
    """
    A value that an expression refers to: of what AWS gives a resource, nothing is written where the resource is, so
    that it stands where it is referred to.
    """
    if isinstance(value, Attribute) and isinstance(of, Name) and (of.name == "data" or of.name.startswith(AWS)):
        return Attribute(value.address, value.name, place, value.sensitive)
    return value


def only_instance(value: Value, used: int, name: str, steps: Sequence[Step]) -> tuple[Value, int]:
    """
    What a resource is that is referred to, and by how many steps: with ``count = 1`` the one instance, where an
    attribute of it is asked for. Terraform 0.11 takes it so, and no later version takes it at all.

    https://developer.hashicorp.com/terraform/language/v1.1.x/upgrade-guides/0-12

    Args:
        used: how many of the steps are the name of the resource.
        name: what the reference begins with.
    """
    asks_for_attribute = len(steps) > used and steps[used].key is None and steps[used].each is None
    if asks_for_attribute and (name == "data" or name.startswith(AWS)) and isinstance(value, Items):
        one = value.items[0] if len(value.items) == 1 else value
        return (one if isinstance(one, Whole) else value), used
    return value, used


def _where_referred_to(found: Value, of: Whole, place: Place | None) -> Value:
    """What AWS gives a resource is written where somebody refers to it: in a loop, by a splat or ``each.value``."""
    if place is None or of.is_module or not isinstance(found, (Attribute, Symbol)):
        return found
    if not found.shown.startswith((f"{of.name}.", f"{of.name}[*].")):
        return found
    there = copy(found)
    there.place = place
    return there


def attribute(value: Value, name: str, place: Place | None) -> Value:
    """
    An attribute of a value.

    Raises:
        Fault: there is none.
    """
    if isinstance(value, Whole):
        return _where_referred_to(value.attribute(name), value, place)
    if isinstance(value, Choice):
        return choose(value, lambda one: attribute(one, name, place))
    if isinstance(value, Unknown):
        part = value.part(name, place) if isinstance(value, (MergedObject, Variable)) else None
        return _marked(part, value) or _inside(value, f".{name}", place)
    if isinstance(value, Fields):
        found = value.by_key.get(name)
        if found is not None:
            return with_sensitivity(found) if value.sensitive else found
        if len(value.by_key) < len(value.entries):
            others = value.entries[-1].key
            if isinstance(others, OtherAttributes):
                return others.attribute(name, place)
            return _part(value, f".{name}", place)
    raise Fault(f"there is no attribute {name} in what is {what(value)}")


def _marked(part: Value | None, of: Value) -> Value | None:
    return with_sensitivity(part) if part is not None and of.sensitive else part


def part_in_doubt(of: Value, part: Value, *, is_of_key: bool) -> str | None:
    """
    What a part of a variable, or of what a data source or a resource says, is called that may not be there; empty where
    it is, and None where that cannot be told.

    Args:
        is_of_key: whether it is an item of a list, or the value of a key.
    """
    if isinstance(of, Attribute) and isinstance(part, Attribute):
        return "" if part.name.startswith(_BLOCKS_OF_AWS) else part.shown
    if not isinstance(of, Variable):
        return ""
    if not isinstance(part, Variable):
        return None
    return part.name if of.is_nullable or is_of_key or not of.has_attributes else ""


def index(value: Value, key: Value, place: Place | None) -> Value:
    """
    An item of a list, or the value of a key.

    Raises:
        Fault: there is none.
    """
    key = without_type(key)
    if isinstance(key, Choice):
        return choose(key, lambda one: index(value, one, place))
    if isinstance(value, Choice):
        return choose(value, lambda one: index(one, key, place))
    if isinstance(value, Whole):
        if isinstance(key, Known) and isinstance(key.value, str):
            return value.attribute(key.value)
        raise Fault(f"{value.shown} is one, and has no {value_text(key)}")
    if isinstance(value, AbsentInstances):
        return value.at(key)
    if isinstance(value, Unknown):
        at = key.value if isinstance(key, Known) else None
        part = None
        if isinstance(value, (MergedObject, Variable)) and isinstance(at, (str, int)):
            part = value.part(at, place)
        return _marked(part, value) or _inside(value, f"[{value_text(key)}]", place)
    if not isinstance(key, Known):
        return _at_unknown_key(value, key, place)
    if isinstance(value, Fields):
        return attribute(value, str(getattr(text(key), "value", "")), place)
    if isinstance(value, Items):
        return _item(value, numeric(key), place)
    raise Fault(f"it is {what(value)}, and has no {value_text(key)}")


def _at_unknown_key(value: Value, key: Value, place: Place | None) -> Value:
    """What there is at a key that is not known: something that is there, since Terraform refuses any other key."""
    found, name = None, f"{value_text(value)}[{value_text(key)}]"
    if isinstance(value, Fields):
        found = at_one_of(value, key, place)
    elif isinstance(value, Items) and not value.is_set and not any(isinstance(item, Rest) for item in value.items):
        found = one_of(name, value.items, place, sensitive=is_sensitive(value) or is_sensitive(key))
    if (found is None or not found.is_known) and all(map(is_constant, unknowns(key))):
        return Symbol(name, UNSAID, f"the value of {name} is not known", place, value.sensitive or key.sensitive)
    return _part(value, f"[{value_text(key)}]", place) if found is None else found


def value_at_unknown_key(value: Value, key: Variable, otherwise: Value, place: Place | None) -> Value:
    """
    The value of a key that is a variable, where all keys of an object are known.

    Args:
        otherwise: what it is where the variable is none of them.
    """
    if not isinstance(value, Fields) or len(value.by_key) < len(value.entries):
        return index(value, key, place)
    is_one = isinstance(otherwise, NoKey)
    possible = [*value.by_key.values(), *(() if is_one else (otherwise,))]
    if possible and all(one.is_known and value_text(one) == value_text(possible[0]) for one in possible):
        # Whatever the key is.
        return with_sensitivity(possible[0]) if key.sensitive or value.sensitive else possible[0]
    keys = _keys_that_may_be(value, key)
    if keys is None:
        return index(value, key, place)
    found = otherwise
    none: list[Condition] = []
    for name, is_it in reversed(keys):
        none.append(Not(is_it))
        found = Choice(is_it, attribute(value, name, place), found, place, key.sensitive)
    if is_one and len(none) > 1:
        # Nothing is applied where it is none of them.
        refuse(AllOf(tuple(none)))
    return found


def _keys_that_may_be(value: Fields, key: Variable) -> list[tuple[str, Condition]] | None:
    """
    The keys of an object that a variable may be, and what must hold for that; None where that is not known of one.

    Raises:
        OverBudget: there are too many.
    """
    keys = [(name, _is_key(key, name)) for name in sorted(value.by_key)]
    if any(is_it is None for _, is_it in keys):
        return None
    possible = [(name, is_it) for name, is_it in keys if isinstance(is_it, Condition)]
    if len(possible) > MAX_OUTCOMES:
        raise OverBudget(f"{BUDGET}: keys of an object that a variable may be ({MAX_OUTCOMES})")
    return possible


def _is_key(key: Variable, name: str) -> Condition | Literal[False] | None:
    """What must hold for a variable to be a key; None where that is not known."""
    return is_equal(key.converted(STRING), name)


def value_at_one_of_keys(value: Fields, key: Variable, place: Place | None) -> Value | None:
    """
    The value of a key that is a variable, where it is one of the keys of an object; that it is none is left out. None
    where not all keys are known, or there are none.

    Raises:
        OverBudget: there are too many.
    """
    possible = _keys_that_may_be(value, key) if len(value.by_key) == len(value.entries) else None
    if not possible:
        return None
    found = attribute(value, possible[-1][0], place)
    for name, is_it in reversed(possible[:-1]):
        found = Choice(is_it, attribute(value, name, place), found, place, key.sensitive)
    equal_to = tuple(is_it for _, is_it in possible)
    leave_out(equal_to[0] if len(equal_to) == 1 else AnyOf(equal_to), holds=False)
    return found


class NoKey(Symbol):
    """What stands for the value of a key that an object does not have: Terraform refuses it."""

    __slots__ = ()


def no_key(value: Value, key: Variable, place: Place | None) -> NoKey:
    """What stands for the value of an object's key, where a variable is none of its keys."""
    name = f"{value_text(value)}[{key.shown}]"
    return NoKey(name, UNSAID, f"the value of {name} is not known where there is no such key", place, key.sensitive)


def _item(value: Items, key: Value, place: Place | None) -> Value:
    at = getattr(key, "value", None)
    if not isinstance(at, int) or at < 0:
        raise Fault(f"{value_text(key)} is no index")
    known = next((n for n, item in enumerate(value.items) if isinstance(item, Rest)), len(value.items))
    if at < known and not value.is_set:
        found = value.items[at]
        return with_sensitivity(found) if value.sensitive else found
    if known < len(value.items) or (value.is_set and at < known):
        possible = items_in(value.items if value.is_set else value.items[known:])
        one = one_of(_name_of_item(value, at), possible, place, sensitive=is_sensitive(value))
        return of_only_one(value, _part(value, f"[{at}]", place) if one is None else one)
    raise Fault(f"there is no item {at} in a list of {known}")


def _name_of_item(value: Items, at: int) -> str:
    of = value.items[0]
    return f"{value_text(of.of if isinstance(of, Rest) and len(value.items) == 1 else value)}[{at}]"


def items_in(items: Iterable[Value]) -> list[Value]:
    """What an item of a list may be; one that is not known where nobody knows that of one of them."""
    found: list[Value] = []
    for item in items:
        if isinstance(item, Maybe):
            found.append(item.value)
        else:
            found += (item.among or (item.of,)) if isinstance(item, Rest) else (item,)
    return found


def splat(value: Value, follow: Callable[[Value], Value], steps: str, place: Place | None) -> Value:
    """
    The items of a list, each followed along steps; of what is no list, a list of it.

    Args:
        follow: goes along the steps.
        steps: as they are written.
    """
    if isinstance(value, Choice):
        return both(
            value,
            lambda: splat(value.then, follow, steps, place),
            lambda: splat(value.otherwise, follow, steps, place),
        )
    if isinstance(value, Items):
        items = (_followed(item, follow, steps, place) for item in value.items)
        return listed(items, is_ordered(value), value.place, value.sensitive)
    if isinstance(value, Unknown) and not isinstance(value, Whole):
        item = Rest(_inside(value, f"[*]{steps}", place))
        if isinstance(value, AbsentInstances) and value.one is not None:
            item = OfInstances(follow(value.one), value, item.of)
        return Items((item,), False, place, value.sensitive)
    if isinstance(value, Known) and value.value is None:
        return Items((), False, place, value.sensitive)
    return Items((follow(value),), False, place, value.sensitive)


def _followed(item: Value, follow: Callable[[Value], Value], steps: str, place: Place | None) -> Value:
    if isinstance(item, Rest):
        of = _inside(item.of, steps, place) if isinstance(item.of, Unknown) else _part(item.of, steps, place)
        return item.followed(follow, of) if isinstance(item, OfInstances) else Rest(of)
    return follow(item)
