"""
Resources of types that are not known here, and what in them looks like a policy: nobody has looked into it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from trustproof.inputs.cloudformation.resources.access.granting_calls import called_by_definition
from trustproof.inputs.cloudformation.resources.unread.unknown_types import DENIES_ALL, holds_policy
from trustproof.inputs.terraform.lowering.lowering import Lowering
from trustproof.inputs.terraform.types.table import is_like_policy, is_unread
from trustproof.inputs.terraform.values.instances import Instance, Note
from trustproof.inputs.terraform.values.known_values import KnownValues
from trustproof.inputs.terraform.values.values import Fields, Items, Known, Value

#: Types that others refer to, whose definitions call actions of AWS's with what these are given.
CALLING = ("aws_scheduler_schedule", "aws_sfn_state_machine")
#: All types with such definitions, to the arguments that have them.
_DEFINING: Mapping[str, str] = {
    **dict(zip(CALLING, ("target", "definition"), strict=True)),
    "aws_ssm_document": "content",
}
#: What attaches a managed policy when a budget is exceeded, by a block with the policy in it.
_ATTACHING, _DEFINITION, _ATTACHED, _POLICY = (
    "aws_budgets_budget_action",
    "definition",
    "iam_action_definition",
    "policy_arn",
)
#: How many parts of one resource are looked at: a policy stands where a type has it, and not far down in a list.
_MOST = 10_000
#: What a statement has besides its effect, as JSON calls it, and as blocks of Terraform's do.
_SAYS_WHAT = frozenset(
    f"{opposite}{name}" for name in ("action", "actions", "principal", "principals") for opposite in ("", "not", "not_")
)


def name_policy(made: Lowering, instance: Instance) -> None:
    """Say of a resource of a type that is not known that it may have a policy, and where."""
    if not is_unread(instance.type):
        return
    values = instance.values
    reason = ""
    if found := _unread_policy(values) or _holds_policy(values):
        reason = f"may have a policy in {found}, and is of a type that is not known here, {instance.type}"
    elif (called := called_by_definition([*_said(values.get(_DEFINING.get(instance.type, "")))])) is not None:
        reason = f"calls {called} when it runs, which may change who has access"
    elif instance.type == _ATTACHING and _attaches(values.get(_DEFINITION)):
        reason = "attaches a policy when a budget is exceeded"
    if reason:
        given = values.given if isinstance(values, KnownValues) else ""
        made.notes.append(Note(instance.address, reason, instance.place, is_left_out=True, given=given))


def _said(value: Value | None) -> Iterator[str]:
    """The texts of a value in their order, and beside those of an object their names."""
    waiting = [] if value is None else [value]
    for _ in range(_MOST):
        if not waiting:
            return
        one = waiting.pop()
        if isinstance(one, Known) and isinstance(one.value, str):
            yield one.value
        elif isinstance(one, Fields):
            for name, inner in one.by_key.items():
                if isinstance(inner, Known) and isinstance(inner.value, str):
                    yield f"\n{name}: {inner.value}\n"
        waiting += reversed([*one.parts()])


def _attaches(value: Value | None) -> bool:
    """Whether what an action of a budget does may attach a policy that allows something."""
    if isinstance(value, Items):
        return any(map(_attaches, value.items))
    if not isinstance(value, Fields):
        return value is not None and not (isinstance(value, Known) and value.value is None)
    attached = value.by_key.get(_ATTACHED)
    if attached is None:
        return any(not isinstance(entry.key, Known) for entry in value.entries)
    policies = [one.by_key.get(_POLICY) for one in attached.parts() if isinstance(one, Fields)]
    if isinstance(attached, Items) and len(policies) == len(attached.items):
        return not all(isinstance(one, Known) and str(one.value).endswith(DENIES_ALL) for one in policies)
    return not (isinstance(attached, Known) and attached.value is None)


def _unread_policy(values: Mapping[str, Value]) -> str:
    """The argument that is called like a policy and may be one; empty where there is none."""
    if isinstance(values, KnownValues):
        return next((name for name, value in values.unknown.items() if value is True and is_like_policy(name)), "")
    # A block that is called a policy, and nothing else, may be one whose statements are blocks too.
    names = (name for name in values if is_like_policy(name))
    return next(
        (name for name in names if _may_be_policy(values[name]) or _is_policy_of_blocks(name, values[name])), ""
    )


def _may_be_policy(value: Value) -> bool:
    """
    Whether a value that is called like a policy may be one: what is known tells, and a block, like the
    ``weighted_routing_policy`` of a record, is one where it has an argument that is called so too.
    """
    if isinstance(value, Known):
        return isinstance(value.value, str) and "Statement" in value.value
    if isinstance(value, Fields):
        return any(
            not isinstance(key, Known) or (is_like_policy(str(key.value)) and _may_be_policy(inner))
            for key, inner in value.entries
        )
    return not isinstance(value, Items) or any(map(_may_be_policy, value.items))


def _is_policy_of_blocks(name: str, value: Value) -> bool:
    return name == "policy" and isinstance(value, (Fields, Items))


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
        return ('"Statement"' in text and '"Effect"' in text) or holds_policy(text)
    if not isinstance(value, Fields):
        return False
    names = {str(entry.key.value) for entry in value.entries if isinstance(entry.key, Known)}
    # Statements may stand in no policy: in a list of JSON, or each in a block of its own.
    said = {name.lower() for name in names}
    return "Statement" in names or ("effect" in said and not said.isdisjoint(_SAYS_WHAT))
