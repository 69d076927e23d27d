"""
Templates that a run has not read: whoever has looked at a part of them does not know what is nowhere.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence

from trustproof.errors import InputError
from trustproof.files.paths import place_of
from trustproof.files.read import STDIN
from trustproof.inputs.discovery.directories import may_be_read
from trustproof.inputs.discovery.inputs import suffixes
from trustproof.inputs.walk import ExcludedPaths, PassedOver, walk
from trustproof.model.file_patterns import spec_of

#: How many files are looked at; where there are more, one of them may be a template.
MAX_FILES = 2_000


class UnreadTemplates:
    """
    The templates below a directory that a run has not read. Nothing is looked at before somebody asks.

    Args:
        root: the directory; None where there is none, and so nothing that was not read.
        paths: what the run was told to read; all below a directory among them was looked at.
        read: the names of the templates that it has read.
        excluded: what the run leaves out.
    """

    def __init__(
        self,
        root: str | None,
        paths: Sequence[str | Mapping[str, object]],
        read: Iterable[str],
        excluded: ExcludedPaths,
    ) -> None:
        self._root = root
        self._named = [place_of(path) for path in paths if isinstance(path, str) and path != STDIN]
        self._read = {place_of(name) for name in read if not name.startswith("<")}
        self._excluded = excluded
        #: Relative to the root, as far as anybody has asked; None for what nobody can know.
        self._found: list[str | None] = []
        self._left = self._unread()

    def may_match(self, pattern: str) -> bool:
        """
        Whether there may be one that a pattern is about.

        Args:
            pattern: as in a ``.gitignore``, relative to the root; an empty one is about all.
        """
        spec = spec_of((pattern,)) if pattern else None
        return any(name is None or spec is None or spec.match_file(name) for name in self._all())

    def _all(self) -> Iterator[str | None]:
        yield from self._found
        for name in self._left:
            self._found.append(name)
            yield name

    def _unread(self) -> Iterator[str | None]:
        if self._root is None or self._is_below_a_named_one(place_of(self._root)):
            return
        for count, found in enumerate(walk(self._root, suffixes(), self._excluded)):
            if isinstance(found, InputError) or count == MAX_FILES:
                yield None
                return
            if not isinstance(found, PassedOver) and self._is_unread(found):
                yield os.path.relpath(found, self._root).replace(os.sep, "/")

    def _is_unread(self, path: str) -> bool:
        real = place_of(path)
        return real not in self._read and not self._is_below_a_named_one(real) and may_be_read(path)

    def _is_below_a_named_one(self, real: str) -> bool:
        return any(real == named or real.startswith(os.path.join(named, "")) for named in self._named)
