"""
``--output``: several forms of one run, each where it is to go.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.program import CONFIG, HOLE, Run


@pytest.fixture(autouse=True)
def _files(tmp_path: Path) -> None:
    (tmp_path / "hole.json").write_text(HOLE)
    (tmp_path / "trustproof.toml").write_text(CONFIG)


def test_files_get_their_form_and_people_their_text(run: Run, tmp_path: Path) -> None:
    """Where every form has a file, the log has what it always had, and the exit status is that of the gate."""
    done = run("check", "hole.json", "--output", "sarif=o.sarif", "--output", "junit=o.xml", "--output", "json=o.json")
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout == run("check", "hole.json").stdout
    assert json.loads((tmp_path / "o.sarif").read_text())["version"] == "2.1.0"
    assert (tmp_path / "o.xml").read_text().startswith('<?xml version="1.0" encoding="UTF-8"?>\n<testsuites ')
    assert (tmp_path / "o.json").read_text() == run("check", "hole.json", "--format", "json").stdout
    assert {path.name for path in tmp_path.iterdir()} == {"hole.json", "trustproof.toml", "o.sarif", "o.xml", "o.json"}


def test_one_form_may_go_to_standard_output(run: Run, tmp_path: Path) -> None:
    """`--output json`, `--output json=-` and `--format json` are one."""
    whole = run("check", "hole.json", "--format", "json").stdout
    assert run("check", "hole.json", "--output", "json").stdout == whole
    assert run("check", "hole.json", "--output", "json=-", "--output", "text=o.txt").stdout == whole
    assert (tmp_path / "o.txt").read_text() == run("check", "hole.json").stdout


def test_github_gets_annotations_and_a_summary(run: Run, tmp_path: Path) -> None:
    """The summary of the job has the report in Markdown, after what other steps have written."""
    summary = tmp_path / "summary.md"
    summary.write_text("# Before\n")
    done = run("check", "hole.json", "--output", "github", env={"GITHUB_STEP_SUMMARY": str(summary)})
    assert done.stdout.startswith("::error file=hole.json,line=13,")
    assert summary.read_text().startswith("# Before\n<!-- trustproof -->\n## Trustproof\n")
    run("check", "hole.json", env={"GITHUB_STEP_SUMMARY": str(summary)})
    assert summary.read_text().count("## Trustproof") == 1


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names on this system")
def test_a_summary_that_nobody_reads_is_an_error(run: Run, tmp_path: Path) -> None:
    """A pipe without a reader in place of the file for the summary of a job is not waited for."""
    summary = tmp_path / "summary"
    os.mkfifo(summary)
    done = run("check", "hole.json", "--output", "github", env={"GITHUB_STEP_SUMMARY": str(summary)})
    assert done.returncode == 2
    assert "summary cannot be written: " in done.stderr


def test_a_report_that_cannot_be_written_is_an_error(run: Run, tmp_path: Path) -> None:
    """A report that is lost is no pass, and a file that was there is not lost with it."""
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("no /dev/full on this system")
    done = run("check", "hole.json", "--output", f"json={full}")
    assert done.returncode == 2
    assert "cannot be written: no space left on device" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_waiver_is_judged_on_the_day_that_is_said(run: Run, tmp_path: Path) -> None:
    """`--today` makes a run of any day the same on every other one."""
    waiver = '[[waiver]]\nproperty = "mfa-required"\nresource = "Deployer"\nreason = "moving"\nexpires = 2026-03-01\n'
    (tmp_path / "trustproof.toml").write_text(CONFIG + waiver)
    during, after = (run("check", "hole.json", "--today", day) for day in ("2026-03-01", "2026-03-02"))
    assert during.returncode == 0
    assert "waived refuted[mfa-required]: " in during.stdout
    assert "hole.json (Deployer): moving (until 2026-03-01)\n" in during.stdout
    assert after.returncode == 1
    assert "refuted[waiver-expired]: the waiver of mfa-required for Deployer expired on 2026-03-01\n" in after.stdout
    assert "  --> trustproof.toml:3:1\n" in after.stdout


def test_commands_have_a_place(run: Run) -> None:
    """Commands of counterexamples are printed, and where no form of the report has them the run is refused."""
    shown = run("check", "--reproduce", "hole.json")
    assert shown.returncode == 1
    assert 'aws --profile "${CALLER:?}"' in shown.stdout
    assert "reproduce" not in run("check", "hole.json").stdout
    refused = run("check", "--reproduce", "--format", "sarif", "hole.json")
    assert refused.returncode == 2
    assert "--reproduce is for text and json" in refused.stderr


@pytest.mark.parametrize("place", ["o.sarif", "out/o.sarif", "real/link/o.sarif"])
def test_a_report_is_written_where_it_was_named(run: Run, tmp_path: Path, place: str) -> None:
    """Not where a symbolic link in the tree leads, be it the file or a directory on the way."""
    outside = tmp_path.parent / f"{tmp_path.name}-outside"
    outside.mkdir()
    (outside / "o.sarif").write_text("precious")
    (tmp_path / "real").mkdir()
    (tmp_path / "o.sarif").symlink_to(outside / "o.sarif")
    (tmp_path / "out").symlink_to(outside)
    (tmp_path / "real" / "link").symlink_to(outside)
    done = run("check", "hole.json", "--output", f"sarif={place}")
    assert (done.returncode, "is a symbolic link" in done.stderr) == (2, True)
    assert (outside / "o.sarif").read_text() == "precious"
    assert [path.name for path in outside.iterdir()] == ["o.sarif"]


def test_a_shell_may_say_where_standard_output_is(run: Run, tmp_path: Path) -> None:
    """What it has opened is a symbolic link too, and one that nobody else has made."""
    if not os.path.exists("/dev/stdout"):
        pytest.skip("there is none here")
    with open(tmp_path / "o.json", "wb") as file:
        command = [sys.executable, "-m", "trustproof", "check", "hole.json", "--output", "json=/dev/stdout"]
        assert subprocess.run(command, cwd=tmp_path, stdout=file, check=False).returncode == 1
    assert '"results"' in (tmp_path / "o.json").read_text()


@pytest.mark.parametrize(
    "name",
    ["hole.json", "hard.json", "trustproof.toml", "nested/trustproof.toml", "other.txt", "main.tf", "policy.json"],
)
@pytest.mark.parametrize("command", ["check", "diff"])
def test_a_report_is_not_written_over_what_it_is_about(run: Run, tmp_path: Path, name: str, command: str) -> None:
    """Nor over another template, a source or a configuration: whoever asks for it has mistaken the name."""
    (tmp_path / "hard.json").hardlink_to(tmp_path / "hole.json")
    (tmp_path / "nested").mkdir()
    (tmp_path / "nested" / "trustproof.toml").write_text(CONFIG)
    (tmp_path / "other.txt").write_text(HOLE)
    (tmp_path / "main.tf").write_text("")
    (tmp_path / "policy.json").write_text('{"Version": "2012-10-17", "Statement": []}')
    before = (tmp_path / name).read_text()
    paths = ["hole.json"] if command == "check" else ["hole.json", "other.txt"]
    done = run(command, *paths, "--output", f"json={name}")
    assert (done.returncode, "it is an input or a configuration" in done.stderr) == (2, True)
    assert (tmp_path / name).read_text() == before


def test_a_report_may_be_written_again(run: Run, tmp_path: Path) -> None:
    """In the directory that is checked as well: a report is no input."""
    for form in ("json", "sarif", "gitlab", "junit", "text", "markdown"):
        assert [run("check", ".", "--output", f"{form}=report.{form}").returncode for _ in range(2)] == [1, 1]


def test_a_pipe_that_nobody_reads_is_not_waited_for(run: Run, tmp_path: Path) -> None:
    """It is an error, as a device that is full."""
    os.mkfifo(tmp_path / "pipe")
    done = run("check", "hole.json", "--output", "json=pipe")
    assert (done.returncode, "pipe cannot be written" in done.stderr) == (2, True)


def test_what_the_program_has_written_is_not_read_again(run: Run, tmp_path: Path) -> None:
    """Reports, differences and baselines of its own beside the templates are no part of the next run."""
    (tmp_path / "clean.json").write_text('{"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}')
    (tmp_path / "out").mkdir()
    before = run("check", ".", "--strict")
    forms = {
        "text": "txt",
        "json": "json",
        "sarif": "sarif.json",
        "junit": "xml",
        "gitlab": "gl.json",
        "markdown": "md",
        "html": "html",
    }
    outputs = [word for form, suffix in forms.items() for word in ("--output", f"{form}=out/check.{suffix}")]
    run("check", ".", *outputs)
    run("check", "clean.json", "--output", "gitlab=out/clean.gl.json", "--output", "json=out/clean")
    run("baseline", "write", ".", "--baseline", "out/known.json")
    run("diff", "clean.json", "hole.json", "--output", "json=out/diff.json")
    for name, command in (("explain", ("explain", "Deployer", "--in", "hole.json")), ("who", ("who", "hole.json"))):
        (tmp_path / "out" / f"{name}.json").write_text(run(*command, "--format", "json").stdout)
    assert len(list((tmp_path / "out").iterdir())) == len(forms) + 6
    after = run("check", ".", "--strict")
    assert (after.stdout, after.stderr, after.returncode) == (before.stdout, before.stderr, before.returncode)


def test_a_template_does_not_pass_for_a_report(run: Run, tmp_path: Path) -> None:
    """What has the keys of a report and resources besides is a template, and what is only like a report is named."""
    report = json.loads(run("check", "hole.json", "--format", "json").stdout)
    hidden = {**report, **json.loads(HOLE)}
    (tmp_path / "hidden.json").write_text(json.dumps(hidden))
    (tmp_path / "other.json").write_text(json.dumps({**report, "kind": "other"}))
    foreign = {"$schema": "", "version": "2.1.0", "runs": [{"tool": {"driver": {"name": "Other"}}}]}
    (tmp_path / "foreign.json").write_text(json.dumps(foreign))
    said = run("check", ".", "--verbose").stdout
    assert "--> ./hidden.json:" in said
    assert "skipped ./other.json: " in said
    assert "skipped ./foreign.json: " in said


FORMS = ("text", "json", "sarif", "junit", "gitlab", "markdown", "html")
BROKEN = {
    "configuration": {"trustproof.toml": '[boundary]\naccounts = ["1111"]\n'},
    "configuration that is extended": {"trustproof.toml": 'extends = "shared.toml"\n', "shared.toml": "x = 1\n"},
    "baseline": {"trustproof.toml": 'baseline = "gone.json"\n'},
    "template": {"hole.json": '{"Resources": '},
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("broken", BROKEN)
def test_no_report_of_another_run_is_left(run: Run, tmp_path: Path, form: str, broken: str) -> None:
    """A run that ends with an error, wherever it is, does not leave the findings of an earlier one as its own."""
    arguments = ("check", "hole.json", "--output", f"{form}=report")
    assert run(*arguments).returncode == 1
    before = (tmp_path / "report").read_text()
    assert "mfa-required" in before
    for name, text in BROKEN[broken].items():
        (tmp_path / name).write_text(text)
    done = run(*arguments)
    after = (tmp_path / "report").read_text()
    assert (done.returncode, done.stdout.count("mfa-required")) == (2, 0)
    assert "gets Deployer without MFA" not in after
    said = done.stderr.removeprefix("error: ").split(":", 1)[0]
    # People have read the error itself; the text for them counts it.
    assert (
        "errors in 1 input" if form == "text" else said.replace(".", "\\.") if form == "markdown" else said
    ) in after


def test_an_error_that_no_file_has_is_reported_too(run: Run, tmp_path: Path) -> None:
    """Where nothing is named and there is nothing to check, the report and the annotation say so."""
    (tmp_path / "r.json").write_text('{"old": 1}')
    done = run("check", "--output", "json=r.json", "--output", "github")
    assert done.returncode == 2
    assert done.stdout.startswith("::error title=unreadable::")
    (error,) = json.loads((tmp_path / "r.json").read_text())["errors"]
    assert error["file"] == "<command line>"
    assert error["message"].startswith("there is no cdk.out here")


@pytest.mark.parametrize("name", ["shared.toml", "known.json", "broken.json", "trustproof.toml"])
@pytest.mark.parametrize("command", ["check", "diff"])
def test_an_error_is_not_written_over_what_is_no_report(run: Run, tmp_path: Path, name: str, command: str) -> None:
    """Whoever has mistaken a name loses nothing, also where the configuration does not say any more what it names."""
    assert run("baseline", "write", "--baseline", "known.json", "hole.json").returncode == 0
    (tmp_path / "shared.toml").write_text("x = 1\n")
    (tmp_path / "broken.json").write_text('{"Resources": ')
    (tmp_path / "trustproof.toml").write_text('extends = "shared.toml"\nbaseline = "known.json"\n')
    before = (tmp_path / name).read_text()
    paths = ("broken.json",) if command == "check" else ("broken.json", "hole.json")
    assert run(command, *paths, "--output", f"json={name}").returncode == 2
    assert (tmp_path / name).read_text() == before


def test_a_report_may_have_a_category(run: Run, tmp_path: Path) -> None:
    """Several reports about one commit are told apart in code scanning and in comments, and one needs no name."""
    outputs = ("--output", "sarif=o.sarif", "--output", "markdown=o.md")

    def written(*category: str) -> tuple[object, str]:
        assert run("check", "hole.json", *outputs, *category).returncode == 1
        sarif = json.loads((tmp_path / "o.sarif").read_text())
        return sarif["runs"][0].get("automationDetails"), (tmp_path / "o.md").read_text().splitlines()[0]

    assert written() == (None, "<!-- trustproof -->")
    # What stands behind the last slash names one run: https://docs.github.com/code-security/code-scanning
    assert written("--category", "infra/prod") == ({"id": "infra/prod/"}, "<!-- trustproof infra/prod -->")
    for bad in ("a-->b", "", "a b", "x" * 101, "a\nb"):
        refused = run("check", "hole.json", "--category", bad)
        assert (refused.returncode, "argument --category: must be at most 100 letters" in refused.stderr) == (2, True)
