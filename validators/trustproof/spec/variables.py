"""
Policy variables: ``${aws:username}`` and its relatives.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
"""

from __future__ import annotations

from collections.abc import Mapping

from trustproof.model.request import ContextValue
from trustproof.spec.matching import Token, TokenPattern, characters, pattern

#: ``${*}``, ``${?}`` and ``${$}`` are these characters, and never wildcards.
_SPECIAL = ("*", "?", "$")


def substitute(text: str, context: Mapping[str, ContextValue], *, wild: bool) -> TokenPattern | None:
    """
    Replace the policy variables of a text; None when one of them has no value.

    Only ``*`` and ``?`` that the policy itself contains are wildcards. Those that arrive inside the value of a variable
    are characters (assumed; the manual does not say).

    Args:
        text: of a document with version ``2012-10-17``.
        wild: whether wildcards count there. Whether those of a default do is not documented: a variable that has no
            value but such a default is taken to have none.
        context: the request's, with lower-cased keys.
    """
    out: list[Token] = []
    rest = text
    while True:
        before, opening, after = rest.partition("${")
        name, closing, following = after.partition("}")
        if not opening or not closing:
            # A variable that is never closed is literal text (assumed; IAM refuses to save it).
            return (*out, *pattern(rest))
        value = _value(name, context, wild=wild)
        if value is None:
            return None
        out += [*pattern(before), *characters(value)]
        rest = following


def _value(name: str, context: Mapping[str, ContextValue], *, wild: bool) -> str | None:
    if name in _SPECIAL:
        return name
    key, comma, default = name.partition(",")
    value = context.get(key.strip().lower())
    if isinstance(value, str):
        return value
    # A multi-valued key cannot be a variable; one that is used all the same counts as absent (assumed).
    quoted = default.strip()
    if comma and len(quoted) >= 2 and quoted[0] == quoted[-1] == "'":
        return None if wild and {*quoted} & {"*", "?"} else quoted[1:-1]
    return None
