"""
Wrong usage: exit code 2, a message that shows what was typed and what is accepted, and never a traceback.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.program import CONFIG, HELD, Run
from trustproof.cli import extras
from trustproof.cli.arguments import COMMANDS
from trustproof.cli.main import main

USAGE = [
    # arguments, last line of standard error
    (["check", "--x\x1b[31m\n::error::"], "trustproof check: error: unrecognized arguments: --x\\x1b[31m\\n::error::"),
    ([], "trustproof: error: the following arguments are required: COMMAND"),
    (["prove"], "trustproof: error: argument COMMAND: invalid choice: 'prove'"),
    (["check", "--fast"], "trustproof check: error: unrecognized arguments: --fast"),
    # Abbreviations would change their meaning with every new option.
    (["check", "--stric"], "trustproof check: error: unrecognized arguments: --stric"),
    (["check", "--account", "1234"], 'trustproof check: error: argument --account: must be 12 digits, got "1234"'),
    (
        ["check", "--account", "１２３４５６７８９０１２"],
        # Read as ASCII, they would be an account that somebody has.
        'trustproof check: error: argument --account: must be 12 digits, got "'
        + "".join(rf"\uff1{digit}" for digit in (1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1, 2))
        + '"',
    ),
    (
        ["check", "--region", "europe"],
        'trustproof check: error: argument --region: must be the name of a Region, as eu-west-1, got "europe"',
    ),
    (["check", "--jobs", "0"], "trustproof check: error: argument --jobs: '0' is not a number of processes: 1 or more"),
    (["check", "--format", "yaml"], "trustproof check: error: argument --format: invalid choice: 'yaml'"),
    (["check", "--output", "yaml=x"], "trustproof check: error: argument --output: invalid choice: 'yaml'"),
    (
        ["check", "--output", "json="],
        'trustproof check: error: argument --output: the name of a file is missing in "js',
    ),
    (["check", "t.json", "--output", "json=no/x"], "error: no/x cannot be written: its directory does not exist"),
    (["check", "t.json", "--output", "json=no/../t.json"], "error: no/../t.json cannot be written: its directory does"),
    (["check", "t.json", "--output", "json=."], "error: . cannot be written: it is a directory"),
    (
        ["check", "t.json", "--output", "json", "--format", "text"],
        "error: standard output is asked for text and for json",
    ),
    (["check", "t.json", "--output", "json=x", "--output", "sarif=./x"], "error: ./x is asked for json and for sarif"),
    (
        ["check", "--today", "soon"],
        'trustproof check: error: argument --today: must be a day such as 2027-01-31, got "s',
    ),
    (["check", "t.json", "--parameter", "Stage"], 'error: --parameter must be NAME=VALUE, got "Stage"'),
    (["check", "t.json", "--parameters-file", "gone"], "error: gone: cannot be read: no such file or directory"),
    (["check", "t.json", "--config", "gone"], "error: gone: cannot be read: no such file or directory"),
    (["sandbox", "--port", "http"], "trustproof sandbox: error: argument --port: 'http' is no port"),
    (["sandbox", "--"], "error: sandbox: a command is expected after --"),
    (["sandbox", "--port", "1", "code", "x"], "error: sandbox code: asks a sandbox that is running"),
    (["sandbox", "code", "x"], "error: no sandbox here: TRUSTPROOF_SANDBOX is not set"),
    (
        ["verify", "gone"],
        "error: gone: no cloud assembly, which has a manifest.json; expected the directory that `cdk synth` writes",
    ),
    (["verify", "--all"], "trustproof verify: error: unrecognized arguments: --all"),
    (["profiles"], "trustproof profiles: error: the following arguments are required: ARN"),
    (
        ["check"],
        "error: there is no cdk.out here: run cdk synth first, or name a template (. for those of this directory)",
    ),
]


@pytest.mark.parametrize(
    ("arguments", "message"), USAGE, ids=[" ".join(arguments) or "nothing" for arguments, _ in USAGE]
)
def test_wrong_usage_is_exit_code_2(run: Run, tmp_path: Path, arguments: list[str], message: str) -> None:
    """The last line says what is wrong, standard output stays empty."""
    (tmp_path / "t.json").write_text(HELD)
    done = run(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines()[-1].startswith(message)


@pytest.mark.parametrize("arguments", [["check", "t.json", "--property", "mfa"], ["properties", "mfa"]])
def test_an_unknown_property_names_the_properties_there_are(run: Run, tmp_path: Path, arguments: list[str]) -> None:
    """A typing error in the name of a property must not make the gate ask nothing."""
    (tmp_path / "t.json").write_text(HELD)
    done = run(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith('error: no property is called "mfa", expected one of ')
    assert "mfa-required" in done.stderr


def test_an_error_in_the_configuration_names_its_line(run: Run, tmp_path: Path) -> None:
    """The gate does not run with a configuration that it only half understands."""
    (tmp_path / "t.json").write_text(HELD)
    (tmp_path / "trustproof.toml").write_text(CONFIG + "\n[properties.mfa]\n")
    done = run("check", "t.json")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith('error: trustproof.toml:4: unknown property "mfa"; accepted: ')


def test_help_names_every_option_and_exit_code(run: Run) -> None:
    """``--help`` is enough to use the gate."""
    done = run("check", "--help")
    assert done.returncode == 0
    options = "--config --account --parameter --parameters-file --property --output --format".split()
    options += "--today --jobs --certify --strict".split()
    for word in (f"{option} " for option in options):
        assert word in done.stdout
    for code in ("  0  ", "  1  ", "  2  "):
        assert code in done.stdout


def test_the_version_is_that_of_the_distribution(run: Run) -> None:
    """``--version`` prints the name and the version."""
    from importlib.metadata import version

    assert run("--version").stdout == f"trustproof {version('trustproof')}\n"


def test_a_start_does_not_load_yaml(run: Run, tmp_path: Path) -> None:
    """What is heavy is loaded for a template that is written in YAML, or for a command that talks to AWS."""
    (tmp_path / "t.json").write_text(HELD)
    for arguments in (("--help",), ("check", "t.json")):
        done = run(*arguments, env={"PYTHONPROFILEIMPORTTIME": "1"})
        imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
        assert "trustproof.cli.main" in imported
        assert not {name for name in imported if name.split(".")[0] in {"yaml", "botocore", "boto3", "moto"}}
        assert not {name for name in imported if name.startswith(("trustproof.live", "trustproof.sandbox"))}


@pytest.mark.parametrize(
    ("arguments", "missing", "extra"),
    [
        (["sandbox"], "moto", "sandbox"),
        (["sandbox", "--", "true"], "moto", "sandbox"),
        (["verify"], "boto3", "live"),
        (["pull", "account.json"], "boto3", "live"),
        (["profiles", "arn:aws:iam::111122223333:user/alice"], "boto3", "live"),
    ],
)
def test_a_missing_extra_is_named(
    arguments: list[str],
    missing: str,
    extra: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Whoever has installed the validator alone is told what a command needs besides, in one line."""
    monkeypatch.setattr(extras, "find_spec", lambda name: None)
    assert main(arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == f"error: {arguments[0]}: {missing} is not installed: pip install 'trustproof[{extra}]'\n"


def test_help_does_not_need_extras(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """What a command is for can be read before anything is installed for it."""
    monkeypatch.setattr(extras, "find_spec", lambda name: None)
    for command in ("sandbox", "verify", "pull", "profiles"):
        assert main([command, "--help"]) == 0
        assert f"usage: trustproof {command}" in capsys.readouterr().out


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_says_what_it_is_told(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A command that the program names has its module, and the module has its help."""
    assert main([command, "--help"]) == 0
    assert capsys.readouterr().out.startswith(f"usage: trustproof {command}")


def test_a_command_loads_no_other() -> None:
    """A check does not wait for what only other commands need."""
    program = "import sys; from trustproof.cli.main import main; main(['check', '--help']); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    loaded = set(done.stdout.splitlines()[-1].split())
    assert "trustproof.cli.check" in loaded
    others = {
        "trustproof.access.command",
        "trustproof.live",
        "trustproof.sandbox",
        "trustproof.scaffold",
        "importlib.metadata",
    }
    assert not loaded & (others | {f"trustproof.cli.{name}" for name in COMMANDS if name not in ("check", "baseline")})
