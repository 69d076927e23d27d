"""
Expressions of Terraform's language that are made at random, each of a type that it has.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random

#: What the expressions may name.
LOCALS = """
locals {
  t = "a-b_c"
  u = "x/y/z"
  e = ""
  n = 3
  f = 1.5
  y = true
  l = ["b", "a", "c"]
  m = { k = "v", j = "w" }
  o = [{ a = "1", b = 2 }, { a = "3", b = 4 }]
}
"""
_TEXTS = ("a", "b", "x/y", "", "A b", 'q\\"', "é", "a.b-c", "$${aws:username}", "10")


class Expressions:
    """
    Makes expressions.

    Args:
        random: decides.
    """

    def __init__(self, random: Random) -> None:
        self._random = random
        self._names: list[str] = []

    def any(self, depth: int = 3) -> str:
        """An expression of any type."""
        return self._one(self.text, self.number, self.truth, self.texts, self.map, depth=depth)

    def _one(self, *makers: Callable[[int], str], depth: int) -> str:
        return self._random.choice(makers)(depth)

    def _pick(self, *options: str) -> str:
        return self._random.choice(options)

    def text(self, depth: int) -> str:
        """A text."""
        if depth <= 0:
            own = [name for name in self._names if name.startswith("t")]
            return self._pick("local.t", "local.u", "local.e", *(f'"{text}"' for text in _TEXTS), *own)
        d = depth - 1
        t, n, listed = (lambda: self.text(d)), (lambda: self.number(d)), (lambda: self.texts(d))
        pattern = self._pick('"[a-z]+"', '"^a"', '"[0-9]"')
        return self._random.choice(
            (
                lambda: f'"{self._pick("p-", "", "a ")}${{{t()}}}{self._pick("-s", "", "$$")}"',
                lambda: f"upper({t()})",
                lambda: f"lower({t()})",
                lambda: f"title({t()})",
                lambda: f"trimspace({t()})",
                lambda: f"trimprefix({t()}, {t()})",
                lambda: f"trimsuffix({t()}, {t()})",
                lambda: f"trim({t()}, {t()})",
                lambda: f"strrev({t()})",
                lambda: f"replace({t()}, {t()}, {t()})",
                lambda: f'replace({t()}, "/[a-c]/", {t()})',
                lambda: f"substr({t()}, {self._random.randrange(-3, 3)}, {self._random.randrange(-1, 4)})",
                lambda: f"join({t()}, {listed()})",
                lambda: f'format("%s|%s", {t()}, {n()})',
                lambda: f'format("%v-%q", {n()}, {t()})',
                lambda: f"{self.truth(d)} ? {t()} : {t()}",
                lambda: f"({self.truth(d)} ? {t()} : {self.truth(d)} ? {t()} : {t()})",
                lambda: f"element({listed()}, {self._random.randrange(5)})",
                lambda: f"try({listed()}[{self._random.randrange(4)}], {t()})",
                lambda: f"lookup({self.map(d)}, {t()}, {t()})",
                lambda: f"coalesce({t()}, {t()})",
                lambda: f"try(coalesce({t()}, {t()}), {t()})",
                lambda: f"tostring({self._pick(n(), self.truth(d))})",
                lambda: f"jsonencode({self.any(d)})",
                lambda: f"try(regex({pattern}, {t()}), {t()})",
                lambda: f"md5({t()})",
                lambda: f"base64encode({t()})",
                lambda: f"urlencode({t()})",
                lambda: f'"%{{if {self.truth(d)}}}{self._pick("a", "b ")}%{{else}}${{{t()}}}%{{endif}}"',
                lambda: f'"%{{for x in {listed()}}}<${{x}}>%{{endfor}}"',
                lambda: f"basename({t()})",
                lambda: f"dirname({t()})",
            )
        )()

    def number(self, depth: int) -> str:
        """A number."""
        if depth <= 0:
            return self._pick("1", "2", "0", "-3", "2.5", "local.n", "local.f", "100")
        d = depth - 1
        return self._random.choice(
            (
                lambda: f"({self.number(d)} + {self.number(d)})",
                lambda: f"{self.number(d)} - {self.number(d)} * {self.number(d)}",
                lambda: f"-{self.number(0)}",
                lambda: f"length({self._pick(self.texts(d), self.text(d), self.map(d))})",
                lambda: f"max({self.number(d)}, {self.number(d)})",
                lambda: f"min({self.number(d)}, {self.number(d)})",
                lambda: f"abs({self.number(d)})",
                lambda: f"ceil({self.number(d)})",
                lambda: f"floor({self.number(d)})",
                lambda: f"({self.truth(d)} ? {self.number(d)} : {self.number(d)})",
                lambda: f"try(tonumber({self.text(d)}), {self.number(d)})",
                lambda: f"try(index({self.texts(d)}, {self.text(d)}), -1)",
                lambda: f"sum([{self.number(d)}, {self.number(d)}])",
                lambda: "sum(local.o[*].b)",
            )
        )()

    def truth(self, depth: int) -> str:
        """A truth value."""
        if depth <= 0:
            return self._pick("true", "false", "local.y")
        d = depth - 1
        return self._random.choice(
            (
                lambda: f"({self.text(d)} == {self.text(d)})",
                lambda: f"({self.number(d)} {self._pick('<', '<=', '>', '>=', '==', '!=')} {self.number(d)})",
                lambda: f"({self.truth(d)} {self._pick('&&', '||')} {self.truth(d)})",
                lambda: f"!{self.truth(0)}",
                lambda: f"contains({self.texts(d)}, {self.text(d)})",
                lambda: f"startswith({self.text(d)}, {self.text(d)})",
                lambda: f"endswith({self.text(d)}, {self.text(d)})",
                lambda: f"strcontains({self.text(d)}, {self.text(d)})",
                lambda: f'can(regex("a", {self.text(d)}))',
                lambda: f"can(tonumber({self.text(d)}))",
                lambda: f"alltrue([for x in {self.texts(d)} : x != {self.text(d)}])",
                lambda: f"anytrue([{self.truth(d)}, {self.truth(d)}])",
                lambda: f"({self.texts(d)} == {self.texts(d)})",
            )
        )()

    def texts(self, depth: int) -> str:
        """A list of texts."""
        if depth <= 0:
            return self._pick("local.l", '["a", "b"]', "tolist([])", '["x"]', "local.o[*].a")
        d = depth - 1
        return self._random.choice(
            (
                lambda: f"[{self.text(d)}, {self.text(d)}]",
                lambda: f"concat({self.texts(d)}, {self.texts(d)})",
                lambda: f"sort({self.texts(d)})",
                lambda: f"reverse({self.texts(d)})",
                lambda: f"distinct({self.texts(d)})",
                lambda: f"compact({self.texts(d)})",
                lambda: f"flatten([{self.texts(d)}, [{self.texts(d)}]])",
                lambda: f"tolist(toset({self.texts(d)}))",
                lambda: f"tolist(setunion({self.texts(d)}, {self.texts(d)}))",
                lambda: f"tolist(setsubtract({self.texts(d)}, {self.texts(d)}))",
                lambda: f"tolist(setintersection({self.texts(d)}, {self.texts(d)}))",
                lambda: f'split("{self._pick("/", "-", ",")}", {self.text(d)})',
                lambda: f"[for x in {self.texts(d)} : {self._pick('upper(x)', 'x', 'lower(x)')}]",
                lambda: f"[for x in {self.texts(d)} : x if x != {self.text(d)}]",
                lambda: f'[for i, x in {self.texts(d)} : "${{i}}${{x}}"]',
                lambda: f'[for k, v in {self.map(d)} : "${{k}}=${{v}}"]',
                lambda: f"[for x in toset({self.texts(d)}) : x]",
                lambda: f"keys({self.map(d)})",
                lambda: f"values({self.map(d)})",
                lambda: f'formatlist("%s.", {self.texts(d)})',
                lambda: f"({self.truth(d)} ? {self.texts(d)} : {self.texts(d)})",
                lambda: f"try(slice({self.texts(d)}, 0, {self._random.randrange(3)}), [])",
                lambda: f'regexall("[a-z]", {self.text(d)})',
                lambda: f"flatten(chunklist({self.texts(d)}, 2))",
                lambda: f'[for p in setproduct({self.texts(d)}, {self.texts(d)}) : join("", p)]',
            )
        )()

    def map(self, depth: int) -> str:
        """A map of texts."""
        if depth <= 0:
            return self._pick("local.m", '{ a = "x", b = "y" }', '{ "q r" = "s" }')
        d = depth - 1
        return self._random.choice(
            (
                lambda: f'{{ a = {self.text(d)}, ("k${{local.n}}") = {self.text(d)} }}',
                lambda: f"merge({self.map(d)}, {self.map(d)})",
                lambda: f"{{ for x in distinct({self.texts(d)}) : x => upper(x) }}",
                lambda: f'{{ for k, v in {self.map(d)} : "${{k}}!" => v if v != {self.text(d)} }}',
                lambda: f'zipmap(["a", "b"], [{self.text(d)}, {self.text(d)}])',
                lambda: f"{{ for k, v in transpose({{ q = {self.texts(d)} }}) : k => v[0] }}",
                lambda: f"tomap({self.map(d)})",
            )
        )()
