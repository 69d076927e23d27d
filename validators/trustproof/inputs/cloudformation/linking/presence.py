"""
When a resource of a template is there, and with it the stack that it makes: as others see it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from trustproof.inputs.cloudformation.evaluation.section.loop_collections import when_made
from trustproof.inputs.cloudformation.evaluation.stacks.passed_values import DeploymentValue
from trustproof.inputs.cloudformation.evaluation.stacks.refused_values import demands
from trustproof.inputs.cloudformation.evaluation.stacks.stack_conditions import may_be_there
from trustproof.inputs.cloudformation.linking.relocation import Relocation
from trustproof.inputs.cloudformation.template import Template
from trustproof.inputs.cloudformation.values.catalogue import STACK_SET
from trustproof.inputs.cloudformation.values.fault import UndeterminedGuards
from trustproof.inputs.cloudformation.values.presence import NOT_KNOWN, Presence
from trustproof.model.policy import Guard


def conditions_of(template: Template, renaming: Relocation, logical_id: str) -> Iterator[object]:
    """The conditions under which a resource of a template is there, as expressions with the names that others use."""
    condition = template.environment.resources[logical_id].get("Condition")
    if isinstance(condition, str):
        yield {"Condition": renaming.condition(condition)}
    yield from _made_by_loops(template, renaming, logical_id)


def _made_by_loops(template: Template, renaming: Relocation, logical_id: str) -> Iterator[object]:
    """When the loops around a resource make it; nothing where they always do, or none is around it."""
    if ways := when_made(template.resolver, logical_id):
        yield renaming.expression({"Fn::Or": ways})


def presence(
    template: Template,
    logical_id: str,
    reading: DeploymentValue,
    open_: str = "",
    content: Mapping[str, object] | None = None,
) -> Presence:
    """
    When a stack is there that a resource of a template makes.

    Args:
        reading: where the resource makes the stack of the template that is meant.
        open_: what else decides and nobody knows, as a clause to follow ``whether``; empty where nothing does.
        content: the template of the stack, where it is not made with what that refuses to be passed.
    """
    resource = template.environment.resources[logical_id]
    renaming = Relocation(template, template.stack, None, is_elsewhere=resource.get("Type") == STACK_SET)
    condition = resource.get("Condition")
    if isinstance(condition, str) and _always(template, Guard(condition, True)):
        found = [*_made_by_loops(template, renaming, logical_id)]
    else:
        found = [*conditions_of(template, renaming, logical_id)]
    found += [renaming.expression(one) for one in _chosen(template, reading, condition)]
    found += [renaming.expression(one) for _, one in demands(template.environment, logical_id, content or {})]
    if open_:
        found.append(_open(open_))
    around = template.origin.deployment.presence
    both = around.linked_values.joined(renaming.linked_values())
    return Presence(tuple(_once((*around.conditions, *found))), both)


def may_be_made(template: Template) -> bool:
    """
    Whether some deployment of the stacks around a stack has it, and passes it what CloudFormation does not refuse; so
    it is taken where that is not decided.
    """
    demanded = template.origin.deployment.presence.demanded()
    if not demanded.requirements:
        return True
    around = template.relinked(demanded.seen_in(template.stack))
    is_refused = bool(around.environment.refused) and not around.origin.deployment.is_in_stack_set
    return not is_refused and may_be_there(around.resolver)


def _chosen(template: Template, reading: DeploymentValue, own: object) -> Iterator[object]:
    """The conditions and values of parameters of a reading, besides the condition of the resource itself."""
    for guard in reading.guards:
        if isinstance(guard.value, bool):
            if (guard.name, guard.value) == (own, True) or _always(template, guard):
                continue
            holds = {"Condition": guard.name}
            yield holds if guard.value else {"Fn::Not": [holds]}
        else:
            yield {"Fn::Equals": [{"Ref": guard.name}, guard.value]}
    for name, value in reading.resolver.values.items():
        parameter = template.environment.parameters.get(name)
        if parameter is None or name in template.resolver.values:
            continue
        if parameter.is_list or parameter.is_ssm:
            yield _open(f"{name} is {value}")
        else:
            yield {"Fn::Equals": [{"Ref": name}, value]}


def _always(template: Template, guard: Guard) -> bool:
    """Whether a condition is the same in every deployment."""
    try:
        return template.assignments.satisfy((guard._replace(value=not guard.value),)) is None
    except UndeterminedGuards:
        return False


def _open(clause: str) -> object:
    """A condition of which nobody can say whether it holds."""
    return {"Condition": f"{NOT_KNOWN}{clause}"}


def _once(conditions: Sequence[object]) -> Iterator[object]:
    seen: list[object] = []
    for condition in conditions:
        if condition not in seen:
            seen.append(condition)
            yield condition
