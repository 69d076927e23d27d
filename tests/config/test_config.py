"""
The configuration: what is read, where it is found, and how it refuses what it does not know.
"""

from __future__ import annotations

import pickle
import re
import tomllib
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

import trustproof
from trustproof.config import loader
from trustproof.config.loader import load_config
from trustproof.config.model import Boundary, Config, PropertySettings, ThirdParty
from trustproof.config.reader import read_mapping
from trustproof.config.writer import to_toml
from trustproof.errors import ConfigError


def _seconds(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise ValueError("a whole number of seconds, at least 1")
    return value


KNOWN: dict[str, dict[str, object]] = {
    "inside-boundary": {},
    "mfa-required": {"max-age": _seconds},
    "session-duration-bounded": {"max-seconds": int},
}

TABLES = (
    "boundary exclude third-party sensitive properties waiver template-waivers baseline override extends invariant "
    "organization nested"
).split()

WHOLE = """\
[boundary]
accounts = ["111122223333", "222233334444"]   # besides the template's own account
organizations = ["o-a1b2c3d4e5"]
network-bounds = false

[[third-party]]
name = "observability vendor"
accounts = ["444455556666"]

[[third-party]]
name = "backup vendor"
accounts = ["555566667777", "666677778888"]

[sensitive]
actions = ["ec2:StopInstances", "iam:*", "kms:ScheduleKeyDeletion", "S3:?etObject*", "*"]

[properties.mfa-required]
severity = "warning"
max-age = 3600

[properties.session-duration-bounded]
max-seconds = 7200

[properties.inside-boundary]
severity = "off"
"""


def _load(tmp_path: Path, text: str) -> Config:
    file = tmp_path / "given.toml"
    file.write_text(text, encoding="utf-8")
    return load_config(str(file), known=KNOWN)


def test_every_declaration_is_read(tmp_path: Path) -> None:
    """Each table of the file becomes its value, in the order of the file."""
    config = _load(tmp_path, WHOLE)
    assert config == Config(
        boundary=Boundary(("111122223333", "222233334444"), ("o-a1b2c3d4e5",), network_bounds=False),
        third_parties=(
            ThirdParty("observability vendor", ("444455556666",)),
            ThirdParty("backup vendor", ("555566667777", "666677778888")),
        ),
        sensitive_actions=("ec2:StopInstances", "iam:*", "kms:ScheduleKeyDeletion", "S3:?etObject*", "*"),
        properties={
            "inside-boundary": PropertySettings("off"),
            "mfa-required": PropertySettings("warning", {"max-age": 3600}),
            "session-duration-bounded": PropertySettings(None, {"max-seconds": 7200}),
        },
        file=str(tmp_path / "given.toml"),
    )
    assert list(config.properties) == sorted(config.properties)


def test_settings_that_are_not_declared_have_the_default_of_the_property(tmp_path: Path) -> None:
    """A property keeps its own severity and options where the project does not say."""
    config = _load(tmp_path, WHOLE)
    assert config.severity("mfa-required") == "warning"
    assert config.severity("session-duration-bounded", "warning") == "warning"
    assert config.severity("never-declared") == "error"
    assert config.option("mfa-required", "max-age") == 3600
    assert config.option("never-declared", "max-age", 900) == 900


def test_an_empty_boundary_is_not_no_boundary(tmp_path: Path) -> None:
    """A [boundary] without accounts says that nobody else is one of us; no [boundary] says nothing."""
    assert _load(tmp_path, "[boundary]\n").boundary == Boundary()
    assert _load(tmp_path, "").boundary is None
    assert _load(tmp_path, "").sensitive_actions is None


def test_a_mapping_reads_like_the_file() -> None:
    """The library takes the same tables as dictionaries."""
    config = read_mapping(
        {
            "boundary": {"accounts": ["111122223333", "111122223333"]},
            "third-party": [{"name": "vendor", "accounts": ("444455556666",)}],
        },
        known=KNOWN,
    )
    assert config.boundary == Boundary(("111122223333",))
    assert config.third_parties == (ThirdParty("vendor", ("444455556666",)),)
    assert config.file is None


def test_a_configuration_travels_to_worker_processes(tmp_path: Path) -> None:
    """A configuration survives pickling unchanged."""
    config = _load(tmp_path, WHOLE)
    assert pickle.loads(pickle.dumps(config)) == config


ISSUER = '"idp.example.com/realms/main" (a host, and its path), or "sha256:" and 64 hexadecimal digits'
ERRORS = [
    # text, line, message
    (
        "[boundry]\n",
        1,
        'unknown table "boundry"; accepted: ' + ", ".join(TABLES) + '; did you mean "boundary"?',
    ),
    ("\nboundary = 3\n", 2, "boundary must be a table, got 3"),
    (
        "[boundary]\naccounts = []\naccount = []\n",
        3,
        (
            'unknown key "account" in [boundary]; accepted: accounts, organizations, network-bounds, issuers, tokens; '
            'did you mean "accounts"?'
        ),
    ),
    ('[boundary]\naccounts = "111122223333"\n', 2, 'boundary.accounts must be an array of strings, got "111122223333"'),
    (
        '[boundary]\naccounts = [\n  "222233334444",\n  111122223333,\n]\n',
        4,
        'account id 111122223333 must be a string: quote it, "111122223333"',
    ),
    ('boundary.accounts = ["1234"]\n', 1, 'account id "1234" must be a string of 12 digits'),
    ('[boundary]\naccounts = ["١١١١٢٢٢٢٣٣٣٣"]\n', 2, 'account id "١١١١٢٢٢٢٣٣٣٣" must be a string of 12 digits'),
    ("[boundary]\naccounts = [true]\n", 2, "account id true must be a string of 12 digits"),
    (
        '[boundary]\norganizations = ["o-A1b2c3d4e5"]\n',
        2,
        'organization id "o-A1b2c3d4e5" must be "o-" and 10 to 32 lower-case letters or digits',
    ),
    (
        '[boundary]\norganizations = ["o-short"]\n',
        2,
        'organization id "o-short" must be "o-" and 10 to 32 lower-case letters or digits',
    ),
    (
        '[boundary]\nissuers = ["https://idp.example.com"]\n',
        2,
        'issuer "https://idp.example.com" must be such as ' + ISSUER,
    ),
    ('[boundary]\nissuers = ["*.example.com"]\n', 2, 'issuer "*.example.com" must be such as ' + ISSUER),
    ('[boundary]\nissuers = ["sha256:00"]\n', 2, 'issuer "sha256:00" must be such as ' + ISSUER),
    ('[boundary]\nnetwork-bounds = "no"\n', 2, 'boundary.network-bounds must be true or false, got "no"'),
    ("[third-party]\n", 1, "third-party must be tables, each under a [[third-party]], got a table"),
    ('[[third-party]]\nname = "a"\n', 1, '[third-party] lacks the key "accounts"'),
    (
        '[[third-party]]\nname = "a"\naccounts = ["444455556666"]\n[[third-party]]\nname = " "\naccounts = []\n',
        5,
        'third-party.name must be a string that is not empty, got " "',
    ),
    (
        '[[third-party]]\nname = "a"\naccounts = []\n',
        3,
        "third-party.accounts must name at least one account",
    ),
    (
        '[[third-party]]\nname = "a"\naccounts = ["444455556666"]\nexternal-id = "x"\n',
        4,
        'unknown key "external-id" in [third-party]; accepted: name, accounts',
    ),
    ("[sensitive]\n", 1, '[sensitive] lacks the key "actions"'),
    (
        "[sensitive]\nactions = []\n",
        2,
        (
            "sensitive.actions must name at least one action; "
            '[properties.sensitive-actions-require-mfa] severity = "off" switches the property off'
        ),
    ),
    (
        '[sensitive]\nactions = ["iam:*", "StopInstances"]\n',
        2,
        'action "StopInstances" must be a pattern such as "ec2:StopInstances", "iam:*" or "*"',
    ),
    (
        '[sensitive]\nactions = ["iam: *"]\n',
        2,
        'action "iam: *" must be a pattern such as "ec2:StopInstances", "iam:*" or "*"',
    ),
    (
        'exclude = ["a",\n "./legacy/**"]\n',
        2,
        'exclude "./legacy/**" matches nothing, as no path has a part "." in it: write "legacy/**"',
    ),
    ('exclude = ["../a"]\n', 1, 'exclude "../a" matches nothing: what is left out is below the configuration'),
    ('nested = ["./a"]\n', 1, 'nested "./a" matches nothing, as no path has a part "." in it: write "a"'),
    (
        '[[override]]\npaths = ["a\\\\b"]\n',
        2,
        'path "a\\b" has a backslash before "b", which separates no directories: write "/"',
    ),
    (
        '[[override]]\npaths = ["!a"]\n',
        2,
        "override.paths match nothing: each takes back what one before it matches",
    ),
    (
        '[[waiver]]\nproperty = "mfa-required"\nreason = "x"\ntemplate = "./a.yaml"\n',
        1,
        'the template "./a.yaml" of a waiver matches nothing, as no path has a part "." in it: write "a.yaml"',
    ),
    (
        '[[waiver]]\nproperty = "mfa-required"\nreason = "x"\ntemplate = "!a.yaml"\n',
        1,
        'the template "!a.yaml" of a waiver matches nothing: there is nothing to take back',
    ),
    (
        "[properties.mfa]\n",
        1,
        'unknown property "mfa"; accepted: inside-boundary, mfa-required, not-checked, session-duration-bounded',
    ),
    (
        '[properties]\nmfa-required = {severity = "err"}\n',
        2,
        'unknown severity "err"; accepted: "error", "warning", "note", "off"',
    ),
    (
        "[properties.mfa-required]\nmax-seconds = 3\n",
        2,
        'unknown key "max-seconds" in [properties.mfa-required]; accepted: severity, waivable, max-age',
    ),
    (
        '[properties.mfa-required]\n"max-age" = "1h"\n',
        2,
        'mfa-required.max-age must be a whole number of seconds, at least 1, got "1h"',
    ),
    (
        "[properties.session-duration-bounded]\nmax-seconds = true\n",
        2,
        "session-duration-bounded.max-seconds must be a whole number, got true",
    ),
]


@pytest.mark.parametrize(("text", "line", "message"), ERRORS, ids=[message[:40] for _, _, message in ERRORS])
def test_what_is_not_known_is_an_error_with_its_line(tmp_path: Path, text: str, line: int, message: str) -> None:
    """An unknown table, key or value names itself, its line, and what is accepted."""
    with pytest.raises(ConfigError) as caught:
        _load(tmp_path, text)
    assert (caught.value.message, caught.value.line) == (message, line)
    assert caught.value.file == str(tmp_path / "given.toml")


@pytest.mark.parametrize("more", [{}, {"accounts": ["111122223333"]}])
def test_issuers_alone_are_no_boundary(more: dict[str, object]) -> None:
    """Whoever declares an issuer has not said that all accounts but the own one are others'."""
    found = read_mapping({"boundary": {"issuers": ["idp.example.com/realms/main"], **more}}, known=KNOWN)
    assert found.issuers == ("idp.example.com/realms/main",)
    assert (found.boundary is None) == (not more)
    assert read_mapping(tomllib.loads(to_toml(found, {})), known=KNOWN) == found


def test_a_mapping_has_errors_without_a_place() -> None:
    """An error in a mapping shows the value and what is accepted; there is no file to name."""
    with pytest.raises(ConfigError) as caught:
        read_mapping({"boundary": None}, known=KNOWN)
    assert str(caught.value) == "boundary must be a table, got nothing"


NOT_TOML = [
    ("[boundary\n", (1, 10), "expected ']' at the end of a table declaration"),
    ("[boundary]\naccounts = [", (2, None), "invalid value: what begins here does not end"),
    ('[boundary]\naccounts = [\n  "111122223333",\n\n', (2, None), "invalid value: what begins here does not end"),
    ("[boundary]\naccounts = '''[\n\n", (2, None), "expected \"'''\": what begins here does not end"),
    (
        "[boundary]\naccounts = [012345678901]\n",
        (2, 14),
        'unclosed array; an account id is a string: write it in quotes, "012345678901"',
    ),
    ("a = " + "[" * 10_000, (None, None), "nested too deeply"),
    ("[a]\nb = [1, 0x" + "f" * 5_000 + "]", (2, None), "a whole number has more than 64 bits"),
    (
        f'a = """\n{"9" * 5_000}"""\n# {"9" * 5_000}\nb = [\n  {"9" * 5_000}]',
        (5, None),
        "a whole number has more than 64 bits",
    ),
]


@pytest.mark.parametrize(("text", "place", "message"), NOT_TOML, ids=[message[:30] for _, _, message in NOT_TOML])
def test_what_is_not_toml_is_an_error_with_its_place(
    tmp_path: Path, text: str, place: tuple[int | None, int | None], message: str
) -> None:
    """A syntax error has the parser's line and column."""
    with pytest.raises(ConfigError) as caught:
        _load(tmp_path, text)
    assert (caught.value.line, caught.value.column) == place
    assert caught.value.message.startswith(f"not valid TOML: {message}")


def test_a_file_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    """A missing file, a directory and a file in another encoding each say so."""
    with pytest.raises(ConfigError, match=r"gone\.toml: cannot be read: no such file or directory"):
        load_config(str(tmp_path / "gone.toml"), known=KNOWN)
    with pytest.raises(ConfigError, match="cannot be read: is a directory"):
        load_config(str(tmp_path), known=KNOWN)
    latin = tmp_path / "latin.toml"
    latin.write_bytes("[boundary] # défaut".encode("latin-1"))
    with pytest.raises(ConfigError, match="cannot be read: not UTF-8"):
        load_config(str(latin), known=KNOWN)


def _boundary(account: str, table: str = "boundary") -> str:
    return f'[{table}]\naccounts = ["{account}"]\n'


class TestSearch:
    """Which file is read when none is named."""

    def test_nothing_is_declared_where_no_file_is(self, tmp_path: Path) -> None:
        """Without any file the configuration is the empty one."""
        assert load_config(None, str(tmp_path), known=KNOWN) == Config(is_nearest=True)

    def test_the_nearest_directory_wins(self, tmp_path: Path) -> None:
        """A pyproject.toml next door beats a trustproof.toml further up."""
        inner = tmp_path / "a" / "b"
        inner.mkdir(parents=True)
        (tmp_path / "trustproof.toml").write_text(_boundary("111111111111"))
        (inner.parent / "pyproject.toml").write_text(_boundary("222222222222", "tool.trustproof.boundary"))
        config = load_config(None, str(inner), known=KNOWN)
        assert config.boundary == Boundary(("222222222222",))
        assert config.file == str(inner.parent / "pyproject.toml")

    def test_two_in_one_directory_are_an_error(self, tmp_path: Path) -> None:
        """Whoever adds a trustproof.toml does not take the place of [tool.trustproof] beside it without a word."""
        (tmp_path / "trustproof.toml").write_text(_boundary("111111111111"))
        (tmp_path / "pyproject.toml").write_text(_boundary("222222222222", "tool.trustproof.boundary"))
        with pytest.raises(ConfigError, match=r"trustproof.toml: is a second configuration beside \[tool.trustproof\]"):
            load_config(None, str(tmp_path), known=KNOWN)
        assert load_config(str(tmp_path / "trustproof.toml"), known=KNOWN).boundary == Boundary(("111111111111",))

    def test_a_file_that_extends_the_one_beside_it_is_no_second(self, tmp_path: Path) -> None:
        """It says so itself, and what is declared there holds."""
        (tmp_path / "trustproof.toml").write_text('extends = ["pyproject.toml"]\n')
        (tmp_path / "pyproject.toml").write_text(_boundary("222222222222", "tool.trustproof.boundary"))
        assert load_config(None, str(tmp_path), known=KNOWN).boundary == Boundary(("222222222222",))

    @pytest.mark.parametrize(
        "other", ["[project]\ndependencies = ['trustproof']\n", "[tool.other]\n", "this is = not toml ["]
    )
    def test_a_pyproject_of_somebody_else_is_passed_by(self, tmp_path: Path, other: str) -> None:
        """A pyproject.toml without our table does not end the search."""
        inner = tmp_path / "a"
        inner.mkdir()
        (tmp_path / "trustproof.toml").write_text(_boundary("111111111111"))
        (inner / "pyproject.toml").write_text(other)
        assert load_config(None, str(inner), known=KNOWN).boundary == Boundary(("111111111111",))

    def test_a_file_in_the_working_directory_is_named_as_a_person_would(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The file's name is relative where it stands in or below the working directory."""
        monkeypatch.chdir(tmp_path)
        (tmp_path / "trustproof.toml").write_text(_boundary("111111111111"))
        assert load_config(None, known=KNOWN).file == "trustproof.toml"

    def test_errors_in_pyproject_have_their_line(self, tmp_path: Path) -> None:
        """Lines are those of the whole pyproject.toml."""
        (tmp_path / "pyproject.toml").write_text(
            "[project]\nname = 'x'\n\n[tool.trustproof.boundary]\naccounts = ['12']\n"
        )
        with pytest.raises(ConfigError) as caught:
            load_config(None, str(tmp_path), known=KNOWN)
        assert caught.value.line == 5

    def test_a_named_pyproject_must_have_our_table(self, tmp_path: Path) -> None:
        """Naming a pyproject.toml without [tool.trustproof] is an error, not an empty configuration."""
        file = tmp_path / "pyproject.toml"
        file.write_text("[project]\nname = 'x'\n")
        with pytest.raises(ConfigError, match=r"has no \[tool.trustproof\] table"):
            load_config(str(file), known=KNOWN)


def test_public_loader_knows_the_properties(tmp_path: Path) -> None:
    """`trustproof.load_config` takes nothing but where to look, and reads what the command line reads."""
    (tmp_path / "inner").mkdir()
    (tmp_path / "trustproof.toml").write_text('[properties.mfa-required]\nseverity = "warning"\nmax-age = 60\n')
    found = trustproof.load_config(start=tmp_path / "inner")
    assert found.option("mfa-required", "max-age") == 60
    assert trustproof.load_config(tmp_path / "trustproof.toml") == found._replace(is_nearest=False)
    (tmp_path / "other.toml").write_text('[properties.mfa-requierd]\nseverity = "warning"\n')
    with pytest.raises(ConfigError, match=r'other.toml:1: unknown property "mfa-requierd"'):
        trustproof.load_config(tmp_path / "other.toml")


def test_a_file_that_several_extend_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Levels of two files that each extend both of the next level are as many readings as there are files."""
    for level in range(18):
        below = f'extends = ["{level + 1}a.toml", "{level + 1}b.toml"]' if level < 17 else ""
        for name in "ab":
            (tmp_path / f"{level}{name}.toml").write_text(below, encoding="utf-8")
    asked: list[str] = []

    def counted(file: str) -> bytes:
        asked.append(file)
        return Path(file).read_bytes()

    monkeypatch.setattr(loader, "read_bytes", counted)
    found = load_config(str(tmp_path / "0a.toml"), known=KNOWN)
    assert len(asked) == 1 + 2 * 17 == 1 + len(found.extends)


@pytest.mark.parametrize(
    ("files", "names", "budget"),
    [
        (loader.MAX_CHAIN + 2, lambda n: [n + 1], f"files that extend each other in a row ({loader.MAX_CHAIN})"),
        (
            loader.MAX_EXTENDED + 2,
            lambda n: [] if n else range(1, loader.MAX_EXTENDED + 2),
            f"files that a configuration extends ({loader.MAX_EXTENDED})",
        ),
    ],
    ids=["row", "all"],
)
def test_what_extends_too_much_is_an_error_by_the_name_of_the_budget(
    files: int, names: Callable[[int], Iterable[int]], budget: str, tmp_path: Path
) -> None:
    """Neither a long chain of files nor a wide one is followed to its end."""
    for number in range(files):
        listed = ", ".join(f'"{name}.toml"' for name in names(number) if name < files)
        (tmp_path / f"{number}.toml").write_text(f"extends = [{listed}]", encoding="utf-8")
    with pytest.raises(ConfigError, match=re.escape(f"budget reached: {budget}")):
        load_config(str(tmp_path / "0.toml"), known=KNOWN)


@pytest.mark.parametrize("key", ["a", '"a b"', "'a.b'"])
@pytest.mark.parametrize("form", ["{}=1", "[{}]", "x={{{}=1}}"])
def test_a_key_of_many_parts_is_refused(tmp_path: Path, key: str, form: str) -> None:
    """A dotted key has a limit, since a parser remembers each of its beginnings; shorter ones are read."""
    file = tmp_path / "trustproof.toml"
    file.write_text("# a comment\n" + form.format(" . ".join([key] * 65)) + "\n")
    with pytest.raises(ConfigError, match=r"trustproof.toml:2: budget reached: parts of a key \(64\)"):
        load_config(str(file), known=KNOWN)
    file.write_text(form.format(".".join([key] * 64)) + "\n")
    with pytest.raises(ConfigError, match="unknown"):
        load_config(str(file), known=KNOWN)
