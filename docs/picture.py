"""
Draws a flowchart of the pages as a picture for the site, so that no program of another host has to be loaded for it.

In the repository such a chart is a block of Mermaid, which is drawn where it is read.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import NamedTuple

_CHART = re.compile(r"^```mermaid\nflowchart TD\n(.*?)^```\n", re.MULTILINE | re.DOTALL)
_ARROW = re.compile(r" +(\w+) --> (\w+)")
#: In pixels: a box, the distance from one to the next, and the width of a line on its way past boxes.
_WIDTH, _HEIGHT, _ACROSS, _DOWN, _LINE = 104, 28, 12, 44, 12
_SWEEPS = 12


class Place(NamedTuple):
    """
    The middle of a box, or a point that a line goes through.
    """

    x: float
    y: float
    is_box: bool


def with_pictures(page: str) -> str:
    """A page, with its charts as pictures."""
    return _CHART.sub(lambda found: _figure(found[1]), page)


def _figure(chart: str) -> str:
    arrows = []
    for line in chart.splitlines():
        found = _ARROW.fullmatch(line)
        if found is None:
            raise ValueError(f"a chart has lines like A --> B only, got {line!r}")
        arrows.append((found[1], found[2]))
    return f'<figure class="picture">{draw(arrows)}</figure>\n'


def draw(arrows: list[tuple[str, str]]) -> str:
    """
    Boxes in rows, each below all that point to it, as SVG.

    Raises:
        ValueError: the arrows go round in a circle.
    """
    rank = _ranks(arrows)
    rows: list[list[str]] = [[] for _ in range(max(rank.values()) + 1)]
    for name, row in rank.items():
        rows[row].append(name)
    # A line that passes rows has a point in each of them, which keeps its way clear of the boxes.
    ways = []
    for number, (start, end) in enumerate(arrows):
        points = [f"{number}:{row}" for row in range(rank[start] + 1, rank[end])]
        for row, point in enumerate(points, rank[start] + 1):
            rows[row].append(point)
        ways.append([start, *points, end])
    _untangle(rows, ways)
    places, width, height = _places(rows, set(rank))
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 {width:g} {height:g}" width="{width:g}">']
    out += [_line([places[one] for one in way]) for way in ways]
    for name in rank:
        x, y, _ = places[name]
        out.append(f'<rect x="{x - _WIDTH / 2:g}" y="{y - _HEIGHT / 2:g}" width="{_WIDTH}" height="{_HEIGHT}" rx="4"/>')
        out.append(f'<text x="{x:g}" y="{y + 5:g}">{name}</text>')
    return "".join((*out, "</svg>"))


def _ranks(arrows: list[tuple[str, str]]) -> dict[str, int]:
    rank = dict.fromkeys((name for arrow in arrows for name in arrow), 0)
    for _ in rank:
        if not (late := [(start, end) for start, end in arrows if rank[end] <= rank[start]]):
            return rank
        for start, end in late:
            rank[end] = max(rank[end], rank[start] + 1)
    raise ValueError("the arrows of a chart go round in a circle")


def _untangle(rows: list[list[str]], ways: list[list[str]]) -> None:
    """Bring each row into the order of what it is connected with, downwards and upwards in turn."""
    above: dict[str, list[str]] = {}
    below: dict[str, list[str]] = {}
    for way in ways:
        for first, second in pairwise(way):
            above.setdefault(second, []).append(first)
            below.setdefault(first, []).append(second)
    for sweep in range(_SWEEPS):
        near, order = (above, rows) if sweep % 2 == 0 else (below, rows[::-1])
        for fixed, row in pairwise(order):
            at = {name: (number + 0.5) / len(fixed) for number, name in enumerate(fixed)}
            own = {name: (number + 0.5) / len(row) for number, name in enumerate(row)}
            wanted = {}
            for name in row:
                found = [at[one] for one in near.get(name, ()) if one in at]
                wanted[name] = sum(found) / len(found) if found else own[name]
            row.sort(key=wanted.__getitem__)


def _places(rows: list[list[str]], boxes: set[str]) -> tuple[dict[str, Place], float, float]:
    def needed(name: str) -> int:
        return (_WIDTH if name in boxes else _LINE) + _ACROSS

    width = max(sum(map(needed, row)) for row in rows)
    places = {}
    for number, row in enumerate(rows):
        x = (width - sum(map(needed, row))) / 2
        for name in row:
            places[name] = Place(x + needed(name) / 2, _HEIGHT / 2 + 2 + number * (_HEIGHT + _DOWN), name in boxes)
            x += needed(name)
    return places, width, len(rows) * (_HEIGHT + _DOWN) - _DOWN + 4


def _line(way: list[Place]) -> str:
    points = [f"M{way[0].x:g},{way[0].y + _HEIGHT / 2:g}"]
    for first, second in pairwise(way):
        start = first.y + _HEIGHT / 2
        end = second.y - _HEIGHT / 2 - (6 if second.is_box else 0)
        middle = (start + end) / 2
        points.append(f"C{first.x:g},{middle:g} {second.x:g},{middle:g} {second.x:g},{end:g}")
        if not second.is_box:
            points.append(f"V{second.y + _HEIGHT / 2:g}")
    x, y, _ = way[-1]
    top = y - _HEIGHT / 2
    head = f'<path class="head" d="M{x:g},{top:g}l-4,-7h8z"/>'
    return f'<path d="{"".join(points)}"/>{head}'
