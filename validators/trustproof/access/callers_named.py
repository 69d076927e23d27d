"""
Whom a statement names that lets in a caller of some kind.
"""

from __future__ import annotations

from collections.abc import Sequence

from trustproof.access.own_policies import HeldPolicies
from trustproof.access.questions import decide_statement
from trustproof.model.policy import Principal, Statement
from trustproof.model.request import SAML, SERVICE, WEB_IDENTITY, Request
from trustproof.properties.shared.callers import parse_caller
from trustproof.proving.prover import Proof, Prover

#: Kinds of caller that are named in another way than by an account or an ARN in it.
_NAMED_BY = {SERVICE: "Service", SAML: "Federated", WEB_IDENTITY: "Federated"}
_USERS = "users"
#: What callers are called whom a statement names one by one, by what their ARNs have.
_THEMSELVES = {_USERS: (":user/", "user"), "sessions of roles": (":role/", "sessions of")}
#: So many principals are asked about one by one.
_MOST = 32


def callers_of(called: str, named: Sequence[str]) -> str:
    """
    Callers of one kind, in words.

    Args:
        called: the kind, in the plural.
        named: the accounts that they are of; or, where they are named one by one, the ARNs of users or roles.
    """
    own, words = _THEMSELVES.get(called, ("", ""))
    if own and all(own in one for one in named):
        words = f"{words}s" if called == _USERS and len(named) > 1 else words
        return f"{words} {', '.join(named)}"
    return f"{called} of {', '.join(named)}"


def callers_named(prover: Prover, index: int, kinds: Sequence[str], request: Request, held: HeldPolicies) -> list[str]:
    """
    The principals of a statement by which callers of some kinds get in, as texts.

    Args:
        request: of one that does.
    """
    statement: Statement = prover.subject.policy.statements[index]
    by = _NAMED_BY.get(kinds[0], "AWS")
    named = [one for one in statement.principals or () if one.kind in (by, "*")]
    if len(named) > 1 and len(named) <= _MOST:
        named = [one for one in named if _gets_in(prover, index, kinds, one, held)] or named
    if kinds[0] in _NAMED_BY and (len(named) < 2 or any(str(one.value) == "*" for one in named)):
        return [request.caller.display_arn]
    return [str(one.value) for one in named]


def _gets_in(prover: Prover, index: int, kinds: Sequence[str], entry: Principal, held: HeldPolicies) -> bool:
    """Whether such a caller may get in whom an entry names; what is not decided may."""
    if not isinstance(entry.value, str):
        return True
    try:
        caller = parse_caller(entry.value)
    except ValueError:
        # Everybody, or the unique id of somebody who is gone.
        return True
    if not set(caller.kinds) & {*kinds}:
        return False
    return not isinstance(decide_statement(prover, index, kinds, caller, held), Proof)
