"""
Who gets into the roles of templates.

Of every statement of every trust policy the engine is asked whether a caller of each kind gets in, and the evaluator
confirms it. Whose policies let them ask for the role is asked of the evaluator too, with the same request.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from trustproof.analysis.role_chains.roles import Node
from trustproof.analysis.template import check_template
from trustproof.config.model import Config
from trustproof.inputs.reader import Input
from trustproof.model.document import IDENTITY
from trustproof.model.policy import Policy, Statement
from trustproof.model.request import (
    IDENTITY_CENTER,
    ROLE_SESSION,
    SAML,
    SERVICE,
    USER_KEY,
    USER_SESSION,
    USER_SESSION_MFA,
    WEB_IDENTITY,
    Request,
)
from trustproof.properties import registry
from trustproof.properties.question import Inquiry, Question, Refutation
from trustproof.properties.regions import TRUST_ACTIONS, trust_regions
from trustproof.proving.prover import Proof, Prover
from trustproof.spec.decision import EXPLICIT_DENY, decide

#: Operators of conditions that a request without the key does not meet.
_COMPARING = ("StringEquals", "StringLike", "StringEqualsIgnoreCase")
#: Session tags of EKS Pod Identity:
#: https://docs.aws.amazon.com/eks/latest/userguide/pod-id-abac.html
_TOLD_BY = {
    f"aws:requesttag/kubernetes-{tag}": word
    for tag, word in (("namespace", "namespace"), ("service-account", "service account"))
}
#: What may be said of MFA.
REQUIRED, NOT_REQUIRED, NONE, UNKNOWN = "required", "not required", "cannot carry it", "unknown"
#: Kinds of caller to what they are called; of users, whoever is let in without MFA comes first.
_WITHOUT_MFA = (USER_KEY, USER_SESSION)
_ROLES = (ROLE_SESSION,)
_OTHERS = (_ROLES, (IDENTITY_CENTER,))
_KINDS: tuple[tuple[tuple[str, ...], str, str], ...] = (
    (_WITHOUT_MFA, "users", NOT_REQUIRED),
    ((USER_SESSION_MFA,), "users", REQUIRED),
    (_ROLES, "sessions of roles", NONE),
    ((IDENTITY_CENTER,), "people of Identity Center", NONE),
    ((SERVICE,), "service", NONE),
    ((SAML,), "people of", NONE),
    ((WEB_IDENTITY,), "tokens of", NONE),
)
#: Kinds of holder whose policies decide what these callers may ask for.
_HOLDERS = {
    USER_KEY: ("group", "user"),
    USER_SESSION: ("group", "user"),
    USER_SESSION_MFA: ("group", "user"),
    IDENTITY_CENTER: ("permission set",),
}


class Entry(NamedTuple):
    """
    Somebody may be something.
    """

    who: str
    role: str
    #: 12 digits; that of the role. None where no template says it.
    account: str | None
    #: One of `REQUIRED`, `NOT_REQUIRED`, `NONE`, `UNKNOWN`.
    mfa: str
    #: ``MaxSessionDuration`` in seconds, or what is known of it.
    longest: int | str
    #: The conditions of the statement, as texts.
    provided: tuple[str, ...]
    template: str
    #: The account; else what is known of where the role is.
    place: str


class _Holder(NamedTuple):
    """
    A group, user or permission set, with all identity policies that its template attaches.
    """

    kind: str
    name: str
    account: str
    policies: tuple[Policy, ...]


def entries(templates: Iterable[Input], config: Config) -> list[Entry]:
    """
    Who gets into the roles of some templates.

    Args:
        templates: all that there are; groups of one are asked about the roles of the others.
        config: the declarations of the project.

    Returns:
        Sorted by account, or what is known of it, role and who.
    """
    asked = [registry.find("mfa-survives-chaining")]
    nodes: list[tuple[Node, int | str, Input]] = []
    holders: list[_Holder] = []
    for number, template in enumerate(templates):
        checked = check_template(template, config, asked, (number, 0))
        longest = {
            template.documents[role.trust].path: _longest(role.max_session_duration)
            for role in template.roles
            if role.trust is not None
        }
        nodes += [(node, longest.get(node.path, ""), template) for node in checked.nodes]
        holders += _holders(template)
    found = {entry for node, seconds, template in nodes for entry in _of_role(node, seconds, template, holders, config)}
    return sorted(found, key=lambda entry: (entry.place, entry.role, entry.who, entry.mfa, entry.provided))


def _longest(value: object) -> int | str:
    return value if isinstance(value, int) else str(value)


def _holders(template: Input) -> Iterator[_Holder]:
    for holder in template.holders:
        if holder.kind in ("group", "user", "permission set") and template.account is not None:
            documents = [template.documents[index] for index in holder.documents]
            policies = tuple(document.policy for document in documents if document.kind == IDENTITY)
            yield _Holder(holder.kind, str(holder.name) or holder.logical_id, template.account, policies)


def _of_role(
    node: Node, longest: int | str, template: Input, holders: Sequence[_Holder], config: Config
) -> Iterator[Entry]:
    let_in = {kinds: dict(_let_in(node, kinds)) for kinds, _, _ in _KINDS}
    without = {index for index, answer in let_in[_WITHOUT_MFA].items() if answer is not None}
    # Whoever an account lets be a user, a role or something else there.
    everybody = {index for index in without if let_in[_ROLES].get(index) is not None}
    for kinds, called, mfa in _KINDS:
        for index, answer in let_in[kinds].items():
            # Who gets in without MFA, or whatever he is, needs no line for each way to get in.
            if (mfa == REQUIRED and index in without) or (kinds in _OTHERS and index in everybody):
                continue
            word = "callers" if kinds == _WITHOUT_MFA and index in everybody else called
            statement = node.trust.policy.statements[index]
            carried = mfa if answer is not None else UNKNOWN
            for who in _who(node, statement, word, answer, holders, config):
                place = template.account or template.targets.words or UNKNOWN
                yield Entry(
                    who, node.name, template.account, carried, longest, _provided(statement), template.name, place
                )


def _let_in(node: Node, kinds: Sequence[str]) -> Iterator[tuple[int, Request | None]]:
    """The statements that let in a caller of these kinds, with a request; None where that is not decided."""
    regions = tuple(r for kind in kinds for r in trust_regions(node.trust, kind, TRUST_ACTIONS[kind][0]))
    prover = Prover(
        node.trust, Inquiry("who", lambda subject, index: (Question(regions, lambda request: True),)), node.deployments
    )
    for index in prover.compiled.allow_indices:
        answer = prover.settle(index)
        if not isinstance(answer, Proof):
            yield index, answer.request if isinstance(answer, Refutation) else None


def _who(
    node: Node, statement: Statement, called: str, request: Request | None, holders: Sequence[_Holder], config: Config
) -> Iterator[str]:
    if request is not None and request.caller.kind in _HOLDERS:
        asking = _with_resource(node, request, config)
        known = [
            holder
            for holder in holders
            if holder.kind in _HOLDERS[request.caller.kind] and holder.account == request.caller.account
        ]
        able = [holder for holder in known if _may_ask(holder, asking)]
        for holder in able:
            word = "members of group" if holder.kind == "group" else holder.kind
            yield f"{word} {holder.name} in {holder.account}"
        if able:
            return
    principals = [str(entry.value) for entry in statement.principals or ()]
    whose = ", ".join(principals) if principals else "anybody but those who are named"
    subjects = _subjects(statement)
    if subjects and called in ("tokens of", "service"):
        whose = f"{whose} for {' or '.join(subjects)}"
    yield f"{called} {whose}" if called == "service" or called.endswith(" of") else f"{called} of {whose}"


def _subjects(statement: Statement) -> list[str]:
    """
    Whose tokens or pods get in, where conditions that must hold say it.

    What all tokens of an issuer or all pods have in common says nothing: the subject tells them apart.
    """
    given: dict[str, list[str]] = {}
    for condition in statement.conditions:
        if condition.operator in _COMPARING:
            name = condition.key.lower()
            given.setdefault(_TOLD_BY.get(name, "sub" if name.endswith(":sub") else ""), []).extend(
                map(str, condition.operands)
            )
    found = list(dict.fromkeys(given.get("sub", ())))
    spaces, names = given.get("namespace", ()), given.get("service account", ())
    return [*found, *(f"{space}/{name}" for space in spaces for name in names)]


def _with_resource(node: Node, request: Request, config: Config) -> Request:
    """A request as it is where the role is: of this account, and of one's own organization where that is declared."""
    context = {**request.context, "aws:resourceaccount": node.account}
    boundary = config.boundary
    if boundary is not None and node.account in boundary.accounts and len(boundary.organizations) == 1:
        context["aws:resourceorgid"] = boundary.organizations[0]
    return request._replace(resource=node.arn, context=context)


def _may_ask(holder: _Holder, request: Request) -> bool:
    """Whether the policies of a group, user or permission set let somebody call; not where that is not known."""
    try:
        decisions = [decide(policy, request) for policy in holder.policies]
    except ValueError:
        return False
    return any(one.allowed for one in decisions) and not any(one.outcome == EXPLICIT_DENY for one in decisions)


def _provided(statement: Statement) -> tuple[str, ...]:
    return tuple(
        f"{condition.operator} {condition.key} {' or '.join(map(str, condition.operands))}"
        for condition in statement.conditions
        if condition.key.lower() != "aws:multifactorauthpresent"
    )
