"""
The names that CloudFormation generates for stacks and for what a template leaves without a name.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from trustproof.inputs.reader import Number
from trustproof.model.names import in_stack
from trustproof.model.text import NO_PRINCIPALS, STACK_NAME, UNIQUE, Symbolic, Text

#: What a stack is called where nobody says.
_STACK = "example-stack"

#: What a program makes up, so that it is no text that somebody has chosen.
_MADE_BY_PROGRAMS = (*NO_PRINCIPALS, UNIQUE)

#: The characters of the text that ends a generated name.
_RANDOM = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"

#: No name of a role is longer.
_MAX_NAME = 64

#: What is left of the names of stack and resource where the whole would be too long (assumed).
_SHORTENED = 24


def stack_name(known: str | None, number: Number) -> str:
    """
    The name of a stack; a made-up one is different for each template of a run.
    """
    if known is not None:
        return known
    return _STACK + ("".join(f"-{part}" for part in number) if any(number) else "")


def generated_names(stack: str, number: Number, arns: Iterable[Text]) -> dict[str, str]:
    """
    Logical ids to names as CloudFormation generates them: the names of stack and resource, and a random text. No two
    of a run get the same.

    Args:
        arns: of roles and managed policies; those that have a name of their own need none.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-name.html
    """
    out: dict[str, str] = {}
    for arn in arns:
        for logical_id in _generated(arn):
            unique = "".join(_digits(part) for part in (*number, len(out)))
            if not logical_id.isalnum():
                # A text that is not made of the names of stack and resource.
                out.setdefault(logical_id, f"EXAMPLE{unique}")
                continue
            name = f"{stack}-{logical_id}-EXAMPLE{unique}"
            if len(name) > _MAX_NAME:
                name = f"{stack[:_SHORTENED]}-{logical_id[:_SHORTENED]}-EXAMPLE{unique}"
            out.setdefault(logical_id, name)
    return out


def _generated(arn: Text) -> Iterator[str]:
    """The logical id whose name stands in an ARN; none where there is a name that the template gives."""
    for symbol in arn.symbols if isinstance(arn, Symbolic) else ():
        # What a custom resource says, or a name that cannot be read, may be any.
        if symbol.kind == "attribute" and symbol.holds in _MADE_BY_PROGRAMS and not in_stack(symbol.name)[0]:
            yield symbol.name


def names_in_chains(known: str | None, number: Number, arns: Iterable[Text]) -> dict[str, str]:
    """
    What stands, in role chains, for the name of a template's stack, and for names that CloudFormation generates.

    Args:
        known: the name of the stack; None where nobody says it.
        arns: of what others may speak of.
    """
    stack = stack_name(known, number)
    return {STACK_NAME: stack, **generated_names(stack, number, arns)}


def _digits(number: int) -> str:
    """A number in letters and digits, two of them at least."""
    more, last = divmod(number, len(_RANDOM))
    return (_digits(more) if more >= len(_RANDOM) else _RANDOM[more]) + _RANDOM[last]
