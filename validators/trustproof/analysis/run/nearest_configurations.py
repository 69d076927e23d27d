"""
The configurations that templates have in place of that of the run, as the report shows them.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator

from trustproof.analysis.run.selection import switched_off
from trustproof.config.model import Config
from trustproof.config.nearest import Configurations
from trustproof.config.nested_configurations import all_above, differences, differences_of_run, is_listed, newly_off
from trustproof.properties import registry
from trustproof.results.report import NearerConfig

_SEVERITIES = {one.ident: one.severity for one in registry.PROPERTIES}


def nearer_config(config: Config, main: Config, templates: Iterable[str]) -> NearerConfig:
    """
    What is said of a configuration of some templates.

    Args:
        main: that of the run.
    """
    return NearerConfig(
        config.file or "",
        config.is_overridden,
        tuple(dict.fromkeys(templates)),
        switched_off(config),
        differences(config, main, _SEVERITIES),
    )


def loosened_files(
    judged: Iterable[tuple[Config, Iterable[str]]], configurations: Configurations
) -> Iterator[tuple[str, str]]:
    """
    The files of configurations that let pass what that of the run does not, or one further up, and that it does not
    know of; and what they let pass, in words.

    Args:
        judged: each configuration with the names of the templates that are judged with it; that of the run comes
            first, whether it judges any or not.
        configurations: those of the run.
    """
    main = configurations.main
    for config, templates in judged:
        for base in (main, *all_above(main)):
            if is_listed(config, base):
                continue
            if found := _let_pass(config, base, templates, configurations):
                said = f"what it lets pass ({', '.join(found)}), as"
                where = base.file or "a configuration of the run"
                if base is main:
                    yield config.file or "", f"{said} `nested` of {where} does not list it,"
                else:
                    yield (
                        config.file or "",
                        f"{said} it takes the place of {_from_here(where)}, whose `nested` does not list it,",
                    )
                break


def replaced_configurations(configurations: Configurations) -> Iterator[str]:
    """A line for each configuration further up in whose place that of the run is, and lets more pass, as it may."""
    main = configurations.main
    for base in all_above(main):
        if is_listed(main, base) and (found := _let_pass(main, base, (), configurations)):
            yield f"{main.file} takes the place of {_from_here(base.file or '')}, with {', '.join(found)}"


def _let_pass(
    config: Config, base: Config, templates: Iterable[str], configurations: Configurations
) -> tuple[str, ...]:
    """What a configuration lets pass that one above it does not, with what that one says of these templates."""
    bases = {id(one): one for one in (configurations.said_above(base, name) for name in templates)}
    if config is configurations.main and base is not config:
        bases[id(base)] = base
    found = [*differences_of_run(config, base)] if config is configurations.main else []
    for one in bases.values():
        found += (f"{ident} off" for ident in newly_off(config, one, _SEVERITIES))
        found += differences(config, one, _SEVERITIES)
    return tuple(dict.fromkeys(found))


def _from_here(file: str) -> str:
    """A file of a directory around the working directory as a person in the latter would name it."""
    up = os.path.relpath(file)
    return up if set(os.path.dirname(up).split(os.sep)) == {os.pardir} else file
