"""
With which configuration the sides of a difference are judged; and that what is to be merged does not judge itself.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

import trustproof
from trustproof.errors import ConfigError
from trustproof.results.difference import Difference

OWN, HUB, OTHER = "222233334444", "111122223333", "999988887777"
MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
BOUNDARY = f'[boundary]\naccounts = ["{HUB}"]\n'


def role(account: str = HUB, **condition: Any) -> str:
    """A template with a role that lets in an account."""
    statement = {"Effect": "Allow", "Principal": {"AWS": account}, "Action": "sts:AssumeRole", "Condition": condition}
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    properties = {"RoleName": "admin", "AssumeRolePolicyDocument": policy}
    return json.dumps({"Resources": {"R": {"Type": "AWS::IAM::Role", "Properties": properties}}})


def write(folder: Path, **files: str) -> None:
    """Files by their paths, with ``__`` for a slash and ``_`` for the point of the suffix."""
    for name, text in files.items():
        path = folder / (name.replace("__", "/").rpartition("_")[0] + "." + name.rpartition("_")[2])
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def verdicts(found: Difference) -> list[tuple[str, str | None, str | None]]:
    """The verdicts that changed."""
    return [(one.property, one.before, one.after) for one in found.verdicts]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def between(old: str = "old", new: str = "new") -> Difference:
    """Two directories, with the configuration that the command line would find."""
    return trustproof.diff(old, new, account=OWN, config=trustproof.load_config())


@pytest.mark.parametrize("own", [BOUNDARY, '[properties.mfa-required]\nseverity = "warning"\n'])
def test_configurations_that_are_not_the_same_are_said_where_verdicts_change(here: Path, own: str) -> None:
    """Once, with both files; where no verdict changes, or both say the same, nothing is said."""
    write(here, old__trustproof_toml=own, old__a_json=role(**MFA), new__a_json=role())
    found = between()
    reasons = [reason for one in found.undecided for reason in one.reasons]
    assert (
        reasons.count(
            "the configurations are not the same (old/trustproof.toml on the old side, none on the new side), "
            "by which alone a verdict may have changed"
        )
        == 1
    )
    assert found.verdicts
    write(here, new__trustproof_toml=own)
    assert not between().undecided


def test_each_template_is_judged_with_what_is_nearest_to_it(here: Path) -> None:
    """As `check` does: a boundary counts in its directory, on both sides."""
    write(
        here,
        old__trustproof_toml=BOUNDARY,
        old__a_json=role(**MFA),
        new__trustproof_toml=BOUNDARY,
        new__a_json=role(OTHER, **MFA),
    )
    assert ("inside-boundary", "proved", "refuted") in verdicts(between())


def test_overrides_count(here: Path) -> None:
    """What is overridden for some templates is so in a difference as well."""
    override = '[[override]]\npaths = ["**/lab/**"]\n[override.properties.mfa-required]\nseverity = "off"\n'
    write(here, trustproof_toml=f"{BOUNDARY}{override}")
    write(here, old__lab__a_json=role(**MFA), new__lab__a_json=role())
    write(here, old__a_json=role(**MFA).replace("admin", "other"), new__a_json=role().replace("admin", "other"))
    found = between()
    assert [(one.property, Path(one.where.template).parent.name) for one in found.verdicts] == [("mfa-required", "new")]
    assert not found.undecided


def test_waivers_of_nearer_configurations_do_not_matter(here: Path) -> None:
    """Whether somebody has said why something may be is no part of what it means; nor does a day have to be told."""
    waiver = '[[waiver]]\nproperty = "mfa-required"\nresource = "R"\nreason = "x"\nexpires = 2020-01-01\n'
    write(here, old__trustproof_toml=waiver, old__a_json=role(**MFA))
    write(here, new__trustproof_toml=waiver, new__a_json=role())
    assert ("mfa-required", "proved", "refuted") in verdicts(between())


def test_a_property_that_one_side_does_not_ask_is_said(here: Path) -> None:
    """A configuration that switches it off does not make a refuted role one that is gone, or a new one."""
    off = '[properties.mfa-required]\nseverity = "off"\n'
    write(here, old__trustproof_toml=BOUNDARY, old__a_json=role(**MFA))
    write(here, new__trustproof_toml=BOUNDARY + off, new__a_json=role())
    found = between()
    assert "mfa-required" not in [one.property for one in found.verdicts]
    assert [one.reasons for one in found.undecided] == [
        ("mfa-required is asked on the old side only: the new side has another configuration",)
    ]
    assert found.gained


# -- revisions


def git(folder: Path, *arguments: str) -> None:
    """Run git as somebody."""
    identity = ("-c", "user.name=a", "-c", "user.email=a@b.example")
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def repository(here: Path) -> Path:
    """A repository with a role that demands MFA, and a boundary."""
    git(here, "init", "-q")
    write(here, trustproof_toml=f'exclude = ["fixtures/**"]\n{BOUNDARY}', app__a_json=role(**MFA))
    write(here, fixtures__broken_json='{"Resources": {"R": {"Type": "AWS::IAM::Role", "Properties": 1}}}')
    git(here, "add", ".")
    git(here, "commit", "-qm", "x")
    return here


def since(*paths: str) -> Difference:
    """Since the last commit, with the configuration that the command line would find."""
    return trustproof.diff_since("HEAD", paths or ["."], account=OWN, config=trustproof.load_config())


def test_what_is_excluded_is_so_on_both_sides(repository: Path) -> None:
    """A file that nobody looks into is not looked into at the revision either."""
    (repository / "fixtures" / "other.json").write_text(role(OTHER))
    assert since().is_empty
    assert since("app").is_empty


@pytest.mark.parametrize(
    "change",
    [
        'exclude = ["app/**"]\n',
        '[properties.mfa-required]\nseverity = "off"\n',
        f'[boundary]\naccounts = ["{OTHER}"]\n',
        '[[override]]\npaths = ["**"]\n[override.properties.mfa-required]\nseverity = "off"\n',
        None,
    ],
)
@pytest.mark.parametrize("place", ["trustproof.toml", "app/trustproof.toml"])
def test_what_is_to_be_merged_does_not_judge_itself(repository: Path, change: str | None, place: str) -> None:
    """A change of the configuration, or its end, hides neither access that is gained nor verdicts that change."""
    if change is None:
        (repository / "trustproof.toml").unlink()
    else:
        (repository / place).write_text(change)
    (repository / "app" / "a.json").write_text(role(OTHER))
    found = since()
    assert found.gained
    assert {("mfa-required", "proved", "refuted"), ("inside-boundary", "proved", "refuted")} <= set(verdicts(found))


def test_a_nearer_configuration_of_the_revision_judges_both_sides(repository: Path) -> None:
    """As the revision has it, for templates at the same places."""
    (repository / "app" / "trustproof.toml").write_text(f'[boundary]\naccounts = ["{OTHER}"]\n')
    git(repository, "add", ".")
    git(repository, "commit", "-qm", "y")
    (repository / "app" / "trustproof.toml").unlink()
    (repository / "app" / "a.json").write_text(role(OTHER, **MFA))
    assert ("inside-boundary", "refuted", "proved") in verdicts(since())


def test_a_configuration_may_extend_another_one_of_the_revision(repository: Path) -> None:
    """What it extends is of the same day."""
    write(repository, shared__base_toml=BOUNDARY)
    (repository / "trustproof.toml").write_text('extends = ["shared/base.toml"]\n')
    git(repository, "add", ".")
    git(repository, "commit", "-qm", "y")
    (repository / "shared" / "base.toml").write_text(f'[boundary]\naccounts = ["{OTHER}"]\n')
    (repository / "app" / "a.json").write_text(role(OTHER, **MFA))
    assert ("inside-boundary", "proved", "refuted") in verdicts(since())


def test_a_first_configuration_counts(repository: Path) -> None:
    """Where the revision has none, there is no gate that could be silenced."""
    git(repository, "rm", "-q", "trustproof.toml")
    git(repository, "commit", "-qm", "y")
    (repository / "trustproof.toml").write_text(f'exclude = ["fixtures/**"]\n{BOUNDARY}')
    (repository / "app" / "a.json").write_text(role(OTHER, **MFA))
    found = since()
    assert ("inside-boundary", "proved", "refuted") in verdicts(found)


def test_a_first_configuration_excludes_nothing(repository: Path) -> None:
    """One that comes with what is to be merged must not hide it."""
    (repository / "fixtures" / "broken.json").unlink()
    git(repository, "rm", "-q", "trustproof.toml")
    git(repository, "add", ".")
    git(repository, "commit", "-qm", "y")
    (repository / "trustproof.toml").write_text('exclude = ["**"]\n')
    (repository / "app" / "a.json").write_text(role())
    git(repository, "add", ".")
    assert since().gained


def test_a_configuration_that_git_does_not_keep_excludes_something_where_it_is_named(repository: Path) -> None:
    """Whoever names it has said so; one that is found may be a part of what is to be merged tomorrow."""
    (repository / "fixtures" / "broken.json").unlink()
    git(repository, "rm", "-q", "trustproof.toml")
    git(repository, "add", ".")
    git(repository, "commit", "-qm", "y")
    (repository / "app" / "a.json").write_text(role())
    write(repository, trustproof_toml='exclude = ["app/**"]\n')
    assert since().gained
    named = trustproof.load_config("trustproof.toml")
    assert trustproof.diff_since("HEAD", ["."], account=OWN, config=named).is_empty


def test_a_broken_configuration_of_the_revision_is_named_there(repository: Path) -> None:
    """The message leads to the file of the revision, and not to one that is gone."""
    (repository / "trustproof.toml").write_text("nonsense = 1\n")
    git(repository, "add", ".")
    git(repository, "commit", "-qm", "y")
    (repository / "trustproof.toml").write_text(BOUNDARY)
    with pytest.raises(ConfigError, match=r"^HEAD:trustproof.toml:1: "):
        since()
