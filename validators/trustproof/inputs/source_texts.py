"""
The texts of the templates that results point into.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from trustproof.aws.oidc_issuers import TO_FILL_IN
from trustproof.errors import InputError
from trustproof.inputs.cloudformation.template import Origin
from trustproof.inputs.discovery.inputs import reopened
from trustproof.inputs.documents.template_shapes import replacements_of
from trustproof.inputs.reader import Input, Readable
from trustproof.inputs.terraform import reader as terraform
from trustproof.inputs.text.replacements import replacements
from trustproof.inputs.text.source import read
from trustproof.model.policy import Path
from trustproof.model.position import Position
from trustproof.model.presentation import HIDDEN, covered
from trustproof.model.text import Symbolic
from trustproof.results.edit import Edit
from trustproof.results.report import Replacement


class SourceTexts:
    """
    The texts of the templates that results point into; read again when somebody asks, so that a run over thousands of
    templates does not keep them.
    """

    def __init__(self) -> None:
        #: Where the files of the run are in their repository.
        self.below: str = ""
        #: The top of that, without links; empty where nobody has said.
        self.top: str = ""
        self._open: tuple[str, Input] | None = None
        #: What is no file, and cannot be read twice.
        self._kept: dict[str, Input] = {}
        #: What it takes to read a template again that is not what its file says.
        self._origins: dict[str, Readable] = {}
        #: By template: a report asks for the place of one value several times, each time after all the other templates.
        self._positions: dict[str, dict[Path, Position]] = {}

    def __getstate__(self) -> dict[str, object]:
        """What another process is told: a template that is open here may be half read, and is opened again there."""
        return {**vars(self), "_open": None}

    def keep(self, template: Input) -> None:
        """Remember a template, until another one is looked at."""
        self._open = (template.name, template)
        if template.name.startswith("<"):
            self._kept[template.name] = template

    def remember(self, name: str, origin: Readable) -> None:
        """Remember what it takes to read a template again."""
        self._origins.setdefault(name, origin)

    def position(self, template: str, path: Path) -> Position | None:
        """Where a value stands."""
        known = self._positions.setdefault(template, {})
        if path not in known:
            known[path] = self._template(template).locate(path)
        return known[path]

    def shown_path(self, template: str, path: Path) -> Path:
        """A path in a template, without the texts in it that are never shown."""
        secrets = self._template(template).presentation.secrets
        return tuple(covered(step, secrets) if isinstance(step, str) else step for step in path) if secrets else path

    def written(self, template: str, path: Path) -> object:
        """What is written at a path of a template; None where nothing is."""
        return self._template(template).written(path)

    def is_filled_in(self, template: str, path: Path) -> bool:
        """Whether a path leads into a text that Fn::Sub fills in."""
        above = (self.written(template, path[:end]) for end in range(len(path)))
        return any(isinstance(value, Mapping) and value.keys() == {"Fn::Sub"} for value in above)

    def line(self, template: str, number: int, file: str = "") -> str:
        """One line, from 1, of a template or of another file that positions in it name."""
        return self._template(template).source_line(number, file)

    def replacements(self, template: str, edits: Sequence[Edit]) -> tuple[Replacement, ...]:
        """
        What to replace in a template so that it says what edits say; empty where that cannot be told, and where a
        person has to fill in something: nobody gets in by what only stands for it, or a stranger does.
        """
        if template.startswith("<") or any(_is_open(edit.value) for edit in edits):
            return ()
        try:
            origin = self._template(template).origin
            if isinstance(origin, Origin) and origin.maker is not None:
                return terraform.replacements(origin.maker, edits) or replacements_of(origin.maker, edits)
            return replacements(read(template), edits)
        except InputError:
            return ()

    def _template(self, name: str) -> Input:
        if self._open is None or self._open[0] != name:
            self._open = (name, self._kept.get(name) or self._again(name))
        return self._open[1]

    def _again(self, name: str) -> Input:
        origin = self._origins.get(name)
        return reopened(name) if origin is None else origin.open()


def _is_open(value: object) -> bool:
    """Whether a value has a part that a person has to fill in."""
    if isinstance(value, Mapping):
        return any(map(_is_open, value.values()))
    if isinstance(value, tuple) and not isinstance(value, Symbolic):
        return any(map(_is_open, value))
    return value in TO_FILL_IN or "..." in str(value) or HIDDEN in str(value)
