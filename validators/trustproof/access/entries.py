"""
Who gets into the roles of templates.

Of every statement of every trust policy the engine is asked whether a caller of each kind gets in, and the evaluator
confirms it. Whose policies let them ask for the role is asked of the evaluator too, with the same request.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from trustproof.access.grants import Grant, at_role, grant
from trustproof.access.obstacles import stopped_by_boundary
from trustproof.access.own_policies import Held
from trustproof.analysis.role_chains.roles import Node
from trustproof.analysis.template import check_template
from trustproof.analysis.template_context import TemplateContext
from trustproof.config.model import Config
from trustproof.inputs.reader import Input
from trustproof.model.document import IDENTITY
from trustproof.model.policy import Principal, Statement
from trustproof.model.query import is_concrete
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
from trustproof.properties.question import Inquiry, Question, Refutation, Subject
from trustproof.properties.regions import TRUST_ACTIONS, trust_regions
from trustproof.proving.cache import Proofs
from trustproof.proving.prover import Proof, Prover
from trustproof.proving.sides import Side
from trustproof.spec.principals import ACCOUNT, ITSELF, match

#: Operators of conditions that a request without the key does not meet.
_COMPARING = ("StringEquals", "StringLike", "StringEqualsIgnoreCase")
#: Session tags of EKS Pod Identity:
#: https://docs.aws.amazon.com/eks/latest/userguide/pod-id-abac.html
_TOLD_BY = {
    f"aws:requesttag/kubernetes-{tag}": word
    for tag, word in (("namespace", "namespace"), ("service-account", "service account"))
}
#: What stands for the account of a template that does not say it, as in texts that a deployment fills in.
_OWN_ACCOUNT = "<AWS::AccountId>"
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
    side: Side

    @property
    def called(self) -> str:
        return f"{'members of group' if self.kind == 'group' else self.kind} {self.name} in {self.account}"


class _Known(NamedTuple):
    """
    Whose policies are known.
    """

    holders: Sequence[_Holder]
    held: Held
    config: Config
    #: Whether the role that is asked about is surely in an account of one's own organization.
    is_ours: bool = False


class _Caller(NamedTuple):
    """
    Who gets in by a statement.
    """

    who: str
    #: What has to be so besides the conditions of the statement, as texts.
    provided: tuple[str, ...] = ()


def entries(templates: Iterable[Input], config: Config, holding: Iterable[Input] | None = None) -> list[Entry]:
    """
    Who gets into the roles of some templates.

    Args:
        templates: all that there are; groups of one are asked about the roles of the others.
        config: the declarations of the project.
        holding: what says who holds which policies, where templates that attach some to the same users and groups are
            one; None for the templates as they are.

    Returns:
        Sorted by account, or what is known of it, role and who.
    """
    asked = [registry.find("mfa-survives-chaining")]
    nodes: list[tuple[Node, int | str, Input]] = []
    templates = tuple(templates)
    saying = templates if holding is None else tuple(holding)
    held = Held(_context(template, config) for template in saying)
    known = _Known([holder for template in saying for holder in _holders(template, held)], held, config)
    for number, template in enumerate(templates):
        checked = check_template(template, config, asked, (number, 0))
        longest = {
            template.documents[role.trust].path: _longest(role.max_session_duration)
            for role in template.roles
            if role.trust is not None
        }
        nodes += [(node, longest.get(node.path, ""), template) for node in checked.nodes]
    found = {entry for node, seconds, template in nodes for entry in _of_role(node, seconds, template, known)}
    return sorted(found, key=lambda entry: (entry.place, entry.role, entry.who, entry.mfa, entry.provided))


def _context(template: Input, config: Config) -> TemplateContext:
    return TemplateContext(template, config, Proofs(), certify=False)


def _made_up(template: Input, config: Config) -> str:
    """The account that a template was asked about in, where nothing names one; empty where it has one."""
    context = None if template.account else _context(template, config)
    return "" if context is None or context.named or not context.assumed else context.account


def _longest(value: object) -> int | str:
    return value if isinstance(value, int) else str(value)


def _holders(template: Input, held: Held) -> Iterator[_Holder]:
    for holder in template.holders:
        if holder.kind in ("group", "user", "permission set") and template.account is not None:
            documents = [template.documents[index] for index in holder.documents]
            policies = tuple(document.policy for document in documents if document.kind == IDENTITY)
            limit = held.limits.get(holder.arn) if isinstance(holder.arn, str) else None
            side = Side(policies, None if limit is None else limit.policy)
            yield _Holder(holder.kind, str(holder.name) or holder.logical_id, template.account, side)


def _of_role(node: Node, longest: int | str, template: Input, known: _Known) -> Iterator[Entry]:
    let_in = {kinds: dict(_let_in(node, kinds)) for kinds, _, _ in _KINDS}
    without = {index for index, answer in let_in[_WITHOUT_MFA].items() if answer is not None}
    # Whoever an account lets be a user, a role or something else there.
    made_up = _made_up(template, known.config)
    everybody = {index for index in without if let_in[_ROLES].get(index) is not None}
    for kinds, called, mfa in _KINDS:
        for index, answer in let_in[kinds].items():
            # Who gets in without MFA, or whatever he is, needs no line for each way to get in.
            if (mfa == REQUIRED and index in without) or (kinds in _OTHERS and index in everybody):
                continue
            word = "callers" if kinds == _WITHOUT_MFA and index in everybody else called
            statement = node.trust.policy.statements[index]
            carried = mfa if answer is not None else UNKNOWN
            place = template.account or template.targets.words or UNKNOWN
            here = known._replace(is_ours=bool(template.targets.groups))
            for caller in _callers(node, index, kinds, word, answer, here):
                provided = (*_provided(statement), *caller.provided)
                who = caller.who.replace(made_up, _OWN_ACCOUNT) if made_up else caller.who
                yield Entry(who, node.name, template.account, carried, longest, provided, template.name, place)


def _let_in(node: Node, kinds: Sequence[str]) -> Iterator[tuple[int, Request | None]]:
    """The statements that let in a caller of these kinds, with a request; None where that is not decided."""
    prover = _prover(node, node.trust, kinds)
    for index in prover.compiled.allow_indices:
        answer = prover.settle(index)
        if not isinstance(answer, Proof):
            yield index, answer.request if isinstance(answer, Refutation) else None


def _prover(node: Node, trust: Subject, kinds: Sequence[str]) -> Prover:
    regions = tuple(r for kind in kinds for r in trust_regions(trust, kind, TRUST_ACTIONS[kind][0]))
    inquiry = Inquiry("who", lambda subject, index: (Question(regions, lambda request: True),))
    return Prover(trust, inquiry, node.deployments)


def _callers(
    node: Node, index: int, kinds: Sequence[str], called: str, request: Request | None, known: _Known
) -> Iterator[_Caller]:
    """Who gets in by a statement: those whose policies let them ask, and else whoever the statement names."""
    statement = node.trust.policy.statements[index]
    principals = statement.principals or ()
    if request is None or request.caller.kind not in (*_HOLDERS, ROLE_SESSION):
        yield _Caller(_named(statement, called, list(principals)))
        return
    # Those of whom nothing is known but what the statement says, by what has to be so besides.
    others: dict[tuple[str, ...], list[Principal]] = {}
    for entry, asked in _by_principal(node, index, kinds, request):
        alone = statement if entry is None else statement._replace(principals=(entry,))
        if stopped_by_boundary(node.account, asked, alone, known.held):
            continue
        found, provided = _able(node, entry, asked, known) if asked.caller.kind in _HOLDERS else ([], ())
        yield from found
        if provided is not None:
            others.setdefault(provided, []).extend(principals if entry is None else [entry])
    yield from (_Caller(_named(statement, called, entries), provided) for provided, entries in others.items())


def _by_principal(
    node: Node, index: int, kinds: Sequence[str], request: Request
) -> Iterator[tuple[Principal | None, Request]]:
    """The principals of a statement that let in a caller of these kinds, each with a request of its own."""
    policy = node.trust.policy
    principals = policy.statements[index].principals or ()
    if len(principals) < 2 or not is_concrete(policy):
        yield (principals[0] if len(principals) == 1 else None), request
        return
    for entry in principals:
        alone = policy.statements[index]._replace(principals=(entry,))
        statements = (*policy.statements[:index], alone, *policy.statements[index + 1 :])
        document = node.trust.document._replace(policy=policy._replace(statements=statements))
        answer = _prover(node, node.trust._replace(document=document), kinds).settle(index)
        if isinstance(answer, Refutation):
            yield entry, answer.request


def _able(
    node: Node, entry: Principal | None, request: Request, known: _Known
) -> tuple[list[_Caller], tuple[str, ...] | None]:
    """
    Whose policies let them ask for a role; and what has to be so of others whom the principal lets in, None where it
    lets in nobody else.
    """
    asking = at_role(request, node.arn, node.account, known.config, is_ours=known.is_ours)
    covered = None if entry is None else _covered(entry, request)
    if covered == ITSELF:
        return _itself(node, asking, known)
    found, lacking = [], list[str]()
    for holder in known.holders:
        if holder.kind not in _HOLDERS[request.caller.kind] or holder.account != request.caller.account:
            continue
        given = _grant(holder.side, asking)
        if given is not None and given.is_given:
            found.append(_Caller(holder.called, given.provided))
        elif given is not None and given.missing:
            lacking.append(f"{' and '.join(given.missing)}, which {holder.called} may not call")
    if found and covered == ACCOUNT:
        return found, None
    return found, tuple(f"a policy of theirs allows {one}" for one in lacking)


def _itself(node: Node, asking: Request, known: _Known) -> tuple[list[_Caller], tuple[str, ...] | None]:
    """A user whom a principal names: in another account it needs a policy of its own as well."""
    arn, account = asking.caller.arn, asking.caller.account
    side = known.held.sides.get(arn)
    given = None if side is None or account == node.account else _grant(side, asking)
    if given is None:
        return [], ()
    name = f"user {arn.rpartition('/')[2]} in {account}"
    if given.is_given:
        return [_Caller(name, given.provided)], None
    actions = " and ".join(given.missing or (asking.action,))
    return [], (f"a policy allows it {actions}, which the templates do not give it",)


def _covered(entry: Principal, request: Request) -> str | None:
    """How an entry covers the caller of a request; None where only a deployment knows."""
    try:
        return match(entry, request.caller)
    except ValueError:
        return None


def _grant(side: Side, asking: Request) -> Grant | None:
    """What policies say of a call; None where that is known only when they are deployed."""
    try:
        return grant(side, asking)
    except ValueError:
        return None


def _named(statement: Statement, called: str, principals: Sequence[Principal]) -> str:
    """Whoever a statement names."""
    whose = ", ".join(str(entry.value) for entry in principals) or "anybody but those who are named"
    subjects = _subjects(statement)
    if subjects and called in ("tokens of", "service"):
        whose = f"{whose} for {' or '.join(subjects)}"
    return f"{called} {whose}" if called == "service" or called.endswith(" of") else f"{called} of {whose}"


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


def _provided(statement: Statement) -> tuple[str, ...]:
    return tuple(
        f"{condition.operator} {condition.key} {' or '.join(map(str, condition.operands))}"
        for condition in statement.conditions
        if condition.key.lower() != "aws:multifactorauthpresent"
    )
