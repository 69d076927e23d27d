"""
The instances of a block as one value, and the names that hold in each.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from trustproof.inputs.terraform.configuration.evaluation.access import Whole
from trustproof.inputs.terraform.configuration.evaluation.expansion import Expansion, Made, entries_by_key
from trustproof.inputs.terraform.configuration.evaluation.names import Variables
from trustproof.inputs.terraform.configuration.evaluation.open_instances import (
    KEYS,
    AbsentInstances,
    at_key,
    goes_together,
)
from trustproof.inputs.terraform.configuration.evaluation.possible_values import one_of
from trustproof.inputs.terraform.configuration.syntax.blocks import Block, Body
from trustproof.inputs.terraform.configuration.values import convert
from trustproof.inputs.terraform.values.instances import Key
from trustproof.inputs.terraform.values.place import Place
from trustproof.inputs.terraform.values.unset_variable import Variable
from trustproof.inputs.terraform.values.values import UNSAID, Choice, Entry, Fields, Items, Known, Symbol, Value


def address_of(address: str, made: Made) -> str:
    """The address of an instance: ``[*]`` stands for a key that nobody knows."""
    return f"{address}[*]" if made.is_open else with_key(address, made.key)


def with_key(address: str, key: Key) -> str:
    """An address with the key of an instance."""
    if key is None:
        return address
    return f"{address}[{key}]" if isinstance(key, int) else f"{address}[{convert.to_json(key)}]"


def variables_of(block: Block, made: Made, address: str) -> Variables:
    """The names that hold in the block of one instance."""
    if block.body.argument("count") is not None:
        index: Value = open_value(f"count.index of {address}", made) if made.is_open else Known(made.key)
        return {"count": Fields((Entry(Known("index"), index),))}
    if block.body.argument("for_each") is not None:
        key: Value = open_value(f"each.key of {address}", made) if made.is_open else Known(made.key)
        value = made.value if made.value is not None else _open_item(f"each.value of {address}", made)
        key = made.called or (value if made.is_of_set else key)
        return {"each": Fields((Entry(Known("key"), key), Entry(Known("value"), value)))}
    return {}


def open_value(name: str, made: Made) -> Symbol:
    """What ``each`` or ``count`` has for any number of instances."""
    if made.is_constant:
        return Symbol(name, UNSAID, made.budget or f"{name} is not known, and is the same in every case")
    return Symbol(name)


def _open_item(name: str, made: Made) -> Value:
    """What ``each.value`` is for any number of instances."""
    if isinstance(made.each, Whole):
        return made.each
    if made.each is not None and not made.is_constant:
        return _in_any_case(name, made.each)
    shape = made.over.shape if made.over is not None else None
    if made.over is None or shape is None or shape.of is None:
        found = open_value(name, made)
        if made.over is not None and made.over.is_validated:
            found.reason = found.reason or f"a validation of {made.over.name} says what {name} may be"
        return found
    # Two blocks that go through the same have the same in it, though they may be at other keys.
    of = f"each.value of {made.over.part_of or made.over.name}"
    return made.over.as_inside(name, of, shape.of, made.over.place)


def _in_any_case(name: str, value: Value) -> Value:
    """A value, of which what is not known may differ from instance to instance."""
    if isinstance(value, Fields) and len(value.by_key) == len(value.entries):
        entries = (Entry(entry.key, _in_any_case(f"{name}.{_written(entry)}", entry.value)) for entry in value.entries)
        return Fields(tuple(entries), value.place, value.sensitive, value.of)
    if value.is_known or (isinstance(value, Symbol) and value.kind == UNSAID):
        return value
    among = value.among if isinstance(value, Symbol) else ()
    found = one_of(name, among, value.place, sensitive=value.sensitive)
    return Symbol(name, place=value.place, sensitive=value.sensitive) if found is None else found


def _written(entry: Entry) -> str:
    return str(getattr(entry.key, "value", ""))


class OpenBlocks:
    """
    The blocks of a module of which nobody knows how many instances they have.
    """

    def __init__(self) -> None:
        self._by_address: dict[str, Expansion] = {}

    def add(self, address: str, expansion: Expansion) -> None:
        """Keep the instances of a block, if nobody knows how many there are."""
        if expansion.instances and expansion.instances[0].is_open:
            self._by_address[address] = expansion

    def is_own_key(self, key: Value, of: Expansion) -> bool:
        """
        Whether a key in one block is that of the instance that stands for any of another one: both have the same keys.
        """
        if not isinstance(key, (Symbol, Variable)):
            return False
        address = next((key.shown.removeprefix(one) for one in KEYS if key.shown.startswith(one)), "")
        other = self._by_address.get(address)
        if other is None or (key.shown.startswith(KEYS[-1]) and not other.instances[0].is_of_set):
            return False
        return goes_together(of.by, other.by)


def module_at_key(address: str, key: Value, one: Value, otherwise: Symbol, *, is_own: bool) -> Value:
    """
    A module that is called nobody knows how many times, at a key.

    Args:
        address: of the call.
        one: the module that stands for any of them.
        otherwise: what is known of it where it is another one.
        is_own: whether the key is that of the one.
    """
    if not isinstance(one, Whole) or is_own:
        return one if is_own else otherwise
    if not isinstance(key, Known):
        return otherwise

    def output(name: str) -> Value:
        other = Symbol(f"{otherwise.name}.{name}", otherwise.kind, otherwise.reason, otherwise.place)
        return at_key(address, key, lambda: one.attribute(name), other)

    return Whole(otherwise.name, output, is_module=True)


def placed(value: Value, place: Place) -> Value:
    """A value of a plan, with the place where the configuration has it."""
    if value.place is None:
        value.place = place
    return value


def spread(
    expansion: Expansion,
    address: str,
    of: Callable[[Made], Value],
    any_of: Callable[[Value], Value],
    *,
    is_module: bool,
    is_own_key: Callable[[Value, Expansion], bool],
) -> Value:
    """
    All instances of a block as one value.

    Args:
        is_own_key: whether a key is that of the instance that stands for any of them.
    """
    if expansion.unknown:
        made_ = expansion.instances[0]
        # Of keys that are the same in every case it may be that none is ever one of those that are referred to.
        one = None if made_.is_constant else of(made_)
        return AbsentInstances(
            address,
            any_of,
            one,
            is_module=is_module,
            condition=made_.condition,
            by=expansion.by,
            is_own_key=lambda key: is_own_key(key, expansion),
            count=expansion.by if expansion.is_counted else None,
        )
    if expansion.by is None:
        if not expansion.instances:
            return convert.NULL
        made_ = expansion.instances[0]
        found = of(made_)
        return found if made_.condition is None else Choice(made_.condition, found, convert.NULL)
    made = {one.key: one for one in expansion.instances}
    return _spread_by(expansion.by, made, of)


def _spread_by(by: Value, made: dict[Key, Made], of: Callable[[Made], Value]) -> Value:
    if isinstance(by, Choice):
        then, otherwise = (_spread_by(side, made, of) for side in (by.then, by.otherwise))
        return Choice(by.condition, then, otherwise)
    if by is convert.NULL:
        keys: Sequence[Key] = list(made)
    elif (entries := entries_by_key(by)) is not None:
        keys = sorted(entries) if isinstance(by, Fields) else list(entries)
    else:
        count = getattr(convert.numeric(by), "value", 0)
        keys = range(int(count))
    if any(isinstance(key, str) for key in keys) or isinstance(by, (Fields, Items)):
        return Fields(tuple(Entry(made[key].called or Known(key), of(made[key])) for key in keys))
    return Items(tuple(of(made[key]) for key in keys))


def is_whole(block: Block, made: Made) -> bool:
    """Whether an instance is there wherever its module is, with all that stands in its block."""
    return made.condition is None and not made.is_open and not _has_dynamic(block.body)


def _has_dynamic(body: Body) -> bool:
    """Whether a block in a body, at any depth, may be there any number of times."""
    return any(block.type == "dynamic" or _has_dynamic(block.body) for block in body.blocks())
