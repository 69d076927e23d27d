"""
Who counts as an outsider of the trust boundary, as questions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import chain
from typing import TypeAlias

from trustproof.aws.accounts import ACCOUNTS_OF_AWS, REDSHIFT_ACCOUNTS, REDSHIFT_USER
from trustproof.aws.condition_keys import ASSUME_ROLE
from trustproof.engine.allowance import spend
from trustproof.engine.dimensions import key_dimension
from trustproof.engine.domains import Values, not_text
from trustproof.model.arn import accounts_in
from trustproof.model.document import TRUST
from trustproof.model.names import is_made_up
from trustproof.model.policy import Policy
from trustproof.model.query import operands, principals
from trustproof.model.request import (
    ANONYMOUS,
    FEDERATED_USER,
    IDENTITY_CENTER,
    ROLE_SESSION,
    ROOT,
    USER_KEY,
    USER_KEY_MFA,
    USER_SESSION,
    USER_SESSION_MFA,
    Request,
)
from trustproof.model.text import Symbolic
from trustproof.properties.question import Question, Subject
from trustproof.properties.shared.bounds import consulted_for, network_bounds, operands_of, other_bounds
from trustproof.properties.shared.odd_paths import plain_first
from trustproof.properties.shared.own_organizations import own_organization
from trustproof.properties.shared.own_resource import from_another_account
from trustproof.properties.shared.owned_values import paths_of
from trustproof.properties.shared.public_policy import with_no_fixed_value
from trustproof.properties.shared.regions import (
    Constraints,
    outside_accounts,
    regions_of_resource,
    third_party_accounts,
    trust_regions,
)
from trustproof.properties.shared.unique_ids import admitted_ids, unique_ids
from trustproof.sets.collections import CollectionSet
from trustproof.sets.patterns import ANY_RUN, exact, join
from trustproof.sets.strings import StringSet

#: Everybody who can sign an AssumeRole call; the simplest caller first.
_ASSUMERS = (USER_KEY, ROLE_SESSION, USER_KEY_MFA, USER_SESSION, USER_SESSION_MFA, IDENTITY_CENTER)

#: Everybody who may use a resource; anonymous callers first, since nobody is further outside.
_USERS_OF_RESOURCES = (
    ANONYMOUS,
    USER_KEY,
    ROLE_SESSION,
    USER_SESSION,
    USER_SESSION_MFA,
    IDENTITY_CENTER,
    FEDERATED_USER,
    ROOT,
)

_OF_REDSHIFT = frozenset(REDSHIFT_ACCOUNTS.values())

ORG_ID = "aws:principalorgid"

_ORG_PATHS = "aws:principalorgpaths"

#: How a function's URL asks who calls, and the value with which it asks for a signature.
_URL_AUTH, _SIGNED = "lambda:functionurlauthtype", "AWS_IAM"

PUBLIC = "public"

ANYONE = "anyone"

FOREIGN = "foreign"

UNDECLARED = "undeclared"

WHOSE_ID = "whose id"


#: What bounds the callers of a resource policy besides who they are, where some accounts and organizations are inside.
Bounds: TypeAlias = "Callable[[Sequence[str], Sequence[str]], Constraints]"


def caller_bounds(subject: Subject, *, network: bool) -> Bounds:
    """What bounds the callers of a resource policy besides who they are."""
    policy = subject.policy

    def bounds(accounts: Sequence[str], organizations: Sequence[str]) -> Constraints:
        networks = network_bounds(policy, accounts, organizations) if network else ()
        return (*other_bounds(policy, accounts), *networks)

    return bounds


def boundary_networks(subject: Subject) -> Constraints:
    """The networks that bound the callers of a resource policy."""
    return network_bounds(subject.policy, *inside(subject))


def inside(subject: Subject) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The accounts and organizations that are declared, and one's own."""
    boundary = subject.config.boundary
    return _inside_accounts(subject), (
        *(boundary.organizations if boundary is not None else ()),
        *own_organization(subject),
    )


def inside_or_named(subject: Subject) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Likewise, with those that the policy names, whoever they are."""
    accounts, organizations = inside(subject)
    named = tuple(sorted({*organizations, *_mentioned_organizations(subject.policy)}))
    return _with(accounts, mentioned_accounts(subject.policy)), named


def outsider_questions(subject: Subject, bounds: Bounds | None = None) -> Sequence[Question]:
    """
    Does the policy let in anybody at all, or whoever it names that is not declared?

    Args:
        bounds: None where nothing bounds the callers but who they are.
    """
    _count_choices(subject.policy)
    named, ours = inside_or_named(subject), inside(subject)
    anyone = _question(subject, *named, () if bounds is None else bounds(*named), ANYONE)
    writing = () if bounds is None else _writing(subject, anyone)
    about = FOREIGN if subject.config.boundary is not None else UNDECLARED
    outsiders = _question(subject, *ours, () if bounds is None else bounds(*ours), about)
    return (*(q._replace(larger=outsiders) for q in (*writing, anyone)), outsiders)


def question_of_ids(subject: Subject, bounds: Bounds) -> tuple[Sequence[str], Question]:
    """
    The unique ids that the policy of a resource tests; and whether whoever has them gets in from an account that is not
    named. Of those that are principals, `admitted_id_questions` asks.
    """
    named, written = inside_or_named(subject), unique_ids(subject.policy)
    own = (*filter(is_made_up, written), *admitted_ids(subject.policy))
    asked = _question(subject, *named, bounds(*named), ANYONE, own)
    return [one for one in written if one not in own], asked


def admitted_id_questions(subject: Subject, bounds: Bounds | None = None) -> Sequence[Question]:
    """
    Does somebody of an account that is not declared get in by a unique id, at a resource as the principal? Nobody who
    reads such an id can tell whose it is. S3 calls a policy that tests one for a fixed value not public:
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
    """
    written = unique_ids(subject.policy)
    asked = written if subject.document.kind == TRUST else admitted_ids(subject.policy)
    admitted = {one for one in asked if not is_made_up(one)}
    if not admitted:
        return ()
    ours, tested = inside(subject), tuple(one for one in written if one not in admitted)
    return (_question(subject, *ours, () if bounds is None else bounds(*ours), WHOSE_ID, tested),)


def _writing(subject: Subject, anyone: Question) -> tuple[Question, ...]:
    """Of what everybody is meant to read, the same for whatever else is done with it: that is the worst."""
    is_website = bool(subject.document.meant_for_everybody)
    if not is_website and not subject.document.opened:
        return ()
    verbs = ("get", "list") if is_website else ("get",)
    others = ("action", not_text(*(join(f"s3:{verb}", ANY_RUN) for verb in verbs)))
    regions = tuple(region._replace(constraints=(*region.constraints, others)) for region in anyone.regions)

    def violates(request: Request) -> bool:
        read = tuple(f"s3:{verb}" for verb in verbs)
        return not request.action.lower().startswith(read) and anyone.violates(request)

    return (Question(regions, violates, ANYONE),)


def public_question(subject: Subject) -> Question:
    """Is the policy public, as AWS means it: does it let in somebody to whom no value brings them that it fixes?"""
    policy = subject.policy
    _count_choices(policy)
    accounts = _with(_inside_accounts(subject), mentioned_accounts(policy))
    organizations = sorted({*own_organization(subject), *_mentioned_organizations(policy)})
    return _question(subject, accounts, organizations, with_no_fixed_value(policy), PUBLIC)


def _count_choices(policy: Policy) -> None:
    """
    Count what the parameters in a policy may be, which is all looked through to know whom it names.

    Raises:
        BudgetReached: that is more than is left for it.
    """
    spend(sum(map(len, _choices_and_others(policy)[0])))


def _inside_accounts(subject: Subject) -> tuple[str, ...]:
    boundary = subject.config.boundary
    declared = boundary.accounts if boundary is not None else ()
    return _with(declared, (subject.account, *third_party_accounts(subject.config), *_of_aws(subject.policy)))


def _with(accounts: tuple[str, ...], others: Iterable[str]) -> tuple[str, ...]:
    """
    Accounts with others that are not among them.

    Where all are declared already, as most are, what is asked is the same of each policy, and is put together once.
    """
    known = _members(accounts)
    more = tuple(dict.fromkeys(account for account in others if account not in known))
    return (*accounts, *more) if more else accounts


#: The same accounts again and again: those of an organization are many.
_members: Callable[[tuple[str, ...]], frozenset[str]] = lru_cache(maxsize=64)(frozenset)


def _of_aws(policy: Policy) -> list[str]:
    """The accounts that a policy names and that are AWS itself; of Redshift's, where it names the one user only."""
    named = mentioned_accounts(policy)
    out = [account for account in named if account in ACCOUNTS_OF_AWS]
    if of_redshift := [account for account in named if account in _OF_REDSHIFT]:
        named_otherwise = accounts_in(text for text in _texts(policy) if not text.endswith(REDSHIFT_USER))
        out += [account for account in of_redshift if account not in named_otherwise]
    return out


def _question(
    subject: Subject,
    accounts: tuple[str, ...],
    organizations: Sequence[str],
    bounds: Constraints,
    about: str,
    believed: tuple[str, ...] | None = None,
) -> Question:
    """
    Ask who gets in that is of none of the accounts and organizations.

    Args:
        believed: the unique ids whose users and roles are not somebody outside; None for all that the policy names.
    """
    spend(len(accounts) + len(organizations))
    named = unique_ids(subject.policy) if believed is None else believed
    constraints = (*outside_accounts(accounts, named), *bounds)
    if organizations:
        ids = StringSet.outside(exact(o) for o in organizations)
        paths = StringSet.outside(paths_of(o) for o in organizations)
        constraints += (
            (key_dimension(ORG_ID), Values(True, ids)),
            (key_dimension(_ORG_PATHS), Values(True, CollectionSet(paths))),
        )
    if subject.document.kind == TRUST:
        regions = [r for kind in _ASSUMERS for r in trust_regions(subject, kind, ASSUME_ROLE, constraints)]
    else:
        asked = (*constraints, *from_another_account(subject), *consulted_for(subject))
        kinds = [kind for kind in _USERS_OF_RESOURCES if kind != ANONYMOUS or not subject.document.signed_only]
        if _SIGNED in subject.document.method_types:
            # What the policy opens is the methods that ask for a signature: the others are open without one.
            kinds.sort(key=lambda kind: kind == ANONYMOUS)
        unsigned, regions_of = (*asked, *_unsigned(subject.policy)), regions_of_resource(subject)
        regions = [region for kind in kinds for region in regions_of(kind, unsigned if kind == ANONYMOUS else asked)]
    found = plain_first(subject.policy, regions)
    return Question(found, _predicate(_members(accounts), frozenset(organizations), named), about)


def _unsigned(policy: Policy) -> Constraints:
    """
    The requests that need no signature: to the URL of a function only where that asks for none.

    https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html
    """
    if not operands_of(policy, _URL_AUTH):
        return ()
    return ((key_dimension(_URL_AUTH), Values(True, StringSet.outside([exact(_SIGNED)]))),)


def _predicate(
    accounts: frozenset[str], organizations: frozenset[str], named: tuple[str, ...]
) -> Callable[[Request], bool]:
    def violates(request: Request) -> bool:
        if request.caller.kind == ANONYMOUS:
            return True
        account = request.caller.account
        if request.caller.userid.partition(":")[0] in named:
            # An entity that the policy names for ever is not somebody outside.
            return False
        return account is not None and account not in accounts and request.context.get(ORG_ID) not in organizations

    return violates


def _texts(policy: Policy) -> Iterator[str]:
    """Every literal that may name an account or an organization."""
    choices, others = _choices_and_others(policy)
    return chain(others, *choices)


def _choices_and_others(policy: Policy) -> tuple[tuple[tuple[str, ...], ...], list[str]]:
    """These literals, of a parameter that is one of some values all of these together."""
    others = [str(operand) for operand in operands(policy)]
    choices: dict[tuple[str, ...], None] = {}
    for value in principals(policy):
        if isinstance(value, Symbolic) and value.choices:
            choices[value.choices] = None
        else:
            others.append(str(value))
    return tuple(choices), others


def mentioned_accounts(policy: Policy) -> tuple[str, ...]:
    """The accounts that a policy names."""
    choices, others = _choices_and_others(policy)
    return _among(choices, tuple(sorted(accounts_in(others))))


@lru_cache(maxsize=64)
def _among(choices: tuple[tuple[str, ...], ...], others: tuple[str, ...]) -> tuple[str, ...]:
    """The accounts in the values of parameters, and others: each policy of a template may name the same thousands."""
    return tuple(sorted(accounts_in(chain(*choices)).union(others)))


def _mentioned_organizations(policy: Policy) -> tuple[str, ...]:
    found = {text.split("/")[0] for text in _texts(policy) if text.startswith("o-")}
    return tuple(sorted(o for o in found if "*" not in o and "?" not in o))
