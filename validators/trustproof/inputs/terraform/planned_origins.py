"""
What values are made of that a plan does not know, as far as its configuration says: constants, and the names of what
expressions refer to.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping

from trustproof.inputs.terraform.instances import KEEP_NAMES, KEY_PATTERN, without_keys
from trustproof.inputs.terraform.plan import Plan

#: An argument in the name of a value: ``module.a["k"].aws_lambda_permission.b[0].source_arn``.
_ARGUMENT = re.compile(
    rf"(?P<block>(?:module\.[\w-]+{KEY_PATTERN}\.)*(?:data\.)?[A-Za-z_]\w*\.[\w-]+){KEY_PATTERN}(?:\.(?P<argument>\w+))?"
)


def made_of(plan: Plan, name: str) -> str:
    """
    What a value is made of that has a name because a plan does not know it, and what that is made of: equal where two
    plans make it alike, as far as these say it; empty where the name says all.

    Args:
        name: such as ``aws_lambda_permission.p.source_arn``.
    """
    found: dict[str, str] = {}
    waiting = [(without_keys(one["block"]), one["argument"] or "") for one in _ARGUMENT.finditer(name)]
    while waiting:
        block, argument = waiting.pop()
        called = f"{block}.{argument}" if argument else block
        if called not in found:
            said, prefix = _said(plan, block, argument)
            found[called] = json.dumps(said, sort_keys=True, ensure_ascii=False, default=repr) if said else ""
            waiting += _referred_to(said, prefix)
    return "\n".join(f"{called}: {said}" for called, said in sorted(found.items()) if said)


def _said(plan: Plan, block: str, argument: str) -> tuple[object, str]:
    """What makes an argument, output or variable, and the address of the module in which its references are read."""
    configured = plan.configured
    *modules, type_, name = block.split(".")
    if modules and modules[-1] == "data":
        modules, type_ = modules[:-1], f"data.{type_}"
    prefix = "".join(f"{step}." for step in modules)
    if type_ == "var":
        if not prefix:
            return repr(plan.variable(name)), ""
        call = prefix[:-1]
        return configured.others.get(call, {}).get(name), call[: call.rfind("module.")]
    if type_ == "module":
        return configured.others.get(f"{block}.output.{argument}"), f"{block}."
    expressions = configured.expressions.get(block)
    if expressions is None:
        return None, prefix
    if type_.startswith(KEEP_NAMES):
        # What AWS gives it says its name; what it is given has a name that says no more than that.
        return expressions.get(argument), prefix
    return expressions, prefix


def _referred_to(said: object, prefix: str) -> Iterator[tuple[str, str]]:
    if isinstance(said, list):
        for item in said:
            yield from _referred_to(item, prefix)
    elif isinstance(said, Mapping):
        for key, value in said.items():
            if key == "references" and isinstance(value, list):
                for reference in value:
                    found = _ARGUMENT.match(reference) if isinstance(reference, str) else None
                    if found is not None:
                        yield prefix + without_keys(found["block"]), found["argument"] or ""
            else:
                yield from _referred_to(value, prefix)
