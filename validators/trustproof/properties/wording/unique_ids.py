"""
Words about users and roles that a policy names by their unique ids.

"If an IAM identity is deleted after you update your resource policy, the resource policy will show a unique identifier
in the principal element instead of an ARN":
https://docs.aws.amazon.com/mediapackage/latest/userguide/policy-principal.html
"""

from __future__ import annotations

from trustproof.aws.condition_keys import MFA_PRESENT
from trustproof.properties.question import Finding, Refutation
from trustproof.properties.wording.mfa import nobody_looks
from trustproof.results.result import UNKNOWN, WARNING, Remedy

_DELETED = "IAM shows a unique id where it has deleted a user or a role, and never gives it to another"


def without_mfa(refutation: Refutation, role: str) -> Finding:
    """Word that a user gets in without MFA, and by its unique id only."""
    return Finding(
        f"user {refutation.request.caller.userid}, if it still exists, gets {role} without MFA",
        "admits the user with this unique id without asking for MFA",
        (*refutation.statement.path, "Principal"),
        (nobody_looks(MFA_PRESENT), _DELETED),
        Remedy("take the unique id out; or, where the user still exists, name its ARN and ask for MFA"),
        severity=WARNING,
    )


def of_a_third_party(refutation: Refutation, role: str, vendor: str) -> Finding:
    """Word that somebody gets in without an external id of whom nothing says whether it is a third party's."""
    ident = refutation.request.caller.userid.partition(":")[0]
    return Finding(
        f"not decided whether {ident}, which gets {role} without an external id, is of {vendor}",
        "a unique id does not say whose it is",
        (*refutation.statement.path, "Principal"),
        reasons=(f"{_DELETED}: take {ident} out, or name the ARN where it still exists",),
        verdict=UNKNOWN,
    )


def of_an_outsider(refutation: Refutation, role: str) -> Finding:
    """Word that somebody gets in of whom nothing says whether it is somebody outside."""
    ident = refutation.request.caller.userid.partition(":")[0]
    return Finding(
        f"not decided whether {ident}, whom {role} lets in, is of an account of yours",
        "a unique id does not say whose it is",
        (*refutation.statement.path, "Principal"),
        reasons=(f"{_DELETED}: take {ident} out, or name the ARN where it still exists",),
        verdict=UNKNOWN,
    )
