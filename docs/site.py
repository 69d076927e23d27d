"""
Builds the site of the documentation into build/site: strictly, and without a network.

    python docs/site.py

Nothing of it is loaded from another host either, when somebody reads it.

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

from picture import with_pictures

REPOSITORY = Path(__file__).resolve().parent.parent
PAGES = ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "LICENSE")
FOLDERS = ("docs", "constructs_lib", "infra", "examples", "modules")
#: What the site has besides: its style, and the search where a page is read as a file.
ASSETS = (Path("docs/site.css"), Path("docs/iframe-worker.js"))
#: A program, in a program, that is not of the site.
_FOREIGN_PROGRAM = re.compile(r'"https://unpkg\.com/[^"]*"')
#: What a browser loads of itself; links are followed by people.
_LOADED = re.compile(
    r"<(?:script|img|iframe|source|video|audio)\b[^>]*?\bsrc=[\"']?(?:https?:)?//[^>]*>"
    r"|<link\b(?![^>]*rel=[\"']?canonical)[^>]*?\bhref=[\"']?(?:https?:)?//[^>]*>"
    r"|url\(\s*[\"']?(?:https?:)?//[^)]*\)|@import\s+[\"'](?:https?:)?//[^\"']*|https?://unpkg\.com[^\"']*"
)
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
    laid = {*pages(), *ASSETS}
    pages_ = frozenset(laid)
    laid |= {file for page in laid if page.suffix == ".md" for file in linked(page)}
    for file in sorted(laid):
        place = target / file
        place.parent.mkdir(parents=True, exist_ok=True)
        if file in pages_ and file.suffix == ".md":
            place.write_text(with_pictures((REPOSITORY / file).read_text(encoding="utf-8")), encoding="utf-8")
        else:
            shutil.copyfile(REPOSITORY / file, place)


def keep_local(site: Path) -> list[str]:
    """
    Take out of a built site what its theme would load from other hosts; what is left of that, one line each.

    The theme loads the drawing of charts and substitutes for old browsers from a network of its own. The pages have
    no chart to draw (`picture`), and browsers that read them have what would be substituted.
    """
    for file in sorted(site.rglob("*.map")):
        file.unlink()
    for file in sorted(site.rglob("*.js")):
        text = file.read_text(encoding="utf-8")
        if (plain := _FOREIGN_PROGRAM.sub('""', text)) != text:
            file.write_text(plain, encoding="utf-8")
    return [
        f"{file.relative_to(site)}: {found[0]}"
        for file in sorted((*site.rglob("*.html"), *site.rglob("*.css"), *site.rglob("*.js")))
        for found in _LOADED.finditer(file.read_text(encoding="utf-8"))
    ]


def main() -> int:
    """Lay the pages out, and build; the exit code is that of MkDocs, for which every warning is an error."""
    lay_out(REPOSITORY / "build" / "pages")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet"]
    # Material says in each build that it will be succeeded by Zensical, which is not stable yet.
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    code = subprocess.run(command, cwd=REPOSITORY, env=environment, check=False).returncode  # noqa: S603
    foreign = [] if code else keep_local(REPOSITORY / "build" / "site")
    for one in foreign:
        sys.stderr.write(f"loaded from another host: {one}\n")
    return code or bool(foreign)


if __name__ == "__main__":
    sys.exit(main())
