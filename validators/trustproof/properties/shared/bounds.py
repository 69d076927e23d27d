"""
What bounds the callers of a resource policy besides who they are.

AWS counts a policy as not public when it fixes one of these keys:
https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
"""

from __future__ import annotations

from collections.abc import Sequence
from zlib import crc32

from trustproof.aws.partitions import partition_of, url_suffix
from trustproof.aws.resource_policies import CONSULTED_FOR
from trustproof.engine.dimensions import key_dimension
from trustproof.engine.domains import Values, not_text, text
from trustproof.model.operators import FOR_ALL_VALUES, parse_operator
from trustproof.model.policy import ALLOW, Condition, Policy, Principal, Statement
from trustproof.model.request import Request
from trustproof.model.text import ADDRESS, Symbol, Symbolic, Text
from trustproof.properties.question import Subject
from trustproof.properties.shared.networks import NARROW, networks
from trustproof.properties.shared.own_actions import other_actions
from trustproof.properties.shared.own_resource import about_the_resource
from trustproof.properties.shared.owned_values import ACCESS_POINT, VPC, access_points_of, paths_of, vpcs_of
from trustproof.properties.shared.possible_resources import type_of
from trustproof.properties.shared.regions import Constraints
from trustproof.sets.collections import CollectionSet
from trustproof.sets.patterns import ANY_RUN, Wildcard, exact, join, like
from trustproof.sets.strings import StringSet

#: How the names of services begin in that key.
_LETTER, _LETTERS = Wildcard("/", True, False), Wildcard("/", True, True)
_KEYS, _VIA = ("AWS::KMS::Key", "AWS::KMS::ReplicaKey"), "kms:viaservice"
_BUCKET_POLICY = "AWS::S3::BucketPolicy"
_VPC_ARN = "aws:sourcevpcarn"
_NETWORKS = (
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:ec2instancesourcevpc",
    "vpc-lattice-svcs:sourcevpc",
)
#: Keys that say whose network it is: https://docs.aws.amazon.com/vpc-lattice/latest/ug/auth-policies.html
_OWNERS = ("aws:vpceaccount", "vpc-lattice-svcs:sourcevpcowneraccount")
_OWNER_ORGANIZATION, _OWNER_PATHS = "aws:vpceorgid", "aws:vpceorgpaths"
_ACCESS_POINT = "s3:dataaccesspointarn"
#: Keys that say whose a request is by an account, besides those of networks.
_ACCOUNTS = ("aws:sourceowner", "kms:calleraccount", "s3:dataaccesspointaccount")
#: Keys that do so by the account in an ARN.
_ARNS = (_VPC_ARN, _ACCESS_POINT)
_ADDRESS = "aws:sourceip"
_FIXED = (*_NETWORKS, _VPC_ARN, _ADDRESS)
#: A block of addresses for documentation.
_EXAMPLE_ADDRESS = "198.51.100.{}"
_MOUNT_TARGET = "elasticfilesystem:accessedviamounttarget"


def _conditions(policy: Policy, key: str) -> list[Condition]:
    return [c for s in policy.statements for c in s.conditions if c.key.lower() == key]


def is_everybody(principal: Principal) -> bool:
    """Whether an entry of Principal is the wildcard."""
    return principal.kind == "*" or (principal.kind == "AWS" and principal.value == "*")


#: Keys that say who calls.
CALLERS = (
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:userid",
    "kms:calleraccount",
)
_ARN_FIELDS = "arn partition service region account resource".split()


def names_callers(statement: Statement) -> bool:
    """
    Whether an Allow statement says who may call, account by account or organization by organization.

    AWS counts a network as a bound where everybody may call, and not where somebody is let in by name.
    """
    entries = statement.principals or ()
    if entries and not any(is_everybody(entry) for entry in entries):
        return True
    return any(_names_callers(condition) for condition in statement.conditions)


def _names_callers(condition: Condition) -> bool:
    operator = parse_operator(condition.operator)
    if operator is None or operator.negated or operator.if_exists or operator.base == "Null":
        return False
    if operator.quantifier == FOR_ALL_VALUES:
        # It is true without the key.
        return False
    return condition.key.lower() in CALLERS and all(_is_of_one(str(operand)) for operand in condition.operands)


def _is_of_one(operand: str) -> bool:
    """Whether a text names an account, an organization or a unique id."""
    fields = operand.split(":", 5)
    named = fields[4] if len(fields) == len(_ARN_FIELDS) else operand.partition("/")[0].partition(":")[0]
    return not set(named) & set("*?")


def operands_of(policy: Policy, key: str) -> list[str]:
    """What a policy compares a key with, each text once; the key is lower-cased."""
    return sorted({str(operand) for condition in _conditions(policy, key) for operand in condition.operands})


def _literals(policy: Policy, key: str) -> list[str]:
    """Operands for a key that name one value each."""
    return [operand for operand in operands_of(policy, key) if not set(operand) & set("*?")]


def with_fixed_networks(policy: Policy) -> Policy:
    """
    The policy with a name for each network that is not known before deployment: whichever it is, it is one.
    """
    return policy._replace(statements=tuple(_with_fixed_networks(statement) for statement in policy.statements))


def _with_fixed_networks(statement: Statement) -> Statement:
    if not any(isinstance(o, Symbolic) and c.key.lower() in _FIXED for c in statement.conditions for o in c.operands):
        return statement
    return statement._replace(conditions=tuple(_with_fixed_network(condition) for condition in statement.conditions))


def _with_fixed_network(condition: Condition) -> Condition:
    if condition.key.lower() == _ADDRESS:
        return condition._replace(operands=tuple(_with_address(operand) for operand in condition.operands))
    if condition.key.lower() in (*_NETWORKS, _VPC_ARN) and "equals" in condition.operator.lower():
        # It has no wildcards, whatever it is.
        return condition._replace(operands=tuple(map(str, condition.operands)))
    return condition


def _with_address(operand: Text) -> Text:
    """
    A range with an address for what is not known of it: for an Elastic IP of the template, and for what stands before
    the length of a narrow prefix, since it does not matter which address that is.
    """
    if not isinstance(operand, Symbolic) or not isinstance(symbol := operand.parts[0], Symbol):
        return operand
    end = "".join(str(part) for part in operand.parts[1:])
    length = end.removeprefix("/")
    if symbol.holds != ADDRESS and not (length.isdigit() and int(length) >= NARROW[6]):
        return operand
    return _EXAMPLE_ADDRESS.format(1 + crc32(symbol.name.encode("utf-8", "surrogatepass")) % 254) + end


def consulted_for(subject: Subject) -> Constraints:
    """
    The requests for which a service looks at a resource policy, where an Allow of it may name more than these.

    By what it allows besides, nobody gets anything.
    """
    allows = [s for s in subject.policy.statements if s.effect == ALLOW]
    out: Constraints = ()
    services = CONSULTED_FOR.get(subject.document.resource_type, "").split()
    if services and any(_may_name_others(statement, services) for statement in allows):
        out += (("action", text(*(join(f"{service}:", ANY_RUN) for service in services))),)
    out += _by_services_here(subject)
    document = subject.document
    if others := other_actions(type_of(document), subject.policy, document.resource_form, document.resource_arn):
        out += (("action", not_text(*map(exact, others))),)
    if about := about_the_resource(subject):
        return (*out, *about)
    if subject.document.resource_type == _BUCKET_POLICY and any("*" in (s.resources or ("*",)) for s in allows):
        out += _of_the_bucket(subject.document.resource_arn, [e for s in allows for e in s.resources or () if e != "*"])
    return out


def _by_services_here(subject: Subject) -> Constraints:
    """
    The requests to a key that come through services of its own Region, or through none: keys are regional.

    https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-via-service
    """
    document = subject.document
    if document.resource_type not in _KEYS or not document.region or not _conditions(subject.policy, _VIA):
        return ()
    suffixes = {"amazonaws.com", url_suffix(partition_of(document.region))}
    here = [join(_LETTER, _LETTERS, f".{document.region}.{suffix}") for suffix in sorted(suffixes)]
    return ((key_dimension(_VIA), Values(True, StringSet.of(here))),)


def _may_name_others(statement: Statement, services: Sequence[str]) -> bool:
    """Whether a statement may name actions of other services."""
    if statement.actions is None:
        return True
    heads = tuple(f"{service}:" for service in services)
    # Without a colon it is no action at all, and IAM refuses the policy.
    named = [str(action).lower() for action in statement.actions if action == "*" or ":" in str(action)]
    return not all(action.startswith(heads) for action in named)


def _of_the_bucket(bucket: Text | None, written: Sequence[Text]) -> Constraints:
    """The bucket and its objects, and whatever the policy writes out: S3 refuses a policy about another bucket."""
    known = [entry for entry in written if isinstance(entry, str) and "${" not in entry]
    if not isinstance(bucket, str) or bucket == "*" or len(known) < len(written):
        return ()
    own = (exact(bucket), join(f"{bucket}/", ANY_RUN))
    return (("resource", text(*own, *map(like, known))),)


def network_bounds(policy: Policy, accounts: Sequence[str], organizations: Sequence[str]) -> Constraints:
    """
    The requests that come from none of the networks that the policy names.

    Args:
        accounts: whose endpoints are as good as a network, where the policy asks for the account of an endpoint.
        organizations: likewise.
    """
    out: list[tuple[str, Values]] = []
    for key, inside in (*((owner, accounts) for owner in _OWNERS), (_OWNER_ORGANIZATION, organizations)):
        if _conditions(policy, key):
            out.append((key_dimension(key), Values(True, StringSet.outside(exact(one) for one in sorted(set(inside))))))
    if _conditions(policy, _OWNER_PATHS):
        paths = StringSet.outside(paths_of(one) for one in sorted(set(organizations)))
        out.append((key_dimension(_OWNER_PATHS), Values(True, CollectionSet(paths))))
    for key in _NETWORKS:
        found = _literals(policy, key)
        if found:
            out.append((key_dimension(key), Values(True, StringSet.outside(exact(v) for v in found))))
    if _conditions(policy, _VPC_ARN):
        fixed = [*map(exact, _literals(policy, _VPC_ARN)), *map(vpcs_of, sorted(set(accounts)))]
        out.append((key_dimension(_VPC_ARN), Values(True, StringSet.of([VPC]) & StringSet.outside(fixed))))
    fenced = networks(policy)
    if not fenced.is_empty:
        out.append(("key:aws:sourceip", Values(True, ~fenced)))
    if _conditions(policy, _MOUNT_TARGET):
        out.append((key_dimension(_MOUNT_TARGET), Values(True, StringSet.of([exact("false")]))))
    return tuple(out)


def other_bounds(policy: Policy, accounts: Sequence[str]) -> Constraints:
    """
    The requests that do not belong to the accounts by a key other than the caller's.
    """
    ours = sorted(set(accounts))
    outside = Values(True, StringSet.outside(map(exact, ours)))
    out = [(key_dimension(key), outside) for key in _ACCOUNTS if _conditions(policy, key)]
    if _conditions(policy, _ACCESS_POINT):
        points = StringSet.of([ACCESS_POINT]) & StringSet.outside(map(access_points_of, ours))
        out.append((key_dimension(_ACCESS_POINT), Values(True, points)))
    return tuple(out)


#: How a request belongs to somebody besides its caller, in words.
_WAYS = {
    **dict.fromkeys((*_OWNERS, _VPC_ARN, _OWNER_ORGANIZATION, _OWNER_PATHS), "comes through the network of"),
    **dict.fromkeys(("s3:dataaccesspointaccount", _ACCESS_POINT), "comes through the access points of"),
    "aws:sourceowner": "calls for",
}


def owner_of(policy: Policy, request: Request) -> tuple[str, str] | None:
    """
    Whose network or access point a request came through, or whom it is sent for, where the policy asks for that.

    Returns:
        How it is theirs, in words, and the id of the account or organization; None where the policy does not ask.
    """
    for key, words in _WAYS.items():
        sent = request.context.get(key)
        if sent is not None and _conditions(policy, key):
            first = sent if isinstance(sent, str) else next(iter(sent), "")
            return words, first.split(":")[4] if key in _ARNS else first.partition("/")[0]
    return None
