"""
What stacks pass to nested ones that is made of defaults.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from trustproof.model.text import Text


class PassedDefaults(NamedTuple):
    """
    What a nested stack is passed that is made of defaults.
    """

    #: By the names of the parameters that have them.
    defaults: Mapping[str, str]
    #: The same where these may be anything.
    opened: Text
    #: Of what is open already, so that nothing rests on defaults: the parameters that it is made of, by their names,
    #: each with its default; None for one without.
    behind: Mapping[str, str | None] = {}


#: By the parameters of a nested stack.
AtDefault = Mapping[str, PassedDefaults]
NO_DEFAULTS: AtDefault = {}
