"""
How many instances ``count`` and ``for_each`` make of a block, and under which conditions.

https://developer.hashicorp.com/terraform/language/meta-arguments/for_each
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from trustproof.inputs.terraform.configuration.evaluation.access import NoKey
from trustproof.inputs.terraform.configuration.evaluation.open_instances import AbsentInstances, KeysOf
from trustproof.inputs.terraform.configuration.evaluation.possible_values import alike
from trustproof.inputs.terraform.configuration.syntax.blocks import Block
from trustproof.inputs.terraform.configuration.values import convert
from trustproof.inputs.terraform.configuration.values.expression_names import (
    expression_text,
    is_constant,
    short_name,
    value_text,
)
from trustproof.inputs.terraform.configuration.values.work import MAX_INSTANCES, Fault
from trustproof.inputs.terraform.values.conditions import AllOf, AnyOf, Condition, Equal, Not, Outcome, Undecided
from trustproof.inputs.terraform.values.instances import Key
from trustproof.inputs.terraform.values.merged_objects import MergedObject
from trustproof.inputs.terraform.values.unset_variable import STRING, Variable
from trustproof.inputs.terraform.values.values import (
    UNSAID,
    Attribute,
    Choice,
    Entry,
    Fields,
    Items,
    Known,
    Rest,
    Symbol,
    Text,
    Value,
    unknowns,
)
from trustproof.results.result import BUDGET

#: Resources that nothing refers to, since each of them only says something of an identity, and where they name it.
_SAID_OF_IDENTITIES = {
    f"aws_iam_{identity}_policy{kind}": identity
    for identity in ("user", "group", "role")
    for kind in ("", "_attachment")
}
#: How many outcomes of conditions are looked at for one block.
MAX_OUTCOMES = 32


class Made(NamedTuple):
    """
    One instance of a block.
    """

    key: Key
    #: What ``each.value`` is; None without ``for_each``.
    value: Value | None = None
    #: What must hold for it to exist; None for what exists in any case.
    condition: Condition | None = None
    #: Whether it stands for any number of instances, of whose keys nothing is known.
    is_open: bool = False
    #: What is known of truth values inside of what is gone through, where it stands for any number of instances.
    over: Variable | None = None
    #: What ``each.value`` has in any case, where it stands for any number of instances.
    each: Value | None = None
    #: Whether these keys are the same ones in every case, though nobody knows them: nothing without a value decides.
    is_constant: bool = False
    #: Whether key and value are one, where it stands for any number of instances.
    is_of_set: bool = False
    #: What ``each.key`` is, where that is not all known: the key is what it is called then.
    called: Value | None = None
    budget: str = ""  # What keeps all keys from being known, where that is a budget.


class Expansion(NamedTuple):
    """
    The instances of a block. Where nobody knows how many there are, one stands for all of them, which is there where
    there are any.
    """

    instances: tuple[Made, ...]
    #: What `count` or `for_each` are worth; None where the block has neither.
    by: Value | None = None
    #: Whether nobody knows how many there are; why, a clause.
    unknown: str = ""
    #: Whether ``count`` says how many there are.
    is_counted: bool = False


ONE = Expansion((Made(None),))


def unknown(reason: str, condition: Condition | None, by: Value | None = None) -> Expansion:
    """
    The instances of a block of which nobody knows how many there are.

    Args:
        reason: why, a clause.
        condition: what must hold for there to be any; None where there are some in any case.
        by: what ``count`` or ``for_each`` are worth.
    """
    same = by is not None and not by.is_known and all(map(is_constant, unknowns(by)))
    over = by if isinstance(by, Variable) else None
    is_of_set = by is not None and all(_is_set(one) for _, one in cases(by))
    made = Made(None, None, condition, True, over, _each(by), is_constant=same, is_of_set=is_of_set)
    return Expansion((made._replace(budget=reason if BUDGET in reason else ""),), by, reason)


def _budget(value: Value) -> str:
    """The budget that keeps a value from being known, as a reason; empty where none does."""
    return next((one.budget for one in unknowns(value) if isinstance(one, Symbol) and one.budget), "")


def _each(by: Value | None) -> Value | None:
    """What each value of an object is, whatever its keys are; None where that is not known."""
    if isinstance(by, AbsentInstances):
        return by.one
    if isinstance(by, Symbol):
        return by.each
    return alike([entry.value for entry in by.entries]) if isinstance(by, Fields) else None


def count_expansion(value: Value) -> Expansion:
    """What ``count`` makes."""
    if convert.outcomes(value) > MAX_OUTCOMES:
        return _open(value, _any_counted, f"{BUDGET}: outcomes of conditions for count ({MAX_OUTCOMES})")
    outcomes: list[tuple[tuple[Condition, ...], int]] = []
    for conditions, found in cases(value):
        if isinstance(found, NoKey):
            continue
        try:
            number = convert.numeric(found)
        except Fault as fault:
            return _open(value, _any_counted, fault.reason)
        if not isinstance(number, Known):
            return _open(value, _any_counted, _budget(number) or f"count is {value_text(number)}, which is not known")
        count = number.value
        if not isinstance(count, int) or count < 0:
            return _open(value, _any_counted, f"count is {value_text(number)}")
        if count > MAX_INSTANCES:
            return _open(value, _any_counted, f"{BUDGET}: instances of one block ({MAX_INSTANCES})")
        outcomes.append((conditions, count))
    most = max((count for _, count in outcomes), default=0)
    made = (
        Made(key, None, _where([(conditions, key < count) for conditions, count in outcomes])) for key in range(most)
    )
    return Expansion(tuple(made), value)


def enabled_expansion(value: Value) -> Expansion:
    """
    What ``enabled`` makes, in a ``lifecycle`` block of OpenTofu's: one instance without a key, or none.

    https://opentofu.org/docs/language/meta-arguments/enabled/
    """
    found = _open(value, _is_enabled, "").instances[0]
    is_never = isinstance(value, Known) and value.value is False
    return Expansion(() if is_never else (Made(None, None, found.condition),))


def for_each_of(value: Value, block: Block) -> Expansion:
    """
    What ``for_each`` makes of a block. Of keys not all of which are known, those that are have their own instances,
    beside one for all others: where nothing refers to any of them, since what goes through them has to go through all.
    """
    found = for_each(value)
    if not found.unknown:
        return found
    holder = block.body.argument(_SAID_OF_IDENTITIES.get(block.labels[0], ""))
    if holder is None or "[each." in expression_text(holder.expression):
        # What has an identity each goes together with these, which are one as well.
        return found
    is_validated = any(isinstance(one, Variable) and one.is_validated for one in unknowns(value))
    # What a validation says of the others may be that they deny what is there in any case.
    made = () if is_validated else _certain(value)
    if not made or len(made) >= MAX_INSTANCES:
        return found
    others = Undecided(short_name(f"length({value_text(value)}) > {len(made)}"))
    return found._replace(instances=(found.instances[0]._replace(condition=others), *made))


def _certain(value: Value) -> tuple[Made, ...]:
    """The instances that are there in any case, beside others whose keys are not known."""
    if isinstance(value, MergedObject):
        return tuple(Made(key, one) for key, one in sorted(value.certain.items()))
    if not isinstance(value, Items) or not value.is_set:
        return ()
    known = Items(tuple(item for item in value.items if isinstance(item, Known)), is_set=True)
    return tuple(Made(key, entry.value) for key, entry in sorted((entries_by_key(known) or {}).items()))


def for_each(value: Value) -> Expansion:
    """What ``for_each`` makes."""
    if convert.outcomes(value) > MAX_OUTCOMES:
        return _open(value, _any_of, f"{BUDGET}: outcomes of conditions for for_each ({MAX_OUTCOMES})")
    outcomes: list[tuple[tuple[Condition, ...], dict[str, Entry]]] = []
    for conditions, found in cases(value):
        entries = entries_by_key(found)
        if entries is None:
            keys_of = f"for_each is {_cut(value_text(found))}, whose keys are not known"
            return _open(value, _any_of, _budget(found) or keys_of)
        outcomes.append((conditions, entries))
    keys = {key: entry.key for _, entries in outcomes for key, entry in entries.items()}
    if len(keys) > MAX_INSTANCES:
        return _open(value, _any_of, f"{BUDGET}: instances of one block ({MAX_INSTANCES})")
    # Each key is looked up in each: they are put together once.
    by_value = {id(found): entries for (_, found), (_, entries) in zip(cases(value), outcomes, strict=True)}
    made = (
        Made(
            key,
            _chosen(value, key, by_value),
            _where([(conditions, key in entries) for conditions, entries in outcomes]),
            called=None if isinstance(keys[key], Known) else keys[key],
        )
        for key in sorted(keys)
    )
    return Expansion(tuple(made), value)


def _open(value: Value, any_of: Callable[[Value], bool | Condition], reason: str) -> Expansion:
    """
    One instance for any number of them.

    Args:
        any_of: whether a value without conditions makes an instance, or what must hold for that.
    """
    outcomes: list[tuple[tuple[Condition, ...], bool]] = []
    is_certain = True
    for conditions, found in cases(value):
        there = any_of(found)
        if isinstance(there, Condition):
            is_certain = False
            outcomes.append(((*conditions, there), True))
        else:
            outcomes.append((conditions, there))
    if not is_certain:
        # What is there in some of the outcomes is not there in all.
        outcomes.append(((), False))
    return unknown(reason, _where(outcomes), value)._replace(is_counted=any_of is _any_counted)


def _any_counted(value: Value) -> bool | Condition:
    """Whether a ``count`` makes an instance."""
    if isinstance(value, Known) and type(value.value) is int and value.value >= 0:
        return value.value > 0
    if isinstance(value, Variable):
        return Not(Equal(value.name, 0))
    # Terraform refuses what is no number of instances: it is judged with what the block says, and without.
    return Undecided(short_name(f"{value_text(value)} {'instances' if isinstance(value, Known) else '> 0'}"))


def holds(value: Value) -> Condition:
    """What must hold for a truth value, of which not all is known, to be true."""
    outcomes: list[tuple[tuple[Condition, ...], bool]] = []
    for conditions, found in cases(value):
        if isinstance(found, Known):
            outcomes.append((conditions, found.value is True))
        else:
            outcomes += [((*conditions, Undecided(short_name(value_text(found)))), True), (conditions, False)]
    found_ = _where(outcomes)
    assert found_ is not None
    return found_


def _is_enabled(value: Value) -> bool | Condition:
    if isinstance(value, Known) and isinstance(value.value, bool):
        return value.value
    return Undecided(short_name(f"{value_text(value)} == true"))


def _is_set(value: Value) -> bool:
    if isinstance(value, Variable):
        return value.shape is not None and value.shape.is_set
    if isinstance(value, Symbol):
        # What is made of a call by an operator or an index begins or ends with its bracket.
        return value.name.startswith("toset(") and value.name.endswith(")")
    # A list without items is that of the other branch.
    return isinstance(value, Items) and (value.is_set or not value.items)


def _any_of(value: Value) -> bool | Condition:
    """Whether a ``for_each`` makes an instance."""
    if isinstance(value, Items) and not all(isinstance(item, Rest) for item in value.items):
        return True
    if isinstance(value, Fields):
        return bool(value.entries)
    if isinstance(value, KeysOf):
        return _any_of(value.of)
    if isinstance(value, AbsentInstances):
        # There are as many as there are of the other block.
        return True if value.condition is None else value.condition
    return Undecided(short_name(f"length({value_text(value)}) > 0"))


def any_item(value: Value) -> Condition | None:
    """What must hold for a value that nobody knows to have items; None where it has some in any case."""
    # A list in a list may be empty where that one is not: what is known of its length is not known of the item.
    found = _any_of(Items((value,)) if isinstance(value, Rest) else value)
    return found if isinstance(found, Condition) else None


def open_item(name: str, of: Value) -> Symbol:
    """What any item of a value is that nobody knows: where a validation says something of it, no other is made up."""
    if any(isinstance(one, Variable) and one.is_validated for one in unknowns(of)):
        return Symbol(name, UNSAID, f"{name} is not known, and a validation says what it may be")
    return Symbol(name)


def _cut(text: str) -> str:
    return text if len(text) <= 100 else f"{text[:99]}…"


def entries_by_key(value: Value) -> dict[str, Entry] | None:
    """
    Keys and values of what is gone through, by what each key is called: a text that nobody knows is one key all the
    same, by its expression. None where it is not known how many there are.
    """
    if isinstance(value, Fields):
        entries = value.entries
    elif isinstance(value, Items):
        entries = tuple(Entry(item, item) for item in value.items)
    else:
        return None
    found: dict[str, Entry] = {}
    for entry in entries:
        key = entry.key.value if isinstance(entry.key, Known) else _name_of_key(entry.key)
        key = str(key) if isinstance(value, Fields) and key is not None else key
        is_other = key in found and not (isinstance(entry.key, Known) and isinstance(found[key].key, Known))
        if not isinstance(key, str) or is_other:
            return None
        found[key] = entry
    return found


def _name_of_key(key: Value) -> str | None:
    """What a key is called that nobody knows; None where it may be no text, or stand for several."""
    if (
        key.sensitive
        or not isinstance(key, (Text, Attribute, Variable))
        or (isinstance(key, Variable) and key.kind != STRING)
    ):
        return None
    # No text of a policy may be taken for its name.
    return value_text(key).strip('"').replace('"', "'").replace("${", "{")


def _chosen(value: Value, key: str, entries: Mapping[int, Mapping[str, Entry]]) -> Value:
    """What ``each.value`` is of a key, by the entries of each outcome, which its identity leads to."""
    if isinstance(value, Choice):
        then, otherwise = _has(value.then, key, entries), _has(value.otherwise, key, entries)
        if then and otherwise:
            first, second = _chosen(value.then, key, entries), _chosen(value.otherwise, key, entries)
            return first if convert.is_same(first, second) else Choice(value.condition, first, second)
        return _chosen(value.then if then else value.otherwise, key, entries)
    found = entries[id(value)].get(key)
    return found.value if found is not None else Symbol(f"{value_text(value)}[{key}]")


def _has(value: Value, key: str, entries: Mapping[int, Mapping[str, Entry]]) -> bool:
    return any(key in entries[id(one)] for _, one in cases(value))


def cases(value: Value, conditions: tuple[Condition, ...] = ()) -> Iterator[tuple[tuple[Condition, ...], Value]]:
    """What a value may be, each with what holds then."""
    if isinstance(value, Choice):
        yield from cases(value.then, (*_beside(value.condition, conditions), value.condition))
        yield from cases(value.otherwise, (*conditions, Not(value.condition)))
    else:
        yield conditions, value


def _beside(condition: Condition, others: tuple[Condition, ...]) -> tuple[Condition, ...]:
    """What else than a condition has to be said: what is one text is none of the others."""
    if not isinstance(condition, Outcome):
        return others
    return tuple(
        one
        for one in others
        if not isinstance(one, Not) or not isinstance(one.of, Outcome) or one.of.name != condition.name
    )


def _where(outcomes: Sequence[tuple[tuple[Condition, ...], bool]]) -> Condition | None:
    """What must hold for one of the outcomes in which something is there; None where it is there in all."""
    if all(there for _, there in outcomes):
        return None
    found = [conditions[0] if len(conditions) == 1 else AllOf(conditions) for conditions, there in outcomes if there]
    return found[0] if len(found) == 1 else AnyOf(tuple(found))


def together(*conditions: Condition | None) -> Condition | None:
    """What must hold for all of some conditions."""
    found = tuple(condition for condition in conditions if condition is not None)
    if len(found) < 2:
        return found[0] if found else None
    return AllOf(found)
