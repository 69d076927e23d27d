"""
What the changes of a plan have to be: one that Terraform did not write may say less than it seems to.

https://developer.hashicorp.com/terraform/internals/json-format#change-representation
"""

from __future__ import annotations

from collections.abc import Mapping

from trustproof.errors import InputError
from trustproof.inputs.terraform.snapshots.detect import object_of, shown, text
from trustproof.inputs.terraform.types.types_of_aws import OF_AWS

#: What is said of values before and behind: an object for each argument, or one truth value for all of them.
_MARKS = ("after_unknown", "before_sensitive", "after_sensitive")


def check_change(resource: Mapping[str, object], address: str, file: str) -> None:
    """
    See that the change of a resource has the types that Terraform gives it, and does not contradict itself.

    Raises:
        InputError: it has others, or a value that is not known is there.
    """
    type_ = text(resource.get("type"), f"the type of {address}", file)
    what = f"the change of {address}"
    change = object_of(resource.get("change"), what, file)
    actions = change.get("actions")
    if actions is not None and not (isinstance(actions, list) and all(isinstance(one, str) for one in actions)):
        raise InputError(f"actions in {what} is {shown(actions)}, expected a list of texts", file)
    before, after = (change.get(name) for name in ("before", "after"))
    if not type_.startswith(OF_AWS):
        return
    for name, values in (("before", before), ("after", after)):
        object_of(values, f"{name} in {what}", file)
    for name in _MARKS:
        if not isinstance(change.get(name), bool):
            object_of(change.get(name), f"{name} in {what}", file)
    if (known := _known(after, change.get("after_unknown"))) is not None:
        where = f"{address}{known} is known in after and unknown in after_unknown"
        raise InputError(f"the plan contradicts itself: {where}", file)


def _known(value: object, unknown: object) -> str | None:
    """Where in a value something is that is said to be unknown, as steps behind its address; None where nothing is."""
    if value is None:
        return None
    if unknown is True:
        return ""
    if isinstance(value, Mapping) and isinstance(unknown, Mapping):
        steps = ((f".{name}", value.get(name), mark) for name, mark in unknown.items())
    elif isinstance(value, list) and isinstance(unknown, list):
        steps = ((f"[{at}]", *pair) for at, pair in enumerate(zip(value, unknown, strict=False)))
    else:
        return None
    found = (f"{step}{inner}" for step, part, mark in steps if (inner := _known(part, mark)) is not None)
    return next(found, None)
