"""
Facts about which actions are about which resources, and about who reaches these.

They seldom matter, and are issued for the services and accounts that a question speaks of.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from trustproof.aws.action_resources import AWS_POLICIES, about
from trustproof.aws.examples import EXAMPLE_ACTIONS
from trustproof.aws.regional_services import REGIONAL
from trustproof.engine.caller_records import ACCOUNT
from trustproof.engine.comparisons import equalities, is_comparing
from trustproof.engine.domains import Values, not_text, text
from trustproof.engine.key_relations import RESOURCE_ACCOUNT, patterns_of
from trustproof.engine.operands import ANY_SPACE, arn_operand
from trustproof.engine.published_arns import published_arn
from trustproof.engine.request_space import RequestSpace
from trustproof.engine.search import Box, Literal, never
from trustproof.model.arn import is_account
from trustproof.model.request import ANONYMOUS, SAML, SERVICE, WEB_IDENTITY
from trustproof.sets.patterns import ANY_RUN, EVERYTHING, Pattern, Wildcard, exact, join, without
from trustproof.sets.strings import StringSet

_FIELD = Wildcard(":", True, True)
_ARN = join("arn:", *(ANY_RUN, ":") * 4, ANY_RUN)
_AN_ARN = Literal("resource", text(_ARN), not_text(_ARN), "an ARN")
#: Stand for the wild parts of a pattern, those that may hold a colon and others; no text of a policy has them.
_ANY, _NO_COLON = "\x00", "\x01"
#: Kinds of caller that have no account.
_OF_NO_ACCOUNT = (SERVICE, SAML, WEB_IDENTITY, ANONYMOUS)
#: The services that a witness for ``*`` takes its action from.
_EXAMPLES = frozenset(action.partition(":")[0] for action in EXAMPLE_ACTIONS)


#: The Region that was called.
REQUESTED_REGION = "key:aws:requestedregion"


def of_regions(space: RequestSpace, mentioned_literals: Sequence[Literal]) -> list[Box]:
    """
    What some services have is reached in its own Region: for each text that a question compares the Region with, either
    both that and the Region in the ARN match, or neither.
    """
    if space.kind == SERVICE or (space.action and not space.action.startswith(tuple(f"{one}:" for one in REGIONAL))):
        return []
    sets = [values for one in mentioned_literals if one.dimension == REQUESTED_REGION for values in (one.yes, one.no)]
    # The partition, too, tells Regions apart.
    sets = [*sets, space.domain(REQUESTED_REGION)] if sets else []
    regions = dict.fromkeys(pattern for values in sets for pattern in patterns_of(values.present))
    services = _regional_services(mentioned_literals) if regions else []
    return [box for service in services for region in regions for box in _in_region(service, region)]


def _regional_services(mentioned_literals: Sequence[Literal]) -> list[str]:
    """Those of them whose resources a question speaks of."""
    found: set[str] = set()
    for literal in mentioned_literals:
        for values in (literal.yes, literal.no) if literal.dimension == "resource" else ():
            for pattern in patterns_of(values.present):
                shown = "".join(part if isinstance(part, str) else _ANY for part in pattern)
                named = (shown.split(":", 3) + [_ANY] * 2)[2]
                found.update(REGIONAL if _ANY in shown[: shown.find(named) + len(named)] else {named} & {*REGIONAL})
    return sorted(found)


@lru_cache(maxsize=1024)
def _in_region(service: str, region: Pattern) -> tuple[Box, Box]:
    """What ties the resources of a service to the Regions that match a pattern."""
    label = f"what {service} has is reached in its own Region"
    anywhere = join("arn:", _FIELD, f":{service}:", ANY_RUN)
    inside = join("arn:", _FIELD, f":{service}:", without(region, ":"), ":", ANY_RUN)
    of_service = Literal("resource", text(anywhere), not_text(anywhere), f"of {service}")
    here = Literal("resource", text(inside), not_text(inside), "in such a Region")
    elsewhere = here._replace(yes=here.no, no=here.yes, label="in another Region")
    called = Literal(
        REQUESTED_REGION, text(region), Values(True, StringSet.outside([region])), "such a Region is called"
    )
    other = called._replace(yes=called.no, no=called.yes, label="another Region is called")
    return never(label, of_service, elsewhere, called), never(label, here, other)


class Pairs:
    """
    Facts that seldom matter: about which actions are about which resources, for the services that a question speaks of;
    about who reaches these, for the accounts; and about keys that are compared with each other.
    """

    def __init__(self, space: RequestSpace, mentioned_literals: Sequence[Literal]) -> None:
        self._partition = "" if space.kind in _OF_NO_ACCOUNT else space.partition
        self._services = _services(mentioned_literals)
        self._owners = _owners(mentioned_literals)
        self._accounts = () if space.kind in _OF_NO_ACCOUNT else tuple(_accounts(mentioned_literals))
        self._reaches = space.kind not in _OF_NO_ACCOUNT
        #: Whether a question asks whose a resource is, which its ARN need not say.
        self._asks_whose = any(literal.dimension == RESOURCE_ACCOUNT for literal in mentioned_literals)
        #: Whether it is settled what a request is about, as it is at a trust policy.
        self._settled = bool(space.action)
        self._equal: tuple[Box, ...] = ()
        if is_comparing(mentioned_literals):
            self._equal = tuple(equalities(space, mentioned_literals))

    def __iter__(self) -> Iterator[Box]:
        """All of them."""
        yield from self._equal
        owners = sorted({"iam", *(self._owners or ())})
        if self._partition:
            yield _elsewhere(self._partition)
        for service in sorted(self._services):
            yield from self._about(service, self._accounts)
            for owner in owners:
                yield _owned_by(owner, _others(service))

    def of(self, action: str, resource: str, caller: str) -> Iterator[Box]:
        """
        Those that a request for a lower-cased action, about a resource, may be against.

        Args:
            caller: the record of who calls; empty where that does not matter.
        """
        yield from self._equal
        if self._settled:
            return
        if self._partition:
            yield _elsewhere(self._partition)
        service, owner = action.partition(":")[0], (resource.split(":", 3) + [""] * 3)[2]
        if service in self._services:
            # What is known of an account is about its callers, and its resources.
            there = {(arn.split(":", 5) + [""] * 5)[4] for arn in (resource, caller)}
            yield from self._about(service, [one for one in self._accounts if one in there])
            if owner == "iam" or owner in (self._owners or ()):
                yield _owned_by(owner, _others(service))

    def _about(self, service: str, accounts: Iterable[str]) -> Iterator[Box]:
        yield from _types_of(service, self._owners is None)
        if self._reaches:
            yield from _in_some_account(service)
        for account in accounts:
            yield from _in_own_account(service, account)
            if self._asks_whose:
                yield from _owned_by_caller(service, account)


@lru_cache(maxsize=16)
def _elsewhere(partition: str) -> Box:
    """Nobody reaches across partitions."""
    here = join(f"arn:{partition}:", ANY_RUN)
    other = Literal("resource", not_text(here), text(here), "of another partition")
    return never("a caller's resources are in the caller's partition", _AN_ARN, other)


@lru_cache(maxsize=1024)
def _in_some_account(service: str) -> tuple[Box, ...]:
    """What some actions of a service are about is in an account, or is a policy of AWS."""
    somebodys = join("arn:", *(_FIELD, ":") * 3, ACCOUNT, ":", ANY_RUN)
    (aws,) = arn_operand(AWS_POLICIES, ANY_SPACE, False).smaller
    nobodys = Literal("resource", not_text(somebodys, aws), text(somebodys, aws), "of no account")
    label = f"what these actions of {service} are about is in an account"
    rows = [row for row in about(service) if row.own_account or _have_accounts(row.arns)]
    return tuple(never(label, _AN_ARN, nobodys, *_actions(row.actions, (service,), row.but_for)) for row in rows)


def _have_accounts(arns: Sequence[str]) -> bool:
    """Whether ARNs of these types say whose the resource is."""
    return bool(arns) and all(arn.split(":")[4] == "?" * 12 for arn in arns)


@lru_cache(maxsize=1024)
def _in_own_account(service: str, account: str) -> tuple[Box, ...]:
    """Some actions of a service reach no other account."""
    ours = join("arn:", *(_FIELD, ":") * 3, account, ":", ANY_RUN)
    (aws,) = arn_operand(AWS_POLICIES, ANY_SPACE, False).smaller
    caller = join("arn:", *(_FIELD, ":") * 2, f":{account}:", ANY_RUN)
    here = Literal("caller", text(caller), not_text(caller), f"of account {account}")
    theirs = Literal("resource", not_text(ours, aws), text(ours, aws), f"of another account than {account}")
    away = here._replace(yes=here.no, no=here.yes, label=f"not of account {account}")
    own = Literal("resource", text(ours), not_text(ours), f"of account {account}")
    return tuple(
        never(_own_label(service), *who_and_what, *actions)
        for actions in _of_own_account(service)
        for who_and_what in ((_AN_ARN, theirs, here), (own, away))
    )


@lru_cache(maxsize=1024)
def _owned_by_caller(service: str, account: str) -> tuple[Box, ...]:
    """The same, by the key that says whose a resource is; what it is of the policies of AWS is not documented."""
    caller = join("arn:", *(_FIELD, ":") * 2, f":{account}:", ANY_RUN)
    here = Literal("caller", text(caller), not_text(caller), f"of account {account}")
    own = [exact(account), exact("aws")]
    theirs = Values(False, StringSet.outside(own))
    away = Literal(RESOURCE_ACCOUNT, theirs, Values(True, StringSet.of(own)), f"a resource of another than {account}")
    return tuple(never(_own_label(service), here, away, *actions) for actions in _of_own_account(service))


def _own_label(service: str) -> str:
    return f"these actions of {service} are about the caller's own account"


def _of_own_account(service: str) -> Iterator[list[Literal]]:
    """The actions of a service that reach no other account."""
    for row in about(service):
        if row.own_account:
            yield _actions(row.actions, (service,), row.but_for)


def _accounts(mentioned_literals: Sequence[Literal]) -> list[str]:
    """The accounts whose callers and resources a question speaks of."""
    found: set[str] = set()
    for literal in mentioned_literals:
        for values in (literal.yes, literal.no) if literal.dimension in ("caller", "resource") else ():
            found |= _accounts_of(values)
    return sorted(found)


@lru_cache(maxsize=1024)
def _accounts_of(values: Values) -> frozenset[str]:
    """The accounts that a literal names."""
    fields = (
        field
        for pattern in patterns_of(values.present)
        for field in "".join(part if isinstance(part, str) else _ANY for part in pattern).split(":")
    )
    return frozenset(filter(is_account, fields))


def _services(mentioned_literals: Sequence[Literal]) -> frozenset[str]:
    """The services whose actions a question speaks of, and those that a witness takes its action from elsewhere."""
    actions = (literal for literal in mentioned_literals if literal.dimension == "action")
    return _EXAMPLES.union(*(_named(values) for literal in actions for values in (literal.yes, literal.no)))


@lru_cache(maxsize=1024)
def _named(values: Values) -> frozenset[str]:
    """The services of the actions that a literal lists."""
    found: set[str] = set()
    for pattern in patterns_of(values.present):
        service, colon, _ = str(pattern[0] if pattern and isinstance(pattern[0], str) else "").partition(":")
        found.update([service] if colon else ())
    return frozenset(found)


def _owners(mentioned_literals: Sequence[Literal]) -> frozenset[str] | None:
    """The services whose resources a question speaks of; None where it speaks of resources of any service."""
    found: set[str] = set()
    for literal in mentioned_literals:
        for values in (literal.yes, literal.no) if literal.dimension == "resource" else ():
            owners = _owning(values)
            if owners is None:
                return None
            found |= owners
    return frozenset(found)


@lru_cache(maxsize=1024)
def _owning(values: Values) -> frozenset[str] | None:
    """The services of the ARNs that a literal lists."""
    found: set[str] = set()
    for pattern in patterns_of(values.present):
        if pattern == EVERYTHING:
            continue
        shown = "".join(part if isinstance(part, str) else _ANY if part.admits(":") else _NO_COLON for part in pattern)
        head, *rest = shown.split(":", 3)
        # What may hold a colon may hold fields, so that none after it is known.
        if len(rest) == 3 and _ANY not in head + rest[0] + rest[1] and _NO_COLON not in head + rest[1]:
            found.add(rest[1])
        elif _ANY in shown or _NO_COLON in head:
            return None
    return frozenset(found)


@lru_cache(maxsize=1024)
def _types_of(service: str, of_any: bool) -> tuple[Box, ...]:
    """
    Some actions of a service are about resources of some types.

    Args:
        of_any: whether all of its actions may meet resources of any service, and not only of those that are known.
    """
    out: list[Box] = []
    for row in about(service):
        if not row.actions and not of_any and not row.says_where:
            continue
        label = f"an action of {service} is about resources of its own types"
        actions = _actions(row.actions, (service,), row.but_for)
        literals = [] if row.required else [_AN_ARN]
        literals += [_no_resource(row.arns)] if row.arns else []
        out.append(never(label, *literals, *actions))
        if row.but_not:
            right = _no_resource(row.but_not)
            out.append(never(label, right._replace(yes=right.no, no=right.yes), *actions))
    return tuple(out)


def _others(service: str) -> frozenset[str]:
    """The services that are looked at together with one."""
    return _EXAMPLES if service in _EXAMPLES else frozenset([service])


@lru_cache(maxsize=1024)
def _owned_by(owner: str, services: frozenset[str]) -> Box:
    """What belongs to one service is not what actions of others are about."""
    others = [(service, row) for service in sorted(services - {owner}) for row in about(service) if not row.actions]
    but_for = frozenset(action for _, row in others for action in row.but_for)
    arn = _no_resource((f"arn:*:{owner}:*:*:*",))
    owned = arn._replace(yes=arn.no, no=arn.yes, label=f"a resource of {owner}")
    label = f"no action of another service is about resources of {owner}"
    return never(label, owned, *_actions(frozenset(), tuple(service for service, _ in others), but_for))


def _actions(named: frozenset[str], services: Sequence[str], but_for: frozenset[str]) -> list[Literal]:
    """Some actions; where none are named, all of some services but for some."""
    patterns = [exact(a) for a in sorted(named)] or [join(f"{service}:", ANY_RUN) for service in services]
    out = [_action(patterns)]
    if but_for:
        left_out = _action([exact(action) for action in sorted(but_for)])
        out.append(left_out._replace(yes=left_out.no, no=left_out.yes))
    return out


def _no_resource(arns: Sequence[str]) -> Literal:
    patterns = [published_arn(arn) for arn in arns]
    return Literal("resource", not_text(*patterns), text(*patterns), "of another type")


def _action(patterns: Sequence[Pattern]) -> Literal:
    return Literal("action", text(*patterns), not_text(*patterns), "an action")
