"""
Where paths lead is what the system says, and deep directories do not make it be asked without end.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from trustproof import check
from trustproof.files.paths import real_path

TEMPLATE = "Resources:\n  Topic:\n    Type: AWS::SNS::Topic\n"


@pytest.mark.parametrize(
    "name",
    [
        "a/b/f",
        "a/b/",
        "a/./b/f",
        "a//b/f",
        "a/b/..",
        "a/b/../b/f",
        "into/f",
        "into/../f",
        "a/link",
        "into/../link",
        "a/b/gone",
        "a/gone/f",
        "a/link/f",
        "loop/f",
        "loop",
        "dangling",
        ".",
        "..",
        "",
        "/",
        "//tmp",
        "f",
    ],
)
def test_a_path_leads_where_the_system_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str) -> None:
    """The real path is that of `os.path.realpath`, relative or absolute, for the first time and again."""
    (tmp_path / "a" / "b").mkdir(parents=True)
    for file in ("f", "a/f", "a/b/f"):
        (tmp_path / file).write_text("")
    for link, target in (("into", "a/b"), ("a/link", "../f"), ("loop", "loop"), ("dangling", "nowhere/x")):
        (tmp_path / link).symlink_to(target)
    monkeypatch.chdir(tmp_path)
    for path in (name, str(tmp_path / name), name):
        assert real_path(path) == os.path.realpath(path)


def test_a_directory_may_become_another_one(tmp_path: Path) -> None:
    """What a link leads to is asked again, and so is a directory that was replaced."""
    for one in ("a", "b"):
        (tmp_path / one).mkdir()
        (tmp_path / one / "f").write_text("")
    link = tmp_path / "link"
    for target in ("a", "b"):
        link.symlink_to(target)
        assert real_path(str(link / "f")) == str(tmp_path / target / "f")
        link.unlink()


def test_a_relative_path_is_of_the_directory_that_the_program_works_in(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A directory that has got the number of one that is gone is another one."""
    for one in ("a", "b"):
        (tmp_path / one).mkdir()
        (tmp_path / one / "f").write_text("")
        monkeypatch.chdir(tmp_path / one)
        assert real_path("f") == os.path.realpath("f")
        monkeypatch.chdir(tmp_path)
        (tmp_path / one / "f").unlink()
        (tmp_path / one).rmdir()


def test_deep_directories_are_looked_at_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Of templates deep below each other, each directory is looked at some times, and not once for each other one."""
    depth, looks = 100, 0
    place = tmp_path
    for _ in range(depth):
        place = place / "d"
        place.mkdir()
        (place / "t.yaml").write_text(TEMPLATE)

    def counted(path: str) -> os.stat_result:
        nonlocal looks
        looks += 1
        return look(path)

    look = os.lstat
    monkeypatch.setattr(os, "lstat", counted)
    assert check([str(tmp_path)]).templates == depth
    assert looks < 100 * depth
