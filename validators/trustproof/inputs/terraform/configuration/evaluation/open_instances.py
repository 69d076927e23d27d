"""
Instances of a block of which nobody knows how many there are: one stands for any of them, and is judged.

What refers to an instance by its key means that one where the key is its own; in any other case nothing is known of it.

https://developer.hashicorp.com/terraform/language/meta-arguments/count
"""

from __future__ import annotations

from collections.abc import Callable

from trustproof.inputs.terraform.configuration.syntax.expressions import Expression, Literal
from trustproof.inputs.terraform.configuration.values.convert import NULL
from trustproof.inputs.terraform.configuration.values.expression_names import value_text
from trustproof.inputs.terraform.configuration.values.refused_cases import leave_out
from trustproof.inputs.terraform.configuration.values.work import Fault, OverBudget
from trustproof.inputs.terraform.values.conditions import Condition, Equal, Outcome, Undecided
from trustproof.inputs.terraform.values.place import Place
from trustproof.inputs.terraform.values.unset_variable import Variable
from trustproof.inputs.terraform.values.values import (
    ATTRIBUTE,
    UNSAID,
    Attribute,
    Choice,
    Items,
    Known,
    Rest,
    Symbol,
    Text,
    Unknown,
    Value,
    is_sensitive,
)

#: How what stands for a key is called, before the address of its block.
KEYS = ("count.index of ", "each.key of ", "each.value of ")
#: The key of an instance that nobody refers to by a key.
_ANOTHER = "another key"


class AbsentInstances(Unknown):
    """
    The instances of a block of which nobody knows how many there are.

    Args:
        name: the address of the block.
        at: gives the instance of a key, as far as there is one.
        one: the instance that stands for any of them; None where that is not judged.
        is_module: whether it is a module call.
        condition: what must hold for there to be any; None where there are some in any case.
        by: what ``count`` or ``for_each`` are worth; None where that is not known.
        is_own_key: whether a key is that of the one.
        count: how many there are, where ``count`` says that; None for other blocks.
    """

    __slots__ = ("at", "by", "condition", "count", "is_module", "is_own_key", "name", "one")

    def __init__(
        self,
        name: str,
        at: Callable[[Value], Value],
        one: Value | None = None,
        *,
        is_module: bool = False,
        condition: Condition | None = None,
        by: Value | None = None,
        is_own_key: Callable[[Value], bool] = lambda key: False,
        count: Value | None = None,
    ) -> None:
        super().__init__()
        self.is_own_key: Callable[[Value], bool] = is_own_key
        self.count: Value | None = count
        self.condition: Condition | None = condition
        self.name: str = name
        self.at: Callable[[Value], Value] = at
        self.one: Value | None = one
        self.is_module: bool = is_module
        self.by: Value | None = by

    @property
    def shown(self) -> str:
        """The address."""
        return self.name

    def __repr__(self) -> str:
        return f"AbsentInstances({self.name!r})"


class KeysOf(Symbol):
    """
    The keys of an object that nobody knows, as a list or set.

    Args:
        called: the symbol for them.
        of: the object, or the instances of a block.
    """

    __slots__ = ("of",)

    def __init__(self, called: Symbol, of: Unknown) -> None:
        super().__init__(called.name, called.kind, called.reason, called.place, called.sensitive)
        self.of: Unknown = of


def keys_of(called: Value, of: Value) -> Value:
    """
    The keys of an object; what they are called, where it may be another one in every case.

    Args:
        called: what stands for them.
        of: the object, or the keys of one.
    """
    if isinstance(of, KeysOf):
        of = of.of
    if not isinstance(called, Symbol) or called.kind == UNSAID or not isinstance(of, (AbsentInstances, Variable)):
        return called
    return KeysOf(called, of)


class OfInstances(Rest):
    """
    An item that stands for what all instances of a block have, of which nobody knows how many there are.

    Args:
        one: what the instance has that is judged.
        instances: the block.
        of: the list.
    """

    __slots__ = ("instances", "one")

    def __init__(self, one: Value, instances: AbsentInstances, of: Value, place: Place | None = None) -> None:
        super().__init__(of, place, one.sensitive)
        self.one: Value = one
        self.instances: AbsentInstances = instances

    def followed(self, follow: Callable[[Value], Value], of: Value) -> OfInstances:
        """What all of them have behind some steps."""
        return OfInstances(follow(self.one), self.instances, of)

    @property
    def is_alone(self) -> Condition:
        """Whether there is one instance, and no other."""
        count = self.instances.count
        if isinstance(count, Variable):
            return Equal(count.name, 1)
        return Undecided(f"length({self.instances.name}) == 1")

    def __repr__(self) -> str:
        return f"OfInstances({self.one!r})"


def is_of_instances(value: Items) -> bool:
    """Whether a list is of what all instances of a block have, and of nothing else."""
    return _only_item(value) is not None


def _only_item(value: Items) -> OfInstances | None:
    """The item of a list of what all instances of a block have; None for any other list, and where it is sensitive."""
    item = value.items[0] if len(value.items) == 1 else None
    return item if isinstance(item, OfInstances) and not is_sensitive(value) else None


def of_only_one(value: Items, otherwise: Value) -> Value:
    """
    An item of what all instances of a block have: what the one has, if it is the only one.

    Args:
        otherwise: what is known of the item where there may be others.
    """
    item = _only_item(value)
    return otherwise if item is None else Choice(item.is_alone, item.one, otherwise, otherwise.place)


def one_or_none(value: Items) -> Value | None:
    """What all instances of a block have, where Terraform refuses more than one of them; None for another list."""
    item = _only_item(value)
    if item is None:
        return None
    condition = item.instances.condition
    return item.one if condition is None else Choice(condition, item.one, NULL, item.one.place)


def at_own_key(value: Items, key: Value) -> Value | None:
    """What all instances of a block have, at the key of the one that is judged; None for another list or key."""
    item = _only_item(value)
    return item.one if item is not None and item.instances.is_own_key(key) else None


def how_many(value: Value) -> Value | None:
    """What ``count`` of a block is, whose instances are a value; None for another value."""
    if isinstance(value, Items) and len(value.items) == 1 and isinstance(item := value.items[0], OfInstances):
        value = item.instances
    return value.count if isinstance(value, AbsentInstances) else None


def at_key(address: str, key: Value, one: Callable[[], Value], otherwise: Value) -> Value:
    """
    What an instance has that is referred to by a key: what the one has that is judged, if the key is its own.

    Args:
        address: of the block.
        one: gives what that one has.
        otherwise: what is known of it at any other key.
    """
    if otherwise.is_known or isinstance(otherwise, Text) or is_sensitive(otherwise):
        return otherwise
    if not isinstance(key, Known) or key.value is None or key.sensitive:
        return otherwise
    try:
        found = one()
    except OverBudget:
        raise
    except Fault:
        return otherwise
    if is_sensitive(found) or isinstance(found, Symbol):
        return otherwise
    called = f"{address}[{value_text(key)}]"
    if isinstance(otherwise, Symbol) and otherwise.kind == ATTRIBUTE and otherwise.name.startswith(f"{called}."):
        # At any other key it is another instance of the block, and not anything else.
        otherwise = Attribute(called, otherwise.name.removeprefix(f"{called}."), otherwise.place)
    written = str(key.value)
    is_it = Outcome(f"the key of {address}[*]", written, (written, _ANOTHER))
    return Choice(is_it, found, otherwise, otherwise.place)


def goes_together(one: Value | None, other: Value | None) -> bool:
    """Whether two blocks have the same keys, though nobody knows them, by what their arguments are worth."""
    one, other = _origin(one), _origin(other)
    if one is None or other is None or one.is_known or type(one) is not type(other) or is_sensitive(one):
        return False
    return value_text(one) == value_text(other)


def _origin(by: Value | None) -> Value | None:
    while isinstance(by, KeysOf) or (isinstance(by, AbsentInstances) and by.by is not None):
        by = by.of if isinstance(by, KeysOf) else by.by
    return by


def leave_out_none(instances: Value, key: Expression | None) -> bool:
    """Whether the first instance of a block is asked for: that there is none is left out."""
    is_first = isinstance(key, Literal) and key.value == 0 and key.value is not False
    if not isinstance(instances, AbsentInstances) or instances.count is None or not is_first:
        return False
    if instances.condition is not None:
        leave_out(instances.condition, holds=False)
    return True
