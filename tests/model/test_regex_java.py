r"""
An ``AllowedPattern`` is Java's: what Java admits is never left out, however Python would read the expression.
"""

from __future__ import annotations

import base64
import random
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from trustproof.model.regex import shapes, values
from trustproof.model.regex_match import matches_in_java
from trustproof.model.regex_syntax import parse

#: What Python reads as well, and in another way; each with a text that only one of them admits, by JDK 17 and 25.
#: https://docs.oracle.com/en/java/javase/21/docs/api/java.base/java/util/regex/Pattern.html
DIFFERENCES = [
    # Classes: unions, intersections, and where they end.
    ("[a[*]]", "*"),
    ("[.[*]]", "*"),
    ("[1[*]]", "*"),
    ("[*[1]]", "*"),
    ("[^a[*]]", "*]"),
    ("[a-c[x-z]]", "y"),
    ("[[:alpha:]]", "a"),
    ("[a&&b]", "&"),
    ("[&&a]", "a"),
    ("[a-z&&[^b]]", "b]"),
    ("[a&&]", "a"),
    ("[]a]", "]"),
    ("[^]a]", "b"),
    # Escapes.
    (r"\0101", "A"),
    (r"[\0101]", "A"),
    (r"\v", "\n"),
    (r"[\v]", "\u2028"),
    (r"a\Z\n", "a\n"),
    (r"\B", ""),
    (r"[\b]", "\b"),
    (r"\U0001F600", "\U0001f600"),
    (r"\ud83d\ude00", "\U0001f600"),
    # Categories and ends of lines: of Unicode in Python, of ASCII in Java, and the other way round.
    (r"(?=\W)(é|-)", "é"),
    (r"(?=\D)(٣|-)", "٣"),
    (r"(?=\S)(\x1c|-)", "\x1c"),
    (r"(?!.)(\r|b)", "\r"),
    (r"a$\r|b", "a\r"),
    ("(?i)(ſ|k)", "ſ"),
    # Repetitions: none in Java, or without a way back.
    ("a{,3}", "aaa"),
    ("a{b", "a{b"),
    ("(?:a|ab){2}+c", "abac"),
    # Groups and flags that are none in Java.
    ("(?P<n>a)", "a"),
    ("(?P<n>a)(?P=n)", "aa"),
    ("a(?#b)", "a"),
    ("(?a)a", "a"),
    ("(?a:a)", "a"),
]

#: What only Java reads, or Python from some version on: nothing is known of it.
JAVA_ONLY = [
    *(
        r"\h",
        r"\H",
        r"\R",
        r"\X",
        r"\N{DIGIT ONE}",
        r"\p{Punct}",
        r"\P{L}",
        r"\p{IsLatin}",
        r"\G",
        r"\z",
        r"\cA",
        r"\e",
    ),
    *(r"\e", r"\Q*\E", r"\k<n>", r"\V", r"[\h*]", r"[\Q*\E]", r"[\w-.]", r"\x{2A}", r"\9"),
    *("(?<n>a)", "(?x)a b", "(?d)a", "(?U)a", "(?idmsux)a", "a(?i)b", "a{2}{3}", "(?x: a b )", "(?d:a)"),
]

#: What both read alike: it restricts.
ALIKE = [
    ("^[a-z]+$", "A"),
    (r"\d{12}", "1"),
    (r"[\w+=,.@-]+", "*"),
    ("[a^b]", "c"),
    ("[-a]", "b"),
    ("[a&b]", "c"),
    (r"[\[\]]", "*"),
    ("(?i)[a-z]+", "*"),
    ("(?s).", ""),
    (r"\Aa\b", "*"),
    ("a{2,}?", "a"),
]


@pytest.mark.parametrize(("pattern", "text"), DIFFERENCES)
def test_what_java_reads_differently_restricts_nothing(pattern: str, text: str) -> None:
    """The text may be a value of the parameter, and the expression spells out no list that lacks it."""
    assert matches_in_java(pattern, text) is None
    assert _is_covered(pattern, text)


@pytest.mark.parametrize("pattern", JAVA_ONLY)
def test_what_only_java_reads_restricts_nothing(pattern: str) -> None:
    """Nothing is known of such an expression, or of any text."""
    found = parse(pattern)
    assert found is None or not found.is_portable
    assert (shapes(pattern), values(pattern), matches_in_java(pattern, "*")) == (((None,),), (), None)


@pytest.mark.parametrize(("pattern", "other"), ALIKE)
def test_what_both_read_alike_restricts(pattern: str, other: str) -> None:
    """What is refused by both is refused."""
    assert matches_in_java(pattern, other) is False


def _is_covered(pattern: str, text: str) -> bool:
    """Whether nothing that is known of an expression leaves out a text."""
    readings = ["".join("(?s:.*)" if part is None else re.escape(part) for part in shape) for shape in shapes(pattern)]
    spelled = values(pattern)
    return any(re.fullmatch(reading, text) for reading in readings) and (not spelled or text in spelled)


_PIECES = (
    *("a", "b", "*", "1", ".", "^", "$", "|", "(", ")", "(?:", "(?=", "(?!", "(?>", "(?i)", "(?i:", "(?-i:", "(?s)"),
    *("[", "[", "]", "]", "^", "-", "&", "&&", "a-b", "[^", "[a", "[a-", "[*]", "a]", "\\]", "\\[", "\\-"),
    *(
        "?",
        "*",
        "+",
        "{2}",
        "{1,}",
        "{,2}",
        "{",
        "}",
        "++",
        "?+",
        "*?",
        "\\d",
        "\\W",
        "\\s",
        "\\b",
        "\\B",
        "\\A",
        "\\Z",
    ),
    *(
        "\\Z",
        "\\&",
        "\\v",
        "\\0",
        "\\01",
        "\\x2a",
        "\\*",
        "\\1",
        "\\Q",
        "\\E",
        "\\h",
        "\\n",
        "\\a",
        "#",
        " ",
        "é",
        "\\u002a",
    ),
)
_TEXTS = ("", "a", "b", "*", "1", "ab", "ba", "aa", "a*", "*a", "]", "a]", "[", "*]", "&", "-", "a1", "A", "é", "a\n")
_PROGRAM = """
import java.util.*; import java.util.regex.*; import java.io.*; import java.nio.charset.StandardCharsets;
public class Admits {
  static String text(String given) { return new String(Base64.getDecoder().decode(given), StandardCharsets.UTF_8); }
  public static void main(String[] none) throws Exception {
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    StringBuilder out = new StringBuilder();
    for (String line; (line = in.readLine()) != null; out.append('\\n')) {
      String[] parts = line.split(",", -1);
      try {
        Pattern pattern = Pattern.compile(text(parts[0]));
        for (int i = 1; i < parts.length; i++)
          out.append(pattern.matcher(text(parts[i])).matches() ? '1' : '0');
      } catch (PatternSyntaxException no) { out.append('-'); }
    }
    System.out.print(out);
  }
}
"""


def _answers(folder: Path, asked: list[tuple[str, list[str]]]) -> list[str]:
    """What Java says of each expression and its texts: a digit for each, or a dash where it is none."""
    (folder / "Admits.java").write_text(_PROGRAM, encoding="utf-8")
    lines = [",".join(base64.b64encode(one.encode()).decode() for one in (pattern, *texts)) for pattern, texts in asked]
    java = shutil.which("java")
    assert java is not None
    done = subprocess.run(
        [java, "Admits.java"], cwd=folder, input="\n".join(lines) + "\n", capture_output=True, text=True, check=True
    )
    return done.stdout.split("\n")[: len(asked)]


@pytest.mark.skipif(shutil.which("java") is None, reason="asks Java")
def test_what_java_admits_is_never_left_out(tmp_path: Path) -> None:
    """For expressions of all constructs, put together at random: our answer is Java's own, or that it is not known."""
    chosen = random.Random(15)
    asked = [("".join(chosen.choices(_PIECES, k=chosen.randint(1, 7))), list(_TEXTS)) for _ in range(20_000)]
    asked += [(pattern, [text]) for pattern, text in (*DIFFERENCES, *ALIKE)]
    read = 0
    wrong = []
    for (pattern, texts), answer in zip(asked, _answers(tmp_path, asked), strict=True):
        if answer == "-":
            continue
        for text, is_admitted in zip(texts, answer, strict=True):
            ours = matches_in_java(pattern, text)
            read += ours is not None
            if (ours is not None and ours != (is_admitted == "1")) or (
                is_admitted == "1" and not _is_covered(pattern, text)
            ):
                wrong.append((pattern, text, is_admitted, ours))
    assert wrong == []
    assert read > len(asked)
