"""
Lists that conditions decide between, as one list of items that are there where a condition holds.

https://developer.hashicorp.com/terraform/language/expressions/conditionals
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from trustproof.inputs.terraform.configuration.evaluation.access import NoKey
from trustproof.inputs.terraform.configuration.evaluation.expansion import cases, together
from trustproof.inputs.terraform.configuration.values import convert
from trustproof.inputs.terraform.values.conditions import AllOf, Condition
from trustproof.inputs.terraform.values.several_items import Several
from trustproof.inputs.terraform.values.unordered_items import listed
from trustproof.inputs.terraform.values.values import Choice, Items, Maybe, Rest, Value


def optional_items(choice: Choice, as_list: Callable[[Value], Items]) -> Items | None:
    """
    The items of lists of which one is there, as conditions decide: those that all of them begin with, and each other
    one where the conditions of its list hold. None where there are too many lists.

    Args:
        as_list: makes a list of what is there in one case.

    Raises:
        Fault: there is no list in one case.
    """
    if convert.outcomes(choice) > convert.MAX_OUTCOMES:
        return None
    # Terraform refuses an object's key that is not there.
    lists = [(conditions, as_list(one)) for conditions, one in cases(choice) if not isinstance(one, NoKey)]
    shared = _shared_beginning([one.items for _, one in lists])
    found = [*lists[0][1].items[:shared]] if lists else []
    for conditions, one in lists:
        found += [where(conditions, item, choice) for item in one.items[shared:]]
    return listed(found, all(convert.is_ordered(one) for _, one in lists), choice.place, choice.sensitive)


def where(conditions: tuple[Condition, ...], item: Value, of: Value) -> Rest:
    """
    An item that is there where conditions hold. One that stands for any number of items of which nothing is known does
    so in any case.

    Args:
        of: what is not known of the list where nobody looks at the conditions.
    """
    if isinstance(item, Maybe):
        return where((*conditions, item.condition), item.value, of)
    if isinstance(item, Several):
        condition = together(*conditions, item.condition)
        return Several(item.one, condition, of, item.place)
    if isinstance(item, Rest):
        return item
    condition = conditions[0] if len(conditions) == 1 else AllOf(conditions)
    return Maybe(condition, item, of, item.place, of.sensitive)


def _shared_beginning(lists: Sequence[Sequence[Value]]) -> int:
    """How many items all lists begin with: the same ones, and not others that are alike."""
    shared = 0
    for items in zip(*lists, strict=False):
        if isinstance(items[0], Rest) or any(item is not items[0] for item in items):
            break
        shared += 1
    return shared
