"""
Templates that are made of files of another shape, in which the same policies stand elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from trustproof.inputs.cloudformation.template import Template
from trustproof.inputs.cloudformation.values.deployment import Deployment
from trustproof.inputs.settings import Settings
from trustproof.inputs.text.positions import SourceMap
from trustproof.inputs.text.replacements import replacements
from trustproof.inputs.text.source import Map, Source, read_again
from trustproof.model.policy import Path
from trustproof.model.position import Position
from trustproof.model.presentation import Presentation
from trustproof.model.text import Symbolic
from trustproof.results.edit import Edit, WrittenValue
from trustproof.results.report import Replacement


class Recast(NamedTuple):
    """
    What a file says, in the shape of a template.
    """

    data: Mapping[str, object]
    #: Paths of the template to the paths of the file where their content stands; what is below them goes along.
    roots: Mapping[Path, Path]
    #: 12 digits; None where the file does not say it.
    account: str | None = None
    #: What a reader of the report has to know.
    notes: tuple[str, ...] = ()
    #: As in `Presentation`.
    if_unattached: str = ""
    is_whole_account: bool = False
    unique_ids: frozenset[str] = frozenset()


#: Gives the shape of a template to the content of a file with a name; raises `InputError` where it is malformed.
Shape = Callable[[Mapping[str, object], str], Recast]


def template_of(source: Source, content: Mapping[str, object], settings: Settings, shape: Shape) -> Template:
    """
    The template of a file of another shape.

    Args:
        shape: what can be sent to another process, which may have to make the template again.

    Raises:
        InputError: the file is malformed.
    """
    recast = shape(content, source.name)
    made = _RecastSource(source, recast, _RecastMaker(source.name, shape))
    deployment = Deployment(recast.account or settings.account, settings.region, None, settings.parameters)
    return Template(made, recast.data, deployment)


def replacements_of(maker: object, edits: Sequence[Edit]) -> tuple[Replacement, ...]:
    """
    What to replace in a file of another shape so that it says what edits of its template say; empty where that cannot
    be told, or there is no such file.

    Args:
        maker: of the template that the edits are about.

    Raises:
        InputError: the file is no longer what it was.
    """
    return maker.replacements(edits) if isinstance(maker, _RecastMaker) else ()


def _has_functions(value: object) -> bool:
    """Whether a value has a part that only a template can say."""
    if isinstance(value, Mapping):
        return any(map(_has_functions, value.values()))
    if isinstance(value, tuple) and not isinstance(value, Symbolic):
        return any(map(_has_functions, value))
    return isinstance(value, (Symbolic, WrittenValue))


class _RecastMaker(NamedTuple):
    file: str
    shape: Shape

    def make(self) -> tuple[Source, Mapping[str, object]]:
        """
        The source and the content of the template.

        Raises:
            InputError: the file is no longer what it was.
        """
        source, content = read_again(self.file)
        recast = self.shape(content, source.name)
        return _RecastSource(source, recast, self), recast.data

    def replacements(self, edits: Sequence[Edit]) -> tuple[Replacement, ...]:
        """
        What to replace in the file so that it says what edits of the template say; empty where that cannot be told.
        What an account is said to have is nothing to change, and a file of another shape has no functions.

        Raises:
            InputError: the file is no longer what it was.
        """
        source, content = read_again(self.file)
        recast = self.shape(content, source.name)
        if recast.is_whole_account or any(_has_functions(edit.value) for edit in edits):
            return ()
        moved = []
        for edit in edits:
            root = next((root for root in recast.roots if edit.path[: len(root)] == root), None)
            if root is None:
                return ()
            moved.append(edit._replace(path=(*recast.roots[root], *edit.path[len(root) :])))
        return replacements(source, moved)


class _RecastSource(Source):
    """The source of a template that was made of a file of another shape."""

    def __init__(self, source: Source, recast: Recast, maker: _RecastMaker) -> None:
        super().__init__(source.name, source.text)
        self.maker = None if source.name.startswith("<") else maker
        self.presentation = Presentation(
            notes=tuple(f"{source.name}: {note}" for note in recast.notes),
            if_unattached=recast.if_unattached,
            is_whole_account=recast.is_whole_account,
            unique_ids=recast.unique_ids,
            has_functions=False,
        )
        self._places = _Places(source.lines, recast.roots)

    @property
    def map(self) -> Map:
        """Where the parts of the template stand in the file."""
        return self._places


class _Places:
    """From paths of the template to places in the file."""

    def __init__(self, lines: SourceMap, roots: Mapping[Path, Path]) -> None:
        self._lines = lines
        self._roots = roots

    def key(self, path: Path) -> Position:
        """Where the key (of a list: the item) at a path stands, or the nearest thing around it that is written."""
        for end in range(len(path), -1, -1):
            root = self._roots.get(path[:end])
            if root is not None:
                return self._lines.key((*root, *path[end:]))
        return self._lines.key(())

    def line(self, number: int, file: str = "") -> str:
        """A line of the file, from 1; empty beyond its end."""
        return self._lines.line(number)
