"""
Names that a module does not declare, where not all of its files can be read.
"""

from __future__ import annotations

from trustproof.inputs.terraform.configuration.modules.modules import Module
from trustproof.inputs.terraform.configuration.values.work import NotKnown
from trustproof.inputs.terraform.values.values import UNSAID, Symbol


def not_declared(module: Module, name: str) -> Symbol:
    """
    What stands for a name that a module does not declare, as far as it is read: it has one value.

    Raises:
        NotKnown: all of the module is read.
    """
    if module.is_whole:
        raise NotKnown(f"{name} is not declared")
    # Where these are says the place; two sides of a comparison have the same reason.
    return Symbol(name, UNSAID, f"{name} is not declared in those files of the module that are read")
