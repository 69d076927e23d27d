"""
Resources of types that are not known here, and what in them looks like a policy: nobody has looked into it.
"""

from __future__ import annotations

from collections.abc import Mapping

from trustproof.inputs.terraform.instances import Instance, Note
from trustproof.inputs.terraform.known_values import KnownValues
from trustproof.inputs.terraform.lowering import Lowering
from trustproof.inputs.terraform.table import is_unread, unread_policy
from trustproof.inputs.terraform.values import Fields, Known, Value

#: Types that others refer to, whose definitions call actions of AWS's with what these are given.
CALLING = ("aws_scheduler_schedule", "aws_sfn_state_machine")
#: How many parts of one resource are looked at: a policy stands where a type has it, and not far down in a list.
_MOST = 10_000


def name_policy(made: Lowering, instance: Instance) -> None:
    """Say of a resource of a type that is not known that it may have a policy, and where."""
    if not is_unread(instance.type):
        return
    values = instance.values
    # Of a configuration it is enough that something is set: evaluating it would not tell more.
    known, unknown = (
        (values.known, values.unknown) if isinstance(values, KnownValues) else ({}, dict.fromkeys(values, True))
    )
    found = unread_policy(instance.type, known, unknown) or _holds_policy(values)
    if found:
        reason = f"may have a policy in {found}, and is of a type that is not known here, {instance.type}"
        given = values.given if isinstance(values, KnownValues) else ""
        made.notes.append(Note(instance.address, reason, instance.place, is_left_out=True, given=given))


def _holds_policy(values: Mapping[str, Value]) -> str:
    """The argument in which a policy stands at any depth, as a text or as an object; empty where none does."""
    left = _MOST
    for name in values:
        waiting: list[Value] = [values[name]]
        while waiting and left:
            left -= 1
            value = waiting.pop()
            if _is_policy(value):
                return name
            waiting += value.parts()
    return ""


def _is_policy(value: Value) -> bool:
    if isinstance(value, Known):
        # The text of a policy may be in another one, with its quotes escaped.
        text = value.value.replace("\\", "") if isinstance(value.value, str) else ""
        return '"Statement"' in text and '"Effect"' in text
    return isinstance(value, Fields) and any(
        isinstance(entry.key, Known) and entry.key.value == "Statement" for entry in value.entries
    )
