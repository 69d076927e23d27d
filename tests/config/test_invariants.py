"""
`[[invariant]]` in a configuration: what is read, and what is an error with its line.
"""

from __future__ import annotations

from pathlib import Path

import pytest

import trustproof
from trustproof.config.invariants import Issuer

WHOLE = """\
[[invariant]]
name = "deployers"
resources = ["Deploy*", "arn:aws:iam::*:role/deploy/*"]
description = "only the pipeline"
severity = "warning"
waivable = false
accounts = ["111122223333"]
own-account = true
organizations = ["o-a1b2c3d4e5"]
roles = ["arn:aws:iam::111122223333:role/ci-*"]
users = ["arn:aws:iam::111122223333:user/ann"]
services = ["codebuild.amazonaws.com"]
mfa = true
max-mfa-age = 3600
external-id = true
source-addresses = ["203.0.113.0/24", "2001:db8::/32"]
vpc-endpoints = ["vpce-0a1b2c"]

[[invariant.issuers]]
provider = "token.actions.githubusercontent.com"
subjects = ["repo:our/*:ref:refs/heads/main"]
"""
START = '[[invariant]]\nname = "a"\nresources = ["A"]\n'

MANY = ", ".join(f'"r{n}"' for n in range(2_001))


def load(folder: Path, text: str) -> trustproof.Config:
    """The configuration in a text."""
    file = folder / "trustproof.toml"
    file.write_text(text, encoding="utf-8")
    return trustproof.load_config(file)


def test_every_key_is_read(tmp_path: Path) -> None:
    """And the settings of a property are those of the invariant."""
    config = load(tmp_path, WHOLE)
    (found,) = config.invariants
    assert (found.ident, found.resources[0], found.says_who) == ("invariant-deployers", "Deploy*", True)
    assert found.issuers == (Issuer("token.actions.githubusercontent.com", ("repo:our/*:ref:refs/heads/main",)),)
    assert (found.mfa, found.max_mfa_age, found.external_id, found.own_account) == (True, 3600, True, True)
    assert found.source_addresses == ("203.0.113.0/24", "2001:db8::/32")
    assert (config.severity(found.ident), config.is_waivable(found.ident)) == ("warning", False)


def test_an_empty_list_names_nobody(tmp_path: Path) -> None:
    """Who may is said where one of its keys is written; conditions alone say nothing of who."""
    assert load(tmp_path, START + "accounts = []\n").invariants[0].says_who
    assert not load(tmp_path, START + "mfa = true\n").invariants[0].says_who


def test_what_is_shown_is_read_as_the_same(tmp_path: Path) -> None:
    """`trustproof config show` prints what holds as it would be written."""
    from trustproof.config.writer import to_toml

    config = load(tmp_path, WHOLE)
    assert load(tmp_path, to_toml(config, {})).invariants == config.invariants


def test_what_is_shown_lets_pass_what_the_file_does(tmp_path: Path) -> None:
    """What is excluded, the baseline and the waivers are a part of what holds."""
    from trustproof.config.writer import to_toml

    waiver = '[[waiver]]\nproperty = "mfa-required"\nresource = "D*"\ntemplate = "a/**"\n'
    waiver += 'reason = "a \\"quote\\""\nowner = "ann"\nexpires = 2027-01-31\n'
    config = load(tmp_path, 'exclude = ["/old/**"]\nbaseline = "b.json"\n' + waiver)
    shown = load(tmp_path, to_toml(config, {}))
    assert (shown.exclude, shown.baseline) == (("/old/**",), "b.json")
    (before,), (after,) = ([one._replace(line=None, text="", path=()) for one in c.waivers] for c in (config, shown))
    assert before == after


def test_an_invariant_takes_the_place_of_one_with_its_name(tmp_path: Path) -> None:
    """In a file that extends another one; the others stay."""
    (tmp_path / "base.toml").write_text(WHOLE + "\n" + START + "mfa = true\n", encoding="utf-8")
    config = load(tmp_path, 'extends = "base.toml"\n' + START + 'accounts = ["444455556666"]\n')
    assert [(one.name, one.accounts) for one in config.invariants] == [
        ("deployers", ("111122223333",)),
        ("a", ("444455556666",)),
    ]


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        (START, 1, 'the invariant "a" says neither who may get in nor under which condition'),
        ('[[invariant]]\nname = "A b"\nresources = ["A"]\nmfa = true\n', 2, "must be lower-case letters"),
        ('[[invariant]]\nname = "a"\nmfa = true\n', 1, '[invariant] lacks the key "resources"'),
        (START + "who = []\n", 4, 'unknown key "who" in [invariant]; accepted: name, resources'),
        (START + "accounts = [111122223333]\n", 4, "must be a string: quote it"),
        (START + 'roles = ["admin"]\n', 4, 'role "admin" must be a pattern for an ARN'),
        (START + 'users = ["arn:aws:iam::111122223333:role/x"]\n', 4, "must be a pattern for an ARN"),
        (START + 'services = ["lambda"]\n', 4, "must be the name of a service principal"),
        (START + 'source-addresses = ["203.0.113.1/24"]\n', 4, "must be a CIDR block"),
        (START + 'vpc-endpoints = ["vpc-1"]\n', 4, "must be an id such as"),
        (START + "max-mfa-age = 0\n", 4, "a whole number of seconds, greater than 0, got 0"),
        (START + 'mfa = "yes"\n', 4, 'invariant.mfa must be true or false, got "yes"'),
        (START + 'mfa = true\nseverity = "bad"\n', 5, 'unknown severity "bad"'),
        (START + '[[invariant.issuers]]\nprovider = "https://x.example"\n', 5, "must be a host such as"),
        (START + '[[invariant.issuers]]\nprovider = "*.x.com"\nsubjects = ["a"]\n', 6, "need a provider without"),
        (START + "mfa = true\n" + START + "mfa = true\n", 6, 'two invariants are called "a"'),
        (
            "".join(f'[[invariant]]\nname = "i{n}"\nresources = ["*"]\nmfa = true\n' for n in range(201)),
            1,
            "at most 200",
        ),
        (f'[[invariant]]\nname = "a"\nresources = [{MANY}]\nmfa = true\n', 1, "more than 2000 patterns"),
        ("invariant = 1\n", 1, "each under an [[invariant]], got 1"),
    ],
)
def test_what_is_no_invariant_is_an_error_with_its_line(tmp_path: Path, text: str, line: int, message: str) -> None:
    """With the value and what is accepted."""
    with pytest.raises(trustproof.ConfigError) as caught:
        load(tmp_path, text)
    assert message in caught.value.message
    assert (caught.value.line, caught.value.file) == (line, str(tmp_path / "trustproof.toml"))


def test_a_waiver_of_an_invariant_that_may_not_be_waived_names_its_table(tmp_path: Path) -> None:
    """There is no table of properties for it."""
    waiver = '[[waiver]]\nproperty = "invariant-a"\nresource = "A"\nreason = "b"\n'
    with pytest.raises(trustproof.ConfigError, match=r"cannot be waived: \[\[invariant\]\] name"):
        load(tmp_path, START + "accounts = []\nwaivable = false\n" + waiver)
