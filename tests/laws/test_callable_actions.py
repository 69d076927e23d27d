"""
Which actions callers of a kind can send: the search and the evaluator, held against each other.
"""

from __future__ import annotations

import pytest

from trustproof.engine.request_space import RequestSpace
from trustproof.model.request import CREDENTIALS
from trustproof.sets.strings import StringSet
from trustproof.spec.realism import may_call

SESSIONS = ("sts:getfederationtoken", "sts:getsessiontoken")
OTHERS = ("sts:assumerole", "sts:getcalleridentity", "s3:getobject", "iam:createuser")


@pytest.mark.parametrize("kind", sorted(CREDENTIALS))
def test_the_search_leaves_out_what_nobody_can_send(kind: str) -> None:
    """It leaves out no action that the evaluator takes for possible, and none of those that begin another session."""
    found = RequestSpace(kind, "", "aws").domain("action").present
    assert isinstance(found, StringSet)
    for action in (*SESSIONS, *OTHERS):
        assert action in found or not may_call(kind, action), action
    if may_call(kind, "s3:getobject"):
        assert [action for action in SESSIONS if action in found] == [one for one in SESSIONS if may_call(kind, one)]
