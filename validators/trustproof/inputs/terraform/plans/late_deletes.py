"""
What a plan makes under one address and deletes under another: Terraform does not order the two, so that the delete may
come last and leave nothing.

Terraform orders only what refers to each other: https://developer.hashicorp.com/terraform/internals/graph
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from trustproof.inputs.terraform.snapshots.assignments import (
    Assignment,
    assignments,
    assignments_and_names,
    own_policy,
    policy_of,
    sets,
    texts_of,
)
from trustproof.inputs.terraform.snapshots.conditional_instances import with_condition, with_items, with_value
from trustproof.inputs.terraform.snapshots.holders import NewHolders
from trustproof.inputs.terraform.snapshots.snapshot import Snapshot
from trustproof.inputs.terraform.types.table import POLICY_OF, policies
from trustproof.inputs.terraform.types.types_of_aws import AWS
from trustproof.inputs.terraform.values.conditions import AllOf, Condition, Not, Undecided
from trustproof.inputs.terraform.values.instances import Instance, Note
from trustproof.inputs.terraform.values.known_values import KnownValues
from trustproof.inputs.terraform.values.values import Choice, Fields, Known, Text, Value

#: Arguments with all policies that somebody is to have: a list of which each item is given by itself.
_LISTS = {
    "aws_iam_role": {"inline_policy": ("inline", "role"), "managed_policy_arns": ("managed", "role")},
    **{
        f"aws_iam_{kind}_policy_attachments_exclusive": {"policy_arns": ("managed", kind)}
        for kind in ("user", "role", "group")
    },
}
#: So many deletes are named one by one.
_NAMED_ONES = 3


class _Delete(NamedTuple):
    """What a plan takes from somebody or something."""

    #: Of the resource that is deleted, changed or replaced.
    address: str
    provider: str
    name: str | None
    #: What is deleted, in words.
    shown: str
    #: Whether it comes after what the plan makes under the same address.
    is_last: bool
    #: Whether it is only not known to be something else.
    is_open: bool = False


class _Deletes:
    """
    What a plan takes away, by what it is.

    Args:
        snapshot: of the plan.
    """

    def __init__(self, snapshot: Snapshot) -> None:
        after = {one.address: one for one in snapshot.instances}
        self._found: dict[Assignment, list[_Delete]] = {}
        for one in snapshot.deleted:
            for given in assignments(one):
                self._add(given, _Delete(one.address, one.provider, given.name, one.address, is_last=True))
        for one in snapshot.replaced:
            left = after.get(one.address)
            kept = frozenset(assignments(left)) if left is not None else frozenset()
            for given in assignments(one):
                if given not in kept:
                    self._add(given, _Delete(one.address, one.provider, given.name, one.address, is_last=False))
            for given, argument in taken_out(one, left):
                shown = f"the {argument} of {one.address}"
                self._add(given, _Delete(one.address, one.provider, given.name, shown, is_last=False))

    def __bool__(self) -> bool:
        return bool(self._found)

    def _add(self, given: Assignment, delete: _Delete) -> None:
        for holder in (given.holder, None):
            for name in dict.fromkeys((given.name, None)):
                self._found.setdefault(given._replace(holder=holder, name=name), []).append(delete)

    def of(self, given: Assignment, instance: Instance, name: Value | None = None) -> list[_Delete]:
        """
        Those that may come after an instance has given something, and take it away.

        Args:
            name: what the name is, where it is not known.
        """
        is_open = None in (given.holder, given.name)
        return [
            one._replace(is_open=is_open)
            for one in self._found.get(given, ())
            if one.provider == instance.provider
            and (one.is_last or one.address != instance.address)
            and (not isinstance(name, Text) or one.name is None or _may_be(name, one.name))
        ]


def with_late_deletes(snapshot: Snapshot) -> Snapshot:
    """
    A plan, in which all that is made, and deleted under another address, is there or not; with notes.

    Args:
        snapshot: of the plan.
    """
    deletes = _Deletes(snapshot)
    if not deletes:
        return snapshot
    made = NewHolders(snapshot.instances)
    notes: list[Note] = []
    found = tuple(_one(instance, deletes, made, notes) for instance in snapshot.instances)
    return snapshot._replace(instances=found, notes=(*snapshot.notes, *notes))


def _one(instance: Instance, deletes: _Deletes, made: NewHolders, notes: list[Note]) -> Instance:
    """An instance, of which all is there or not that something may delete behind it."""
    if instance.is_data or not instance.type.startswith(AWS):
        return instance
    if argument := own_policy(instance):
        return _with_own_policy(instance, argument, deletes, notes)
    for argument, (what, kind) in _LISTS.get(instance.type, {}).items():
        if sets(instance, argument) and (holders := _holders(instance, kind, made)):
            is_there = _ItemIsThere(instance, argument, what, kind, holders, deletes, notes)
            instance = with_value(instance, argument, with_items(instance.values[argument], is_there.condition))
    same = []
    for given, name in assignments_and_names(instance):
        holder = given.holder
        if not (made.is_of_new(instance, given.kind) if holder is None else made.has(given.kind, holder)):
            same += deletes.of(given, instance, name)
    condition = _unless(instance, same, notes, "")
    return instance if condition is None else with_condition(instance, condition)


def _with_own_policy(instance: Instance, argument: str, deletes: _Deletes, notes: list[Note]) -> Instance:
    """A resource whose own policy is there or not where something may delete it."""
    kind, holders = policy_of(instance)
    same = [one for holder in holders for one in deletes.of(Assignment("policy", kind, holder), instance)]
    condition, value = _unless(instance, same, notes, argument), instance.values[argument]
    if condition is None:
        return instance
    return with_value(instance, argument, Choice(condition, value, Known(None), value.place, value.sensitive))


class _ItemIsThere(NamedTuple):
    """What must hold for an item of a list of policies to be there."""

    instance: Instance
    argument: str
    #: See `Assignment`.
    what: str
    kind: str
    holders: tuple[str, ...]
    deletes: _Deletes
    notes: list[Note]

    def condition(self, item: Value) -> Condition | None:
        """The condition; None where it is there in any case."""
        name, value = _name_of(item)
        given = [Assignment(self.what, self.kind, holder, name) for holder in self.holders]
        same = [one for each in given for one in self.deletes.of(each, self.instance, value)]
        called = f"{self.argument} {name}" if name and self.what == "inline" else self.argument
        return _unless(self.instance, same, self.notes, called)


def _unless(instance: Instance, deletes: Sequence[_Delete], notes: list[Note], argument: str) -> Condition | None:
    """
    What must hold for something to be there that some deletes may take away; None where it is there in any case.

    Args:
        argument: of the instance, which gives it; empty for the instance as a whole.
    """
    named = list(dict.fromkeys(one.shown for one in deletes))
    if not named:
        return None
    given = f"the {argument} of {instance.address}" if argument else instance.address
    is_same = "may be the same" if all(one.is_open for one in deletes) else "is the same"
    kept = "" if argument else " (a moved block keeps it)"
    for shown in named[:_NAMED_ONES]:
        more = f" (one of {len(named)})" if len(named) > _NAMED_ONES else ""
        reason = (
            f"{f'the {argument}: ' if argument else ''}the plan deletes {shown}, which {is_same} to AWS{more}, and "
            f"may do so after this is made: then nothing is left{kept}"
        )
        notes.append(Note(instance.address, reason))
    if len(named) > _NAMED_ONES:
        named = ["what the plan deletes"]
    conditions: tuple[Condition, ...] = tuple(
        Not(Undecided(f"{shown} is deleted after {given} is made", is_expression=False)) for shown in named
    )
    return conditions[0] if len(conditions) == 1 else AllOf(conditions)


def _holders(instance: Instance, kind: str, made: NewHolders) -> tuple[str, ...]:
    """The names of whom a list of policies is given to, if they were there before."""
    arguments = ("name", "id") if instance.type == f"aws_iam_{kind}" else (f"{kind}_name",)
    found = dict.fromkeys(text for name in arguments for text in texts_of(instance, name))
    return tuple(one for one in found if not made.has(kind, one))


def _name_of(item: Value) -> tuple[str | None, Value]:
    """The name of an inline policy, or the ARN of a managed one; None for one that is not known, with what it is."""
    found = item.by_key.get("name", Known("")) if isinstance(item, Fields) else item
    return (str(found.value), found) if isinstance(found, Known) else (None, found)


def _may_be(value: Text, text: str) -> bool:
    """Whether a text of which parts are not known may be another one, by how it begins and ends."""
    first, last = value.pieces[0], value.pieces[-1]
    begins = str(first.value) if isinstance(first, Known) else ""
    return text.startswith(begins) and text.endswith(str(last.value) if isinstance(last, Known) else "")


# -- what resources give


def taken_out(before: Instance, after: Instance | None) -> Iterator[tuple[Assignment, str]]:
    """What a resource has given by arguments of its own, and does not give any more, with the argument."""
    if after is None or not isinstance(before.values, KnownValues) or not isinstance(after.values, KnownValues):
        return
    if before.type == "aws_iam_role" and after.values.raw("inline_policy") == []:
        shown = before.values.raw("inline_policy")
        for block in shown if isinstance(shown, list) else ():
            name = block.get("name") if isinstance(block, dict) else None
            for holder in dict.fromkeys((*texts_of(before, "name"), *texts_of(before, "id"))):
                if isinstance(name, str):
                    yield Assignment("inline", "role", holder, name), f"inline_policy {name}"
    if POLICY_OF.get(before.type, ("", ""))[0]:
        kind, holders = policy_of(before)
        for argument in policies(before.type):
            if argument.is_computed and before.values.raw(argument.name) and after.values.raw(argument.name) == "":
                yield from ((Assignment("policy", kind, holder), argument.name) for holder in holders)
