"""
Requests as reports show them: with what matters of them, and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from trustproof.aws.condition_keys import STS_ACTIONS, lookup
from trustproof.engine.caller_records import VIEWS
from trustproof.engine.operands import Variable, split_variables
from trustproof.model.policy import DENY, Policy, Statement
from trustproof.model.request import CREDENTIALS, SAML, SERVICE, USERS, WEB_IDENTITY, ContextValue, Request
from trustproof.properties.question import Subject
from trustproof.results.result import Counterexample
from trustproof.spec.principals import match


def deciding_policies(subject: Subject, statement: Statement) -> list[Policy]:
    """
    What decides of a request that a statement lets in: this statement, and what might deny it, or has to allow it too.
    """
    policies = [document.policy for document in (subject.document, *subject.others)]
    boundary = subject.permissions_boundary
    return [
        *(policy._replace(statements=_deciding(policy.statements, statement)) for policy in policies),
        *(() if boundary is None else (boundary.policy,)),
    ]


def _deciding(statements: Sequence[Statement], statement: Statement) -> tuple[Statement, ...]:
    # The statements of a policy of AWS all stand where it is attached: the place does not tell them apart.
    same = [s for s in statements if s == statement] or [s for s in statements if s.path == statement.path]
    return tuple(s for s in statements if s.effect == DENY or s in same)


def counterexample(
    request: Request,
    policies: Sequence[Policy],
    parameters: Mapping[str, str],
    complete: Callable[[Mapping[str, str]], Mapping[str, str]] = dict,
    *,
    asks_for_mfa: bool = True,
) -> Counterexample:
    """
    A request as a report shows it: with the keys that the policy looks at, absent ones included.

    Args:
        parameters: those that the request needs.
        complete: gives them with those that a deployment needs besides.
        asks_for_mfa: whether it matters of a user if there was MFA, though no policy looks at it.
    """
    context: dict[str, ContextValue | None] = {}
    # Of a key that the catalogue does not know, the policy has the spelling.
    written = {c.key.lower(): c.key for policy in policies for s in policy.statements for c in s.conditions}
    for key in _relevant(request, policies, asks_for_mfa=asks_for_mfa):
        context[lookup(written.get(key, key)).name] = request.context.get(key.lower())
    completed = complete(parameters)
    return Counterexample(
        _by_unique_id(request, policies) or request.caller.display_arn,
        CREDENTIALS[request.caller.kind],
        STS_ACTIONS.get(request.action.lower(), request.action),
        request.resource,
        dict(sorted(context.items())),
        dict(sorted(completed.items())),
        request,
        beside=frozenset(completed) - parameters.keys(),
    )


def _by_unique_id(request: Request, policies: Sequence[Policy]) -> str:
    """
    The unique id of a caller that is let in by nothing else: whose it is, and in which account, no policy says.
    """
    caller = request.caller
    unique = caller.userid.partition(":")[0]
    allowing = [s for policy in policies for s in policy.statements if s.effect != DENY and s.principals]
    entries = [entry for statement in allowing for entry in statement.principals or ()]
    if not any(entry.kind == "AWS" and entry.value == unique for entry in entries):
        return ""
    others = [e for e in entries if e.value != unique and (not isinstance(e.value, str) or match(e, caller))]
    return "" if others else caller.userid


def _relevant(request: Request, policies: Sequence[Policy], *, asks_for_mfa: bool) -> list[str]:
    out = {key for key in request.context if _tells_of(request.caller.kind, key)}
    if asks_for_mfa and request.caller.kind in USERS:
        out.add("aws:multifactorauthpresent")
    for policy in policies:
        for statement in policy.statements:
            for condition in statement.conditions:
                out.add(condition.key.lower())
                for operand in condition.operands:
                    out.update(_variables(str(operand)))
            entries = (*(statement.resources or ()), *(statement.not_resources or ())) if policy.has_variables else ()
            for entry in entries:
                # Whose name stands there, the ARN of the caller says.
                out.update(_variables(str(entry)).difference(VIEWS))
    return sorted(out)


def _tells_of(kind: str, key: str) -> bool:
    """Whether a key says for whom such a caller calls, so that a counterexample without it would say nothing."""
    if kind == SERVICE:
        return key in ("aws:sourceaccount", "aws:sourcearn")
    if kind == WEB_IDENTITY:
        return "." in key.partition(":")[0]
    return kind == SAML and key == "saml:aud"


def _variables(text: str) -> set[str]:

    if "${" not in text:
        return set()
    return {p.key.lower() for p in split_variables(text) if isinstance(p, Variable) and p.key not in ("*", "?", "$")}
