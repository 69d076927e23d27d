"""
Null of which it is known that it is no list and no object.

https://developer.hashicorp.com/terraform/language/expressions/types#null
"""

from __future__ import annotations

from trustproof.inputs.terraform.values import Known, Place


class ScalarNull(Known):
    """
    Null as a text, number or truth value has it, or as it is written: Terraform takes it next to any of these.
    """

    __slots__ = ()

    def __init__(self, place: Place | None = None, sensitive: bool = False) -> None:
        super().__init__(None, place, sensitive)
