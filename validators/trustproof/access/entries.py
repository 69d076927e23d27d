"""
Who gets into the roles of templates.

Of every statement of every trust policy the engine is asked whether a caller of each kind gets in, and the evaluator
confirms it. Whose policies let them ask for the role is asked of the evaluator too, with the same request.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from trustproof.access.callers_named import callers_of
from trustproof.access.denied_requests import MFA, condition_text, denied_requests
from trustproof.access.holders import (
    assigned_permission_sets,
    policy_holders,
)
from trustproof.access.obstacles import stopped_by_boundary
from trustproof.access.own_policies import HeldPolicies
from trustproof.access.permitted_callers import (
    PEOPLE,
    Caller,
    KnownPolicies,
    permitted_callers,
    prover_for,
    with_principal,
)
from trustproof.analysis.assignments.template_context import TemplateContext
from trustproof.analysis.presentation.resource_names import name_in, open_name_in
from trustproof.analysis.role_chains.roles import Node
from trustproof.analysis.templates.template import check_template
from trustproof.config.model import Config
from trustproof.inputs.reader import Input
from trustproof.model.document import TRUST
from trustproof.model.policy import Policy, Principal, Statement
from trustproof.model.principals import AccountAssignment
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
from trustproof.model.text import ACCOUNT_ID, GENERATED_NAME, Symbol, Symbolic, Text
from trustproof.properties import registry
from trustproof.properties.base import Property
from trustproof.properties.question import Refutation
from trustproof.proving.answers import Proof
from trustproof.proving.cache import Proofs

#: Operators of conditions that a request without the key does not meet.
_COMPARING = ("StringEquals", "StringLike", "StringEqualsIgnoreCase")
#: Session tags of EKS Pod Identity:
#: https://docs.aws.amazon.com/eks/latest/userguide/pod-id-abac.html
_TOLD_BY = {
    f"aws:requesttag/kubernetes-{tag}": word
    for tag, word in (("namespace", "namespace"), ("service-account", "service account"))
}
#: What stands for the account of a template that does not say it, as in texts that a deployment fills in.
_OWN_ACCOUNT = f"<{ACCOUNT_ID}>"
#: What may be said of MFA.
REQUIRED, NOT_REQUIRED, NONE, UNKNOWN = "required", "not required", "cannot carry it", "unknown"
#: Kinds of caller to what they are called; of users, whoever is let in without MFA comes first.
_WITHOUT_MFA = (USER_KEY, USER_SESSION)
_ROLES = (ROLE_SESSION,)
_KINDS: tuple[tuple[tuple[str, ...], str, str], ...] = (
    (_WITHOUT_MFA, "users", NOT_REQUIRED),
    ((USER_SESSION_MFA,), "users", REQUIRED),
    (_ROLES, "sessions of roles", NONE),
    (PEOPLE, "people of Identity Center", NONE),
    ((SERVICE,), "service", NONE),
    ((SAML,), "people of", NONE),
    ((WEB_IDENTITY,), "tokens of", NONE),
)
#: Callers of whom other policies than the trust policy may decide what they ask for.
_HOLDERS = (USER_KEY, USER_SESSION, USER_SESSION_MFA, IDENTITY_CENTER, ROLE_SESSION)


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
    #: The conditions of the statement, as texts, and then what other statements of the policy deny.
    provided: tuple[str, ...]
    template: str
    #: The account; else what is known of where the role is.
    place: str
    #: Of a permission set: who is assigned to it there, as texts. None for anybody else.
    assigned: tuple[str, ...] | None = None
    #: Of the role, in its template.
    logical_id: str = ""
    #: Whether the template gives the role no name, so that `role` is an example of what it will be called.
    is_unnamed: bool = False


class Holding(NamedTuple):
    """
    A template as far as it says who holds which policies.
    """

    template: Input
    #: By logical id of its permission sets: who has them by assignments of other stacks.
    assigned: Mapping[str, Sequence[AccountAssignment]] = {}


def entries(templates: Iterable[Input], config: Config, holding: Iterable[Holding] | None = None) -> list[Entry]:
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
    templates = tuple(templates)
    known = what_is_known(map(Holding, templates) if holding is None else holding, config)
    found: set[Entry] = set()
    for number, template in enumerate(templates):
        # What differs in none of the Regions of a StackSet has the same number, and so the same made-up names.
        for one in template.in_each_region():
            found.update(_of_template(one, number, config, asked, known))
    return sorted(found, key=lambda entry: (entry.place, entry.role, entry.who, entry.mfa, entry.provided))


def _of_template(
    template: Input, number: int, config: Config, asked: Sequence[Property], known: KnownPolicies
) -> Iterator[Entry]:
    checked = check_template(template, config, asked, (number, 0))
    longest = {
        template.documents[role.trust].path: _longest(role.max_session_duration)
        for role in template.roles
        if role.trust is not None
    }
    here = _here(template, known) if checked.nodes else known
    for node in checked.nodes:
        yield from _of_role(node, longest.get(node.path, ""), template, here)


def what_is_known(holding: Iterable[Holding], config: Config) -> KnownPolicies:
    """Whose policies templates say."""
    saying = tuple(holding)
    contexts = [_context(one.template, config) for one in saying]
    return KnownPolicies(
        [one for context in contexts for one in policy_holders(context, context.template.account)],
        [
            one
            for context, its in zip(contexts, saying, strict=True)
            for one in assigned_permission_sets(context, its.assigned)
        ],
        HeldPolicies(contexts),
        config,
    )


def people_of(node: Node, template: Input, known: KnownPolicies) -> Iterator[Caller]:
    """The permission sets whose people get into a role, with all that has to be so for that."""
    here = _here(template, known)
    for (index, entry), answer in _let_in_by(node, PEOPLE).items():
        for caller in _callers(node, index, "", {entry: answer}, here)[0]:
            if caller.assigned is not None:
                yield caller._replace(provided=(*_provided(node.trust.policy, index), *caller.provided))


def _context(template: Input, config: Config) -> TemplateContext:
    return TemplateContext(template, config, Proofs(), certify=False)


def _here(template: Input, known: KnownPolicies) -> KnownPolicies:
    """What is known for the roles of a template: where no template says its account, its own people are in it too."""
    here = known._replace(is_ours=bool(template.targets.groups))
    context = None if template.account else _context(template, known.config)
    if context is None or context.named or not context.assumed:
        return here
    people = policy_holders(context, context.account)
    return here._replace(made_up=context.account, holders=[*known.holders, *people])


def _longest(value: object) -> int | str:
    return value if isinstance(value, int) else str(value)


def _of_role(node: Node, longest: int | str, template: Input, known: KnownPolicies) -> Iterator[Entry]:
    let_in = {kinds: _let_in_by(node, kinds) for kinds, _, _ in _KINDS}
    without = {each for each, answer in let_in[_WITHOUT_MFA].items() if answer is not None}
    # Whoever an account lets be a user, a role or something else there.
    everybody = {each for each in without if let_in[_ROLES].get(each) is not None}
    logical_id = node.trust.document.logical_id
    named = _name_of(logical_id, template)
    place = template.account or template.targets.words or UNKNOWN
    for kinds, called, mfa in _KINDS:
        alike: dict[tuple[int, str, str, bool], dict[Principal | None, Request | None]] = {}
        for each, answer in let_in[kinds].items():
            # Who gets in without MFA, or whatever he is, needs no line for each way to get in.
            if (mfa == REQUIRED and each in without) or (kinds == _ROLES and each in everybody):
                continue
            word = "callers" if kinds == _WITHOUT_MFA and each in everybody else called
            carried = mfa if answer is not None else UNKNOWN
            index, entry = each
            alike.setdefault((index, word, carried, each in everybody), {})[entry] = answer
        for (index, word, carried, is_anybody), those in alike.items():
            listed, by_policies = _callers(node, index, word, those, known)
            # Whose own policies are known says nothing of roles and people who are something else there.
            everybody -= {(index, entry) for entry in by_policies}
            for caller in listed:
                if kinds == PEOPLE and is_anybody and caller.assigned is None:
                    continue
                provided = (*_provided(node.trust.policy, index), *caller.provided)
                who = caller.who.replace(known.made_up, _OWN_ACCOUNT) if known.made_up else caller.who
                account, path = template.account, template.name
                role = named or node.name
                asked = REQUIRED if caller.is_with_mfa and carried == NOT_REQUIRED else carried
                found = Entry(who, role, account, asked, longest, provided, path, place, caller.assigned)
                yield found._replace(logical_id=logical_id, is_unnamed=not named)


def _name_of(logical_id: str, template: Input) -> str:
    """The name of a role, with what only a deployment knows in angle brackets; empty where its template gives none."""
    arns = [one.resource_arn for one in template.documents if one.kind == TRUST and one.logical_id == logical_id]
    opened = (found for arn in arns if (found := _open_name(arn)))
    return next((name for arn in arns if (name := name_in(arn))), "") or next(opened, "")


def _open_name(arn: Text) -> str:
    """The name in the ARN of a role where somebody else gives it; empty where the deployment makes it up."""
    last = arn.parts[-1] if isinstance(arn, Symbolic) else ""
    if (found := open_name_in(arn)) is None and isinstance(last, Symbol) and last.holds != GENERATED_NAME:
        return str(Symbolic((last,)))
    return "" if found is None else str(found)


def _let_in(node: Node, kinds: Sequence[str]) -> Iterator[tuple[int, Request | None]]:
    """The statements that let in a caller of these kinds, with a request; None where that is not decided."""
    prover = prover_for(node, node.trust, kinds)
    for index in prover.compiled.allow_indices:
        answer = prover.settle(index)
        if not isinstance(answer, Proof):
            yield index, answer.request if isinstance(answer, Refutation) else None


def _let_in_by(node: Node, kinds: Sequence[str]) -> dict[tuple[int, Principal | None], Request | None]:
    """
    The statements that let in a caller of these kinds, each by those of its principals that do; None for all of them.

    Of two principals of a statement, a Deny may ask one alone for MFA, and a role is no user of the account beside it.
    """
    found: dict[tuple[int, Principal | None], Request | None] = {}
    for index, request in _let_in(node, kinds):
        principals = node.trust.policy.statements[index].principals or ()
        if len(principals) < 2:
            found[index, next(iter(principals), None)] = request
            continue
        for entry in principals:
            answer = prover_for(node, with_principal(node.trust, index, entry), kinds).settle(index)
            if not isinstance(answer, Proof):
                found[index, entry] = answer.request if isinstance(answer, Refutation) else None
    return found


def _callers(
    node: Node, index: int, called: str, let_in: Mapping[Principal | None, Request | None], known: KnownPolicies
) -> tuple[list[Caller], list[Principal | None]]:
    """
    Who gets in by principals of a statement: those whose policies let them ask, and else whoever it names.

    Returns:
        They, and the principals of which only those are among them.
    """
    statement = node.trust.policy.statements[index]
    listed: list[Caller] = []
    by_policies: list[Principal | None] = []
    # Those of whom nothing is known but what the statement says, by what has to be so besides.
    others: dict[tuple[str, ...], list[Principal]] = {}
    for entry, asked in let_in.items():
        alone = statement if entry is None else statement._replace(principals=(entry,))
        provided: tuple[str, ...] | None = ()
        if asked is not None and asked.caller.kind in _HOLDERS:
            if stopped_by_boundary(node.account, asked, node.trust.document, alone, known.held):
                by_policies.append(entry)
                continue
            found, provided = permitted_callers(node, index, entry, asked, known)
            listed += found
        if provided is not None:
            others.setdefault(provided, []).extend(alone.principals or ())
        else:
            by_policies.append(entry)
    listed += [Caller(_named(statement, called, entries), provided) for provided, entries in others.items()]
    return listed, by_policies


def _named(statement: Statement, called: str, principals: Sequence[Principal]) -> str:
    """Whoever a statement names."""
    whose = ", ".join(str(entry.value) for entry in principals) or "anybody but those who are named"
    subjects = _subjects(statement)
    if subjects and called in ("tokens of", "service"):
        whose = f"{whose} for {' or '.join(subjects)}"
    if called == "service" or called.endswith(" of"):
        return f"{called} {whose}"
    return callers_of(called, [str(entry.value) for entry in principals] or [whose])


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


def _provided(policy: Policy, index: int) -> tuple[str, ...]:
    own = (condition_text(one) for one in policy.statements[index].conditions if one.key.lower() != MFA)
    return (*own, *denied_requests(policy, index, without_mfa=True))
