"""
The configurations that templates have in place of that of the run, as the report shows them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from trustproof.analysis.run.selection import switched_off
from trustproof.config.model import Config
from trustproof.config.nested_configurations import differences, is_listed, newly_off
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


def loosened_files(configs: Iterable[Config], main: Config) -> Iterator[tuple[str, str]]:
    """
    The files of configurations that let pass what that of the run does not, and that it does not know of; and what
    they let pass, in words.
    """
    for config in configs:
        if not is_listed(config, main):
            off = (f"{ident} off" for ident in newly_off(config, main, _SEVERITIES))
            if found := [*off, *differences(config, main, _SEVERITIES)]:
                where = main.file or "a configuration of the run"
                yield (
                    config.file or "",
                    f"what it lets pass ({', '.join(found)}), as `nested` of {where} does not list it,",
                )
