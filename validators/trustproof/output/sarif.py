"""
A report in SARIF 2.1.0, for code scanning: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html

What GitHub makes of it: https://docs.github.com/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning
"""

from __future__ import annotations

from collections.abc import Sequence
from os.path import isabs
from urllib.parse import quote

from trustproof.errors import InputError
from trustproof.escaping import text as escaping
from trustproof.escaping.text import printable
from trustproof.output import json_pointer
from trustproof.output.findings import Place, findings, in_repository, place, place_of, plain, title
from trustproof.properties import registry
from trustproof.properties.base import Property
from trustproof.properties.page import render_page, sections
from trustproof.results.groups import groups
from trustproof.results.report import Report, Sources
from trustproof.results.result import (
    ERROR,
    NOTE,
    OWN_PROPERTY,
    PROVED,
    REFUTED,
    UNKNOWN,
    WARNING,
    RelatedPlace,
    Result,
    Severity,
)
from trustproof.results.rules import RULES, Rule
from trustproof.results.version import version

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
#: The part of a fingerprint's name behind the slash is its version.
FINGERPRINT = "trustproof/v1"
#: What GitHub shows as high, medium and low.
_SECURITY_SEVERITY = {ERROR: "8.0", WARNING: "5.0", NOTE: "2.0"}


def render(report: Report) -> str:
    """
    What is refuted or unknown, as one run; the same report gives the same bytes.

    What is proved is counted only: code scanning shows every result as an alert.
    """
    own = dict.fromkeys(one.property for one in report.results if one.property.startswith(OWN_PROPERTY))
    asked = (*registry.PROPERTIES, *map(registry.find, own))
    rules = [_rule(found) for found in asked] + [_own_rule(rule) for rule in RULES]
    indices = {rule["id"]: index for index, rule in enumerate(rules)}
    verdicts = [result.verdict for result in report.results]
    leads = {id(one): group.lead for group in groups(report.results) for one in group.also}
    run = {
        "tool": {
            "driver": {
                "name": "Trustproof",
                "version": version(),
                "semanticVersion": version(),
                "rules": rules,
            }
        },
        # Only where somebody says it: without it, code scanning takes what it is told at the upload. Behind the last
        # slash would be the name of the one run.
        **({"automationDetails": {"id": f"{report.category.rstrip('/')}/"}} if report.category else {}),
        "columnKind": "unicodeCodePoints",
        "invocations": [_invocation(report)],
        "results": (_result(result, report.sources, indices, leads.get(id(result))) for result in findings(report)),
        "properties": {
            "templates": report.templates,
            "policies": report.policies,
            **{verdict: verdicts.count(verdict) for verdict in (PROVED, REFUTED, UNKNOWN)},
            "configuration": report.config,
            "notAsked": [*report.off],
        },
    }
    document = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return escaping.to_json(document)


def _rule(asked: Property) -> dict[str, object]:
    page = render_page(asked)
    return {
        "id": asked.ident,
        "shortDescription": {"text": f"{asked.summary}."},
        "fullDescription": {"text": _one_line(sections(asked)[""])},
        "help": {"text": page, "markdown": page},
        "defaultConfiguration": _configuration(asked.severity),
        "properties": _properties(asked.severity),
    }


def _own_rule(rule: Rule) -> dict[str, object]:
    return {
        "id": rule.ident,
        "shortDescription": {"text": f"{rule.summary}."},
        "fullDescription": {"text": rule.page},
        "help": {"text": rule.page, "markdown": rule.page},
        "defaultConfiguration": _configuration(rule.severity),
        "properties": _properties(rule.severity),
    }


def _configuration(severity: Severity) -> dict[str, object]:
    return {"level": severity}


def _properties(severity: Severity) -> dict[str, object]:
    return {
        "tags": ["aws", "iam", "security"],
        "precision": "very-high",
        "problem.severity": "recommendation" if severity == NOTE else severity,
        "security-severity": _SECURITY_SEVERITY[severity],
    }


def _result(result: Result, sources: Sources, indices: dict[object, int], lead: Result | None) -> dict[str, object]:
    found: dict[str, object] = {
        "ruleId": result.property,
        "ruleIndex": indices[result.property],
        # A result of the kind `open` may have no level, and would be shown to nobody: what is unknown is shown with
        # the severity that it has in the gate.
        "kind": "fail",
        "level": result.severity,
        "message": {"text": f"{title(result)}: {plain(result)}"},
        "locations": [_location(result, sources)],
    }
    if result.fingerprint:
        found["partialFingerprints"] = {FINGERPRINT: result.fingerprint}
    related = [_related(one, sources) for one in result.related]
    if lead is not None:
        # What one remedy closes belongs together.
        closes = f"the remedy of {lead.property} closes this too: {lead.message}"
        related.append(_related(RelatedPlace(lead.template, (*lead.path, *lead.caret), closes), sources))
    if related:
        found["relatedLocations"] = [{"id": number, **place} for number, place in enumerate(related)]
    fix = _fix(result, sources)
    if fix is not None:
        found["fixes"] = [fix]
    if result.suppression is not None:
        suppression = result.suppression
        found["suppressions"] = [
            {
                "kind": "external",
                "status": "accepted",
                "justification": printable(str(suppression)),
                "properties": {
                    "type": suppression.kind,
                    "owner": printable(suppression.owner),
                    "expires": suppression.expires,
                },
            }
        ]
    found["properties"] = {
        "verdict": result.verdict,
        "resourceType": result.resource_type,
        "constructPath": None if result.construct_path is None else printable(result.construct_path),
        "account": result.account,
    }
    return found


def _fix(result: Result, sources: Sources) -> dict[str, object] | None:
    """The remedy as a change of the file; of a template that a program has written, the file is not the place."""
    if result.remedy is None or not result.remedy.edits or result.construct_path:
        return None
    changes: dict[str, list[object]] = {}
    for change in sources.replacements(result.template, result.remedy.edits):
        region = {
            "startLine": change.line,
            "startColumn": change.column,
            "endLine": change.end_line,
            "endColumn": change.end_column,
        }
        changes.setdefault(change.file or result.template, []).append(
            {"deletedRegion": region, "insertedContent": {"text": change.text}}
        )
    if not changes:
        return None
    return {
        "description": {"text": printable(result.remedy.text)},
        "artifactChanges": [
            {"artifactLocation": _artifact(in_repository(file, sources)), "replacements": found}
            for file, found in changes.items()
        ],
    }


def _related(found: RelatedPlace, sources: Sources) -> dict[str, object]:
    location: dict[str, object] = {"message": {"text": printable(found.text)}}
    where = place_of(found.template, found.path, sources)
    if where is not None:
        location["physicalLocation"] = {"artifactLocation": _artifact(where.file), "region": _region(where)}
    path = sources.shown_path(found.template, found.path)
    location["logicalLocations"] = [{"fullyQualifiedName": printable(json_pointer.pointer(path))}]
    return location


def _location(result: Result, sources: Sources) -> dict[str, object]:
    location: dict[str, object] = {}
    where = place(result, sources)
    if where is not None:
        location["physicalLocation"] = {"artifactLocation": _artifact(where.file), "region": _region(where)}
    elif not result.template.startswith("<"):
        # Code scanning refuses a place in a file that is no line of it.
        location["physicalLocation"] = {
            "artifactLocation": _artifact(in_repository(result.template, sources)),
            "region": {"startLine": 1},
        }
    location["logicalLocations"] = [
        {
            "name": printable(result.logical_id or result.template),
            "fullyQualifiedName": printable(result.construct_path or json_pointer.shown(sources, result)),
            "kind": "resource",
        }
    ]
    return location


def _artifact(file: str) -> dict[str, object]:
    """A file as the repository calls it; relative to the root of the sources, where it was named so."""
    path = quote(file, errors="surrogateescape")
    return {"uri": f"file://{path}"} if isabs(file) else {"uri": path, "uriBaseId": "%SRCROOT%"}


def _region(where: Place) -> dict[str, object]:
    return {"startLine": where.line, "startColumn": where.column, "endLine": where.line, "endColumn": where.end_column}


def _invocation(report: Report) -> dict[str, object]:
    said: list[dict[str, object]] = [_error(error, report.sources) for error in report.errors]
    said += [{"level": NOTE, "message": {"text": printable(note)}} for note in report.notes]
    passed: Sequence[tuple[str, str]] = report.passed_over
    said += [
        {"level": NOTE, "message": {"text": printable(f"passed over {path}: {reason}")}} for path, reason in passed
    ]
    return {"executionSuccessful": not report.errors, "toolExecutionNotifications": said}


def _error(error: InputError, sources: Sources) -> dict[str, object]:
    found: dict[str, object] = {"level": ERROR, "message": {"text": printable(str(error))}}
    if error.file and not error.file.startswith("<"):
        physical: dict[str, object] = {"artifactLocation": _artifact(in_repository(error.file, sources))}
        if error.line is not None:
            column = {} if error.column is None else {"startColumn": error.column}
            physical["region"] = {"startLine": error.line, **column}
        found["locations"] = [{"physicalLocation": physical}]
    return found


def _one_line(text: str) -> str:
    return " ".join(text.split())
