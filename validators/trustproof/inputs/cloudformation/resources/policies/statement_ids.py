"""
The ``Sid`` of statements: IAM refuses a policy of which two statements have the same.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_sid.html
"""

from __future__ import annotations

import re

from trustproof.inputs.grammar.malformed_policies import MalformedPolicy, quote_value
from trustproof.model.document import IDENTITY
from trustproof.model.policy import Path, Policy

#: Of which types IAM takes the policies. What other services say of a ``Sid`` differs: S3 has taken two of one.
_OF_IAM = "AWS::IAM::"
#: Likewise, as far as these are identity policies, which become those of roles.
_OF_ROLES = ("AWS::SSO::PermissionSet", "AWS::Serverless::")
_WRITTEN_OUT = re.compile(r"[0-9A-Za-z]+")


def refused_id(type_: str, kind: str, policy: Policy) -> MalformedPolicy | None:
    """
    The second statement with the ``Sid`` of another one; None where there is none, or conditions decide about either.

    Args:
        type_: of the resource that has the policy.
        kind: of the policy.
    """
    is_of_iam = type_.startswith(_OF_IAM) or (kind == IDENTITY and type_.startswith(_OF_ROLES))
    places: dict[str, Path] = {}
    for statement in policy.statements if is_of_iam else ():
        sid = statement.sid
        if statement.guards or sid is None or not _WRITTEN_OUT.fullmatch(sid):
            continue
        # One whose effect is not known is there twice.
        if places.setdefault(sid, statement.path) != statement.path:
            message = f"another statement has the Sid {quote_value(sid)}, expected one of its own"
            return MalformedPolicy(message, (*statement.path, "Sid"))
    return None
