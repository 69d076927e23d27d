"""
Inputs that ask for more than a program can do.
"""

from __future__ import annotations

from trustproof.errors import InputError
from trustproof.inputs.grammar.values import Unreadable
from trustproof.inputs.text.json import TOO_DEEP
from trustproof.results.result import BUDGET

#: What is raised where a template asks for more than a program can do: more than its stack, its memory, or a budget.
OUT_OF_REACH = (RecursionError, MemoryError, Unreadable)


def refusal(error: BaseException, file: str) -> InputError:
    """The error to report for a file on which one of `OUT_OF_REACH` was raised."""
    if isinstance(error, RecursionError):
        return InputError(f"{BUDGET}: {TOO_DEEP}", file)
    if isinstance(error, MemoryError):
        return InputError(f"{BUDGET}: there is not enough memory for it", file)
    return InputError(str(error), file)
