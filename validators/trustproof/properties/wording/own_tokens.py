"""
The words for tokens that are not one's own, and for those of which nobody says whose they are.
"""

from __future__ import annotations

from collections.abc import Sequence

from trustproof.aws.oidc_issuers import Tenancy, tenancy
from trustproof.aws.oidc_tenants import naming_claims
from trustproof.config.model import OwnTokens
from trustproof.model.policy import Path
from trustproof.properties.question import Finding, Refutation, Subject
from trustproof.properties.sentences import because
from trustproof.properties.shared.own_tokens import OPEN, OTHERS, declared, open_claims
from trustproof.properties.shared.web_identity_providers import key_of
from trustproof.results.result import UNKNOWN, Remedy

_LISTS = {"sub": "subjects", "aud": "audiences"}


def token_finding(subject: Subject, refutation: Refutation) -> Finding:
    """Say whose token gets in, or of whom nobody says it."""
    about, _, host = refutation.about.rpartition(" ")
    own, found = declared(subject, host), tenancy(host)
    role, name = subject.document.logical_id, found.name or host
    path = _place(refutation, host, found)
    file = subject.config.declaring_file
    table = f"[[boundary.tokens]] of {file}"
    if own is None:
        lists = " or ".join(_list(claim) for claim in naming_claims(found))
        return Finding(
            f"not decided whether whoever has the token of {name} that {role} admits is one of yours",
            f"no [[boundary.tokens]] says which tokens of {name} are yours",
            path,
            reasons=(f'declare them in {file}: [[boundary.tokens]] provider = "{host}", with {lists} of yours',),
            verdict=UNKNOWN,
        )
    if about == OPEN:
        return Finding(
            f"not decided whether whoever has the token of {name} that {role} admits is one of yours",
            "it is not known whose token this is",
            path,
            reasons=tuple(_why_open(subject, own, host, table)),
            verdict=UNKNOWN,
        )
    assert about == OTHERS
    sent = _sent(refutation, host, own)
    whose = f'with {sent[0]} "{sent[1]}"' if sent else f"without {' or '.join(claim for claim, _ in own.claims)}"
    keys = " or ".join(key_of(host, claim) for claim, _ in own.claims)
    patterns = " or ".join(f'"{one}"' for _, listed in own.claims for one in listed[:2])
    return Finding(
        f"a token of {name} {whose} may get credentials of {role}",
        "this admits tokens that the boundary does not declare as yours",
        path,
        because(refutation, refutation.statement, subject.policy),
        Remedy(f"ask for {keys} of your own ({patterns}), or, if it is yours, add it to {table}"),
    )


def _why_open(subject: Subject, own: OwnTokens, host: str, table: str) -> Sequence[str]:
    out: list[str] = []
    for claim, values, is_open in open_claims(subject, own, host):
        shown = " or ".join(values[:3])
        if is_open:
            out.append(f"{key_of(host, claim)} is {shown}, which is known only at deployment")
        else:
            out.append(f"{table} says nothing of {claim}: add {_list(claim)}, if {shown} is yours")
    return out or [f"what tells the tokens of {host} apart is known only at deployment"]


def _list(claim: str) -> str:
    return _LISTS.get(claim, f"claims.{claim}")


def _sent(refutation: Refutation, host: str, own: OwnTokens) -> tuple[str, str] | None:
    """The first declared claim that a token has, with its value."""
    for claim, _ in own.claims:
        given = refutation.request.context.get(key_of(host, claim))
        if isinstance(given, str):
            return claim, given
    return None


def _place(refutation: Refutation, host: str, found: Tenancy) -> Path:
    """The test of a claim that names a customer; without one, who is let in."""
    keys = {key_of(host, claim) for claim in naming_claims(found)}
    tests = [one.path for one in refutation.statement.conditions if one.key.lower() in keys]
    return tests[0] if tests else (*refutation.statement.path, "Principal")
