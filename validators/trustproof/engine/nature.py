"""
Facts that tie two dimensions together: boxes that no real request is in, issued as denies of their own.

Leaving one out keeps every proof sound; adding one keeps counterexamples real. Only facts about dimensions that a
question constrains are issued.
"""

from __future__ import annotations

from collections.abc import Sequence

from trustproof.engine.search import Box, Literal
from trustproof.engine.ties import ties
from trustproof.engine.values import ABSENT, Present, Values, not_text, text
from trustproof.engine.world import SEPARATOR, World
from trustproof.model.request import ANONYMOUS, ROOT, SAML, SERVICE, USER_KEY, USER_KEY_MFA, WEB_IDENTITY
from trustproof.sets.addresses import AddressSet
from trustproof.sets.collections import CollectionSet
from trustproof.sets.numbers import NumberSet
from trustproof.sets.patterns import ANY_RUN, exact, ignoring_case, join
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


def facts(world: World, spoken: Sequence[Literal]) -> list[Box]:
    """The facts about the dimensions, and the values, that a question speaks of."""
    used = sorted({literal.dimension for literal in spoken})
    out = ties(world, spoken)
    if _ORG_ID in used and _ORG_PATHS in used:
        label = "an organization has an id and paths"
        out.append(_never(label, _present(_ORG_ID, world), _absent(_ORG_PATHS, world)))
        out.append(_never(label, _absent(_ORG_ID, world), _present(_ORG_PATHS, world)))
    if "key:aws:sourceip" in used:
        out.extend(
            _never(
                "a request through a VPC endpoint has no aws:SourceIp",
                _present("key:aws:sourceip", world),
                _present(key, world),
            )
            for key in _ENDPOINT
            if key in used
        )
    out.extend(_forwarding(world, used))
    out.extend(_tags(world, used))
    out.extend(_claims(world, used))
    if world.kind == ROOT and {"key:aws:multifactorauthage", "key:aws:multifactorauthpresent"} <= set(used):
        age, mfa = "key:aws:multifactorauthage", "key:aws:multifactorauthpresent"
        true = Literal(mfa, text(exact("true")), Values(True, StringSet.outside([exact("true")])), "with MFA")
        without = true._replace(yes=true.no, no=true.yes, label="without MFA")
        out.append(_never("an MFA has an age", true, _absent(age, world)))
        out.append(_never("only an MFA has an age", without, _present(age, world)))
    return out


def _forwarding(world: World, used: list[str]) -> list[Box]:
    if _VIA not in used and not any(key in used for key in _CALLED_VIA):
        return []
    forwarded = Literal(_VIA, text(exact("true")), not_text(exact("true")), "forwarded")
    direct = forwarded._replace(yes=forwarded.no, no=forwarded.yes, label="direct")
    out = [
        _never("only a forwarded request says which service it came through", direct, _present(key, world))
        for key in _CALLED_VIA
        if key in used
    ]
    if world.kind in (USER_KEY, USER_KEY_MFA, SERVICE, SAML, WEB_IDENTITY, ANONYMOUS):
        out.append(_never("a service forwards with temporary credentials", forwarded))
    return out


def _tags(world: World, used: list[str]) -> list[Box]:
    """``aws:TagKeys`` lists exactly the tags of a request."""
    if _TAG_KEYS not in used or not world.action.startswith("sts:"):
        return []
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
        out.append(_never("aws:TagKeys lists every tag", _present(dimension, world), unlisted))
        out.append(_never("aws:TagKeys lists no other tag", _absent(dimension, world), listed))
    return out


def _claims(world: World, used: list[str]) -> list[Box]:
    """A web identity token carries claims of its own issuer."""
    if world.kind != WEB_IDENTITY:
        return []
    out: list[Box] = []
    for dimension in used:
        host, _, claim = dimension.removeprefix("key:").rpartition(":")
        if not dimension.startswith("key:") or "." not in host or not claim:
            continue
        named = ignoring_case(exact(host))
        issuers = (join(ANY_RUN, ":oidc-provider/", named, SEPARATOR), join(named, SEPARATOR))
        elsewhere = Literal("caller", not_text(*issuers), text(*issuers), f"not a token of {host}")
        out.append(_never(f"only {host} issues its claims", _present(dimension, world), elsewhere))
    return out


def _never(label: str, *literals: Literal) -> Box:
    return Box(literals, label)


def _present(dimension: str, world: World) -> Literal:
    there = Values(False, _everything(world.domain(dimension).present))
    return Literal(dimension, there, ABSENT, f"{dimension} is present")


def _absent(dimension: str, world: World) -> Literal:
    there = Values(False, _everything(world.domain(dimension).present))
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
