"""
The inline policies that a role has by blocks of its own.

https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/iam_role#inline_policy
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from trustproof.inputs.terraform.lowering.expressions import ABSENT, lower_value, unknown_policy
from trustproof.inputs.terraform.lowering.lowering import Lowering, Root
from trustproof.inputs.terraform.resources.computed_values import is_old_inline_policy
from trustproof.inputs.terraform.values.instances import Instance, Note
from trustproof.inputs.terraform.values.known_values import KnownValues
from trustproof.inputs.terraform.values.several_items import Several
from trustproof.inputs.terraform.values.values import Choice, Fields, Items, Known, Maybe, Rest, Unknown, Value
from trustproof.model.policy import Path


def inline_policies(made: Lowering, instance: Instance) -> list[object]:
    """The ``inline_policy`` blocks of a role; those that only show what other resources have set are left out."""
    value = made.value(instance, "inline_policy")
    return [] if value is None else _inline_policies(made, instance, value, 0, lambda entry: entry, ())


def _inline_policies(
    made: Lowering, instance: Instance, value: Value, start: int, where: Callable[[object], object], inside: Path
) -> list[object]:
    """
    The inline policies of a role.

    Args:
        value: of ``inline_policy``.
        start: how many there are already.
        where: gives one as it is there only in some deployments.
        inside: the steps that lead to a policy in what `where` gives.
    """
    if isinstance(value, Choice):
        name = made.condition(value.condition)
        nothing = {"Ref": "AWS::NoValue"}
        both: list[object] = []
        for index, side in ((1, value.then), (2, value.otherwise)):

            def there(entry: object, index: int = index) -> object:
                return where({"Fn::If": [name, *((entry, nothing) if index == 1 else (nothing, entry))]})

            steps = (*inside, "Fn::If", index)
            both += _inline_policies(made, instance, side, start + len(both), there, steps)
        return both
    if isinstance(value, Unknown):
        return [where({"PolicyDocument": unknown_policy(made.why(instance, "inline_policy", value))})]
    found: list[object] = []
    computed = isinstance(instance.values, KnownValues) and instance.values.is_computed("inline_policy")
    for number, block in enumerate(value.items if isinstance(value, Items) else ()):
        here, path_inside = where, inside
        if isinstance(block, Several) and block.condition is None:
            block = block.one
        if isinstance(block, (Maybe, Several)) and block.condition is not None:
            name = made.condition(block.condition)

            def here(entry: object, name: str = name) -> object:
                return where({"Fn::If": [name, entry, {"Ref": "AWS::NoValue"}]})

            one = block.one if isinstance(block, Several) else block.value
            block, path_inside = one, (*inside, "Fn::If", 1)
        if isinstance(block, Rest):
            what = block.of.shown if isinstance(block.of, Unknown) else "a value"
            reason = f"a policy for each of {what}, {block.budget or 'which is not known'}"
            found.append(where({"PolicyDocument": unknown_policy(reason)}))
        if not isinstance(block, Fields):
            continue
        place = ("inline_policy", number, "policy")
        document = policy_of_role(made, instance, place, block.by_key.get("policy"))
        if document is ABSENT:
            continue
        called = block.by_key.get("name")
        entry: dict[str, object] = {"PolicyDocument": document}
        if called is not None and not (isinstance(called, Known) and called.value is None):
            entry["PolicyName"] = lower_value(called, made)
        if _may_show(instance) and _is_shown_twice(made, instance, entry):
            continue
        if computed:
            _not_set(made, instance, f"inline_policy {entry.get('PolicyName', number)}")
        path = ("Policies", start + len(found), *path_inside, "PolicyDocument")
        made.roots[instance.address, path] = Root(instance.address, place, block.by_key["policy"])
        found.append(here(entry))
    return found


def policy_of_role(made: Lowering, instance: Instance, place: Path, value: Value | None) -> object:
    """A policy of a role: of one that nobody knows it is known all the same that it lets nobody into the role."""
    if isinstance(value, Unknown) and not isinstance(value, Choice):
        return unknown_policy(made.why(instance, str(place[0]), value))
    return made.policy(instance, place, value)


def _may_show(instance: Instance) -> bool:
    """Whether a role may show inline policies that other resources have set: in a state, and where it sets none."""
    return isinstance(instance.values, KnownValues) and not instance.values.sets("inline_policy")


def _is_shown_twice(made: Lowering, instance: Instance, entry: Mapping[str, object]) -> bool:
    """Whether a resource of its own has set an inline policy of a role, or had before the plan."""
    if is_old_inline_policy(made, instance, entry.get("PolicyName")):
        return True
    for other in made.having("aws_iam_role_policy", "role", made.known(instance, "name")):
        if made.text(other, "name") == entry.get("PolicyName"):
            return made.policy(other, ("policy",), made.value(other, "policy")) == entry["PolicyDocument"]
    return False


def _not_set(made: Lowering, instance: Instance, what: str) -> None:
    made.notes.append(Note(instance.address, f"the {what} is judged, and not set by the configuration"))
