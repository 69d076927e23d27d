"""
Remedies that put an account in the place of a wildcard: the rest of the ARN stays as its author has it, whatever it was
judged at. A Region, a default or the first row of a mapping is nobody's choice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias

from trustproof.analysis.remedies.remedies_as_written import Content, leaves
from trustproof.model.text import Symbol, Symbolic, Text, concat
from trustproof.results.edit import Edit, Value

Parts: TypeAlias = "tuple[str | Symbol, ...]"
#: The fields of an ARN, and which of them are its service and its account.
_FIELDS, _SERVICE, _ACCOUNT = 6, 2, 4


def accounts_as_written(
    content: Content, edits: Sequence[Edit], named: Callable[[Text], Text]
) -> dict[Text, Value] | None:
    """
    How ARNs are written that edits put in the place of others that functions make; None where that is not known.

    Args:
        named: gives a text with the names that the template has for what it says.
    """
    found: dict[Text, Value] = {}
    for edit in edits:
        before = list(leaves(edit.before, edit.path))
        kept = {text for _, text in before}
        for text in (text for _, text in leaves(edit.value, edit.path) if isinstance(text, str) and text not in kept):
            old = next((one for one in before if _differs_in_account(one[1], text)), None)
            written = text if old is None else content.written(*old)
            if old is None or isinstance(written, str):
                continue
            changed = _with_account(written, named(text)) if isinstance(written, Symbolic) else None
            if changed is None or found.get(text, changed) != changed:
                return None
            found[text] = changed
    return found


def _differs_in_account(before: Text, after: str) -> bool:
    """Whether two ARNs say the same, as far as it is known, and not of the same account."""
    ones, others = list(_fields(before)), list(_fields(after))
    if min(len(ones), len(others)) < _FIELDS or ones[_ACCOUNT] == others[_ACCOUNT]:
        return False
    pairs = [
        *zip(ones[:_ACCOUNT], others, strict=False),
        *zip(ones[_ACCOUNT + 1 :], others[_ACCOUNT + 1 :], strict=False),
    ]
    return all(one == other for one, other in pairs if not any(isinstance(part, Symbol) for part in one))


def _with_account(written: Symbolic, after: Text) -> Text | None:
    """An ARN as it is written, with the account of another one; None where its account is no field of its own."""
    fields, others = list(_fields(written)), list(_fields(after))
    if min(len(fields), len(others)) < _FIELDS or fields[_SERVICE] != others[_SERVICE] or fields[_ACCOUNT] != ("*",):
        return None
    fields[_ACCOUNT] = others[_ACCOUNT]
    parts: list[str | Symbol] = []
    for number, field in enumerate(fields):
        parts += (":", *field) if number else field
    return concat(parts)


def _fields(text: Text) -> Iterator[Parts]:
    """The fields of an ARN; what is not known stands for no more than one."""
    field: list[str | Symbol] = []
    for part in text.parts if isinstance(text, Symbolic) else (text,):
        first, *rest = part.split(":") if isinstance(part, str) else (part,)
        field += [first] if first else []
        for one in rest:
            yield tuple(field)
            field = [one] if one else []
    yield tuple(field)
