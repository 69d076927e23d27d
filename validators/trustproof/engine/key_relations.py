"""
Facts that tie the values of two keys together: an organization's id to its paths, a source's ARN to its account.

A tie is a relation over endlessly many values. It is issued for the values that a question mentions, which is all that
its boxes can tell apart (up to wildcards); the witness chooses values that agree for the rest.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import TypeGuard

from trustproof.aws.condition_keys import ALWAYS, lookup
from trustproof.engine.caller_records import ACCOUNT, SEPARATOR
from trustproof.engine.dimensions import condition_key
from trustproof.engine.domains import ABSENT, Present, Values
from trustproof.engine.request_space import COMPARISON, ORGANIZATION, RequestSpace
from trustproof.engine.search import Box, Literal
from trustproof.model.arn import is_account
from trustproof.model.request import IDENTITY_CENTER, ROLE_SESSION, SERVICE, WEB_IDENTITY
from trustproof.sets.clauses import pattern_order
from trustproof.sets.collections import CollectionSet
from trustproof.sets.patterns import ANY_RUN, Pattern, Wildcard, exact, join, literal_text, split, without
from trustproof.sets.strings import StringSet

#: Families of organization keys: the id, and the paths, which begin with it.
ORGANIZATIONS = tuple(
    (f"key:aws:{whose}orgid", f"key:aws:{whose}orgpaths") for whose in ("principal", "resource", "source", "vpce")
)
SOURCE_ARN, SOURCE_ACCOUNT = "key:aws:sourcearn", "key:aws:sourceaccount"
RESOURCE, RESOURCE_ACCOUNT = "resource", "key:aws:resourceaccount"
EARLIER_IDENTITY, NEW_IDENTITY = "key:aws:sourceidentity", "key:sts:sourceidentity"
#: The same as ``aws:PrincipalAccount``, in requests to KMS:
#: https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-caller-account
CALLER_ACCOUNT = "key:kms:calleraccount#string"
#: The same where no service calls: the default policy of a topic keeps all others out by it (assumed).
#: https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-use-cases.html
SOURCE_OWNER = "key:aws:sourceowner"
_CALLER_ACCOUNTS = {CALLER_ACCOUNT: "kms:CallerAccount", SOURCE_OWNER: "aws:SourceOwner"}
PROVIDER, SERVICE_NAMES = "key:aws:federatedprovider", "key:aws:principalservicenameslist"
#: Where the credentials of a session were handed out, which is in the account of the role: no role is passed across
#: accounts, and its provider is one of its account.
#: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
HANDED_OUT = (
    PROVIDER,
    "key:codebuild:buildarn",
    "key:codebuild:projectarn",
    "key:ec2:sourceinstancearn",
    "key:lambda:sourcefunctionarn",
    "key:ssm:sourceinstancearn",
)

_TIED = {
    *(dimension for pair in ORGANIZATIONS for dimension in pair),
    *(SOURCE_ARN, SOURCE_ACCOUNT, EARLIER_IDENTITY, NEW_IDENTITY, PROVIDER, SERVICE_NAMES),
    *_CALLER_ACCOUNTS,
    RESOURCE_ACCOUNT,
    *HANDED_OUT,
}
_PRINCIPAL_ACCOUNT = lookup("aws:PrincipalAccount")
_FIELD = Wildcard(":", True, True)
#: Stands for the wild parts of a pattern; no text of a policy has it.
_WILD = "\x00"
_DIGITS = "0123456789"
_DIGIT = Wildcard(_DIGITS, False, False)
#: How many accounts are tied to ARNs at once: of more, one search would have more patterns than it is worth.
_TOGETHER = 100
#: Which field of an ARN is the account, and in how many ways an ARN is taken apart at its colons.
_ACCOUNT_FIELD, _READINGS = 5, 32
#: An ARN up to the colon before its account.
_BEFORE_ACCOUNT: Pattern = ("arn:", _FIELD, ":", _FIELD, ":", _FIELD)
#: What holds an ARN, in words.
_AN_ARN = {SOURCE_ARN: "aws:SourceArn", RESOURCE: "the resource"}


def key_relations(space: RequestSpace, mentioned_literals: Sequence[Literal]) -> list[Box]:
    """The ties between the values that a question speaks of."""
    texts: dict[str, list[str]] = {}
    tied = {literal.dimension for literal in mentioned_literals} & _TIED
    if not tied:
        return []
    if tied & {PROVIDER, SERVICE_NAMES}:
        tied.add("caller")
    if RESOURCE_ACCOUNT in tied:
        tied.add(RESOURCE)
    for literal in mentioned_literals:
        if literal.dimension not in tied:
            continue
        found = texts.setdefault(literal.dimension, [])
        found += (*_texts_of(literal.yes.present), *_texts_of(literal.no.present))
    out: list[Box] = []
    for ids, paths in ORGANIZATIONS:
        if paths in texts:
            out.extend(_organizations(ids if ids in texts else "", paths, [*texts.get(ids, ()), *texts[paths]]))
    for arns, accounts in ((SOURCE_ARN, SOURCE_ACCOUNT), (RESOURCE, RESOURCE_ACCOUNT)):
        if arns in texts and accounts in texts:
            out.extend(_owned(arns, accounts, space, mentioned_literals))
    if space.kind in (ROLE_SESSION, IDENTITY_CENTER) and EARLIER_IDENTITY in texts and NEW_IDENTITY in texts:
        names = [*texts[EARLIER_IDENTITY], *texts[NEW_IDENTITY]]
        out.extend(_equal("a source identity cannot be changed", EARLIER_IDENTITY, NEW_IDENTITY, names))
    if space.kind != SERVICE and space.presence(_PRINCIPAL_ACCOUNT) == ALWAYS:
        out.extend(box for key in _CALLER_ACCOUNTS for box in _caller_account(space, mentioned_literals, key))
    if space.kind in (ROLE_SESSION, IDENTITY_CENTER):
        out.extend(box for key in HANDED_OUT if key in texts for box in _handed_out(space, key, mentioned_literals))
    named = [text.removesuffix(SEPARATOR) for text in texts.get("caller", ())]
    if space.kind == WEB_IDENTITY and PROVIDER in texts:
        label = "aws:FederatedProvider names the provider of the token"
        out.extend(_equal(label, PROVIDER, "caller", [*texts[PROVIDER], *named], SEPARATOR))
    if space.kind == SERVICE and SERVICE_NAMES in texts:
        out.extend(_service_names([*texts[SERVICE_NAMES], *named]))
    return out


def patterns_of(present: Present | None) -> Iterable[Pattern]:
    """Every pattern that a set is written with, required or forbidden."""
    if isinstance(present, StringSet):
        yield from (p for clause in present.clauses for p in clause)
        yield from present.forbidden
    elif isinstance(present, CollectionSet):
        for part in (present.every, *present.some):
            yield from patterns_of(part)


@lru_cache(maxsize=4096)
def _texts_of(present: Present | None) -> tuple[str, ...]:
    """What a set is written with; remembered, since many questions are about the same hundreds of accounts."""
    return tuple(map(_text, patterns_of(present)))


def _texts_of_all(said: Iterable[Present | None]) -> tuple[str, ...]:
    return tuple(text for present in said for text in _texts_of(present))


def _text(pattern: Pattern) -> str:
    """The pattern with a mark for each wild part; what may be in either case, in lower case."""
    return "".join(p if isinstance(p, str) else p.chars[0] if _is_letter(p) else _WILD for p in pattern)


def _is_letter(part: str | Wildcard) -> TypeGuard[Wildcard]:
    return (
        isinstance(part, Wildcard)
        and not part.star
        and len(part.chars) == 2
        and part.chars.lower() == part.chars[0] * 2
    )


def _plain(texts: Iterable[str]) -> list[str]:
    return sorted({text for text in texts if text and _WILD not in text})


def _organizations(ids: str, paths: str, texts: Iterable[str]) -> list[Box]:
    """All paths begin with one organization, and it is that of the id."""
    out: list[Box] = []
    full = StringSet.full()
    # A principal that has paths has an id; for the others the manual does not say.
    has_id = [] if paths == ORGANIZATIONS[0][1] else [Literal(ids, _there(full), ABSENT, f"{ids} is present")]
    if ids and has_id:
        shaped = join(ORGANIZATION, "/", ANY_RUN)
        inside, outside = StringSet.of([shaped]), StringSet.outside([shaped])
        elsewhere = Literal(
            paths, _there(CollectionSet(full, (outside,))), Values(True, CollectionSet(inside)), "no path"
        )
        out.append(Box((*has_id, elsewhere), "the paths of an organization begin with its id"))
    texts = [*texts]
    named = [(exact(name), join(name, "/", ANY_RUN), name) for name in _plain(t.partition("/")[0] for t in texts)]
    # No id holds a slash, so whether a path begins like this is decided by its organization too.
    starts = dict.fromkeys(text[:-1] for text in texts if text.endswith(_WILD) and "/" not in text)
    for start in (found for found in starts if found and _WILD not in found):
        pattern = join(start, ANY_RUN)
        named.append((pattern, pattern, f"{start}*"))
    for whole, below, name in named:
        inside, outside = StringSet.of([below]), StringSet.outside([below])
        some_in = Literal(
            paths, _there(CollectionSet(full, (inside,))), Values(True, CollectionSet(outside)), f"in {name}"
        )
        some_out = Literal(
            paths, _there(CollectionSet(full, (outside,))), Values(True, CollectionSet(inside)), f"not in {name}"
        )
        if ids or not has_id:
            out.append(Box((some_in, some_out, *has_id), "all paths are of one organization"))
        if ids:
            label = "the paths of an organization begin with its id"
            this, other = one_of(ids, whole)
            out += [Box((this, some_out), label), Box((other, some_in), label)]
    return out


def _owned(arns: str, accounts: str, space: RequestSpace, mentioned_literals: Sequence[Literal]) -> list[Box]:
    """
    The account in an ARN, where it has one, is the account of the key that says whose it is.

    Where the key is never compared with one of some accounts alone, it may be any of these, and so the one in the ARN:
    it is enough that both are among them. Thousands of accounts of a boundary are tied so in a few boxes. What it is
    compared with that has a wildcard both match, or neither does.
    """
    said = [v.present for one in mentioned_literals if one.dimension == accounts for v in (one.yes, one.no)]
    named = [v.present for one in mentioned_literals if one.dimension == arns for v in (one.yes, one.no)]
    alike, others = _told_apart(tuple(dict.fromkeys(group for one in said for group in _groups_of(one))))
    alone: Sequence[str] = ()
    if _may_tell_apart(mentioned_literals):
        alike, alone = (), _accounts(_texts_of_all([*said, *named]))
    elif arns == RESOURCE and not space.action:
        # What else is known may be about one account that a resource is of.
        alone = _accounts(_texts_of_all(named))
    together = [tuple(one for one in some if one not in alone) for some in alike]
    wild = (one for one in others if literal_text(one) is None)
    return [
        *(box for some in (*_in_pieces(together), *((one,) for one in alone)) for box in _owners(arns, accounts, some)),
        *(box for one in wild for box in _owners_like(arns, accounts, one)),
    ]


def _may_tell_apart(mentioned_literals: Iterable[Literal]) -> bool:
    """Whether a key is compared with another one, so that what that is may tell any account from all others."""
    return any(one.dimension.startswith(COMPARISON) for one in mentioned_literals)


def _in_pieces(together: Iterable[tuple[str, ...]]) -> Iterator[tuple[str, ...]]:
    return (some[at : at + _TOGETHER] for some in together for at in range(0, len(some), _TOGETHER))


def _groups_of(present: Present | None) -> Iterable[frozenset[Pattern]]:
    """The patterns that a set is written with, by what they stand in together."""
    if isinstance(present, StringSet):
        yield from (*present.clauses, present.forbidden)
    elif isinstance(present, CollectionSet):
        for part in (present.every, *present.some):
            yield from _groups_of(part)


@lru_cache(maxsize=64)
def _told_apart(groups: tuple[frozenset[Pattern], ...]) -> tuple[tuple[tuple[str, ...], ...], tuple[Pattern, ...]]:
    """The accounts in some groups of patterns, together those that are in the same, and what else is in them."""
    found: dict[str, list[int]] = {}
    others: dict[Pattern, None] = {}
    for number, group in enumerate(groups):
        for pattern in group:
            if len(pattern) == 1 and isinstance(pattern[0], str) and is_account(pattern[0]):
                found.setdefault(pattern[0], []).append(number)
            else:
                others[pattern] = None
    alike: dict[tuple[int, ...], list[str]] = {}
    for account in sorted(found):
        alike.setdefault(tuple(found[account]), []).append(account)
    return tuple(map(tuple, alike.values())), tuple(sorted(others, key=pattern_order))


@lru_cache(maxsize=512)
def _accounts(texts: tuple[str, ...]) -> tuple[str, ...]:
    """The accounts that some texts name, in a field of an ARN or by themselves."""
    fields = {field for text in texts for field in text.split(":")}
    return tuple(sorted(filter(is_account, fields)))


@lru_cache(maxsize=4096)
def _owners(arns: str, accounts: str, these: tuple[str, ...]) -> tuple[Box, ...]:
    """What ties ARNs to some accounts; remembered, since many questions are about the same accounts."""
    label = _owner_label(arns, accounts)
    this, other = one_of(accounts, *map(exact, these))
    owned, _ = one_of(arns, *(arn_of(exact(account)) for account in these))
    foreign, _ = one_of(arns, *arns_of_others(these))
    return Box((this, foreign), label), Box((other, owned), label)


@lru_cache(maxsize=1024)
def _owners_like(arns: str, accounts: str, these: Pattern) -> tuple[Box, ...]:
    """The same for the accounts that a pattern matches; an ARN may be in none."""
    label = _owner_label(arns, accounts)
    this, other = one_of(accounts, these)
    owned, foreign = one_of(arns, arn_of(without(these, ":")))
    in_some, _ = one_of(arns, arn_of(ACCOUNT))
    # A request is looked for first in which the ARN says whose it is.
    return Box((this, foreign, in_some), label), Box((other, owned, in_some), label)


def _owner_label(arns: str, accounts: str) -> str:
    return f"{lookup(condition_key(accounts)).name} is the account of {_AN_ARN[arns]}"


def arn_of(account: Pattern) -> Pattern:
    """Every ARN with these accounts in its account field."""
    return join(*_BEFORE_ACCOUNT, ":", account, ":", ANY_RUN)


def arns_of_others(accounts: Iterable[str]) -> list[Pattern]:
    """
    Every ARN of an account that is none of these: it begins like one of them, and goes on with another digit.

    They are written down as `arn_of` would put them together, which takes longer: a boundary has thousands of accounts.
    """
    following: dict[str, set[str]] = {}
    for account in accounts:
        for place, digit in enumerate(account):
            following.setdefault(account[:place], set()).add(digit)
    others = {begin: "".join(one for one in _DIGITS if one not in digits) for begin, digits in following.items()}
    return [
        (*_BEFORE_ACCOUNT, f":{begin}", Wildcard(other, False, False), *(_DIGIT,) * (11 - len(begin)), ":", ANY_RUN)
        for begin, other in others.items()
        if other
    ]


def _equal(label: str, first: str, second: str, texts: Iterable[str], end: str = "") -> list[Box]:
    """Where both are there, they are the same; `end` follows the text in the second."""
    out: list[Box] = []
    for text in _plain(texts):
        this, other = one_of(first, exact(text))
        same, different = one_of(second, exact(text + end))
        out += [Box((this, different), label), Box((other, same), label)]
    return out


def _caller_account(space: RequestSpace, mentioned_literals: Sequence[Literal], key: str) -> list[Box]:
    """The caller's account has several names; as at `_owned`, accounts that nothing tells apart are tied together."""
    label = f"{_CALLER_ACCOUNTS[key]} is the caller's account"
    sets = [v.present for one in mentioned_literals if one.dimension == key for v in (one.yes, one.no)]
    alike, others_said = _told_apart(tuple(dict.fromkeys(group for present in sets for group in _groups_of(present))))
    if _may_tell_apart(mentioned_literals):
        alike = tuple((one,) for some in alike for one in some)
    out: list[Box] = []
    # The other name is a view of the caller, which says of any pattern whether it matches.
    for patterns in (
        *(tuple(map(exact, some)) for some in _in_pieces(alike)),
        *((pattern,) for pattern in others_said),
    ):
        this, other = one_of(key, *patterns)
        theirs, others = one_of("caller", *(view for one in patterns for view in space.view(_PRINCIPAL_ACCOUNT, one)))
        out += [Box((this, others), label), Box((other, theirs), label)]
    return out


def _handed_out(space: RequestSpace, key: str, mentioned_literals: Iterable[Literal]) -> list[Box]:
    """The account in an ARN is the caller's: both match what the policy has in place of that account, or none does."""
    label = f"{lookup(condition_key(key)).name} is in the caller's account"
    sets = [v.present for one in mentioned_literals if one.dimension == key for v in (one.yes, one.no)]
    written = dict.fromkeys(map(exact, _accounts(_texts_of_all(sets))))
    if key != PROVIDER:
        # Others than a provider are always in an account, so that what does not match is in another one.
        written |= dict.fromkeys(field for one in sets for pattern in patterns_of(one) for field in _owners_in(pattern))
    out: list[Box] = []
    for account in written:
        theirs, others = one_of("caller", *space.view(_PRINCIPAL_ACCOUNT, account))
        owned, foreign = one_of(key, arn_of(account))
        if key == PROVIDER:
            foreign, _ = one_of(key, *arns_of_others([literal_text(account) or ""]))
        out += [Box((theirs, foreign), label), Box((others, owned), label)]
    return out


def _owners_in(arn: Pattern) -> tuple[Pattern, ...]:
    """What may stand in place of the account in the ARNs of a pattern, whose wildcards may reach over colons."""
    reached: dict[tuple[Pattern, Pattern], None] = {((), arn): None}
    for _ in range(_ACCOUNT_FIELD):
        reached = {found: None for _, rest in reached for found in split(rest, ":")}
        if len(reached) > _READINGS:
            return ()
    return tuple(dict.fromkeys(field for field, _ in reached))


def _service_names(texts: Iterable[str]) -> list[Box]:
    """A service is one of its own names."""
    label = "aws:PrincipalServiceNamesList has the service's own name"
    full, named = StringSet.full(), _plain(texts)
    out: list[Box] = []
    for name in named:
        this, _ = one_of("caller", exact(name + SEPARATOR))
        listed, unlisted = StringSet.of([exact(name)]), StringSet.outside([exact(name)])
        lacks = Literal(
            SERVICE_NAMES,
            Values(True, CollectionSet(unlisted)),
            _there(CollectionSet(full, (listed,))),
            f"lacks {name}",
        )
        out.append(Box((this, lacks), label))
    _, unnamed = one_of("caller", *(exact(name + SEPARATOR) for name in named))
    known, unknown = StringSet.of(map(exact, named)), StringSet.outside(map(exact, named))
    only_known = Literal(
        SERVICE_NAMES, _there(CollectionSet(known)), Values(True, CollectionSet(full, (unknown,))), "no other name"
    )
    return [*out, Box((unnamed, only_known), label)]


def one_of(dimension: str, *patterns: Pattern) -> tuple[Literal, Literal]:
    """That a key is there and matches, and that it is there and does not."""
    matches, differs = StringSet.of(patterns), StringSet.outside(patterns)
    absent = dimension not in ("caller", RESOURCE)
    return (
        Literal(dimension, Values(False, matches), Values(absent, differs), f"{dimension} is one of {len(patterns)}"),
        Literal(dimension, Values(False, differs), Values(absent, matches), f"{dimension} is another"),
    )


def _there(present: Present) -> Values:
    return Values(False, present)
