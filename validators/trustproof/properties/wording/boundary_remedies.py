"""
What keeps the world out and lets in whoever is meant: the remedies of inside-boundary.
"""

from __future__ import annotations

from trustproof.model.document import TRUST
from trustproof.model.operators import parse_operator
from trustproof.model.policy import Statement
from trustproof.model.request import ANONYMOUS
from trustproof.model.text import Text
from trustproof.properties.edits import Demand, as_written, demand, where
from trustproof.properties.question import Refutation, Subject
from trustproof.properties.shared.neighbours import accounts_apart, caller_account, organization
from trustproof.properties.shared.networks import written_as_range
from trustproof.properties.wording.function_urls import (
    SIGNED,
    UNSIGNED,
    URL_TYPE,
    bound_to_url,
    has_second_permission,
    is_by_url,
    is_for_calls,
    is_more_than_public_url,
    is_past_public_url,
    is_public_url,
    type_is_given,
)
from trustproof.properties.wording.health_checks import is_health_check
from trustproof.properties.wording.named_services import in_place_of_everybody, meant_sources, told_a_role
from trustproof.properties.wording.unsigned_callers import APP_MONITOR, for_unsigned_callers
from trustproof.results.edit import Edit, set_value
from trustproof.results.result import Remedy
from trustproof.sets.patterns import like, matches

PUBLIC_REPOSITORY = "AWS::ECR::PublicRepository"
#: Policies on what services write to for their customers.
_OF_SERVICES = ("AWS::SNS::TopicPolicy", "AWS::SQS::QueuePolicy")
#: How many endpoints of VPCs, or ranges of addresses, are named.
_NAMED = 3
#: What AWS's own keys test beside the service by which they are used:
#: https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html
_VIA_SERVICE, _BY_CALLER = "kms:viaservice", " (by kms:CallerAccount)"
#: Whoever calls them without a signature is of no organization, and may be a user of one's own in one's own network.
APIS = ("AWS::ApiGateway::RestApi", "AWS::Serverless::Api")
#: Likewise of these, which are mounted by clients of NFS.
_FILE_SYSTEM = "AWS::EFS::FileSystem"
_ADDRESS, _ENDPOINT, _ACCESS_POINT = "aws:sourceip", "sns:endpoint", "s3:dataaccesspointarn"
_NETWORKS = (_ADDRESS, "aws:sourcevpc", "aws:sourcevpce", "aws:vpcsourceip")
#: What a website lets its visitors do, and how the actions begin that only read objects.
READING = ("s3:getobject", "s3:getobjectversion", "s3:listbucket")
READS = "s3:getobject"


def _network_key(subject: Subject) -> str:
    """
    What says from where a call to an API comes, by the types of its endpoints: a private one has no public addresses.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-private-api-create.html
    """
    kinds = set(subject.document.endpoint_types)
    if kinds == {"PRIVATE"}:
        named = " and ".join(subject.document.vpc_endpoints[:_NAMED])
        return f"aws:SourceVpce ({named})" if named else "aws:SourceVpce"
    return "aws:SourceIp" if kinds and "PRIVATE" not in kinds else "aws:SourceVpce for a private API or by aws:SourceIp"


def keep_out(subject: Subject, refutation: Refutation, *, meant: bool) -> Remedy:
    """
    What keeps the world out, and lets in whoever is meant.

    Args:
        meant: whether the template says that everybody is.
    """
    statement = refutation.statement
    apart = " and ".join(accounts_apart(subject)[:_NAMED])
    both = f" (and {apart}, which may be of none, in a statement of its own)" if apart else ""
    account = f"name the account{_BY_CALLER if _tests(statement, _VIA_SERVICE) else ''}"
    text = f"{account}, or test the organization{both}" + where(subject, statement)
    if (first := _for_api(subject, refutation, text) or _for_negated_network(statement, text, meant=meant)) is not None:
        is_doubted = meant and not first.text.startswith("if ")
        return Remedy(f"if this is not meant: {first.text}", first.edits) if is_doubted else first
    if subject.document.resource_type == PUBLIC_REPOSITORY:
        return Remedy(f"if this is not meant: keep the images in a private repository, and {text}")
    if (for_readers := _for_readers(subject, statement, text, meant=meant)) is not None:
        return for_readers
    if subject.document.own_access_control:
        return Remedy("if this is not meant: name principals, who sign their requests, or put the domain into a VPC")
    sources = meant_sources(subject, statement)
    if sources and not is_public_url(statement):
        return in_place_of_everybody(subject, statement, sources)
    is_monitor = subject.document.resource_type == APP_MONITOR
    if (not meant or is_monitor) and (unsigned := _for_unsigned(subject, refutation)) is not None:
        return Remedy(f"if this is not meant: {unsigned.text}") if meant else unsigned
    if (for_role := _for_role(subject, statement, text)) is not None:
        return for_role
    text += beside_services(subject, statement)
    if refutation.request.caller.kind == ANONYMOUS and (_reads_objects(statement) or _by_referer(statement)):
        # https://docs.aws.amazon.com/AmazonS3/latest/userguide/WebsiteAccessPermissionsReqd.html
        what = "a Referer is whatever the caller writes: " if _by_referer(statement) else ""
        text = f"{what}let browsers read through CloudFront, with an origin access control, or {text}"
        return Remedy(f"if this is not meant: {text}" if meant else text)
    if is_more_than_public_url(subject, refutation):
        # Whoever calls the URL is of no organization, and a test of it would close the URL.
        return Remedy(
            "if the function's URL is meant for everybody: allow lambda:InvokeFunctionUrl only, with "
            f"FunctionUrlAuthType NONE; else let the URL ask for signed requests (AuthType: AWS_IAM), and {text}"
        )
    if is_past_public_url(subject, statement):
        # A test of the organization would close the URL, whose callers are of none.
        return Remedy(
            "bind it to calls through the function's public URL: as it is, it invokes the function past the URL too",
            bound_to_url(statement),
        )
    if is_public_url(statement):
        text = f"let the function's URL ask for signed requests too (AuthType: AWS_IAM), and {text}"
        text += ", here and in its permission for lambda:InvokeFunction" if has_second_permission(subject) else ""
    if meant and subject.document.meant_for_everybody:
        return Remedy("if this is not meant: leave visitors s3:GetObject only, which lists nothing")
    if meant and is_by_url(statement):
        return Remedy("if this is not meant: let the function's URL ask for signed requests (AuthType: AWS_IAM)")
    edits = () if type_is_given(subject, statement) else _ours_only(subject, statement)
    if is_public_url(statement) and edits:
        # A URL that asks for no signature lets in nobody whom the permission asks for one.
        edits += tuple(set_value(path, said, SIGNED) for path, said in subject.document.urls if said == UNSIGNED)
    return Remedy(f"if this is not meant: {text}" if meant else text, edits)


def _for_role(subject: Subject, statement: Statement, text: str) -> Remedy | None:
    """
    What to do about a role where a third party is meant, or somebody who is told it; None elsewhere.

    Args:
        text: what to do where nobody is.
    """
    if subject.document.kind == TRUST and _tests(statement, "sts:externalid"):
        return Remedy(
            "name the account of the third party as principal: an external id says for whom it calls, not who calls"
        )
    told = told_a_role(subject)
    # Nobody knows of which account or organization they are.
    return Remedy(f"{text}; {told}") if told else None


def is_private_api(subject: Subject) -> bool:
    """Whether an API has no public address."""
    return subject.document.resource_type in APIS and set(subject.document.endpoint_types) == {"PRIVATE"}


def beside_services(subject: Subject, statement: Statement) -> str:
    """What to do besides, to follow a remedy, where services that no test of a caller lets in may be meant."""
    if any(entry.kind == "Service" for entry in statement.principals or ()):
        return ""
    if subject.document.resource_type in _OF_SERVICES:
        return "; a service has no organization, so name one that is to send here in a statement of its own"
    if is_for_calls(subject, statement):
        return "; a service has no organization, so name one that is to call the function in a permission of its own"
    return ""


def _for_api(subject: Subject, refutation: Refutation, text: str) -> Remedy | None:
    """
    What to do where methods of an API are called without a signature, by whoever is of no organization; None elsewhere.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-resource-policies-examples.html

    Args:
        text: what to do of callers who sign.
    """
    if subject.document.resource_type in APIS and is_health_check(refutation.statement):
        return Remedy(
            f"if this is not meant: bound the network, by {_network_key(subject)}, or let the method ask for signed "
            "requests (AuthorizationType: AWS_IAM)"
        )
    if {SIGNED} < {*subject.document.method_types}:
        return Remedy(f"for the methods that ask for signed requests: {text}, in a statement of their own")
    if subject.document.resource_type not in APIS:
        return None
    if refutation.request.caller.kind != ANONYMOUS:
        known = _ours_only(subject, refutation.statement) if is_private_api(subject) else ()
        network = f"bound the network, by {_network_key(subject)}, or {text}"
        return Remedy(text if known else network, known) if is_private_api(subject) else None
    wide = _wide_addresses(refutation.statement)
    bound = f"narrow aws:SourceIp, which is {wide}, to your addresses" if wide else ""
    return Remedy(
        f"{bound or f'bound the network, by {_network_key(subject)}'}; or let the methods of the API "
        "ask for signed requests (AuthorizationType: AWS_IAM), and only then test the organization"
    )


def _ours_only(subject: Subject, statement: Statement) -> tuple[Edit, ...]:
    """
    The edits that let in only one's own organization or accounts, as far as the configuration or another statement
    names them; none where that is not known.
    """
    bound = _own_access_points(subject, statement) or _own_callers(subject, statement)
    if bound is None:
        return ()
    demands: list[Demand] = [bound]
    if subject.document.grant is not None and any(c.key.lower() == URL_TYPE for c in statement.conditions):
        # A URL that asks for no signature does not know whose request it gets.
        demands.insert(0, ("StringEquals", "lambda:FunctionUrlAuthType", (SIGNED,)))
    return demand(subject, statement, *demands)


def _own_access_points(subject: Subject, statement: Statement) -> Demand | None:
    """
    What a bucket that leaves it to access points who gets in asks of them; None elsewhere.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-policies.html
    """
    if subject.document.grant is not None or all(c.key.lower() != _ACCESS_POINT for c in statement.conditions):
        return None
    return ("StringEquals", "s3:DataAccessPointAccount", _own_accounts(subject))


def _own_callers(subject: Subject, statement: Statement) -> Demand | None:
    boundary = subject.config.boundary
    organizations, accounts = ((), ()) if boundary is None else (boundary.organizations, boundary.accounts)
    if accounts_apart(subject):
        return None
    named: Text | None = organizations[0] if organizations else organization(subject)
    if named is not None:
        return ("StringEquals", "aws:PrincipalOrgID", organizations or (named,))
    if accounts and subject.document.grant is None:
        return ("StringEquals", "aws:PrincipalAccount", _own_accounts(subject))
    return caller_account(subject, statement)


def _own_accounts(subject: Subject) -> tuple[str, ...]:
    boundary = subject.config.boundary
    return tuple(dict.fromkeys((subject.account, *(boundary.accounts if boundary is not None else ()))))


def _for_unsigned(subject: Subject, refutation: Refutation) -> Remedy | None:
    """
    What to do where those who are meant sign no requests, so that they are of no organization; None elsewhere.
    """
    statement, kind = refutation.statement, subject.document.resource_type
    if refutation.request.caller.kind != ANONYMOUS:
        return None
    if kind == _FILE_SYSTEM:
        # https://docs.aws.amazon.com/efs/latest/ug/iam-access-control-nfs-efs.html
        return Remedy(
            "admit only clients that come through a mount target of the file system, which sign nothing",
            demand(subject, statement, ("Bool", "elasticfilesystem:AccessedViaMountTarget", ("true",))),
        )
    if (by_text := _by_text(subject, statement)) is not None:
        return by_text
    if wide := _wide_addresses(statement):
        return Remedy(
            f"narrow aws:SourceIp, which is {wide}, to your addresses; or name principals, who "
            "sign their requests: one that is not signed is of no account and organization"
        )
    if (of_nobody := for_unsigned_callers(kind, statement)) is not None:
        return of_nobody
    if named := [str(o) for c in statement.conditions if c.key.lower() == _ENDPOINT for o in c.operands]:
        host = "; or let the pattern of sns:Endpoint begin with https:// and the host"
        return Remedy(f"name the account that is to subscribe{'' if named[0].startswith('arn:') else host}")
    return None


def _for_negated_network(statement: Statement, text: str, *, meant: bool) -> Remedy | None:
    """
    What to do where an Allow says from which network nobody is let in, as a Deny is to: it lets in everybody else.

    Args:
        text: what to do where that is meant.
        meant: whether the template says that everybody is.
    """
    for condition in () if meant else statement.conditions:
        operator = parse_operator(condition.operator)
        if condition.key.lower() in _NETWORKS and operator is not None and operator.negated:
            asked = condition.operator.replace("Not", "").removesuffix("IfExists")
            return Remedy(
                f"if that network alone is meant: test {condition.key} with {asked}, since an Allow with "
                f"{condition.operator} lets in everybody else; if not: {text}"
            )
    return None


def _wide_addresses(statement: Statement) -> str:
    """The ranges of addresses that a statement lets everybody in from; empty where it asks for none."""
    tests = (c for c in statement.conditions if c.key.lower() == _ADDRESS)
    return " or ".join([str(operand) for condition in tests for operand in condition.operands][:_NAMED])


def _by_text(subject: Subject, statement: Statement) -> Remedy | None:
    """
    What to do where addresses are compared as texts: what AWS takes for a network is a range of addresses.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
    """
    tested = [c for c in as_written(subject, statement).conditions if c.key.lower() == _ADDRESS]
    operators = [parse_operator(condition.operator) for condition in tested]
    if not tested or not all(one is not None and one.family == "string" and not one.negated for one in operators):
        return None
    ranges = [written_as_range(operand) for condition in tested for operand in condition.operands]
    known = tuple(one for one in ranges if one is not None)
    example = known[0] if known else "203.0.113.0/24"
    # Several conditions are met together, and one list of ranges would not be.
    whole = len(tested) == 1 and len(known) == len(ranges)
    edits = demand(subject, statement, ("IpAddress", "aws:SourceIp", known)) if whole else ()
    names = " and ".join(dict.fromkeys(condition.operator for condition in tested))
    return Remedy(
        f"compare the address by IpAddress, with a range such as {example}: {names} compares texts, "
        "which AWS does not take for a network; or name principals, who sign their requests",
        edits,
    )


def _tests(statement: Statement, key: str) -> bool:
    return any(condition.key.lower() == key for condition in statement.conditions)


def _for_readers(subject: Subject, statement: Statement, text: str, *, meant: bool) -> Remedy | None:
    """
    What to do where a bucket is meant to be read, and a statement that lets everybody read lets them do more; None
    elsewhere. What closes it closes it to those whom it was opened for.

    Args:
        text: what to do where nobody is meant.
    """
    if not _reads(statement):
        return None
    if subject.document.meant_for_everybody and any(str(a).lower() not in READING for a in statement.actions or ()):
        return Remedy("leave visitors s3:GetObject here, and give the rest to whom you name, in a statement of its own")
    # Who asks for a Referer means not everybody.
    is_opened = subject.document.opened and not _by_referer(statement)
    if not is_opened or meant or meant_sources(subject, statement):
        return None
    return Remedy(
        "if its objects are meant for everybody: allow s3:GetObject alone, on the objects, and let a [[waiver]] answer "
        f"for what else stays; if not: {text}"
    )


def _reads(statement: Statement) -> bool:
    """Whether a statement lets objects be read, whatever else it does."""
    return any(matches(like(str(action).lower()), READS) for action in statement.actions or ())


def _reads_objects(statement: Statement) -> bool:
    """Whether a statement is about reading the objects of a bucket, and about nothing else."""
    return statement.actions is not None and all(str(a).lower().startswith(READS) for a in statement.actions)


def _by_referer(statement: Statement) -> bool:
    return _tests(statement, "aws:referer")
