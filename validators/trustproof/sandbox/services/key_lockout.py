"""
Whether a new key policy locks its author out: KMS refuses one that would not let whoever sets it set another one.

https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from uuid import uuid4

from trustproof.sandbox.authorization.authorize import decide_need
from trustproof.sandbox.authorization.context import Need
from trustproof.sandbox.authorization.state import State
from trustproof.sandbox.credentials.credentials import PARTITION, Credentials
from trustproof.sandbox.errors import RefusedRequest

_ACTION = "kms:PutKeyPolicy"


def new_key(region: str, account: str) -> str:
    """The ARN of a key that nobody can name before it is made."""
    return f"arn:{PARTITION}:kms:{region}:{account}:key/{uuid4()}"


def check(
    state: State, credentials: Credentials, need: Need, policy: str, headers: Mapping[str, str], region: str
) -> None:
    """
    See that whoever sets a key policy may do so again.

    Args:
        state: of the sandbox.
        credentials: of the author.
        need: about the key, with what is known of the request.
        policy: the text of the new policy.
        headers: of the request, lower-cased.
        region: of the endpoint.

    Raises:
        Refused: the author may not.
        Undecided: that is not known.
    """
    later = replace(need, action=_ACTION, policy=policy)
    if decide_need(state, credentials.caller, credentials, later, dict(headers), region):
        text = "The new key policy will not allow you to update the key policy in the future."
        raise RefusedRequest(text, "MalformedPolicyDocumentException")
