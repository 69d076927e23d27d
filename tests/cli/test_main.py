"""
``main`` as a function, for those who run the gate inside another program.
"""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from tests.cli.program import CONFIG, HELD
from trustproof.cli.check import exit_code
from trustproof.cli.main import main
from trustproof.cli.sandbox import SandboxArguments
from trustproof.errors import InputError
from trustproof.inputs.source_texts import SourceTexts
from trustproof.results.report import Report
from trustproof.results.result import ERROR, NOTE, PROVED, REFUTED, UNKNOWN, WARNING, Result


def _report(*verdicts: tuple[str, str], errors: tuple[InputError, ...] = ()) -> Report:
    results = tuple(
        Result("p", verdict, severity, "t", "Role", "AWS::IAM::Role", None, None, (), "m")
        for verdict, severity in verdicts
    )
    return Report(results, 1, 1, (), errors, (), SourceTexts.__new__(SourceTexts))


@pytest.mark.parametrize(
    ("verdicts", "normal", "strict"),
    [
        ([], 0, 0),
        ([(PROVED, ERROR)], 0, 0),
        ([(PROVED, ERROR), (UNKNOWN, ERROR)], 1, 1),
        ([(UNKNOWN, NOTE), (REFUTED, NOTE)], 0, 0),
        ([(UNKNOWN, WARNING)], 0, 1),
        ([(REFUTED, WARNING)], 0, 1),
        ([(REFUTED, WARNING), (REFUTED, ERROR)], 1, 1),
    ],
)
def test_the_exit_code_follows_verdict_and_severity(verdicts: list[tuple[str, str]], normal: int, strict: int) -> None:
    """The table of exit codes; an unread input outweighs all of it."""
    assert exit_code(_report(*verdicts)) == normal
    assert exit_code(_report(*verdicts), WARNING) == strict
    assert exit_code(_report(*verdicts, errors=(InputError("x"),))) == 2


def test_main_returns_instead_of_leaving(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Neither a verdict nor wrong usage nor help ends the calling program."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "held.json").write_text(HELD)
    (tmp_path / "trustproof.toml").write_text(CONFIG)
    assert main(["check", "held.json"]) == 0
    assert capsys.readouterr().out.startswith("1 template, 1 policy: ")
    assert main(["check", "--account", "1"]) == 2
    assert main(["--help"]) == 0


def test_arguments_may_be_a_tuple(monkeypatch: pytest.MonkeyPatch) -> None:
    """What stands behind the ``--`` of a sandbox is the program, in whatever sequence the arguments come."""
    given: list[object] = []
    monkeypatch.setattr(SandboxArguments, "run", lambda self: given.append(self.program) or 0)
    arguments = ("sandbox", "--", "make", "deploy")
    assert main(arguments) == main([*arguments]) == 0
    assert given == [["make", "deploy"]] * 2


def test_a_bug_is_not_taken_for_a_refutation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its traceback is shown, and its exit code says neither that something is refuted nor that nothing is."""

    def broken(*_: object, **__: object) -> Report:
        raise AssertionError("the search left an empty caller")

    monkeypatch.setattr("trustproof.cli.run.check", broken)
    (tmp_path / "held.json").write_text(HELD)
    assert main(["check", str(tmp_path / "held.json")]) == 70
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith("Traceback")
    assert "AssertionError: the search left an empty caller\nerror: this is a bug of Trustproof" in shown.err


def test_what_a_file_is_called_cannot_drive_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    """Error messages escape what a terminal would act on."""
    assert main(["check", "gone\x1b[2J.json"]) == 2
    assert "gone\\x1b[2J.json" in capsys.readouterr().err


@pytest.mark.parametrize("error", [MemoryError(), OSError(errno.ENOMEM, "Cannot allocate memory")])
def test_too_little_memory_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], error: Exception
) -> None:
    """Wherever it runs out, nothing is decided, and no traceback is shown: it is no bug."""

    def exhausted(*_: object, **__: object) -> None:
        raise error

    (tmp_path / "held.json").write_text(HELD, encoding="utf-8")
    monkeypatch.setattr("trustproof.cli.run.check", exhausted)
    assert main(["check", str(tmp_path / "held.json")]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err == "error: there is not enough memory for the run, and nothing is decided\n"


def test_too_little_memory_to_say_so_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """What is not enough for a traceback, or for the look of a line, is enough for the status and for a plain line."""

    def exhausted(*_: object, **__: object) -> None:
        raise MemoryError

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError

    (tmp_path / "held.json").write_text(HELD, encoding="utf-8")
    monkeypatch.setattr("trustproof.cli.run.check", broken)
    monkeypatch.setattr("traceback.format_exc", exhausted)
    monkeypatch.setattr("trustproof.cli.main.complain", exhausted)
    assert main(["check", str(tmp_path / "held.json")]) == 2
    assert capfd.readouterr().err == "error: there is not enough memory for the run, and nothing is decided\n"
