"""
``trustproof diff``: who gained access to what, and who lost it.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from typing import NamedTuple

from trustproof.api import load_config
from trustproof.cli.command import Commands
from trustproof.cli.outputs import Output, parse_output, plan_outputs, refuse_inputs, remove_outputs
from trustproof.cli.parameters import collect_parameters, collect_provider_accounts
from trustproof.cli.run import add_reading
from trustproof.cli.terminal import EXIT_ERROR, EXIT_OK, EXIT_REFUTED, complain, say
from trustproof.cli.values import category
from trustproof.comparison.library import diff, diff_since
from trustproof.comparison.revisions.revision_names import is_revision
from trustproof.comparison.revisions.revisions import at_revision, is_kept
from trustproof.errors import InputError, TrustproofError, UsageError
from trustproof.escaping.text import printable
from trustproof.files.read import is_stream
from trustproof.files.write import write, write_file
from trustproof.output.difference import FORMS, render_difference
from trustproof.output.style import Style, style_for
from trustproof.results.difference import FAIL_ON, Difference, FailOn

_EXIT_CODES = """\
exit codes:
  0  nothing that --fail-on names changed; without any change, nothing is printed
  1  something did, or a budget was reached before all was compared, or what a policy itself says leaves it open whether
     access was gained, or with --strict something could not be compared
  2  wrong usage, or unreadable or malformed input: the policies that AWS would not refuse are compared all the same
"""


def add_command(commands: Commands, summary: str) -> None:
    """Add the command to those of the program."""
    parser = commands.add_parser(
        "diff",
        help=summary,
        usage="%(prog)s [options] OLD NEW\n       %(prog)s [options] --base REVISION [PATH ...]",
        description="Compare templates, directories, assemblies or revisions of git by meaning: who gained access to "
        "what, who lost it, and which properties changed their verdict, each with a request.",
        epilog=_EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.set_defaults(make=DiffArguments)
    add = parser.add_argument
    add(
        "paths", nargs="*", metavar="PATH", help="two templates, directories or assemblies: the old one and the new one"
    )
    add(
        "--base",
        metavar="REVISION",
        help="the old side is what git has there: compare the paths (default: .) with what they are now",
    )
    add_reading(parser)
    add(
        "--old-source",
        metavar="DIR|FILE",
        help="the configuration that the old plan was made of; --source is then that of the new one",
    )
    add("--format", choices=FORMS, help="the form on standard output (default: text)")
    add(
        "--output",
        action="append",
        default=[],
        dest="outputs",
        type=parse_form,
        metavar="FORMAT[=FILE]",
        help=f"write the difference in this form, to standard output or to a file; may be repeated: {', '.join(FORMS)}",
    )
    add(
        "--category",
        type=category,
        metavar="NAME",
        help="what tells the comment in Markdown from others about the same commit",
    )
    add("--fail-on", choices=FAIL_ON, default=FAIL_ON[0], help="the changes that fail the run (default: gained)")
    add("--strict", action="store_true", help="fail as well where something could not be compared")


class DiffArguments(NamedTuple):
    """
    What ``trustproof diff`` is told.
    """

    #: The old side and the new one; with a revision, whatever is to be compared with it.
    paths: Sequence[str]
    #: The revision of git that is the old side; None where two paths are named.
    base: str | None
    config: str | None
    account: str | None
    region: str | None
    #: ``NAME=VALUE`` each.
    parameters: Sequence[str]
    parameters_file: str | None
    #: ``PROVIDER=ACCOUNT`` each, of Terraform.
    provider_accounts: Sequence[str]
    #: The configuration that the new plan of Terraform was made of, and that of the old one.
    source: str | None
    old_source: str | None
    #: Files with values of Terraform's variables.
    var_files: Sequence[str]
    #: What policy documents by themselves are; None where they tell.
    policy_kind: str | None
    #: Identifiers; empty for all properties.
    properties: Sequence[str]
    #: One of `FORMS`, for standard output; None where nothing is said.
    format: str | None
    outputs: Sequence[Output]
    category: str | None
    fail_on: FailOn
    strict: bool

    def run(self) -> int:
        """Compare, and return the exit code."""
        outputs = plan_outputs(self.format, self.outputs)
        try:
            found = self._compare(outputs)
        except TrustproofError:
            remove_outputs(outputs, self._named())
            raise
        for note in found.notes:
            # Nothing has changed by it, so it is no part of what is empty where nothing has.
            say(f"{style_for(sys.stderr)('note', 'note')}: {printable(note)}\n")
        for output in outputs:
            style = style_for(sys.stdout) if output.file is None else Style(coloured=False)
            text = render_difference(found, output.format, style, self.category or "")
            if output.file is None:
                write(text)
            else:
                write_file(output.file, text)
        for error in found.errors:
            complain(error)
        if found.errors:
            return EXIT_ERROR
        return EXIT_REFUTED if found.fails(self.fail_on, strict=self.strict) else EXIT_OK

    def _compare(self, outputs: Sequence[Output]) -> Difference:
        """What differs."""
        refuse_inputs(outputs, self._named())
        values = collect_parameters(self.parameters, self.parameters_file)
        told = {
            "config": load_config(self.config),
            "account": self.account,
            "region": self.region,
            "parameters": values,
            "provider_accounts": collect_provider_accounts(self.provider_accounts),
            "source": self.source,
            "var_files": self.var_files,
            "policy_kind": self.policy_kind,
            "properties": self.properties or None,
        }
        if self.base is not None:
            if self.old_source is not None:
                raise UsageError("--old-source is for two plans: with --base, --source is read at the revision too")
            then = self._parameters_then(self.base)
            return diff_since(self.base, self.paths or ["."], old_parameters=then, **told)  # type: ignore[arg-type]
        if len(self.paths) == 2:
            _refuse_revisions(self.paths)
            return diff(self.paths[0], self.paths[1], old_source=self.old_source, **told)  # type: ignore[arg-type]
        raise UsageError(f"two sides are needed, OLD and NEW, or --base REVISION: got {len(self.paths)}")

    def _named(self) -> list[str]:
        """What is named to be read."""
        named = (self.config, self.parameters_file, self.source, self.old_source)
        return [*self.paths, *self.var_files, *filter(None, named)]

    def _parameters_then(self, base: str) -> dict[str, str] | None:
        """
        The values of the old side, where git keeps the file that they are in: what the revision has there, and of a
        file that is new, none; None where they are the same.
        """
        if self.parameters_file is None or not is_kept(self.parameters_file):
            return None
        with at_revision(base, self.parameters_file) as file:
            try:
                return collect_parameters(self.parameters, file)
            except InputError as error:
                shown = f"{base}:{self.parameters_file}"
                raise InputError(error.message, shown, error.line, error.column) from None


def _refuse_revisions(paths: Sequence[str]) -> None:
    """Tell whoever names revisions as the sides how a revision is compared with."""
    for path in paths:
        revision, _, place = path.partition(":")
        if not os.path.lexists(path) and not is_stream(path) and is_revision(revision):
            asked = f"--base {revision} {place}".rstrip()
            raise UsageError(
                f"{path}: there is no such file, and {revision} is a revision of git: trustproof diff {asked}"
            )


def parse_form(text: str) -> Output:
    """``FORMAT`` or ``FORMAT=FILE`` from the command line."""
    form = text.partition("=")[0]
    if form not in FORMS:
        raise argparse.ArgumentTypeError(f"invalid choice: {form!r} (choose from {', '.join(FORMS)})")
    return parse_output(text)
