"""
Texts that are taken apart and put together with another separator: of texts of which parts are not known, nobody knows
how many items there are between, and yet what comes out.

https://developer.hashicorp.com/terraform/language/functions/replace
"""

from __future__ import annotations

from trustproof.inputs.terraform.configuration.syntax.expressions import Call, Literal


def as_replace(expression: Call) -> Call | None:
    """``join(a, split("b", c))`` as ``replace(c, "b", a)``, which is the same; None for any other call."""
    if expression.name != "join" or expression.expands or len(expression.arguments) != 2:
        return None
    between, inner = expression.arguments
    if not isinstance(inner, Call) or inner.name != "split" or inner.expands or len(inner.arguments) != 2:
        return None
    by, text = inner.arguments
    old = by.value if isinstance(by, Literal) else None
    # Between slashes stands a regular expression.
    if not isinstance(old, str) or not old or (len(old) > 1 and old[0] == old[-1] == "/"):
        return None
    return Call("replace", (text, by, between), False, expression.place)
