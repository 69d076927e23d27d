"""
What is asked of each of many roles goes through the template once, and what is the same of all of them is found once.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pytest

import trustproof
from tests.hostile.constructions import ALLOW, role
from trustproof.analysis.assignments import declared, template_context
from trustproof.analysis.remedies.both_branches import once_for_each_text
from trustproof.config.model import Boundary, Config
from trustproof.engine import allowance
from trustproof.escaping.text import to_json
from trustproof.inputs import source_texts
from trustproof.inputs.cloudformation.template import Template
from trustproof.inputs.discovery.inputs import read_template, reopened
from trustproof.inputs.reader import Input
from trustproof.inputs.source_texts import SourceTexts
from trustproof.model import query
from trustproof.model.document import TRUST, Document
from trustproof.model.policy import Policy, Principal, Statement
from trustproof.model.position import Position
from trustproof.model.principals import Holder, Membership
from trustproof.model.substitution import bind_document, bind_text
from trustproof.model.text import Symbol, Symbolic, Text
from trustproof.properties.neighbours import Neighbours
from trustproof.properties.question import Subject
from trustproof.properties.stated_ids import stated_ids
from trustproof.proving import made_up_ids as proving_ids
from trustproof.proving.made_up_ids import made_up_ids
from trustproof.proving.prover import Prover
from trustproof.results.result import UNKNOWN, Undeclared


class _Counted(tuple[Holder, ...]):
    """
    Holders that know how often all of them were gone through.
    """

    times = 0

    def __iter__(self) -> Iterator[Holder]:
        type(self).times += 1
        return super().__iter__()

    def __reversed__(self) -> Iterator[Holder]:
        type(self).times += 1
        return reversed((*super().__iter__(),))


def test_who_holds_what_is_gone_through_once_for_all_who_ask(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_Counted, "times", 0)
    groups = [Holder("group", f"G{n}", f"g{n}", "", ()) for n in range(9)]
    users = [Holder("user", f"U{n}", f"u{n}", "", (), groups=(Membership(f"G{n}"),)) for n in range(9)]
    roles = [Holder("role", f"R{n}", f"r{n}", "", ()) for n in range(9)]
    neighbours = Neighbours(holders=lambda: _Counted((*groups, *users, *roles)))
    for n in range(9):
        assert neighbours.all_actions_of(f"R{n}") == frozenset()
        assert neighbours.members_of(groups[n]) == [users[n]]
        assert not neighbours.has_password(f"u{n}")
    assert _Counted.times == 4


def _bound(count: int, file: Path, monkeypatch: pytest.MonkeyPatch) -> int:
    """How often the ARN of a user was read, where each of so many roles may have one."""
    read: list[Text] = []

    def bound(text: Text, values: dict[str, str]) -> Text:
        read.append(text)
        return bind_text(text, values)

    users = {f"U{n}": {"Type": "AWS::IAM::User", "Properties": {"UserName": f"u{n}"}} for n in range(count)}
    trusting = {f"R{n}": role({**ALLOW, "Principal": {"AWS": {"Fn::GetAtt": [f"U{n}", "Arn"]}}}) for n in range(count)}
    file.write_text(json.dumps({"Resources": {**users, **trusting}}), encoding="utf-8")
    with monkeypatch.context() as patched:
        patched.setattr(declared, "bind_text", bound)
        trustproof.check([file], account="111122223333", properties=["mfa-required"])
    return len(read)


def test_the_users_whom_roles_name_are_looked_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Twice the roles, and twice the users: twice the reading."""
    few = _bound(4, tmp_path / "t.json", monkeypatch)
    assert 0 < _bound(8, tmp_path / "t.json", monkeypatch) <= 2 * few


def _settled(count: int, file: Path, monkeypatch: pytest.MonkeyPatch) -> int:
    """How many questions were settled about so many equal roles of whose callers nobody says whose they are."""
    settled: list[int] = []
    settle = Prover._settled

    def counted(self: Prover, index: int, questions: object) -> object:
        settled.append(index)
        return settle(self, index, questions)  # type: ignore[arg-type]

    callers = ["arn:aws:iam::444455556666:root", "arn:aws:iam::777788889999:root"]
    roles = {f"R{n}": role({**ALLOW, "Principal": {"AWS": callers}}) for n in range(count)}
    file.write_text(json.dumps({"Resources": roles}), encoding="utf-8")
    with monkeypatch.context() as patched:
        patched.setattr(Prover, "_settled", counted)
        report = trustproof.check([file], properties=["inside-boundary"])
    assert all(len(one.undeclared) == 2 for one in report.results)
    return len(settled)


def test_equal_roles_are_settled_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    few = _settled(2, tmp_path / "t.json", monkeypatch)
    assert _settled(5, tmp_path / "t.json", monkeypatch) == few


def _unknown(trusts: Sequence[object], file: Path, units: int, monkeypatch: pytest.MonkeyPatch) -> int:
    """How many answers about roles are open where each has so many units."""
    file.write_text(json.dumps({"Resources": {f"R{n}": role(one) for n, one in enumerate(trusts)}}), encoding="utf-8")
    with monkeypatch.context() as patched:
        patched.setattr(allowance, "TEMPLATE_UNITS", units * len(trusts))
        report = trustproof.check([file], account="111122223333", properties=["mfa-required"])
    return sum(one.verdict == UNKNOWN for one in report.results)


@pytest.mark.parametrize("count", [4, 9])
def test_the_first_of_equal_policies_may_cost_more(count: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It pays for what the others find; and another one, which says something else, has what all of them leave."""
    file = tmp_path / "t.json"
    mfa = {**ALLOW, "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}
    other = {**mfa, "Sid": "Other"}
    enough = next(units for units in range(500, 100_000, 100) if not _unknown([mfa], file, units, monkeypatch))
    little = enough - 100
    assert _unknown([mfa], file, little, monkeypatch) == 1
    # One that says something else leaves it nothing.
    assert _unknown([mfa, other], file, little, monkeypatch) == 2
    assert _unknown([mfa] * count, file, little, monkeypatch) == 0
    assert _unknown([other, *[mfa] * count], file, little, monkeypatch) == 0


def test_what_equal_policies_of_another_template_cost_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that says the same in the next template has its own share alone, whoever judges them, and when."""
    mfa = {**ALLOW, "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}
    equal, apart, other = (tmp_path / name for name in ("equal.json", "mixed.json", "other.json"))
    unlike, long = {**mfa, "Sid": "S9"}, {"Description": "x" * 2_000}
    other.write_text(json.dumps({**long, "Resources": {f"R{n}": role(unlike) for n in range(4)}}), encoding="utf-8")
    equal.write_text(json.dumps({**long, "Resources": {f"R{n}": role(mfa) for n in range(4)}}), encoding="utf-8")
    trusts = [mfa, *({**mfa, "Sid": f"S{n}"} for n in range(3))]
    apart.write_text(json.dumps({"Resources": {f"R{n}": role(one) for n, one in enumerate(trusts)}}), encoding="utf-8")
    asked = partial(trustproof.check, account="111122223333", properties=["mfa-required"], jobs=1)

    def unknown(*files: Path) -> list[str]:
        found = asked(list(files)).results
        return [one.logical_id for one in found if one.template == str(apart) and one.verdict == UNKNOWN]

    seen = set[int]()
    for units in range(500, 3_000, 100):
        monkeypatch.setattr(allowance, "TEMPLATE_UNITS", 4 * units)
        # The other one costs the run as much.
        assert unknown(equal, apart) == unknown(other, apart)
        seen.add(len(unknown(other, apart)))
    assert {0, 4} <= seen


def _read_elsewhere(count: int, file: Path, monkeypatch: pytest.MonkeyPatch) -> int:
    """How many policies were read for an account, where each of so many keys compares with another one."""
    read: list[Document] = []

    def bound(document: Document, values: dict[str, str]) -> Document:
        read.append(document)
        return bind_document(document, values)

    keys = {
        f"K{n}": {
            "Type": "AWS::KMS::Key",
            "Properties": {
                "KeyPolicy": {
                    "Statement": {
                        "Effect": "Allow",
                        "Principal": "*",
                        "Action": "kms:Decrypt",
                        "Resource": "*",
                        "Condition": {"StringEquals": {"kms:CallerAccount": f"{n + 1:012d}"}},
                    }
                }
            },
        }
        for n in range(count)
    }
    file.write_text(json.dumps({"Resources": keys}), encoding="utf-8")
    with monkeypatch.context() as patched:
        patched.setattr(template_context, "bind_document", bound)
        trustproof.check([file], properties=["inside-boundary"])
    return len(read)


def test_a_policy_is_read_for_the_accounts_that_it_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not for those that the others name: a template of a thousand keys is not read a thousand times."""
    few = _read_elsewhere(10, tmp_path / "t.json", monkeypatch)
    assert 0 < _read_elsewhere(20, tmp_path / "t.json", monkeypatch) <= 2 * few


def test_the_open_texts_of_a_statement_are_looked_for_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of many findings about a policy asks it of all its statements; another statement is asked for itself."""
    read: list[Statement] = []
    whole = query.placeless
    monkeypatch.setattr(query, "placeless", lambda statement: read.append(statement) or whole(statement))
    value = Symbolic((Symbol("P", "parameter"),))
    statements = [Statement("Allow", principals=(Principal("AWS", value),), sid=f"S{n}") for n in range(9)]
    for _ in range(9):
        assert [query.open_texts(one) for one in statements] == [((value, "AWS"),)] * 9
    assert len(read) == 9
    known = Statement("Allow", principals=(Principal("AWS", "*"),))
    assert query.open_texts(known) == ()


def test_where_a_policy_stands_in_another_reading_is_looked_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All of the documents are gone through for the first that is asked for, and not again for each other one."""
    roles = {f"R{n}": role(ALLOW) for n in range(5)}
    file = tmp_path / "t.json"
    file.write_text(json.dumps({"Resources": roles}), encoding="utf-8")
    template = read_template(str(file))
    assert isinstance(template, Template)
    documents, read = template.documents, []
    monkeypatch.setattr(Template, "documents", property(lambda self: read.append(self) or documents))
    assert [template.numbers_of(one) for one in documents] == [(number,) for number in range(5)]
    assert len(read) == 1


@pytest.mark.parametrize("count", [0, 1, 3])
def test_items_that_are_written_one_by_one_are_written_as_a_list_of_them(count: int) -> None:
    """Only one of them is there at a time; the text is the same, with what is escaped in it."""
    items: list[object] = [{"a": ["\u202e\n##[x", {}, []], "b": number} for number in range(count)]
    alive: list[int] = []

    def each() -> Iterator[object]:
        for number, item in enumerate(items):
            alive.append(number)
            yield item

    whole = {"first": 1, "runs": [{"results": items, "after": {}}], "last": [1, "x"]}
    apart = {"first": 1, "runs": [{"results": each(), "after": {}}], "last": [1, "x"]}
    assert to_json(apart) == to_json(whole)
    assert len(alive) == count


def test_where_results_stand_is_looked_up_once_for_each(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nine policies of one role say the same in nine places: each place was compared with each other one."""
    document = {"Statement": [{"Effect": "Allow", "Action": "iam:*", "Resource": "*"}]}
    policies = [{"PolicyName": f"p{n}", "PolicyDocument": document} for n in range(9)]
    file = tmp_path / "t.json"
    file.write_text(json.dumps({"Resources": {"R": role(ALLOW, Policies=policies)}}), encoding="utf-8")
    (one, *_) = trustproof.check([file], properties=["inside-boundary"]).results
    results = [one._replace(path=("Resources", "R", "Properties", "Policies", n)) for n in range(9)]
    sources, asked = SourceTexts(), list[Path]()
    sources.keep(read_template(str(file)))
    position = SourceTexts.position

    def counted(self: SourceTexts, template: str, path: Any) -> Any:
        asked.append(path)
        return position(self, template, path)

    monkeypatch.setattr(SourceTexts, "position", counted)
    found, owners = once_for_each_text(results, range(9), sources)
    assert (found, owners) == (results, [*range(9)])
    assert len(asked) == 9


def test_the_ids_that_a_template_says_are_gathered_once() -> None:
    """A result that offers an account which nobody has named asks all policies of the template for it."""
    naming = Document(TRUST, Policy(()), "R", "AWS::IAM::Role", ("R",), resource_arn="arn:aws:iam::444455556666:role/R")
    read: list[Document] = []

    def documents() -> tuple[Document, ...]:
        read.append(naming)
        return (naming,)

    bare = naming._replace(resource_arn="*")
    subject = Subject(bare, "111122223333", "aws", Config(), neighbours=Neighbours(documents))
    for ident, is_made_up in [("444455556666", False), ("777788889999", True)] * 2:
        assert made_up_ids(subject, None, (Undeclared("accounts", ident),)) == ({ident} if is_made_up else set())
    assert read == [naming]


def test_the_ids_that_a_project_says_are_gathered_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """They may stand in any of thousands of waivers; another configuration is asked for itself."""
    read: list[object] = []

    def stated(value: object) -> frozenset[str]:
        read.append(value)
        return stated_ids(value)

    monkeypatch.setattr(proving_ids, "stated_ids", stated)
    bare = Document(TRUST, Policy(()), "R", "AWS::IAM::Role", ("R",), resource_arn="*")
    ours, others = (Config(boundary=Boundary(accounts=(one,))) for one in ("444455556666", "777788889999"))
    for config, is_made_up in [(ours, False)] * 3 + [(others, True)] * 3:
        subject = Subject(bare, "111122223333", "aws", config, neighbours=Neighbours())
        assert bool(made_up_ids(subject, None, (Undeclared("accounts", "444455556666"),))) == is_made_up
    assert [one for one in read if isinstance(one, Config)] == [ours, others]


def test_a_template_is_read_again_once_for_the_place_of_a_value(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each part of a report asks for the places in all of the templates, one after the other."""
    files = [tmp_path / f"{n}.json" for n in range(3)]
    for file in files:
        file.write_text(json.dumps({"Resources": {"R": role(ALLOW)}}), encoding="utf-8")
    read: list[str] = []

    def again(name: str) -> Input:
        read.append(name)
        return reopened(name)

    monkeypatch.setattr(source_texts, "reopened", again)
    sources = SourceTexts()
    for _ in range(3):
        assert {sources.position(str(file), ("Resources", "R")) for file in files} == {Position(1, 16, 19)}
    assert read == [*map(str, files)]
