"""
Policies that are known, while it is not known what they do: that hangs on what stands around them.
"""

from __future__ import annotations

import json

from trustproof.inputs.cloudformation.values.intrinsics import UNREAD


def undecided_policy(reason: str, document: object) -> object:
    """What stands for a policy: of two that say something else, not the same."""
    return {UNREAD: [reason, json.dumps(document, sort_keys=True)]}
