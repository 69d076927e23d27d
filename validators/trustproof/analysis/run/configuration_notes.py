"""
What a run says of its configurations: those of which nobody has asked anything, and names in them that may be mistaken.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator, Sequence

from trustproof.analysis.execution.task import CheckedTemplate
from trustproof.analysis.run.nearest_configurations import loosened_files, replaced_configurations
from trustproof.analysis.run.selection import asked_of_nothing, patterns_of_nothing, switched_off
from trustproof.config.baseline_file import configured_baseline
from trustproof.config.model import Config
from trustproof.config.nearest import Configurations
from trustproof.config.unknown_names import UnknownName, unknown_names
from trustproof.config.unmatched_patterns import (
    is_nowhere,
    is_outside,
    patterns_of_single_sources,
    unmatched_patterns,
    without_detour,
)
from trustproof.escaping.text import first_of
from trustproof.files.paths import place_of
from trustproof.model.file_patterns import ANY_SOURCE, SOURCES, path_for_patterns
from trustproof.model.policy import Path
from trustproof.results.omissions import Omission
from trustproof.results.report import Report

#: How many templates of one account are named.
_MOST = 3


def with_configuration_notes(
    report: Report,
    given: Sequence[CheckedTemplate],
    configurations: Configurations,
    judged: Sequence[tuple[Config, Sequence[CheckedTemplate]]],
    properties: Sequence[str] | None,
) -> Report:
    """
    The report, with what there is to say of configurations, and what was asked of nothing because of them.

    Args:
        configurations: those of the run.
        judged: those that templates were judged with, each with these.
        properties: identifiers of the properties that were asked; None for all.
    """
    declared, configs = configurations.main, [config for config, _ in judged]
    unasked = dict(asked_of_nothing(report, configs, properties))
    matched = frozenset(one for each in given for one in each.checked.matched)
    everywhere = list({id(one): one for one in (declared, *configs)}.values())
    names = {each.name for each in given}
    named = [(config, [one.name for one in theirs]) for config, theirs in judged]
    if all(one is not declared for one in configs):
        named.insert(0, (declared, []))
    loosened = loosened_files(named, configurations)
    let_pass = tuple(dict.fromkeys((*loosened, *_empty(report, configs, properties))))
    unknown = dict.fromkeys((_file(one), name) for one in everywhere for name in _unknown(one, properties))
    return report.replace(
        notes=(
            *report.notes,
            *unasked.values(),
            *patterns_of_nothing(report, configs, properties, matched),
            *(f"{file}: {name}" for file, name in unknown),
            *(f"{file}: {what} is not checked" for file, what in let_pass),
            *replaced_configurations(configurations),
            *dict.fromkeys(note for one in everywhere for note in _uncounted(one)),
            *dict.fromkeys(note for one in everywhere for note in _unmatched(one, declared, names)),
        ),
        omissions=(
            *report.omissions,
            # An invariant that is about nothing is no proof, and neither is an action that there is not.
            *(Omission(_file(declared), called) for called in unasked),
            *(Omission(file, name.called) for file, name in unknown if name.is_about_nothing),
            # Nor is what somebody has let pass whom nobody has asked.
            *(Omission(*one) for one in let_pass),
        ),
    )


def _empty(report: Report, configs: Sequence[Config], properties: Sequence[str] | None) -> Iterator[tuple[str, str]]:
    """
    The files of configurations that leave nothing to ask of the policies of a run, and that in words: a report without
    an answer is green like one with nothing but proofs, and overrides can switch off all that the run would ask.
    """
    if properties is not None or report.results or not report.policies:
        return
    for config in configs:
        if off := switched_off(config):
            yield _file(config), f"what the policies let in, of which nothing was asked ({', '.join(off)} off),"


def with_undeclared_targets(
    report: Report, judged: Iterable[tuple[Config, CheckedTemplate]], main: Config, account: str | None
) -> Report:
    """
    The report, with a line for each account that templates say they are deployed to, and their configuration does not
    declare, nor that of the run where theirs declares no boundary: it is taken to be one's own, and nobody has said so.
    What such a template lets in counts as not checked
    where the configuration is a file, for whoever changes an assembly chooses the account; a program that gives one
    itself, as an app of the CDK does, says where its stacks go.

    Args:
        judged: the templates, each with its configuration.
        main: that of the run.
        account: the one that the user has named.
    """
    found: dict[tuple[str, str], list[str]] = {}
    files: set[str | None] = set()
    for own, one in judged:
        config = main if own.boundary is None else own
        files.add(config.file)
        declared = {*(config.boundary.accounts if config.boundary else ())}
        if declared and one.account not in (None, account, *declared, *_organized(config)):
            found.setdefault((_file(config), one.account or ""), []).append(one.name)
    notes: list[str] = []
    omissions: list[Omission] = []
    for (file, ident), names in found.items():
        go = "goes" if len(names) == 1 else "go"
        notes.append(f"{file}: [boundary] does not declare account {ident}, which {first_of(names, _MOST)} {go} to")
        if file in files:
            what = f"whom it lets in, as {file} does not declare account {ident}"
            omissions += [Omission(name, what) for name in names]
    return report.replace(notes=(*report.notes, *notes), omissions=(*report.omissions, *omissions))


def _organized(config: Config) -> tuple[str, ...]:
    return config.organization.accounts if config.organization else ()


def without_own_files(report: Report, configs: Iterable[Config]) -> Report:
    """The report, whose configurations were read although they are links out of what was named."""
    if not report.passed_over:
        return report
    own = {place_of(file) for one in configs for file in (one.file, *one.extends, configured_baseline(one)) if file}
    return report.replace(passed_over=tuple(one for one in report.passed_over if place_of(one[0]) not in own))


def _file(config: Config) -> str:
    return config.file or "configuration"


def _uncounted(config: Config) -> Iterator[str]:
    """A line for what a configuration declares and one above it has settled."""
    if config.uncounted:
        does = "does" if len(config.uncounted) == 1 else "do"
        where = config.boundary_file or "the one above it"
        yield f"{_file(config)}: its {' and '.join(config.uncounted)} {does} not count: waivable = false in {where}"


def _unknown(config: Config, properties: Sequence[str] | None) -> Iterator[UnknownName]:
    """The names that nothing is known of, of what was asked."""
    off = switched_off(config)
    for name in unknown_names(config):
        if name.property not in off and (properties is None or name.property in properties):
            yield name


def _unmatched(config: Config, main: Config, templates: Collection[str]) -> Iterator[str]:
    """A line for each pattern of a configuration, but of its waivers, for which there is no file, looked at or not."""
    named = [(path, config.file, "the override's path") for one in config.overrides for path in one.paths]
    nested = [(path, config.file, "nested") for path in config.nested]
    why = patterns_of_no_file((one for one, _, _ in (*named, *nested)), config, main, templates)
    for pattern, source, what in (*named, *(one for one in nested if not is_outside(one[0]))):
        if pattern in why:
            yield f"{source}: {what} {pattern} {why[pattern]}"


def waivers_of_no_file(
    configs: Iterable[Config], main: Config, templates: Collection[str], said: Collection[tuple[str, Path]]
) -> Iterator[str]:
    """
    A line for each waiver for whose pattern there is no file.

    Args:
        main: the configuration of the run.
        templates: the names of those that were read.
        said: the waivers of which a finding says so, each by its file and its place in there.
    """
    for config in configs:
        waivers = [one for one in config.waivers if one.template and (one.file, one.path) not in said]
        why = patterns_of_no_file((one.template for one in waivers), config, main, templates) if waivers else {}
        for one in waivers:
            if one.template in why:
                yield f"{one.source}: the waiver's template {one.template} {why[one.template]}"


def patterns_of_no_file(
    patterns: Iterable[str], config: Config, main: Config, templates: Iterable[str]
) -> dict[str, str]:
    """
    The patterns of a configuration for which there is no file, looked at or not, and why there is none, in words that
    follow the pattern.

    Args:
        main: the configuration of the run, which may hold for templates that are not below it.
        templates: the names of those that were read.
    """
    if config.file is None or config.elsewhere is not None:
        return {}
    root = os.path.dirname(config.file) or "."
    places = [path_for_patterns(name, root) for name in templates]
    asked = dict.fromkeys(patterns)
    found = dict.fromkeys(unmatched_patterns(asked, root, places), f"matches no file in {root} and below")
    directories = [place.removesuffix(ANY_SOURCE) for place in places if place.endswith(ANY_SOURCE)]
    for pattern, directory in patterns_of_single_sources(asked, root, places, directories, SOURCES).items():
        meant = directory.removesuffix("/") or ANY_SOURCE
        found[pattern] = f'matches a part of a configuration of Terraform, which is judged as a whole: write "{meant}"'
    for pattern in filter(is_outside, asked):
        if pattern != (short := without_detour(pattern, root)):
            found[pattern] = f'matches nothing, as no path is written with a detour: write "{short}"'
        elif is_nowhere(pattern, root):
            found[pattern] = "matches no file"
        elif config.file != main.file:
            found[pattern] = f"matches nothing: {config.file} holds for what is below {root}"
    return found
