"""
The names that CloudFormation generates for what a template leaves without a name, as patterns.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-name.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from trustproof.model.names import CERTAIN, EXAMPLE_END, EXAMPLE_STACK
from trustproof.sets.patterns import Pattern, Wildcard, join

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_ALPHANUMERIC = _LETTERS + "0123456789"
_ONE, _RUN = Wildcard(_ALPHANUMERIC, False, False), Wildcard(_ALPHANUMERIC, False, True)
#: https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateStack.html
_STACK = join(Wildcard(_LETTERS, False, False), Wildcard(_ALPHANUMERIC + "-", False, True))


def generated_name(logical_id: str) -> Pattern:
    """Every name that a resource may get: that of its stack, its logical id, and a random text."""
    rest = (_RUN,) if len(logical_id) > CERTAIN else ()
    return join(_STACK, f"-{logical_id[:CERTAIN]}", *rest, "-", _ONE, _RUN)


def examples(shown: Iterable[str]) -> Iterator[str]:
    """Names that read well, of patterns as IAM would write them."""
    for text in shown:
        head, begun, tail = text.partition("?*-")
        name, ended, last = tail.rpartition("-?*")
        if begun and ended:
            yield f"{head}{EXAMPLE_STACK}-{name.replace('*', '')}-{EXAMPLE_END}{last}"
