"""
Parameter values: the forms of a file, and how they meet the command line.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from trustproof.cli.parameters import collect_parameters
from trustproof.errors import InputError, UsageError

FORMS = {
    "the list of the AWS CLI": """[
        {"ParameterKey": "HubAccount", "ParameterValue": "012345678901"},
        {"ParameterKey": "Stage", "ParameterValue": "prod"}
    ]""",
    "the mapping of CodePipeline": '{"Parameters": {"HubAccount": "012345678901", "Stage": "prod"}, "Tags": {}}',
    "a plain mapping": '{"HubAccount": "012345678901", "Stage": "prod"}',
    "a list under Parameters": """{"StackName": "x", "Parameters": [
        {"ParameterKey": "HubAccount", "ParameterValue": "012345678901"},
        {"ParameterKey": "Stage", "ParameterValue": "prod"}
    ]}""",
    # Unquoted in YAML, where other readers make an octal number of it.
    "YAML": "HubAccount: 012345678901\nStage: prod\n",
    "the list as YAML": "- ParameterKey: HubAccount\n  ParameterValue: 012345678901\n"
    "- {ParameterKey: Stage, ParameterValue: prod}\n",
}


@pytest.mark.parametrize("text", FORMS.values(), ids=FORMS)
def test_every_form_gives_the_same_values(tmp_path: Path, text: str) -> None:
    """The forms of different tools are one set of values."""
    file = tmp_path / "parameters"
    file.write_text(text)
    assert collect_parameters((), str(file)) == {"HubAccount": "012345678901", "Stage": "prod"}


def test_values_become_the_text_that_cloudformation_receives(tmp_path: Path) -> None:
    """Numbers, booleans and lists have one way to be text."""
    file = tmp_path / "parameters.json"
    file.write_text('{"N": 3, "B": true, "L": ["a", 1], "E": ""}')
    assert collect_parameters((), str(file)) == {"N": "3", "B": "true", "L": "a,1", "E": ""}


def test_an_assignment_wins_over_the_file(tmp_path: Path) -> None:
    """The command line has the last word, also on a value that the file leaves open."""
    file = tmp_path / "parameters.json"
    file.write_text(
        '[{"ParameterKey": "A", "ParameterValue": "1"}, {"ParameterKey": "B", "UsePreviousValue": true},'
        ' {"ParameterKey": "C", "ParameterValue": "3"}]'
    )
    assert collect_parameters(("A=x=y", "B="), str(file)) == {"A": "x=y", "B": "", "C": "3"}


def test_the_same_assignment_twice_is_one() -> None:
    """Saying the same thing twice is no contradiction."""
    assert collect_parameters(("A=1", "A=1"), None) == {"A": "1"}


@pytest.mark.parametrize(
    ("assignments", "message"),
    [
        (("Stage",), '--parameter must be NAME=VALUE, got "Stage"'),
        (("=prod",), '--parameter must be NAME=VALUE, got "=prod"'),
        (("A=1", "A=2"), '--parameter A is given twice: "1" and "2"'),
    ],
)
def test_an_assignment_that_says_nothing_is_refused(assignments: tuple[str, ...], message: str) -> None:
    """A malformed or contradictory --parameter is an error that shows it."""
    with pytest.raises(UsageError) as caught:
        collect_parameters(assignments, None)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the file is empty"),
        ("null", "must be a mapping of parameters, or a list with ParameterKey and ParameterValue"),
        ("3", "must be a mapping of parameters, or a list with ParameterKey and ParameterValue"),
        ("[1]", "every entry of the list must have a ParameterKey and a ParameterValue"),
        (
            '[{"ParameterKey": "A", "ParameterValue": "1"}, {"ParameterKey": "A", "ParameterValue": "1"}]',
            "the parameter A stands twice in the list",
        ),
        (
            '[{"ParameterKey": "A"}]',
            "the value of A must be text, a number, true or false, or a list of them, got nothing",
        ),
        ('{"A": {}}', "the value of A must be text, a number, true or false, or a list of them, got a mapping"),
        ('{"A": []}', "the value of A must be text, a number, true or false, or a list of them, got a list"),
        ('{"A": [[1]]}', "the value of A must be text, a number, true or false, or a list of them, got a list"),
        (
            '[{"ParameterKey": "A", "UsePreviousValue": true}]',
            "the previous value of A is not known here; give it with --parameter A=VALUE",
        ),
    ],
)
def test_a_file_of_another_form_is_refused(tmp_path: Path, text: str, message: str) -> None:
    """What is not a set of parameter values says what it should be."""
    file = tmp_path / "parameters.json"
    file.write_text(text)
    with pytest.raises(InputError) as caught:
        collect_parameters((), str(file))
    assert (caught.value.message, caught.value.file) == (message, str(file))


@pytest.mark.parametrize("text", ["{", "[1,", "a: b: c", '{"A": 1, "A": 2}', "A: 1\nA: 2\n", "!Bad [\n"])
def test_a_malformed_file_has_the_place_of_the_error(tmp_path: Path, text: str) -> None:
    """Syntax errors and duplicate keys come with their line."""
    file = tmp_path / "parameters.json"
    file.write_text(text)
    with pytest.raises(InputError) as caught:
        collect_parameters((), str(file))
    assert caught.value.line in (1, 2)


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    """A file that is not there is named."""
    with pytest.raises(InputError, match=r"gone\.json: cannot be read: no such file or directory"):
        collect_parameters((), str(tmp_path / "gone.json"))
