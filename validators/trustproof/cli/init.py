"""
``trustproof init``: the beginning of a configuration.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from trustproof.analysis.presentation.presentation import without_secrets
from trustproof.api import check, load_config
from trustproof.cli.command import Commands
from trustproof.cli.terminal import EXIT_ERROR, EXIT_OK, complain, say
from trustproof.config.loader import CONFIGURATIONS, FILE_NAME
from trustproof.config.model import Config
from trustproof.errors import NothingToProve, UsageError
from trustproof.escaping.text import printable
from trustproof.files.paths import real_path
from trustproof.files.write import write
from trustproof.inputs.discovery.inputs import Inputs
from trustproof.inputs.settings import Settings
from trustproof.inputs.walk import FOREIGN_DIRECTORIES
from trustproof.model.document import RESOURCE, TRUST
from trustproof.model.policy import ALLOW, Statement
from trustproof.output.declarations import render_declarations

#: Condition keys whose values name accounts and organizations, by a part of their names.
_NAMING = ("account", "arn", "org")
_IDS = {
    "accounts": re.compile(r"(?<![\w-])\d{12}(?![\w-])"),
    "organizations": re.compile(r"(?<![\w-])o-[a-z0-9]{10,32}\b"),
}


def add_command(commands: Commands, summary: str) -> None:
    """Add the command to those of the program."""
    init = commands.add_parser(
        "init", help=summary, description=summary[0].upper() + summary[1:] + ".", allow_abbrev=False
    )
    init.set_defaults(make=InitArguments)
    add = init.add_argument
    add("paths", nargs="*", metavar="PATH", help="as for check: templates, directories, assemblies (default: .)")
    add("--account", metavar="ID", help="the account of templates that do not say theirs")
    add(
        "--output", default=FILE_NAME, metavar="FILE", help=f"where to, or - for standard output (default: {FILE_NAME})"
    )


class InitArguments(NamedTuple):
    """
    What ``trustproof init`` is told.
    """

    #: Files and directories.
    paths: Sequence[str]
    #: 12 digits; of templates that do not say theirs.
    account: str | None
    #: The file to write; ``-`` for standard output.
    output: str

    def run(self) -> int:
        """
        Write the file, and return the exit code.

        Raises:
            UsageError: the file is there or cannot be written, or the directory has another configuration.
            ConfigError: that which holds here is none.
        """
        if self.output != "-" and os.path.lexists(self.output):
            raise UsageError(f"{self.output} is there already; --output names another file")
        above = _holding(self.output)
        report = check(self.paths or ["."], account=self.account, config={})
        named = _named(self.paths or ["."], Settings(self.account))
        extends = _from(self.output, above)
        foreign = {os.path.basename(path) for path, _ in report.passed_over} & {*FOREIGN_DIRECTORIES}
        text = render_declarations(
            report,
            named,
            extends,
            has_boundary=above.boundary is not None,
            excluded=[f"{name}/" for name in sorted(foreign)],
        )
        if self.output == "-":
            write(text)
        else:
            try:
                with open(self.output, "x", encoding="utf-8") as stream:
                    stream.write(text)
            except OSError as error:
                raise UsageError(f"{self.output} cannot be written: {(error.strerror or str(error)).lower()}") from None
            also = f"; it extends {printable(extends)}, which holds here now" if extends else ""
            write(f"{printable(self.output)} is written{also}: read it, and take away the # before what is yours\n")
        for wrong in report.errors:
            if isinstance(wrong, NothingToProve):
                # There is a project before there are templates.
                say(f"note: {printable(str(wrong))}\n")
            else:
                complain(wrong)
        return EXIT_OK if all(isinstance(one, NothingToProve) for one in report.errors) else EXIT_ERROR


def _holding(output: str) -> Config:
    """
    The configuration that holds where one is to be written.

    Raises:
        UsageError: it is in the same directory, and two there would be an error of each command after this one.
    """
    directory = "." if output == "-" else os.path.dirname(output) or "."
    # Where there is no such directory, that is said when the file is written.
    found = load_config(None, directory)
    beside = found.file is not None and _is_same(os.path.dirname(found.file) or ".", directory)
    if beside and os.path.basename(output) in CONFIGURATIONS:
        raise UsageError(f"{found.file} is the configuration of this directory already; --output - shows another one")
    return Config() if beside else found


def _from(output: str, above: Config) -> str:
    """The configuration above, as the one that is written names it; empty where there is none."""
    if above.file is None:
        return ""
    directory = "." if output == "-" else os.path.dirname(output) or "."
    return os.path.relpath(real_path(above.file), real_path(directory)).replace(os.sep, "/")


def _is_same(one: str, other: str) -> bool:
    return real_path(one) == real_path(other)


def _named(paths: Sequence[str], settings: Settings) -> Iterator[tuple[str, str, str]]:
    """
    The accounts and organizations that policies let in, and who gets in by what is no policy, as the issuers of
    identity providers do: of which kind each is, its id, and where it stands.
    """
    inputs = list(Inputs(paths, settings).templates)
    for template in inputs:
        for part in template.external_templates():
            place = f"{template.name} ({part.logical_id or part.resource})"
            yield from ((table, ident, place) for table, ident in part.declarable)
        for document in template.documents:
            for statement in document.policy.statements if document.kind in (TRUST, RESOURCE) else ():
                if statement.effect != ALLOW:
                    continue
                position = template.locate(statement.path)
                place = f"{position.file or template.name}:{position.line} ({document.logical_id})"
                for text in without_secrets(tuple(_texts(statement)), inputs):
                    for table, pattern in _IDS.items():
                        yield from ((table, ident, place) for ident in pattern.findall(text))


def _texts(statement: Statement) -> Iterator[str]:
    yield from (str(entry.value) for entry in statement.principals or ())
    for condition in statement.conditions:
        if any(part in str(condition.key).lower() for part in _NAMING):
            yield from map(str, condition.operands)
