"""
Whom a statement names that lets in a caller of some kind.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from trustproof.access.denied_requests import condition_text
from trustproof.access.obstacles import is_denied, stopped_by_boundary
from trustproof.access.own_policies import HeldPolicies
from trustproof.access.questions import decide_statement
from trustproof.analysis.assignments.template_context import TemplateContext
from trustproof.model.policy import Principal, Statement
from trustproof.model.request import SAML, SERVICE, WEB_IDENTITY, Request
from trustproof.properties.question import Refutation
from trustproof.properties.shared.callers import NamedCaller, parse_caller
from trustproof.proving.answers import Proof, Undecided
from trustproof.proving.prover import Prover

#: Kinds of caller that are named in another way than by an account or an ARN in it.
_NAMED_BY = {SERVICE: "Service", SAML: "Federated", WEB_IDENTITY: "Federated"}
_USERS = "users"
#: What callers are called whom a statement names one by one, by what their ARNs have.
_THEMSELVES = {_USERS: (":user/", "user"), "sessions of roles": (":role/", "sessions of")}
#: What names all of an account in a policy; whoever calls by this ARN is its root user.
_ACCOUNT = re.compile(r"arn:[^:]*:iam::([0-9]{12}):root")
#: So many principals are asked about one by one.
_MOST = 32


def callers_of(called: str, named: Sequence[str], made_up: str = "") -> str:
    """
    Callers of one kind, in words.

    Args:
        called: the kind, in the plural.
        named: the accounts that they are of; or, where they are named one by one, the ARNs of users or roles.
        made_up: the account that stands for that of the template, where nobody says it; else empty.
    """
    own, words = _THEMSELVES.get(called, ("", ""))
    themselves = [one for one in named if own and own in one]
    accounts = [_as_account(one) for one in named if one not in themselves]
    accounts = ["its own account" if made_up and one == made_up else one for one in accounts]
    words = f"{words}s" if called == _USERS and len(themselves) > 1 else words
    said = [f"{words} {', '.join(themselves)}"] if themselves else []
    return " and ".join([*said, *([f"{called} of {', '.join(accounts)}"] if accounts else [])])


def _as_account(named: str) -> str:
    """A principal that stands for all of an account, however it is written, or for everybody; others as they are."""
    found = _ACCOUNT.fullmatch(named)
    return found[1] if found is not None else "any account" if named == "*" else named


def callers_named(
    prover: Prover, index: int, kinds: Sequence[str], request: Request, context: TemplateContext, held: HeldPolicies
) -> list[str]:
    """
    The principals of a statement by which callers of some kinds get in, as texts.

    Args:
        request: of one that does.
        context: of what the statement stands on.
    """
    statement: Statement = prover.subject.policy.statements[index]
    by = _NAMED_BY.get(kinds[0], "AWS")
    named = [one for one in statement.principals or () if one.kind in (by, "*")]
    if len(named) > 1 and len(named) <= _MOST:
        named = [one for one in named if _gets_in(prover, index, kinds, one, context, held)] or named
    if kinds[0] in _NAMED_BY and (len(named) < 2 or any(str(one.value) == "*" for one in named)):
        return [request.caller.display_arn]
    return [str(one.value) for one in named]


def not_stopped(
    prover: Prover,
    index: int,
    kinds: Sequence[str],
    caller: NamedCaller | None,
    answer: Proof | Refutation | Undecided,
    context: TemplateContext,
    held: HeldPolicies,
) -> Proof | Refutation | Undecided:
    """
    An answer about a statement where policies of those who ask do not stop them: that of somebody else, if they stop
    whom it is about.

    Args:
        caller: who was asked about; None for everybody.
        context: of what the statement stands on.
    """
    stopped: list[str] = []
    while isinstance(answer, Refutation) and is_stopped(prover, index, kinds, answer, context, held):
        stopped.append(answer.request.caller.arn)
        if len(stopped) > _MOST or len(set(stopped)) < len(stopped):
            return Undecided(("whether their own policies stop all who are let in",))
        answer = decide_statement(prover, index, kinds, caller, held, stopped)
    return answer


def _gets_in(
    prover: Prover, index: int, kinds: Sequence[str], entry: Principal, context: TemplateContext, held: HeldPolicies
) -> bool:
    """Whether such a caller may get in whom an entry names; what is not decided may."""
    if not isinstance(entry.value, str):
        return True
    try:
        caller = parse_caller(_ACCOUNT.sub(r"\1", entry.value))
    except ValueError:
        # Everybody, or the unique id of somebody who is gone.
        return True
    if not set(caller.kinds) & {*kinds}:
        return False
    answer = decide_statement(prover, index, kinds, caller, held)
    return not isinstance(not_stopped(prover, index, kinds, caller, answer, context, held), Proof)


def may_name(prover: Prover, index: int, caller: NamedCaller, held: HeldPolicies) -> bool:
    """Whether a statement lets in a caller where no condition, and no Deny, stands in the way."""
    subject = prover.subject
    statement = subject.policy.statements[index]._replace(conditions=())
    policy = subject.policy._replace(statements=(statement,))
    alone = subject._replace(document=subject.document._replace(policy=policy), others=())
    answer = decide_statement(Prover(alone, prover.inquiry, prover.deployments), 0, caller.kinds, caller, held)
    return not isinstance(answer, Proof)


def why_not(prover: Prover, index: int, caller: NamedCaller | None, held: HeldPolicies) -> str:
    """What stands in the way of all requests of a caller that a statement names, as a clause."""
    if caller is None:
        return "no request meets it"
    subject = prover.subject
    policy, statement = subject.policy, subject.policy.statements[index]
    before, after = policy.statements[:index], policy.statements[index + 1 :]
    found: list[str] = []
    for condition in statement.conditions:
        others = statement._replace(conditions=tuple(one for one in statement.conditions if one is not condition))
        document = subject.document._replace(policy=policy._replace(statements=(*before, others, *after)))
        without = Prover(subject._replace(document=document), prover.inquiry, prover.deployments)
        if not isinstance(decide_statement(without, index, caller.kinds, caller, held), Proof):
            found.append(condition_text(condition))
    return f"no request of {caller.written} meets {' together with '.join(found) or 'it'}"


def is_stopped(
    prover: Prover, index: int, kinds: Sequence[str], answer: Refutation, context: TemplateContext, held: HeldPolicies
) -> bool:
    """Whether policies of a caller whom a template declares let it make no such request by a statement."""
    request = answer.request
    about = prover.subject.document
    if stopped_by_boundary(context.account, request, about, about.policy.statements[index], held):
        return True
    denials = [document for one in held.denials(request.caller.arn) for document in one.beside(context, about)]
    if not denials or not is_denied(denials, request):
        return False
    # Of one request that they deny, others may be left.
    subject = prover.subject._replace(others=(*prover.subject.others, *denials))
    again = Prover(subject, prover.inquiry, prover.deployments)
    return isinstance(decide_statement(again, index, kinds, parse_caller(request.caller.arn), held), Proof)
