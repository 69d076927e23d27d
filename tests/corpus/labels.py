"""
Each labelled case: what the other tool's own tests expect of it, and what we say.
"""

from __future__ import annotations

import re
import tempfile
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import trustproof
from tests.corpus import configurations
from tests.corpus.files import labels, text
from tests.corpus.rules import RULES, STANDS_AT, Asked
from trustproof import PROVED, REFUTED, UNKNOWN, Report, Result

AGREE = "agree"
DISAGREE = "disagree"
NOT_APPLICABLE = "not applicable"
NOT_KNOWN = "unknown"

FLAGGED = "flagged"
CLEAN = "clean"
UNDECIDED = "undecided"

#: The account of a template where the other tool's test does not say; none of the templates speaks of it.
ACCOUNT = "210987654321"


class Case(NamedTuple):
    """
    One label with our answer.
    """

    source: str
    rule: str
    #: From the folder of the labelled cases.
    file: str
    resource: str
    #: Values of template parameters; of a label without any, empty.
    parameters: tuple[tuple[str, str], ...]
    expected: str
    #: `AGREE`, `DISAGREE`, `NOT_KNOWN` or `NOT_APPLICABLE`.
    outcome: str
    #: `FLAGGED`, `CLEAN` or `UNDECIDED`; empty where the label is not applicable.
    ours: str
    #: Why it is not applicable; empty elsewhere.
    why: str = ""
    is_terraform: bool = False


@cache
def cases() -> tuple[Case, ...]:
    """Every label, in the order of sources, rules and files."""
    with tempfile.TemporaryDirectory() as folder:
        found = [_case(label, Path(folder)) for label in labels()]
    return tuple(sorted(found))


def _case(label: dict[str, Any], folder: Path) -> Case:
    asked = RULES.get(label["rule"])
    reason = _not_applicable(label, asked)
    ours = ""
    if not reason:
        assert asked is not None
        ours, reason = _ours(label, asked, folder)
    outcome = AGREE if ours == label["expected"] else NOT_KNOWN if ours == UNDECIDED else DISAGREE
    return Case(
        label["source"],
        label["rule"],
        label["file"].removeprefix("labelled/"),
        label["resource"],
        tuple(sorted(label.get("parameters", {}).items())),
        label["expected"],
        NOT_APPLICABLE if reason else outcome,
        "" if reason else ours,
        reason,
        label["kind"].startswith("terraform"),
    )


def _not_applicable(label: dict[str, Any], asked: Asked | None) -> str:
    if asked is None:
        return "the rule is about something else"
    if label["expected"] == "not_applicable":
        return "the template switches the rule off"
    if label["kind"] == "cloudformation" and "AWS::Non::Existent" in text(label["file"]):
        return "the resource type does not exist"
    return ""


def _ours(label: dict[str, Any], asked: Asked, folder: Path) -> tuple[str, str]:
    """What we say, or why we say nothing."""
    if label["kind"] == "iam-policy-json":
        return _bare(label, asked)
    if label["kind"].startswith("terraform"):
        return _of_terraform(label, asked, folder)
    report = _report(label, asked, folder)
    if report.errors:
        return "", "AWS refuses the policy, and so do we"
    resource = stands_at(label["file"], label["resource"])
    return _said([r for r in report.results if resource in ("*", r.logical_id)], asked), ""


def _of_terraform(label: dict[str, Any], asked: Asked, folder: Path) -> tuple[str, str]:
    """What we say of a plan or a configuration."""
    written = configurations.write(label["file"], folder)
    report = trustproof.check([str(written)], account=_account(label["file"]), config={}, properties=asked.properties)
    resource = stands_at(label["file"], label["resource"])
    if configurations.is_refused(report, written, resource):
        return "", "AWS refuses the policy, and so do we"
    if any("not at hand" in str(note) for note in report.notes):
        # Nobody has looked into the module that is given the policy.
        return UNDECIDED, ""
    results = [result for result in report.results if configurations.is_at(result.logical_id, resource)]
    # Saying nothing is no agreement.
    return (_said(results, asked), "") if results else ("", "the policy is not of the kind that we ask")


def _account(file: str) -> str:
    """The account of a configuration: that of its vaults, of which their policies speak, where it has any."""
    found = re.search(r"arn:aws:glacier:[\w-]+:(\d{12}):", text(file))
    return found[1] if found else ACCOUNT


def stands_at(file: str, resource: str) -> str:
    """The resource where we report what a rule reports at another one."""
    found = (at for (end, of), at in STANDS_AT.items() if file.endswith(end) and of == resource)
    return configurations.stands_at(next(found, resource))


def _report(label: dict[str, Any], asked: Asked, folder: Path) -> Report:
    file = folder / Path(label["file"]).name
    file.write_text(as_aws_takes_it(label["file"]), encoding="utf-8")
    config: dict[str, object] = {"boundary": {"accounts": []}} if asked.cross_account else {}
    return trustproof.check(
        [str(file)],
        account=with_accounts(label.get("config", {}).get("aws_account_id", ACCOUNT)),
        config=config,
        parameters={name: with_accounts(value) for name, value in label.get("parameters", {}).items()},
        properties=asked.properties,
    )


def as_aws_takes_it(file: str) -> str:
    """The text of a template, without what AWS would refuse and the rule does not look at."""
    content = text(file)
    if "cfripper" in file:
        content = with_accounts(content)
    if "assume_role_policy_without_external_id_or_mfa" in file:
        # A trust policy has no Resource.
        content = content.replace('"Resource": "*",', "")
    return content


def with_accounts(content: str) -> str:
    """A text with account ids of nine digits made those of twelve."""
    return re.sub(r"(?<![0-9])([0-9]{9})(?![0-9])", r"000\1", content)


def _bare(label: dict[str, Any], asked: Asked) -> tuple[str, str]:
    """What we say of a policy without a template."""
    content = text(label["file"])
    if asked.validity:
        kind = "trust" if "AssumeRole" in content else "identity"
        ident = "statement-usable" if kind == "trust" else "sensitive-actions-require-mfa"
        try:
            found = trustproof.prove(content, ident, kind=kind, account=ACCOUNT)
        except trustproof.PolicySyntaxError:
            return FLAGGED, ""
        # A principal that cannot exist makes AWS refuse the policy.
        return FLAGGED if kind == "trust" and found.verdict == REFUTED else CLEAN, ""
    try:
        results = [trustproof.prove(content, ident, kind="resource", account=ACCOUNT) for ident in asked.properties]
    except trustproof.PolicySyntaxError:
        return "", "AWS refuses the policy, and so do we"
    return _said(results, asked), ""


def _said(results: list[Result], asked: Asked) -> str:
    """Several answers in one."""
    if any(result.verdict == REFUTED for result in results):
        return FLAGGED
    unknown = [result for result in results if result.verdict == UNKNOWN]
    if not asked.cross_account:
        # A named account is not everybody; whether it is one of ours, only a boundary says.
        unknown = [result for result in unknown if not any("no [boundary]" in reason for reason in result.reasons)]
    assert all(result.verdict in (PROVED, REFUTED, UNKNOWN) for result in results)
    return UNDECIDED if unknown else CLEAN
