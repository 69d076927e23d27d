"""
What `trustproof.diff` takes for its two sides: directories without templates, and what one of them cannot read.
"""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

import trustproof
from trustproof.errors import UsageError

OWN, HUB = "222233334444", "111122223333"


def key(account: str = HUB) -> str:
    """A template with a key that lets an account in."""
    statement = {"Effect": "Allow", "Principal": {"AWS": account}, "Action": "kms:Decrypt", "Resource": "*"}
    properties = {"KeyPolicy": {"Version": "2012-10-17", "Statement": [statement]}}
    return json.dumps({"Resources": {"Key": {"Type": "AWS::KMS::Key", "Properties": properties}}})


def git(folder: Path, *arguments: str) -> None:
    """Run git in a directory, as nobody in particular."""
    name = ("-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "init.defaultBranch=main")
    subprocess.run(["git", *name, *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository whose `templates` has a link to a template elsewhere in it."""
    for name in ("templates", "shared"):
        (tmp_path / name).mkdir()
    (tmp_path / "shared" / "key.json").write_text(key(), encoding="utf-8")
    (tmp_path / "templates" / "key.json").symlink_to("../shared/key.json")
    (tmp_path / "templates" / "other.json").write_text(key("333344445555"), encoding="utf-8")
    git(tmp_path, "init")
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-m", "one")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def since(path: str = "templates") -> trustproof.Difference:
    """What has changed since the last commit."""
    return trustproof.diff_since("HEAD", [path], account=OWN)


def test_a_directory_without_templates_is_a_side(tmp_path: Path) -> None:
    """What the other one has is gained or lost, and the side is called what it is; two of them are a mistake."""
    one, none = tmp_path / "one", tmp_path / "none"
    one.mkdir()
    none.mkdir()
    (one / "key.json").write_text(key(), encoding="utf-8")
    first, last = trustproof.diff(none, one, account=OWN), trustproof.diff(one, none, account=OWN)
    assert first.gained
    assert not first.lost
    assert first.old == f"{none}, which has no template"
    assert last.lost
    assert not last.gained
    with pytest.raises(trustproof.NothingToProve):
        trustproof.diff(none, none, account=OWN)


def test_a_key_is_shown_as_keys_are(tmp_path: Path) -> None:
    """The ARN of a key that has no name has a Region that there is."""
    (tmp_path / "key.json").write_text(key(), encoding="utf-8")
    (tmp_path / "old").mkdir()
    (change,) = trustproof.diff(tmp_path / "old", tmp_path / "key.json", account=OWN).gained
    assert change.counterexample.resource.startswith(f"arn:aws:kms:us-east-1:{OWN}:key/")


def test_a_link_out_of_the_directory_that_becomes_what_it_led_to(repository: Path) -> None:
    """Nothing has changed, and the same the other way."""
    file = repository / "templates" / "key.json"
    file.unlink()
    file.write_text(key(), encoding="utf-8")
    assert since().is_empty
    git(repository, "commit", "-am", "two")
    file.unlink()
    file.symlink_to("../shared/key.json")
    assert since().is_empty


@pytest.mark.parametrize("is_gone", [False, True])
def test_a_link_out_of_the_directory_that_is_another_file_or_gone(repository: Path, is_gone: bool) -> None:
    """Whether access changed is not known: nothing is said to be gained or lost."""
    file = repository / "templates" / "key.json"
    file.unlink()
    if not is_gone:
        file.write_text(key("999988887777"), encoding="utf-8")
    found = since()
    assert not found.access
    (one,) = found.undecided
    assert one.where.template == "HEAD:templates/key.json"
    assert "out of the directory" in one.reasons[0]


def test_a_file_that_becomes_a_link_out_of_the_directory(repository: Path) -> None:
    """What it said is not said to be lost."""
    file = repository / "templates" / "other.json"
    file.unlink()
    file.symlink_to("../shared/key.json")
    found = since()
    assert not found.access
    assert [one.where.template for one in found.undecided] == ["templates/other.json"]


def test_a_path_that_a_revision_has_not(repository: Path) -> None:
    """All of it is gained, and the old side is said to have no such path; the other paths keep their places."""
    os.rename(repository / "templates" / "other.json", repository / "templates" / "renamed.json")
    git(repository, "add", "-A")
    found = since("templates/renamed.json")
    assert found.gained
    assert found.old == "HEAD, which has no templates/renamed.json"
    git(repository, "commit", "-am", "two")
    (repository / "shared" / "key.json").unlink()
    (repository / "templates" / "key.json").unlink()
    both = trustproof.diff_since("HEAD", ["shared", "templates"], account=OWN)
    assert not both.gained
    assert [one.where.template for one in both.lost] == ["HEAD:shared/key.json"]


@pytest.mark.parametrize("swapped", [False, True])
@pytest.mark.parametrize("content", ["{", '{"hello": 1}'])
def test_a_template_that_becomes_what_nobody_can_read(tmp_path: Path, content: str, swapped: bool) -> None:
    """What it says on the other side is told, and that nobody knows what became of it."""
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "same.json").write_text(key(OWN), encoding="utf-8")
    (tmp_path / "one" / "key.json").write_text(key(), encoding="utf-8")
    (tmp_path / "other" / "key.json").write_text(content, encoding="utf-8")
    sides = ("other", "one") if swapped else ("one", "other")
    found = trustproof.diff(*(tmp_path / name for name in sides), account=OWN)
    assert bool(found.gained) is swapped
    assert bool(found.lost) is not swapped
    (undecided,) = found.undecided
    assert "it is no template" in undecided.reasons[0]
    assert undecided.where.template.endswith("key.json")


def test_a_revision_that_is_not_there_as_a_whole(repository: Path) -> None:
    """As in a copy of a part of it: an object that git does not have is said."""
    asked = ["git", "rev-parse", "HEAD:templates/other.json"]
    name = subprocess.run(asked, cwd=repository, check=True, capture_output=True, text=True).stdout.strip()
    (repository / ".git" / "objects" / name[:2] / name[2:]).unlink()
    with pytest.raises(UsageError, match=f"other.json: git has no object {name[:12]}"):
        since()
