"""
Files of a revision that others speak of by a path from where they are: a module, a nested template, a policy.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from posixpath import dirname, join, normpath

#: What may speak of other files.
_SPEAKING = (".tf", ".tofu", ".json", ".yaml", ".yml", ".template")
#: What may be a path; a variable of Terraform before it, `path.module`, stands for where the file is.
_PATH = re.compile(r"[\w.@-]+(?:/[\w.@-]+)+|\.\.?(?=/)|(?<=\")\.\.?(?=\")|[\w@-]+\.(?:json|ya?ml|template)\b")


def referenced_files(names: Sequence[str], there: Collection[str], folder: Path) -> list[str]:
    """
    The files that some speak of, in order: those themselves, and all below a directory; of one that a file is in, what
    stands directly in it.

    Args:
        names: of the files that speak, from the top of the repository; they are written in the folder.
        there: the names of all files that there are.
    """
    everything = set(there)
    below: dict[str, list[str]] = {}
    for name in everything:
        place = name
        while place:
            place = dirname(place)
            below.setdefault(place or ".", []).append(name)
    found: set[str] = set()
    for name in names:
        for target in _targets(name, folder):
            if target in everything:
                found.add(target)
            elif target in below:
                is_around = target == "." or name.startswith(f"{target}/")
                own = "" if target == "." else target
                found.update(one for one in below[target] if not is_around or dirname(one) == own)
    return sorted(found.difference(names))


def _targets(name: str, folder: Path) -> Iterator[str]:
    if name.endswith(_SPEAKING):
        try:
            text = (folder / name).read_text(encoding="utf-8", errors="replace")
        except OSError:
            return
        for path in dict.fromkeys(_PATH.findall(text)):
            yield normpath(join(dirname(name), path))
