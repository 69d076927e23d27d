"""
The words for whoever comes by a SAML provider of another account.
"""

from __future__ import annotations

from trustproof.model.policy import Path
from trustproof.properties.question import Finding, Refutation, Subject
from trustproof.properties.sentences import because
from trustproof.properties.shared.boundary_questions import UNDECLARED
from trustproof.properties.shared.foreign_providers import provider_account
from trustproof.results.result import UNKNOWN, Remedy, Undeclared


def provider_finding(subject: Subject, refutation: Refutation) -> Finding:
    """Say of which account the provider is; where the role's own is not known, it may be that one."""
    role, account = subject.document.logical_id, provider_account(refutation.request)
    path: Path = (*refutation.statement.path, "Principal")
    admits = f"{role} admits whoever a SAML provider of account {account} signs for"
    if refutation.about != UNDECLARED and subject.account_known:
        declared = f"add {account} to accounts in {subject.config.boundary_table}"
        return Finding(
            f"whoever a SAML provider of account {account} signs for may get credentials of {role}",
            f"account {account} is outside the boundary, and decides for whom its provider signs",
            path,
            because(refutation, refutation.statement, subject.policy),
            Remedy(f"name a provider of your own account, or declare that one: {declared}, or as a [[third-party]]"),
        )
    declare = f'declare the boundary in {subject.config.declaring_file}: [boundary] accounts = ["{account}"]'
    own = () if subject.account_known else (f"if it is the account of the template: --account {account} says so",)
    which = "no [boundary] says which accounts are yours" if refutation.about == UNDECLARED else "it is not declared"
    return Finding(
        f"not decided whether account {account} is one of yours: {admits}",
        f"account {account} is named, and decides for whom its provider signs",
        path,
        reasons=(f"{admits}, and {which}", *own, declare),
        verdict=UNKNOWN,
        undeclared=(Undeclared("accounts", account),),
    )
