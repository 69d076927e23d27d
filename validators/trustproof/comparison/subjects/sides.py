"""
The two sides of a comparison: templates that were read, with the names that both sides have in common.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from trustproof.analysis.presentation.presentation import without_secrets
from trustproof.config.model import Config
from trustproof.config.nearest import Configurations
from trustproof.errors import ConfigError, NothingToProve, PolicySyntaxError
from trustproof.files.paths import real_path
from trustproof.files.read import stream_name
from trustproof.inputs.discovery.inputs import Inputs
from trustproof.inputs.reader import Input
from trustproof.inputs.settings import Settings
from trustproof.inputs.walk import ExcludedPaths
from trustproof.model.position import Position
from trustproof.properties import registry


class Root(NamedTuple):
    """
    Something that is named: a file, a directory, or a template itself.
    """

    path: str | Mapping[str, object]
    #: What the user calls it; empty where that is the path.
    shown: str = ""


class NamedTemplate(NamedTuple):
    """
    A template of one side.
    """

    template: Input
    #: The same for the same template of the other side; empty for what was named itself.
    label: str


class ComparisonSide(NamedTuple):
    """
    One side, read.
    """

    #: ``old`` or ``new``.
    called: str
    roots: tuple[Root, ...]
    templates: tuple[NamedTemplate, ...]
    #: What nobody has looked into: what it is called on both sides, its path, and why.
    passed_over: tuple[tuple[str, str, str], ...]
    #: With which they were read.
    settings: Settings
    #: Those that they are judged with.
    configurations: Configurations
    #: What was named besides, and holds no templates.
    others: tuple[Root, ...] = ()
    #: The files that are no templates: what each is called on both sides, its path, and why.
    skipped: tuple[tuple[str, str, str], ...] = ()
    #: The policies that AWS would refuse.
    refused: tuple[PolicySyntaxError, ...] = ()

    def shown(self, file: str) -> str:
        """A file as the user would call it."""
        for root in (*self.roots, *self.others):
            if isinstance(root.path, str) and root.shown and _is_in(file, root.path):
                inside = os.path.relpath(file, root.path)
                if inside == ".":
                    return root.shown
                # ``HEAD:`` is the top of what was named.
                return f"{root.shown}{'' if root.shown.endswith(':') else '/'}{inside}"
        return file

    def config_of(self, template: Input) -> Config:
        """
        What a template is judged with: what is nearest to it, with what is overridden for it.

        Raises:
            ConfigError: that is no configuration.
        """
        try:
            return self.configurations.of(template.name)
        except ConfigError as error:
            raise ConfigError(error.message, self.shown(error.file or ""), error.line) from None

    def said(self, message: str) -> str:
        """A message that may name what was read, as the user would call it."""
        for root in (*self.others, *self.roots):
            if isinstance(root.path, str) and root.shown:
                message = message.replace(root.path, root.shown)
        return message

    def refusal(self, error: PolicySyntaxError) -> PolicySyntaxError:
        """Why AWS would refuse a policy, with the side that it is on."""
        message = without_secrets(error.message, [one.template for one in self.templates])
        shown = self.shown(error.file or "")
        return PolicySyntaxError(f"on the {self.called} side: {self.said(message)}", shown, error.line, error.column)

    def on_both_sides(self, message: str) -> str:
        """A message that may name templates, with these as both sides call them."""
        for named in sorted(self.templates, key=lambda one: len(one.template.name), reverse=True):
            message = message.replace(named.template.name, named.label)
        return message

    def position(self, found: Position, template: str) -> Position:
        """A place of a template, with its file as the user would call it."""
        if not found.file or found.in_file:
            return found._replace(file=self.shown(found.file) if found.file else "")
        # What is shown and stands in no file is called by its template.
        return found._replace(file=found.file.replace(template, self.shown(template), 1))

    def is_within(self, file: str) -> bool:
        """Whether a file is in what was named, and so read or passed over by itself."""
        return any(isinstance(root.path, str) and _is_in(file, real_path(root.path)) for root in self.roots)

    def label(self, file: str) -> str:
        """What a file is called on both sides."""
        for number, root in enumerate(self.roots):
            if not isinstance(root.path, str):
                continue
            # A stream has another name in findings.
            path = stream_name(root.path)
            if _is_in(file, path):
                inside = os.path.relpath(file, path)
                return f"{number}/{'' if inside == '.' else inside}"
        # Templates that a program gives are called by their number.
        return file


def read_side(
    called: str,
    roots: Sequence[Root],
    config: Config,
    settings: Settings,
    *,
    may_be_empty: bool = False,
    others: Sequence[Root] = (),
) -> ComparisonSide:
    """
    Everything of one side.

    Args:
        called: ``old`` or ``new``.
        may_be_empty: whether a directory without templates is one that has none, and not a mistake.
        others: what was named besides, and holds no templates.

    Raises:
        InputError: something cannot be read, but for policies that AWS would refuse.
    """
    excluded = ExcludedPaths(config.exclude, config.exclude_directory)
    # Whether somebody has said why something may be is no part of what it means.
    judging = config._replace(waivers=(), template_waivers=False, without_waivers=True)
    found = Inputs([root.path for root in roots], settings, excluded)
    side = ComparisonSide(
        called, tuple(roots), (), (), settings, Configurations(judging, registry.options()), tuple(others)
    )
    templates = tuple(_named(side.label, found.templates))
    side = side._replace(templates=templates)
    known = {str(error) for one in templates for error in one.template.errors}
    refused: list[PolicySyntaxError] = []
    for error in found.errors:
        if isinstance(error, PolicySyntaxError) and str(error) in known:
            refused.append(side.refusal(error))
        elif not (may_be_empty and isinstance(error, NothingToProve)):
            message = side.said(without_secrets(error.message, [one.template for one in templates]))
            raise type(error)(message, side.shown(error.file or ""), error.line, error.column)
    passed_over = tuple((side.label(one.path), one.path, one.reason) for one in found.passed_over)
    skipped = tuple((side.label(one.path), one.path, one.reason) for one in found.skipped)
    return side._replace(passed_over=passed_over, skipped=skipped, refused=tuple(refused))


def by_label(*sides: ComparisonSide) -> dict[str, list[Input]]:
    """The templates of sides by what they are called, those of the first one first."""
    found: dict[str, list[Input]] = {}
    for named in (one for side in sides for one in side.templates):
        found.setdefault(named.label, []).append(named.template)
    return found


def _named(label: Callable[[str], str], templates: Iterable[Input]) -> Iterator[NamedTemplate]:
    """Templates with what they are called: of one file for several accounts, by the account, and else by its number."""
    seen: dict[str, int] = {}
    for template in templates:
        called = _label(label, template)
        if called in seen and template.account is not None:
            called = f"{called} {template.account}"
        seen[called] = number = seen.get(called, 0) + 1
        yield NamedTemplate(template, called if number == 1 else f"{called} {number}")


def _label(label: Callable[[str], str], template: Input) -> str:
    inside = "" if template.container is None else f" {template.container.name}"
    return f"{label(template.name)}{inside}"


def _is_in(file: str, path: str) -> bool:
    return file == path or file.startswith(os.path.join(path, ""))
