"""
What variables demand of their values, where it is known whether they get it.

https://developer.hashicorp.com/terraform/language/values/variables#custom-validation-rules
"""

from __future__ import annotations

from trustproof.errors import InputError
from trustproof.inputs.terraform.configuration.blocks import Block
from trustproof.inputs.terraform.configuration.module_values import ModuleValues
from trustproof.inputs.terraform.values import Known, Value


def check_variables(module: ModuleValues) -> None:
    """
    See that the variables of a module have values that they admit, as far as those are known.

    Raises:
        InputError: one has another value, which Terraform would refuse.
    """
    for name, block in module.module.variables.items():
        value = module.variable(name)
        for validation in block.body.blocks("validation"):
            condition = validation.body.argument("condition")
            found = module.evaluator.value(condition.expression, {}) if condition is not None else None
            if isinstance(found, Known) and found.value is False:
                _refuse(module, name, block, validation, value)


def _refuse(module: ModuleValues, name: str, block: Block, validation: Block, value: Value) -> None:
    argument = validation.body.argument("error_message")
    message = module.evaluator.value(argument.expression, {}) if argument is not None else None
    said = message.value if isinstance(message, Known) and not message.sensitive else None
    why = f": {said.rstrip('.')}" if isinstance(said, str) and not value.sensitive else ""
    place = value.place or block.place
    called = f"{module.address}{name}"
    message_ = f"the value of the variable {called} is not one that it admits{why}"
    raise InputError(message_, place.file, place.line, place.column)
