"""
What a template says of one resource, with the values of its deployed stack.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from trustproof.sandbox.cloudformation.functions import NO_VALUE, Evaluator


class ResourceProperties(Mapping[str, Any]):
    """
    The properties of a resource, each evaluated when it is asked for: what nobody asks for need not be known.

    Args:
        given: as the template has them.
        evaluator: of the stack.
    """

    def __init__(self, given: Mapping[str, Any], evaluator: Evaluator) -> None:
        self.given = given
        self.evaluator = evaluator

    def __getitem__(self, name: str) -> Any:
        found = self.evaluator.resolve(self.given[name])
        if found is NO_VALUE:
            raise KeyError(name)
        return found

    def __iter__(self) -> Iterator[str]:
        return (name for name in self.given if name in self)

    def __len__(self) -> int:
        return sum(1 for _ in self)
