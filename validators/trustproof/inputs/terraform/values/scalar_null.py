"""
Null of which it is known what type it has.

https://developer.hashicorp.com/terraform/language/expressions/types#null
"""

from __future__ import annotations

from trustproof.inputs.terraform.values.place import Place
from trustproof.inputs.terraform.values.values import Known


class ScalarNull(Known):
    """
    Null as a text, number or truth value has it: Terraform takes it next to any of these.
    """

    __slots__ = ()

    def __init__(self, place: Place | None = None, sensitive: bool = False) -> None:
        super().__init__(None, place, sensitive)


class WrittenNull(ScalarNull):
    """
    Null as it is written in a call of a function: Terraform takes it for null of whatever type is wanted there.
    """

    __slots__ = ()
