"""
A baseline: what was there before fails nothing, and what is new does.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import trustproof
from tests.cli.program import CONFIG, HELD, HOLE, called, role
from tests.output.builders import report, result, sources
from trustproof.results import known_findings
from trustproof.results.baseline import compare, entries, from_json, to_json
from trustproof.results.known_findings import Entry
from trustproof.results.moved_names import own_name
from trustproof.results.report import Report
from trustproof.results.result import ERROR, NOTE, PROVED, REFUTED, SEVERITIES, UNKNOWN, WARNING, Result
from trustproof.results.surroundings import is_no_worse

CONFIGURED = {"boundary": {"accounts": ["222222222222"]}}


@pytest.fixture(autouse=True)
def _there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def checked(**templates: str) -> Report:
    """A report on templates, by their names."""
    for name, text in templates.items():
        Path(f"{name}.json").write_text(text)
    return trustproof.check([f"{name}.json" for name in templates], config=CONFIGURED)


def new(report: Report, baseline: Report) -> list[str]:
    """The templates with findings that are not in the baseline of another report."""
    return [r.template for r in compare(report, entries(baseline, "b.json"), "b.json").report.failures(NOTE)]


@pytest.mark.parametrize(("left", "is_new"), [("README.md", False), ("main.tf.json", True)])
def test_a_configuration_is_gone_where_its_directory_holds_something_else(left: str, is_new: bool) -> None:
    """What stays behind of a directory of Terraform is no template; where its sources stay, the other is a copy."""
    (hole,) = json.loads(HOLE)["Resources"].values()
    held = {"assume_role_policy": json.dumps(hole["Properties"]["AssumeRolePolicyDocument"])}
    for name in ("old", "new"):
        Path(name).mkdir()
        Path(name, "main.tf.json").write_text(json.dumps({"resource": {"aws_iam_role": {"r": held}}}))
    before = trustproof.check(["old"], config=CONFIGURED)
    assert before.failures()
    Path("old", "main.tf.json").rename(Path("old", left))
    assert bool(new(trustproof.check(["new"], config=CONFIGURED), before)) is is_new


def test_a_baseline_is_safe_to_print_and_says_the_same() -> None:
    """It stands in a repository, and a job may print it: names in it are those of templates that others write."""
    Path("x##vso[task.y]").mkdir()
    hostile = checked(**{"x##vso[task.y]/\u202e\U000e0041": HOLE})
    text = to_json(entries(hostile, "b.json"))
    assert "##vso[" not in text
    assert all(c.isprintable() or c == "\n" for c in text)
    assert new(hostile, hostile) == []


def test_what_was_there_is_known() -> None:
    """Nothing fails on the day on which the baseline is written."""
    before = checked(hole=HOLE)
    assert before.failures()
    assert new(before, before) == []


@pytest.mark.parametrize(
    "after",
    [
        {"renamed": HOLE},
        {"hole": "\n\n" + HOLE.replace("  ", "    ")},
        {"held": HELD, "hole": HOLE},
        {"hole": HOLE.replace('"Effect"', '"Sid": "Users",\n"Effect"')},
    ],
    ids=["renamed", "moved", "with others", "named"],
)
def test_moving_and_renaming_bring_nothing_back(after: dict[str, str]) -> None:
    """Lines move, files are renamed: the finding is the one that was there."""
    before = checked(hole=HOLE)
    Path("hole.json").unlink()
    assert new(checked(**after), before) == []


def test_a_copy_in_another_template_is_new() -> None:
    """One entry covers one finding, though both have the same fingerprint but for its number."""
    assert new(checked(another=HOLE, hole=HOLE), checked(hole=HOLE)) == ["another.json"]


def test_a_mended_template_does_not_pay_for_a_new_hole() -> None:
    """An entry is that of its template as long as there is one."""
    assert new(checked(another=HOLE, hole=HELD), checked(hole=HOLE)) == ["another.json"]


def test_a_statement_that_says_something_else_is_new() -> None:
    """Whoever looked at the old one has not seen this one."""
    wider = HOLE.replace("arn:aws:iam::222222222222:root", "*")
    assert "hole.json" in new(checked(hole=wider), checked(hole=HOLE))
    assert new(checked(hole=role("{}")), checked(hole=HOLE)) == ["hole.json"]


@pytest.mark.parametrize(
    ("then", "now", "is_new"),
    [
        ((UNKNOWN, ERROR), (REFUTED, ERROR), True),
        ((REFUTED, ERROR), (UNKNOWN, ERROR), False),
        ((REFUTED, WARNING), (REFUTED, ERROR), True),
        ((REFUTED, ERROR), (REFUTED, WARNING), False),
        ((REFUTED, NOTE), (REFUTED, NOTE), False),
    ],
)
def test_what_has_become_worse_is_new(then: tuple[str, str], now: tuple[str, str], is_new: bool) -> None:
    """An entry covers what was seen then, and nothing that is more."""
    before, after = (
        report(result(verdict=verdict, severity=severity, fingerprint="ab"), sources=sources())
        for verdict, severity in (then, now)
    )
    assert bool(new(after, before)) is is_new


def test_what_is_mended_is_gone() -> None:
    """Whoever prunes the baseline takes out exactly what is found no more."""
    baseline = entries(checked(hole=HOLE, other=role("{}", name="Other")), "b.json")
    compared = compare(checked(hole=HELD, other=role("{}", name="Other")), baseline, "b.json")
    assert {entry.template for entry in compared.gone} == {"hole.json"}
    assert {entry.template for entry in compared.found} == {"other.json"}


def constructs(**paths: str) -> str:
    """A template with one wrong role at construct paths, by logical id; held at one that ends with =."""
    return json.dumps(
        {
            "Resources": {
                logical_id: json.loads(HELD if path.endswith("=") else HOLE)["Resources"]["Deployer"]
                | {"Metadata": {"aws:cdk:path": path.rstrip("=")}}
                for logical_id, path in paths.items()
            }
        }
    )


@pytest.mark.parametrize(
    ("before", "after", "is_new"),
    [
        ({"A1": "S/Deploy/Resource"}, {"B2": "S/Scope/Deploy/Resource"}, False),
        ({"A1": "S/Deploy"}, {"B2": "T/Deploy"}, False),
        ({"A1": "Prod/S/Deploy/Resource"}, {"A1": "Live/S/Deploy/Resource"}, False),
        ({"A1": "S/Api/ServiceRole/Resource"}, {"B2": "S/V2/Api/ServiceRole/Resource"}, False),
        ({"A1": "S/Api/ServiceRole/Resource"}, {"B2": "S/Web/ServiceRole/Resource"}, True),
        ({"A1": "S/Deploy/Resource"}, {"B2": "S/Release/Resource"}, True),
        ({"A1": "S/Deploy/Resource"}, {"A1": "S/Deploy/Resource", "B2": "S/Scope/Deploy/Resource"}, True),
        ({"A1": "S/Deploy/Resource"}, {"A1": "S/Deploy/Resource=", "B2": "S/Scope/Deploy/Resource"}, True),
        ({"A1": "S/Deploy/Resource"}, {"B2": "S/X/Deploy/Resource", "C3": "S/Y/Deploy/Resource"}, True),
    ],
    ids=[
        "another scope",
        "another stack",
        "another stage",
        "a role of a function",
        "the role of another function",
        "another name",
        "a copy",
        "a copy of what is mended",
        "moved and copied",
    ],
)
def test_a_construct_that_has_moved_brings_nothing_back(
    before: dict[str, str], after: dict[str, str], is_new: bool
) -> None:
    """Scopes and stages are renamed: the finding is the one that was there, where the one that had it is gone."""
    baseline = checked(app=constructs(**before))
    assert new(checked(app=constructs(**after)), baseline) == ["app.json"] * is_new
    # With another stage, the file has another name.
    Path("app.json").unlink()
    assert new(checked(renamed=constructs(**after)), baseline) == ["renamed.json"] * is_new


def app(**paths: str) -> str:
    """A topic that its policy names, a user who has a policy, and a group that has one of AWS; at construct paths."""

    def allow(action: str, resource: object, **more: object) -> object:
        statement = {"Effect": "Allow", "Action": action, "Resource": resource, **more}
        return {"Version": "2012-10-17", "Statement": [statement]}

    def one(kind: str, called: str) -> tuple[str, object]:
        topic, user = f"Topic{called}", f"User{called}"
        return f"{kind}{called}", {
            "Topic": ("AWS::SNS::Topic", {}),
            "Policy": (
                "AWS::SNS::TopicPolicy",
                {
                    "Topics": [{"Ref": topic}],
                    "PolicyDocument": allow("sns:Publish", {"Ref": topic}, Principal={"Service": "s3.amazonaws.com"}),
                },
            ),
            "User": ("AWS::IAM::User", {}),
            "Held": (
                "AWS::IAM::Policy",
                {"PolicyName": "p", "Users": [{"Ref": user}], "PolicyDocument": allow("iam:*", "*")},
            ),
            "Group": ("AWS::IAM::Group", {"ManagedPolicyArns": ["arn:aws:iam::aws:policy/AdministratorAccess"]}),
        }[kind]

    resources = {}
    for names, path in paths.items():
        kind, called, *others = names.split("_")
        logical_id, (type_, properties) = one(kind, called)
        body = json.loads(json.dumps(properties).replace(f"Topic{called}", f"Topic{others[0] if others else called}"))
        metadata = {"aws:cdk:path": f"{path}/Resource"}
        resources[logical_id] = {"Type": type_, "Properties": body, "Metadata": metadata}
    return json.dumps({"Resources": resources})


@pytest.mark.parametrize(
    ("before", "after", "is_new"),
    [
        ({"Topic_A": "S/T", "Policy_A": "S/T/Policy"}, {"Topic_B": "S/X/T", "Policy_B": "S/X/T/Policy"}, False),
        ({"Topic_A": "S/T", "Policy_P_A": "S/P"}, {"Topic_B": "S/X/T", "Policy_P_B": "S/P"}, False),
        ({"Topic_A": "S/T", "Policy_P_A": "S/P"}, {"Topic_B": "S/X/U", "Policy_P_B": "S/P"}, True),
        (
            {"Topic_A": "S/T", "Policy_P_A": "S/P"},
            {"Topic_A": "S/T", "Topic_B": "S/X/T", "Policy_P_B": "S/P"},
            True,
        ),
        (
            {"Topic_A": "S/T", "Topic_B": "S/X/T", "Policy_P_A": "S/P"},
            {"Topic_B": "S/X/T", "Policy_P_B": "S/P"},
            True,
        ),
        ({"User_A": "S/U", "Held_A": "S/U/Policy"}, {"User_B": "S/X/U", "Held_B": "S/X/U/Policy"}, False),
        ({"User_A": "S/U", "Held_A": "S/U/Policy"}, {"User_B": "S/V", "Held_B": "S/X/U/Policy"}, True),
        ({"Group_A": "S/G"}, {"Group_B": "S/X/G"}, False),
        ({"Group_A": "S/G"}, {"Group_B": "S/X/H"}, True),
        ({"Group_A": "S/G"}, {"Group_A": "S/G", "Group_B": "S/X/G"}, True),
        ({"Group_A": "S/G", "Group_B": "S/X/G"}, {"Group_C": "S/Y/G"}, True),
    ],
    ids=[
        "what a policy names",
        "what a policy names that stays",
        "another one",
        "another one beside it",
        "one of two",
        "who has a policy",
        "somebody else",
        "who has a policy of AWS",
        "another one who has it",
        "a copy who has it",
        "one of two who have it",
    ],
)
def test_what_names_a_resource_that_has_moved_brings_nothing_back(
    before: dict[str, str], after: dict[str, str], is_new: bool
) -> None:
    """A new scope around everything gives new logical ids to what policies name and to who has them."""
    assert bool(new(checked(app=app(**after)), checked(app=app(**before)))) is is_new
    assert new(checked(app=app(**after)), checked(app=app(**after))) == []


def test_a_module_that_is_called_otherwise_brings_nothing_back() -> None:
    """The address of a resource of Terraform names its modules; the resource is the same in another one."""
    trust = json.loads(HOLE)["Resources"]["Deployer"]["Properties"]["AssumeRolePolicyDocument"]

    def module(name: str, *others: str) -> Report:
        Path("m").mkdir(exist_ok=True)
        written = json.dumps(json.dumps(trust))
        Path("m/m.tf").write_text(f'resource "aws_iam_role" "deploy" {{\n  assume_role_policy = {written}\n}}\n')
        Path("main.tf").write_text("".join(f'module "{one}" {{\n  source = "./m"\n}}\n' for one in (name, *others)))
        return trustproof.check(["."], config=CONFIGURED)

    before = module("one")
    assert before.failures()
    assert new(module("two"), before) == []
    assert len(new(module("one", "two"), before)) == 1


def _named_role(logical_id: str, name: str) -> str:
    statement = {"Effect": "Allow", "Principal": {"AWS": "111111111111"}, "Action": "sts:AssumeRole"}
    properties = {"RoleName": name, "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [statement]}}
    return json.dumps({"Resources": {logical_id: {"Type": "AWS::IAM::Role", "Properties": properties}}})


def _queue(logical_id: str, name: str) -> str:
    statement = {"Effect": "Allow", "Principal": "*", "Action": "sqs:*", "Resource": "*"}
    document = {"Version": "2012-10-17", "Statement": [statement]}
    properties = {"Queues": [{"Ref": logical_id}], "PolicyDocument": document}
    return json.dumps(
        {
            "Resources": {
                logical_id: {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": name}},
                f"{logical_id}Policy": {"Type": "AWS::SQS::QueuePolicy", "Properties": properties},
            }
        }
    )


def _holding(logical_id: str, name: str) -> str:
    document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "iam:*", "Resource": "*"}]}
    inline = [{"PolicyName": "p", "PolicyDocument": document}]
    return json.dumps(
        {"Resources": {logical_id: {"Type": "AWS::IAM::User", "Properties": {"UserName": name, "Policies": inline}}}}
    )


def _attached(logical_id: str, name: str) -> str:
    holder = json.loads(_holding(logical_id, name))["Resources"]
    held = holder[logical_id]["Properties"].pop("Policies")[0] | {"Users": [{"Ref": logical_id}]}
    return json.dumps({"Resources": holder | {f"P{name}": {"Type": "AWS::IAM::Policy", "Properties": held}}})


def _named_in_part(logical_id: str, name: str) -> str:
    role = json.loads(_named_role(logical_id, name))
    role["Resources"][logical_id]["Properties"]["RoleName"] = {"Fn::Sub": f"${{AWS::StackName}}-{name}"}
    return json.dumps(role)


@pytest.mark.parametrize("made", [_named_role, _queue, _holding, _attached, _named_in_part])
def test_a_resource_of_the_same_name_is_the_one_that_was_there(made: Callable[[str, str], str]) -> None:
    """Whatever its logical id is by now; one of another name is another one, and so is a second one."""
    before = checked(t=made("One", "name"))
    assert before.failures()
    assert new(checked(t=made("Other", "name")), before) == []
    assert new(checked(t=made("Other", "another")), before)
    both = json.loads(made("One", "name"))["Resources"] | json.loads(made("Other", "name"))["Resources"]
    assert new(checked(t=json.dumps({"Resources": both})), before)


def test_the_first_of_several_is_the_one_that_was_there() -> None:
    """Terraform moves it there by itself where `count` is added."""
    policy = 'jsonencode({ Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { AWS = "*" } }] })'

    def configured(more: str) -> Report:
        Path("m").mkdir(exist_ok=True)
        Path("m/main.tf").write_text(f'resource "aws_iam_role" "r" {{\n  assume_role_policy = {policy}\n{more}}}\n')
        return trustproof.check(["m"], config=CONFIGURED)

    before = configured("")
    assert before.failures()
    assert new(configured("  count = 1\n"), before) == []
    assert new(configured("  count = 2\n"), before)


def test_many_that_say_the_same_are_looked_up_by_their_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a baseline of many resources that say the same, each is looked at once, and not for each finding again."""
    looked: list[str] = []

    def look(name: str) -> str:
        looked.append(name)
        return own_name(name)

    def found(template: str, name: str) -> Result:
        return result(fingerprint=name, template=template, logical_id=name, construct_path="", content_digest="c")

    monkeypatch.setattr(known_findings, "own_name", look)
    count = 100
    gone = [found("gone.json", f"A{n}") for n in range(count)]
    there = [found("t.json", f"B{n}") for n in range(count)]
    same = found("t.json", "A7")._replace(fingerprint="moved")
    then, now = (report(*found, sources=sources()) for found in (gone, [*there, same]))
    compared = compare(now, entries(then, "b"), "b")
    assert [one.resource for one in compared.found] == ["A7"]
    assert len(looked) < 10 * count


def test_what_one_resource_leaves_over_is_no_excuse_for_another() -> None:
    """Of two holes of a role whose template was renamed, one is mended: a copy elsewhere is no second one of it."""

    def found(template: str, path: str) -> Result:
        return result(fingerprint=f"{template}{path}", template=template, construct_path=path, content_digest="c")

    then = report(*[found("old.json", "App/A/Deployer")] * 2, sources=sources())
    now = report(found("new.json", "App/A/Deployer"), found("new.json", "App/B/Deployer"), sources=sources())
    compared = compare(now, entries(then, "b"), "b")
    assert [one.construct_path for one in compared.report.failures(NOTE)] == ["App/B/Deployer"]
    assert len(compared.gone) == 1


def test_many_that_say_the_same_at_one_place_are_looked_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of entries with one name and one content, each is looked at once for all findings that may be one of them."""
    looked: list[object] = []

    def look(then: Iterable[str], now: Iterable[str]) -> bool:
        looked.append(then)
        return is_no_worse(then, now)

    monkeypatch.setattr(known_findings, "is_no_worse", look)
    count = 100
    graver, milder = (
        [
            result(fingerprint=f"a-{n}", template="t.json", construct_path="R", content_digest="c", severity=severity)
            for n in range(count)
        ]
        for severity in (ERROR, WARNING)
    )
    then, now = (report(*found, sources=sources()) for found in (milder, graver))
    assert compare(now, entries(then, "b"), "b").found == ()
    assert len(compare(then, entries(now, "b"), "b").found) == count
    assert len(looked) < 30 * count


RESULTS = st.lists(
    st.builds(
        lambda fp, template, verdict, severity: result(
            fingerprint=fp, template=template, verdict=verdict, severity=severity
        ),
        st.sampled_from(["ab", "ab-2", "cd"]),
        st.sampled_from(["a.json", "./a.json", "b.json"]),
        st.sampled_from([PROVED, REFUTED, UNKNOWN]),
        st.sampled_from(SEVERITIES),
    ),
    max_size=6,
)


@given(RESULTS, RESULTS)
def test_no_entry_covers_two_findings(before: list[Result], after: list[Result]) -> None:
    """Of all reports, a baseline silences at most as many findings as it has, and all of its own report."""
    then, now = (report(*found, sources=sources()) for found in (before, after))
    baseline = entries(then, "b")
    assert compare(then, baseline, "b").report.failures(NOTE) == ()
    compared = compare(now, baseline, "b")
    marked = [r for r in compared.report.results if r.suppression is not None]
    assert len(marked) == len(compared.found)
    assert sorted([*compared.found, *compared.gone]) == sorted(baseline)
    assert from_json(to_json(baseline), "b") == baseline
    assert entries(then.replace(results=tuple(reversed(then.results))), "b") == baseline


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "b.json:1: is not a baseline: not valid JSON"),
        ("[]", 'b.json: is not a baseline: "schema" must be 1'),
        ('{"schema": "1", "findings": []}', 'b.json: is not a baseline: "schema" must be 1'),
        ('{"schema": 2, "findings": []}', "b.json: is a baseline of a newer release: schema 2, and this one reads 1"),
        ('{"schema": 1,\n<<<<<<< HEAD\n', "b.json:2: is not a baseline: it has a conflict of two branches: keep the"),
        ('{"schema": 1}', 'b.json: is not a baseline: "findings" must be a list'),
        ('{"schema": 1, "findings": [{}]}', "b.json: finding 1 must have exactly the keys fingerprint, property, "),
        ('{"schema": 1,\n"findings": ' + "[" * 100_000, "b.json:2: is not a baseline: the nesting is too deep"),
        (
            '{"' + "1" * 5000 + "[" * 200 + '": 1,\n\n"schema": ' + "1" * 5000 + "}",
            "b.json:3: is not a baseline: a number of 5000 digits is too long",
        ),
    ],
)
def test_what_is_no_baseline_is_refused(text: str, message: str) -> None:
    """A gate with a baseline that it cannot read would let everything pass, or nothing."""
    with pytest.raises(trustproof.InputError) as caught:
        from_json(text, "b.json")
    assert str(caught.value).startswith(message)


def test_a_verdict_that_does_not_exist_is_refused() -> None:
    """An entry of which nobody knows what it covers covers nothing."""
    entry = Entry("ab", "mfa-required", "perhaps", "error", "a.json", "A", "m")
    with pytest.raises(trustproof.InputError, match="verdict or severity of finding 1 is none"):
        from_json(to_json([entry]), "b.json")


def test_the_command_writes_shows_uses_and_prunes(tmp_path: Path) -> None:
    """A project adopts the gate in one command, and the list only gets shorter."""
    from trustproof.cli.main import main

    (tmp_path / "hole.json").write_text(HOLE)
    (tmp_path / "trustproof.toml").write_text(f'baseline = "known.json"\n{CONFIG}')
    assert main(["check", "hole.json"]) == 2
    assert main(["baseline", "write", "hole.json"]) == 0
    first = (tmp_path / "known.json").read_bytes()
    assert [entry["property"] for entry in json.loads(first)["findings"]] == ["mfa-required"]
    assert main(["check", "hole.json"]) == 0
    (tmp_path / "new.json").write_text(role("{}", name="New"))
    assert main(["check", "hole.json", "new.json"]) == 1
    assert main(["baseline", "show"]) == 0
    assert main(["baseline", "prune", "hole.json"]) == 0
    assert (tmp_path / "known.json").read_bytes() == first
    (tmp_path / "hole.json").write_text(HELD)
    assert main(["baseline", "prune", "hole.json"]) == 0
    assert json.loads((tmp_path / "known.json").read_bytes())["findings"] == []


def test_show_is_about_what_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The entries of the templates there, or of all; where there are none, how to name another file."""
    from trustproof.cli.main import main

    (tmp_path / "stacks").mkdir()
    (tmp_path / "stacks" / "hole.json").write_text(HOLE)
    (tmp_path / "new.json").write_text(role("{}", name="New"))
    (tmp_path / "trustproof.toml").write_text(CONFIG)
    assert main(["baseline", "write", "stacks", "new.json"]) == 0
    capsys.readouterr()
    for paths, shown in (([], {"Deployer", "New"}), (["stacks"], {"Deployer"}), (["./new.json"], {"New"})):
        assert main(["baseline", "show", *paths]) == 0
        said = capsys.readouterr().out
        assert {name for name in ("Deployer", "New") if f"({name})" in said} == shown
    assert main(["baseline", "show", "trustproof-baseline.json"]) == 0
    said = capsys.readouterr()
    assert (said.out, "--baseline names another file" in said.err) == ("", True)


def test_a_copy_is_new_to_a_run_that_does_not_read_the_first_one(tmp_path: Path) -> None:
    """Only where a template is gone an entry covers the finding in another one, also where CI names what changed."""
    from trustproof.cli.main import main

    (tmp_path / "trustproof.toml").write_text(f'baseline = "known.json"\n{CONFIG}')
    (tmp_path / "hole.json").write_text(HOLE)
    assert main(["baseline", "write", "hole.json"]) == 0
    (tmp_path / "copy.json").write_text(HOLE)
    assert main(["check", "hole.json"]) == 0
    assert main(["check", "copy.json"]) == 1
    (tmp_path / "hole.json").unlink()
    assert main(["check", "copy.json"]) == 0


def test_whoever_writes_a_baseline_is_told_how_it_counts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file that no configuration names is known to nobody: the command says how, until one does."""
    from trustproof.cli.main import main

    (tmp_path / "hole.json").write_text(HOLE)
    assert main(["baseline", "write", "hole.json", "--baseline", "what is known.json"]) == 0
    said = capsys.readouterr()
    assert said.out.startswith("what is known.json: ")
    assert said.err == (
        "note: trustproof check knows it by --baseline 'what is known.json', or by baseline in the configuration\n"
    )
    (tmp_path / "trustproof.toml").write_text(f'baseline = "what is known.json"\n{CONFIG}')
    assert main(["baseline", "write", "hole.json"]) == 0
    assert not capsys.readouterr().err


@pytest.mark.parametrize(
    ("there", "is_written"),
    [("", True), (HELD, False), ('{"schema": 2}', False), ('{"schema": 1,\n=======\n', False), (CONFIG, False)],
)
def test_only_a_baseline_is_written_over(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], there: str, is_written: bool
) -> None:
    """A template that is named by mistake, or what another release or a colleague has found, is not lost."""
    from trustproof.cli.main import main

    (tmp_path / "hole.json").write_text(HOLE)
    (tmp_path / "known.json").write_text(there)
    assert main(["baseline", "write", "hole.json", "--baseline", "known.json"]) == (0 if is_written else 2)
    assert ((tmp_path / "known.json").read_text() == there) is not is_written
    assert ("it is left as it is; remove it to write another" in capsys.readouterr().err) is not is_written


def test_a_broken_template_leaves_the_baseline_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What cannot be read is not mended, and not known either."""
    from trustproof.cli.main import main

    (tmp_path / "hole.json").write_text(HOLE)
    (tmp_path / "broken.json").write_text('{"Resources": {,}}')
    assert main(["baseline", "write", "hole.json"]) == 0
    before = (tmp_path / "trustproof-baseline.json").read_bytes()
    for action in ("write", "prune"):
        assert main(["baseline", action, "broken.json"]) == 2
        assert (tmp_path / "trustproof-baseline.json").read_bytes() == before
    assert "the baseline is as it was: not everything could be read" in capsys.readouterr().err


@pytest.mark.parametrize(("text", "is_kept"), [("foo: 1\n\tbar", True), ("{,", True), ("foo: 1\n", False), ("", False)])
def test_what_is_no_template_any_more_is_gone_and_what_cannot_be_read_is_not(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, is_kept: bool
) -> None:
    """A file of a directory that speaks of no template is skipped; only what it says tells whether it is mended."""
    from trustproof.cli.main import main

    (tmp_path / "hole.json").write_text(HOLE)
    (tmp_path / "hole.yaml").write_text(HOLE)
    assert main(["baseline", "write", "."]) == 0
    before = (tmp_path / "trustproof-baseline.json").read_bytes()
    (tmp_path / "hole.yaml").write_text(text)
    for action in ("prune", "write"):
        assert main(["baseline", action, "."]) == 0
        assert ((tmp_path / "trustproof-baseline.json").read_bytes() == before) is is_kept


@pytest.mark.parametrize(
    ("asked", "gone"),
    [
        (["a.json"], {"a.json"}),
        (["./sub/../a.json"], {"a.json"}),
        (["b.json"], set()),
        (["sub"], {"sub/c.json"}),
        (["."], {"a.json", "sub/c.json"}),
        ([".", "--property", "inside-boundary"], set()),
        (["a.json", "--property", "mfa-required"], {"a.json"}),
    ],
)
def test_what_nobody_looked_at_is_not_taken_out(tmp_path: Path, asked: list[str], gone: set[str]) -> None:
    """Of what is mended, or whose template is gone, that is taken out which the run would have found."""
    from trustproof.cli.main import main

    (tmp_path / "sub").mkdir()
    (tmp_path / "trustproof.toml").write_text(CONFIG)
    for name in ("a", "b", "sub/c"):
        (tmp_path / f"{name}.json").write_text(role("{}", name=name[-1].upper()))
    assert main(["baseline", "write", "."]) == 0
    file = tmp_path / "trustproof-baseline.json"
    before = {entry["template"] for entry in json.loads(file.read_bytes())["findings"]}
    assert before == {"a.json", "b.json", "sub/c.json"}
    (tmp_path / "a.json").write_text(HELD)
    (tmp_path / "sub" / "c.json").unlink()
    (tmp_path / "sub" / "d.json").write_text(HELD)
    assert main(["baseline", "prune", *asked]) == 0
    assert before - {entry["template"] for entry in json.loads(file.read_bytes())["findings"]} == gone


@pytest.mark.parametrize("directory", ["", "a", "b", "known"])
@pytest.mark.parametrize("is_absolute", [False, True])
def test_an_entry_says_the_same_from_wherever_the_gate_is_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, directory: str, is_absolute: bool
) -> None:
    """Of one baseline for several configurations, each run finds, takes out and writes what is its own."""
    from trustproof.cli.main import main

    for name in ("a", "b", "known"):
        (tmp_path / name).mkdir()
    for name in ("a", "b"):
        (tmp_path / name / "trustproof.toml").write_text(f'baseline = "../known/all.json"\n{CONFIG}')
        (tmp_path / name / "t.json").write_text(role("{}", name=name.upper()))
    file = tmp_path / "known" / "all.json"

    def known() -> list[str]:
        return [entry["template"] for entry in json.loads(file.read_bytes())["findings"]]

    def run(action: str, where: str, of: str) -> int:
        monkeypatch.chdir(tmp_path / where)
        path, config = (os.path.relpath(tmp_path / one) for one in (of, "a/trustproof.toml"))
        path = str(tmp_path / of) if is_absolute else path
        return main([*action.split(), path, "--config", config, "--jobs", "1"])

    assert run("baseline write", directory, "a") == 0
    assert set(known()) == {"../a/t.json"}
    assert run("baseline write", "b", "b") == 0
    assert set(known()) == {"../a/t.json", "../b/t.json"}
    assert run("check", directory, "") == 0
    (tmp_path / "a" / "t.json").write_text(HELD)
    (tmp_path / "b" / "t.json").unlink()
    (tmp_path / "b" / "other.json").write_text(HELD)
    assert run("baseline prune", directory, "a") == 0
    assert set(known()) == {"../b/t.json"}
    assert run("baseline prune", directory, "b") == 0
    assert known() == []


@pytest.mark.parametrize(
    "arguments",
    [
        ["baseline", "write", "--jobs", "1", "hole.json"],
        ["baseline", "--jobs", "1", "write", "hole.json"],
        ["baseline", "write", "hole.json", "--jobs", "1"],
        ["baseline", "write", "hole.json", "--jobs", "1", "hole.json"],
        ["config", "show", "--config", "trustproof.toml", "hole.json"],
    ],
)
def test_options_may_stand_between_the_action_and_its_paths(tmp_path: Path, arguments: list[str]) -> None:
    """As they may with other commands."""
    from trustproof.cli.main import main

    (tmp_path / "hole.json").write_text(HOLE)
    (tmp_path / "trustproof.toml").write_text(CONFIG)
    assert main(arguments) == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["baseline"], "the following arguments are required: action"),
        (["baseline", "--jobs", "1", "wrote"], "invalid choice: 'wrote'"),
        (["config", "show", "--nonsense", "1"], "unrecognized arguments: --nonsense"),
    ],
)
def test_what_is_no_action_or_option_is_refused(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Wherever it stands."""
    from trustproof.cli.main import main

    assert main(arguments) == 2
    assert message in capsys.readouterr().err


@pytest.mark.parametrize("action", ["prune", "write"])
@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ('exclude = ["sub/"]\n', {"sub/b.json"}),
        ('exclude = ["sub/**", "a.json"]\n', {"a.json", "sub/b.json"}),
        ('[properties.mfa-required]\nseverity = "off"\n', {"a.json", "sub/b.json"}),
        (
            '[[override]]\npaths = ["sub/"]\n[override.properties.mfa-required]\nseverity = "off"\n',
            {"sub/b.json"},
        ),
        ("", set()),
    ],
    ids=["excluded", "both", "off", "off by an override", "nothing"],
)
def test_what_is_excluded_or_off_was_not_looked_at(tmp_path: Path, action: str, said: str, kept: set[str]) -> None:
    """Whoever leaves something out for a week does not get all of it back as new."""
    (tmp_path / "sub").mkdir()
    (tmp_path / "trustproof.toml").write_text(CONFIG)
    places = [tmp_path / "a.json", tmp_path / "sub" / "b.json"]
    for number, place in enumerate(places):
        place.write_text(role("{}", name="AB"[number]))
    called(tmp_path, "baseline", "write", ".")
    for place in places:
        place.write_text(HELD)
    (tmp_path / "keep.json").write_text(HELD)
    (tmp_path / "trustproof.toml").write_text(said + CONFIG if said.startswith("exclude") else CONFIG + said)
    assert called(tmp_path, "baseline", action, ".").returncode == 0
    found = json.loads((tmp_path / "trustproof-baseline.json").read_bytes())["findings"]
    assert {entry["template"] for entry in found} == kept


@pytest.mark.parametrize(
    "said",
    [
        "[properties.mfa-required]\nwaivable = false\n",
        '[[override]]\npaths = ["hole.json"]\n[override.properties.mfa-required]\nwaivable = false\n',
    ],
)
def test_no_baseline_has_what_may_not_be_waived(tmp_path: Path, said: str) -> None:
    """Whoever writes a baseline would silence the gate; one of before does not cover it, and loses it."""
    (tmp_path / "hole.json").write_text(HOLE)
    (tmp_path / "trustproof.toml").write_text(CONFIG)
    file = tmp_path / "trustproof-baseline.json"
    assert called(tmp_path, "baseline", "write", ".").stdout == "trustproof-baseline.json: 1 finding\n"
    before = file.read_bytes()
    assert called(tmp_path, "check", ".", "--baseline", file.name).returncode == 0
    (tmp_path / "trustproof.toml").write_text(CONFIG + said)
    assert called(tmp_path, "check", ".", "--baseline", file.name).returncode == 1
    left_out = "1 left out that no baseline may have (waivable = false, or about waivers)"
    assert called(tmp_path, "baseline", "write", ".").stdout == f"trustproof-baseline.json: 0 findings; {left_out}\n"
    file.write_bytes(before)
    assert "1 taken out" in called(tmp_path, "baseline", "prune", ".").stdout


def test_no_baseline_has_what_is_wrong_with_a_waiver(tmp_path: Path) -> None:
    """An expired waiver would be one without a last day."""
    waiver = '[[waiver]]\nproperty = "mfa-required"\nresource = "Deployer"\nreason = "r"\nexpires = 2020-01-01\n'
    (tmp_path / "hole.json").write_text(HOLE)
    (tmp_path / "trustproof.toml").write_text(CONFIG + waiver)
    called(tmp_path, "baseline", "write", ".")
    file = tmp_path / "trustproof-baseline.json"
    (entry,) = json.loads(file.read_bytes())["findings"]
    assert entry["property"] == "mfa-required"
    file.write_text(to_json([*from_json(file.read_text(), ""), Entry(**{**entry, "property": "waiver-expired"})]))
    assert called(tmp_path, "check", ".", "--baseline", file.name).returncode == 1
    assert "gone: refuted[waiver-expired]" in called(tmp_path, "baseline", "prune", ".").stdout
