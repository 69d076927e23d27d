"""
Facts that tie two dimensions together: boxes that no real request is in, issued as denies of their own.

Leaving one out keeps every proof sound; adding one keeps counterexamples real. Only facts about dimensions that a
question constrains are issued.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from trustproof.aws.condition_keys import lookup
from trustproof.aws.global_services import ENDPOINTS, NO_REQUEST
from trustproof.aws.oidc_subjects import subjects
from trustproof.engine.caller_records import SEPARATOR
from trustproof.engine.comparisons import comparisons, is_comparing
from trustproof.engine.dimensions import condition_key, is_key, use_of
from trustproof.engine.domains import ABSENT, Present, Values, not_text, text
from trustproof.engine.key_relations import key_relations
from trustproof.engine.request_space import RequestSpace, says_how
from trustproof.engine.resource_relations import REQUESTED_REGION, of_regions
from trustproof.engine.search import Box, Literal, never
from trustproof.model.request import ANONYMOUS, ROOT, SAML, SERVICE, USER_KEY, USER_KEY_MFA, WEB_IDENTITY
from trustproof.sets.addresses import AddressSet
from trustproof.sets.collections import CollectionSet
from trustproof.sets.numbers import NumberSet
from trustproof.sets.patterns import ANY, ANY_RUN, Pattern, Wildcard, exact, ignoring_case, join, like
from trustproof.sets.strings import StringSet

_ORG_ID, _ORG_PATHS = "key:aws:principalorgid", "key:aws:principalorgpaths"
_ENDPOINT = (
    "key:aws:sourcevpc",
    "key:aws:sourcevpcarn",
    "key:aws:sourcevpce",
    "key:aws:vpceaccount",
    "key:aws:vpceorgid",
    "key:aws:vpceorgpaths",
    "key:aws:vpcsourceip",
)
_CALLED_VIA = ("key:aws:calledvia", "key:aws:calledviafirst", "key:aws:calledvialast")
_VIA = "key:aws:viaawsservice"
_TAG_KEYS = "key:aws:tagkeys"
_REQUEST_TAG = "key:aws:requesttag/"
_OF_STS = like("sts:*")


def facts(space: RequestSpace, mentioned_literals: Sequence[Literal]) -> list[Box]:
    """The facts about the dimensions, and the values, that a question speaks of."""
    used = sorted({literal.dimension for literal in mentioned_literals})
    out = key_relations(space, mentioned_literals)
    if _ORG_ID in used and _ORG_PATHS in used:
        label = "an organization has an id and paths"
        out.append(never(label, _present(_ORG_ID, space), _absent(_ORG_PATHS, space)))
        out.append(never(label, _absent(_ORG_ID, space), _present(_ORG_PATHS, space)))
    if "key:aws:sourceip" in used:
        out.extend(
            never(
                "a request through a VPC endpoint has no aws:SourceIp",
                _present("key:aws:sourceip", space),
                _present(key, space),
            )
            for key in _ENDPOINT
            if key in used
        )
    if is_comparing(mentioned_literals):
        out.extend(comparisons(space, mentioned_literals))
    out.extend(_of_actions(space, used))
    out.extend(_endpoints(space, used))
    out.extend(of_regions(space, mentioned_literals) if REQUESTED_REGION in used and "resource" in used else ())
    out.extend(_forwarding(space, used))
    out.extend(_tags(space, used))
    out.extend(_claims(space, used))
    if space.kind == ROOT and {"key:aws:multifactorauthage", "key:aws:multifactorauthpresent"} <= set(used):
        age, mfa = "key:aws:multifactorauthage", "key:aws:multifactorauthpresent"
        true = Literal(mfa, text(exact("true")), Values(True, StringSet.outside([exact("true")])), "with MFA")
        without = true._replace(yes=true.no, no=true.yes, label="without MFA")
        out.append(never("an MFA has an age", true, _absent(age, space)))
        out.append(never("only an MFA has an age", without, _present(age, space)))
    return out


def lengths(space: RequestSpace, mentioned_literals: Sequence[Literal]) -> dict[str, Box]:
    """
    Dimension to the fact that its values are not longer than AWS takes them.

    It matters to few questions, so it is added only where what would be shown is too long.
    """
    out: dict[str, Box] = {}
    for dimension in {literal.dimension: None for literal in mentioned_literals}:
        is_known = is_key(dimension) and not use_of(dimension)
        most = space.longest(lookup(condition_key(dimension))) if is_known else None
        if most is not None:
            literal = Literal(dimension, *_longer_than(most), "is too long")
            out[dimension] = never(f"{condition_key(dimension)} has at most {most} characters", literal)
    return out


@cache
def _longer_than(most: int) -> tuple[Values, Values]:
    """The values that are longer than so many characters, and those that are not, or are not there."""
    longer = join(*(ANY,) * (most + 1), ANY_RUN)
    return text(longer), Values(True, StringSet.outside([longer]))


def _of_actions(space: RequestSpace, used: list[str]) -> list[Box]:
    """Some keys are in the requests of a few actions only."""
    out: list[Box] = []
    for dimension in used if not space.action else ():
        actions = lookup(condition_key(dimension)).actions_of(space.kind) if is_key(dimension) else None
        if actions is not None and space.domain(dimension).present is not None:
            out.append(only_in(dimension, actions, space))
    return out


def only_in(dimension: str, actions: Sequence[str], space: RequestSpace) -> Box:
    """
    That a condition key, given by its dimension, is in requests for some actions only.

    Args:
        actions: lower-cased.
    """
    name = lookup(condition_key(dimension)).name
    named = tuple(map(exact, actions))
    elsewhere = Literal("action", not_text(*named), text(*named), f"not an action with {name}")
    return never(f"only some actions have {name}", _present(dimension, space), elsewhere)


def _endpoints(space: RequestSpace, used: list[str]) -> list[Box]:
    """Each request for a service with one endpoint is made to the Region of that."""
    if REQUESTED_REGION not in used:
        return []
    out: list[Box] = []
    for service, regions in ENDPOINTS.items():
        known = [exact(region) for partition, region in regions.items() if space.partition in ("", partition)]
        if not known:
            continue
        called = _called(service)
        elsewhere = Literal(
            REQUESTED_REGION, Values(True, StringSet.outside(known)), text(*known), f"{service} in other Regions"
        )
        calling = Literal("action", text(*called), not_text(*called), f"an action of {service}")
        out.append(never(f"a request for {service} is made to one Region", calling, elsewhere))
    return out


def _called(service: str) -> tuple[Pattern, ...]:
    """The actions of a service, but for one that is no request."""
    if not NO_REQUEST.startswith(f"{service}:"):
        return (join(f"{service}:", ANY_RUN),)
    _, _, name = NO_REQUEST.partition(":")
    first, second = name[0], name[1]
    others = Wildcard(first, True, False), Wildcard(second, True, False)
    return (join(f"{service}:", others[0], ANY_RUN), join(f"{service}:{first}", others[1], ANY_RUN))


def _forwarding(space: RequestSpace, used: list[str]) -> list[Box]:
    if _VIA not in used and not any(key in used for key in _CALLED_VIA):
        return []
    forwarded = Literal(_VIA, text(exact("true")), not_text(exact("true")), "forwarded")
    direct = forwarded._replace(yes=forwarded.no, no=forwarded.yes, label="direct")
    out = [
        never("only a forwarded request says which service it came through", direct, _present(key, space))
        for key in _CALLED_VIA
        if key in used
    ]
    if space.kind in (USER_KEY, USER_KEY_MFA, SERVICE, SAML, WEB_IDENTITY, ANONYMOUS):
        out.append(never("a service forwards with temporary credentials", forwarded))
    return out


def _tags(space: RequestSpace, used: list[str]) -> list[Box]:
    """``aws:TagKeys`` lists exactly the tags of a request to STS."""
    if _TAG_KEYS not in used or (space.action and not space.action.startswith("sts:")):
        return []
    to_sts = () if space.action else (Literal("action", text(_OF_STS), not_text(_OF_STS), "an action of STS"),)
    out: list[Box] = []
    everything = StringSet.full()
    for dimension in used:
        if not dimension.startswith(_REQUEST_TAG):
            continue
        name = ignoring_case(exact(dimension.removeprefix(_REQUEST_TAG)))
        has = Values(False, CollectionSet(everything, (StringSet.of([name]),)))
        lacks = Values(True, CollectionSet(StringSet.outside([name])))
        listed = Literal(_TAG_KEYS, has, lacks, f"{dimension} is listed")
        unlisted = Literal(_TAG_KEYS, lacks, has, f"{dimension} is not listed")
        out.append(never("aws:TagKeys lists every tag", *to_sts, _present(dimension, space), unlisted))
        out.append(never("aws:TagKeys lists no other tag", *to_sts, _absent(dimension, space), listed))
    return out


def _claims(space: RequestSpace, used: list[str]) -> list[Box]:
    """A web identity token carries claims of its own issuer."""
    if space.kind != WEB_IDENTITY:
        return []

    out: list[Box] = []
    for dimension in used:
        host, _, claim = condition_key(dimension).rpartition(":")
        if not is_key(dimension) or use_of(dimension) or "." not in host or not claim:
            continue
        named = ignoring_case(exact(host))
        issuers = (join(ANY_RUN, ":oidc-provider/", named, SEPARATOR), join(named, SEPARATOR))
        elsewhere = Literal("caller", not_text(*issuers), text(*issuers), f"not a token of {host}")
        out.append(never(f"only {host} issues its claims", _present(dimension, space), elsewhere))
        if claim == "sub" and (looks := subjects(host)):
            # Of a token without a subject nothing is said.
            odd = Literal(dimension, not_text(*looks), Values(True, StringSet.of(looks)), "a subject like no other")
            out.append(never(f"no token of {host} has such a subject", odd))
        if says_how(host) == condition_key(dimension):
            here = elsewhere._replace(yes=elsewhere.no, no=elsewhere.yes, label=f"a token of {host}")
            out.append(never(f"every token of {host} says how its bearer signed in", _absent(dimension, space), here))
    return out


def _present(dimension: str, space: RequestSpace) -> Literal:
    there = Values(False, _everything(space.domain(dimension).present))
    return Literal(dimension, there, ABSENT, f"{dimension} is present")


def _absent(dimension: str, space: RequestSpace) -> Literal:
    there = Values(False, _everything(space.domain(dimension).present))
    return Literal(dimension, ABSENT, there, f"{dimension} is absent")


def _everything(like: Present | None) -> Present | None:
    """The full set of the same type; None where the key is never present."""
    if isinstance(like, NumberSet):
        return NumberSet.full()
    if isinstance(like, AddressSet):
        return AddressSet.full()
    if isinstance(like, CollectionSet):
        return CollectionSet(StringSet.full())
    return None if like is None else StringSet.full()
