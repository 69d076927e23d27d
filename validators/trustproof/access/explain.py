"""
One role or resource, and who gets in; or one caller, and where it gets in.

Of every statement the engine is asked whether a caller of each kind gets in, and the evaluator confirms it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from os import PathLike

from trustproof.access.callers_named import callers_named, callers_of, may_name, not_stopped, why_not
from trustproof.access.denied_requests import provided
from trustproof.access.linked_templates import read_linked
from trustproof.access.needs import NOT_GIVEN, needs, permitted
from trustproof.access.obstacles import (
    is_denied,
    obstacles_of,
    place_of,
    without_settings,
)
from trustproof.access.outside import is_from_outside
from trustproof.access.own_access import may_by_own_policies
from trustproof.access.own_policies import HeldPolicies
from trustproof.access.permission_sets import PermissionSet, PermissionSets
from trustproof.access.questions import decide_statement, questions
from trustproof.access.resources import Resource, at_defaults, find, resources_of
from trustproof.access.role_chains import chains, chains_of, key_of
from trustproof.access.unknown_accounts import account_of, accounts_of_resources, at_account, has_doubt
from trustproof.analysis.across.linked_inputs import LinkedInputs
from trustproof.analysis.assignments.template_context import TemplateContext
from trustproof.analysis.controls.control_policies import around, certain, named_controls, of_organization
from trustproof.analysis.controls.planned_controls import SaidOfControls
from trustproof.analysis.controls.surroundings import documents_around
from trustproof.analysis.presentation.presentation import without_secrets
from trustproof.analysis.role_chains.reach import Key, Roles
from trustproof.api import read_config
from trustproof.config.model import Config
from trustproof.errors import UsageError
from trustproof.escaping.text import shown
from trustproof.inputs.arguments import check_place, check_policy_kind, check_values, each_path, path_text, path_texts
from trustproof.inputs.reader import Input
from trustproof.inputs.settings import Settings
from trustproof.model.arn import is_account
from trustproof.model.document import POLICY_KINDS, TRUST, Document
from trustproof.model.request import (
    ANONYMOUS,
    CREDENTIALS,
    FEDERATED_USER,
    IDENTITY_CENTER,
    ROLE_SESSION,
    ROOT,
    SAML,
    SERVICE,
    USER_KEY,
    USER_KEY_MFA,
    USER_SESSION,
    USER_SESSION_MFA,
    WEB_IDENTITY,
)
from trustproof.properties.question import Inquiry, Refutation, Subject
from trustproof.properties.shared.bucket_principals import asked_by_makers
from trustproof.properties.shared.callers import NamedCaller, parse_caller
from trustproof.proving.answers import Undecided
from trustproof.proving.cache import Proofs
from trustproof.proving.counterexamples import counterexample, deciding_policies
from trustproof.proving.prover import Prover
from trustproof.results.explanation import (
    NO,
    NO_MFA,
    NOT_REQUIRED,
    REQUIRED,
    Entrance,
    Explanation,
    Obstacle,
)
from trustproof.results.sentences import safe_to_print

_WITHOUT_MFA, _WITH_MFA = (USER_KEY, USER_SESSION), (USER_SESSION_MFA, USER_KEY_MFA)
_OTHERS = "anybody but those who are named"
#: What stands for the account in the ARN of an origin access identity.
_OF_CLOUDFRONT = "cloudfront"
#: Callers that are of no account, so that none is outside of the boundary.
_NOT_OF_ACCOUNTS = (SERVICE, SAML, WEB_IDENTITY)
#: Kinds of caller to what they are called and what is to be said of MFA; of users, those without MFA come first.
_SORTS: tuple[tuple[tuple[str, ...], str, str], ...] = (
    ((ANONYMOUS,), "anybody, without credentials", NO_MFA),
    (_WITHOUT_MFA, "users", NOT_REQUIRED),
    (_WITH_MFA, "users", REQUIRED),
    ((ROLE_SESSION,), "sessions of roles", NO_MFA),
    ((IDENTITY_CENTER,), "people of Identity Center", NO_MFA),
    ((FEDERATED_USER,), "federated users", NO_MFA),
    ((ROOT,), "root users", NO_MFA),
    ((SERVICE,), "services", NO_MFA),
    ((SAML,), "people of a SAML provider", NO_MFA),
    ((WEB_IDENTITY,), "tokens of a web identity provider", NO_MFA),
)


@safe_to_print
def explain(
    paths: Sequence[str | PathLike[str] | Mapping[str, object]],
    resource: str | None = None,
    *,
    caller: str | None = None,
    config: Config | Mapping[str, object] | None = None,
    account: str | None = None,
    region: str | None = None,
    parameters: Mapping[str, str] | None = None,
    provider_accounts: Mapping[str, str] | None = None,
    source: str | PathLike[str] | None = None,
    var_files: Sequence[str | PathLike[str]] = (),
    policy_kind: str | None = None,
) -> tuple[Explanation, ...]:
    """
    Who gets into a role or resource, by which statement, with MFA or without, from outside, and over which chain of
    roles; or where a caller gets in, and what stands in its way.

    >>> template = {"Resources": {"Admin": {"Type": "AWS::IAM::Role", "Properties": {"RoleName": "admin",
    ...     "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
    ...     "Principal": {"AWS": "111122223333"}, "Action": "sts:AssumeRole",
    ...     "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}]}}}}}
    >>> (found,) = explain([template], "admin")
    >>> [(entrance.who, entrance.mfa) for entrance in found.entrances]
    [('users of 111122223333', 'required')]
    >>> (found,) = explain([template], "admin", caller="arn:aws:iam::111122223333:role/app")
    >>> found.obstacles[0].reasons
    ('aws:MultiFactorAuthPresent is absent, and Bool is false when the key is absent',)

    Args:
        paths: files, directories of templates, cloud assemblies, or templates as mappings.
        resource: a role, resource or permission set by its name, logical id, ARN or construct path, or by the role that
            Identity Center makes of a permission set (``AWSReservedSSO_…``); None for all.
        caller: an account, an ARN, the host of a service or ``anonymous``; None for everybody.
        config: the project's declarations; a mapping has the shape of ``trustproof.toml``.
        account: 12 digits; the account of templates that do not say theirs.
        region: likewise.
        parameters: template parameters to values.
        provider_accounts: provider configurations of Terraform to accounts, as for `check`.
        source: the configuration that a plan of Terraform was made of, as for `check`.
        var_files: files with values of the variables of Terraform configurations.
        policy_kind: what policy documents are that stand by themselves.

    Returns:
        One for each role and resource that is asked about; with a caller and no resource, for those that it gets into.

    Raises:
        InputError: a template cannot be read.
        UsageError: neither a resource nor a caller is named, there is no such resource, the caller names nobody, or an
            account or a Region is none.
    """
    if resource is None and caller is None:
        raise UsageError("name a resource, or a caller")
    for name in (resource, caller):
        if name is not None and not isinstance(name, str):
            raise UsageError(f"a resource or a caller is named by a text, got {shown(name)}")
    given = each_path(paths)
    check_place(account, region, provider_accounts)
    named = None if caller is None else _caller(caller)
    check_values(parameters)
    files = path_texts(var_files, "the path of a file with values of variables")
    check_policy_kind(policy_kind, POLICY_KINDS, "policy_kind")
    made_of = None if source is None else path_text(source, "the path of a configuration of Terraform")
    settings = Settings(account, region, parameters or {}, provider_accounts or {}, made_of, files, policy_kind)
    linked, stacks = read_linked(given, settings)
    declared = read_config(config)
    found = _found(linked, stacks, declared, resource, named)
    own = "" if named is None else account_of(named)
    open_ = [one for one in linked.inputs if one.account is None and not one.targets.words]
    if own and open_:
        found = at_account(found, _found(linked, stacks, declared, resource, named, own), own, str(caller))
    ids = {one.logical_id for one in found}
    documents = (each for one in open_ for each in one.documents if resource is None or each.logical_id in ids)
    for there in accounts_of_resources(documents) if resource is None or has_doubt(found) else ():
        if there != own:
            also = _found(linked, stacks, declared, resource, named, there)
            found = at_account(found, also, there, "somebody" if caller is None else str(caller))
    return without_secrets(found, linked.inputs)


def _found(
    linked: LinkedInputs,
    stacks: Sequence[str],
    declared: Config,
    resource: str | None,
    named: NamedCaller | None,
    account: str = "",
) -> tuple[Explanation, ...]:
    """
    What is found of what is asked about.

    Args:
        account: of templates that do not say theirs; empty for one that is nobody's.
    """
    # An account that is made up is not that of the caller.
    theirs = frozenset(() if named is None else filter(None, [account_of(named)]))
    alone = [_context(found, declared, theirs, account=account) for found in linked.inputs]
    controls = named_controls(
        SaidOfControls(one.template.name, declared.organization, certain(one), one.template.outward_changes)
        for one in alone
    )
    ours = of_organization(controls, declared.organization)
    contexts, places = dict[str, TemplateContext](), dict[str, int]()
    for at, input_ in enumerate(linked.inputs):
        for number, each in enumerate(input_.in_each_group()):
            label = f"{at}.{number}" if number else f"{at}"
            contexts[label], places[label] = _context(each, declared, theirs, ours, account), at
    everything = [one for label, context in contexts.items() for one in resources_of(context, label)]
    sets = PermissionSets(linked, contexts, {label: linked.called.get(at) for label, at in places.items()}, declared)
    named_sets: list[PermissionSet] = []
    asked = everything
    if resource is not None:
        declared_sets: list[Resource | PermissionSet] = [*everything, *sets.declared]
        secrets = frozenset(secret for one in linked.inputs for secret in one.presentation.secrets)
        found_all = find(declared_sets, resource, secrets)
        asked = [one for one in found_all if isinstance(one, Resource)]
        named_sets = [one for one in found_all if isinstance(one, PermissionSet)]
        if named is not None and not asked:
            raise UsageError(
                f'"{resource}" is a permission set: people of Identity Center have it by assignments, and no caller of '
                "AWS gets into it; ask about it without a caller"
            )
    grouped = {at for group in linked.groups for at in group}
    alone = [context for label, context in contexts.items() if places[label] not in grouped]
    # What several templates attach to somebody, counts together.
    joined = (linked.joined(group)[0] for group in linked.groups)
    held = HeldPolicies([*alone, *(_context(one, declared, theirs, account=account) for one in joined)])
    entered = frozenset[Key]() if named is None else _entered(everything, named, held)
    roles: Roles | None = None
    out: list[Explanation] = []
    for one in asked:
        found = _explained(one, named, held, obstacles=resource is not None)
        found = found._replace(stack=stacks[places[one.label]])
        if one.kind == TRUST and (entered if named is not None else resource is not None):
            roles = roles or Roles(contexts, {label: number for number, label in enumerate(contexts)}, {})
            # Who may enter under conditions needs none of them where a chain leads there.
            least = any(not entrance.provided for entrance in found.entrances)
            asked_of = entered if least else entered - {key_of(one)}
            over = chains(roles, one) if named is None else chains_of(roles, one, named.written, entered, asked_of)
            found = found._replace(chains=tuple(over))
            if roles.reached:
                found = found._replace(undecided=(*found.undecided, f"chains of roles: {roles.reached}"))
            if named is None and (node := roles.nodes.get(key_of(one))) is not None:
                found = found._replace(people=sets.people_of(node, one.context.template))
        if resource is not None or found.entrances or found.undecided or found.chains:
            out.append(found)
    if named is None:
        out += (one.explained(str(resource)) for one in named_sets)
    return tuple(out)


def _entered(everything: Sequence[Resource], caller: NamedCaller, held: HeldPolicies) -> frozenset[Key]:
    """The roles that a caller gets into at once."""
    return frozenset(
        key_of(one)
        for one in everything
        if one.kind == TRUST
        and any(not each.needs.endswith(NOT_GIVEN) for each in _explained(one, caller, held, obstacles=False).entrances)
    )


def _caller(written: str) -> NamedCaller:
    try:
        named = parse_caller(written)
    except ValueError as error:
        raise UsageError(f'"{written}" is no caller: {error}') from None
    # Of a digit that is missing, or the hyphens of the console, "does not get in" would be said of nobody.
    account = written.split(":")[4] if written.startswith("arn:") else ""
    is_open = "*" in account or "?" in account
    if written.startswith("arn:") and not (is_account(account) or is_open or account == _OF_CLOUDFRONT):
        raise UsageError(f'"{written}" is no caller: expected an account (12 digits) in its ARN, got "{account}"')
    return named


def _context(
    template: Input, config: Config, others: frozenset[str], controls: tuple[Document, ...] = (), account: str = ""
) -> TemplateContext:
    return TemplateContext(
        template, config, Proofs(), certify=False, account=account, accounts=others, controls=controls
    )


# -- who gets in


def _explained(resource: Resource, caller: NamedCaller | None, held: HeldPolicies, *, obstacles: bool) -> Explanation:
    entrances: list[Entrance] = []
    undecided: list[str] = [resource.unread] if resource.unread else []
    stopped: list[Obstacle] = []
    denials = () if caller is None else held.denials(caller.written)
    for subject in resource.subjects:
        own = tuple(document for one in denials for document in one.beside(resource.context, subject.document))
        # What the policies of a caller deny, or control policies, none of the resource allows it.
        controls = around(resource.context, subject.document)
        settings, doubt = documents_around(resource.context, subject.document)
        undecided += [doubt] if doubt else []
        prover = _prover(resource, subject._replace(others=(*subject.others, *own, *controls, *settings)))
        for index in prover.compiled.allow_indices:
            found = list(_by_statement(resource, prover, index, caller, held, undecided, controls))
            entrances += permitted(found) if caller is not None else found
            if not found and obstacles:
                stopped += _obstacles(resource, prover, index, caller, held)
    if caller is not None and not entrances:
        undecided += filter(None, [may_by_own_policies(resource, caller, held, is_asked=obstacles)])
    template = resource.context.template
    return Explanation(
        resource.name,
        template.presentation.types.get(resource.logical_id, resource.resource_type),
        resource.logical_id,
        template.name,
        template.account,
        tuple(entrances),
        # Where conditions of a template decide what a policy says, one statement may be in the way in each case.
        obstacles=()
        if entrances
        else tuple({(one.place, one.reasons): one for one in reversed(stopped)}.values())[::-1],
        undecided=tuple(dict.fromkeys((*undecided, *at_defaults(resource)))),
        deployed_to="" if template.account else template.targets.words,
    )


def _prover(resource: Resource, subject: Subject) -> Prover:
    """Answers which requests get in by a policy; the questions are asked one by one."""
    return Prover(
        subject,
        Inquiry("explain", lambda subject, index: (), normalize=asked_by_makers),
        resource.context.deployments,
    )


def _by_statement(
    resource: Resource,
    prover: Prover,
    index: int,
    caller: NamedCaller | None,
    held: HeldPolicies,
    undecided: list[str],
    controls: tuple[Document, ...],
) -> Iterator[Entrance]:
    subject = prover.subject
    statement = subject.policy.statements[index]
    place = place_of(resource.context, subject, index)
    outside = ""
    without, lacking = False, False
    for kinds, called, mfa in _SORTS:
        if not questions(subject, kinds, caller, held) or (kinds == _WITH_MFA and without):
            continue
        answer = decide_statement(prover, index, kinds, caller, held)
        answer = not_stopped(prover, index, kinds, caller, answer, resource.context, held)
        if isinstance(answer, Undecided):
            undecided += (f"{place.statement}, {called}: {reason}" for reason in answer.reasons)
        if not isinstance(answer, Refutation):
            continue
        if is_denied(subject.others, answer.request):
            undecided.append(f"{place.statement}, {called}: whether the caller's own policies deny every request")
            continue
        context = resource.context
        answer, needed = needs(resource, prover, index, kinds, answer, caller, held)
        # Policies of its own may let somebody ask who has MFA.
        without = without or (kinds == _WITHOUT_MFA and not needed.endswith(NOT_GIVEN))
        if kinds == _WITH_MFA and lacking and needed.endswith(NOT_GIVEN):
            # It has none in any case, and of the role nobody is asked for MFA.
            continue
        lacking = lacking or (kinds == _WITHOUT_MFA and needed.endswith(NOT_GIVEN))
        if kinds[0] not in _NOT_OF_ACCOUNTS:
            outside = outside or is_from_outside(resource, subject._replace(others=controls), index, caller)
        who = called
        if caller is not None:
            who = caller.written
        elif kinds != (ANONYMOUS,):
            named = callers_named(prover, index, kinds, answer.request, context, held)
            is_of_none = kinds[0] in _NOT_OF_ACCOUNTS
            own = "" if context.template.account or context.named else context.account
            who = f"{called}: {', '.join(named)}" if is_of_none else callers_of(called, named or [_OTHERS], own)
        about = None if caller is None else answer.request.caller
        yield Entrance(
            place,
            who,
            mfa,
            "" if kinds[0] in _NOT_OF_ACCOUNTS or (kinds == (ANONYMOUS,) and outside == NO) else outside,
            provided(subject, index, about, is_of_account=kinds[0] not in _NOT_OF_ACCOUNTS),
            counterexample(
                answer.request,
                deciding_policies(without_settings(subject), statement),
                answer.parameters,
                asks_for_mfa=resource.kind == TRUST,
            ),
            needed,
        )


# -- what stands in the way


def _obstacles(
    resource: Resource, prover: Prover, index: int, caller: NamedCaller | None, held: HeldPolicies
) -> Iterator[Obstacle]:
    """Why no request of a caller, or of anybody, gets in by a statement that may be about it."""
    subject = prover.subject
    place = place_of(resource.context, subject, index)
    kinds = tuple(CREDENTIALS) if caller is None else caller.kinds
    asked = questions(subject, kinds, caller, held)
    if not asked:
        shown = ", ".join(dict.fromkeys(CREDENTIALS[kind] for kind in kinds))
        yield Obstacle(place, (f"no such caller gets credentials of a role: {shown}",))
        return
    if caller is not None and not may_name(prover, index, caller, held):
        yield Obstacle(place, (f"the statement is not about {caller.written}",))
        return
    why = partial(why_not, prover, index, caller, held)
    yield from obstacles_of(resource, prover, index, prover.settle(index, asked), held, why)
