"""
Why something is unknown, as far as that decides how bad it is.

Whoever writes a template can have a budget reached on purpose, and can write what has no documented meaning; a value
that nobody knows before deployment is nobody's doing.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Literal, TypeAlias

from trustproof.results.result import BUDGET

#: What keeps a question from being answered, and so how bad it is that it is open.
UnknownKind: TypeAlias = Literal["budget", "wording", "value"]

#: A budget of ours was reached.
OUR_BUDGET: Final = "budget"
#: What the policy itself says has no meaning that is documented, or none that is decided here; no value would help.
UNDOCUMENTED: Final = "wording"
#: Nobody knows a value, or what stands somewhere, before deployment.
VALUE: Final = "value"
#: The gravest first.
UNKNOWN_KINDS: tuple[UnknownKind, ...] = (OUR_BUDGET, UNDOCUMENTED, VALUE)


def gravest(kinds: Iterable[UnknownKind]) -> UnknownKind:
    """The gravest of some kinds; `VALUE` without any."""
    return min(kinds, key=UNKNOWN_KINDS.index, default=VALUE)


def kind_of_reasons(reasons: Iterable[str]) -> UnknownKind:
    """
    Of which kind an unknown with these reasons is.

    What is searched says its kind beside its reasons. The sentences of readers, which others quote, begin with `BUDGET`
    for a budget, and are told by that.
    """
    return OUR_BUDGET if any(BUDGET in reason for reason in reasons) else VALUE
