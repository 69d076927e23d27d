"""
Builds the site of the documentation into build/site: strictly, and without a network.

    python docs/site.py

The pages stand where one reads them in the repository, and link to each other there: README.md, docs/ and the READMEs
of the constructs, the app and the examples. They are laid out again below build/pages, with the files that they link
to.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
PAGES = ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "LICENSE")
FOLDERS = ("docs", "constructs_lib", "infra", "examples", "modules")
_LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)\s]*)?\)")


def pages() -> Iterator[Path]:
    """The pages, relative to the repository."""
    yield from (Path(name) for name in PAGES)
    for folder in FOLDERS:
        for file in sorted((REPOSITORY / folder).rglob("*.md")):
            relative = file.relative_to(REPOSITORY)
            if not any(part.startswith(".") or part in ("node_modules", "cdk.out") for part in relative.parts):
                yield relative


def linked(page: Path) -> Iterator[Path]:
    """The files of the repository that a page links to, besides other pages; a folder stands for itself."""
    for target in _LINK.findall((REPOSITORY / page).read_text(encoding="utf-8")):
        if "://" in target or target.startswith("mailto:"):
            continue
        found = (REPOSITORY / page.parent / target).resolve()
        if found.is_file() and found.is_relative_to(REPOSITORY):
            yield found.relative_to(REPOSITORY)


def lay_out(target: Path) -> None:
    """Write the pages, and what they link to, below a directory that is emptied first."""
    shutil.rmtree(target, ignore_errors=True)
    laid = set(pages())
    laid |= {file for page in laid if page.suffix == ".md" for file in linked(page)}
    for file in sorted(laid):
        place = target / file
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(REPOSITORY / file, place)


def main() -> int:
    """Lay the pages out, and build; the exit code is that of MkDocs, for which every warning is an error."""
    lay_out(REPOSITORY / "build" / "pages")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet"]
    # Material says in each build that it will be succeeded by Zensical, which is not stable yet.
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    return subprocess.run(command, cwd=REPOSITORY, env=environment, check=False).returncode  # noqa: S603


if __name__ == "__main__":
    sys.exit(main())
