"""
Functions of the aws provider, which its documentation calls pure: they take ARNs apart and put them together.

https://registry.terraform.io/providers/hashicorp/aws/latest/docs/functions/arn_build
"""

from __future__ import annotations

from collections.abc import Sequence

from trustproof.inputs.terraform.configuration.evaluation.functions import arns
from trustproof.inputs.terraform.configuration.evaluation.functions.registry import (
    FUNCTIONS,
    Context,
    function,
    is_null,
    of_known,
)
from trustproof.inputs.terraform.configuration.values import convert
from trustproof.inputs.terraform.configuration.values.work import Fault
from trustproof.inputs.terraform.values.values import Items, Known, Value

_PROVIDER = "provider::aws::"
#: What stands between the colons of an ARN, behind ``arn``.
_PARTS = ("partition", "service", "region", "account_id", "resource")
_ROLE = "role/"


@function(5, 5, f"{_PROVIDER}arn_build")
def arn_build(context: Context, arguments: Sequence[Value]) -> Value:
    if any(map(is_null, arguments)):
        raise Fault("a part of the ARN is null")
    colon, start = Known(":", context.place), Known("arn", context.place)
    return FUNCTIONS["join"](context, [colon, Items((start, *arguments), False, context.place)])


@function(1, 1, f"{_PROVIDER}arn_parse")
def arn_parse(context: Context, arguments: Sequence[Value]) -> Value:
    if (found := arns.parsed(convert.text(arguments[0]), context.place)) is not None:
        return found
    try:
        return convert.value_of(_parsed(str(convert.plain(convert.text(arguments[0])))), context.place)
    except ValueError as error:
        raise Fault(str(error)) from None


@of_known("text", f"{_PROVIDER}trim_iam_role_path")
def trim_iam_role_path(arn: str) -> str:
    parts = _parsed(arn)
    if parts["service"] != "iam" or parts["region"] or not parts["resource"].startswith(_ROLE):
        raise ValueError("it is not the ARN of a role")
    return ":".join(("arn", *(parts | {"resource": _ROLE + parts["resource"].rpartition("/")[2]}).values()))


@of_known("text text text", f"{_PROVIDER}user_agent")
def user_agent(name: str, version: str, comment: str) -> str:
    if not name:
        raise ValueError("the name of the product is empty")
    return name + (f"/{version}" if version else "") + (f" ({comment})" if comment else "")


def _parsed(arn: str) -> dict[str, str]:
    parts = arn.split(":", len(_PARTS))
    if parts[0] != "arn" or len(parts) != len(_PARTS) + 1:
        raise ValueError("it is no ARN")
    return dict(zip(_PARTS, parts[1:], strict=True))
