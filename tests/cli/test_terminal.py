"""
What is drawn on a terminal by rich, in a real process; and that nothing of it is loaded anywhere else.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.program import CONFIG, HELD, HOLE, called, environment, on_a_terminal

pytestmark = pytest.mark.skipif(os.name == "nt", reason="terminals of POSIX")

#: Runs the program, and says at the end whether rich was loaded.
WATCHED = """
import sys
from trustproof.cli.main import main
code = main()
sys.stdout.write(f"rich: {any(name.partition('.')[0] == 'rich' for name in sys.modules)}\\n")
"""
#: Runs commands one after the other, and says after each whether rich was loaded.
WATCHED_COMMANDS = """
import json, sys
from trustproof.cli.main import main
for command in json.loads(sys.argv[1]):
    main(command)
    sys.stdout.write(f"{command[0]}: {any(name.partition('.')[0] == 'rich' for name in sys.modules)}\\n")
"""
#: Runs the program where rich is not installed.
WITHOUT = """
import sys
sys.modules["rich"] = None
from trustproof.cli.main import program
program()
"""
ACCOUNT = "111122223333"
COMMANDS = {
    "check": ("check", "hole.json"),
    "explain": ("explain", "Deployer", "--in", "hole.json"),
    "who": ("who", "hole.json", "--account", ACCOUNT),
    "doctor": ("doctor", "hole.json"),
    "properties": ("properties",),
    "config": ("config", "show", "hole.json"),
}
#: Those that draw something however little there is.
DRAWN = ("explain", "who", "doctor", "properties")


@pytest.fixture(autouse=True)
def _files(tmp_path: Path) -> None:
    (tmp_path / "hole.json").write_text(HOLE)
    (tmp_path / "trustproof.toml").write_text(CONFIG)


def _in_a_pipe(folder: Path, *arguments: str, program: str = WATCHED) -> str:
    """What the program writes where nobody is looking on."""
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        cwd=folder,
        env=environment({"TERM": "xterm"}),
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    assert done.stderr == ""
    return done.stdout


def _plain(written: str) -> str:
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", written)


def test_rich_is_not_loaded_for_a_pipe(tmp_path: Path) -> None:
    """Where nothing is drawn, nothing that draws is imported."""
    said = _in_a_pipe(tmp_path, json.dumps([*COMMANDS.values()]), program=WATCHED_COMMANDS).splitlines()
    assert [line for line in said if line.endswith((": True", ": False"))] == [f"{name}: False" for name in COMMANDS]


@pytest.mark.parametrize("command", COMMANDS)
def test_rich_is_loaded_on_a_terminal_where_it_draws(tmp_path: Path, command: str) -> None:
    """Trees and tables are drawn; a report that fits on the screen is not worth the import."""
    written = on_a_terminal(tmp_path, *COMMANDS[command], env={"TERM": "xterm"}, program=("-c", WATCHED), size=(80, 60))
    assert f"rich: {command in DRAWN}" in written


@pytest.mark.parametrize("command", ["explain", "who"])
@pytest.mark.parametrize("env", [{"TERM": "dumb"}, {"TERM": "xterm", "COLUMNS": "30"}])
def test_a_terminal_that_cannot_be_drawn_on_gets_the_plain_text(
    tmp_path: Path, command: str, env: dict[str, str]
) -> None:
    """A dumb terminal and a very narrow one have what a pipe has."""
    written = on_a_terminal(tmp_path, *COMMANDS[command], "--color", "never", env=env, program=("-c", WATCHED))
    assert written == called(tmp_path, *COMMANDS[command]).stdout + "rich: False\n"


@pytest.mark.parametrize("command", ["check", "explain", "who"])
def test_without_the_extra_a_terminal_gets_the_plain_text(tmp_path: Path, command: str) -> None:
    """Whoever has not installed rich misses the drawings, and no word."""
    written = on_a_terminal(
        tmp_path, *COMMANDS[command], "--color", "never", env={"TERM": "xterm"}, program=("-c", WITHOUT)
    )
    assert written == called(tmp_path, *COMMANDS[command]).stdout


@pytest.mark.parametrize(("command", "said"), [("explain", {"NO_COLOR": "1"}), ("who", {}), ("doctor", {})])
def test_drawings_without_colours_have_no_escape_sequences(tmp_path: Path, command: str, said: dict[str, str]) -> None:
    """NO_COLOR and --color never are about colours, and the drawings stay."""
    arguments = COMMANDS[command] if said else (*COMMANDS[command], "--color", "never")
    bare = on_a_terminal(tmp_path, *arguments, env={"TERM": "xterm", **said})
    coloured = on_a_terminal(tmp_path, *COMMANDS[command], env={"TERM": "xterm"})
    assert "\x1b" not in bare
    assert "\x1b" in coloured
    assert _plain(coloured) == bare


@pytest.mark.parametrize(("command", "width"), [("explain", 40), ("who", 40), ("doctor", 40), ("explain", 140)])
def test_drawings_are_as_wide_as_the_terminal_at_most(tmp_path: Path, command: str, width: int) -> None:
    """Nothing is folded by the terminal, and no text is cut off."""
    written = _plain(on_a_terminal(tmp_path, *COMMANDS[command], env={"TERM": "xterm"}, size=(width, 24)))
    assert max(map(len, written.splitlines())) <= width
    assert "…" not in written


def test_columns_win_over_the_size_of_the_terminal(tmp_path: Path) -> None:
    """Whoever records a session says how wide it is."""
    env = {"TERM": "xterm", "COLUMNS": "50"}
    written = _plain(on_a_terminal(tmp_path, *COMMANDS["properties"], env=env, size=(140, 24)))
    assert max(map(len, written.splitlines())) <= 50


def test_colours_may_be_forced_on_a_pipe(tmp_path: Path) -> None:
    """A log that shows colours gets those of the plain text, and no drawing."""
    written = _in_a_pipe(tmp_path, *COMMANDS["explain"], "--color", "always")
    assert "\x1b[1mDeployer (AWS::IAM::Role)\x1b[0m\n  \x1b[1;34m-->\x1b[0m hole.json (Deployer)\n" in written
    assert written.endswith("rich: False\n")


def test_programs_read_the_same_on_a_terminal(tmp_path: Path) -> None:
    """JSON is JSON wherever it goes."""
    for arguments in (COMMANDS["explain"], COMMANDS["who"], COMMANDS["check"]):
        asked = (*arguments, "--format", "json")
        assert json.loads(on_a_terminal(tmp_path, *asked, env={"TERM": "xterm"}))


def test_a_long_report_ends_with_its_findings_counted(tmp_path: Path) -> None:
    """What has scrolled away is counted by property, before the last line."""
    other = HOLE.replace('"Deployer"', '"Other"').replace("222222222222", "999999999999")
    (tmp_path / "other.json").write_text(other)
    arguments = ("check", "hole.json", "other.json")
    plain = _in_a_pipe(tmp_path, *arguments, program=WITHOUT)
    short = _plain(on_a_terminal(tmp_path, *arguments, env={"TERM": "xterm"}, size=(100, 200)))
    long = _plain(on_a_terminal(tmp_path, *arguments, env={"TERM": "xterm"}, size=(100, 10)))
    assert short == plain
    first, last = plain.removesuffix("\n").rpartition("\n")[::2]
    assert long.startswith(first)
    assert long.endswith(f"\n\n{last}\n")
    rows = [line.split() for line in long.removeprefix(first).splitlines()]
    assert ["mfa-required", "2"] in rows
    assert ["inside-boundary", "1"] in rows


@pytest.mark.parametrize("program", [WATCHED, WITHOUT])
def test_a_long_run_shows_how_far_it_is(tmp_path: Path, program: str) -> None:
    """Many templates get a line of progress, which is gone before the report begins."""
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(25):
        (folder / f"{number:02}.json").write_text(HELD)
    written = on_a_terminal(tmp_path, "check", "many", env={"TERM": "xterm"}, program=("-c", program), size=(100, 24))
    line, report = written.rsplit("\x1b[2K" if program == WATCHED else "\r\x1b[K", 1)
    assert "templates" in _plain(line)
    assert report.startswith("\x1b[1m25 templates, 25 policies: ")
    # The cursor is there again.
    assert written.count("\x1b[?25l") == written.count("\x1b[?25h") == (program == WATCHED)
