"""
Values that the CDK asks for when it synthesizes, when everything that they depend on is there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import jsii


def lazily(produce: Callable[[], Any]) -> Any:
    """
    A value for the property of a resource that is made anew in every synthesis.

    Args:
        produce: makes the value; what it raises fails the synthesis.
    """
    return cdk.Lazy.any(_Produced(produce))


@jsii.implements(cdk.IStableAnyProducer)
class _Produced:
    """What the CDK calls."""

    def __init__(self, produce: Callable[[], Any]) -> None:
        self._produce = produce

    def produce(self) -> Any:
        return self._produce()
