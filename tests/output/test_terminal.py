"""
What is drawn on a terminal: whole, as wide as it may be, and whatever stands in a template is text and nothing else.
"""

from __future__ import annotations

import io
import os
import re

import pytest

from tests.output.builders import counterexample
from trustproof.model.position import Position
from trustproof.output import style
from trustproof.output.terminal import draw_explanations, draw_table
from trustproof.output.terminal.drawing import STYLES
from trustproof.output.terminal.screen import Cell, Column, Screen, screen_for
from trustproof.results.explanation import NO_MFA, NOT_REQUIRED, YES, Entrance, Explanation, Obstacle, People, Place

PLAIN = Screen(80, 24, coloured=False, is_ascii=False)
COLOURED = PLAIN._replace(coloured=True)
#: Markup, emoji names, links, escapes of terminals, what turns the reading direction, and commands of job runners.
HOSTILE = "[red]x[/red] [link=http://e.example]y[/] [@click=a]z :smile: \x1b[31m\u202e\n##[error]\x9b2J \\[b]"
SHOWN = r"[red]x[/red] [link=http://e.example]y[/] [@click=a]z :smile: \x1b[31m\u202e\n#\x23[error]\x9b2J \[b]"


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "LINES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")


def _explanation(said: str) -> Explanation:
    place = Place(said, Position(3, 7, 9, said))
    return Explanation(
        said,
        said,
        said,
        said,
        said,
        (Entrance(place, said, NOT_REQUIRED, YES, (said, said), counterexample(caller=said), said),),
        ((said, said, said),) * 11,
        (Obstacle(place, (said,), counterexample(caller=said)),),
        (said,),
        people=(People(said, (said, said)),),
    )


def _unfolded(drawn: str) -> str:
    """The words of a drawing, without what they are arranged by."""
    return "".join(re.sub(r"[│┃┣┗━─]|\s", "", line) for line in drawn.splitlines())


def test_every_style_has_one_of_rich() -> None:
    """A name that plain text has a colour for is known to what draws."""
    for name in STYLES.keys() - {""}:
        assert style.Style(coloured=True)(name, "x") != "x"
    assert set(STYLES) - {""} == style.NAMES


@pytest.mark.parametrize("screen", [PLAIN, COLOURED, PLAIN._replace(width=40)])
def test_a_table_shows_texts_of_others_as_they_are(screen: Screen) -> None:
    """Markup, links, emoji names and control characters of a template are escaped or shown, and never done."""
    drawn = draw_table([Column(HOSTILE), Column("OTHER")], [(Cell(HOSTILE, "refuted", (HOSTILE,)), Cell("a"))], screen)
    bare = re.sub(r"\x1b\[[0-9;]*m", "", drawn)
    assert all(c == "\n" or c.isprintable() for c in bare)
    wide = draw_table([Column(HOSTILE), Column("OTHER")], [(Cell(HOSTILE, "", (HOSTILE,)),)], PLAIN._replace(width=999))
    assert wide.count(SHOWN) == 3
    assert sorted(_unfolded(bare)) == sorted(_unfolded(f"{wide}a"))


def test_explanations_show_texts_of_others_as_they_are() -> None:
    """The same holds of every place of a tree where a text of a template stands."""
    wide = PLAIN._replace(width=2_000)
    drawn = draw_explanations([_explanation(HOSTILE)], None, wide)
    harmless = draw_explanations([_explanation("x")], None, wide)
    assert all(c == "\n" or c.isprintable() for c in drawn)
    assert drawn.count(SHOWN) == len(re.findall(r"\bx\b", harmless))


def test_a_tree_says_everything() -> None:
    """The ways in with what they demand, chains, obstacles and what is not known."""
    place = Place("People", Position(3, 7, 9))
    found = Explanation(
        "admin",
        "AWS::IAM::Role",
        "Admin",
        "t.json",
        "111122223333",
        (
            Entrance(place, "users of 222222222222", NOT_REQUIRED, YES, ("Bool a b", "Null c d"), counterexample()),
            Entrance(Place("statement 2", None), "services", NO_MFA, "", (), counterexample(), "a policy of its own"),
        ),
        (("a", "b", "admin"),),
        undecided=("who may be there",),
    )
    assert (
        draw_explanations([found], None, PLAIN)
        == """\
admin (AWS::IAM::Role, account 111122223333)
--> t.json (Admin)
┣━━ users of 222222222222
┃   by       People, t.json:3:7
┃   MFA      not required
┃   outside  yes
┃   if       Bool a b
┃   and      Null c d
┃   request  arn:aws:iam::222222222222:user/alice calls sts:AssumeRole (IAM
┃            user, long-term access key, no MFA)
┃            aws:MultiFactorAuthPresent is absent
┣━━ services
┃   by       statement 2
┃   MFA      cannot carry it
┃   needs    a policy of its own
┃   request  arn:aws:iam::222222222222:user/alice calls sts:AssumeRole (IAM
┃            user, long-term access key, no MFA)
┃            aws:MultiFactorAuthPresent is absent
┣━━ over a chain of roles
┃   ┗━━ a -> b -> admin
┗━━ unknown
    who may be there
"""
    )


def test_nobody_is_said_plainly() -> None:
    """A caller that gets in nowhere needs no tree."""
    assert draw_explanations([], "x\x1b", PLAIN) == "x\\x1b gets into no role or resource of these by their policies\n"


def test_lines_are_of_ascii_where_they_have_to_be() -> None:
    """A terminal that is not of Unicode gets lines that it has."""
    screen = PLAIN._replace(is_ascii=True)
    found = Explanation("a", "T", "A", "t", None, (), (("a", "b", "c"),))
    assert draw_explanations([found], None, screen).isascii()
    assert draw_table([Column("A")], [(Cell("x"),)], screen).isascii()


def test_what_is_a_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal that can be drawn on; of unknown size it is 80 by 24."""
    assert screen_for(_Terminal()) == (80, 24, True, False)
    assert screen_for(io.StringIO()) is None
    monkeypatch.setenv("COLUMNS", "132")
    monkeypatch.setenv("LINES", "50")
    monkeypatch.setenv("NO_COLOR", "1")
    assert screen_for(_Terminal()) == (132, 50, False, False)
    for wrong in ("", "0", "-3", "wide"):
        monkeypatch.setenv("COLUMNS", wrong)
        assert (screen_for(_Terminal()) or PLAIN).width == 80
    monkeypatch.setenv("COLUMNS", "39")
    assert screen_for(_Terminal()) is None
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("TERM", "dumb")
    assert screen_for(_Terminal()) is None


def test_without_rich_there_is_no_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the extra is not installed, plain text is all there is."""
    monkeypatch.setattr("trustproof.output.terminal.screen.find_spec", lambda name: None)
    assert screen_for(_Terminal()) is None


def test_the_environment_does_not_reach_rich(monkeypatch: pytest.MonkeyPatch) -> None:
    """What has been decided of colours and size is not decided again."""
    expected = draw_table([Column("A")], [(Cell("x", "refuted"),)], COLOURED)
    for name, value in {"NO_COLOR": "1", "TERM": "dumb", "COLUMNS": "5", "TTY_COMPATIBLE": "0"}.items():
        monkeypatch.setitem(os.environ, name, value)
    assert draw_table([Column("A")], [(Cell("x", "refuted"),)], COLOURED) == expected
