"""
The words of inside-boundary: who gets in, and how far away they are.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from trustproof.aws.vendors import VENDORS
from trustproof.config.model import Config
from trustproof.model.document import TRUST
from trustproof.model.policy import DENY, Condition, Path, Statement
from trustproof.model.request import ANONYMOUS, USERS, Request
from trustproof.properties.question import Finding, Refutation, Subject
from trustproof.properties.sentences import because, who
from trustproof.properties.shared.boundary_questions import ANYONE, ORG_ID, PUBLIC, UNDECLARED, mentioned_accounts
from trustproof.properties.shared.bounds import owner_of
from trustproof.properties.shared.own_account import likely_own_account
from trustproof.properties.shared.public_policy import REFUSING, is_settled
from trustproof.properties.wording.boundary_remedies import (
    APIS,
    PUBLIC_REPOSITORY,
    READING,
    READS,
    beside_services,
    is_private_api,
    keep_out,
)
from trustproof.properties.wording.function_urls import (
    SIGNED,
    cause,
    half_of_url,
    has_public_url,
    is_by_url,
    is_half_of_url,
    is_public_url,
    never_matches,
    of_the_other_type,
)
from trustproof.properties.wording.health_checks import is_health_check
from trustproof.properties.wording.named_services import meant_sources
from trustproof.properties.wording.optional_tests import (
    ANYBODY_LABEL,
    LABEL,
    NEGATED_LABEL,
    asking_for_them,
    naming_whom,
    naming_yours,
    negated_tests,
    optional_tests,
    tests_of_anybody,
)
from trustproof.properties.wording.unsigned_callers import APP_MONITOR, sends_events
from trustproof.results.edit import set_value
from trustproof.results.result import (
    ERROR,
    NOTE,
    PROVED,
    UNKNOWN,
    WARNING,
    WORLD,
    Remedy,
    Severity,
    Undeclared,
)

#: How the actions of ECR Public begin that read:
#: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerregistrypublic.html
_READS_IMAGES = ("batchcheck", "describe", "get", "list")
#: What gets the messages of a topic, whoever subscribes it: an address of a domain, or a page of a host.
_ENDPOINT = "sns:endpoint"
_OWN_ENDPOINT = r"[^@?:/]*@[\w.-]+\.[a-z]+|https?://[\w-]+\.[\w.-]+/.*"

#: What methods of an API ask for that ask for its key alone.
_KEY = "API_KEY"
#: Keys that say who calls.
_CALLERS = ("aws:principalorgid", "aws:principalorgpaths", "aws:principalaccount", "aws:principalarn")
#: Keys that say by which network: whether somebody is meant who comes by no endpoint, nobody knows.
_NETWORKS = ("aws:sourcevpce", "aws:sourcevpc", "aws:vpceaccount", "aws:vpceorgid")


def resting_on_setting(kept: str) -> str:
    """
    What a proof has to say that rests on a setting against public policies.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html

    Args:
        kept: the setting, in words.
    """
    what = (
        "such a policy is refused when it is put, and one that was there before stays"
        if kept.startswith(REFUSING)
        else "nobody outside the account gets in, services of AWS aside"
    )
    return f"the policy is public, and this rests on {kept}: {what}"


def outsider_finding(subject: Subject, refutation: Refutation, proved: str) -> Finding:
    """
    Word a request of somebody outside.

    Args:
        proved: the proof in words, where a setting around the policy keeps them out.
    """
    role = subject.document.logical_id
    may = _may(subject, refutation)
    request = refutation.request
    sent = request.context.get(ORG_ID)
    path = (*refutation.statement.path, "Principal")
    why = because(refutation, refutation.statement, subject.policy)
    kept = subject.document.kept_private
    if refutation.about == PUBLIC:
        reason = resting_on_setting(kept)
        return Finding(proved, "", path, reasons=(reason,), verdict=PROVED)
    if refutation.about == ANYONE and refutation.statement.path[-1:] == ("AuthType",):
        label = "the URL asks for no signature, so SAM lets everybody call it"
        signed = (set_value(refutation.statement.path, "NONE", "AWS_IAM"),)
        return Finding(
            f"{_anyone(request)} {may}",
            label,
            refutation.statement.path,
            ("this is taken to be meant: AuthType is NONE", *why),
            Remedy("if this is not meant: let the URL ask for signed requests", signed),
            severity=WARNING,
            reach=WORLD,
        )
    if refutation.about == ANYONE and never_matches(subject, refutation.statement):
        return of_the_other_type(subject, refutation, why)
    if refutation.about == ANYONE and is_half_of_url(subject, refutation.statement):
        return half_of_url(subject, refutation, why)
    if refutation.about == ANYONE and kept and not _is_settled(subject, refutation):
        return Finding(
            f"not decided whether anyone {may}",
            "what is not known before deployment decides whether the policy is public",
            path,
            reasons=(f"{kept} applies where the policy is public, and that is not known before deployment",),
            verdict=UNKNOWN,
            reach=WORLD,
        )
    if refutation.about == ANYONE:
        meant = _meant(subject, refutation.statement)
        elsewhere = subject.document.settings_elsewhere
        why = (*why, elsewhere) if elsewhere else why
        if is_private_api(subject):
            # https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-private-apis.html
            why = (
                *why,
                "a private API is reached through the endpoints of any account's VPCs, unless its policy says which",
            )
        optional = optional_tests(subject, refutation.statement, request, (*_CALLERS, *_NETWORKS))
        if optional and not meant:
            remedy = _insisting(subject, refutation, optional)
            return Finding(f"{_anyone(request)} {may}", LABEL, optional[0].path, why, remedy, reach=WORLD)
        if not meant and (tested := _by_tests(subject, refutation)) is not None:
            label, at, remedy = tested
            return Finding(f"{_anyone(request)} {may}", label, at, why, remedy, reach=WORLD)
        return Finding(
            f"{_anyone(request)} {may}",
            "everybody but whom this names gets in"
            if refutation.statement.principals is None and refutation.statement.not_principals
            else "nothing here confines the caller to an account or organization",
            path,
            (*((f"this is taken to be meant: {meant}",) if meant else ()), *why),
            keep_out(subject, refutation, meant=bool(meant)),
            severity=_at_most(subject, refutation.statement) if meant else ERROR,
            reach=WORLD,
            cause=cause(subject) if meant and _is_of_url(refutation.statement) else "",
        )
    mentioned = mentioned_accounts(subject.policy)
    owner = None if request.caller.account in mentioned else owner_of(subject.policy, request)
    if owner is not None:
        return _through(refutation, subject.config, why, role, may, owner)
    if refutation.about == UNDECLARED and isinstance(sent, str):
        return Finding(
            f"not decided whether organization {sent} is yours: {role} admits it",
            f"organization {sent} is named, and no boundary is declared",
            path,
            reasons=(
                f"{role} admits principals of {sent}, and no [boundary] says which organizations are yours",
                f'declare the boundary in {subject.config.declaring_file}: [boundary] organizations = ["{sent}"]',
            ),
            verdict=UNKNOWN,
            undeclared=(Undeclared("organizations", sent),),
        )
    if isinstance(sent, str) and request.caller.account not in mentioned:
        return Finding(
            f"principals of organization {sent} {may}",
            f"organization {sent} is not in the boundary",
            path,
            why,
            Remedy(f"remove it, or declare it: add {sent} to organizations in {subject.config.boundary_table}"),
        )
    account = request.caller.account
    if refutation.about == UNDECLARED:
        vendor = VENDORS.get(str(account))
        known = "" if vendor is None else f" ({vendor.name}, see {vendor.page})"
        admits = f"{role} admits principals of account {account}{known}"
        likely, hint = likely_own_account(subject)
        declaring = subject.config.declaring_file
        return Finding(
            f"not decided whether account {account} is one of yours: {role} admits it",
            f"account {account} is named, and no boundary is declared",
            path,
            reasons=(
                f"{admits}, and no [boundary] says which accounts are yours",
                f'declare the boundary in {declaring}: [boundary] accounts = ["{account}"], or [[third-party]]',
                *([hint] if likely == account else []),
            ),
            verdict=UNKNOWN,
            undeclared=(Undeclared("accounts", str(account)),),
            likely_own=likely if likely == account else "",
        )
    declared = f"add {account} to accounts in {subject.config.boundary_table}"
    return Finding(
        f"{_outsider(request)} {may}",
        f"account {account} is outside the boundary",
        path,
        why,
        Remedy(f"remove it, or declare it: {declared}, or as a [[third-party]]"),
    )


def _through(
    refutation: Refutation, config: Config, why: tuple[str, ...], role: str, may: str, owner: tuple[str, str]
) -> Finding:
    """Word a request that is somebody's by another key than the caller's, whoever sent it."""
    way, named = owner
    kind, plural = ("organization", "organizations") if named.startswith("o-") else ("account", "accounts")
    path = (*refutation.statement.path, "Condition")
    if refutation.about == UNDECLARED:
        return Finding(
            f"not decided whether {kind} {named} is yours: {role} admits whoever {way} it",
            f"{kind} {named} is named, and no boundary is declared",
            path,
            reasons=(
                f"{role} admits whoever {way} {named}, and no [boundary] says which {plural} are yours",
                f'declare the boundary in {config.declaring_file}: [boundary] {plural} = ["{named}"]',
            ),
            verdict=UNKNOWN,
            undeclared=(Undeclared(plural, named),),
        )
    return Finding(
        f"whoever {way} {kind} {named} {may}",
        f"{kind} {named} is outside the boundary",
        path,
        why,
        Remedy(f"remove it, or declare it: add {named} to {plural} in {config.boundary_table}"),
    )


def _by_tests(subject: Subject, refutation: Refutation) -> tuple[str, Path, Remedy] | None:
    """What is said of a test of whose a caller is that keeps nobody out, where it stands, and what to do about it."""
    for one in negated_tests(subject, refutation.statement):
        remedy = keep_out(subject, refutation, meant=False)
        return NEGATED_LABEL, one.path, Remedy(f"{naming_whom(one)}; else, {remedy.text}", remedy.edits)
    for one in tests_of_anybody(subject, refutation.statement):
        remedy = keep_out(subject, refutation, meant=False)
        return ANYBODY_LABEL, one.path, remedy if remedy.edits else Remedy(naming_yours(one))
    return None


def _meant(subject: Subject, statement: Statement) -> str:
    """What says that a statement lets in everybody on purpose, in words; empty where nothing does."""
    if subject.document.own_users:
        return "the domain has users of its own, whose requests are not signed, and asks them for a password"
    if subject.document.own_access_control:
        return (
            "fine-grained access control of the domain asks whoever calls who they are, and AWS advises such a policy"
        )
    if is_public_url(statement):
        return "FunctionUrlAuthType is NONE"
    if is_by_url(statement) and has_public_url(subject):
        return "it is for the URL of a function, and FunctionUrlAuthType is NONE"
    if subject.document.resource_type == PUBLIC_REPOSITORY and _reads_images(statement):
        return "everybody may read the repositories of ECR Public"
    if subject.document.resource_type == APP_MONITOR and sends_events(statement):
        return "visitors of an app send what RUM monitors, and have no credentials"
    open_by_itself = subject.document.resource_type in APIS and _is_open_without_policy(subject)
    if open_by_itself and any(_keeps_addresses_out(s) for s in subject.policy.statements):
        return "an API without a policy lets everybody in too, and the Deny keeps addresses out of a part of it"
    if open_by_itself and any(_keeps_callers_out_of_a_part(s) for s in subject.policy.statements):
        return "an API without a policy lets everybody in too, and the Deny keeps all but its own callers out of a part"
    if subject.document.resource_type in APIS and is_health_check(statement):
        return "by this everybody may only ask whether the API answers, as monitors do"
    if _subscribes_own_endpoints(subject, statement):
        return "only endpoints that sns:Endpoint admits get what is sent, and nobody else has these"
    types = subject.document.method_types
    if open_by_itself and subject.document.is_public_api and types and all(types):
        api = subject.document.logical_id
        of = f"AuthorizationType of the methods of {api}: {', '.join(types)}"
        by_key = f"the methods of {api} ask for a key of the API (ApiKeyRequired), which tells nobody who calls"
        return f"{by_key if types == (_KEY,) else of}, and an API without a policy lets everybody in too"
    actions = {str(action).lower() for action in statement.actions or ("",)}
    if subject.document.meant_for_everybody and actions <= {*READING}:
        return subject.document.meant_for_everybody
    tested = {condition.key.lower() for condition in statement.conditions}
    # Whoever tests something of the caller means somebody by that.
    return subject.document.opened if actions <= {READS} and tested <= {"aws:securetransport"} else ""


def _insisting(subject: Subject, refutation: Refutation, optional: Sequence[Condition]) -> Remedy:
    """What to do about tests that hold for whoever lacks what they test."""
    if meant_sources(subject, refutation.statement):
        return keep_out(subject, refutation, meant=False)
    text, edits = asking_for_them(subject, refutation.statement, optional)
    is_unsigned = refutation.request.caller.kind == ANONYMOUS or {SIGNED} < {*subject.document.method_types}
    if any(one.key.lower() in _NETWORKS for one in optional):
        edits = ()
    elif subject.document.resource_type in APIS and is_unsigned:
        # The test would close the methods that ask for no signature, or for a token of another kind.
        text += "; whoever calls an API without a signature has none: let its methods ask for signed requests "
        return Remedy(f"{text}(AuthorizationType: AWS_IAM) first")
    return Remedy(text + beside_services(subject, refutation.statement), edits)


def _is_open_without_policy(subject: Subject) -> bool:
    """
    Whether all methods of an API are open to everybody where the API has no policy. Those that ask for a signature let
    in other accounts by the policy only, and so does a private API whoever calls it.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-authorization-flow.html#apigateway-resource-policies-iam-policies-interaction
    """
    return SIGNED not in subject.document.method_types and "PRIVATE" not in subject.document.endpoint_types


def _is_of_url(statement: Statement) -> bool:
    return is_public_url(statement) or is_by_url(statement)


def _at_most(subject: Subject, statement: Statement) -> Severity:
    """Of what is taken to be meant: where what is sent reaches only one's own endpoints, nobody has to look."""
    return NOTE if _subscribes_own_endpoints(subject, statement) else WARNING


def _subscribes_own_endpoints(subject: Subject, statement: Statement) -> bool:
    """
    Whether a statement lets everybody subscribe, and only addresses or hosts of a domain that it names, or queues and
    functions of the own account.

    https://docs.aws.amazon.com/sns/latest/dg/sns-using-identity-based-policies.html#sns-policy-keys
    """
    acts = [str(action).lower() for action in statement.actions or ("",)]
    tested = [
        c for c in statement.conditions if c.key.lower() == _ENDPOINT and c.operator in ("StringEquals", "StringLike")
    ]
    # An address ends with its domain, and a host begins with it.
    own = f"{_OWN_ENDPOINT}|arn:[\\w-]+:(?:firehose|lambda|sqs):[^:]*:{subject.account}:.+"
    bound = [re.fullmatch(own, str(operand)) for c in tested for operand in c.operands]
    return bool(bound) and all(bound) and all(action in ("sns:subscribe", "sns:receive") for action in acts)


def _reads_images(statement: Statement) -> bool:
    actions = [str(action).lower().partition(":")[2] for action in statement.actions or ()]
    return bool(actions) and all(action.startswith(_READS_IMAGES) for action in actions)


def _keeps_addresses_out(statement: Statement) -> bool:
    return statement.effect == DENY and any(c.key.lower() == "aws:sourceip" for c in statement.conditions)


def _keeps_callers_out_of_a_part(statement: Statement) -> bool:
    """Whether a Deny says who may call some paths of an API: of the others somebody has thought, too."""
    paths = [str(one).rpartition(":")[2].split("/")[3:] for one in statement.resources or ()]
    return (
        statement.effect == DENY
        and any(c.key.lower() in (*_CALLERS, *_NETWORKS) for c in statement.conditions)
        and bool(paths)
        and all(any(part.strip("*?") for part in path) for path in paths)
    )


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
