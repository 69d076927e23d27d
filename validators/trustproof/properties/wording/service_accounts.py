"""
What is said of service accounts of Google, which are named as people are.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from trustproof.model.operators import parse_operator
from trustproof.model.policy import Condition
from trustproof.model.text import Symbolic
from trustproof.properties.question import Finding
from trustproof.properties.shared.token_subjects import is_literal, may_be_wild
from trustproof.results.result import NOTE, Remedy

#: What a service account of Google is called: by its address, a resource or data source of Terraform, a parameter.
_SERVICE_ACCOUNT = re.compile(
    r"\.gserviceaccount\.com$|\bgoogle_project_service_identity\b|service.?account", re.IGNORECASE
)


def for_service_accounts(finding: Finding, host: str, role: str, claims: Sequence[Condition]) -> Finding:
    """
    The finding about a subject of Google's that may be a service account, or is one: it signs in to nothing, each of
    its tokens names it as the authorized party, which the audience of STS is, and whoever may act as it chooses the
    audience that the token has.

    https://cloud.google.com/docs/authentication/token-types#id

    Args:
        role: what the role is called.
        claims: those tests of a statement that say whose token it is.
    """
    of_account = f"in {host}:oaud"
    if not _are_service_accounts(claims):
        assert finding.remedy is not None
        text = f"{finding.remedy.text}; of a service account it is what its tokens are asked for, {of_account}"
        return finding._replace(remedy=Remedy(text))
    return finding._replace(
        message=f"a token of a service account of Google that is for somebody else may get credentials of {role}",
        label="this says which service account, and not for whom its token is",
        why=(*finding.why[:-1], "whoever is handed a token of the service account may hand it on"),
        remedy=Remedy(f"where it is known, name the audience that its tokens are asked for as well, {of_account}"),
        severity=NOTE,
    )


def _are_service_accounts(claims: Sequence[Condition]) -> bool:
    """Whether each claim is tested for names of service accounts, without wildcards."""
    operators = [parse_operator(claim.operator) for claim in claims]
    plain = all(o is not None and o.family == "string" and not (o.negated or o.if_exists) for o in operators)
    names = [operand for claim in claims for operand in claim.operands]
    symbols = [symbol for name in names if isinstance(name, Symbolic) for symbol in name.symbols]
    written = [part for name in names for part in (name.parts if isinstance(name, Symbolic) else (name,))]
    certain = not any(map(may_be_wild, symbols)) and all(is_literal(one) for one in written if isinstance(one, str))
    # Where the audience is the unique id of an account, whoever else is named is that account too.
    of_account = [o for claim in claims if claim.key.lower().endswith(":aud") for o in claim.operands]
    return (
        plain
        and certain
        and bool(names)
        and (bool(of_account) or all(_SERVICE_ACCOUNT.search(str(name)) for name in names))
    )
