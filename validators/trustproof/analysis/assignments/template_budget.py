"""
What the work on a template may cost, and on each of its policies.
"""

from __future__ import annotations

from trustproof.engine.allowance import first_units, share_of, units_for_text
from trustproof.inputs.reader import Input
from trustproof.model.document import IDENTITY


def units_of(template: Input, units: int) -> int:
    """
    What each part of the work on a template may cost.

    Args:
        units: what that is in this run for a template of up to a million characters; 0 where it is alone.
    """
    return units_for_text(units or first_units(1), len(template.text))


def share_of_each(template: Input, units: int) -> int:
    """The units of each policy that is judged by itself: those of identities are with what their holders have."""
    return share_of(units, sum(document.kind != IDENTITY for document in template.documents))
