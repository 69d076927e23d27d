"""
What is not known before deployment, filled in: a refutation shows one deployment in which the request gets through.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from itertools import product
from typing import NamedTuple

from trustproof.aws.condition_keys import lookup
from trustproof.aws.examples import ACCOUNTS
from trustproof.aws.partitions import is_region, regions_in
from trustproof.model.deployments import Deployments
from trustproof.model.document import Document
from trustproof.model.operators import parse_operator
from trustproof.model.policy import ALLOW, DENY, Condition, Guard, Policy, Principal, Statement
from trustproof.model.query import is_known, open_texts, texts
from trustproof.model.text import GENERATED_NAME, REGION, Symbol, Symbolic, Text
from trustproof.properties.neighbours import operands_of
from trustproof.properties.question import Direction, Inquiry, Subject
from trustproof.properties.shared.programs import (
    may_be_a_list_of_roles,
    may_be_the_arn_of_a_role,
    speaks_of_a_role,
)
from trustproof.properties.shared.regions import third_party_accounts
from trustproof.sets.search import BudgetReached

#: How many colons of an ARN stand before the account.
_ACCOUNT_FIELD = 4
#: What IAM takes as a name that reads like one.
_NAME = re.compile(r"[A-Za-z][\w.-]{0,62}")
#: How many ways to fill in what is not known are tried for one request.
MAX_BINDINGS = 16
#: So many values that a template lists cost a unit of an allowance, each as often as it stands in a policy.
_VALUES = 4
#: So many of the Regions that conditions name are tried.
_NAMED = 4


class Unknown(NamedTuple):
    """
    A symbol, and the first place where it stands.
    """

    symbol: Symbol
    #: ``AWS``, ``Service`` or ``Federated`` (an entry of Principal), ``action``, ``resource``, or the condition key.
    place: str
    #: The text that it is a part of.
    text: Symbolic


def relevant(subject: Subject, statement: Statement) -> Subject:
    """
    The subject without the Allow statements that are not known, but for one.

    An Allow less lets fewer requests in, so a request that still gets in does so in the whole policy too.
    """

    def reduced(document: Document, keep: Statement | None) -> Document:
        kept = tuple(s for s in document.policy.statements if s is keep or s.effect != ALLOW or is_known(s))
        return document._replace(policy=document.policy._replace(statements=kept))

    return subject._replace(
        document=reduced(subject.document, statement),
        others=tuple(reduced(other, None) for other in subject.others),
    )


def same_statement(policy: Policy, statement: Statement) -> list[int]:
    """Where a policy, as it is deployed, has an Allow statement; all of its Allow statements where it is not found."""
    found = [i for i, s in enumerate(policy.statements) if s.effect == ALLOW and s.path == statement.path]
    return found or [i for i, s in enumerate(policy.statements) if s.effect == ALLOW]


def at_worst(subject: Subject) -> Subject:
    """
    The subject with Deny statements that deny the more, where nobody can say what stands in them, and Allow statements
    that allow no more than what is known of their lists.

    A request that gets in all the same does so whatever that is.
    """

    def widened(document: Document) -> Document:
        statements = tuple(_widened(s) if s.effect == DENY else narrowed(s) for s in document.policy.statements)
        return document._replace(policy=document.policy._replace(statements=statements))

    return subject._replace(document=widened(subject.document), others=tuple(map(widened, subject.others)))


def _widened(statement: Statement) -> Statement:
    """A Deny without the conditions that nobody can say; it is for everybody, and everything, where these are open."""
    open_ = {place for text, place in texts(statement) if _is_doubtful(text)}
    if not open_:
        return statement
    conditions = tuple(c for c in statement.conditions if not any(map(_is_doubtful, c.operands)))
    wider = statement._replace(conditions=conditions)
    if any(_is_doubtful(entry.value) for entry in (*(wider.principals or ()), *(wider.not_principals or ()))):
        wider = wider._replace(principals=(Principal("*", "*"),), not_principals=None)
    if any(map(_is_doubtful, (*(wider.actions or ()), *(wider.not_actions or ())))):
        wider = wider._replace(actions=("*",), not_actions=None)
    if any(map(_is_doubtful, (*(wider.resources or ()), *(wider.not_resources or ())))):
        wider = wider._replace(resources=("*",), not_resources=None)
    return wider


def narrowed(statement: Statement) -> Statement:
    """An Allow without the entries of its lists that nobody can say, where others are left."""
    principals = tuple(entry for entry in statement.principals or () if not _is_doubtful(entry.value))
    actions = tuple(text for text in statement.actions or () if not _is_doubtful(text))
    resources = tuple(text for text in statement.resources or () if not _is_doubtful(text))
    return statement._replace(
        principals=principals or statement.principals,
        actions=actions or statement.actions,
        resources=resources or statement.resources,
        conditions=tuple(map(_narrowed_condition, statement.conditions)),
    )


def _narrowed_condition(condition: Condition) -> Condition:
    """A condition that is to be one of some values, without those that nobody can say, where others are left."""
    operator = parse_operator(condition.operator)
    known = tuple(text for text in condition.operands if not _is_doubtful(text))
    return condition._replace(operands=known) if known and operator is not None and not operator.negated else condition


def _is_doubtful(text: Text) -> bool:
    return isinstance(text, Symbolic) and any(symbol.doubt for symbol in text.symbols)


def unknowns(subject: Subject) -> list[Unknown]:
    """What is not known in the policies of a subject, each symbol once."""
    out: dict[str, Unknown] = {}
    for document in subject.documents:
        for statement in document.policy.statements:
            for text, place in open_texts(statement):
                for symbol in text.symbols:
                    out.setdefault(symbol.name, Unknown(symbol, place, text))
    return list(out.values())


def _where(subject: Subject, guards: Sequence[Guard]) -> Subject:
    """The subject without the statements that are not there where guards hold: what stands in these is no matter."""
    held = {guard.name: guard.value for guard in guards}

    def is_there(statement: Statement) -> bool:
        return all(held.get(guard.name, guard.value) == guard.value for guard in statement.guards)

    def reduced(document: Document) -> Document:
        kept = tuple(filter(is_there, document.policy.statements))
        return document._replace(policy=document.policy._replace(statements=kept))

    if not held:
        return subject
    return subject._replace(document=reduced(subject.document), others=tuple(map(reduced, subject.others)))


def of_values(policy: Policy) -> int:
    """The units that a question costs by the values that a template lists for what is not known of a policy."""
    symbols = (one for statement in policy.statements for text, _ in open_texts(statement) for one in text.symbols)
    return sum(len(one.allowed or ()) for one in symbols) // _VALUES


def bindings(
    subject: Subject,
    inquiry: Inquiry,
    deployments: Deployments,
    values: Mapping[str, str],
    guards: Sequence[Guard] = (),
) -> Iterator[dict[str, str]]:
    """
    Ways to fill in what is not known, the likeliest first; at most `MAX_BINDINGS`.

    Args:
        values: under which the conditions of the template hold that must; others may suit the policy better.
        guards: these conditions.
    """
    there = unknowns(_where(subject, guards))
    names = [unknown.symbol.name for unknown in there]
    held = [name for name in names if name in values]
    choices = [_candidates(subject, inquiry, deployments, unknown) for unknown in there]
    for unknown, found in zip(there, choices, strict=True):
        if (value := values.get(unknown.symbol.name)) is not None:
            ours = value if unknown.symbol.pattern is None else _ours_of(unknown, value, subject, deployments)
            found.extend([] if ours in found or (found and ours == value) else [ours])
    if any(not found for found in choices):
        return
    none = True
    reached: BudgetReached | None = None
    for count, chosen in enumerate(product(*choices)):
        if count == MAX_BINDINGS:
            break
        bound = dict(zip(names, chosen, strict=True))
        others = values if all(bound[name] == values[name] for name in held) else None
        if others is None:
            try:
                others = deployments.satisfy((*guards, *(Guard(name, bound[name]) for name in held)))
            except BudgetReached as error:
                reached = error
                continue
        if others is not None:
            none = False
            yield {**others, **bound}
    if REGION in values and REGION not in names:
        # The stack may be in another Region that its conditions admit.
        first = {name: found[0] for name, found in zip(names, choices, strict=True)}
        for region in _regions_asked(subject):
            others = deployments.satisfy((*guards, Guard(REGION, region))) if region != values[REGION] else None
            if others is not None:
                yield {**others, **first}
    if not guards and (demanded := _demanded(deployments, names)):
        # What suits the policy may be what no deployment has.
        none = False
        yield {**{name: found[0] for name, found in zip(names, choices, strict=True)}, **demanded}
    if none and reached is not None:
        raise BudgetReached(reached.name, reached.limit)
    if none:
        # Nothing that suits the policy suits the conditions.
        yield {**{name: found[0] for name, found in zip(names, choices, strict=True)}, **values}


def _demanded(deployments: Deployments, names: Sequence[str]) -> dict[str, str]:
    """Values of a deployment, where any is to have certain values of some names; empty where these may be anything."""
    try:
        found = deployments.satisfy(()) or {}
    except BudgetReached:
        return {}
    return found if any(name in found for name in names) else {}


def _candidates(subject: Subject, inquiry: Inquiry, deployments: Deployments, unknown: Unknown) -> list[str]:
    if unknown.symbol.doubt and inquiry.direction is Direction.FORBIDDEN:
        return []
    preferred = inquiry.binding(subject, unknown.symbol, unknown.place)
    if preferred is not None and (preferred == subject.account or ":" in preferred):
        # No Region is called like an account, and no name is an ARN, or need be an account.
        preferred = None if unknown.symbol.is_region or _is_after_account(unknown) else preferred
    wanted = [preferred] if preferred is not None else list(_suited(subject, unknown))
    found = [value for value in wanted if deployments.admits(unknown.symbol, value)]
    if not found and (sample := deployments.sample(unknown.symbol)) is not None:
        ours = _ours(sample, subject) if unknown.symbol.pattern is not None else sample
        found.append(ours if deployments.admits(unknown.symbol, ours) else sample)
    return found


def _ours_of(unknown: Unknown, value: str, subject: Subject, deployments: Deployments) -> str:
    """A value that a symbol has, in the template's own account where it may be."""
    ours = _ours(value, subject)
    return ours if deployments.admits(unknown.symbol, ours) else value


def _ours(arn: str, subject: Subject) -> str:
    """The same ARN in the template's own account: where a pattern leaves the account open, nobody is accused."""
    fields = arn.split(":")
    if len(fields) > 5 and len(fields[4]) == 12:
        fields[4] = subject.account
    return ":".join(fields)


def _suited(subject: Subject, unknown: Unknown) -> Iterator[str]:
    """Values that suit the place where the symbol stands."""
    place, whole = unknown.place, len(unknown.text.parts) == 1
    if unknown.symbol.is_region:
        yield from _regions_asked(subject)
        return
    account = _other_account(subject)
    partition = subject.partition or "aws"
    arn = f"arn:{partition}:iam::{account}"
    if place == "AWS" and whole:
        yield from _principals(unknown.symbol, account, arn)
    elif place == "AWS" and _before(unknown).endswith("::"):
        yield account
    elif place == "resource" and _is_account(unknown):
        # Many actions reach no other account.
        yield from (subject.account, account)
    elif place == "AWS":
        if unknown.symbol.holds == GENERATED_NAME and _NAME.fullmatch(unknown.symbol.name):
            # What is made of a resource of the template is called what the template calls that.
            yield unknown.symbol.name
        yield from ("alice", "app")
    elif place == "Service" and whole:
        yield from ("lambda.amazonaws.com", "ec2.amazonaws.com")
    elif place == "Federated" and whole:
        own = f"arn:{partition}:iam::{subject.account}"
        yield from (f"{own}:oidc-provider/idp.example.com", f"{own}:saml-provider/idp")
    key = lookup(place)
    if key.type == "bool":
        yield from ("false", "true")
    elif key.type in ("numeric", "date"):
        # Where a number has bounds, they are what makes a difference.
        ends = (unknown.symbol.most, unknown.symbol.least) if whole else ()
        yield from (f"{end:.15g}" for end in ends if end is not None)
        yield from ("3600", "0")
    elif key.shape == "account":
        yield account
    elif key.shape == "organization":
        yield "o-exampleorg1"
    elif key.type == "ip":
        yield "203.0.113.0/24"


def _principals(given: Symbol, account: str, arn: str) -> Iterator[str]:
    """
    Principals that whoever deploys a template may give.

    Args:
        given: what stands for them.
        account: of somebody else.
        arn: how the ARNs of that begin.
    """
    name, called = given.name, given.name.lower()
    # A name that speaks of a role is believed: then no user is trusted, whatever the account. A list of which nothing
    # is said may have roles in it alone.
    if not (
        speaks_of_a_role(name) or may_be_the_arn_of_a_role(name) or may_be_a_list_of_roles(name, is_list=given.is_list)
    ):
        user, root = f"{arn}:user/alice", f"{arn}:root"
        if not called.endswith(("arn", "arns")):
            yield account
        # What is called an ARN is no mere id.
        yield from (user, root) if called.endswith(("arn", "arns")) and "user" in called else (root, user)
    yield f"{arn}:role/app"


def _regions_asked(subject: Subject) -> tuple[str, ...]:
    """
    The Regions that a policy says are to be called, that of what it stands on, and one other; none where no condition
    looks at which Region is called.
    """
    statements = (statement for document in subject.documents for statement in document.policy.statements)
    operands = operands_of(statements, ("aws:requestedregion",))
    patterns = sorted(text for text in operands if isinstance(text, str))
    known = regions_in(subject.partition or "aws")
    named = [one for pattern in patterns for one in (pattern, *known) if fnmatchcase(one, pattern)][:_NAMED]
    others = [one for one in known if not any(fnmatchcase(one, pattern) for pattern in patterns)]
    here = str(subject.document.resource_arn).split(":")[3:4]
    return tuple(dict.fromkeys(filter(is_region, (*named, *here, *others[:1])))) if operands else ()


def _before(unknown: Unknown) -> str:
    """The literal text before a symbol."""
    parts = unknown.text.parts
    index = parts.index(unknown.symbol)
    before = parts[index - 1] if index else ""
    return before if isinstance(before, str) else ""


def _is_account(unknown: Unknown) -> bool:
    """Whether a symbol stands where an ARN has the account."""
    before = _all_before(unknown)
    return before.endswith(":") and before.count(":") == _ACCOUNT_FIELD


def _is_after_account(unknown: Unknown) -> bool:
    """Whether a symbol stands in the name that an ARN has behind the account."""
    before = _all_before(unknown)
    return before.startswith("arn:") and before.count(":") > _ACCOUNT_FIELD


def _all_before(unknown: Unknown) -> str:
    """The text before a symbol, with a mark for each other one."""
    parts = unknown.text.parts
    return "".join(part if isinstance(part, str) else "?" for part in parts[: parts.index(unknown.symbol)])


def _other_account(subject: Subject) -> str:
    taken = {subject.account, *third_party_accounts(subject.config)}
    return next(account for account in ACCOUNTS if account not in taken)


# -- documents with values filled in
