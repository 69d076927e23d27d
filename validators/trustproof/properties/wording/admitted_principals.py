"""
Who is admitted: the entry of Principal that lets somebody in, and whose it is where a parameter decides that.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from trustproof.aws.condition_keys import ASSUME_ROLE, MFA_AGE, MFA_PRESENT, STS_ACTIONS
from trustproof.model.operators import parse_operator
from trustproof.model.policy import DENY, Made, Path, Policy, Principal, Statement
from trustproof.model.query import open_texts
from trustproof.model.request import Request
from trustproof.model.text import Symbol, Symbolic, Text
from trustproof.properties.question import Finding, Refutation, Subject
from trustproof.properties.wording.exempted_users import exempts
from trustproof.results.result import UNKNOWN
from trustproof.sets.patterns import like, matches
from trustproof.spec.conditions import evaluate
from trustproof.spec.principals import EVERYBODY, ITSELF, match

#: Conditions on these say nothing of who a user is.
_OF_ANY_USER = (MFA_PRESENT, MFA_AGE)
_USER = re.compile(r"arn:[\w-]+:iam::(\d{12}):user/(?:[^*?]*/)?([^*?/]+)")
#: How many users a sentence names.
_NAMED = 3
_CALL = STS_ACTIONS[ASSUME_ROLE]
#: What holds a caller to the organization of the role, as a key and its value.
_OWN_ORGANIZATION = (
    ("aws:resourceorgid", "${aws:principalorgid}"),
    ("aws:principalorgid", "${aws:resourceorgid}"),
)
#: The name of a parameter behind that of its stack, which may be the path of a file.
_IN_STACK = r"[\w./ -]+/\w+"
#: What reads as a name in a sentence: of a parameter, or of a variable or an attribute of Terraform.
_PLAIN = r"[\w./:-]+(?:\[[^\]]*\][\w.]*)?"
#: What advises to declare an organization.
_DECLARED = r"declare it: add (o-[a-z0-9]+) to organizations"


def admitting_entry(policy: Policy, path: Path, request: Request, about: object = None) -> Path:
    """
    The steps from a Principal, or NotPrincipal, to the entry of it that lets a caller in, from an Action or a Resource
    to the entry that covers what is asked for, and from the values of a condition to the one that a request has; none
    from anything else.

    Args:
        path: where the finding stands.
        about: the statement that it is about, where that is one.
    """
    element = path[-1:]
    # A condition of the template may choose between two.
    there = sorted((s for s in policy.statements if s.path == path[:-1]), key=lambda one: one is not about)
    statement = next((s for s in there if _admits(s, request)), there[0] if there else None)
    if statement is not None and element == ("Action",):
        return _covering(statement.actions or (), request.action)
    if statement is not None and element == ("Resource",):
        return _covering(statement.resources or (), request.resource)
    if element not in (("Principal",), ("NotPrincipal",)):
        return _met(policy, path, request)
    if statement is None:
        return ()
    entries = statement.principals if element == ("Principal",) else statement.not_principals
    if not entries:
        return ()
    number = 0 if element == ("NotPrincipal",) else _admitting(entries, request)
    kind, made = entries[number].kind, _made(entries[number].value)
    if kind == "*" or path[-2:-1] == ("Properties",):
        # One text, and no object of lists.
        return (0, made)
    return (kind, sum(1 for entry in entries[:number] if entry.kind == kind), made)


def first_entry(policy: Policy, path: Path) -> Path:
    """The steps from a Principal, an Action or a Resource of which no entry does to the first one; none from others."""
    statement = next((s for s in policy.statements if s.path == path[:-1]), None)
    if statement is None or path[-1] not in ("Principal", "Action", "Resource"):
        return ()
    entries = statement.principals if path[-1] == "Principal" else None
    if not entries or entries[0].kind == "*" or path[-2:-1] == ("Properties",):
        return (0,)
    return (entries[0].kind, 0)


def _covering(entries: Sequence[Text], value: str) -> Path:
    """The step to the entry that covers a value; where that is known only at deployment, to the first that may."""
    known = ((number, one.lower()) for number, one in enumerate(entries) if isinstance(one, str))
    found = (number for number, one in known if matches(like(one), value.lower()))
    open_ = (number for number, one in enumerate(entries) if isinstance(one, Symbolic))
    number = next(found, next(open_, None))
    return () if number is None else (number, _made(entries[number]))


def _made(text: Text) -> Made:
    return Made(text if isinstance(text, str) else "")


def _met(policy: Policy, path: Path, request: Request) -> Path:
    """The step from a list of values, of which a condition asks for one, to the first that a request has."""
    asked = next((c for s in policy.statements for c in s.conditions if path and c.path == path), None)
    operator = None if asked is None else parse_operator(asked.operator)
    if asked is None or operator is None or operator.negated or len(asked.operands) < 2:
        return ()
    for number, operand in enumerate(asked.operands):
        if isinstance(operand, str):
            outcome = evaluate(asked._replace(operands=(operand,)), request.context, variables=False)
            if outcome.matched:
                return (number,)
    return ()


def element(policy: Policy, path: Path) -> Path:
    """The path of the Principal of a statement, as the statement has it: ``NotPrincipal`` in its place."""
    if path[-1:] == ("Principal",):
        statement = next((s for s in policy.statements if s.path == path[:-1]), None)
        if statement is not None and statement.principals is None and statement.not_principals is not None:
            return (*path[:-1], "NotPrincipal")
    return path


def _admits(statement: Statement, request: Request) -> bool:
    """Whether an entry of Principal is known to cover the caller."""
    return any(isinstance(one.value, str) and match(one, request.caller) for one in statement.principals or ())


def _admitting(entries: Sequence[Principal], request: Request) -> int:
    """The entry that covers the caller; where that is known only when it is deployed, the first that may."""
    open_: list[int] = []
    for number, entry in enumerate(entries):
        try:
            if match(entry, request.caller):
                return number
        except ValueError:
            open_.append(number)
    return open_[0] if open_ else 0


def users_of(subject: Subject, refutation: Refutation) -> str:
    """
    Which users get credentials of a role as one of them does: ``any user of account 111122223333 who may call
    sts:AssumeRole``.
    """
    caller = refutation.request.caller
    known = [entry for entry in refutation.statement.principals or () if isinstance(entry.value, str)]
    found = {match(entry, caller) for entry in known} - {None}
    names = giving_account(refutation)
    if caller.account and any(exempts(one, caller) for one in subject.policy.statements):
        return f"user {caller.arn.rpartition('/')[2]}"
    if found == {ITSELF} or not caller.account:
        # Who it is stands in no template where a parameter gives the whole ARN.
        parameters = _parameters_naming(subject, refutation)
        given = [name for name in names if name in parameters and refutation.parameters[name] == caller.arn]
        return f"the user that {given[0]} names" if given else _named_with(subject, known, refutation)
    if caller.account == subject.account and not subject.account_known:
        whose = "its own account"
    elif names and caller.account != subject.account:
        whose = _which("account", names[0])
    else:
        whose = f"account {caller.account}"
    if EVERYBODY in found and not _tests_the_account(refutation):
        whose = f"any account{_of_organization(refutation)}"
    # A condition, or a Deny, may leave only some of them.
    narrowed = any(s.effect == DENY for s in subject.policy.statements) or any(
        c.key.lower() not in _OF_ANY_USER for c in refutation.statement.conditions
    )
    return f"{'a' if narrowed else 'any'} user of {whose} who may call {_CALL}"


def _named_with(subject: Subject, entries: Sequence[Principal], refutation: Refutation) -> str:
    """The caller, and the other users whom a statement that names them lets in as it does this one."""
    caller = refutation.request.caller
    name = caller.arn.rsplit("/", 1)[-1]
    given = set(refutation.parameters.values())
    found = [match for entry in entries if (match := _USER.fullmatch(str(entry.value))) and match[0] not in given]
    names = list(dict.fromkeys(match[2] for match in found if match[1] == caller.account))
    # A condition, or a Deny, may leave only this one.
    narrowed = refutation.statement.conditions or any(s.effect == DENY for s in subject.policy.statements)
    if len(names) < 2 or name not in names or narrowed:
        return f"user {name}"
    if len(names) > _NAMED:
        return f"each of the {len(names)} users that it names, such as {name},"
    return f"each of users {', '.join(names[:-1])} and {names[-1]}"


def _parameters_naming(subject: Subject, refutation: Refutation) -> set[str]:
    """The parameters of a template that its statement has for principals."""
    return {
        part.name
        for statement in subject.policy.statements
        if statement.path == refutation.statement.path
        for entry in statement.principals or ()
        if isinstance(entry.value, Symbolic)
        for part in entry.value.parts
        if isinstance(part, Symbol) and part.kind == "parameter"
    }


def _tests_the_account(refutation: Refutation) -> bool:
    """Whether a statement names the accounts of its callers by a test of them."""
    return any(
        c.key.lower() == "aws:principalaccount" and c.operator == "StringEquals"
        for c in refutation.statement.conditions
    )


def _of_organization(refutation: Refutation) -> str:
    """The organization that a statement names by a test of the caller's, in words; empty where it names no one."""
    tested = [
        (condition.key.lower(), condition.operator, str(operand))
        for condition in refutation.statement.conditions
        for operand in condition.operands
    ]
    named = {value for key, operator, value in tested if (key, operator) == ("aws:principalorgid", "StringEquals")}
    # The first part of the path of an organizational unit is its organization.
    named |= {value.partition("/")[0] for key, _, value in tested if key == "aws:principalorgpaths"}
    if any((key, value.lower()) in _OWN_ORGANIZATION for key, _, value in tested):
        return " of its own organization"
    if len(named) != 1 or set("*?") & set(*named):
        return ""
    ident = named.pop()
    names = [name for name, value in sorted(refutation.parameters.items()) if value == ident]
    return f" of {_which('organization', names[0])}" if names else f" of organization {ident}"


def _which(noun: str, name: str) -> str:
    """Which account or organization it is that something gives, in words."""
    # An expression is no name, and its line says what it is.
    plain = re.fullmatch(_PLAIN, name)
    return f"the {noun} that {name} gives" if plain else f"an {noun} that is known only when it is deployed"


def giving_account(refutation: Refutation) -> list[str]:
    """What is unknown before deployment and gives the account of the caller here, by name."""
    account = refutation.request.caller.account
    return [name for name, value in sorted(refutation.parameters.items()) if account and value and account in value]


def is_of_an_open_account(subject: Subject, refutation: Refutation) -> bool:
    """Whether only whoever deploys knows the account of the caller: no parameter lists which it may be."""
    is_open = {
        part.name
        for statement in subject.policy.statements
        for text, _ in open_texts(statement)
        for part in text.symbols
        if part.allowed is None
    }
    return any(name in is_open for name in giving_account(refutation))


def with_parameters(finding: Finding, parameters: Mapping[str, str], hints: Mapping[str, str]) -> Finding:
    """
    The finding with the parameter that decides whose it is, in place of the value that was made up for it.

    Args:
        parameters: names of what is unknown before deployment to the values of this case.
        hints: what to do about those of them that a user can give.
    """
    if finding.verdict != UNKNOWN or not finding.undeclared:
        return finding
    for ident in (one.ident for one in finding.undeclared):
        names = [name for name, value in sorted(parameters.items()) if ident in value]
        if not names:
            continue
        message, label, reason = (
            _given_by(names[0], ident, text) for text in (finding.message, finding.label, finding.reasons[0])
        )
        return finding._replace(
            message=message,
            label=label,
            reasons=(reason, *([hints[names[0]]] if names[0] in hints else ())),
            undeclared=(),
            likely_own="",
        )
    return finding


def without_made_up_ids(finding: Finding, parameters: Mapping[str, str], hints: Mapping[str, str]) -> Finding:
    """
    A refutation that names the parameter which gives an organization, in place of the id that was made up for it, so
    that nobody is told to declare that one.

    Args:
        parameters, hints: as for `with_parameters`.
    """
    asked = None if finding.remedy is None else re.search(_DECLARED, finding.remedy.text)
    if finding.remedy is None or asked is None:
        return finding
    names = [name for name, value in sorted(parameters.items()) if value == asked[1] and name in hints]
    if not names:
        return finding
    text = f"remove it, or {hints[names[0]]}, and declare that one in [boundary] if it is yours"
    return finding._replace(
        message=_given_by(names[0], asked[1], finding.message),
        label=_given_by(names[0], asked[1], finding.label),
        remedy=finding.remedy._replace(text=text),
    )


def _given_by(name: str, ident: str, text: str) -> str:
    """A text about an account or organization, with what gives it in place of the id."""
    # What a template is called by its file, before the name, is where the finding is.
    said = f"that {name.rpartition('/')[2] if re.fullmatch(_IN_STACK, name) else name} gives"
    for whose in ("account", "organization"):
        text = text.replace(f"{whose} {ident}", f"the {whose} {said}")
    return text.replace(f"of {ident}", f"of the organization {said}").replace(ident, said)
