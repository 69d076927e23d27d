"""
Values that must agree with each other in one request, for the witness: what the search leaves open is chosen here.
"""

from __future__ import annotations

from collections.abc import Mapping

from trustproof.engine.quantities import parse_date
from trustproof.engine.search import Piece
from trustproof.engine.ties import (
    EARLIER_IDENTITY,
    HANDED_OUT,
    NEW_IDENTITY,
    ORGANIZATIONS,
    PROVIDER,
    RESOURCE,
    RESOURCE_ACCOUNT,
    SERVICE_NAMES,
    SOURCE_ACCOUNT,
    SOURCE_ARN,
    arn_of,
)
from trustproof.engine.values import Values
from trustproof.engine.world import World
from trustproof.model.keys import ALWAYS, NEVER, lookup
from trustproof.model.request import SERVICE, WEB_IDENTITY, Caller, ContextValue
from trustproof.sets.collections import CollectionSet
from trustproof.sets.patterns import exact, like, show
from trustproof.sets.strings import StringSet

_EXAMPLE_ORGANIZATION = "o-exampleorg1"
_PRINCIPAL = ORGANIZATIONS[0]


def tied_values(
    piece: Piece, caller: Caller, world: World, preferred: Mapping[str, tuple[str, ...]]
) -> dict[str, ContextValue]:
    """
    The keys of a piece whose values depend on each other, or on the caller.

    Args:
        preferred: keys to values that read well; tried first.
    """
    out: dict[str, ContextValue] = {}
    for ids, paths in ORGANIZATIONS:
        out.update(_organization(ids, paths, piece, world))
    out.update(_source(piece, preferred))
    if EARLIER_IDENTITY in piece and NEW_IDENTITY in piece:
        out.update(_identity(piece))
    for key in HANDED_OUT:
        out.update(_handed_out(key, piece, caller))
    if world.kind == WEB_IDENTITY and _is_there(piece, PROVIDER):
        out["aws:federatedprovider"] = caller.arn
    if world.kind == SERVICE:
        out["aws:principalservicenameslist"] = _service_names(piece, caller)
    return out


def _is_there(piece: Piece, dimension: str) -> bool:
    return dimension in piece and not piece[dimension].absent


def _name(dimension: str) -> str:
    return dimension.removeprefix("key:")


def _organization(id_key: str, paths_key: str, piece: Piece, world: World) -> dict[str, ContextValue]:
    """An organization, where the piece has one: paths begin with the id."""
    wants_id, wants_paths = _is_there(piece, id_key), _is_there(piece, paths_key)
    if not wants_id and not wants_paths:
        return {}
    # A principal in an organization has both keys.
    both = (id_key, paths_key) == _PRINCIPAL
    ids, paths = piece.get(id_key) or world.domain(id_key), piece.get(paths_key) or world.domain(paths_key)
    if not isinstance(ids.present, StringSet) or not isinstance(paths.present, CollectionSet):
        return {}
    organization = ids.present.sample((_EXAMPLE_ORGANIZATION, "o-outsider00"))
    for candidate in (organization, *_organizations_in(paths.present)):
        if candidate is None or candidate not in ids.present:
            continue
        inside = paths.present & CollectionSet(StringSet.of([like(f"{candidate}/*")]))
        usual = f"{candidate}/r-ab12/ou-ab12-11111111/"
        chosen = (usual,) if not inside.some and usual in inside.every else inside.sample()
        if chosen is not None:
            found: dict[str, ContextValue] = {}
            if wants_id or both:
                found[_name(id_key)] = candidate
            if wants_paths or both:
                found[_name(paths_key)] = tuple(str(path) for path in chosen)
            return found
    return {}


def _organizations_in(paths: CollectionSet[StringSet]) -> list[str]:
    """The organizations that the demanded paths begin with."""
    shown = [show(p) for demand in (paths.every, *paths.some) for clause in demand.clauses for p in clause]
    sampled = paths.sample() or ()
    return sorted({str(path).split("/")[0] for path in (*shown, *sampled) if str(path).startswith("o-")})


def _source(piece: Piece, preferred: Mapping[str, tuple[str, ...]]) -> dict[str, ContextValue]:
    """The account in ``aws:SourceArn``, where it has one, is ``aws:SourceAccount``."""
    if not _is_there(piece, SOURCE_ARN) or not _is_there(piece, SOURCE_ACCOUNT):
        return {}
    arns, accounts = piece[SOURCE_ARN].present, piece[SOURCE_ACCOUNT].present
    if not isinstance(arns, StringSet) or not isinstance(accounts, StringSet):
        return {}
    account = accounts.sample((*preferred.get(_name(SOURCE_ACCOUNT), ()), "111122223333"))
    owned = arns & StringSet.of([arn_of(exact(account or ""))])
    wanted = preferred.get(_name(SOURCE_ARN), ())
    usual = (*wanted, f"arn:aws:sns:us-east-1:{account}:topic")
    # One of a service whose ARNs do not say whose they are goes with any account.
    nobodys = next((one for one in wanted[:1] if one in arns and not one.split(":")[4]), None)
    arn = nobodys or owned.sample(usual) or arns.sample((*usual, "arn:aws:s3:::bucket"))
    if arn is None or account is None:
        return {}
    owner = arn.split(":")[4]
    return {"aws:sourcearn": arn, "aws:sourceaccount": owner if owner in accounts else account}


def owned_resources(piece: Piece, accounts: tuple[str, ...]) -> Values | None:
    """
    The resources of a piece, of one account where the request says whose they are; None where the piece has none.

    Args:
        accounts: tried first as the owner.
    """
    found, owners = piece.get(RESOURCE), piece.get(RESOURCE_ACCOUNT)
    if found is None or owners is None or owners.absent:
        return found
    if not isinstance(found.present, StringSet) or not isinstance(owners.present, StringSet):
        return found
    for owner in (*(one for one in accounts if one in owners.present), owners.present.sample()):
        owned = found.present & StringSet.of([arn_of(exact(owner or ""))])
        if owned.sample() is not None:
            return Values(False, owned)
    return found


def _handed_out(key: str, piece: Piece, caller: Caller) -> dict[str, ContextValue]:
    """What a session's credentials were handed to is in the account of its role."""
    found, account = piece.get(key), caller.account or ""
    if found is None or found.absent or not isinstance(found.present, StringSet):
        return {}
    shown = [show(p).split(":", 5) for clause in found.present.clauses for p in clause]
    usual = [
        ":".join(("arn", "aws" if "*" in partition else partition, service, region, account, rest.replace("*", "any")))
        for _, partition, service, region, _, rest in (fields for fields in sorted(shown) if len(fields) == 6)
        for region in (region.replace("*", "us-east-1"),)
    ]
    arn = (found.present & StringSet.of([arn_of(exact(account))])).sample(usual)
    return {} if arn is None else {_name(key): arn}


def _identity(piece: Piece) -> dict[str, ContextValue]:
    """A source identity that was set once is the same wherever it appears."""
    first, second = piece[EARLIER_IDENTITY], piece[NEW_IDENTITY]
    if first.absent or second.absent:
        return {}
    both: Values = first & second
    found = both.present.sample(("alice", "bob")) if isinstance(both.present, StringSet) else None
    return {} if found is None else {_name(EARLIER_IDENTITY): found, _name(NEW_IDENTITY): found}


def _service_names(piece: Piece, caller: Caller) -> ContextValue:
    """The names of a service, its own among them."""
    values = piece.get(SERVICE_NAMES)
    if values is None or not isinstance(values.present, CollectionSet) or not values.present.some:
        return (caller.arn,)
    found = [str(name) for name in values.present.sample() or ()]
    return tuple(dict.fromkeys((caller.arn, *found)))


def agree(context: dict[str, ContextValue], world: World, target: str) -> None:
    """Add the keys that must come with those that are there already."""
    organization, paths = context.get("aws:principalorgid"), context.get("aws:principalorgpaths")
    if isinstance(organization, str) and paths is None:
        # A policy variable may have brought the organization in.
        context["aws:principalorgpaths"] = (f"{organization}/r-ab12/ou-ab12-11111111/",)
    if "aws:resourceaccount" in context and target.count(":") >= 5 and len(owner := target.split(":")[4]) == 12:
        context["aws:resourceaccount"] = owner
    if "kms:calleraccount" in context and isinstance(account := context.get("aws:principalaccount"), str):
        context["kms:calleraccount"] = account
    if isinstance(now := context.get("aws:currenttime"), str):
        context["aws:epochtime"] = str(parse_date(now))
        if world.presence(lookup("aws:TokenIssueTime")) == ALWAYS:
            context.setdefault("aws:tokenissuetime", now)
    if world.action.startswith("sts:"):
        _agree_on_tags(context)
    if any(key in context for key in ("aws:calledvia", "aws:calledviafirst", "aws:calledvialast")):
        context["aws:viaawsservice"] = "true"
    if world.presence(lookup("aws:MultiFactorAuthAge")) != NEVER:
        if "aws:multifactorauthage" in context:
            context.setdefault("aws:multifactorauthpresent", "true")
        elif context.get("aws:multifactorauthpresent") == "true":
            context["aws:multifactorauthage"] = "0"


def _agree_on_tags(context: dict[str, ContextValue]) -> None:
    """Session tags are pairs, and ``aws:TagKeys`` lists them all."""
    prefix = "aws:requesttag/"
    tags = sorted(name.removeprefix(prefix) for name in context if name.startswith(prefix))
    listed = context.get("aws:tagkeys")
    if isinstance(listed, tuple):
        for tag in listed:
            context.setdefault(prefix + tag.lower(), "any")
    elif tags:
        context["aws:tagkeys"] = tuple(tags)
