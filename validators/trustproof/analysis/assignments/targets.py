"""
Where a policy may be at home: the account and the organization that a template does not say, and its conditions name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from itertools import chain, count

from trustproof.analysis.assignments.assignments import is_within, with_undeclared
from trustproof.aws.accounts import ACCOUNTS_OF_AWS
from trustproof.aws.action_resources import about
from trustproof.aws.examples import ACCOUNTS
from trustproof.aws.vendors import VENDORS
from trustproof.config.model import Config
from trustproof.model.arn import is_account
from trustproof.model.document import IDENTITY, RESOURCE, Document
from trustproof.model.policy import Condition, Path, Statement
from trustproof.model.query import operands, principals
from trustproof.model.text import ACCOUNT_ID, ORGANIZATION_ID, Symbolic, Text
from trustproof.properties.base import StatementProperty
from trustproof.properties.question import NO_ORGANIZATION, Direction
from trustproof.properties.shared.regions import third_party_accounts
from trustproof.results.result import PROVED, REFUTED, UNKNOWN, Result

#: Stands for what is not known in a text.
_HOLE = "\0"
#: The policy variable for the account of whoever calls, or of what is called: one of both is the own one.
_OF_A_SIDE = re.compile(r"\$\{\s*aws:(principal|resource)account\b", re.IGNORECASE)
#: How many colons of an ARN stand before the account.
_ACCOUNT_FIELD = 4
#: So many digits an account has.
_DIGITS = 12
#: An account id between delimiters, wildcards and what is not known.
_ACCOUNT_BY_ITSELF = re.compile(r"(?<![^:*?\0])[0-9]{12}(?![^:*?\0])")
#: By kind of policy, the keys of the template's own organization, and of that on the other side.
_SIDES = ((IDENTITY, "aws:principalorgid", "aws:resourceorgid"), (RESOURCE, "aws:resourceorgid", "aws:principalorgid"))


def targets(document: Document) -> Iterator[tuple[str, str]]:
    """
    The accounts and the organizations of which a template's own may be one, as far as that matters for a policy: it is
    compared with them in conditions, resources in them are reached from there alone, or one of them is the resource
    that the policy stands on.
    """
    yield from compared_values(document)
    if stands_in := account_written(document):
        yield stands_in, ""
    for statement in document.policy.statements if document.kind in (IDENTITY, RESOURCE) else ():
        for resource in (*(statement.resources or ()), *(statement.not_resources or ())):
            for service, account in _accounts_in(resource):
                if document.kind == RESOURCE or _may_be_about(statement, service):
                    yield account, ""


def account_written(document: Document) -> str:
    """
    The account that what a resource policy stands on is written with, empty where it is with none: the entries of
    Resource may say the account of the template in its place.
    """
    account = _account_in(document.resource_arn)[1] if document.kind == RESOURCE else ""
    return account if is_account(account) else ""


def compares_with_own(document: Document, own: str) -> bool:
    """
    Whether a policy asks of whoever calls, or of what is called, whether it is of the template's own account.

    Args:
        own: what stands for that account.
    """
    statements = document.policy.statements
    excepted = (entry.value for statement in statements for entry in statement.not_principals or ())
    resources = (text for one in statements for text in (*(one.resources or ()), *(one.not_resources or ())))
    if any(own in str(text) for text in (*operands(document.policy), *excepted)):
        return True
    return any(_OF_A_SIDE.search(str(text)) for text in (*operands(document.policy), *resources))


def accounts_let_in(document: Document, config: Config) -> Iterator[tuple[str, str]]:
    """
    The accounts of those whom a policy names: one of them may be the template's own, but for those of AWS and of
    vendors, to which nobody else deploys anything.
    """
    others = {*ACCOUNTS_OF_AWS, *VENDORS, *third_party_accounts(config)}
    for named in principals(document.policy):
        fields = _with_holes(named).split(":")
        account = fields[_ACCOUNT_FIELD] if len(fields) > _ACCOUNT_FIELD else fields[0]
        if is_account(account) and account not in others:
            yield account, ""


def is_of_some_account(document: Document) -> bool:
    """Whether what is not known of a resource may say in which account it is."""
    own = document.resource_arn
    return isinstance(own, Symbolic) and all(symbol.name != ACCOUNT_ID for symbol in own.symbols)


def _account_in(arn: Text) -> tuple[str, str]:
    """The service and the account in an ARN; empty where there are none."""
    fields = _with_holes(arn).split(":", 5)
    return (fields[2], _filled(fields[4])) if len(fields) == 6 else ("", "")


def _accounts_in(arn: Text) -> Iterator[tuple[str, str]]:
    """
    The accounts that an ARN names, each with its service: the one in its field, and those behind a wildcard that stands
    for several fields (``arn:aws:iam*:111122223333:user/*``), or in front of one.
    """
    service, account = _account_in(arn)
    found = {account, *_ACCOUNT_BY_ITSELF.findall(_with_holes(arn))}
    yield from ((service or "*", one) for one in sorted(found) if is_account(one))


def _with_holes(text: Text) -> str:
    """A text with a hole for all that is not known, such as the Region before an account that a condition gives."""
    return text if isinstance(text, str) else "".join(part if isinstance(part, str) else _HOLE for part in text.parts)


def _filled(account: str, digit: str = "9") -> str:
    """
    An account that a pattern with some digits matches.

    Args:
        digit: what stands for what is not written.
    """
    missing = _DIGITS - len(account.replace("*", ""))
    if account == "*" or missing < 0:
        return ""
    return account.replace("*", digit * missing, 1).replace("*", "").replace("?", digit)


def _accounts_like(condition: Condition, operand: Text) -> Iterator[str]:
    """Accounts that a pattern in a condition matches: more than one, since another pattern may leave out some."""
    fields = _with_holes(operand).split(":", 5)
    if len(fields) > _ACCOUNT_FIELD:
        pattern = fields[_ACCOUNT_FIELD]
    else:
        pattern = fields[0] if condition.key.lower().endswith("account") else ""
    if set(pattern) & set("*?") and set(pattern) - set("*?"):
        yield from (account for digit in "91" if is_account(account := _filled(pattern, digit)))


def _may_be_about(statement: Statement, service: str) -> bool:
    """Whether a statement may speak of actions of a service that reach no other account."""
    actions = None if statement.actions is None else [str(action).lower() for action in statement.actions]
    if {*service} & {*"*?", _HOLE}:
        # What is not known of it may be the service of any of the actions.
        prefixes = {action.partition(":")[0] for action in actions or ()}
        return actions is None or any({*one} & {*"*?<"} or _reaches_no_other(one) for one in prefixes)
    if actions is not None and not any(_may_be_of(action, service) for action in actions):
        return False
    return _reaches_no_other(service)


def _reaches_no_other(service: str) -> bool:
    """Whether a service has actions that reach no other account."""
    return any(row.own_account for row in about(service))


def _may_be_of(action: str, service: str) -> bool:
    """Whether a lower-cased action may be one of a service; a wildcard, or what is not known, may stand for it."""
    prefix = action.partition(":")[0]
    return prefix == service or bool(set(prefix) & set("*?<"))


def compared_values(document: Document) -> Iterator[tuple[str, str]]:
    """The accounts and the organizations that the template's own is compared with in the conditions of a policy."""
    own = "aws:principalorgid" if document.kind == IDENTITY else "aws:resourceorgid"
    for statement in document.policy.statements:
        for condition in statement.conditions:
            if _speaks_of(condition, own.removesuffix("id")):
                # Nobody says that the account is in an organization at all.
                yield "", NO_ORGANIZATION
            for operand in condition.operands:
                if isinstance(operand, str) and condition.key.lower() == own and not set(operand) & set("*?$"):
                    yield "", operand
                for field in _with_holes(operand).split(":"):
                    if is_account(field):
                        yield field, ""
                yield from ((account, "") for account in _accounts_like(condition, operand))
    yield from compared_organizations([document])


def compared_organizations(documents: Sequence[Document]) -> Iterator[tuple[str, str]]:
    """
    The organizations that conditions name for the other side, where one compares that side with the template's own.

    What an Allow wants of the other side is then what a Deny beside it wants of the own one.
    """
    conditions = [(one.kind, c) for one in documents for s in one.policy.statements for c in s.conditions]
    for kind, own, other in _SIDES:
        here = [condition for of, condition in conditions if (of == IDENTITY) == (kind == IDENTITY)]
        if any("${" + own in operand.lower() for one in here for operand in map(str, one.operands)):
            named = (operand for one in here if one.key.lower() == other for operand in one.operands)
            yield from (("", one) for one in named if isinstance(one, str) and not set(one) & set("*?$"))


def names_organization(document: Document) -> bool:
    """Whether a policy names the organization of the template's account, without its id."""
    texts = (text for text in operands(document.policy) if isinstance(text, Symbolic))
    return any(symbol.name == ORGANIZATION_ID for text in texts for symbol in text.symbols)


def _speaks_of(condition: Condition, organization: str) -> bool:
    """Whether a condition looks at an organization, whose keys begin alike, as a key or a variable."""
    named = (condition.key, *(operand for operand in map(str, condition.operands) if "${" in operand))
    return any(organization in text.lower() for text in named)


def merge_results(asked: StatementProperty, here: list[Result], there: list[Result]) -> list[Result]:
    """The results over two accounts that a template may go to: what is wrong, or not decided, in one of them is so."""
    if asked.direction is Direction.WANTED:
        return _usable_in_one(here, there) if any(result.verdict != PROVED for result in here) else here
    known = {result.path for result in here if result.verdict == REFUTED}
    worse = [result for result in there if result.verdict == REFUTED and result.path not in known]
    if worse:
        here = [result for result in here if not _is_about(result, worse)]
    found = here + worse
    # Of what is not decided here anyway, that says enough.
    settled = [result for result in found if result.verdict != PROVED]
    more = [result for result in there if result.verdict == UNKNOWN and not _is_about(result, settled)]
    return [result for result in found if not _is_about(result, more)] + more


def _usable_in_one(here: list[Result], there: list[Result]) -> list[Result]:
    """The same of what has to be possible: who can use a statement in one account can use it."""
    refused = {result.path for result in there if result.verdict == REFUTED}
    open_ = [result for result in there if result.verdict == UNKNOWN]
    wrong = refused.union(result.path for result in open_)
    kept: list[Result] = []
    undecided: dict[Path, Result] = {}
    for result in here:
        if result.verdict == PROVED or _is_of_one_of(result.path, wrong if result.verdict == UNKNOWN else refused):
            kept.append(result)
        elif result.verdict == REFUTED:
            # What nobody can do in one account may be possible in the other, of which that is not decided.
            undecided.update((other.path, other) for other in open_ if _is_of_one_of(other.path, {result.path}))
    known = {result.path for result in kept if result.verdict == UNKNOWN}
    return [*kept, *(result for path, result in undecided.items() if path not in known)] or there


def merge_deployments(asked: StatementProperty, here: list[Result], there: list[Result]) -> list[Result]:
    """The results over two kinds of deployment: what is wrong, or not decided, in one of them is so."""
    if asked.direction is Direction.WANTED:
        # Who can use a statement in one deployment can use it.
        return merge_results(asked, here, there)
    found: dict[tuple[Path, str], Result] = {}
    for result in (*there, *here):
        if result.verdict != PROVED:
            key = (result.path, result.message)
            found[key] = with_undeclared(result, found.get(key, result))
    if found:
        return [*found.values()]
    lines = dict.fromkeys(line for result in (*here, *there) for line in result.certificate)
    proof = min(here + there, key=lambda result: not result.reasons)
    return [proof._replace(certificate=tuple(lines))]


def _is_about(result: Result, worse: Sequence[Result]) -> bool:
    """Whether a result that is no refutation is about a document in which something is refuted."""
    return result.verdict != REFUTED and any(is_within(other.path, result.path) for other in worse)


def _is_of_one_of(path: Path, others: Collection[Path]) -> bool:
    """Whether a path is about the statement of another one: one may stand at the statement, one at its condition."""
    return any(is_within(path, other) or is_within(other, path) for other in others)


def account_of_resources(documents: Sequence[Document]) -> str:
    """
    The only account that resource policies, and else their entries of Resource, say of what they stand on; empty where
    there is none, or several.
    """
    policies = [one for one in documents if one.kind == RESOURCE]
    entries = (entry for one in policies for s in one.policy.statements for entry in s.resources or ())
    written = {account_written(one) for one in policies} - {""}
    found = written or {account for entry in entries if is_account(account := _account_in(entry)[1])}
    return found.pop() if len(found) == 1 else ""


def placeholder_account(
    documents: Sequence[Document], config: Config, mentions: Callable[[str], bool] = lambda _: False
) -> str:
    """
    An account id for a template that does not say its own; one that nothing else speaks of.

    Args:
        mentions: whether what makes the documents has a word, at whatever values.
    """
    declared = set(config.boundary.accounts if config.boundary is not None else ())
    declared.update(account for party in config.third_parties for account in party.accounts)
    mentioned = " ".join(
        str(text) for document in documents for text in (*principals(document.policy), *operands(document.policy))
    )
    candidates = chain(ACCOUNTS, (f"{number:012d}" for number in count(1)))
    return next(a for a in candidates if a not in declared and a not in mentioned and not mentions(a))
