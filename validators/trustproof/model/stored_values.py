"""
Values that an input puts where others read them by name: parameters of Systems Manager, secrets, outputs in a state.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

#: Before the name under which something is kept: in the Parameter Store, in Secrets Manager, in a state.
PARAMETER, SECRET, STATE = "ssm:", "secretsmanager:", "state:"
#: The same of an export of CloudFormation, as other tools than that read it.
EXPORTED = "export:"
#: The same of an output of a stack of CloudFormation that is asked for by the name of the stack.
_OF_STACK = "stack:"
#: Stands for what nobody knows of a state: which output, which backend, which of its arguments.
NOT_KNOWN = "?"
#: Between what says which state it is.
_NEXT = "\n"


class StoredValue(NamedTuple):
    """
    What is kept under a name.
    """

    #: None where it is known only when it is deployed, or is not to be shown.
    value: str | None
    #: Equal where it is made alike.
    made_of: str
    #: Whether others may put something else there.
    is_set_by_others: bool = False


def add(stored: dict[str, StoredValue], name: str, one: StoredValue) -> None:
    """Add what is kept under a name; where something else may be, neither is surely what is read there."""
    there = stored.get(name)
    if there is not None and there != one:
        is_set = there.is_set_by_others or one.is_set_by_others
        one = StoredValue(None, "\n".join(sorted({*there.made_of.split("\n"), *one.made_of.split("\n")})), is_set)
    stored[name] = one


def output_of_state(output: str, backend: str, which: Sequence[str]) -> str:
    """
    The name of an output that a state keeps.

    Args:
        output: `NOT_KNOWN` for any, as the others.
        backend: the kind of what keeps the state, such as ``s3``.
        which: which state of that kind it is, by what tells two apart.
    """
    return STATE + _NEXT.join((output, backend, *which))


def output_of_stack(output: str, stack: str) -> str:
    """
    The name of an output that other tools ask a stack of CloudFormation for.

    Args:
        output: its logical id; in angle brackets what is not known of it, as in the other one.
        stack: the name of the stack.
    """
    return f"{_OF_STACK}{stack}{_NEXT}{output}"


def name_of_secret(said: str) -> str:
    """The name of a secret that is said by its name or ARN: an ARN ends with six characters of AWS's own."""
    _, is_arn, behind = said.partition(":secret:")
    return behind.split(":")[0][:-7] if is_arn else said


def what_is_kept(name: str) -> str:
    """What is kept under a name, in words."""
    kind, _, called = name.partition(":")
    if name.startswith(STATE):
        output = called.split(_NEXT)[0]
        return "an output of another state" if output == NOT_KNOWN else f"the output {output} of another state"
    return f"the {'parameter' if kind + ':' == PARAMETER else 'secret'} {called}"


def is_exact(name: str) -> bool:
    """Whether a name is that of one thing: nothing else is kept under it, and it under no other one."""
    return not name.startswith(STATE) or NOT_KNOWN not in name.removeprefix(STATE).split(_NEXT)


def may_be(read: str, kept: str) -> bool:
    """Whether what is read by a name may be what is kept by another one."""
    if read == kept or not (read.startswith(STATE) and kept.startswith(STATE)):
        return read == kept
    one, other = (name.removeprefix(STATE).split(_NEXT) for name in (read, kept))
    # Where nobody knows the kind, nobody knows what tells two of them apart.
    return all(NOT_KNOWN in both or both[0] == both[1] for both in zip(one, other, strict=False))
