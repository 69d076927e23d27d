"""
Managed policies that stand at several addresses of a plan: AWS has one of an ARN, which says what was written last.

What a plan leaves as it is shows the text that was there before, and what it changes the text that will be there.
"""

from __future__ import annotations

from collections.abc import Iterator

from trustproof.inputs.terraform.snapshots.assignments import texts_of
from trustproof.inputs.terraform.snapshots.conditional_instances import with_value
from trustproof.inputs.terraform.snapshots.snapshot import Snapshot
from trustproof.inputs.terraform.values.instances import Instance
from trustproof.inputs.terraform.values.known_values import KnownValues
from trustproof.inputs.terraform.values.values import Value

#: Types of managed policies, to the arguments that are their ARN and what they say.
_POLICIES = {"aws_iam_policy": ("arn", "policy"), "awscc_iam_managed_policy": ("policy_arn", "policy_document")}


def with_policies_as_written(snapshot: Snapshot) -> Snapshot:
    """A plan in which a managed policy that it leaves as it is says what the plan writes there at another address."""
    before = {one.address: one for one in snapshot.replaced if one.type in _POLICIES}
    written: dict[str, Value] = {}
    for one in snapshot.instances if before else ():
        if one.address in before and one.existed:
            _, argument = _POLICIES[one.type]
            was = before[one.address]
            if _raw(was, argument) != _raw(one, argument) and argument in one.values:
                written |= dict.fromkeys(_arns(was), one.values[argument])
    if not written:
        return snapshot
    return snapshot._replace(instances=tuple(_as_written(snapshot, written, {*before})))


def _as_written(snapshot: Snapshot, written: dict[str, Value], changed: set[str]) -> Iterator[Instance]:
    """The instances of a plan, each with what is written by the ARN that it has."""
    for one in snapshot.instances:
        found = _arns(one) if one.type in _POLICIES and one.existed and one.address not in changed else ()
        text = next((written[arn] for arn in found if arn in written), None)
        yield one if text is None else with_value(one, _POLICIES[one.type][1], text)


def _arns(instance: Instance) -> tuple[str, ...]:
    return tuple(texts_of(instance, _POLICIES[instance.type][0]))


def _raw(instance: Instance, argument: str) -> object:
    return instance.values.raw(argument) if isinstance(instance.values, KnownValues) else None
