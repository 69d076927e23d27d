"""
A file that a symbolic link leads to is judged by what is configured for its own name, and that it has another one by
which it would be judged otherwise is said.
"""

import json
from pathlib import Path

import pytest

from trustproof.cli.main import main

TRUST = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "111122223333"}}
ROLE = {
    "Type": "AWS::IAM::Role",
    "Properties": {"AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [TRUST]}},
}
MINE = '[boundary]\naccounts = ["111122223333"]\n'
STRICT = '[[override]]\npaths = ["prod/**"]\n[override.properties.mfa-required]\nwaivable = false\n'
LENIENT = '[[override]]\npaths = ["labs/**"]\n[override.properties.mfa-required]\nseverity = "off"\n'
WAIVED = '[[waiver]]\nproperty = "mfa-required"\ntemplate = "labs/**"\nreason = "a test"\n'


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two directories, which are configured each for itself."""
    monkeypatch.chdir(tmp_path)
    for name in ("labs", "prod"):
        (tmp_path / name).mkdir()
    return tmp_path


def _linked(project: Path, file: str, link: str) -> None:
    (project / file).write_text(json.dumps({"Resources": {"R": ROLE}}))
    (project / link).symlink_to(project / file)


@pytest.mark.parametrize("configured", [MINE + STRICT + LENIENT, MINE + LENIENT, MINE + WAIVED])
@pytest.mark.parametrize("named", [["."], ["labs/a.json", "prod/b.json"], ["prod/b.json", "labs/a.json"]])
def test_a_link_makes_nothing_lenient(
    project: Path, configured: str, named: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """Whatever is named first, the file is judged by what holds where it lies."""
    (project / "trustproof.toml").write_text(configured)
    _linked(project, "prod/b.json", "labs/a.json")
    assert main(["check", *named]) == 1
    assert "refuted[mfa-required]" in capsys.readouterr().out


@pytest.mark.parametrize("configured", [MINE + STRICT + LENIENT, MINE + WAIVED])
def test_a_file_is_not_moved_to_where_less_is_asked(
    project: Path, configured: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Under the name of the link it would be refuted, and is not looked at: that fails where nothing is passed over."""
    (project / "trustproof.toml").write_text(configured)
    _linked(project, "labs/b.json", "prod/a.json")
    assert main(["check", "."]) == 0
    assert "passed over ./prod/a.json: another name of ./labs/b.json" in capsys.readouterr().out
    assert main(["check", "--strict", "."]) == 1


def test_a_link_within_one_configuration_is_nothing(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One file is judged once, and there is nothing to say."""
    (project / "trustproof.toml").write_text(MINE)
    _linked(project, "prod/b.json", "labs/a.json")
    assert main(["check", "."]) == 1
    said = capsys.readouterr().out
    assert "prod/b.json" in said
    assert "another name" not in said
    assert "1 template" in said
