"""
The library is as strict about what it is told as the command line: no argument asks about nothing, or about nobody.
"""

from __future__ import annotations

import json
from collections import ChainMap
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

import trustproof
from trustproof.errors import NotProvedError, TrustproofError, UsageError
from trustproof.escaping.text import shown
from trustproof.testing import assert_proved

ACCOUNT = "111122223333"
OPEN = {
    "Resources": {
        "Open": {
            "Type": "AWS::IAM::Role",
            "Properties": {
                "AssumeRolePolicyDocument": {
                    "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}]
                }
            },
        }
    }
}


def _file(tmp_path: Path) -> str:
    file = tmp_path / "open.json"
    file.write_text(json.dumps(OPEN), encoding="utf-8")
    return str(file)


def test_properties_may_be_read_once(tmp_path: Path) -> None:
    """An iterator of identifiers is a list of them: it asked nothing, and nothing was refuted."""
    asked = ["mfa-required"]
    reports = (
        trustproof.check([OPEN], properties=iter(asked)),
        trustproof.check_templates(iter([(_file(tmp_path), ACCOUNT, None)]), properties=iter(asked)),
    )
    for report in reports:
        with pytest.raises(NotProvedError):
            report.raise_for_status()
    found = trustproof.diff(OPEN, OPEN, account=ACCOUNT, properties=iter(asked))
    assert not found.verdicts


def test_nothing_is_proved_of_nothing(tmp_path: Path) -> None:
    """No path, no template and no property are errors, whether or not they come as an iterator."""
    calls: tuple[Callable[[], object], ...] = (
        lambda: trustproof.check([]),
        lambda: trustproof.check(iter(())),
        lambda: trustproof.check_templates([]),
        lambda: trustproof.check([OPEN], properties=()),
        lambda: trustproof.check_templates([(_file(tmp_path), ACCOUNT, None)], properties=iter(())),
    )
    for call in calls:
        with pytest.raises(TrustproofError):
            call()


_WRONG_ACCOUNTS = ("zzz", "1111-2222-3333", "\uff11" * 12, "", f"{ACCOUNT}\n", 111122223333, b"111122223333")
_WRONG_REGIONS = ("zz zz", "", "US-EAST-1", "us-east-1\n", 1)


@pytest.mark.parametrize(
    "given",
    [*({"account": one} for one in _WRONG_ACCOUNTS), *({"region": one} for one in _WRONG_REGIONS)],
    ids=repr,
)
def test_accounts_and_regions_are_refused_everywhere_alike(given: dict[str, Any], tmp_path: Path) -> None:
    """What is no account or Region is an error of every entrance of the library, and says which argument it is."""
    place = {"account": ACCOUNT, "region": None, **given}
    entrances: list[Callable[[], object]] = [
        lambda: trustproof.check([OPEN], **given),
        lambda: trustproof.explain([OPEN], "Open", **given),
        lambda: trustproof.diff(OPEN, OPEN, **{"account": ACCOUNT, **given}),
        lambda: trustproof.check_templates([(_file(tmp_path), place["account"], place["region"])]),
    ]
    if "account" in given:
        policy = OPEN["Resources"]["Open"]["Properties"]["AssumeRolePolicyDocument"]  # type: ignore[index]
        entrances.append(lambda: trustproof.prove(policy, **given))
    for entrance in entrances:
        with pytest.raises(UsageError, match=f"^{next(iter(given))} must be"):
            entrance()


@pytest.mark.parametrize("today", ["2026-01-01", datetime(2026, 1, 1), 1])
def test_a_day_is_a_day(today: Any, tmp_path: Path) -> None:
    """A text or a time is no day, whether or not a waiver asks for it."""
    with pytest.raises(UsageError, match="today must be"):
        trustproof.check([OPEN], today=today)
    with pytest.raises(UsageError, match="today must be"):
        trustproof.check_templates([(_file(tmp_path), ACCOUNT, None)], today=today)


def test_the_library_can_be_strict(tmp_path: Path) -> None:
    """What nobody has looked into is nothing by itself, and counts where the caller says so."""
    allow = {
        "Effect": "Allow",
        "Principal": {"AWS": ACCOUNT},
        "Action": "sts:AssumeRole",
        "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
    }
    role = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": {"Statement": [allow]}}}
    stack = {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": "https://example.com/t.json"}}
    (tmp_path / "good.json").write_text(json.dumps({"Resources": {"R": role, "S": stack}}), encoding="utf-8")
    (tmp_path / "node_modules").mkdir()
    _file(tmp_path / "node_modules")
    report = trustproof.check([tmp_path], account=ACCOUNT)
    assert len(report.overlooked) == 2
    report.raise_for_status()
    word: Any = "x"
    for ask in (report.failures, lambda fail_on: report.raise_for_status(fail_on=fail_on)):
        with pytest.raises(trustproof.TrustproofError, match='got "x"'):
            ask(word)
    assert_proved(tmp_path, account=ACCOUNT)
    for line in report.overlooked:
        assert "node_modules was passed over" in line or "is not checked" in line
    with pytest.raises(NotProvedError, match="passed over"):
        report.raise_for_status(strict=True)
    with pytest.raises(AssertionError, match="is not checked"):
        assert_proved(tmp_path, account=ACCOUNT, strict=True)
    with pytest.raises(AssertionError, match="is not checked"):
        assert_proved(tmp_path, account=ACCOUNT, fail_on="note")


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: trustproof.check([None]), "expected a path or a template, got None"),  # type: ignore[list-item]
        (lambda: trustproof.check([b"t.json"]), "expected a path or a template, got b't.json'"),  # type: ignore[list-item]
        (lambda: trustproof.check(None), "paths must be a list"),  # type: ignore[arg-type]
        (lambda: trustproof.explain("t.json", "r"), "paths must be a list"),
        (lambda: trustproof.explain(OPEN, "r"), "paths must be a list"),  # type: ignore[arg-type]
        (lambda: trustproof.explain([None], "r"), "expected a path or a template"),  # type: ignore[list-item]
        (lambda: trustproof.diff(["a"], ["b"]), "expected a path or a template"),  # type: ignore[arg-type]
        (lambda: trustproof.diff(None, OPEN), "expected a path or a template"),  # type: ignore[arg-type]
    ],
)
def test_what_is_no_path_is_refused(call: Callable[[], object], said: str) -> None:
    """By every function likewise, in its own words and not in those of Python."""
    with pytest.raises(UsageError) as caught:
        call()
    assert said in str(caught.value)


_OPEN_POLICY: Any = OPEN["Resources"]["Open"]["Properties"]["AssumeRolePolicyDocument"]  # type: ignore[index]


def doubled(levels: int, leaf: object, *, in_lists: bool) -> Any:
    """A value whose parts stand in two places each, as ``yaml.safe_load`` gives what aliases stand for."""
    for _ in range(levels):
        leaf = [leaf, leaf] if in_lists else {"a": leaf, "b": leaf}
    return leaf


@pytest.mark.parametrize("in_lists", [False, True])
@pytest.mark.parametrize(
    "call",
    [
        lambda value: trustproof.check([{**OPEN, "Metadata": value}]).raise_for_status(),
        lambda value: trustproof.explain([{**OPEN, "Metadata": value}], "Open"),
        lambda value: trustproof.diff({**OPEN, "Metadata": value}, OPEN),
        lambda value: trustproof.prove({**_OPEN_POLICY, "Id": value}),
        lambda value: trustproof.prove({"Statement": [{**_OPEN_POLICY["Statement"][0], "Principal": {"AWS": value}}]}),
        lambda value: assert_proved({**OPEN, "Metadata": value}),
    ],
)
def test_what_stands_in_many_places_is_counted_before_it_is_written_out(
    call: Callable[[Any], object], in_lists: bool
) -> None:
    """A value of forty parts that would be a trillion is a budget, as the aliases of a file are."""
    with pytest.raises(trustproof.InputError, match="budget reached: values of parts that stand in several places"):
        call(doubled(40, ACCOUNT, in_lists=in_lists))


def test_what_a_program_uses_twice_is_read() -> None:
    """A statement that stands in many policies is one of each; a value that contains itself is an error."""
    roles = {f"R{number}": OPEN["Resources"]["Open"] for number in range(20)}  # type: ignore[index]
    assert len(trustproof.check([{"Resources": roles}]).failures()) >= len(roles)
    inside: dict[str, object] = {}
    inside["a"] = inside
    (error,) = trustproof.check([{**OPEN, "Metadata": inside}]).errors
    assert error.message == "is not JSON: it contains itself"
    with pytest.raises(trustproof.PolicySyntaxError, match="it contains itself"):
        trustproof.prove({**_OPEN_POLICY, "Id": inside})


def test_any_mapping_is_a_template() -> None:
    """As one that nobody may change; what else is no value of JSON is named."""
    assert trustproof.check([MappingProxyType(OPEN)]).results == trustproof.check([OPEN]).results
    inside = {"Resources": ChainMap(OPEN["Resources"])}
    assert trustproof.check([inside]).results == trustproof.check([OPEN]).results
    (error,) = trustproof.check([{**OPEN, "Metadata": 10j}]).errors
    assert error.message == "is not JSON: 10j is no value of JSON"


def test_what_is_nested_too_deeply_is_an_error_of_every_entrance() -> None:
    """And no RecursionError."""
    deep: dict[str, object] = {}
    for _ in range(20_000):
        deep = {"a": deep}
    (error,) = trustproof.check([{**OPEN, "Metadata": deep}]).errors
    assert error.message == "budget reached: the nesting is too deep to be read"
    with pytest.raises(trustproof.InputError, match="the nesting is too deep"):
        trustproof.diff({**OPEN, "Metadata": deep}, OPEN)


_REPORT = trustproof.check([OPEN])


@pytest.mark.parametrize(
    "call",
    [
        lambda junk: trustproof.load_config(junk),
        lambda junk: trustproof.load_config(start=junk),
        lambda junk: trustproof.check_templates(junk),
        lambda junk: trustproof.check_templates([junk]),
        lambda junk: trustproof.check_templates([(junk, ACCOUNT, None)]),
        lambda junk: trustproof.with_baseline(_REPORT, junk),
        lambda junk: trustproof.with_baseline(junk, trustproof.Config()),
        lambda junk: trustproof.check([OPEN], source=junk),
        lambda junk: trustproof.check([OPEN], var_files=junk),
        lambda junk: trustproof.check([OPEN], var_files=[junk]),
        lambda junk: trustproof.check([OPEN], parameters=junk),
        lambda junk: trustproof.check([OPEN], parameters={"Open": junk}),
        lambda junk: trustproof.check([OPEN], provider_accounts=junk),
        lambda junk: trustproof.check([OPEN], provider_accounts={junk: "1"}),
        lambda junk: trustproof.check([OPEN], properties=junk),
        lambda junk: trustproof.check([OPEN], policy_kind=junk),
        lambda junk: trustproof.diff(OPEN, OPEN, policy_kind=junk),
        lambda junk: assert_proved(OPEN, kind=junk),
        lambda junk: assert_proved(junk),
        lambda junk: trustproof.explain([OPEN], "Open", policy_kind=junk),
        lambda junk: trustproof.read_config({junk: 1}),
        lambda junk: trustproof.read_config({"boundary": {junk: 1}}),
        lambda junk: _REPORT.failures(junk),
        lambda junk: trustproof.explain([OPEN], "Open", var_files=junk),
        lambda junk: trustproof.explain([OPEN], "Open", parameters={"Open": junk}),
        lambda junk: trustproof.diff(OPEN, OPEN, var_files=junk),
        lambda junk: trustproof.diff(OPEN, OPEN, parameters={"Open": junk}),
        lambda junk: trustproof.prove(_OPEN_POLICY, kind=junk),
        lambda junk: trustproof.prove(_OPEN_POLICY, name=junk),
        lambda junk: trustproof.prove({**_OPEN_POLICY, junk: 1}),
    ],
)
@pytest.mark.parametrize("junk", [1, 1.5, b"open.json", (1, 2), frozenset({1}), 10**5000], ids=shown)
def test_what_an_argument_is_not_is_said(call: Callable[[Any], object], junk: object) -> None:
    """Something of another type is an error of the library's own, wherever it is given."""
    with pytest.raises(TrustproofError):
        call(junk)


@pytest.mark.parametrize("name", ["a\0b.json", "\ud800.json"])
def test_what_can_be_no_file_is_an_error_of_the_report(name: str) -> None:
    """Nothing is raised for a file that cannot be read, whatever it is called; the others are judged."""
    report = trustproof.check([name, OPEN])
    assert [error.message for error in report.errors] == ["cannot be read: no file has such a name"]
    assert report.failures()
    with pytest.raises(trustproof.ConfigError, match="no file has such a name"):
        trustproof.load_config(name)
