"""
A role for an AWS service.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Unpack

import aws_cdk as cdk
from constructs import Construct

from trustproof_cdk._arguments import arguments, known_later, partly_known, regions
from trustproof_cdk._arguments import source_arns as sources
from trustproof_cdk._arguments.service_principals import REGIONAL, SERVICE_PRINCIPALS, SILENT_SERVICES, everywhere
from trustproof_cdk._constructor import construct
from trustproof_cdk._names import own_account
from trustproof_cdk._policies.known_keys import KnownKey, never_met
from trustproof_cdk._roles.role import RoleOptions, TrustingRole
from trustproof_cdk._synthesis import stacks
from trustproof_cdk._trust.trust import ASSUME_ROLE, SET_SOURCE_IDENTITY, TAG_SESSION, TrustStatement
from trustproof_cdk.conditions import ConditionBlock, conjoin

#: Services that send ``aws:SourceAccount`` and ``aws:SourceArn`` when they assume a role, each by its own documentation
#: of cross-service confused deputy prevention. All that the validator expects it of are here: a test holds the two
#: lists together.
SENDING_SERVICES = (
    "appstream.amazonaws.com",
    "bedrock.amazonaws.com",
    "codebuild.amazonaws.com",
    "iot.amazonaws.com",
    "personalize.amazonaws.com",
    "resources.cloudformation.amazonaws.com",
    "scheduler.amazonaws.com",
    "ssm-incidents.amazonaws.com",
    "states.amazonaws.com",
    "vpc-flow-logs.amazonaws.com",
)
#: Services that pass tags or a source identity with the call, which the role must allow: what it takes beside
#: ``sts:AssumeRole``, by their documentation.
_PASSING = {
    # https://docs.aws.amazon.com/datazone/latest/userguide/bootstraproledefaultservice.html
    "datazone.amazonaws.com": (TAG_SESSION,),
    # https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-grants-location-register.html
    "access-grants.s3.amazonaws.com": (SET_SOURCE_IDENTITY,),
}
#: Services that need more than that, for which there is a construct.
_CONSTRUCTS = {
    "pods.eks.amazonaws.com": "EksPodIdentityRole",
    "rolesanywhere.amazonaws.com": "RolesAnywhereRole",
}


_NOT_SENT = [KnownKey(f"aws:Source{what}", (None,)) for what in ("Account", "Arn", "OrgID", "OrgPaths")]
_SUFFIX = ".amazonaws.com"
_CHINESE = _SUFFIX + ".cn"


@construct
class ServiceRole(TrustingRole):
    """
    A role that an AWS service may assume, for our account only where the service says for whom it calls.

    A service serves every customer with the same principal. Most services say for which account and resource they call
    (``aws:SourceAccount``, ``aws:SourceArn``), some do not, and a condition on what is not sent locks the service out.
    For the services known to send them, `SENDING_SERVICES`, our account is demanded without being asked for. For
    others it is demanded only if you ask for it: look into the service's documentation.

    A service has no MFA, so none is demanded.

    Args:
        scope: as of every construct.
        construct_id: as of every construct.
        service: like ``states.amazonaws.com``.
        allow_unknown_service: True takes a service that is not known here; a misspelt one is not a service.
        session_tags: whether the service may pass session tags. Default: the services that are known to.
        source_identity: whether it may set a source identity. Default: the services that are known to.
        source_account: the account that the service must call for. Default: the account of the stack for the services
            known to send it, none for others.
        source_arns: the resources that the service must call for; ``*`` and ``?`` are wildcards. They must be of the
            kind that the service sends, where its documentation says which: of EventBridge Scheduler groups of
            schedules, never a schedule.
        conditions: further conditions; they narrow the trust.
        options: what every role takes, see `RoleOptions`.

    Raises:
        ValueError: a service that is not known, a source demanded of a service known not to send it, one of another
            account, or an argument that IAM would refuse.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        service: str,
        allow_unknown_service: bool = False,
        session_tags: bool = False,
        source_identity: bool = False,
        source_account: str | None = None,
        source_arns: Iterable[str] | None = None,
        conditions: ConditionBlock | None = None,
        **options: Unpack[RoleOptions],
    ) -> None:
        _refuse_shape(service)
        if source_account is not None:
            arguments.account(source_account, "source_account")
        if source_arns is not None:
            source_arns = arguments.each(source_arns, "source_arns", _source_arn)
        written = _written(scope, service)
        known = everywhere(written)
        if not arguments.flag(allow_unknown_service, "allow_unknown_service"):
            _refuse_unknown(written, known)
            if found := REGIONAL.search(service):
                regions.region(found[1], f"service (in {service!r})")
                regions.beside_stack(scope, found[1], "service")
            _refuse_chinese(scope, service)
        is_asked = not (source_account is None and source_arns is None) or never_met(conditions or {}, _NOT_SENT)
        if known in SILENT_SERVICES and is_asked:
            given = {"source_account": source_account, "source_arns": source_arns}
            named = [name for name, value in given.items() if value is not None]
            raise ValueError(
                f"{written} sends neither aws:SourceAccount nor aws:SourceArn when it assumes a role: a condition on "
                f"them would lock it out; leave {' and '.join(named) or 'it'} out"
            )
        if source_account is None and known in SENDING_SERVICES:
            source_account = stacks.stack_of(scope).account
        for arn in source_arns or ():
            sources.refuse_what_is_not_sent(known, arn, "source_arns")
        if known in SENDING_SERVICES:
            _refuse_elsewhere(scope, known, source_account, source_arns)
        identity = arguments.flag(source_identity, "source_identity") or SET_SOURCE_IDENTITY in _PASSING.get(known, ())
        tags = arguments.flag(session_tags, "session_tags") or TAG_SESSION in _PASSING.get(known, ())
        actions = [ASSUME_ROLE, *([SET_SOURCE_IDENTITY] if identity else []), *([TAG_SESSION] if tags else [])]
        demanded = conjoin(_source(source_account, source_arns), conditions)
        super().__init__(
            scope,
            construct_id,
            statements=[TrustStatement({"Service": [service]}, actions, demanded)],
            **options,
        )


def _written(scope: Construct, service: str) -> str:
    """A name that ends in the suffix of a deployment, or that the CDK gives, as it is where most deployments are."""
    if not arguments.is_token(service):
        return service
    return partly_known.one_text(cdk.Stack.of(scope).resolve(service)) or service


def _refuse_shape(service: str) -> None:
    try:
        arguments.service(service)
    except ValueError as refused:
        raise ValueError(f"{refused}{_meant(everywhere(service.lower()))}") from None


def _meant(known: str) -> str:
    """The principal that is nearest to what was given, as the end of a message; empty where none is near."""
    name = known.removesuffix(_SUFFIX)
    near = difflib.get_close_matches(name, sorted(SERVICE_PRINCIPALS), n=1, cutoff=0.75)
    return f"; did you mean '{near[0]}{_SUFFIX}'?" if near else ""


def _source(account: str | None, arns: Iterable[str] | None) -> ConditionBlock:
    block: dict[str, dict[str, str | list[str]]] = {}
    if account is not None:
        block["StringEquals"] = {"aws:SourceAccount": arguments.account(account, "source_account")}
    if arns is not None:
        listed = list(arns)
        for arn in listed:
            if account is not None and not arguments.is_token(account) and _account_of(arn) not in (None, account):
                raise ValueError(f"source_arns must be of account {account}, for which the service calls, got {arn!r}")
        block["ArnLike"] = {"aws:SourceArn": listed}
    return block


def _refuse_unknown(service: str, known: str) -> None:
    if arguments.is_token(service):
        return
    if known in _CONSTRUCTS:
        raise ValueError(
            f"service cannot be {service!r}, which passes session tags that say for whom it calls: use "
            f"{_CONSTRUCTS[known]}"
        )
    if known.removesuffix(_SUFFIX) not in SERVICE_PRINCIPALS:
        raise ValueError(
            f"service must be the principal of a service that is known here, got {service!r}{_meant(known)} (or say "
            "allow_unknown_service=True)"
        )


def _refuse_chinese(scope: Construct, service: str) -> None:
    """Names that end in ``.cn`` are principals in China only, where those of elsewhere are principals too."""
    if service.endswith(_CHINESE) and regions.partition_of(scope) not in (None, "aws-cn"):
        raise ValueError(
            f"service must be {service.removesuffix('.cn')!r} outside of the partition aws-cn, got {service!r}"
        )


def _refuse_elsewhere(scope: Construct, service: str, account: str | None, arns: Iterable[str] | None) -> None:
    """A role is handed to these services by iam:PassRole, which takes roles of the caller's account only."""
    own = stacks.stack_of(scope).account

    def refuse(theirs: str) -> None:
        if theirs.isdigit() and theirs != own:
            raise ValueError(
                f"source_account must be {own}, the account of the stack, since {service} assumes roles for their own "
                f"account only, got {theirs!r}"
            )

    if account is not None and account.isdigit() and stacks.is_of_each_account(scope):
        raise ValueError(
            f"source_account must be of each account that the OrganizationRole is for, since {service} assumes roles "
            f"for their own account only, got {account!r}, which is one: leave it out, or write Aws.ACCOUNT_ID"
        )
    if account is not None and not arguments.is_token(own):
        refuse(account)
        known_later.note_place(account, "source_account", refuse)
    own_account.of_stack(scope, list(arns or ()), "source_arns", f"{service} assumes roles for their own account only")


def _source_arn(value: str, argument: str) -> str:
    return regions.of_arn(arguments.arn_pattern(value, argument), argument)


def _account_of(arn: str) -> str | None:
    """The account in an ARN, where it is known at synthesis."""
    return None if arguments.is_token(arn) else arn.split(":")[4]
