"""
What the permissions of a function say of its URL, and what the URL says itself: two halves of one way in.

https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html
"""

from __future__ import annotations

from trustproof.model.policy import ALLOW, Principal, Statement
from trustproof.model.request import ANONYMOUS
from trustproof.model.text import Symbolic, Text
from trustproof.properties.neighbours import operands_of
from trustproof.properties.question import Finding, Refutation, Subject
from trustproof.properties.shared.bounds import is_everybody
from trustproof.properties.shared.regions import may_name
from trustproof.results.edit import Edit, set_value
from trustproof.results.result import HARDENING, NOTE, Remedy

#: What the URL asks for, and whether a call came by it.
URL_TYPE, VIA_URL = "lambda:functionurlauthtype", "lambda:invokedviafunctionurl"
#: The values of the first.
UNSIGNED, SIGNED = "NONE", "AWS_IAM"
_PERMISSION = "AWS::Lambda::Permission"
_ORGANIZATION = "aws:principalorgid"
_INVOKES, _INVOKES_URL = "lambda:invokefunction", "lambda:invokefunctionurl"


def is_public_url(statement: Statement) -> bool:
    """Whether a statement is for the URL of a function that asks for no signature, and says so itself."""
    return _is_for(statement, UNSIGNED)


def _is_for(statement: Statement, url_type: str) -> bool:
    tested = [c for c in statement.conditions if c.key.lower() == URL_TYPE]
    return bool(tested) and all(str(o).upper() == url_type for c in tested for o in c.operands)


def is_by_url(statement: Statement) -> bool:
    """Whether a statement is for calls through the URL of a function only."""
    return any(
        c.key.lower() == VIA_URL and c.operator == "Bool" and [*map(str, c.operands)] == ["true"]
        for c in statement.conditions
    )


def is_for_calls(subject: Subject, statement: Statement) -> bool:
    """Whether a statement of a permission lets a function be called, and not only by its URL."""
    return (
        subject.document.resource_type == _PERMISSION
        and may_name(statement, _INVOKES)
        and all(c.key.lower() not in (URL_TYPE, VIA_URL) for c in statement.conditions)
    )


def has_public_url(subject: Subject) -> bool:
    """
    Whether a URL of the function that a permission is for asks for no signature, as the template says: of the URL
    itself, or else by another permission of the function.
    """
    said = {one for _, one in subject.document.urls} or _operands(subject, URL_TYPE)
    return UNSIGNED in said


def never_matches(subject: Subject, statement: Statement) -> bool:
    """
    Whether a permission is for a URL that asks for no signature, and every URL of the function asks for one; or for one
    that asks, and none does.
    """
    return (subject.document.signed_only and is_public_url(statement)) or _asks_in_vain(subject, statement)


def _asks_in_vain(subject: Subject, statement: Statement) -> bool:
    said = {one for _, one in subject.document.urls}
    return said == {UNSIGNED} and _is_for(statement, SIGNED)


def of_the_other_type(subject: Subject, refutation: Refutation, why: tuple[str, ...]) -> Finding:
    """Word that a permission is for a URL of the one type, and every URL of the function is of the other."""
    name = subject.document.logical_id
    if _asks_in_vain(subject, refutation.statement):
        return Finding(
            f"{name} is for a URL that asks for a signature, and the function's URL asks for none: the halves do not "
            "match, and nobody gets in by it",
            "no URL of the function is of this type",
            (*refutation.statement.path, "FunctionUrlAuthType"),
            why,
            Remedy(
                "remove it; or, if people who sign are meant, let the URL ask for signed requests too (AuthType: "
                "AWS_IAM), and let the permission name the account, or test the organization"
            ),
            severity=NOTE,
            reach=HARDENING,
        )
    return Finding(
        f"{name} is for a URL that asks for no signature, and the function's URL asks for one: the halves do not "
        "match, and nobody gets in by it",
        "no URL of the function is of this type",
        (*refutation.statement.path, "FunctionUrlAuthType"),
        why,
        Remedy(
            "remove it; or, if people who sign are meant, let it ask for signed requests too (FunctionUrlAuthType: "
            "AWS_IAM), and name the account, or test the organization"
        ),
        severity=NOTE,
        reach=HARDENING,
    )


def is_half_of_url(subject: Subject, statement: Statement) -> bool:
    """
    Whether a permission lets everybody invoke a function through its URL, and none lets everybody call the URL itself,
    as each URL wants too.
    """
    if not is_by_url(statement) or not subject.document.urls:
        return False
    named = [str(action).lower() for action in statement.actions or ()]
    return named == [_INVOKES] and not any(_opens_url(subject, one) for one in _siblings(subject))


def _opens_url(subject: Subject, statement: Statement) -> bool:
    """Whether a permission lets everybody call a URL of the function, as far as is known."""
    return (
        statement.effect == ALLOW
        and may_name(statement, _INVOKES_URL)
        and not never_matches(subject, statement)
        and (statement.principals is None or any(not _is_narrow(one) for one in statement.principals))
        and not any(c.key.lower() == _ORGANIZATION and c.operator == "StringEquals" for c in statement.conditions)
    )


def _is_narrow(principal: Principal) -> bool:
    """Whether an entry of Principal is known not to be everybody."""
    return not is_everybody(principal) and isinstance(principal.value, str)


def half_of_url(subject: Subject, refutation: Refutation, why: tuple[str, ...]) -> Finding:
    """Word that a permission is the one half of two that the URL of a function wants, and the other is not there."""
    name = subject.document.logical_id
    return Finding(
        f"{name} lets anyone invoke the function through its URL, and nothing here lets them call the URL itself "
        "(lambda:InvokeFunctionUrl): nobody else gets in by it",
        "this half is for everybody",
        (*refutation.statement.path, "Principal"),
        why,
        Remedy("remove it; or name the account, or test the organization"),
        severity=NOTE,
        reach=HARDENING,
    )


def is_past_public_url(subject: Subject, statement: Statement) -> bool:
    """
    Whether a permission of a function with a public URL invokes the function in every other way too: it is most likely
    the second one that a URL needs since October 2025, without what binds it to the URL.
    """
    named = [str(action).lower() for action in statement.actions or ()]
    return (
        subject.document.resource_type == _PERMISSION
        and named == [_INVOKES]
        and not any(c.key.lower() == VIA_URL for c in statement.conditions)
        and has_public_url(subject)
    )


def is_more_than_public_url(subject: Subject, refutation: Refutation) -> bool:
    """Whether somebody calls a public URL by a permission that says nothing of URLs, and that allows more."""
    by_url = refutation.request.caller.kind == ANONYMOUS and refutation.request.action.lower() == _INVOKES_URL
    return by_url and has_public_url(subject) and not is_public_url(refutation.statement)


def has_second_permission(subject: Subject) -> bool:
    """Whether another permission of the function is for what is invoked through its URL."""
    return bool(_operands(subject, VIA_URL))


def bound_to_url(statement: Statement) -> tuple[Edit, ...]:
    """The edit that leaves a permission to calls through the URL."""
    return (set_value((*statement.path, "InvokedViaFunctionUrl"), None, "true", is_json=False),)


def cause(subject: Subject) -> str:
    """What all permissions of one public URL have in common; empty where the function is not known."""
    function = subject.document.resource_arn
    return "" if function == "*" else f"the URL of {function}"


def type_is_given(subject: Subject, statement: Statement) -> bool:
    """Whether a parameter says how the URL of a function asks who calls: one value wants what locks others out."""
    forms = [s for document in subject.documents for s in document.policy.statements if s.path == statement.path]
    tested = [c.operands for s in forms for c in s.conditions if c.key.lower() == URL_TYPE]
    return len({*tested}) > 1 or any(not isinstance(operand, str) for operands in tested for operand in operands)


def _operands(subject: Subject, key: str) -> set[str]:
    """What the permissions of the function compare a key with."""
    return set(map(str, operands_of(_siblings(subject), (key,))))


def _siblings(subject: Subject) -> list[Statement]:
    """The permissions of the function."""
    function: Text = subject.document.resource_arn
    made = function.symbols[-1].name if isinstance(function, Symbolic) and function.symbols else ""
    return subject.neighbours.statements_on(function, made)
