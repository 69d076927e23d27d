"""
Why something is unknown, as far as that decides how bad it is.

Whoever writes a template can have a budget reached on purpose, and can write what has no documented meaning; a value
that nobody knows before deployment is nobody's doing.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Literal, TypeAlias

from trustproof.results.result import BUDGET

#: What keeps a question from being answered.
Hindrance: TypeAlias = Literal["budget", "wording", "value"]

#: A budget of ours was reached.
OUR_BUDGET: Final = "budget"
#: What the policy itself says has no meaning that is documented, or none that is decided here; no value would help.
WORDING: Final = "wording"
#: Nobody knows a value, or what stands somewhere, before deployment.
VALUE: Final = "value"
#: The gravest first.
HINDRANCES: tuple[Hindrance, ...] = (OUR_BUDGET, WORDING, VALUE)


def gravest(hindrances: Iterable[Hindrance]) -> Hindrance:
    """The gravest of some hindrances; that of a value without any."""
    return min(hindrances, key=HINDRANCES.index, default=VALUE)


def hindrance_in(reasons: Iterable[str]) -> Hindrance:
    """
    What reasons say of their hindrance.

    A budget is named in the sentences of whoever had to do with it, and by these words wherever they are quoted.
    """
    return OUR_BUDGET if any(BUDGET in reason for reason in reasons) else VALUE
