"""
What the configurations of a run say of its report: which findings are waived, and what of themselves is worth a note.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from trustproof.analysis.execution.task import CheckedTemplate
from trustproof.analysis.run.configuration_notes import with_configuration_notes, without_own_files
from trustproof.analysis.run.nearest_configurations import nearer_config
from trustproof.analysis.run.waivers import apply_waivers
from trustproof.config.model import Config
from trustproof.config.nearest import Configurations
from trustproof.inputs.walk import ExcludedPaths
from trustproof.results.colliding_remedies import without_collisions
from trustproof.results.report import Report


def with_waivers(
    report: Report,
    given: Sequence[CheckedTemplate],
    configurations: Configurations,
    properties: Sequence[str] | None,
    paths: Sequence[str | Mapping[str, object]],
    today: date | None,
) -> Report:
    """
    A report with what is waived, by the configuration of the run and by those that are nearer to some templates, with
    what it says of these, and with one change of each statement among what is not waived.

    Args:
        properties: those that were asked for; None where all were.
        paths: what was named.
        today: the day of the run.
    """
    declared = configurations.main
    templates: dict[int, tuple[Config, list[CheckedTemplate]]] = {id(declared): (declared, [])}
    for one in given:
        config = configurations.of(one.name)
        templates.setdefault(id(config), (config, []))[1].append(one)
    nearer = tuple(
        nearer_config(config, declared, (one.name for one in theirs))
        for config, theirs in templates.values()
        if config is not declared
    )
    judged = [one for one in templates.values() if one[1]]
    report = without_own_files(report, (declared, *(config for config, _ in judged)))
    report = report.replace(nearer=nearer, notes=(*report.notes, *map(str, nearer)))
    report = with_configuration_notes(report, given, configurations, judged, properties)
    excluded = ExcludedPaths(declared.exclude, declared.exclude_directory)
    report = apply_waivers(report, templates.values(), declared, paths, excluded, today, properties)
    return report.replace(results=without_collisions(report.results))
