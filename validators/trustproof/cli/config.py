"""
``trustproof config``: which configuration holds for which templates.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from trustproof.api import load_config
from trustproof.cli.command import Commands
from trustproof.cli.terminal import EXIT_ERROR, EXIT_OK, complain
from trustproof.config.model import Config
from trustproof.config.nearest import Configurations
from trustproof.config.unknown_names import unknown_names
from trustproof.config.writer import to_toml
from trustproof.errors import InputError
from trustproof.escaping.text import printable
from trustproof.files.write import write
from trustproof.inputs.discovery.inputs import Inputs, is_input
from trustproof.inputs.discovery.units import Unit
from trustproof.inputs.settings import Settings
from trustproof.inputs.walk import ExcludedPaths
from trustproof.output import humanize
from trustproof.properties import registry


def add_command(commands: Commands, summary: str) -> None:
    """Add the command to those of the program."""
    config = commands.add_parser(
        "config",
        help=summary,
        description="Show which configuration holds for which templates, with what it extends and overrides.",
        allow_abbrev=False,
    )
    config.set_defaults(make=ConfigArguments, options_between=True)
    add = config.add_argument
    add("action", choices=("show",), help="print each configuration that holds, as TOML")
    add(
        "paths",
        nargs="*",
        default=(),
        metavar="PATH",
        help="as for check: templates, directories, assemblies (default: .)",
    )
    add("--config", metavar="FILE", help="read this file instead of the nearest trustproof.toml or pyproject.toml")


class ConfigArguments(NamedTuple):
    """
    What ``trustproof config show`` is told.
    """

    action: str
    #: Files and directories.
    paths: Sequence[str]
    #: None for the nearest one.
    config: str | None

    def run(self) -> int:
        """Print each configuration that holds for one of the templates, and for which; the exit code."""
        main = load_config(self.config)
        excluded = ExcludedPaths(main.exclude, main.exclude_directory)
        configurations = Configurations(main, registry.options())
        held: dict[int, tuple[Config, list[str]]] = {id(main): (main, [])}
        errors: list[InputError] = []
        for unit in Inputs(self.paths or ["."], Settings(), excluded).units():
            if unit.error is not None:
                errors.append(unit.error)
            elif unit.file and unit.passed_over is None:
                try:
                    config = configurations.of(unit.file)
                except InputError as error:
                    errors.append(error)
                else:
                    if _is_read(unit):
                        held.setdefault(id(config), (config, []))[1].append(unit.file)
        for wrong in {str(one): one for one in errors}.values():
            complain(wrong)
        write("\n".join(_shown(config, files, config is main, config.is_overridden) for config, files in held.values()))
        return EXIT_ERROR if errors else EXIT_OK


def _is_read(unit: Unit) -> bool:
    """Whether there is something to judge: most files of JSON and YAML in a repository are for other programs."""
    return not unit.is_plain_file or not unit.directory or is_input(unit.file)


def _shown(config: Config, files: Sequence[str], is_main: bool, is_override: bool) -> str:
    """A configuration below lines that say where it is from, and what it is for."""
    origin = printable(config.file or "no configuration: what holds where nobody says anything")
    origin = f"an override of {origin}" if is_override else origin
    bases = f", which extends {', '.join(map(printable, config.extends))}" if config.extends else ""
    bases += ": a later one wins" if len(config.extends) > 1 else ""
    whose = "the run and what several templates make together" if is_main else ""
    templates = humanize.count(len(files), "template") if files else ""
    lines = [f"# {origin}{bases}", f"# for {' and for '.join(filter(None, (whose, templates)))}"]
    if not is_main:
        lines += [f"#   {printable(file)}" for file in files]
    lines += [f"# note: {printable(str(name))}" for name in unknown_names(config)]
    severities = {found.ident: found.severity for found in registry.PROPERTIES}
    return "\n".join(lines) + "\n" + to_toml(config, severities)
