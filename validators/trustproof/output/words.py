"""
The words of a report: counts, values, requests, and text that is safe to print.
"""

from __future__ import annotations

from collections.abc import Sequence

from trustproof.model.policy import Path
from trustproof.model.request import ContextValue
from trustproof.results.result import Counterexample


def printable(text: str) -> str:
    """
    The text with everything escaped that would move the cursor, change colours or reverse the reading direction.

    Templates are written by others, and a finding must look the same whatever they wrote.
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape", "surrogatepass").decode() for c in text)


def count(number: int, noun: str, plural: str = "") -> str:
    """``1 policy``, ``2 policies``."""
    return f"{number} {noun if number == 1 else plural or noun + 's'}"


def names(found: Sequence[str], most: int = 3) -> str:
    """``a``, ``a and b``, ``a, b, c and 4 more``."""
    shown, rest = list(found[:most]), len(found) - most
    if rest > 0:
        shown.append(f"{rest} more")
    if len(shown) == 1:
        return shown[0]
    return f"{', '.join(shown[:-1])} and {shown[-1]}"


def value(found: ContextValue | None) -> str:
    """What a request carries for a condition key: ``is absent``, ``is "false"``, ``is ["a", "b"]``."""
    if found is None:
        return "is absent"
    if isinstance(found, str):
        return f"is {_quoted(found)}"
    return f"is [{', '.join(_quoted(part) for part in found)}]"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def request(found: Counterexample) -> list[str]:
    """A counterexample in lines: who calls what, then the condition keys that matter."""
    lines = [f"{found.caller} calls {found.action} ({found.credentials})"]
    # The resource of a call that assumes a role is the role, which the finding has named already.
    if found.resource not in ("", "*") and not found.action.lower().startswith("sts:assumerole"):
        lines.append(f"on {found.resource}")
    lines.extend(f"{key} {value(found.context[key])}" for key in found.context)
    return lines


def pointer(path: Path) -> str:
    """
    A path of keys and indices as one string: ``Resources/Role/Properties/AssumeRolePolicyDocument/Statement/0``.

    A JSON pointer (RFC 6901) without its first slash; ``/`` and ``~`` in a key are ``~1`` and ``~0``.
    """
    return "/".join(str(part).replace("~", "~0").replace("/", "~1") for part in path)
