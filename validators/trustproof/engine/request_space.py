"""
The requests that can exist: for one kind of caller, the values each key may have.

Of the keys that follow from the caller there are only views: see `engine.caller_records`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cache, lru_cache
from string import ascii_lowercase

from trustproof.aws.accounts import RELEASED
from trustproof.aws.condition_keys import (
    ALWAYS,
    DECIMAL,
    IN_ACCOUNT,
    NEVER,
    PLAIN,
    SOURCE,
    Key,
    Presence,
    is_misspelt,
    lookup,
)
from trustproof.aws.partitions import region_beginnings
from trustproof.aws.tags import BARRED, LONGEST_VALUE, is_tag_key, lists_tags, tag_of
from trustproof.aws.unsigned_calls import UNSIGNED
from trustproof.engine.caller_records import (
    ACCOUNT,
    FIELD,
    NAME,
    NAME_ONE,
    NAME_RUN,
    NO_SEPARATOR,
    SEPARATOR,
    VIEWS,
    caller_domain,
)
from trustproof.engine.dimensions import condition_key, is_key, use_of
from trustproof.engine.domains import ABSENT, Values, not_text, text
from trustproof.model.request import (
    ANONYMOUS,
    FEDERATED_USER,
    IDENTITY_CENTER,
    ROLE_SESSION,
    ROOT,
    SERVICE,
    USER_KEY,
    USER_KEY_MFA,
    USER_SESSION,
    USER_SESSION_MFA,
)
from trustproof.sets.addresses import AddressSet
from trustproof.sets.collections import CollectionSet
from trustproof.sets.numbers import NumberSet
from trustproof.sets.patterns import ANY_RUN, EVERYTHING, Pattern, Wildcard, exact, join, like, split, without
from trustproof.sets.strings import StringSet

#: Stands for the caller's own user name in a resource, whatever it is; no resource has it.
OWN_NAME = "\x1e"

#: The dimension of how wildcards of Resource are read, which is the same for all statements: whether they reach across
#: colons.
READING, REACH, STAY = "reading:colons", "reach", "stay"
#: Begins the dimensions of `engine.comparisons`: whether a comparison with a policy variable holds.
COMPARISON = "holds:"

_EXTERNAL_ID = "".join(sorted({*NAME, *":/"}))

_NO_WILDCARD = Wildcard("*?", True, True)
_ALPHANUMERIC = "0123456789abcdefghijklmnopqrstuvwxyz"
ORGANIZATION = join("o-", Wildcard(_ALPHANUMERIC, False, False), Wildcard(_ALPHANUMERIC, False, True))
#: Behind an organization its root, and what is below that:
#: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_last-accessed-view-data-orgs.html#access_policies_last-accessed-viewing-orgs-entity-path
ORGANIZATION_PATH = join(
    ORGANIZATION, "/r-", Wildcard(_ALPHANUMERIC, False, False), Wildcard(_ALPHANUMERIC, False, True), "/", _NO_WILDCARD
)
#: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
_ARN = join("arn:", *(Wildcard("", True, True), ":") * 4, Wildcard("", True, True))
_HEAD = join("arn:", *(FIELD, ":") * 3)
_WORD = join(Wildcard(ascii_lowercase, False, False), Wildcard(f"-{ascii_lowercase}", False, True))
_ARNS: dict[str, tuple[Pattern, ...]] = {
    IN_ACCOUNT: (join(_HEAD, ACCOUNT, ":", ANY_RUN),),
    SOURCE: tuple(join(_HEAD, owner, ":", ANY_RUN) for owner in (ACCOUNT, (), _WORD)),
}

#: Value formats of the catalogue's shapes: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
_SHAPES: dict[str, Pattern] = {
    "account": ACCOUNT,
    "organization": ORGANIZATION,
    PLAIN: join(_NO_WILDCARD),
    "external-id": join(*(Wildcard(_EXTERNAL_ID, False, False),) * 2, Wildcard(_EXTERNAL_ID, False, True)),
    "session-name": join(NAME_ONE, NAME_ONE, NAME_RUN),
    "source-identity": join(NAME_ONE, NAME_ONE, NAME_RUN),
}


#: Shapes, and the keys of names, to how many characters a value may have:
#: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
#: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
_LONGEST = {"session-name": 64, "source-identity": 64, "external-id": 1224, "aws:username": 64}

#: The keys and values of tags of IAM and STS. Of characters outside of ASCII, all are taken to be letters.
_TAGS = StringSet.of([join(Wildcard(BARRED, True, True))])

#: Seconds for which a code that is passed in a call counts (assumed: with some to spare), and a session of a user.
_CODE_LASTS, _SESSION_LASTS = 60, 129600

_PRINCIPAL_TYPES = {
    **dict.fromkeys((USER_KEY, USER_KEY_MFA, USER_SESSION, USER_SESSION_MFA), "User"),
    **dict.fromkeys((ROLE_SESSION, IDENTITY_CENTER), "AssumedRole"),
    FEDERATED_USER: "FederatedUser",
    ROOT: "Account",
    ANONYMOUS: "Anonymous",
}

_MFA_VALUES = {
    USER_SESSION: ("false",),
    USER_KEY_MFA: ("true",),
    USER_SESSION_MFA: ("true",),
    ROLE_SESSION: ("false",),
    SERVICE: ("false",),
    ROOT: ("true", "false"),
}


#: Only long-term credentials begin such sessions: what they began does not begin another one.
#: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetFederationToken.html
#: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html
_NEVER_CALLED = {
    USER_KEY_MFA: ("sts:getfederationtoken",),
    **dict.fromkeys(
        (USER_SESSION, USER_SESSION_MFA, ROLE_SESSION, IDENTITY_CENTER, SERVICE),
        ("sts:getfederationtoken", "sts:getsessiontoken"),
    ),
    # Such a session calls nothing of STS but GetCallerIdentity.
    FEDERATED_USER: ("sts:assume*", "sts:getfederationtoken", "sts:getsessiontoken", "sts:set*", "sts:tagsession"),
}


def says_how(host: str) -> str:
    """
    The claim, lower-cased, by which every token of a provider says how its bearer signed in; empty for most of them.

    https://docs.aws.amazon.com/cognito/latest/developerguide/role-trust-and-permissions.html
    """
    return f"{host}:amr".lower() if host.lower().startswith("cognito-identity") else ""


def longest(key: Key) -> int | None:
    """How many characters a value of a key may have in any request; None where it is not known."""
    return _LONGEST.get(key.shape) or _LONGEST.get(key.name.lower())


class RequestSpace:
    """
    All requests of one kind of caller for one action.

    Args:
        kind: the kind of caller.
        action: lower-cased; the empty string leaves the action open.
        partition: of the resource, which every signed caller shares; the empty string leaves it open.
        absent_keys: beginnings of keys that no request carries, lower-cased: without ``sts:TagSession`` a call with
            tags fails.
        own_name: whether `OWN_NAME` stands for the caller's user name in resources.
        known_keys: keys, lower-cased, that every request of this request space carries with one value; none carries
            those with an empty one.
        settled: whether an Allow is read as if an operand of the wrong type matched nothing; else it may match.
    """

    __slots__ = ("_domains", "absent_keys", "action", "key", "kind", "known_keys", "own_name", "partition", "settled")

    def __init__(
        self,
        kind: str,
        action: str,
        partition: str,
        absent_keys: tuple[str, ...] = (),
        *,
        own_name: bool = False,
        known_keys: tuple[tuple[str, str], ...] = (),
        settled: bool = False,
    ) -> None:
        self.kind: str = kind
        self.action: str = action
        self.partition: str = partition
        self.absent_keys: tuple[str, ...] = (*absent_keys, *(name for name, value in known_keys if not value))
        self.own_name: bool = own_name
        self.known_keys: dict[str, str] = {name: value for name, value in known_keys if value}
        self.settled: bool = settled
        #: Everything that tells this request space from others.
        self.key: tuple[object, ...] = (kind, action, partition, absent_keys, own_name, settled, *known_keys)
        self._domains: dict[str, Values] = {}

    def __repr__(self) -> str:
        return f"<RequestSpace {self.kind} {self.action or '*'}>"

    def narrowed(
        self, known_keys: Mapping[str, str], absent_keys: Iterable[str] = (), *, settled: bool = False
    ) -> RequestSpace:
        """The requests of this request space that carry some keys with one value, and do not carry others."""
        return request_space(
            self.kind,
            self.action,
            self.partition,
            tuple(dict.fromkeys((*self.absent_keys, *absent_keys))),
            own_name=self.own_name,
            known_keys=tuple(sorted({**self.known_keys, **known_keys}.items())),
            settled=self.settled or settled,
        )

    def for_action(self, action: str) -> RequestSpace:
        """The same for another action, lower-cased."""
        known_keys = tuple(sorted(self.known_keys.items()))
        return request_space(
            self.kind,
            action,
            self.partition,
            self.absent_keys,
            own_name=self.own_name,
            known_keys=known_keys,
            settled=self.settled,
        )

    def presence(self, key: Key) -> Presence:
        """Whether requests of this request space carry a key."""
        if key.name.lower() in self.known_keys:
            return ALWAYS
        if self.absent_keys and key.name.lower().startswith(self.absent_keys):
            return NEVER
        return key.presence(self.kind, self.action)

    def is_view(self, key: Key) -> bool:
        """Whether a key follows from the caller's record."""
        lowered = key.name.lower()
        if lowered not in VIEWS or self.presence(key) != ALWAYS:
            return False
        # An anonymous caller has an empty record.
        return self.kind != ANONYMOUS

    def domain(self, dimension: str) -> Values:
        """Every value that a dimension may have."""
        found = self._domains.get(dimension)
        if found is None:
            found = self._domains[dimension] = self._domain(dimension)
        return found

    def _domain(self, dimension: str) -> Values:
        if dimension == "caller":
            return caller_domain(self.kind, self.partition)
        if dimension == "action":
            if self.kind == ANONYMOUS and not self.action:
                return text(*(join(head, ANY_RUN) for head in UNSIGNED))
            if self.action:
                return text(exact(self.action))
            return not_text(*map(like, _NEVER_CALLED.get(self.kind, ())))
        if dimension == "resource":
            # No ARN holds what a policy of the old language writes for a variable.
            return not_text(like("*${*"))
        if is_key(dimension):
            return self._key_domain(condition_key(dimension), use_of(dimension))
        if dimension.startswith("condition:"):
            return text(exact("true"), exact("false"))
        if dimension == READING:
            return text(exact(REACH), exact(STAY))
        if dimension.startswith(COMPARISON):
            return Values(True, StringSet.of([exact("true"), exact("false")]))
        return Values(False, StringSet.full())

    def _key_domain(self, name: str, use: str) -> Values:
        key = lookup(name)
        if name in self.known_keys:
            value = StringSet.of([exact(self.known_keys[name])])
            return Values(False, CollectionSet(value) if key.multi or use == "multi" else value)
        presence = self.presence(key)
        if presence == NEVER or is_misspelt(name) or self._is_no_tag(name):
            return ABSENT
        return Values(presence != ALWAYS, self._present(key, use))

    def _present(self, key: Key, use: str) -> StringSet | NumberSet | AddressSet | CollectionSet[StringSet]:
        lowered = key.name.lower()
        kind = key.type
        if key.multi or use == "multi":
            # An empty string is no value, and AWS drops it from a collection.
            return CollectionSet(
                _elements(key) & _TAGS if lists_tags(lowered, self.kind, self.action) else _elements(key)
            )
        if kind == "bool":
            if lowered == "aws:multifactorauthpresent":
                return StringSet.of(exact(v) for v in _MFA_VALUES.get(self.kind, ()))
            if lowered == "aws:principalisawsservice":
                return StringSet.of([exact("true" if self.kind == SERVICE else "false")])
            if lowered == "aws:securetransport" and self.action.startswith("sts:") and self.kind != SERVICE:
                # https://docs.aws.amazon.com/IAM/latest/UserGuide/programming.html#IAMHTTPSRequired
                return StringSet.of([exact("true")])
            return StringSet.of([exact("true"), exact("false")])
        if lowered in ("aws:currenttime", "aws:epochtime"):
            return NumberSet.above(RELEASED, inclusive=True).integers()
        if lowered == "aws:multifactorauthage" and (oldest := self._oldest_mfa()) is not None:
            return NumberSet.between(0, oldest).integers()
        if kind in ("numeric", "date"):
            numbers = NumberSet.above(0, inclusive=True)
            return numbers if key.shape == DECIMAL else numbers.integers()
        if kind == "ip":
            return _public_addresses() if lowered == "aws:sourceip" else AddressSet.full()
        if lowered == "aws:principaltype":
            types = {_PRINCIPAL_TYPES.get(self.kind)} - {None} or {*_PRINCIPAL_TYPES.values()}
            return StringSet.of(exact(type_) for type_ in types if type_)
        if self.kind == ANONYMOUS and lowered in ("aws:principalaccount", "aws:userid"):
            return StringSet.of([exact("anonymous")])
        if key.type == "arn":
            return StringSet.of(_ARNS.get(key.shape, (_ARN,)))
        if lowered == "aws:requestedregion" and self.partition:
            return _regions(self.partition)
        found = self._shaped(key)
        if key.shape == "source-identity":
            found &= StringSet.outside([like("aws:*")])
        return found

    def _shaped(self, key: Key) -> StringSet:
        if tag_of(key.name.lower(), self.kind, self.action) is not None:
            return _TAGS
        shape = _SHAPES.get(key.shape)
        return StringSet.full() if shape is None else StringSet.of([shape])

    def _is_no_tag(self, name: str) -> bool:
        """Whether a condition key has the value of a tag that there cannot be."""
        tag = tag_of(name, self.kind, self.action)
        return tag is not None and not is_tag_key(tag)

    def longest(self, key: Key) -> int | None:
        """How many characters a value of a key may have; None where it is not known."""
        if self.kind and tag_of(key.name.lower(), self.kind, self.action) is not None:
            return LONGEST_VALUE
        return longest(key)

    def _oldest_mfa(self) -> int | None:
        """
        The largest age of an MFA in seconds; None where it is not known.

        A code is passed in the call, and is of that moment. Of the sessions that users have, those of GetSessionToken
        last longest; how long a service may go on with one for its user is not documented, but none assumes a role
        with it.
        https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html
        """
        if self.kind == USER_KEY_MFA:
            return _CODE_LASTS
        return _SESSION_LASTS if self.kind == USER_SESSION_MFA and self.action.startswith("sts:") else None

    def view(self, key: Key, pattern: Pattern) -> tuple[Pattern, ...]:
        """
        The patterns on the caller's record that say that `key` matches `pattern`.
        """
        lowered = key.name.lower()
        narrow = without(pattern, SEPARATOR)
        if lowered in ("aws:principalarn", "aws:principalservicename"):
            return (join(narrow, SEPARATOR, ANY_RUN),)
        if lowered == "aws:principalaccount" or (lowered == "aws:userid" and self.kind == ROOT):
            service = "sts" if self.kind == FEDERATED_USER else "iam"
            return _in_field(":", join("arn:", FIELD, f":{service}::"), narrow, join(":", ANY_RUN))
        if lowered == "saml:doc":
            return self._two(narrow, "/", "iam", "saml-provider/")
        if lowered == "aws:userid" and self.kind == FEDERATED_USER:
            return self._two(narrow, ":", "sts", "federated-user/")
        if lowered == "aws:userid":
            return (join(NO_SEPARATOR, SEPARATOR, narrow),)
        head = join("arn:", FIELD, ":iam::", ACCOUNT, ":user/")
        end = join(SEPARATOR, ANY_RUN)
        return (*_in_field("/", head, narrow, end), *_in_field("/", join(head, NO_SEPARATOR, "/"), narrow, end))

    def _two(self, pattern: Pattern, between: str, service: str, resource: str) -> tuple[Pattern, ...]:
        """Records of which the account, `between` and the name match the pattern."""
        return tuple(
            join("arn:", FIELD, f":{service}::", account, ":" + resource, name, SEPARATOR)
            for account, name in split(pattern, between)
        )


@cache
def _regions(partition: str) -> StringSet:
    """The Regions of a partition, by how their names begin."""
    others = region_beginnings()
    if partition in others:
        return StringSet.of([join(others[partition], _NO_WILDCARD)])
    elsewhere = StringSet.outside([join(beginning, ANY_RUN) for beginning in others.values()])
    return StringSet.of([join(_NO_WILDCARD)]) & elsewhere


@cache
def _public_addresses() -> AddressSet:
    """What reaches an endpoint of AWS over the internet, is not translated on the way, and is written as it is."""
    found = AddressSet.full()
    for block in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7", "::ffff:0:0/96"):
        found &= ~AddressSet.prefix(block)
    return found


def _in_field(excluded: str, head: Pattern, pattern: Pattern, tail: Pattern) -> tuple[Pattern, ...]:
    """A pattern between two others, where it matches no `excluded`; no pattern where it always does."""
    narrow = without(pattern, excluded)
    return () if any(isinstance(part, str) and excluded in part for part in narrow) else (join(head, narrow, tail),)


def _elements(key: Key) -> StringSet:
    """What the values of a multi-valued key are made of."""
    if key.name.lower().endswith("orgpaths"):
        return StringSet.of([ORGANIZATION_PATH])
    shapes = _ARNS.get(key.shape, (_ARN if key.type == "arn" else _SHAPES.get(key.shape, EVERYTHING),))
    # An empty string is no value, and AWS drops it from a collection.
    return StringSet.of(shapes) & StringSet.outside([exact("")])


#: Makes a request space, or remembers it and with it the domains that were computed: a run asks of few request spaces,
#: many times.
request_space: Callable[..., RequestSpace] = lru_cache(maxsize=1024)(RequestSpace)
