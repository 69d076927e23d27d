"""
What a test asserts of a template, a stack or a policy, and how its failure is worded.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from os import PathLike
from typing import Protocol, TypeAlias, runtime_checkable

from trustproof.api import check, prove
from trustproof.config.model import Config
from trustproof.errors import UsageError
from trustproof.escaping.text import shown, shown_word
from trustproof.output.findings import plain, title
from trustproof.output.style import Style
from trustproof.output.text import render as render_text
from trustproof.results.report import STRICT, Report
from trustproof.results.result import ERROR, NOTE, OWN_PROPERTY, PROVED, UNKNOWN, Result, Severity
from trustproof.testing.stacks import StackTemplates, synthesize_stack


@runtime_checkable
class SynthesizedStack(Protocol):
    """
    What gives a template, as ``aws_cdk.assertions.Template.from_stack(stack)`` does.
    """

    def to_json(self) -> Mapping[str, object]:
        """The template."""


@runtime_checkable
class Stack(Protocol):
    """
    ``aws_cdk.Stack``, whose app is synthesized.
    """

    @property
    def account(self) -> str:
        """12 digits, or a token."""

    @property
    def region(self) -> str:
        """Its name, or a token."""

    @property
    def template_options(self) -> object:
        """What besides resources stands in the template."""


#: What resolves what is unknown.
_UNDECIDED = (
    "what is unknown is not proved: settle its reasons (account=, config= with a [boundary], values in the template), "
    "waive it in the configuration with a reason, or pass allow_unknown=True"
)

#: A path, a template, what gives one, a stack of the CDK, or a policy.
Asserted: TypeAlias = "str | PathLike[str] | Mapping[str, object] | SynthesizedStack | Stack"


def assert_proved(
    subject: Asserted,
    *properties: str,
    config: Config | Mapping[str, object] | None = None,
    account: str | None = None,
    fail_on: Severity = ERROR,
    strict: bool = False,
    allow_unknown: bool = False,
    today: date | None = None,
    kind: str | None = None,
) -> None:
    """
    Fail where something is unknown, or refuted with a severity that counts, which `fail_on` and `strict` say.

    Args:
        subject: the path of a template, of a directory or of a cloud assembly; a template as a mapping;
            an ``aws_cdk.Stack``, which is judged next to the other stacks of its app and with those that are nested in
            it; ``aws_cdk.assertions.Template.from_stack(stack)``, which is judged alone; or a policy as a mapping with
            ``Statement``.
        properties: identifiers of the properties to ask. Of a template, none asks all that the configuration does not
            switch off; of a policy, one at least is to be named.
        config: the project's declarations; a mapping has the shape of ``trustproof.toml``.
        account: the account it is deployed to, 12 digits; that of the stack where it has one.
        fail_on: the mildest severity that counts of what is refuted. Of a policy, whatever is refuted counts.
        strict: whether ``warning`` counts at least, as with ``--strict``. With it, and with a `fail_on` that is milder
            than ``error``, what was passed over or not checked counts too.
        allow_unknown: whether what is unknown fails only where its severity counts, as with ``trustproof check``; of a
            policy, nowhere. Without it, whatever is unknown fails, unless it is waived.
        today: the day of the run, for waivers that have a last day.
        kind: of a policy: ``trust``, ``resource`` or ``identity``, as `prove` takes it; None for the kind that each
            property is about.

    Raises:
        AssertionError: something that counts is refuted, or unknown, or nothing was asked, or nothing of an invariant
            that is named; the message is the report.
        InputError: the template or the policy cannot be read.
        UsageError: a property is unknown, or none is named for a policy, or a kind for what is none.
    """
    __tracebackhide__ = True  # pytest shows the line of the test, and not this one.
    content: str | PathLike[str] | Mapping[str, object]
    region: str | None = None
    templates: StackTemplates | None = None
    if isinstance(subject, Stack):
        account, region = account or _known(subject.account), _known(subject.region)
        templates = synthesize_stack(subject)
        content = templates.assembly
    else:
        content = subject.to_json() if isinstance(subject, SynthesizedStack) else subject
        if not isinstance(content, (str, PathLike, Mapping)):
            # Of a whole app, the directory is what there is.
            raise UsageError(
                "expected a stack of the CDK, a template or a path (of an app: app.synth().directory), "
                f"got {shown(subject)}"
            )
    if isinstance(content, Mapping) and "Statement" in content:
        _policy(content, properties, config, account, allow_unknown=allow_unknown, kind=kind)
        return
    if kind is not None:
        told = "a kind is for a policy that stands alone, a template says of each what it is"
        raise UsageError(f"{told}: {shown_word(kind)}")
    report = check([content], config=config, account=account, region=region, properties=properties or None, today=today)
    for error in report.errors:
        raise error
    if templates is not None:
        report = templates.part_of(report)
    fail_on = STRICT if strict and fail_on == ERROR else fail_on
    failures = report.failures(fail_on)
    if not allow_unknown:
        failures = tuple(one for one in report.failures(NOTE) if one in failures or one.verdict == UNKNOWN)
    if failures:
        raise AssertionError(_with_advice(_shown(report.replace(results=failures)), failures))
    if report.overlooked and fail_on != ERROR:
        raise AssertionError("\n".join(("nobody has looked into everything:", *report.overlooked)))
    if not report.policies:
        raise AssertionError("no policy was asked about: nothing was proved")
    asked = {result.property for result in report.results}
    if empty := [ident for ident in properties if ident.startswith(OWN_PROPERTY) and ident not in asked]:
        raise AssertionError(
            f"nothing was proved of {', '.join(empty)}: no role or resource with a policy matches the invariant"
        )


def _policy(
    policy: Mapping[str, object],
    properties: tuple[str, ...],
    config: Config | Mapping[str, object] | None,
    account: str | None,
    *,
    allow_unknown: bool,
    kind: str | None,
) -> None:
    __tracebackhide__ = True
    if not properties:
        raise UsageError("name the properties that the policy is to have")
    results = [prove(policy, ident, config=config, account=account, kind=kind) for ident in properties]
    passing = (PROVED, UNKNOWN) if allow_unknown else (PROVED,)
    failed = [result for result in results if result.verdict not in passing]
    if failed:
        said = "\n\n".join(f"{title(result)}: {plain(result)}" for result in failed)
        raise AssertionError(_with_advice(said, failed))


def _with_advice(said: str, failures: Sequence[Result]) -> str:
    """What is said of failures, with what somebody may do about those that are unknown."""
    return f"{said}\n\n{_UNDECIDED}" if any(one.verdict == UNKNOWN for one in failures) else said


def _known(value: str) -> str | None:
    """What a stack says of where it is; None for a token of the CDK."""
    return None if value.startswith("${Token[") else value


def _shown(report: Report) -> str:
    return render_text(report, Style(coloured=False)).rsplit("\n\n", 1)[0]
