"""
Explanations on a terminal: a role or resource with the ways in below it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from trustproof.output import counterexamples
from trustproof.output.explanation import MOST_CHAINS, PEOPLE, head, nobody, request_lines, shown_place
from trustproof.output.terminal.drawing import STYLES, lines, render_text, text
from trustproof.output.terminal.screen import Screen
from trustproof.results.explanation import NOT_REQUIRED, YES, Entrance, Explanation, Obstacle


def draw(found: Sequence[Explanation], caller: str | None, screen: Screen) -> str:
    """Each role and resource as a tree."""
    if not found:
        return nobody(caller)
    return render_text(Group(*(_tree(one, caller) for one in found)), screen)


def _tree(found: Explanation, caller: str | None) -> Tree:
    place = Text.assemble(("--> ", STYLES["gutter"]), text(f"{found.template} ({found.logical_id})"))
    place.overflow = "fold"
    tree = Tree(Group(text(head(found), "strong"), place), guide_style=STYLES["gutter"])
    for entrance in found.entrances:
        tree.add(_entrance(found, entrance))
    if found.people:
        assigned = tree.add(text(PEOPLE))
        for people in found.people:
            conditions = (text(f"{'and' if number else 'if'} {one}") for number, one in enumerate(people.provided))
            assigned.add(Group(text(people.who, "strong"), *conditions))
    if found.chains:
        chains = tree.add(text("over a chain of roles"))
        for chain in found.chains[:MOST_CHAINS]:
            chains.add(text(" -> ".join(chain)))
        if len(found.chains) > MOST_CHAINS:
            chains.add(text(f"and {len(found.chains) - MOST_CHAINS} more"))
    for obstacle in found.obstacles:
        tree.add(_obstacle(found, obstacle))
    for reason in found.undecided:
        tree.add(Group(text("unknown", "unknown"), text(reason)))
    if not (found.entrances or found.people or found.undecided or found.chains):
        tree.add(text(f"{caller} does not get in" if caller else "nobody gets in", "proved"))
    return tree


def _entrance(found: Explanation, entrance: Entrance) -> RenderableType:
    is_open = entrance.mfa == NOT_REQUIRED or entrance.outside == YES
    return Group(text(entrance.who, "warning" if is_open else "strong"), _grid(_said(found, entrance)))


def _said(found: Explanation, entrance: Entrance) -> Iterator[tuple[str, Text]]:
    yield "by", text(shown_place(found, entrance.place))
    yield "MFA", text(entrance.mfa, "warning" if entrance.mfa == NOT_REQUIRED else "")
    if entrance.outside:
        yield "outside", text(entrance.outside, "warning" if entrance.outside == YES else "")
    for number, condition in enumerate(entrance.provided):
        yield "and" if number else "if", text(condition)
    if entrance.needs:
        yield "needs", text(entrance.needs)
    yield "request", lines(request_lines(entrance))


def _obstacle(found: Explanation, obstacle: Obstacle) -> RenderableType:
    said = [("because", text(reason, "refuted")) for reason in obstacle.reasons]
    if obstacle.nearest is not None:
        said.append(("nearest", lines(counterexamples.request(obstacle.nearest))))
    return Group(text(f"not by {shown_place(found, obstacle.place)}"), _grid(said))


def _grid(rows: Sequence[tuple[str, Text]] | Iterator[tuple[str, Text]]) -> Table:
    """What something is called, and beside it what it is."""
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    for name, said in rows:
        grid.add_row(text(name, "note"), said)
    return grid
