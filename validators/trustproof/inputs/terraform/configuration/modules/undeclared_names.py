"""
Names that a module does not declare: a mistake, or in a file that cannot be read, or that another tool writes.
"""

from __future__ import annotations

from difflib import get_close_matches

from trustproof.inputs.terraform.configuration.modules.modules import Module
from trustproof.inputs.terraform.values.values import UNSAID, Symbol

#: How like a declared name one is that was meant to be it, of one that is the same 1.
_ALIKE = 0.75


def not_declared(module: Module, name: str) -> Symbol:
    """
    What stands for a name that a module does not declare, as far as it is read: it has one value, and nobody who gives
    it one by that name on the command line.
    """
    if module.is_whole:
        return Symbol(name, UNSAID, f"{name} is not declared, and Terraform refuses that{_nearest(module, name)}")
    # Where these are says the place; two sides of a comparison have the same reason.
    return Symbol(name, UNSAID, f"{name} is not declared in those files of the module that are read")


def _nearest(module: Module, name: str) -> str:
    """What a name that is not declared may have been meant to be, as a question; empty where nothing is like it."""
    declared = (
        *module.resources,
        *(f"local.{one}" for one in module.locals),
        *(f"var.{one}" for one in module.variables),
    )
    near = get_close_matches(name, [*map(str, declared)], 1, _ALIKE)
    return f"; did you mean {near[0]}?" if near else ""
