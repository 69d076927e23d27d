"""
The outcome of a check of many templates.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from typing import Any, NamedTuple, NoReturn, Protocol, TypeAlias

from trustproof.errors import InputError, NotProvedError
from trustproof.escaping.text import printable_repr, shown_word, whole
from trustproof.model.policy import Path
from trustproof.model.position import Position
from trustproof.results.edit import Edit
from trustproof.results.omissions import Omission
from trustproof.results.result import ERROR, PROVED, REFUTED, SEVERITIES, UNKNOWN, WARNING, Result, Severity, Verdict

#: Why a template of a cloud assembly is passed over that its manifest does not name: what the reason begins with.
LEFT_OVER = "left over from an earlier synthesis"
#: Every verdict, the worst first.
_WORST: tuple[Verdict, ...] = (REFUTED, UNKNOWN, PROVED)


@printable_repr
class Replacement(NamedTuple):
    """
    Characters of a text, and what is to stand in their place; lines and columns are from 1.
    """

    line: int
    column: int
    end_line: int
    #: After the last character.
    end_column: int
    text: str
    #: Where it is not the file that is named like the template.
    file: str = ""


class Sources(Protocol):
    """
    The texts that results point into.
    """

    #: Where the files of a run are in their repository: a directory from its top, empty for the top itself.
    below: str
    #: The top itself, as a path of the file system without links; empty where it is not known.
    top: str

    def position(self, template: str, path: Path) -> Position | None:
        """Where a value stands."""

    def shown_path(self, template: str, path: Path) -> Path:
        """A path in a template, without the texts in it that are never shown."""

    def line(self, template: str, number: int, file: str = "") -> str:
        """One line, from 1, of a template or of another file that positions in it name."""

    def replacements(self, template: str, edits: Sequence[Edit]) -> tuple[Replacement, ...]:
        """What to replace in a template so that it says what edits say; empty where that cannot be told."""


@printable_repr
class ResourceVerdict(NamedTuple):
    """
    The answer of one property for one resource: the worst that it has for a part of it.
    """

    property: str
    verdict: Verdict
    template: str
    logical_id: str
    construct_path: str | None
    account: str | None
    #: The results about its policies, its statements, and what else it says, in the order of the report.
    parts: tuple[Result, ...]


@printable_repr
class NearerConfig(NamedTuple):
    """
    A configuration that some templates have in place of that of the run.
    """

    file: str
    #: Whether it is that file with overrides, and not another file.
    is_override: bool
    templates: tuple[str, ...]
    #: The properties that it switches off.
    off: tuple[str, ...]
    #: What else it says that lets more pass, in words: ``a [boundary] of its own``, ``2 waivers``.
    says: tuple[str, ...] = ()

    def __str__(self) -> str:
        what = self.templates[0] if len(self.templates) == 1 else f"{len(self.templates)} templates"
        off = f", and does not ask {', '.join(self.off)}" if self.off else ""
        if self.says:
            off += f"{';' if off else ','} with {', '.join(self.says)}"
        file = f"an override of {self.file or 'the configuration'}" if self.is_override else self.file
        return whole(f"{file} is the configuration of {what}{off}")


class Report:
    """
    The outcome of a check. Iterating gives every result, and then every error: what could not be read is not judged.
    """

    #: Every result, the proved ones included, in the order of the templates.
    results: tuple[Result, ...]
    templates: int
    #: How many policies were asked about.
    policies: int
    #: Files of directories that are no templates: path and reason.
    skipped: tuple[tuple[str, str], ...]
    #: Inputs that could not be read; what they hold is not judged.
    errors: tuple[InputError, ...]
    #: What a reader must know to read the summary right.
    notes: tuple[str, ...]
    sources: Sources
    #: How many proofs were checked again; None where nobody asked for that.
    certified: int | None
    #: Files and directories that nobody has looked into, and that the configuration does not exclude: path and reason.
    passed_over: tuple[tuple[str, str], ...]
    #: What templates are made of that nobody has looked into, those that are waived among them. A note says each.
    omissions: tuple[Omission, ...]
    #: The configuration file that the verdicts rest on; None where there was none.
    config: str | None
    #: The properties that the configuration switches off, or that were not asked for.
    off: tuple[str, ...]
    #: What holds for some templates in its place.
    nearer: tuple[NearerConfig, ...]
    #: What tells the report from those of other runs about the same commit, for programs that keep one of each.
    category: str
    #: By template, the properties of which no finding may be waived, nor be in a baseline: ``waivable = false``.
    settled: Mapping[str, Set[str]]

    def __init__(
        self,
        results: tuple[Result, ...],
        templates: int,
        policies: int,
        skipped: tuple[tuple[str, str], ...],
        errors: tuple[InputError, ...],
        notes: tuple[str, ...],
        sources: Sources,
        certified: int | None = None,
        passed_over: tuple[tuple[str, str], ...] = (),
        omissions: tuple[Omission, ...] = (),
        config: str | None = None,
        off: tuple[str, ...] = (),
        nearer: tuple[NearerConfig, ...] = (),
        category: str = "",
        settled: Mapping[str, Set[str]] | None = None,
    ) -> None:
        self.results = results
        self.templates = templates
        self.policies = policies
        self.skipped = skipped
        self.errors = errors
        self.notes = notes
        self.sources = sources
        self.certified = certified
        self.passed_over = passed_over
        self.omissions = omissions
        self.config = config
        self.off = off
        self.nearer = nearer
        self.category = category
        self.settled = settled or {}

    def replace(self, **changes: Any) -> Report:
        """The same report with something else in some of its parts, by their names."""
        return Report(**{**vars(self), **changes})

    def __iter__(self) -> Iterator[Result | InputError]:
        yield from self.results
        yield from self.errors

    def __len__(self) -> int:
        return len(self.results) + len(self.errors)

    def __bool__(self) -> NoReturn:
        raise TypeError(
            "a report is neither true nor false: call raise_for_status(), or look at its results and errors"
        )

    @property
    def verdicts(self) -> tuple[ResourceVerdict, ...]:
        """One verdict for each resource and property, in the order of their first results."""
        parts: dict[_Resource, list[Result]] = {}
        for result in self.results:
            parts.setdefault(_resource(result), []).append(result)
        return tuple(
            ResourceVerdict(key[0], min((one.verdict for one in found), key=_WORST.index), *key[1:], tuple(found))
            for key, found in parts.items()
        )

    @property
    def proved(self) -> tuple[Result, ...]:
        """The proofs, without those of a part of a resource for which the property does not hold."""
        worse = {_resource(result) for result in self.results if result.verdict != PROVED}
        return tuple(result for result in self.results if _resource(result) not in worse)

    def failures(self, fail_on: Severity = ERROR) -> tuple[Result, ...]:
        """
        The results that are not proved, not waived or in the baseline, and at least as severe as `fail_on`.

        Raises:
            InputError: `fail_on` is none of ``error``, ``warning`` and ``note``.
        """
        if fail_on not in SEVERITIES:
            raise InputError(f"fail_on must be one of {', '.join(SEVERITIES)}, got {shown_word(fail_on)}")
        at_least = SEVERITIES[: SEVERITIES.index(fail_on) + 1]
        return tuple(
            result
            for result in self.results
            if result.verdict != PROVED and result.severity in at_least and result.suppression is None
        )

    @property
    def left_over(self) -> tuple[tuple[str, str], ...]:
        """Those of `passed_over` that an earlier ``cdk synth`` has written, and that the app does not have any more."""
        return tuple((path, reason) for path, reason in self.passed_over if reason.startswith(LEFT_OVER))

    @property
    def not_checked(self) -> tuple[tuple[str, str], ...]:
        """Those of `omissions` that nobody answers for: the template, and what it is in words."""
        return tuple((one.template, one.what) for one in self.omissions if one.suppression is None)

    @property
    def overlooked(self) -> tuple[str, ...]:
        """A line for everything that nobody has looked into: what was passed over, and what is not checked."""
        passed_over = (f"{path} was passed over: {reason}" for path, reason in self.passed_over)
        not_checked = (f"{template}: {what} is not checked" for template, what in self.not_checked)
        return tuple(map(whole, (*passed_over, *not_checked)))

    def raise_for_status(self, fail_on: Severity = ERROR, *, strict: bool = False) -> None:
        """
        Do nothing where the gate would be green.

        Args:
            fail_on: the mildest severity that counts. With ``warning`` or ``note``, what was passed over or not
                checked counts too.
            strict: whether ``warning`` counts at least, as with ``--strict``.

        Raises:
            InputError: the first input that could not be read.
            NotProvedError: something that counts is refuted or unknown, or nobody has looked into it.
        """
        fail_on = STRICT if strict and fail_on == ERROR else fail_on
        for error in self.errors:
            raise error
        found = self.failures(fail_on)
        if found:
            more = f", and {len(found) - 1} more" if len(found) > 1 else ""
            raise NotProvedError(f"{found[0].verdict}[{found[0].property}]: {found[0].message}{more}")
        if self.overlooked and fail_on != ERROR:
            more = f", and {len(self.overlooked) - 1} more" if len(self.overlooked) > 1 else ""
            raise NotProvedError(f"{self.overlooked[0]}{more}")


#: Property, template, logical id, construct path and account.
_Resource: TypeAlias = "tuple[str, str, str, str | None, str | None]"


def _resource(result: Result) -> _Resource:
    """Of which resource a result says something, and of which property."""
    return result.property, result.template, result.logical_id, result.construct_path, result.account


#: What ``--strict`` fails on.
STRICT: Severity = WARNING
