"""
A report for a program; the shape is fixed by its ``schema`` number.
"""

from __future__ import annotations

from trustproof.escaping import text as escaping
from trustproof.escaping.text import shorten
from trustproof.model.position import Position
from trustproof.output.json_pointer import shown
from trustproof.results.groups import groups
from trustproof.results.omissions import Omission
from trustproof.results.report import NearerConfig, Report, ResourceVerdict, Sources
from trustproof.results.result import REFUTED, UNKNOWN, Counterexample, Result
from trustproof.results.version import version

SCHEMA = 1


def render(report: Report) -> str:
    """
    Every result of a report, the proved ones included, in the report's order; the same report gives the same bytes.

    Sentences are shortened as elsewhere; a counterexample, a remedy and the commands that reproduce a request are
    whole, however long, since a program does something with them.
    """
    verdicts = [result.verdict for result in report.results]
    roots = {id(one): group.lead.fingerprint for group in groups(report.results) for one in group.also}
    document = {
        "schema": SCHEMA,
        "summary": {
            "templates": report.templates,
            "policies": report.policies,
            "proved": len(report.proved),
            **{verdict: verdicts.count(verdict) for verdict in (REFUTED, UNKNOWN)},
            **({} if report.certified is None else {"certified": report.certified}),
        },
        "version": version(),
        # What a green run rests on.
        "configuration": {
            "file": report.config,
            "not_asked": [*report.off],
            **({"nearer": [_nearer(one) for one in report.nearer]} if report.nearer else {}),
        },
        "skipped": [{"path": path, "reason": reason} for path, reason in report.skipped],
        "passed_over": [{"path": path, "reason": reason} for path, reason in report.passed_over],
        **({"not_checked": [_omission(one) for one in report.omissions]} if report.omissions else {}),
        "errors": [
            {"file": error.file, "line": error.line, "column": error.column, "message": shorten(error.message)}
            for error in report.errors
        ],
        "notes": [*report.notes],
        # What holds of a resource as a whole; what does not hold of a part of it does not hold.
        "verdicts": (_verdict(verdict) for verdict in report.verdicts),
        "results": (_result(result, report.sources, roots.get(id(result))) for result in report.results),
    }
    return escaping.to_json(document)


def _omission(found: Omission) -> dict[str, object]:
    said = {"template": found.template, "what": shorten(found.what), "resource": found.resource or None}
    return {**said, "suppression": None if found.suppression is None else dict(found.suppression._asdict())}


def _nearer(found: NearerConfig) -> dict[str, object]:
    asked = {"file": found.file, "templates": [*found.templates], "not_asked": [*found.off]}
    return {**asked, **({"says": [*found.says]} if found.says else {})}


def _verdict(found: ResourceVerdict) -> dict[str, object]:
    return {
        "property": found.property,
        "verdict": found.verdict,
        "template": found.template,
        "logical_id": found.logical_id,
        "construct_path": found.construct_path,
        "account": found.account,
        "results": [part.fingerprint for part in found.parts],
    }


def _result(result: Result, sources: Sources, part_of: str | None) -> dict[str, object]:
    position = sources.position(result.template, (*result.path, *result.caret))
    return {
        "property": result.property,
        "verdict": result.verdict,
        "severity": result.severity,
        "template": result.template,
        "logical_id": result.logical_id,
        "resource_type": result.resource_type,
        "construct_path": result.construct_path,
        "account": result.account,
        # Only where several stacks of an assembly are made of the file.
        **({"stack": result.stack} if result.stack else {}),
        "location": {**location(position), "path": shown(sources, result)},
        "message": shorten(result.message),
        "counterexample": None if result.counterexample is None else counterexample(result.counterexample),
        "reasons": [shorten(reason) for reason in (*result.why, *result.reasons)],
        "reach": result.reach,
        # Where it closes with another finding, the fingerprint of that one.
        "part_of": part_of,
        "remedy": "" if result.remedy is None else str(result.remedy),
        "fingerprint": result.fingerprint,
        "suppression": None if result.suppression is None else dict(result.suppression._asdict()),
        # Only where proofs were checked again, so that the shape without it stays as it is.
        **({"certificate": [*result.certificate]} if result.certificate else {}),
        # Likewise, what a waiver by its fingerprint says, too.
        **({"around": [*result.around]} if result.around else {}),
        **({"at_defaults": dict(result.at_defaults)} if result.at_defaults else {}),
        **({"reproduce": [*result.reproduce]} if result.reproduce else {}),
    }


def location(position: Position | None) -> dict[str, object]:
    """A place as a program reads it; of a text that stands in no file, none."""
    if position is None or not position.in_file:
        return {"line": None, "column": None}
    # Only where it is not the template, so that the shape without it stays as it is.
    other = {"file": position.file} if position.file else {}
    return {**other, "line": position.line, "column": position.column}


def counterexample(found: Counterexample) -> dict[str, object]:
    """A request as a program reads it; a key that is absent is None."""
    return {
        "caller": found.caller,
        "credentials": found.credentials,
        "action": found.action,
        "resource": found.resource,
        "context": {key: found.context[key] for key in sorted(found.context)},
        "parameters": {name: found.parameters[name] for name in sorted(found.parameters)},
    }
