"""
That a service comes to something of a configuration, and for what of it.
"""

from __future__ import annotations

from typing import NamedTuple

from trustproof.inputs.terraform.values.values import Value


class ServiceUse(NamedTuple):
    """
    What a service comes to, and for what.
    """

    service: str
    #: An expression of a template for the ARN of what it comes to.
    target: object
    #: The ARN of what it comes for, where that is a value.
    source: Value | None
    #: The resource that is named.
    name: str
    #: What follows the ARN of what it comes for: of an API, it comes for whatever is below.
    suffix: str = ""
