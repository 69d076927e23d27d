"""
Files that have several names, as those that symbolic links lead to: each is judged once, and under another of its names
it might be judged otherwise.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator

from trustproof.config.model import Config
from trustproof.config.nearest import Configurations
from trustproof.errors import ConfigError
from trustproof.inputs.walk import PassedOver
from trustproof.results.waiver_index import Templates


def judged_otherwise(names: Iterable[tuple[str, str]], configurations: Configurations) -> Iterator[PassedOver]:
    """
    Names under which nothing was judged, although another configuration holds there, or fewer waivers do: who deploys
    a file by such a name has not been told what is wrong with it there.

    Args:
        names: each with the one by which its file is judged.
        configurations: of the run.
    """
    for name, judged in names:
        try:
            config, there = configurations.of(judged), configurations.of(name)
        except ConfigError:
            # What is wrong with the configuration of the other is said where that is judged.
            yield PassedOver(name, f"another name of {judged}, where no configuration can be read")
            continue
        if config is not there or _is_waived_alone(judged, name, config):
            yield PassedOver(name, f"another name of {judged}, which is judged by what is configured for that name")


def _is_waived_alone(judged: str, name: str, config: Config) -> bool:
    """Whether a waiver is about one name and not about another."""
    root = os.path.dirname(config.file) if config.file else os.getcwd()
    templates = Templates((judged, name), root)
    return any(templates.like(waiver.template) == {judged} for waiver in config.waivers if waiver.template)
