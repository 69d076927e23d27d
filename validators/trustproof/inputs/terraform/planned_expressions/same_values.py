"""
Whether what a plan knows of a value may be what its configuration makes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from trustproof.inputs.terraform.configuration.values import convert
from trustproof.inputs.terraform.configuration.values.work import Fault
from trustproof.inputs.terraform.values.values import Fields, Items, JsonText, Known, Rest, Text, Value

#: Up to so many items of a set are looked for among those of the other.
_MOST_ITEMS = 100


def difference(name: str, planned: Value, written: Value) -> str:
    """
    The first difference between what is known of an argument on both sides, a clause; empty where they may be the same.

    Args:
        name: of the argument.
    """
    if isinstance(planned, Items) and isinstance(written, Items):
        return _in_items(name, planned.items, written.items)
    if isinstance(planned, Fields) and isinstance(written, Fields):
        for key, value in written.by_key.items():
            there = planned.by_key.get(key)
            found = difference(key, there, value) if there is not None else ""
            if found:
                return f"{name}: {found}"
        return ""
    return "" if _may_be_same(planned, written) else f"{name} has another value"


def is_same_policy(known: str, written: Value) -> bool:
    """
    Whether a policy that a plan knows may be what the configuration makes: what is known of both is the same, as far as
    that says anything to the provider, which keeps what AWS has made of a policy.
    """
    try:
        found = convert.plain(written.of if isinstance(written, JsonText) else written)
        document = json.loads(found) if isinstance(found, str) else found
        return bool(_normal(json.loads(known)) == _normal(document))
    except Fault:
        return True
    except ValueError:
        return isinstance(written, Known) and written.value == known


def _in_items(name: str, planned: Sequence[Value], written: Sequence[Value]) -> str:
    """The first difference between lists or sets: order says nothing but in a list of blocks of one length."""
    if any(isinstance(item, Rest) for item in (*planned, *written)) or max(len(planned), len(written)) > _MOST_ITEMS:
        return ""
    if name == "statement" or len(planned) == len(written) == 1:
        if len(planned) != len(written):
            return f"there are {len(written)} blocks {name} in the configuration, and {len(planned)} in the plan"
        clauses = (_item(name, one, other) for one, other in zip(planned, written, strict=True))
        return next(filter(None, clauses), "")
    is_found = all(any(not _item(name, one, other) for other in written) for one in planned)
    is_planned = all(any(not _item(name, one, other) for one in planned) for other in written)
    return "" if is_found and is_planned else f"{name} has another value"


def _item(name: str, planned: Value, written: Value) -> str:
    # A plan has null for an item that is not known.
    return "" if isinstance(planned, Known) and planned.value is None else difference(name, planned, written)


def _may_be_same(planned: Value, written: Value) -> bool:
    if not isinstance(planned, (Known, Items, Fields)):
        return True
    if isinstance(planned, Known) and isinstance(planned.value, str) and isinstance(written, (JsonText, Text)):
        return is_same_policy(planned.value, written)
    if isinstance(planned, Known) and isinstance(written, Known):
        return _text(planned) == _text(written) or (
            isinstance(planned.value, str) and planned.value[:1] == "{" and is_same_policy(planned.value, written)
        )
    if not isinstance(written, (Known, Items, Fields)):
        return True
    # One of the two is not set, or is empty.
    return _is_empty(planned) and _is_empty(written)


def _is_empty(value: Value) -> bool:
    if isinstance(value, Known):
        return not _text(value)
    return all(isinstance(part, Rest) for part in value.parts())


def _text(value: Known) -> str:
    """A simple value in whatever type the provider wants it."""
    if value.value is None:
        return ""
    return str(value.value).lower() if isinstance(value.value, bool) else str(value.value)


def _normal(value: object) -> object:
    """A part of a policy without what makes no difference: https://github.com/hashicorp/awspolicyequivalence"""
    if isinstance(value, dict):
        # The url of an OIDC provider, of which keys are made, has a scheme only until the provider is made.
        return {key.removeprefix("https://"): _normal(inner) for key, inner in value.items() if inner not in ("", None)}
    if isinstance(value, list):
        items = [_normal(item) for item in value]
        return items[0] if len(items) == 1 else sorted(items, key=repr)
    if isinstance(value, bool):
        return "true" if value else "false"
    text = str(value)
    root = re.fullmatch(r"arn:aws[\w-]*:iam::(\d{12}):root", text)
    return text if root is None else root[1]
