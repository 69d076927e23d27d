"""
What validations demand of the text of a variable: a regular expression.
"""

from __future__ import annotations

import re

from trustproof.inputs.terraform.configuration.syntax.blocks import Block
from trustproof.inputs.terraform.configuration.syntax.expressions import Call, Expression, Literal, Operation
from trustproof.inputs.terraform.configuration.values.validated_lengths import is_variable


def pattern_of(name: str, block: Block) -> str | None:
    """A regular expression that the validations of a variable demand of it, as a whole; None where none is read."""
    for validation in block.body.blocks("validation"):
        condition = validation.body.argument("condition")
        found = _pattern(condition.expression, name) if condition is not None else None
        if found is not None:
            return found
    return None


def _pattern(expression: Expression, name: str) -> str | None:
    """
    The regular expression that a value has to match as a whole: of ``can(regex("^…$", var.x))``, ``startswith`` and
    ``endswith``; of several that are demanded, the first.
    """
    if isinstance(expression, Operation) and expression.operator == "&&":
        return _pattern(expression.left, name) or _pattern(expression.right, name)
    if not isinstance(expression, Call):
        return None
    if expression.name in ("startswith", "endswith") and len(expression.arguments) == 2:
        value, part = expression.arguments
        if not isinstance(part, Literal) or not isinstance(part.value, str) or not is_variable(value, name):
            return None
        found = re.escape(part.value)
        return f"^{found}{_ANYTHING}$" if expression.name == "startswith" else f"^{_ANYTHING}{found}$"
    inner = expression.arguments[0] if expression.name == "can" and len(expression.arguments) == 1 else None
    if not isinstance(inner, Call) or inner.name != "regex" or len(inner.arguments) != 2:
        return None
    pattern, value = inner.arguments
    if not isinstance(pattern, Literal) or not isinstance(pattern.value, str) or not is_variable(value, name):
        return None
    return _of_the_whole(pattern.value)


def _of_the_whole(pattern: str) -> str | None:
    """A regular expression that begins with an anchor, as one for all of a text; None for any other."""
    pattern = _with_plain_anchors(pattern)
    if not pattern.startswith("^") or not _OF_THE_WHOLE.fullmatch(pattern) or not _is_one(pattern):
        # Of one that is not anchored, a part of the value has to match.
        return None
    if pattern.endswith("$") and not pattern.endswith("\\$"):
        return pattern
    return f"{pattern}{_ANYTHING}$"


def _with_plain_anchors(pattern: str) -> str:
    """
    A regular expression without what makes no difference to whether it matches: flags for how much a repetition takes
    first, for what is between lines where nothing asks for any character, and for letters where there are none; and
    with the usual signs for where a text begins and ends.
    """
    flags = _FLAGS.match(pattern)
    if flags is not None and not ("s" in flags[1] and "." in pattern) and not ("i" in flags[1] and "\\" in pattern):
        rest = pattern[flags.end() :]
        if "i" not in flags[1]:
            pattern = rest
        elif not re.search(r"[\[(?]|[^\x00-\x7f]", rest.replace("(?:", "").replace("(", "")):
            pattern = re.sub("[A-Za-z]", lambda one: _in_any_case(one[0]), rest)
    if pattern.startswith("\\A"):
        pattern = f"^{pattern[2:]}"
    return f"{pattern[:-2]}$" if _END.search(pattern) else pattern


def _in_any_case(letter: str) -> str:
    return _ANY_CASE.get(letter.lower(), f"[{letter.upper()}{letter.lower()}]")


#: What stands at the beginning, and is about all that follows; not for anchors at lines.
_FLAGS = re.compile(r"\(\?([isU]+)\)")
#: Letters that in any case are one more.
_ANY_CASE = {"k": "[Kk\u212a]", "s": "[Ss\u017f]"}
#: The end of a text, behind no backslash that is itself meant.
_END = re.compile(r"(?<!\\)(?:\\\\)*\\z$")
#: What stands for the rest of a text, over lines.
_ANYTHING = r"[\s\S]*"
#: No flags, which may change what an anchor is, and no literal text.
_OF_THE_WHOLE = re.compile(r"(?:(?!\(\?(?!:)|\\Q).)*", re.DOTALL)


def _is_one(pattern: str) -> bool:
    """Whether a regular expression is no choice of several, of which each has anchors of its own or none."""
    depth = 0
    inside = escaped = False
    start = -1
    for at, char in enumerate(pattern):
        if escaped:
            escaped = False
        elif char == "\\":
            escaped = True
        elif inside:
            # The first one in a class, or behind its circumflex, stands for itself.
            inside = char != "]" or at == start
        elif char == "[":
            inside, start = True, at + 1 + (pattern[at + 1 : at + 2] == "^")
        elif char == "|" and not depth:
            return False
        else:
            depth += (char == "(") - (char == ")")
    return True
