"""
For whom a service calls: the keys that say so, and which of their values are ours.

https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from trustproof.aws.accounts import NOTICE_ACCOUNTS
from trustproof.aws.examples import EXAMPLE_SOURCES
from trustproof.aws.partitions import first_region, partition_of
from trustproof.aws.service_principals import global_name, region_of
from trustproof.engine.caller_records import ACCOUNT
from trustproof.engine.dimensions import condition_key, key_dimension
from trustproof.engine.domains import ABSENT, Values
from trustproof.engine.request_space import ORGANIZATION
from trustproof.model.arn import is_account
from trustproof.model.operators import parse_operator
from trustproof.model.policy import ALLOW, Condition, Path, Policy, Statement
from trustproof.model.query import operands
from trustproof.model.request import SERVICE, Request
from trustproof.model.text import Symbol, Symbolic, Text
from trustproof.properties.question import Finding, Subject
from trustproof.properties.shared.own_organizations import own_organization
from trustproof.properties.shared.owned_values import NO_NAMES, paths_of, things_of
from trustproof.properties.shared.regions import Constraints, third_party_accounts
from trustproof.properties.shared.service_uses import logs_whose
from trustproof.results.result import UNKNOWN, Undeclared
from trustproof.sets.collections import CollectionSet
from trustproof.sets.patterns import Pattern, Wildcard, exact, join, like, matches
from trustproof.sets.strings import StringSet
from trustproof.spec.conditions import evaluate

SOURCE_ACCOUNT = "aws:sourceaccount"
SOURCE_ARN = "aws:sourcearn"
_ORG_ID = "aws:sourceorgid"
_ORG_PATHS = "aws:sourceorgpaths"
_IS_SERVICE = "aws:principalisawsservice"
_KEYS = (SOURCE_ACCOUNT, SOURCE_ARN, _ORG_ID, _ORG_PATHS)

#: Accounts for a counterexample, the likeliest first.
_OTHERS = ("999988887777", "888877776666", "777766665555")
_SLUG = "0123456789abcdefghijklmnopqrstuvwxyz"
#: What an ARN looks like whose account is known, or is left out. A wildcard is in none: who writes one next to an exact
#: operator has written a statement that nobody can use, which is another property.
_HEAD = join("arn:", *(Wildcard(":*?", True, True), ":") * 3)
_PLAIN_RUN = Wildcard("*?", True, True)
_SOURCES = tuple(join(_HEAD, account, ":", _PLAIN_RUN) for account in (ACCOUNT, ()))
#: From the organization over its root: https://docs.aws.amazon.com/organizations/latest/APIReference/API_Root.html
_ORG_PATH = join(
    ORGANIZATION, "/r-", *(Wildcard(_SLUG, False, False),) * 4, Wildcard(_SLUG, False, True), "/", _PLAIN_RUN
)
_FIELD = Wildcard(":", True, True)
_SOME = join(Wildcard(":", True, False), _FIELD)
#: The ARN of a bucket has neither Region nor account; those of other things of S3 have a slash.
_NO_BUCKETS = (
    join("arn:", _FIELD, ":s3:", _SOME, ":", _FIELD, ":", Wildcard("/", True, True)),
    join("arn:", _FIELD, ":s3:", _FIELD, ":", _SOME, ":", Wildcard("/", True, True)),
)


def tests_of_sources(statement: Statement) -> list[Condition]:
    """The conditions of a statement that look at whom a service calls for."""
    return [condition for condition in statement.conditions if condition.key.lower() in _KEYS]


def _operands(policy: Policy, *keys: str) -> list[str]:
    return list(map(str, operands(policy, keys)))


def named_accounts(policy: Policy) -> tuple[str, ...]:
    """The accounts that a policy says a service may call for."""
    found = {part for text in _operands(policy, SOURCE_ACCOUNT, SOURCE_ARN) for part in text.split(":")[:5]}
    return tuple(sorted(filter(is_account, found)))


def named_organizations(policy: Policy) -> tuple[str, ...]:
    """The organizations that a policy says a service may call for."""
    found = {text.partition("/")[0] for text in _operands(policy, _ORG_ID, _ORG_PATHS)}
    return tuple(sorted(o for o in found if o.startswith("o-") and not set(o) & set("*?")))


def somebody_else(
    subject: Subject,
    accounts: Sequence[str] = (),
    organizations: Sequence[str] = (),
    *,
    believe_names: bool = True,
) -> Constraints:
    """
    What is sent by a service that calls neither for us nor for these accounts and organizations.

    Args:
        believe_names: whether a source whose ARN does not say whose it is counts as ours where the policy names it.
    """
    ours = _inside(subject, accounts, organizations)
    names = nameless_sources(subject.policy) if believe_names else ()
    things = map(things_of, ours[0])
    sources = StringSet.of(_SOURCES) & StringSet.outside([*things, *names, *_NO_BUCKETS, *NO_NAMES])
    return _foreign(*ours, sources)


def in_others_names(
    subject: Subject,
    statement: Statement,
    accounts: Sequence[str] = (),
    organizations: Sequence[str] = (),
    *,
    named_only: bool = False,
) -> Constraints:
    """
    What is sent by a service that calls for somebody else's source of a name that the policy gives; nothing where the
    policy does not say that one of that name may be somebody else's.

    A name is taken to be one's own where nothing else says whose it is. Here a test of another key lets in accounts or
    organizations that are not ours, or keeps ours out: whoever it lets in has something of that name.

    Args:
        statement: that lets the service in.
        accounts: as for `somebody_else`.
        organizations: likewise.
        named_only: whether only those are asked about that the policy names. Whoever else has something of that name is
            let in as if no test spoke of anybody, and is an example that nobody can say anything of.
    """
    names = nameless_sources(subject.policy)
    inside = _inside(subject, accounts, organizations)
    said = {
        condition.key.lower()
        for one in subject.policy.statements
        if one is statement or (one.effect != ALLOW and not _spares_services(one))
        for condition in tests_of_sources(one)
        if _speaks_of_others(condition, inside, denies=one.effect != ALLOW)
    }
    if not names or not said:
        return ()
    foreign = _foreign(*inside, StringSet.of(names), said)
    return _of_named(foreign, subject.policy, said) if named_only else foreign


def _of_named(foreign: Constraints, policy: Policy, said: Collection[str]) -> Constraints:
    """Of what others send, the values of the keys that a policy tests which it names there."""
    organizations = named_organizations(policy)
    paths = StringSet.of(paths_of(one) for one in organizations)
    named = {
        SOURCE_ACCOUNT: Values(False, StringSet.of(map(exact, named_accounts(policy)))),
        _ORG_ID: Values(False, StringSet.of(map(exact, organizations))),
        _ORG_PATHS: Values(False, CollectionSet(paths)),
    }
    return tuple(
        (dimension, values & named[key] if (key := condition_key(dimension)) in said else values)
        for dimension, values in foreign
    )


def _spares_services(deny: Statement) -> bool:
    """Whether a Deny is about callers that are no services of AWS."""
    tests = [condition for condition in deny.conditions if condition.key.lower() == _IS_SERVICE]
    known = (test for test in tests if all(isinstance(operand, str) for operand in test.operands))
    return any(not evaluate(test, {_IS_SERVICE: "true"}, variables=False).matched for test in known)


def _speaks_of_others(condition: Condition, inside: tuple[Sequence[str], Sequence[str]], *, denies: bool) -> bool:
    """Whether a test says of others than us that they may be called for, or of us that we may not."""
    operator, key = parse_operator(condition.operator), condition.key.lower()
    if key == SOURCE_ARN or operator is None or operator.base == "Null":
        return False
    ours = [f"{one}/" for one in inside[1]] if key == _ORG_PATHS else inside[0] if key == SOURCE_ACCOUNT else inside[1]
    if any(isinstance(operand, Symbolic) for operand in condition.operands):
        # Whoever gives the value may give either.
        return True
    texts = [operand for operand in condition.operands if isinstance(operand, str) and operand.strip("*")]
    if operator.negated == denies:
        # A path is as much of one as it begins with.
        return any(not text.startswith(tuple(ours) or "\0") for text in texts)
    return any(matches(like(text), one) for text in texts for one in ours)


def _inside(
    subject: Subject, accounts: Sequence[str], organizations: Sequence[str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    boundary = subject.config.boundary
    of_aws = NOTICE_ACCOUNTS.keys() & named_accounts(subject.policy)
    declared = boundary.accounts if boundary is not None else ()
    return tuple(sorted({subject.account, *accounts, *declared, *of_aws})), (
        *organizations,
        *(boundary.organizations if boundary is not None else ()),
        *own_organization(subject),
    )


def _foreign(
    accounts: Sequence[str], organizations: Sequence[str], sources: StringSet, said: Collection[str] = ()
) -> Constraints:
    paths = StringSet.of([_ORG_PATH]) & StringSet.outside(paths_of(o) for o in organizations)
    return (
        (key_dimension(SOURCE_ACCOUNT), Values(False, StringSet.outside(exact(account) for account in accounts))),
        (key_dimension(SOURCE_ARN), Values(False, sources)),
        (key_dimension(_ORG_ID), Values(_ORG_ID not in said, StringSet.outside(exact(o) for o in organizations))),
        (key_dimension(_ORG_PATHS), Values(_ORG_PATHS not in said, CollectionSet(paths))),
    )


def without_source_keys(constraints: Constraints) -> tuple[Constraints, ...]:
    """
    What is sent by a service that leaves out the account, the ARN or both of what `somebody_else` describes.

    The keys are in a request only where the service passes them, and a test that is true without its key tests nothing.
    """
    account, arn, *organization = constraints
    no_account, no_arn = (account[0], ABSENT), (arn[0], ABSENT)
    return tuple((*pair, *organization) for pair in ((no_account, arn), (account, no_arn), (no_account, no_arn)))


def calls_for(constraints: Constraints, services: Sequence[str] = ()) -> Callable[[Request], bool]:
    """
    Whether a service says in a request that it calls for one of those that `somebody_else` describes.

    Args:
        services: those of which a request counts as well that does not say all of it.
    """
    values = {condition_key(dimension): found.present for dimension, found in constraints}
    required = {condition_key(dimension) for dimension, found in constraints if not found.absent}

    def is_foreign(request: Request, key: str, *, needed: bool) -> bool:
        said, others = request.context.get(key), values[key]
        if said is None:
            return not needed
        if isinstance(others, CollectionSet):
            return all(one in others.every for one in said)
        return isinstance(others, StringSet) and isinstance(said, str) and said in others

    def violates(request: Request) -> bool:
        says_all = request.caller.kind != SERVICE or request.caller.arn not in services
        optional = () if says_all else (SOURCE_ACCOUNT, SOURCE_ARN)
        return all(is_foreign(request, key, needed=key in required and key not in optional) for key in values)

    return violates


def called_for(request: Request) -> str:
    """The account that a service says it calls for; the empty string where it does not say."""
    account, arn = request.context.get(SOURCE_ACCOUNT), request.context.get(SOURCE_ARN)
    return str(account or (arn.split(":")[4] if isinstance(arn, str) else ""))


def nameless_sources(policy: Policy) -> tuple[Pattern, ...]:
    """Sources that a policy names one by one, and whose ARN does not say whose they are: buckets, above all."""
    out: list[Pattern] = []
    for arn in sorted(set(_operands(policy, SOURCE_ARN))):
        fields = arn.split(":", 5)
        if len(fields) < 6 or set(fields[2] + fields[5]) & set("*?<"):
            continue
        if not fields[4] and not set(fields[1] + fields[3]) & set("*?<"):
            out.append(exact(arn))
        elif fields[2] == "s3" and {fields[3], fields[4]} <= {"", "*"}:
            out.append(join("arn:", _FIELD, ":s3:::", fields[5]))
    return tuple(out)


def examples(subject: Subject, service: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """An account of somebody else, and something there that the service may call for."""
    boundary = subject.config.boundary
    declared = boundary.accounts if boundary is not None else ()
    ours = (subject.account, *declared, *third_party_accounts(subject.config))
    likely = (*_OTHERS, *_accounts_like(_operands(subject.policy, SOURCE_ACCOUNT, SOURCE_ARN)))
    others = tuple(account for account in dict.fromkeys(likely) if account not in ours)
    name = global_name(service)
    partition = subject.partition or "aws"
    example = EXAMPLE_SOURCES.get(name, f"arn:aws:{name.partition('.')[0]}:us-east-1:{{}}:app")
    # What a service of one Region calls for is there.
    regional = region_of(service) if partition_of(region_of(service)) == partition else ""
    region = regional or first_region(partition) or "us-east-1"
    here = example.replace(":aws:", f":{partition}:", 1).replace("us-east-1", region)
    asked = [_filled(arn, partition, regional) for arn in _operands(subject.policy, SOURCE_ARN)]
    odd = [arn for tail in _tails(_operands(subject.policy, SOURCE_ARN)) for arn in _with_tail(here, tail)]
    arns = dict.fromkeys(arn.replace("{}", account) for arn in (here, *asked, *odd) for account in others)
    return ((SOURCE_ACCOUNT, others), (SOURCE_ARN, tuple(arns)))


def _tails(texts: Sequence[str]) -> list[str]:
    """What ARNs end with behind a wildcard for their Region, which may stand for more than that."""
    found = [text.split(":", 4)[4] for text in texts if text.count(":") >= 5 and "*" in text.split(":")[3]]
    return [tail.replace("*", "app").replace("?", "x") for tail in dict.fromkeys(found)]


def _with_tail(example: str, tail: str) -> tuple[str, str]:
    """An ARN whose name is an end of another one, and one whose name has that end."""
    return example.rpartition("app")[0] + tail, f"{example}:{tail}"


def _accounts_like(texts: Sequence[str]) -> list[str]:
    """An account for each pattern that some account matches: what a wildcard leaves open is filled with nines."""
    found = [text.split(":")[4] if text.count(":") >= 5 else text for text in texts]
    filled = [text.replace("*", "9" * (13 - len(text)), 1).replace("*", "").replace("?", "9") for text in found]
    return [text for text in filled if is_account(text)]


def _filled(arn: str, partition: str, regional: str) -> str:
    """
    An ARN for a pattern; where its account is open, ``{}``.

    Args:
        regional: the Region of whoever calls for it; empty where that is any.
    """
    fields = arn.split(":", 5)
    named = len(fields) == 6 and not set(fields[4]) - set("*?0123456789")
    if len(fields) > 4 and fields[3] == "*" and not named:
        # To StringLike a wildcard is any text: here it stands for a Region and an account.
        fields = [*fields[:3], "*", "*", ":".join(fields[4:])]
    if len(fields) < 6:
        return arn
    _, written, service, region, account, resource = fields
    written = partition if set(written) & set("*?") else written
    usual = [regional] if regional else []
    here = (*usual, first_region(written) or "us-east-1", "eu-west-1", "us-west-2", "ap-southeast-2", "ca-central-1")
    region = next((one for one in here if matches(like(region), one)), region)
    account = "{}" if set(account) & set("*?") else account
    return ":".join(("arn", written, service, region, account, resource.replace("*", "app").replace("?", "x")))


# -- what is not known before deployment


def with_own_sources(statement: Statement, account: str) -> Statement:
    """A statement in which what the template makes or imports is something of its own account."""
    return statement._replace(conditions=tuple(_with_own_source(c, account) for c in statement.conditions))


def _with_own_source(condition: Condition, account: str) -> Condition:
    if condition.key.lower() != SOURCE_ARN:
        return condition

    def ours(operand: Text) -> Text:
        if not isinstance(operand, Symbolic):
            return operand
        # Only stacks of the same account and Region export what Fn::ImportValue gives.
        made = {symbol.name: symbol for symbol in operand.symbols if symbol.kind in ("attribute", "import")}
        if len(operand.parts) == 1:
            return operand.bind({name: _own_source(symbol, account) for name, symbol in made.items()})
        # The name of something that the template makes, behind the account field: which name does not matter.
        head = operand.parts[0]
        return operand.bind(dict.fromkeys(made, "made")) if isinstance(head, str) and head.count(":") >= 5 else operand

    return condition._replace(operands=tuple(ours(operand) for operand in condition.operands))


def _own_source(symbol: Symbol, account: str) -> str:
    return f"arn:aws:unknown:us-east-1:{account}:{symbol.name}"


def own_value(subject: Subject, symbol: Symbol, place: str) -> str | None:
    """A value of ours for a symbol in a condition on one of these keys; None for any other place."""
    name = symbol.name.lower()
    if place == SOURCE_ACCOUNT or (place == SOURCE_ARN and "account" in name):
        return subject.account
    if place == SOURCE_ARN and "arn" in name:
        return _own_source(symbol, subject.account)
    boundary = subject.config.boundary
    return boundary.organizations[0] if place == _ORG_ID and boundary and boundary.organizations else None


# -- words


def undeclared_source(subject: Subject, request: Request, path: Path) -> Finding:
    """A service may call for an account or organization that the policy names, and nobody has said whose it is."""
    service, name = request.caller.arn, subject.document.logical_id
    whose, key, one = "account", "accounts", called_for(request)
    paths = request.context.get(_ORG_PATHS, ())
    below = next((path.partition("/")[0] for path in paths), None)
    organization = request.context.get(_ORG_ID, below)
    if one not in named_accounts(subject.policy) and isinstance(organization, str):
        whose, key, one = "organization", "organizations", organization
    if logs := logs_whose(request):
        # By whose prefix a log is, for that it is written, whoever the request says.
        whose, one = "organization" if logs.startswith("o-") else "account", logs
        key = f"{whose}s"
    return Finding(
        f"not decided whether {whose} {one} is yours: {name} lets {service} in when it acts for it",
        f"{whose} {one} is named, and no boundary is declared",
        path,
        reasons=(
            f"{name} lets {service} in for {whose} {one}, and no [boundary] says which {key} are yours",
            f'declare the boundary in {subject.config.declaring_file}: [boundary] {key} = ["{one}"]',
        ),
        verdict=UNKNOWN,
        undeclared=(Undeclared(key, one),),
    )
