"""
What is wrong with a part of a template, or cannot be determined about it.
"""

from __future__ import annotations

from typing import NamedTuple

from trustproof.errors import TrustproofError
from trustproof.model.policy import Path


class UndeterminedGuards(TrustproofError):
    """Whether guards hold together could not be decided within `MAX_STEPS`."""


class Fault(NamedTuple):
    """
    Why CloudFormation refuses a condition.
    """

    #: Lower-case, without a full stop.
    message: str
    #: Below the template, of a condition that is declared; empty for one that is not.
    path: Path
