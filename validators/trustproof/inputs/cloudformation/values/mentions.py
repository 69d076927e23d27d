"""
What a template names, and others may declare.
"""

from __future__ import annotations

from typing import NamedTuple

from trustproof.model.text import Text


class Mention(NamedTuple):
    """
    That a template names a user, group, role or managed policy that it does not declare.
    """

    #: Of users, groups and roles; `POLICY` for managed policies.
    kind: str
    #: Of policies path and name.
    name: Text
    #: The account that is written out there; empty where none is, which is the template's own then.
    account: str = ""
