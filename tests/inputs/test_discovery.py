"""
Paths: files, directories, standard input; what is no template is said, and nothing passes in silence.
"""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

import trustproof
from trustproof.errors import InputError, NothingToProve, TemplateError
from trustproof.inputs.discovery.inputs import Inputs, read_paths, read_template
from trustproof.inputs.settings import Settings
from trustproof.inputs.walk import ExcludedPaths

TEMPLATE = {"Resources": {"B": {"Type": "AWS::S3::Bucket"}}}


def write(path: Path, content: Any) -> Path:
    """Write text, bytes or JSON to a file, with its directories."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return path


def names(inputs: Inputs, root: Path) -> list[str]:
    """The templates read, relative to a directory."""
    return [str(Path(t.name).relative_to(root)) for t in inputs.templates]


@pytest.mark.parametrize(
    ("content", "message", "kind"),
    [
        ("", "the file is empty", InputError),
        (" \n", "the file is empty", InputError),
        (b"\xff\xfe{}", "it is UTF-16, as Windows PowerShell writes: save it as UTF-8", InputError),
        (b"\xff\xfe\0\0{\0\0\0", "it is UTF-32: save it as UTF-8", InputError),
        ("- a\n- b\n", "a list, expected a CloudFormation template: a mapping with Resources", TemplateError),
        ("just text", "text, expected a CloudFormation template: a mapping with Resources", TemplateError),
        ("# nothing\n", "nothing, expected a CloudFormation template: a mapping with Resources", TemplateError),
        (
            "TemplateBody: {}",
            (
                "a mapping with TemplateBody, expected a CloudFormation template: a mapping with Resources, as "
                "--query TemplateBody prints it alone"
            ),
            TemplateError,
        ),
        (
            "Resources: []",
            "a mapping with a list under Resources, expected a CloudFormation template: a mapping with Resources",
            TemplateError,
        ),
        (
            "Resources:",
            "a mapping with nothing under Resources, expected a CloudFormation template: a mapping with Resources",
            TemplateError,
        ),
        ("{}", "a mapping with no keys, expected a CloudFormation template: a mapping with Resources", TemplateError),
        (
            {"Version": "2012-10-17", "Statement": [], "Name": "x"},
            "a mapping with Version, Statement, Name, expected a CloudFormation template: a mapping with Resources",
            TemplateError,
        ),
        (
            "name: x\nservices: {}\n",
            "a mapping with name, services, expected a CloudFormation template: a mapping with Resources",
            TemplateError,
        ),
    ],
)
def test_a_named_file_that_is_no_template_is_an_error(tmp_path: Path, content: Any, message: str, kind: Any) -> None:
    """The error says what the file is and what was expected."""
    path = write(tmp_path / "x.yaml", content)
    inputs = read_paths([str(path)])
    assert list(inputs.templates) == []
    (error,) = inputs.errors
    assert type(error) is kind
    assert error.message == message
    assert error.file == str(path)
    with pytest.raises(kind):
        read_template(str(path))


def test_missing_files_and_named_broken_links_are_errors(tmp_path: Path) -> None:
    """What is named and cannot be opened is an error; a link to nothing in a directory is passed over, and named."""
    (tmp_path / "link.json").symlink_to(tmp_path / "gone")
    write(tmp_path / "t.json", TEMPLATE)
    inputs = read_paths([str(tmp_path / "none.json"), str(tmp_path / "link.json"), str(tmp_path)])
    assert names(inputs, tmp_path) == ["t.json"]
    assert [(Path(e.file).name, e.message) for e in inputs.errors] == [
        ("none.json", "cannot be read: no such file or directory"),
        ("link.json", "cannot be read: no such file or directory"),
    ]
    assert [path for path, _ in trustproof.check([tmp_path]).passed_over] == [str(tmp_path / "link.json")]


def test_a_byte_order_mark_is_no_content(tmp_path: Path) -> None:
    """Files from Windows editors are read, JSON and YAML."""
    for name in ("t.json", "t.yaml"):
        path = write(tmp_path / name, b"\xef\xbb\xbf" + json.dumps(TEMPLATE).encode())
        assert read_template(str(path)).resource_type("B") == "AWS::S3::Bucket"


def test_where_the_configuration_excludes_everything_it_is_named(tmp_path: Path) -> None:
    """The templates are there: whoever looks for them is told why they are not read."""
    write(tmp_path / "t.json", TEMPLATE)
    found = Inputs([str(tmp_path)], Settings(), ExcludedPaths(["*.json"], str(tmp_path)))
    assert list(found.templates) == []
    (error,) = found.errors
    assert error.message.startswith("no template in the directory, but for what the configuration excludes, expected")


def test_an_empty_path_names_nothing(tmp_path: Path) -> None:
    """What a script passes on for a variable that is not set is an error, and what is named beside it is read."""
    path = write(tmp_path / "t.json", TEMPLATE)
    found = Inputs(["", str(path)], Settings())
    assert [one.name for one in found.templates] == [str(path)]
    assert [error.message for error in found.errors] == ["an empty path names no file or directory"]


def test_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    """A dash is standard input."""
    stream = io.TextIOWrapper(io.BytesIO(b"Resources: {B: {Type: AWS::S3::Bucket}}"))
    monkeypatch.setattr("sys.stdin", stream)
    (template,) = read_paths(["-"]).templates
    assert (template.name, template.resource_type("B")) == ("<stdin>", "AWS::S3::Bucket")


def test_a_directory_is_walked_in_order(tmp_path: Path) -> None:
    """Templates are found in a stable order; other files are counted, foreign directories passed over."""
    for name in ("b.yaml", "a.template", "sub/c.yml", "sub/deeper/d.json", "z.template.json"):
        write(tmp_path / name, TEMPLATE)
    for name in (".hidden/x.json", "node_modules/x.json", ".venv/x.json", "env/x.json", "notes.txt", ".x.json"):
        write(tmp_path / name, TEMPLATE)
    write(tmp_path / "env/pyvenv.cfg", "")
    write(tmp_path / "package.json", {"name": "x"})
    write(tmp_path / "chart.yaml", "a: {{ .Values.x }}\n")
    inputs = read_paths([str(tmp_path)])
    found = [".hidden/x.json", ".venv/x.json", ".x.json", "a.template", "b.yaml"]
    found += ["notes.txt", "sub/c.yml", "sub/deeper/d.json", "z.template.json"]
    assert names(inputs, tmp_path) == found
    assert [Path(p.path).name for p in inputs.passed_over] == ["env", "node_modules"]
    assert [Path(s.path).name for s in inputs.skipped] == ["chart.yaml", "package.json"]
    assert inputs.errors == []
    assert inputs.count == 9


def test_a_broken_template_in_a_directory_is_an_error(tmp_path: Path) -> None:
    """What looks like a template and cannot be read does not pass in silence."""
    write(tmp_path / "broken.yaml", "Resources:\n  A: [\n")
    write(tmp_path / "good.yaml", TEMPLATE)
    inputs = read_paths([str(tmp_path)])
    assert names(inputs, tmp_path) == ["good.yaml"]
    assert [Path(e.file).name for e in inputs.errors] == ["broken.yaml"]


@pytest.mark.parametrize("files", [0, 1, 2])
def test_a_directory_without_templates_is_nothing_to_prove(tmp_path: Path, files: int) -> None:
    """Silence would look like a proof."""
    for number in range(files):
        write(tmp_path / f"{number}.json", {"name": "x"})
    inputs = read_paths([str(tmp_path)])
    assert list(inputs.templates) == []
    (error,) = inputs.errors
    assert isinstance(error, NothingToProve)
    counted = ["", " (1 file that is no template)", " (2 files that are no template)"][files]
    assert error.message.startswith(f"no template in the directory{counted}, expected files ending in .json")


def test_templates_are_read_one_at_a_time(tmp_path: Path) -> None:
    """The next file is opened when the next template is asked for."""
    first, second = write(tmp_path / "a.json", TEMPLATE), write(tmp_path / "b.json", TEMPLATE)
    templates = read_paths([str(first), str(second)]).templates
    next(templates)
    second.unlink()
    assert list(templates) == []


def test_pinned_parameters_that_no_template_has_are_told(tmp_path: Path) -> None:
    """A misspelt parameter pins nothing, and is named."""
    path = write(tmp_path / "t.json", {**TEMPLATE, "Parameters": {"Env": {"Type": "String"}}})
    inputs = read_paths([str(path)], parameters={"Env": "x", "Evn": "y"})
    list(inputs.templates)
    assert inputs.unused_parameters == ("Evn",)


def test_a_refused_parameter_does_not_stop_the_others(tmp_path: Path) -> None:
    """A template that refuses a pinned value is an error; the next one is read."""
    section = {"Parameters": {"Env": {"Type": "String", "AllowedValues": ["a"]}}}
    write(tmp_path / "a.json", {**TEMPLATE, **section})
    write(tmp_path / "b.json", TEMPLATE)
    inputs = read_paths([str(tmp_path)], parameters={"Env": "x"})
    assert names(inputs, tmp_path) == ["b.json"]
    assert len(inputs.errors) == 1
