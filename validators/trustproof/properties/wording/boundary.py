"""
The words of inside-boundary: who gets in, and how far away they are.
"""

from __future__ import annotations

from trustproof.model.document import TRUST
from trustproof.model.policy import Statement
from trustproof.model.request import ANONYMOUS, USERS, Request
from trustproof.properties.question import Finding, Refutation, Subject
from trustproof.properties.remedies.edits import Demand, demand, is_grant, where
from trustproof.properties.shared.boundary_questions import ANYONE, ORG_ID, PUBLIC, UNDECLARED, mentioned_accounts
from trustproof.properties.shared.public_policy import REFUSING, is_settled
from trustproof.properties.wording.sentences import because, who
from trustproof.results.edit import Edit, set_value
from trustproof.results.result import PROVED, UNKNOWN, Remedy

_URL_TYPE = "lambda:functionurlauthtype"


def finding(subject: Subject, refutation: Refutation, proved: str) -> Finding:
    """
    Word a request of somebody outside.

    Args:
        proved: the proof in words, where a setting around the policy keeps them out.
    """
    role = subject.document.logical_id
    may = _may(subject, refutation)
    request = refutation.request
    organization = request.context.get(ORG_ID)
    path = (*refutation.statement.path, "Principal")
    why = because(refutation, refutation.statement, subject.policy)
    kept = subject.document.kept_private
    if refutation.about == PUBLIC:
        # https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
        refused = kept.startswith(REFUSING)
        what = (
            "such a policy is refused at deployment"
            if refused
            else "nobody outside the account gets in, services of AWS aside"
        )
        reason = f"the policy is public, and this rests on {kept}: {what}"
        return Finding(proved, "", path, reasons=(reason,), verdict=PROVED)
    if refutation.about == ANYONE and refutation.statement.path[-1:] == ("AuthType",):
        label = "the URL asks for no signature, so SAM lets everybody call it"
        signed = (set_value(refutation.statement.path, "NONE", "AWS_IAM"),)
        return Finding(
            f"{_anyone(request)} {may}",
            label,
            refutation.statement.path,
            why,
            Remedy("let the URL ask for signed requests", signed),
        )
    if refutation.about == ANYONE and kept and not _is_settled(subject, refutation):
        return Finding(
            f"not decided whether anyone {may}",
            "what is not known before deployment decides whether the policy is public",
            path,
            reasons=(f"{kept} applies where the policy is public, and that is not known before deployment",),
            verdict=UNKNOWN,
        )
    if refutation.about == ANYONE:
        return Finding(
            f"{_anyone(request)} {may}",
            "nothing here confines the caller to an account or organization",
            path,
            why,
            Remedy(
                "name the account, or test the organization" + where(subject, refutation.statement),
                _ours_only(subject, refutation.statement),
            ),
        )
    if refutation.about == UNDECLARED and isinstance(organization, str):
        return Finding(
            f"not decided whether organization {organization} is yours: {role} admits it",
            f"organization {organization} is named, and no boundary is declared",
            path,
            reasons=(
                f"{role} admits principals of {organization}, and no [boundary] says which organizations are yours",
                f'declare the boundary in trustproof.toml: [boundary] organizations = ["{organization}"]',
            ),
            verdict=UNKNOWN,
        )
    if isinstance(organization, str) and request.caller.account not in mentioned_accounts(subject.policy):
        return Finding(
            f"principals of organization {organization} {may}",
            f"organization {organization} is not in the boundary",
            path,
            why,
            Remedy(f"remove it, or declare it: add {organization} to organizations in [boundary]"),
        )
    account = request.caller.account
    if refutation.about == UNDECLARED:
        return Finding(
            f"not decided whether account {account} is one of yours: {role} admits it",
            f"account {account} is named, and no boundary is declared",
            path,
            reasons=(
                f"{role} admits principals of account {account}, and no [boundary] says which accounts are yours",
                f'declare the boundary in trustproof.toml: [boundary] accounts = ["{account}"], or [[third-party]]',
            ),
            verdict=UNKNOWN,
        )
    declared = f"add {account} to accounts in [boundary]"
    return Finding(
        f"{_outsider(request)} {may}",
        f"account {account} is outside the boundary",
        path,
        why,
        Remedy(f"remove it, or declare it: {declared}, or as a [[third-party]]"),
    )


def _ours_only(subject: Subject, statement: Statement) -> tuple[Edit, ...]:
    """The edits that let in only one's own organization."""
    boundary = subject.config.boundary
    organization = boundary.organizations[0] if boundary is not None and boundary.organizations else "o-..."
    demands: list[Demand] = [("StringEquals", "aws:PrincipalOrgID", (organization,))]
    if is_grant(subject, statement) and any(c.key.lower() == _URL_TYPE for c in statement.conditions):
        # A URL that asks for no signature does not know whose request it gets.
        demands.insert(0, ("StringEquals", "lambda:FunctionUrlAuthType", ("AWS_IAM",)))
    return demand(subject, statement, *demands)


def _may(subject: Subject, refutation: Refutation) -> str:
    if subject.document.kind == TRUST:
        return f"may get credentials of {subject.document.logical_id}"
    return f"may call {refutation.request.action} by {subject.document.logical_id}"


def _outsider(request: Request) -> str:
    if request.caller.kind in USERS:
        return f"user {request.caller.arn.rsplit('/', 1)[-1]} of account {request.caller.account}"
    return who(request)


def _anyone(request: Request) -> str:
    return "anyone, without credentials," if request.caller.kind == ANONYMOUS else "anyone with an AWS account"


def _is_settled(subject: Subject, refutation: Refutation) -> bool:
    """Whether no value that is given at deployment decides if the policy is public."""
    found = [s for s in subject.policy.statements if s.path == refutation.statement.path]
    return any(is_settled(subject, statement) for statement in found)
