"""
A run takes the nearest configuration; what that lets pass and one further up does not is said, and fails ``--strict``.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.program import called, environment

OWN = "111122223333"
ROOT = f'[boundary]\naccounts = ["{OWN}"]\n'
MILD = '[properties.mfa-required]\nseverity = "warning"\n'
WAIVER = '[[waiver]]\nproperty = "mfa-required"\nreason = "later"\nresource = "Open"\n'
TOPIC = json.dumps({"Resources": {"T": {"Type": "AWS::SNS::Topic"}}})


def _write(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    ("own", "said"),
    [
        ('[properties.mfa-required]\nseverity = "off"\n' + ROOT, "mfa-required off"),
        (MILD + ROOT, "mfa-required warning"),
        ("[properties.mfa-required]\nmax-age = 90000\n" + ROOT, "mfa-required with options of its own"),
        (f'[boundary]\naccounts = ["{OWN}", "999988887777"]\n', "a [boundary] of its own"),
        ("", "no [boundary]"),
        (ROOT + '[[third-party]]\nname = "v"\naccounts = ["999988887777"]\n', "1 third party"),
        (ROOT + '[sensitive]\nactions = ["s3:GetObject"]\n', "[sensitive] actions of its own"),
        ("template-waivers = true\n" + ROOT, "waivers in templates"),
        ('exclude = ["role.json"]\n' + ROOT, "an exclude of its own"),
        # It cannot allow itself what it lets pass.
        ('nested = ["*"]\n' + MILD + ROOT, "mfa-required warning"),
        # Beside one that is no looser than that of the repository.
        (ROOT, ""),
        (ROOT + '[properties.session-duration-bounded]\nseverity = "error"\n', ""),
        ('extends = "../../trustproof.toml"\n', ""),
        ('exclude = ["cdk.out", "node_modules/"]\n' + ROOT, ""),
    ],
)
def test_what_the_nearest_lets_pass_fails_the_strict_gate(tmp_path: Path, own: str, said: str) -> None:
    """Unless the one further up lists it, or somebody has named it."""
    above = 'exclude = ["cdk.out", "node_modules/"]\n' + ROOT
    _write(tmp_path, {"trustproof.toml": above, "a/b/trustproof.toml": own, "a/b/topic.json": TOPIC})
    folder, note = tmp_path / "a" / "b", "it takes the place of ../../trustproof.toml, whose `nested` does not list it"
    strict = called(folder, "check", "--strict", "--verbose", ".")
    assert strict.returncode == (1 if said else 0), strict.stdout
    line = f"trustproof.toml: what it lets pass ({said}), as {note}, is not checked"
    assert (line in strict.stdout) is bool(said), strict.stdout
    lenient = called(folder, "check", ".")
    assert lenient.returncode == 0
    assert (note in lenient.stdout) is bool(said)
    for name in ("trustproof.toml", "../../trustproof.toml"):
        assert called(folder, "check", "--strict", "--config", name, ".").returncode == 0
    (tmp_path / "trustproof.toml").write_text('nested = ["a/b/trustproof.toml"]\n' + above)
    listed = called(folder, "check", "--strict", "--verbose", ".")
    assert listed.returncode == 0
    assert note not in listed.stdout
    passing = f"trustproof.toml takes the place of ../../trustproof.toml, with {said}"
    assert (passing in listed.stdout) is bool(said), listed.stdout


def test_each_one_further_up_has_its_say(tmp_path: Path) -> None:
    """Whoever adds two, one of which lists the other, is seen by the third."""
    _write(
        tmp_path,
        {
            "trustproof.toml": ROOT,
            "a/trustproof.toml": 'nested = ["*"]\n' + MILD + ROOT,
            "a/b/trustproof.toml": MILD + ROOT,
            "a/b/topic.json": TOPIC,
        },
    )
    strict = called(tmp_path / "a" / "b", "check", "--strict", ".")
    assert strict.returncode == 1
    assert "takes the place of ../../trustproof.toml" in strict.stdout


@pytest.mark.parametrize(
    ("files", "status"),
    [
        ({"a/trustproof.toml": ROOT + '[[override]]\npaths = ["b/"]\n[override.' + MILD[1:]}, 1),
        # Further up nobody knows of what lies below the nearest, which lists it.
        ({"a/trustproof.toml": 'nested = ["*/"]\n' + ROOT, "a/b/trustproof.toml": MILD}, 1),
        ({"a/trustproof.toml": ROOT, "a/b/trustproof.toml": ROOT}, 0),
        # What holds further up for some templates is what theirs is held against.
        ({"a/trustproof.toml": MILD + ROOT, "trustproof.toml": MILD + ROOT}, 0),
        (
            {
                "a/trustproof.toml": MILD + ROOT,
                "trustproof.toml": f'{MILD}{ROOT}[[override]]\npaths = ["a/"]\n'
                "[override.properties.mfa-required]\nseverity = 'error'\n",
            },
            1,
        ),
        (
            {
                "a/trustproof.toml": ROOT,
                "a/b/trustproof.toml": MILD,
                "trustproof.toml": f'nested = ["a/b/"]\n{ROOT}',
            },
            1,
        ),
    ],
)
def test_so_it_is_with_what_holds_for_some_templates(tmp_path: Path, files: dict[str, str], status: int) -> None:
    """The configuration of a template is held against all that are around the directory of the run."""
    _write(tmp_path, {"trustproof.toml": ROOT, "a/b/topic.json": TOPIC, **files})
    assert called(tmp_path / "a", "check", "--strict", ".").returncode == status


def test_an_override_is_what_a_nearer_configuration_is_held_against(tmp_path: Path) -> None:
    """One that is stricter for a directory is loosened by a file in there that says what the rest has."""
    strict = f"{MILD}{ROOT}[[override]]\npaths = ['a/']\n[override.properties.mfa-required]\nseverity = 'error'\n"
    _write(tmp_path, {"trustproof.toml": strict, "a/trustproof.toml": MILD, "a/topic.json": TOPIC})
    found = called(tmp_path, "check", "--strict", ".")
    assert found.returncode == 1
    assert "what it lets pass (mfa-required warning)" in found.stdout
    (tmp_path / "trustproof.toml").write_text(strict.replace("'error'", "'note'"))
    assert called(tmp_path, "check", "--strict", ".").returncode == 0


def test_a_waiver_of_its_own_is_said(tmp_path: Path) -> None:
    """Whoever adds a file can answer in it for whatever is found."""
    _write(tmp_path, {"trustproof.toml": ROOT, "a/trustproof.toml": ROOT + WAIVER, "a/topic.json": TOPIC})
    assert "what it lets pass (1 waiver), as it takes the place of" in called(tmp_path / "a", "check", ".").stdout


def test_a_baseline_further_up_is_held_against(tmp_path: Path) -> None:
    """One of its own silences what the other one knows nothing of; the same one does not."""
    _write(tmp_path, {"trustproof.toml": 'baseline = "known.json"\n' + ROOT, "a/topic.json": TOPIC})
    assert called(tmp_path, "baseline", "write", ".").returncode == 0
    for name, status in (("../known.json", 0), ("known.json", 1)):
        (tmp_path / "a" / "trustproof.toml").write_text(f'baseline = "{name}"\n{ROOT}')
        (tmp_path / "a" / "known.json").write_text((tmp_path / "known.json").read_text())
        found = called(tmp_path / "a", "check", "--strict", ".")
        assert found.returncode == status
        assert ("a baseline of its own" in found.stdout) is bool(status)


def test_a_process_in_a_directory_of_a_pull_request(tmp_path: Path) -> None:
    """As a runner starts it, with nothing of this process."""
    _write(
        tmp_path,
        {"trustproof.toml": ROOT, "app/trustproof.toml": 'exclude = ["role.json"]\n' + ROOT, "app/topic.json": TOPIC},
    )
    (tmp_path / ".git").mkdir()
    for arguments, status in (([], 1), (["--config=../trustproof.toml"], 0)):
        found = subprocess.run(
            [sys.executable, "-P", "-m", "trustproof", "check", "--strict", *arguments, "."],
            cwd=tmp_path / "app",
            env=environment(),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert found.returncode == status, found.stdout + found.stderr
        assert ("an exclude of its own" in found.stdout) is bool(status)
