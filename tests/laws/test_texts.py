"""
What the library says to a person is safe to print, whatever a template holds: nothing in it is a command of the program
that runs a job, ends a line, or changes what a terminal shows.
"""

from __future__ import annotations

import copy
import json
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import trustproof
from tests.fuzz.mutations import places, seeds
from tests.strategies import examples
from trustproof.results.report import Report
from trustproof.results.sentences import SENTENCES
from trustproof.testing import assert_proved

HOSTILE = "\n::error::x ##[error]y ##vso[task.complete]z \x1b[31m\u202e\x9b\uff11"
EVERYTHING = dict(seeds())["everything"]
PLACES = list(places(EVERYTHING))
#: What the names of a template are written as: in the place of another, before it, and behind it.
WAYS: tuple[Callable[[str], str], ...] = (
    lambda _: HOSTILE.strip(),
    lambda old: HOSTILE + old,
    lambda old: old + HOSTILE,
)


def is_safe(text: str) -> bool:
    """Whether a text says nothing to a runner, in the middle of a line or as one."""
    return text.isprintable() and not text.lstrip().startswith("::") and not any(c in text for c in ("##[", "##vso"))


def unsafe(value: object) -> Iterator[str]:
    """The sentences of what the library has returned that are not safe, and what Python shows of a value."""
    if isinstance(value, Report):
        yield from (one for one in (*value.notes, *value.overlooked) if not is_safe(one))
        yield from (one for _, one in (*value.skipped, *value.passed_over) if not is_safe(one))
        yield from unsafe((*value.results, *value.verdicts, *value.omissions, *value.nearer, *value.errors))
    elif isinstance(value, trustproof.Difference):
        yield from unsafe((*value.access, *value.moved, *value.verdicts, *value.undecided, *value.notes))
        yield from (one.message for one in value.moved if not is_safe(one.message))
    elif isinstance(value, str):
        yield from () if is_safe(value) else (value,)
    elif isinstance(value, trustproof.InputError):
        yield from (one for one in (str(value), repr(value), value.message) if not is_safe(one))
    elif isinstance(value, tuple):
        if hasattr(value, "_fields"):
            yield from (one for one in (repr(value), *str(value).split("\n")) if not is_safe(one))
            yield from (one for name in SENTENCES.get(type(value), ()) for one in unsafe(getattr(value, name)))
        if isinstance(value, trustproof.Remedy):
            yield from (one for one in value.diff if not is_safe(one))
        if type(value) is tuple:
            yield from (one for item in value for one in unsafe(item))


def lines_of(error: BaseException) -> list[str]:
    """What Python prints of an error that nobody catches, without the lines of the program."""
    return [line for part in traceback.format_exception_only(error) for line in part.rstrip("\n").split("\n")]


#: What a program may do with a template.
CALLS: tuple[Callable[[Any], object], ...] = (
    lambda template: trustproof.check([template], config={"boundary": {"accounts": ["111122223333"]}}),
    lambda template: trustproof.check([template]).raise_for_status(strict=True),
    lambda template: trustproof.explain([template]),
    lambda template: trustproof.diff(EVERYTHING, template),
    lambda template: assert_proved(template, strict=True),
)


def said_of(template: Any, call: Callable[[Any], object]) -> Iterator[str]:
    """Everything unsafe that the library says of a template."""
    try:
        yield from unsafe(call(template))
    except trustproof.TrustproofError as error:
        yield from (line for line in (*lines_of(error), repr(error)) if not is_safe(line))
    except AssertionError as error:
        yield from (line for line in lines_of(error) if not is_safe(line))


@given(st.sampled_from(range(len(PLACES))), st.sampled_from(WAYS), st.booleans(), st.sampled_from(CALLS))
@examples(20, in_deep=2_000)
def test_what_is_said_of_a_template_is_safe_to_print(
    place: int, way: Callable[[str], str], is_key: bool, call: Callable[[Any], object]
) -> None:
    """Whichever value or key of it is hostile: results, notes, errors and the failures of tests."""
    template = copy.deepcopy(EVERYTHING)
    container, key = list(places(template))[place]
    if is_key and isinstance(container, dict):
        container[way(str(key))] = container.pop(key)
    else:
        container[key] = way(container[key] if isinstance(container[key], str) else "a")
    assert list(said_of(template, call)) == []


@pytest.mark.parametrize("call", CALLS)
def test_what_is_said_of_hostile_names_is_safe_to_print(call: Callable[[Any], object]) -> None:
    """All names that a template gives, at once."""
    text = json.dumps(EVERYTHING)
    for name in ("R", "Managed", "Bucket", "P", "Attached"):
        text = text.replace(f'"{name}"', json.dumps(name + HOSTILE))
    assert list(said_of(json.loads(text), call)) == []


@pytest.mark.parametrize("name", ["a\n::error::x.json", "##[error]x.json", "\x1b[31m.json"])
def test_what_is_said_of_a_file_is_safe_to_print(tmp_path: Path, name: str) -> None:
    """Whatever it is called, and whether or not it can be read."""
    for content in ("{", json.dumps(EVERYTHING), '{"Resources": 1}', "AWSTemplateFormatVersion: [\n"):
        (tmp_path / name).write_text(content, encoding="utf-8")
        report = trustproof.check([tmp_path])
        assert list(unsafe(report)) == []
        for error in report.errors:
            assert all(map(is_safe, lines_of(error)))


@pytest.mark.parametrize("text", [HOSTILE, f'["{HOSTILE}"]', f'[boundary]\n"{HOSTILE}" = 1', f'x = "{HOSTILE}"'])
def test_what_is_said_of_a_configuration_is_safe_to_print(tmp_path: Path, text: str) -> None:
    """A configuration is of the repository too."""
    (tmp_path / "trustproof.toml").write_text(text.replace("\n:", "\\n:").replace("\x1b", ""), encoding="utf-8")
    with pytest.raises(trustproof.ConfigError) as raised:
        trustproof.load_config(start=tmp_path)
    assert all(map(is_safe, lines_of(raised.value)))


def test_data_is_what_the_template_says() -> None:
    """What programs compare is not changed for the eyes of a person."""
    trust = {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}]}
    role = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": trust}}
    (found, *_) = trustproof.check([{"Resources": {f"x{HOSTILE}": role}}]).failures()
    assert found.logical_id == f"x{HOSTILE}"
    assert f"x{trustproof.printable(HOSTILE)}" in found.message
