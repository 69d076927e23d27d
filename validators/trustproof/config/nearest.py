"""
Which configuration a template is judged with, where a repository has several.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, TypeAlias

from trustproof.config.loader import load_config
from trustproof.config.model import Config, Known
from trustproof.config.project_limits import apply_limits, without_settled_waivers
from trustproof.files.paths import real_path
from trustproof.model.file_patterns import path_for_patterns, spec_of

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec


#: A file, and the numbers of those of its overrides that are about a template.
_Matched: TypeAlias = "tuple[str | None, tuple[int, ...]]"


class Configurations:
    """
    The configurations of a run.

    A configuration that was named, or given by a program, is the one of all templates. One that was found is that of
    the templates that have none nearer to them. The tables ``[[override]]`` of a configuration count in both cases.

    Args:
        main: that of the run.
        known: the properties there are, and their options.
    """

    def __init__(self, main: Config, known: Known) -> None:
        self.main = main
        self._known = known
        #: By directory, and by file.
        self._nearest: dict[str, Config] = {}
        self._found: dict[str, Config | None] = {}
        own = real_path(main.file) if main.file else None
        self._read: dict[str | None, Config] = {None: main, own: main}
        self._overridden: dict[tuple[_Matched, ...], Config] = {}
        self._said_above: dict[_Matched, Config] = {}
        self._specs: dict[tuple[str, ...], GitIgnoreSpec] = {}

    def of(self, template: str) -> Config:
        """
        The configuration of a template, with those overrides that are about it.

        Args:
            template: as the user named it; what is no file has the configuration of the run.

        Raises:
            ConfigError: the nearest file is no configuration.
        """
        if template.startswith("<"):
            return self.main
        place = self._place(template)
        # A configuration of Terraform is a directory, and what lies in it is its own.
        directory = place if os.path.isdir(place) else os.path.dirname(place)
        found = self._near(directory) if self.main.is_nearest else self.main
        there = [found]
        while there[-1].above is not None:
            there.append(there[-1].above)
        if self.main.file not in (one.file for one in there):
            there.append(self.main)
        return self._with_overrides(there, place) if any(one.overrides for one in there) else found

    def said_above(self, above: Config, template: str) -> Config:
        """What a configuration above that of a template says of it, with those overrides that are about it."""
        numbers = () if template.startswith("<") else self._matched(above, self._place(template))
        key = (above.file, numbers)
        if numbers and key not in self._said_above:
            self._said_above[key] = _overridden(above, numbers)
        return self._said_above[key] if numbers else above

    def _place(self, template: str) -> str:
        place = os.path.abspath(template)
        if self.main.elsewhere is None:
            return place
        real = os.path.join(real_path(os.path.dirname(place)), os.path.basename(place))
        return self.main.elsewhere.place(real)

    def _near(self, directory: str) -> Config:
        if directory not in self._nearest:
            elsewhere = self.main.elsewhere
            top = elsewhere.there if elsewhere is not None and elsewhere.is_whole else None
            found = load_config(None, directory, known=self._known, top=top, read=self._found)
            if found.file is None and top is not None:
                found = self.main
            if self.main.without_waivers:
                found = found._replace(waivers=(), template_waivers=False)
            file = real_path(found.file) if found.file else None
            if file not in self._read:
                found = apply_limits(found, self.main)._replace(above=found.above)
            if elsewhere is not None:
                # Its files are where nobody has put them.
                found = found._replace(boundary_file="")
            self._nearest[directory] = self._read.setdefault(file, found)
        return self._nearest[directory]

    def _patterns(self, paths: tuple[str, ...]) -> GitIgnoreSpec:
        if paths not in self._specs:
            self._specs[paths] = spec_of(paths)
        return self._specs[paths]

    def _with_overrides(self, there: list[Config], place: str) -> Config:
        """
        A configuration with its overrides, and with what overrides above it have settled.

        Args:
            there: the configuration, and those above it.
            place: of the template.
        """
        key = tuple((one.file, self._matched(one, place)) for one in there)
        if not any(numbers for _, numbers in key):
            return there[0]
        if key not in self._overridden:
            whole = None
            for config, (_, numbers) in zip(reversed(there), reversed(key), strict=True):
                own = _overridden(config, numbers) if numbers else config
                whole = own if whole is None else _below(own, whole)
            assert whole is not None
            self._overridden[key] = whole
        return self._overridden[key]

    def _matched(self, found: Config, place: str) -> tuple[int, ...]:
        """Which overrides of a configuration are about a template."""
        if not found.overrides:
            return ()
        root = os.path.dirname(os.path.abspath(found.file)) if found.file else os.getcwd()
        relative = path_for_patterns(place, root)
        return tuple(
            number
            for number, override in enumerate(found.overrides)
            if self._patterns(override.paths).match_file(relative)
        )


def _overridden(config: Config, numbers: tuple[int, ...]) -> Config:
    whole = config
    for number in numbers:
        own = whole.extended(config.overrides[number].config)
        whole = whole._replace(
            boundary=own.boundary,
            issuers=own.issuers,
            tokens=own.tokens,
            third_parties=own.third_parties,
            sensitive_actions=own.sensitive_actions,
            properties=own.properties,
            is_overridden=True,
        )
    return whole


def _below(own: Config, above: Config) -> Config:
    found = without_settled_waivers(own, above)
    return found if found is own else found._replace(is_overridden=True)
