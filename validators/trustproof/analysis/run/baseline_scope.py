"""
The entries of a baseline that a run would have found again: of the others, that they were not found says nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from os.path import abspath, dirname, join, normpath

from trustproof.config.nearest import Configurations
from trustproof.inputs.walk import ExcludedPaths
from trustproof.properties import registry
from trustproof.results.baseline import is_about_waivers, templates
from trustproof.results.known_findings import Entry
from trustproof.results.report import Report
from trustproof.results.result import ERROR, OFF

#: How it is said that a file of a directory was skipped since nobody can read it.
_UNREADABLE = ("not YAML", "not JSON")


class BaselineScope:
    """
    The templates and properties that a run has looked at.

    Args:
        report: of the run.
        paths: what it was told to read.
        properties: the identifiers that were asked; empty for all.
        configurations: those of the run.
        baseline: the file whose entries are asked about.
    """

    def __init__(
        self,
        report: Report,
        paths: Iterable[str],
        properties: Collection[str],
        configurations: Configurations,
        baseline: str,
    ) -> None:
        self.baseline: str = baseline
        self._properties = properties
        self._configurations = configurations
        main = configurations.main
        self._excluded = ExcludedPaths(main.exclude, main.exclude_directory)
        self._named = [abspath(path) for path in paths]
        self._read = {normpath(name) for name in templates(report, baseline)}
        # What an earlier synthesis has left is of no app any more.
        self._passed_over = [abspath(one[0]) for one in report.passed_over if one not in report.left_over]
        # Of what is no YAML any more, nobody knows that it is no template.
        self._unreadable = {abspath(path) for path, why in report.skipped if why.startswith(_UNREADABLE)}
        self._severities = {one.ident: one.severity for one in registry.PROPERTIES}

    def has(self, entry: Entry) -> bool:
        """Whether a finding would have been found again: its property was asked, and of its template."""
        # Nobody keeps what is wrong with a waiver.
        if is_about_waivers(entry.property):
            return True
        if self._properties and entry.property not in self._properties:
            return False
        place = abspath(join(dirname(self.baseline), entry.template))
        return self._is_read(entry, place) and not self._is_off(entry, place)

    def _is_read(self, entry: Entry, place: str) -> bool:
        if place in self._unreadable:
            return False
        if normpath(entry.template) in self._read or place in self._named:
            return True
        # It may be gone since.
        return (
            any(_is_at_or_below(place, named) for named in self._named)
            and not self._excluded.has(place)
            and not any(_is_at_or_below(place, path) for path in self._passed_over)
        )

    def _is_off(self, entry: Entry, place: str) -> bool:
        """Whether the configuration that holds at the place switches the property off."""
        name = entry.template if entry.template.startswith("<") else place
        config = self._configurations.of(name)
        return config.severity(entry.property, self._severities.get(entry.property, ERROR)) == OFF


def entries_at(paths: Iterable[str], entries: Iterable[Entry], baseline: str) -> tuple[Entry, ...]:
    """
    The entries of the templates at some paths, or below them.

    Args:
        baseline: the file whose entries they are.
    """
    named = [abspath(path) for path in paths]
    places = ((entry, abspath(join(dirname(baseline), entry.template))) for entry in entries)
    return tuple(entry for entry, place in places if any(_is_at_or_below(place, path) for path in named))


def _is_at_or_below(path: str, directory: str) -> bool:
    return path == directory or path.startswith(join(directory, ""))
