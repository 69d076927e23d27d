"""
Symbolic links that are something else by the time they are followed, or that lead nowhere, are an answer and no bug.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from trustproof import InputError, check
from trustproof.files.paths import real_path

TEMPLATE = "Resources:\n  Topic:\n    Type: AWS::SNS::Topic\n"
OPEN = """
resource "aws_iam_role" "r" {
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [
    { Effect = "Allow", Principal = { AWS = "*" }, Action = "sts:AssumeRole" }] })
}
"""
CODES = [errno.EINVAL, errno.ELOOP, errno.ENAMETOOLONG, errno.ENOTDIR, errno.EACCES, errno.ESTALE]


def _swap(monkeypatch: pytest.MonkeyPatch, name: str, failures: Iterator[int]) -> None:
    """Let looks at one link fail, as they do when it is replaced between `lstat` and `readlink`."""
    follow, is_link = os.path.realpath, os.path.islink

    def swapped(path: str) -> str:
        if os.path.basename(path) == name and (code := next(failures, 0)):
            raise OSError(code, os.strerror(code), path)
        return follow(path)

    monkeypatch.setattr(os.path, "realpath", swapped)
    monkeypatch.setattr(os.path, "islink", lambda path: os.path.basename(path) == name or is_link(path))


@pytest.mark.parametrize("code", CODES)
def test_a_link_that_changes_is_passed_over(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, code: int) -> None:
    """A link that cannot be followed is passed over with the reason, and what lies beside it is read."""
    (tmp_path / "a.yaml").write_text(TEMPLATE)
    (tmp_path / "link.yaml").symlink_to("a.yaml")
    _swap(monkeypatch, "link.yaml", iter([code] * 9))
    report = check([str(tmp_path)])
    assert report.templates == 1
    said = f"a symbolic link that cannot be followed: {os.strerror(code).lower()}"
    assert report.passed_over == ((str(tmp_path / "link.yaml"), said),)


def test_a_link_that_changes_once_is_followed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What a link has become by the second look is taken."""
    (tmp_path / "link").symlink_to("target")
    _swap(monkeypatch, "link", iter([errno.EINVAL]))
    assert real_path(str(tmp_path / "link")) == str(tmp_path / "target")


def test_a_file_that_changes_later_is_an_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A file that has become something else after it was listed is an error of the input, with its name."""
    (tmp_path / "a.yaml").write_text(TEMPLATE)
    (tmp_path / "b.yaml").write_text(TEMPLATE)
    _swap(monkeypatch, "b.yaml", iter([errno.EINVAL] * 2))
    report = check([str(tmp_path)])
    assert [error.file for error in report.errors] == [str(tmp_path / "b.yaml")]
    assert report.templates == 1


def test_no_path_is_written_with_nul() -> None:
    """A name that no file can have is an error of the input."""
    with pytest.raises(InputError, match=r"cannot be followed: .*embedded null"):
        real_path("a\0b")


@pytest.mark.parametrize("target", ["loop.tf", "a/" * 2_040, "a" * 300, "main.tf/x"])
def test_links_that_lead_nowhere_hide_nothing(tmp_path: Path, target: str) -> None:
    """A link that cannot be followed is an error, and the configuration beside it is judged."""
    (tmp_path / "main.tf").write_text(OPEN)
    (tmp_path / "loop.tf").symlink_to(target)
    report = check([str(tmp_path)])
    assert [error.file for error in report.errors] == [str(tmp_path / "loop.tf")]
    assert any(one.logical_id == "aws_iam_role.r" for one in report.failures())
