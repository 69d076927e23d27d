"""
Words for a trust policy that lets in everybody with a web identity token, of whichever identity provider.
"""

from __future__ import annotations

from trustproof.model.policy import Statement
from trustproof.properties.question import Finding
from trustproof.results.result import Remedy

_REFUSED = 'IAM takes no trust policy with "*" as its Principal'


def every_token_finding(role: str, statement: Statement, why: tuple[str, ...]) -> Finding:
    """
    Word that the tokens of every provider get in.

    Args:
        role: its logical id.
        statement: lets them in.
    """
    return Finding(
        f"a token of any identity provider may get credentials of {role}",
        "admits every token of every provider",
        (*statement.path, "Principal"),
        (*why, _REFUSED),
        Remedy("name the identity provider as Federated principal, and test the claim that names the tenant"),
    )
