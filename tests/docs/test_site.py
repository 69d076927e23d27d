"""
The site of the documentation is built from the pages alone, and read without a network.
"""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent.parent


def test_the_site_needs_no_other_host_and_its_charts_are_pictures() -> None:
    """As `make site` builds it: with an error for each warning, and for what is not local."""
    # One test, since two that run at once would build it into one folder.
    script = REPOSITORY / "docs" / "site.py"
    built = subprocess.run([sys.executable, script], cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stdout + built.stderr
    site = REPOSITORY / "build" / "site"
    pages = list(site.rglob("*.html"))
    assert len(pages) > 20
    for page in pages:
        _is_local(page)
    _has_pictures((site / "docs" / "one-policy.html").read_text(encoding="utf-8"))


def _is_local(page: Path) -> None:
    """No program, picture, style or font of a page is anywhere but in the site."""
    text = page.read_text(encoding="utf-8")
    assert "unpkg" not in text
    programs = re.findall(r'<(?:script|img)[^>]* src="?([^" >]+)', text)
    for loaded in (*programs, *re.findall(r'<link rel="?(?:stylesheet|icon)"? href="?([^" >]+)', text)):
        name = loaded.partition("?")[0]
        assert page.name == "404.html" or (page.parent / name).is_file(), (page, name)


def _has_pictures(text: str) -> None:
    """The chart of the parts is in the page, with a box for each of them."""
    assert '<figure class="picture">' in text
    boxes = re.findall(r"<text[^>]*>(\w+)</text>", text)
    assert {"cli", "engine", "spec", "errors"} <= set(boxes)
    assert len(boxes) == len(set(boxes))
    assert "flowchart" not in text


class TestPicture:
    """Boxes and lines, from arrows."""

    def test_a_box_stands_below_all_that_point_to_it(self, picture: ModuleType) -> None:
        """Also where one of them is several rows above."""
        drawn = picture.draw([("a", "b"), ("b", "c"), ("a", "c")])
        heights = {name: float(y) for y, name in re.findall(r'y="([\d.]+)">(\w)<', drawn)}
        assert heights["a"] < heights["b"] < heights["c"]

    def test_a_circle_is_an_error(self, picture: ModuleType) -> None:
        """Nothing stands below itself."""
        with pytest.raises(ValueError, match="circle"):
            picture.draw([("a", "b"), ("b", "a")])

    def test_what_is_no_arrow_is_an_error(self, picture: ModuleType) -> None:
        """A chart that the picture would leave a part of out is none."""
        with pytest.raises(ValueError, match="A --> B"):
            picture.with_pictures("```mermaid\nflowchart TD\n    a -- text --> b\n```\n")

    @pytest.fixture
    def picture(self) -> ModuleType:
        spec = importlib.util.spec_from_file_location("docs_picture", REPOSITORY / "docs" / "picture.py")
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module
