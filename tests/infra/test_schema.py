"""
The JSON Schema of the accounts file says what the reader says.
"""

from __future__ import annotations

import copy
import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra._shapes import AccountsError, Place
from infra.accounts import ACCOUNTS_FILE
from infra.schema import ACCOUNTS, render_schema
from tests.infra.conftest import EVERYTHING
from tests.infra.test_accounts import GOOD, INCONSISTENT, MISSHAPEN, Change

jsonschema = pytest.importorskip("jsonschema", reason="jsonschema is not installed")

SCHEMA_FILE = ACCOUNTS_FILE.with_name("accounts.schema.json")
VALIDATOR = jsonschema.Draft7Validator(json.loads(SCHEMA_FILE.read_text(encoding="utf-8")))


def accepted(mapping: Any) -> bool:
    """Whether the reader finds the shape of a file right."""
    try:
        ACCOUNTS.check(mapping, Place("accounts.toml"))
    except AccountsError:
        return False
    return True


def test_published_schema_is_made_from_the_code() -> None:
    """`make docs` would change nothing in infra/accounts.schema.json."""
    assert SCHEMA_FILE.read_text(encoding="utf-8") == render_schema()


def test_published_schema_is_a_schema() -> None:
    """An editor can read it."""
    jsonschema.Draft7Validator.check_schema(VALIDATOR.schema)


def test_accounts_file_names_its_schema() -> None:
    """The first line tells an editor where the schema is."""
    first = ACCOUNTS_FILE.read_text(encoding="utf-8").splitlines()[0]
    assert first == f"#:schema {SCHEMA_FILE.name}"


@pytest.mark.parametrize("file", [ACCOUNTS_FILE, EVERYTHING], ids=["accounts", "everything"])
def test_good_file_is_valid(file: Path) -> None:
    """What the reader accepts, the schema accepts."""
    mapping = tomllib.loads(file.read_text(encoding="utf-8"))
    assert accepted(mapping)
    assert list(VALIDATOR.iter_errors(mapping)) == []


def test_every_key_is_exercised() -> None:
    """The file with every key has every key: what it holds for them holds for all."""

    def missing(schema: dict[str, Any], value: Any, path: str) -> list[str]:
        if "properties" in schema:
            return [
                place
                for key, inner in schema["properties"].items()
                for place in (missing(inner, value[key], f"{path}.{key}") if key in value else [f"{path}.{key}"])
            ]
        if isinstance(schema.get("additionalProperties"), dict):
            merged: dict[str, Any] = {}
            for entry in value.values():
                merged |= entry if isinstance(entry, dict) else {}
            return missing(schema["additionalProperties"], merged, f"{path}.*") if merged else []
        return []

    mapping = tomllib.loads(EVERYTHING.read_text(encoding="utf-8"))
    # Every level is a key everywhere; not each of them is used by everybody.
    levels = (".audit", ".read", ".operate", ".deploy", ".admin")
    # And a level of the file has some key or other.
    found = {re.sub(r"^\.levels\.\w+\.", ".levels.*.", place) for place in missing(VALIDATOR.schema, mapping, "")}
    said = {f".levels.*.{key}" for table in mapping["levels"].values() for key in table}
    assert [place for place in sorted(found - said) if not place.endswith(levels)] == []


@pytest.mark.parametrize(("change", "message"), MISSHAPEN)
def test_misshapen_file_is_invalid(change: Change, message: str) -> None:
    """An editor underlines what the reader would refuse."""
    mapping = copy.deepcopy(GOOD)
    change(mapping)
    assert not VALIDATOR.is_valid(mapping)


@pytest.mark.parametrize(("change", "message"), INCONSISTENT)
def test_inconsistent_file_is_left_to_the_reader(change: Change, message: str) -> None:
    """What takes two places to see is beyond a JSON Schema; it is of the right shape."""
    mapping = copy.deepcopy(GOOD)
    change(mapping)
    assert VALIDATOR.is_valid(mapping)
    assert accepted(mapping)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a file."""
    found = [path]
    if isinstance(value, dict | list):
        for key, entry in value.items() if isinstance(value, dict) else enumerate(value):
            found += places(entry, (*path, key))
    return found


FULL = tomllib.loads(EVERYTHING.read_text(encoding="utf-8"))
WORDS = st.sampled_from(["dev", "*", "hub", "read", "o-a1b2c3d4e5", "eu-central-1", "111122223333", "a/b", "1", ""])
# No line break: in Python, and nowhere else, `$` is also before one that ends the text.
TEXTS = WORDS | st.text(st.characters(exclude_characters="\n"), max_size=60)
VALUES = st.recursive(
    TEXTS | st.integers() | st.booleans() | st.floats(allow_nan=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)


@given(path=st.sampled_from(places(FULL)), value=VALUES, key=st.none() | TEXTS)
def test_schema_and_reader_agree(path: tuple[Any, ...], value: Any, key: str | None) -> None:
    """Whatever one changes or adds in a file, both accept it or neither does."""
    mapping: Any = copy.deepcopy(FULL)
    target = mapping
    for step in path[:-1]:
        target = target[step]
    if path and key is not None and isinstance(target[path[-1]], dict):
        target[path[-1]][key] = value
    elif path:
        target[path[-1]] = value
    else:
        mapping = value
    assert VALIDATOR.is_valid(mapping) is accepted(mapping)
