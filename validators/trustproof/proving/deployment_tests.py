"""
What a template tests only in some of its deployments: ``Condition: !If [RequireMfa, …, !Ref AWS::NoValue]``.

What to do is to switch it on: a condition beside the one that the template has would stand twice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from trustproof.aws.condition_keys import MFA_AGE, MFA_PRESENT
from trustproof.model.arn import is_account
from trustproof.model.deployments import is_chosen, is_given
from trustproof.model.policy import Path
from trustproof.properties.question import Finding, Refutation, Subject
from trustproof.proving.template_switches import taken_to_be_meant
from trustproof.results.result import REFUTED, Remedy


class _Test(NamedTuple):
    """
    What a property wants a statement to test.
    """

    #: Lower-cased condition keys.
    keys: tuple[str, ...]
    #: What a statement with the test does, as a verb and as an infinitive.
    does: str
    to_do: str


#: By property.
_TESTS = {
    "mfa-required": _Test((MFA_PRESENT, MFA_AGE), "asks for MFA", "ask for MFA"),
    "no-confused-deputy": _Test(
        ("aws:sourceaccount", "aws:sourcearn", "aws:sourceorgid", "aws:sourceorgpaths"),
        "says for whom the service may call",
        "say for whom the service may call",
    ),
}
#: What a switch is set to that is on.
_ON = {"false": "true", "no": "yes", "off": "on", "0": "1", "disabled": "enabled"}


def for_optional_test(
    subject: Subject,
    ident: str,
    found: Refutation,
    said: Finding,
    defaults: Mapping[str, str],
    asking_elsewhere: Callable[[Path, str], Mapping[str, str]],
) -> Finding:
    """
    The finding about who gets in without a test that the template has in other deployments, with how that is chosen.

    Args:
        ident: of the property.
        defaults: what the statement was read at, for the parameters that it uses.
        asking_elsewhere: gives the parameters at whose other values a statement looks at a condition key, with their
            defaults.
    """
    statement, test = found.statement, _TESTS.get(ident)
    if test is None or said.verdict != REFUTED or any(c.key.lower() in test.keys for c in statement.conditions):
        return said
    elsewhere = next((there for key in test.keys if (there := asking_elsewhere(statement.path, key))), {})
    values = {**elsewhere, **defaults, **found.parameters}
    names: Sequence[str] = tuple(elsewhere)
    if not names and any(
        other.path == statement.path and any(c.key.lower() in test.keys for c in other.conditions)
        for document in subject.documents
        for other in document.policy.statements
    ):
        names = sorted(name for name in found.parameters if "::" not in name and is_chosen(name))
    if not names:
        return said
    # A parameter that gives the account of who gets in decides that, and not what is asked of them.
    admitted = " ".join(str(entry.value) for entry in statement.principals or ())
    names = [name for name in names if not _is_account_in(values.get(name, ""), admitted)] or names
    chosen = " and ".join(names)
    on = {name: _ON.get(values.get(name, "").strip('"').lower(), "…") for name in names}
    if any(name.startswith("var.") for name in names):
        text = f"make the default of {chosen} what {test.does}, or {test.to_do} whatever the variables are"
    elif any("." in name for name in names):
        # What a module or a data source says is no parameter, whose names have no dots.
        text = f"{test.to_do} whatever {chosen} {'is' if len(names) == 1 else 'are'}"
    else:
        given = " ".join(f"--parameter {name}={value}" for name, value in on.items())
        text = f"{test.to_do} without a condition of the template, or deploy it only with what does that ({given})"
    why = f"in other deployments this {test.does}: {chosen} decide{'s' if len(names) == 1 else ''} that"
    found_so = said._replace(why=(*said.why, why), remedy=Remedy(text), otherwise=())
    if not all(map(is_given, names)):
        return found_so
    return taken_to_be_meant(found_so, {name: values[name] for name in names if name in values})


def _is_account_in(value: str, admitted: str) -> bool:
    """Whether a value is the id of an account that entries of Principal name."""
    return is_account(value.strip('"')) and value.strip('"') in admitted
