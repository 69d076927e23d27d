"""
What a resource of a template has a service deliver, or use.
"""

from __future__ import annotations

from typing import NamedTuple

from trustproof.model.document import Source


class Delivery(NamedTuple):
    """
    What one property of a resource says of where a service delivers to, or of the key that it uses.
    """

    #: The service, and the resource.
    source: Source
    #: The logical ids in it.
    names: frozenset[str]
    #: The texts in it.
    texts: frozenset[str]
