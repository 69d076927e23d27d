"""
What keeps a command from looking at an account.
"""

from __future__ import annotations

from trustproof.errors import TrustproofError


class CannotCheck(TrustproofError):
    """
    Something could not be read: exit code 2, and what was read before is kept.
    """
