"""
Modules that call themselves, by others or not: Terraform never ends with them, and refuses them.

https://github.com/hashicorp/terraform/issues/31557
"""

from __future__ import annotations

from collections.abc import Sequence

from trustproof.errors import InputError
from trustproof.inputs.terraform.configuration.module_values.module_values import ModuleValues
from trustproof.inputs.terraform.configuration.modules.modules import Module, source_of
from trustproof.inputs.terraform.configuration.syntax.blocks import Block
from trustproof.inputs.terraform.configuration.values.work import at_first_call
from trustproof.results.result import BUDGET

#: How many modules may call each other in a row.
MAX_CALLS = 20


def refuse_circle(caller: ModuleValues, name: str, call: Block, module: Module) -> None:
    """
    Refuse a call that leads to a module which it stands in, and one that stands in too many others.

    OpenTofu evaluates sources: a circle through one of those may end, and is followed as far as any other calls are.

    Args:
        caller: the module instance that calls.
        name: of the call, as it is shown.
        module: that is called.

    Raises:
        InputError: it is one of those.
    """
    place, depth = call.place, 1
    at: ModuleValues | None = caller
    calls: list[Block] = [call]
    while at is not None:
        if _is_same(at.module, module, calls):
            message = f"{name} calls itself: it is a call of {module.directory or '.'}, in which it stands"
            raise InputError(message, place.file, place.line, place.column)
        if at.caller is None:
            break
        calls.append(at.caller[1])
        at, depth = at.caller[0], depth + 1
    if depth > MAX_CALLS:
        message = f"{BUDGET}: calls of modules inside each other ({MAX_CALLS})"
        raise at_first_call(message, place, [one.place for one in calls[::-1]])


def _is_same(one: Module, other: Module, calls: Sequence[Block]) -> bool:
    """
    Whether calls from one module lead back to it, be it by a symbolic link.

    What is called from a link by the way upwards is next to the link, and may be something else each time.
    """
    sources = [source_of(call) for call in calls]
    if one is other:
        return None not in sources
    plain = all(source is not None and ".." not in source.replace("\\", "/").split("/") for source in sources)
    return plain and one.real_directory == other.real_directory
