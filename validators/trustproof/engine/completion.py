"""
Who calls, and the values that must agree with the caller and with each other in one request, for the witness: what the
search leaves open is chosen here.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence

from trustproof.aws.condition_keys import ALWAYS, NEVER, lookup
from trustproof.aws.examples import ACCOUNTS, NAMES
from trustproof.engine.caller_records import IDENTITY_CENTER_PATH, SEPARATOR
from trustproof.engine.dimensions import condition_key
from trustproof.engine.domains import Values
from trustproof.engine.generated_names import examples
from trustproof.engine.key_relations import (
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
from trustproof.engine.quantities import parse_date
from trustproof.engine.request_space import OWN_NAME, RequestSpace
from trustproof.engine.search import Assignment
from trustproof.model.request import (
    ANONYMOUS,
    FEDERATED_USER,
    IDENTITY_CENTER,
    ROLE_SESSION,
    ROOT,
    SAML,
    SERVICE,
    USERS,
    WEB_IDENTITY,
    Caller,
    ContextValue,
)
from trustproof.sets.collections import CollectionSet
from trustproof.sets.patterns import ANY_RUN, exact, join, like, show
from trustproof.sets.strings import StringSet

_USER_ID = "AIDAALICEEXAMPLE00000"
_ROLE_ID = "AROAEXAMPLE0000000000:session"
_EXAMPLE_ORGANIZATION = "o-exampleorg1"
_PRINCIPAL = ORGANIZATIONS[0]

#: Characters in the name of a user, a role or a session.
#: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
_LONGEST_NAME = 64


def caller_of(assignment: Assignment, space: RequestSpace, accounts: Sequence[str], target: str) -> Caller:
    """
    The caller of a piece whom a person would think of.

    Args:
        accounts: tried first as the account.
        target: where the caller's own name plays a part, the name in this resource is left to somebody else.
    """
    other_than = target.rsplit("/", 1)[-1] if space.own_name else ""
    values = assignment.get("caller") or space.domain("caller")
    assert isinstance(values.present, StringSet)
    callers = values.present
    if other_than and OWN_NAME not in other_than:
        others = callers & StringSet.outside([join(ANY_RUN, "/" + other_than + SEPARATOR, ANY_RUN)])
        callers = callers if others.sample() is None else others
    record = callers.sample(itertools.chain(_records(callers, space, accounts), _by_pattern(callers, space, accounts)))
    assert record is not None, "the search left an empty caller"
    arn, _, unique = record.partition(SEPARATOR)
    kind = space.kind
    if kind == FEDERATED_USER:
        return Caller(kind, arn, "", f"{arn.split(':')[4]}:{arn.rsplit('/', 1)[-1]}")
    if kind == ROOT:
        return Caller(kind, arn, "", arn.split(":")[4])
    return Caller(kind, arn, unique.partition(":")[2], unique)


def record_of(caller: Caller) -> str:
    """The record of a caller: see `engine.request_space`."""
    return caller.arn + SEPARATOR + ("" if caller.kind in (FEDERATED_USER, ROOT) else caller.userid)


def _records(callers: StringSet, space: RequestSpace, accounts: Sequence[str]) -> list[str]:
    """Callers that read well, those that the policy names first."""
    partition = space.partition or "aws"
    kind = space.kind
    shown = sorted({show(p) for clause in callers.clauses for p in clause}, key=lambda t: (-len(t), t))
    ids = _unique_ids(shown, kind)
    literal = [text for text in (t.partition("*")[0] for t in shown) if text]
    generated = [text.partition(SEPARATOR)[0] for text in examples(shown)]
    out = [arn + SEPARATOR + unique for arn in generated for unique in ids]
    for text in literal:
        arn, separator, _ = text.partition(SEPARATOR)
        if separator:
            out.extend(arn + SEPARATOR + unique for unique in ids)
        elif arn.count(":") >= 5:
            # After an account comes any entity, after a path any name.
            rests = _rests(kind) if arn.endswith(":") else ("any",)
            if arn.endswith("/"):
                rests = tuple(rest.rpartition("/")[2] for rest in _rests(kind))
            out.extend(arn + rest + SEPARATOR + unique for rest in rests for unique in ids)
    rests = tuple(_reserved(shown)) if kind == IDENTITY_CENTER else _in_paths(shown, kind)
    named = sorted({t.split(":")[4] for t in literal if t.count(":") >= 5} - {""})
    for account in (*accounts, *(a for a in named if len(a) == 12), *ACCOUNTS):
        head = f"arn:{partition}:{_service(kind)}::{account}:"
        out.extend(f"{head}{rest}{SEPARATOR}{unique}" for rest in (*rests, *_rests(kind)) for unique in ids)
    if kind == SERVICE:
        out.extend(host + SEPARATOR for host in ("ec2.amazonaws.com", "lambda.amazonaws.com"))
    return out


def _in_paths(shown: Iterable[str], kind: str) -> tuple[str, ...]:
    """What may stand after the account where patterns name a path in any account: ``user/ops/alice``."""
    named = [text.partition(SEPARATOR)[0].split(":", 5)[5:] for text in shown]
    paths = [rest[0].removesuffix("*") for rest in named if rest and rest[0].endswith("/*")]
    names = [rest.rpartition("/")[2] for rest in _rests(kind)]
    return tuple(path + name for path in dict.fromkeys(paths) if not set(path) & set("*?") for name in names)


def _by_pattern(callers: StringSet, space: RequestSpace, accounts: Sequence[str]) -> Iterator[str]:
    """
    Callers whose name is what a pattern asks for, in whatever account: ``user/deploy-alice``.

    Any other way to complete the name would make up the account too.
    """
    kind = space.kind
    shown = sorted({show(p) for clause in callers.clauses for p in clause})
    starts = tuple({rest.partition("/")[0] + "/" for rest in _rests(kind) if "/" in rest})
    names = list(dict.fromkeys(rest.rpartition("/")[2] for rest in _rests(kind)))
    written = [text.partition(SEPARATOR)[0].split(":", 5) for text in shown]
    found = {one[5] for one in written if one[5:] and set(one[4] + one[5]) & set("*?") and one[5].startswith(starts)}
    # The shortest have no path.
    for rest in sorted(found, key=lambda rest: (rest.count("/"), rest)):
        for name, account in itertools.product(names, dict.fromkeys((*accounts, *ACCOUNTS))):
            head = f"arn:{space.partition or 'aws'}:{_service(kind)}::{account}:"
            filled = rest.replace("?*", "*").replace("*", name).replace("?", "x")
            if max(map(len, filled.split("/"))) > _LONGEST_NAME:
                continue
            yield from (head + filled + SEPARATOR + unique for unique in _unique_ids(shown, kind))


def _reserved(shown: Iterable[str]) -> Iterator[str]:
    """Roles of the permission sets that patterns name, below the Region of Identity Center but for us-east-1."""
    for text in shown:
        name = text.rpartition("AWSReservedSSO_")[2].partition("*")[0].partition("?")[0].rstrip("_")
        if "AWSReservedSSO_" in text and name:
            for region in ("", "eu-west-1/"):
                yield f"role/{IDENTITY_CENTER_PATH}{region}AWSReservedSSO_{name}_0123456789abcdef"


def _unique_ids(shown: Iterable[str], kind: str) -> list[str]:
    """Unique ids, and for roles the session: those that the policy names first."""
    usual = _unique(kind)
    role, _, session = usual.partition(":")
    named = [text.rpartition(SEPARATOR)[2] for text in shown if SEPARATOR in text]
    out: list[str] = []
    if kind in USERS:
        out = [text for text in named if text.startswith("AIDA")]
    elif usual:
        parts = [text.partition(":") for text in named if ":" in text]
        out = [f"{role if '*' in one else one}:{session if '*' in two else two}" for one, _, two in parts]
    return [*(text for text in out if not set(text) & set("*?")), usual]


def _service(kind: str) -> str:
    return "sts" if kind == FEDERATED_USER else "iam"


def _rests(kind: str) -> tuple[str, ...]:
    if kind in USERS:
        return tuple(f"user/{name}" for name in NAMES)
    if kind == ROLE_SESSION:
        return ("role/app", "role/deploy", "role/admin")
    if kind == IDENTITY_CENTER:
        return (f"role/{IDENTITY_CENTER_PATH}AWSReservedSSO_Developer_0123456789abcdef",)
    if kind == FEDERATED_USER:
        return ("federated-user/alice",)
    return {ROOT: ("root",), SAML: ("saml-provider/idp",), WEB_IDENTITY: ("oidc-provider/idp.example.com",)}.get(
        kind, ()
    )


def _unique(kind: str) -> str:
    if kind in USERS:
        return _USER_ID
    return _ROLE_ID if kind in (ROLE_SESSION, IDENTITY_CENTER) else ""


def caller_context(caller: Caller) -> dict[str, ContextValue]:
    """The keys that follow from the caller."""
    context: dict[str, ContextValue] = {}
    if caller.kind in (SERVICE, SAML, WEB_IDENTITY):
        if caller.kind == SERVICE:
            context["aws:principalservicename"] = caller.arn
            context["aws:principalservicenameslist"] = (caller.arn,)
            context["aws:principalisawsservice"] = "true"
        elif caller.kind == SAML:
            context["saml:doc"] = _document(caller)
        return context
    if caller.kind == ANONYMOUS:
        return {"aws:principalaccount": "anonymous", "aws:principaltype": "Anonymous", "aws:userid": "anonymous"}
    types = {
        FEDERATED_USER: "FederatedUser",
        ROOT: "Account",
        ROLE_SESSION: "AssumedRole",
        IDENTITY_CENTER: "AssumedRole",
    }
    context["aws:principalarn"] = caller.arn
    context["aws:principalaccount"] = caller.account or ""
    context["aws:principaltype"] = types.get(caller.kind, "User")
    context["aws:userid"] = caller.userid
    context["aws:principalisawsservice"] = "false"
    if caller.kind in USERS:
        context["aws:username"] = caller.arn.rsplit("/", 1)[-1]
    return context


def _document(caller: Caller) -> str:
    fields = caller.arn.split(":")
    return f"{fields[4]}/{caller.arn.rsplit('/', 1)[-1]}"


def tied_values(
    assignment: Assignment, caller: Caller, space: RequestSpace, preferred: Mapping[str, tuple[str, ...]]
) -> dict[str, ContextValue]:
    """
    The keys of a piece whose values depend on each other, or on the caller.

    Args:
        preferred: keys to values that read well; tried first.
    """
    out: dict[str, ContextValue] = {}
    for ids, paths in ORGANIZATIONS:
        out.update(_organization(ids, paths, assignment, space))
    out.update(_source(assignment, preferred))
    if EARLIER_IDENTITY in assignment and NEW_IDENTITY in assignment:
        out.update(_identity(assignment))
    for key in HANDED_OUT:
        out.update(_handed_out(key, assignment, caller))
    if space.kind == WEB_IDENTITY and _is_there(assignment, PROVIDER):
        out["aws:federatedprovider"] = caller.arn
    if space.kind == SERVICE:
        out["aws:principalservicenameslist"] = _service_names(assignment, caller)
    return out


def _is_there(assignment: Assignment, dimension: str) -> bool:
    return dimension in assignment and not assignment[dimension].absent


def _organization(id_key: str, paths_key: str, assignment: Assignment, space: RequestSpace) -> dict[str, ContextValue]:
    """An organization, where the piece has one: paths begin with the id."""
    wants_id, wants_paths = _is_there(assignment, id_key), _is_there(assignment, paths_key)
    if not wants_id and not wants_paths:
        return {}
    # A principal in an organization has both keys.
    both = (id_key, paths_key) == _PRINCIPAL
    ids, paths = assignment.get(id_key) or space.domain(id_key), assignment.get(paths_key) or space.domain(paths_key)
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
                found[condition_key(id_key)] = candidate
            if wants_paths or both:
                found[condition_key(paths_key)] = tuple(str(path) for path in chosen)
            return found
    return {}


def _organizations_in(paths: CollectionSet[StringSet]) -> list[str]:
    """The organizations that the demanded paths begin with."""
    shown = [show(p) for demand in (paths.every, *paths.some) for clause in demand.clauses for p in clause]
    sampled = paths.sample() or ()
    return sorted({str(path).split("/")[0] for path in (*shown, *sampled) if str(path).startswith("o-")})


def _source(assignment: Assignment, preferred: Mapping[str, tuple[str, ...]]) -> dict[str, ContextValue]:
    """The account in ``aws:SourceArn``, where it has one, is ``aws:SourceAccount``."""
    if not _is_there(assignment, SOURCE_ARN) or not _is_there(assignment, SOURCE_ACCOUNT):
        return {}
    arns, accounts = assignment[SOURCE_ARN].present, assignment[SOURCE_ACCOUNT].present
    if not isinstance(arns, StringSet) or not isinstance(accounts, StringSet):
        return {}
    account = accounts.sample((*preferred.get(condition_key(SOURCE_ACCOUNT), ()), "111122223333"))
    owned = arns & StringSet.of([arn_of(exact(account or ""))])
    wanted = preferred.get(condition_key(SOURCE_ARN), ())
    usual = (*wanted, f"arn:aws:sns:us-east-1:{account}:topic")
    # One of a service whose ARNs do not say whose they are goes with any account.
    nobodys = next((one for one in wanted[:1] if one in arns and not one.split(":")[4]), None)
    arn = nobodys or owned.sample(usual) or arns.sample((*usual, "arn:aws:s3:::bucket"))
    if arn is None or account is None:
        return {}
    owner = arn.split(":")[4]
    return {"aws:sourcearn": arn, "aws:sourceaccount": owner if owner in accounts else account}


def owned_resources(assignment: Assignment, accounts: tuple[str, ...]) -> Values | None:
    """
    The resources of a piece, of one account where the request says whose they are; None where the piece has none.

    Args:
        accounts: tried first as the owner.
    """
    found, owners = assignment.get(RESOURCE), assignment.get(RESOURCE_ACCOUNT)
    if found is None or owners is None or owners.absent:
        return found
    if not isinstance(found.present, StringSet) or not isinstance(owners.present, StringSet):
        return found
    for owner in (*(one for one in accounts if one in owners.present), owners.present.sample()):
        owned = found.present & StringSet.of([arn_of(exact(owner or ""))])
        if owned.sample() is not None:
            return Values(False, owned)
    return found


def _handed_out(key: str, assignment: Assignment, caller: Caller) -> dict[str, ContextValue]:
    """What a session's credentials were handed to is in the account of its role."""
    found, account = assignment.get(key), caller.account or ""
    if found is None or found.absent or not isinstance(found.present, StringSet):
        return {}
    shown = [show(p).split(":", 5) for clause in found.present.clauses for p in clause]
    usual = [
        ":".join(("arn", "aws" if "*" in partition else partition, service, region, account, rest.replace("*", "any")))
        for _, partition, service, region, _, rest in (fields for fields in sorted(shown) if len(fields) == 6)
        for region in (region.replace("*", "us-east-1"),)
    ]
    arn = (found.present & StringSet.of([arn_of(exact(account))])).sample(usual)
    return {} if arn is None else {condition_key(key): arn}


def _identity(assignment: Assignment) -> dict[str, ContextValue]:
    """A source identity that was set once is the same wherever it appears."""
    first, second = assignment[EARLIER_IDENTITY], assignment[NEW_IDENTITY]
    if first.absent or second.absent:
        return {}
    both: Values = first & second
    found = both.present.sample(("alice", "bob")) if isinstance(both.present, StringSet) else None
    return {} if found is None else {condition_key(EARLIER_IDENTITY): found, condition_key(NEW_IDENTITY): found}


def _service_names(assignment: Assignment, caller: Caller) -> ContextValue:
    """The names of a service, its own among them."""
    values = assignment.get(SERVICE_NAMES)
    if values is None or not isinstance(values.present, CollectionSet) or not values.present.some:
        return (caller.arn,)
    found = [str(name) for name in values.present.sample() or ()]
    return tuple(dict.fromkeys((caller.arn, *found)))


def agree(context: dict[str, ContextValue], space: RequestSpace, action: str, target: str) -> None:
    """Add the keys that must come with those that are there already, in a request for an action, lower-cased."""
    organization, paths = context.get("aws:principalorgid"), context.get("aws:principalorgpaths")
    if isinstance(organization, str) and paths is None:
        # A policy variable may have brought the organization in.
        context["aws:principalorgpaths"] = (f"{organization}/r-ab12/ou-ab12-11111111/",)
    if "aws:resourceaccount" in context and target.count(":") >= 5 and len(owner := target.split(":")[4]) == 12:
        context["aws:resourceaccount"] = owner
    if isinstance(account := context.get("aws:principalaccount"), str) and space.kind != SERVICE:
        context.update((key, account) for key in ("kms:calleraccount", "aws:sourceowner") if key in context)
    if isinstance(now := context.get("aws:currenttime"), str):
        context["aws:epochtime"] = str(parse_date(now))
        if space.presence(lookup("aws:TokenIssueTime")) == ALWAYS:
            context.setdefault("aws:tokenissuetime", now)
    if action.startswith("sts:"):
        _agree_on_tags(context)
    if any(key in context for key in ("aws:calledvia", "aws:calledviafirst", "aws:calledvialast")):
        context["aws:viaawsservice"] = "true"
    if space.presence(lookup("aws:MultiFactorAuthAge")) != NEVER:
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
