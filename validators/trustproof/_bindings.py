"""
What is not known before deployment, filled in: a refutation shows one deployment in which the request gets through.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from operator import is_not

from trustproof._typing import NamedTuple, Protocol
from trustproof.engine.agreement import ACCOUNTS
from trustproof.model.document import Document
from trustproof.model.keys import lookup
from trustproof.model.policy import ALLOW, Condition, Guard, Policy, Principal, Statement
from trustproof.model.text import Symbol, Symbolic, Text
from trustproof.properties._base import Property, Subject, third_party_accounts
from trustproof.sets.strings import BudgetReached

#: How many colons of an ARN stand before the account.
_ACCOUNT_FIELD = 4
#: How many ways to fill in what is not known are tried for one request.
MAX_BINDINGS = 16


class Deployments(Protocol):
    """
    What the prover asks of a template: its possible deployments.
    """

    def realise(self, guards: Sequence[Guard]) -> dict[str, str] | None:
        """Parameter values under which all the guards hold; None where there are none."""

    def document(self, document: Document, values: Mapping[str, str]) -> Document | None:
        """The same document, read again with these values bound; None where it then does not exist."""

    def holds(self, guards: Sequence[Guard], values: Mapping[str, str]) -> bool:
        """Whether all the guards hold with these values bound."""

    def partition(self, values: Mapping[str, str]) -> str:
        """The partition of a deployment with these values; the empty string where they do not say."""

    def sample(self, symbol: Symbol) -> str | None:
        """A value that a symbol may have."""

    def admits(self, symbol: Symbol, value: str) -> bool:
        """Whether a symbol may have a value."""


class Unknown(NamedTuple):
    """
    A symbol, and the first place where it stands.
    """

    symbol: Symbol
    #: ``AWS``, ``Service`` or ``Federated`` (an entry of Principal), ``action``, ``resource``, or the condition key.
    place: str
    #: The text that it is a part of.
    text: Symbolic


def texts(statement: Statement) -> Iterator[tuple[Text, str]]:
    """Every text of a statement, with its place."""
    for entry in (*(statement.principals or ()), *(statement.not_principals or ())):
        yield entry.value, entry.kind
    for action in (*(statement.actions or ()), *(statement.not_actions or ())):
        yield action, "action"
    for resource in (*(statement.resources or ()), *(statement.not_resources or ())):
        yield resource, "resource"
    for condition in statement.conditions:
        for operand in condition.operands:
            yield operand, condition.key.lower()


def is_concrete(policy: Policy) -> bool:
    """Whether everything in a policy is known, so that the evaluator can decide it."""
    return all(is_known(statement) for statement in policy.statements)


def is_known(statement: Statement) -> bool:
    """Whether everything in a statement is known."""
    return not (
        statement.unreadable or statement.guards or any(isinstance(text, Symbolic) for text, _ in texts(statement))
    )


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


def unknowns(subject: Subject) -> list[Unknown]:
    """What is not known in the policies of a subject, each symbol once."""
    out: dict[str, Unknown] = {}
    for document in subject.documents:
        for statement in document.policy.statements:
            for text, place in texts(statement):
                if isinstance(text, Symbolic):
                    for symbol in text.symbols:
                        out.setdefault(symbol.name, Unknown(symbol, place, text))
    return list(out.values())


def bindings(
    subject: Subject,
    asked: Property,
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
    there = unknowns(subject)
    names = [unknown.symbol.name for unknown in there]
    held = [name for name in names if name in values]
    choices = [_candidates(subject, asked, deployments, unknown) for unknown in there]
    choices = [found or [values[name]] if name in values else found for name, found in zip(names, choices, strict=True)]
    if any(not found for found in choices):
        return
    none = True
    for count, chosen in enumerate(product(*choices)):
        if count == MAX_BINDINGS:
            break
        bound = dict(zip(names, chosen, strict=True))
        others = values if all(bound[name] == values[name] for name in held) else None
        if others is None:
            try:
                others = deployments.realise((*guards, *(Guard(name, bound[name]) for name in held)))
            except BudgetReached:
                continue
        if others is not None:
            none = False
            yield {**others, **bound}
    if none:
        # Nothing that suits the policy suits the conditions.
        yield {**{name: found[0] for name, found in zip(names, choices, strict=True)}, **values}


def _candidates(subject: Subject, asked: Property, deployments: Deployments, unknown: Unknown) -> list[str]:
    if unknown.symbol.doubt and not asked.wants_request:
        return []
    preferred = asked.binding(subject, unknown.symbol, unknown.place)
    wanted = [preferred] if preferred is not None else list(_suited(subject, unknown))
    found = [value for value in wanted if deployments.admits(unknown.symbol, value)]
    if not found and (sample := deployments.sample(unknown.symbol)) is not None:
        ours = _ours(sample, subject) if unknown.symbol.pattern is not None else sample
        found.append(ours if deployments.admits(unknown.symbol, ours) else sample)
    return found


def _ours(arn: str, subject: Subject) -> str:
    """The same ARN in the template's own account: where a pattern leaves the account open, nobody is accused."""
    fields = arn.split(":")
    if len(fields) > 5 and len(fields[4]) == 12:
        fields[4] = subject.account
    return ":".join(fields)


def _suited(subject: Subject, unknown: Unknown) -> Iterator[str]:
    """Values that suit the place where the symbol stands."""
    place, whole = unknown.place, len(unknown.text.parts) == 1
    account = _other_account(subject)
    partition = subject.partition or "aws"
    arn = f"arn:{partition}:iam::{account}"
    if place == "AWS" and whole:
        # A name that speaks of a role is believed: then no user is trusted, whatever the account.
        if "role" not in unknown.symbol.name.lower():
            yield from (account, f"{arn}:root", f"{arn}:user/alice")
        yield f"{arn}:role/app"
    elif place == "AWS" and _before(unknown).endswith("::"):
        yield account
    elif place == "resource" and _is_account(unknown):
        # Many actions reach no other account.
        yield from (subject.account, account)
    elif place == "AWS":
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


def _before(unknown: Unknown) -> str:
    """The literal text before a symbol."""
    parts = unknown.text.parts
    index = parts.index(unknown.symbol)
    before = parts[index - 1] if index else ""
    return before if isinstance(before, str) else ""


def _is_account(unknown: Unknown) -> bool:
    """Whether a symbol stands where an ARN has the account."""
    parts = unknown.text.parts
    before = "".join(part if isinstance(part, str) else "?" for part in parts[: parts.index(unknown.symbol)])
    return before.endswith(":") and before.count(":") == _ACCOUNT_FIELD


def _other_account(subject: Subject) -> str:
    taken = {subject.account, *third_party_accounts(subject.config)}
    return next(account for account in ACCOUNTS if account not in taken)


# -- documents with values filled in


def bind_document(document: Document, values: dict[str, str]) -> Document:
    """Replace symbols by values, throughout a document."""
    before = document.policy.statements
    statements = tuple(_bind_statement(s, values) for s in before)
    changed = any(map(is_not, statements, before))
    if changed:
        document = document._replace(policy=document.policy._replace(statements=statements))
    arn = bind_text(document.resource_arn, values)
    if arn is document.resource_arn and document.assumes_account is changed:
        return document
    return document._replace(resource_arn=arn, assumes_account=changed)


def bind_text(text: Text, values: dict[str, str]) -> Text:
    """Replace symbols by values in a text."""
    return text.bind(values) if isinstance(text, Symbolic) else text


def _bind_texts(texts: tuple[Text, ...] | None, values: dict[str, str]) -> tuple[Text, ...] | None:
    if texts is None or all(isinstance(text, str) for text in texts):
        return texts
    bound = tuple(bind_text(text, values) for text in texts)
    return bound if any(map(is_not, bound, texts)) else texts


def _bind_principals(entries: tuple[Principal, ...] | None, values: dict[str, str]) -> tuple[Principal, ...] | None:
    if entries is None or all(isinstance(entry.value, str) for entry in entries):
        return entries
    bound = tuple(
        entry if (value := bind_text(entry.value, values)) is entry.value else entry._replace(value=value)
        for entry in entries
    )
    return bound if any(map(is_not, bound, entries)) else entries


def _bind_condition(condition: Condition, values: dict[str, str]) -> Condition:
    operands = _bind_texts(condition.operands, values)
    return condition if operands is condition.operands or operands is None else condition._replace(operands=operands)


def _bind_conditions(conditions: tuple[Condition, ...], values: dict[str, str]) -> tuple[Condition, ...]:
    bound = tuple(_bind_condition(condition, values) for condition in conditions)
    return bound if any(map(is_not, bound, conditions)) else conditions


def _bind_statement(statement: Statement, values: dict[str, str]) -> Statement:
    """The statement itself where nothing in it is replaced, as in most."""
    principals = _bind_principals(statement.principals, values)
    not_principals = _bind_principals(statement.not_principals, values)
    actions = _bind_texts(statement.actions, values)
    not_actions = _bind_texts(statement.not_actions, values)
    resources = _bind_texts(statement.resources, values)
    not_resources = _bind_texts(statement.not_resources, values)
    conditions = _bind_conditions(statement.conditions, values)
    bound = (principals, not_principals, actions, not_actions, resources, not_resources, conditions)
    if not any(map(is_not, bound, statement[1:8])):
        return statement
    return Statement(statement.effect, *bound, *statement[8:])
