"""
Service and resource control policies that keep somebody from something.

Only what is certain counts: a Deny of a policy that says itself what it is attached to, in a run whose configuration
says which accounts are below that, or of one or another of several, whatever the parameters are. A policy that is not
attached to an account, or of which a part is known at deployment only, stops nobody; nor does one stop anybody in the
management account. Service-linked roles, which no such policy stops, may what AWS has written for them, and count as
kept out; proofs say so.
https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html
https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import TypeAlias

from trustproof.analysis.assignments.other_values import forms_at_no_default
from trustproof.analysis.assignments.template_context import TemplateContext
from trustproof.analysis.controls.planned_controls import SaidOfControls, after_plans, as_others_leave_them, is_own_root
from trustproof.config.model import Organization
from trustproof.inputs.reader import Input
from trustproof.model.document import CONTROL, IDENTITY, RESOURCE, TRUST, Document
from trustproof.model.identity_memory import IdentityMemory
from trustproof.model.policy import DENY, Condition, Guard, Path, Policy, Statement
from trustproof.model.query import is_concrete
from trustproof.model.text import Text
from trustproof.sets.search import BudgetReached
from trustproof.spec.matching import pattern
from trustproof.spec.operators.arn import arn_like

_OF_CALLERS, _OF_RESOURCES = "SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY"
#: By organization, as a configuration declares it: its control policies.
Controls: TypeAlias = "tuple[tuple[Organization, tuple[Document, ...]], ...]"
#: What a statement says but for its actions, and one of them; None where it says those that it does not deny.
_Denied: TypeAlias = "tuple[object, str | None]"
_CONTENT = "Content"
#: At so many assignments of parameters control policies are looked at together.
_WAYS = 64
#: Types of policies on what resource control policies protect, beside roles: of each service those that only decide
#: about calls to its resources in the account of the template. An access point may be in front of a bucket of another
#: account, and a registry or a destination of logs is called for its sender by the service itself.
PROTECTED = (
    "AWS::DynamoDB::GlobalTable",
    "AWS::DynamoDB::Table",
    "AWS::ECR::Repository",
    "AWS::KMS::Key",
    "AWS::KMS::ReplicaKey",
    "AWS::Logs::LogGroup",
    "AWS::Logs::ResourcePolicy",
    "AWS::S3::BucketPolicy",
    "AWS::SQS::QueueInlinePolicy",
    "AWS::SQS::QueuePolicy",
    "AWS::SecretsManager::ResourcePolicy",
)


#: What a control policy is beside policies of a kind.
_BESIDE = IdentityMemory[Document](256)

#: Whom none of them stops, where that matters: users and roles of a template are no such roles.
_SPARED = {"service": "", "resource": " (which stop no service-linked role)"}


def certain(context: TemplateContext) -> tuple[Document, ...]:
    """
    The control policies of a template that deny something in each of its deployments: only what they deny.
    """
    template = context.template
    if template.doubt or template.doubts or template.is_optional:
        return ()
    controls = [document for document in template.documents if document.kind == CONTROL]
    found: list[Document] = []
    for document in controls:
        if not document.guards and _is_the_same_everywhere(context, document):
            policy = _denies(document, lambda guards: not guards)
            found += [_with_defaults(context, document, policy)] if policy.statements else []
    known = {key for one in found for key, _ in _by_statement(one)}
    in_each = _in_each_way(template, controls, context.config.organization)
    others = (one for key, one in in_each if key not in known)
    return (*found, *(_with_defaults(context, one, one.policy) for one in others))


def _with_defaults(context: TemplateContext, document: Document, policy: Policy) -> Document:
    """A control policy of what it certainly denies, with the parameters at whose defaults it does."""
    found = context.template.defaults_of(document).items()
    at_defaults = tuple((f"{name} of {context.template.name}", default) for name, default in found)
    return document._replace(policy=policy, at_defaults=at_defaults)


def _denies(document: Document, is_there: Callable[[tuple[Guard, ...]], bool]) -> Policy:
    """
    What a control policy certainly denies.

    Args:
        is_there: whether something is there, by what guards it.
    """
    policy = document.policy
    denies = tuple(
        statement._replace(path=(), guards=(), conditions=tuple(c._replace(path=()) for c in statement.conditions))
        for statement in policy.statements
        if statement.effect == DENY and not statement.unreadable and is_there(statement.guards)
    )
    made = policy._replace(statements=denies, path=())
    return made if is_concrete(made) else made._replace(statements=())


def _in_each_way(
    template: Input, documents: Sequence[Document], organization: Organization | None
) -> Iterator[tuple[object, Document]]:
    """
    What control policies deny in each deployment, one or another of them: parameters decide which are there, and what
    is in them. Each statement is a policy by itself, of the actions that it, or one that says the same, denies in all.
    """
    try:
        classes = template.classes([part for one in documents for part in _parts(one)], apart={}) if documents else ()
        read = [template.assigned(one) for one in classes] if len(classes) <= _WAYS else []
        ways = [_denied(one, _moved(read), organization) for one in read]
    except BudgetReached:
        return
    found: dict[tuple[object, str], tuple[Document, list[str]]] = {}
    for (key, action), document in {one: document for way in ways for one, document in way.items()}.items():
        denying = [_denying(way, key, action) for way in ways]
        if None not in denying:
            names = " or ".join(sorted({one.logical_id for one in denying if one is not None}))
            found.setdefault((key, names), (document, []))[1].extend([action] if action is not None else [])
    for (_, names), (document, actions) in found.items():
        (statement,) = document.policy.statements
        if actions:
            # In the order of the policy, by which one that is the same everywhere is known again.
            statement = statement._replace(actions=tuple(actions))
        policy = document.policy._replace(statements=(statement,))
        yield from _by_statement(document._replace(logical_id=names, policy=policy))


def _denying(way: Mapping[_Denied, Document], key: object, action: str | None) -> Document | None:
    """What denies an action in a reading, or all the actions of a pattern; None where nothing is known to."""
    if action is None or (key, action) in way:
        return way.get((key, action))
    covering = (it for (of, one), it in way.items() if of == key and one is not None and _covers(one, action))
    return next(covering, None)


def _covers(wider: str, action: str) -> bool:
    """Whether a pattern of actions has each action of another one, as far as that is plain."""
    # What stands between its asterisks stands in the other one too, and so in each action of that.
    return "?" not in wider and fnmatchcase(action.lower(), wider.lower().replace("[", "[[]"))


def _moved(readings: Sequence[Input]) -> frozenset[Path]:
    """The places of the control policies that are not attached to the same in all of some readings of a template."""
    targets: dict[Path, set[tuple[Text, ...]]] = {}
    for document in (one for reading in readings for one in reading.documents if one.kind == CONTROL):
        targets.setdefault(document.path, set()).add(document.targets)
    return frozenset(path for path, found in targets.items() if len(found) > 1)


def _for_each_account(document: Document, organization: Organization | None) -> Iterator[Document]:
    """A control policy as it is attached to each account that is certainly below what it is attached to by its name."""
    named = [target for target in document.targets if not is_own_root(target)]
    return (document._replace(targets=(account,)) for account in accounts_below(organization, named))


def _denied(template: Input, moved: Collection[Path], organization: Organization | None) -> dict[_Denied, Document]:
    """
    Each statement of control policies that is certain in a reading of a template, as a policy by itself, by what it
    says of each action.

    Args:
        moved: the places of those that are attached to something else in other readings: accounts may be below both.

    Raises:
        BudgetReached: it takes too much to know.
    """
    deployments = template.deployments({})

    def is_there(guards: tuple[Guard, ...]) -> bool:
        return all(
            isinstance(guard.value, bool) and deployments.satisfy([guard._replace(value=not guard.value)]) is None
            for guard in guards
        )

    found: dict[_Denied, Document] = {}
    for document in template.documents:
        if document.kind == CONTROL and is_there(document.guards):
            here = document._replace(policy=_denies(document, is_there), guards=())
            attached = [here, *(_for_each_account(here, organization) if document.path in moved else ())]
            for alone in (one for each in attached for _, one in _by_statement(each)):
                (statement,) = alone.policy.statements
                key = repr(
                    (alone.name, alone.targets, alone.policy._replace(statements=(statement._replace(actions=None),)))
                )
                for action in map(str, statement.actions) if statement.actions is not None else (None,):
                    found.setdefault((key, action), alone)
    return found


def _by_statement(document: Document) -> Iterator[tuple[object, Document]]:
    """Each statement of a control policy by itself, with what says that another one is the same."""
    for statement in document.policy.statements:
        alone = document.policy._replace(statements=(statement,))
        yield repr((document.name, document.targets, alone)), document._replace(policy=alone)


def _parts(document: Document) -> tuple[Path, ...]:
    """Where a control policy stands, and where its type and what it is attached to do."""
    properties = document.path[: document.path.index(_CONTENT)]
    return (document.path, *((*properties, name) for name in ("Type", "TargetIds")))


def _is_the_same_everywhere(context: TemplateContext, document: Document) -> bool:
    """Whether a control policy, its type and what it is attached to are the same at every value of the parameters."""
    try:
        return not any(context.template.classes((part,)) for part in _parts(document))
    except BudgetReached:
        return False


def named_controls(given: Iterable[SaidOfControls]) -> Controls:
    """
    What the templates of a run certainly deny, and attach to the root of an organization, its units or its accounts.

    Args:
        given: what each of them says.
    """
    said = [*given]
    counting = []
    for organization in dict.fromkeys(one.organization for one in said if one.organization is not None):
        ours = {organization.root, *organization.accounts, *dict(organization.units)}
        # A plan of which no configuration says the organization may be about any.
        near = [one for one in said if one.organization in (organization, None)]
        each = [
            [one for one in as_others_leave_them(near, at) if any(t in ours or is_own_root(t) for t in one.targets)]
            for at, template in enumerate(near)
            if template.organization is not None
        ]
        kept = tuple(after_plans(organization, _with_one_root(each), [one.changed for one in near]))
        counting.append((organization, kept))
    return tuple((organization, controls) for organization, controls in counting if controls)


def _with_one_root(each: Sequence[Sequence[Document]]) -> tuple[Document, ...]:
    """
    The control policies of templates, without what several of them attach to the roots of their own organizations:
    these may be two.
    """
    if sum(any(is_own_root(target) for one in some for target in one.targets) for some in each) < 2:
        return tuple(one for some in each for one in some)
    kept = (one._replace(targets=tuple(t for t in one.targets if not is_own_root(t))) for some in each for one in some)
    return tuple(one for one in kept if one.targets)


def of_organization(controls: Controls, organization: Organization | None) -> tuple[Document, ...]:
    """The control policies of an organization: another one may call a root, or a unit, the same."""
    return next((found for one, found in controls if one == organization), ())


def attached_to(context: TemplateContext) -> tuple[Document, ...]:
    """What is denied to the users and roles of the account of a template, if it says which it is."""
    return tuple(
        one._replace(kind=IDENTITY, path=(), is_foreign=True, guards=())
        for one in context.controls
        if one.name == _OF_CALLERS and _is_below(context, one)
    )


def around(context: TemplateContext, document: Document) -> tuple[Document, ...]:
    """
    What control policies deny of what a trust policy or resource policy allows.

    A service control policy denies it to callers in the accounts that it is attached to, wherever the resource is; a
    resource control policy to everybody, of resources in the account of the template.
    """
    return tuple(_around(context, document))


def _around(context: TemplateContext, document: Document) -> Iterator[Document]:
    if document.kind not in (TRUST, RESOURCE):
        return
    is_protected = document.kind == TRUST or document.resource_type in PROTECTED
    for one in context.controls:
        callers = accounts_below(context.config.organization, one.targets)
        is_of_callers = one.name == _OF_CALLERS
        if not callers or not (is_of_callers or (is_protected and _is_below(context, one))):
            continue
        said = one.policy.statements
        about = tuple(at for at, it in enumerate(said) if _certainly_about(context, it, document) is not None)
        if about:
            yield _beside(one, document.kind, about, callers if is_of_callers else ())


def _beside(control: Document, kind: str, about: tuple[int, ...], callers: tuple[str, ...]) -> Document:
    """
    A control policy as one beside policies of a kind, with those of its statements that are about what they stand on.

    It is one and the same for all of these: of thousands of statements each role of each account would have its own.
    """

    def beside() -> Document:
        more = (Condition("StringEquals", "aws:PrincipalAccount", callers),) if callers else ()
        denies = tuple(
            s._replace(resources=None if kind == TRUST else s.resources, conditions=(*s.conditions, *more))
            for s in (control.policy.statements[at] for at in about)
        )
        policy = control.policy._replace(statements=denies)
        return control._replace(kind=kind, policy=policy, path=(), is_foreign=True, guards=())

    return _BESIDE.get(beside, control, callers, values=(kind, about))


def accounts_below(organization: Organization | None, targets: Iterable[Text]) -> tuple[str, ...]:
    """The accounts that are certainly below what a policy is attached to."""
    return () if organization is None else _below(organization, tuple(targets))


@lru_cache(maxsize=256)
def _below(organization: Organization, targets: tuple[Text, ...]) -> tuple[str, ...]:
    """The same, found once for all that the policies of an organization are about."""
    if organization.root in targets or any(map(is_own_root, targets)):
        return organization.accounts
    named = {target for target in targets if isinstance(target, str)}
    named.update(account for unit, accounts in organization.units if unit in named for account in accounts)
    return tuple(account for account in organization.accounts if account in named)


def _is_below(context: TemplateContext, control: Document) -> bool:
    """Whether a policy is attached to the account of a template, which says which it is."""
    return context.template.account in accounts_below(context.config.organization, control.targets)


def _certainly_about(context: TemplateContext, statement: Statement, document: Document) -> Statement | None:
    """A Deny as one about a role, whatever the defaults of parameters are by which that is called."""
    found = about_role(statement, document)
    if found is None or document.kind != TRUST or "*" in (statement.resources or ()):
        return found
    forms = forms_at_no_default(context, document)
    return found if all(form is not None and about_role(statement, form[1]) is not None for form in forms) else None


def about_role(statement: Statement, document: Document) -> Statement | None:
    """
    A Deny as one about a role, whose trust policy names no resource; None where it is not certain to be about it.

    What another policy stands on is a part of each request to it.
    """
    if document.kind != TRUST:
        return statement
    found = any(entry == "*" or _is_named(document.resource_arn, entry) for entry in statement.resources or ())
    return statement._replace(resources=None) if found else None


def _is_named(role: Text, entry: Text) -> bool:
    return isinstance(role, str) and isinstance(entry, str) and "${" not in entry and arn_like(role, pattern(entry))


def resting_on(controls: Iterable[Document]) -> tuple[str, ...]:
    """What a proof that these count for has to say."""
    found = [*controls]
    said = (
        ("service", [_called(one) for one in found if one.name == _OF_CALLERS]),
        ("resource", [_called(one) for one in found if one.name == _OF_RESOURCES]),
    )
    return tuple(
        f"this rests on {kind} control policies that stay attached: {', '.join(dict.fromkeys(names))}{_SPARED[kind]}"
        for kind, names in said
        if names
    )


def _called(control: Document) -> str:
    """What a control policy is called, with what is taken of whom it is attached to."""
    looked_up = next((str(target) for target in control.targets if is_own_root(target)), "")
    taken = f" (to {looked_up}, taken to be the root of [organization])" if looked_up else ""
    names = [name.partition(" of ")[0] for name, _ in control.at_defaults]
    at = f" (at the default of {', '.join(names)})" if names else ""
    return f"{control.logical_id}{at}{taken}"
