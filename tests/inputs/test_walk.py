"""
Nothing below a directory is left out in silence: it is read, or passed over with a reason, or excluded on purpose.
"""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from trustproof import ConfigError, InputError, NotProvedError, Report, UsageError, check, load_config
from trustproof.config.model import Config
from trustproof.inputs import template_detection

#: Lets everybody in.
HOLE = {
    "Resources": {
        "Open": {
            "Type": "AWS::IAM::Role",
            "Properties": {
                "AssumeRolePolicyDocument": {
                    "Version": "2012-10-17",
                    "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}],
                }
            },
        }
    }
}
HARMLESS = {"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}
YAML_HOLE = """\
# the role of nobody
Resources:
  Open:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - {Effect: Allow, Principal: {AWS: "*"}, Action: "sts:AssumeRole"}
"""
HCL_HOLE = """\
resource "aws_iam_role" "open" {
  name = "open"
  assume_role_policy = jsonencode({
    Statement = [{Effect = "Allow", Principal = {AWS = "*"}, Action = "sts:AssumeRole"}]
  })
}
"""


def _put(path: Path, content: object = HOLE) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content if isinstance(content, str) else json.dumps(content))


def _check(root: Path, **more: object) -> Report:
    return check([str(root)], **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "name",
    [
        "a.json",
        "a.JSON",
        ".hidden.json",
        ".github/a.json",
        "a.cfn",
        "a.tpl",
        "a.txt",
        "noname",
        "deep/er/a.Template",
        "a.tf.json",
        "a.tofu.json",
    ],
)
def test_a_template_is_read_whatever_its_name(tmp_path: Path, name: str) -> None:
    """Case, suffix and dots of a name decide nothing where the content is a template's."""
    _put(tmp_path / name)
    assert any(result.verdict == "refuted" for result in _check(tmp_path).results)


@pytest.mark.parametrize("name", ["a.YAML", "a.cfn", "stack.yml.txt"])
def test_a_yaml_template_is_read_whatever_its_name(tmp_path: Path, name: str) -> None:
    """YAML likewise, behind a comment."""
    _put(tmp_path / name, YAML_HOLE)
    assert any(result.verdict == "refuted" for result in _check(tmp_path).results)


def _spelled(text: str, *words: str, form: str) -> str:
    """A text in which some words are written by the numbers of their characters."""
    for word in words:
        text = text.replace(word, "".join(form.format(ord(character)) for character in word))
    return text


_BODY = json.dumps(HOLE["Resources"])


@pytest.mark.parametrize(
    "content",
    [
        "\ufeff" + json.dumps(HOLE),
        "\n" * 10_000 + json.dumps(HOLE),
        _spelled(json.dumps(HOLE), "Resources", "AWS::", form="\\u{:04x}"),
        _spelled(json.dumps(HOLE), "::", form="\\u{:04X}"),
        _spelled(f'"Resources": {_BODY}', "Resources", form="\\x{:02x}"),
        _spelled(f'"Resources": {_BODY}', "AWS", form="\\U{:08x}"),
        f'? "Reso\\\n   urces"\n: {_BODY}',
        f"? Resources\n: {_BODY}",
        f"!!str Resources: {_BODY}",
        f"&a Resources : {_BODY}",
        f"x: &r\n  Resources: {_BODY}\n<<: *r",
        f"a: &k Resources\n*k : {_BODY}",
        "%YAML 1.1\n---\n" + YAML_HOLE,
        "#" * 6_000_000 + "\n" + YAML_HOLE,
        "x-own:\n  any: thing\n" + YAML_HOLE,
        f"{{Resources: {_BODY}}}",
    ],
    ids=lambda content: content.strip()[:16],
)
def test_the_spelling_of_a_template_hides_nothing(tmp_path: Path, content: str) -> None:
    """Escapes, tags, anchors, merge keys, marks and comments are the parser's, not ours, to look through."""
    _put(tmp_path / "b.json", HARMLESS)
    (tmp_path / "x.dat").write_text(content, encoding="utf-8")
    report = _check(tmp_path)
    assert any(result.verdict == "refuted" for result in report.results), report.passed_over


@pytest.mark.parametrize(
    "content",
    [
        *(json.dumps(HOLE).encode(f"utf-{width}{end}") for width in (16, 32) for end in ("", "-le", "-be")),
        b"\0" + json.dumps(HOLE).encode(),
        json.dumps(HOLE).encode() + b"\0\0",
        b"/* a comment */\n" + json.dumps(HOLE).encode(),
        b"a: b\n---\n" + YAML_HOLE.encode(),
        YAML_HOLE.encode() + b"---\nnot: {yaml",
        YAML_HOLE.encode() + b"# \x01\n",
        b"? Resources\n: " + _BODY.encode() + b"\nResources: {}\n",
    ],
)
def test_a_template_that_cannot_be_read_is_passed_over_or_an_error(tmp_path: Path, content: bytes) -> None:
    """Of any name it is said why nobody has looked into it, and an error where its name says what it is."""
    _put(tmp_path / "b.json", HARMLESS)
    (tmp_path / "x.dat").write_bytes(content)
    ((path, reason),) = _check(tmp_path).passed_over
    assert (path, reason.startswith("it looks like a template, and ")) == (str(tmp_path / "x.dat"), True)
    (tmp_path / "x.dat").rename(tmp_path / "x.yaml")
    report = _check(tmp_path)
    assert (report.passed_over, [error.file for error in report.errors]) == ((), [str(tmp_path / "x.yaml")])


def test_a_template_that_is_too_long_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """So is any text that nobody has read to its end."""
    monkeypatch.setattr(template_detection, "MOST_BYTES", 100_000)
    _put(tmp_path / "b.json", HARMLESS)
    with open(tmp_path / "x.txt", "wb") as file:
        file.write(YAML_HOLE.encode())
        file.truncate(2**33)
    with open(tmp_path / "y.bin", "wb") as file:
        file.truncate(2**33)
    ((path, reason),) = _check(tmp_path).passed_over
    assert (path, reason.startswith("it is longer than ")) == (str(tmp_path / "x.txt"), True)


def test_the_data_of_version_control_are_looked_into(tmp_path: Path) -> None:
    """But for git's own in the directory that was named, which no commit can hold."""
    _put(tmp_path / "b.json", HARMLESS)
    for name in (".git", "sub/.git"):
        _put(tmp_path / name / "HEAD", "ref: refs/heads/main\n")
        _put(tmp_path / name / "a.json")
    _put(tmp_path / ".svn" / "wc.db", "")
    _put(tmp_path / ".hg" / "a.json")
    report = _check(tmp_path)
    assert [Path(path).relative_to(tmp_path).as_posix() for path, _ in report.passed_over] == [".svn", "sub/.git"]
    assert {result.template for result in report.results} == {str(tmp_path / ".hg" / "a.json")}


def test_directories_may_be_as_deep_as_they_are(tmp_path: Path) -> None:
    """A walk is no recursion."""
    _put(tmp_path / "b.json", HARMLESS)
    here = str(tmp_path)
    try:
        for _ in range(1200):
            here += "/d"
            os.mkdir(here)
        _put(Path(here, "a.json"))
        assert any(result.verdict == "refuted" for result in _check(tmp_path).results)
    finally:
        subprocess.run(["rm", "-rf", tmp_path / "d"], check=True)


@pytest.mark.parametrize("directory", ["node_modules", "venv", "__pycache__", "site-packages"])
def test_a_directory_of_others_is_passed_over_and_named(tmp_path: Path, directory: str) -> None:
    """What is not entered is in the report, and fails where a program asks for strictness."""
    _put(tmp_path / directory / "a.json")
    _put(tmp_path / "b.json", HARMLESS)
    report = _check(tmp_path)
    assert [path for path, _ in report.passed_over] == [str(tmp_path / directory)]
    report.raise_for_status()
    with pytest.raises(NotProvedError, match="was passed over"):
        report.raise_for_status("warning")


def test_an_empty_pyvenv_cfg_hides_nothing_in_silence(tmp_path: Path) -> None:
    """A file that makes a directory look like a virtual environment does not make it vanish."""
    _put(tmp_path / "stacks" / "a.json")
    _put(tmp_path / "stacks" / "pyvenv.cfg", "")
    _put(tmp_path / "b.json", HARMLESS)
    assert _check(tmp_path).passed_over == ((str(tmp_path / "stacks"), "a virtual environment of Python"),)


def test_a_manifest_that_names_one_stack_hides_no_other_template(tmp_path: Path) -> None:
    """In a cloud assembly, a template that the manifest does not name is read as well; its other files are not."""
    stack = {"type": "aws:cloudformation:stack", "properties": {"templateFile": "Good.template.json"}}
    _put(tmp_path / "manifest.json", {"version": "36.0.0", "artifacts": {"Good": stack}})
    _put(tmp_path / "Good.template.json", HARMLESS)
    _put(tmp_path / "tree.json", {"tree": {"id": "App"}})
    _put(tmp_path / "validation-report.json", {"title": "Validation Report", "pluginReports": []})
    # Of a synthesis that took long.
    _put(tmp_path / "performance-counters.json", {"counters": {"phase:Synthesis": 13848}})
    _put(tmp_path / "Evil.template.json")
    _put(tmp_path / "asset.abc" / "inner.json")
    report = _check(tmp_path)
    assert report.templates == 3
    assert report.skipped == ()
    refuted = {os.path.basename(r.template) for r in report.results if r.verdict == "refuted"}
    assert refuted == {"Evil.template.json", "inner.json"}


@pytest.mark.parametrize(
    "name", ["p.json", "p.txt", "sub/p.json", "asset.abc/p.json", "x.assets.json", "validation-report.json"]
)
def test_a_manifest_hides_nothing_else_that_is_read(tmp_path: Path, name: str) -> None:
    """Policies, states and what else is read are, wherever in an assembly they stand, as in any other directory."""
    stack = {"type": "aws:cloudformation:stack", "properties": {"templateFile": "Good.template.json"}}
    _put(tmp_path / "manifest.json", {"version": "36.0.0", "artifacts": {"Good": stack}})
    _put(tmp_path / "Good.template.json", HARMLESS)
    role = HOLE["Resources"]["Open"]
    _put(tmp_path / name, role["Properties"]["AssumeRolePolicyDocument"])
    assert any(result.verdict == "refuted" for result in _check(tmp_path).results)


def test_a_manifest_hides_no_other_file(tmp_path: Path) -> None:
    """What the CDK has not written is named beside a manifest, as anywhere."""
    stack = {"type": "aws:cloudformation:stack", "properties": {"templateFile": "Good.template.json"}}
    _put(tmp_path / "manifest.json", {"version": "36.0.0", "artifacts": {"Good": stack}})
    _put(tmp_path / "Good.template.json", HARMLESS)
    _put(tmp_path / "fragment.json", {"Fragment": HOLE["Resources"]})
    _put(tmp_path / "main.tf~", HCL_HOLE)
    report = _check(tmp_path)
    assert [Path(path).name for path, _ in report.passed_over] == ["fragment.json"]
    assert [Path(path).name for path, _ in report.skipped] == ["main.tf~"]


def _assembly(directory: Path, *stacks: str) -> None:
    stack = {"type": "aws:cloudformation:stack"}
    artifacts = {name: {**stack, "properties": {"templateFile": f"{name}.template.json"}} for name in stacks}
    manifest = {"type": "cdk:asset-manifest", "properties": {"file": "Good.assets.json"}}
    _put(directory / "manifest.json", {"version": "36.0.0", "artifacts": {**artifacts, "Good.assets": manifest}})
    _put(directory / "cdk.out", {"version": "36.0.0"})


@pytest.mark.parametrize("above", [False, True])
def test_what_an_earlier_synthesis_has_left_is_named(tmp_path: Path, above: bool) -> None:
    """Templates that the CDK has written for stacks and stages of before are passed over, which `--strict` counts."""
    out = tmp_path / "cdk.out"
    _assembly(out, "Good")
    _put(out / "Good.template.json", HARMLESS)
    _put(out / "Gone.template.json")
    _put(out / "GoneNest.nested.template.json")
    _assembly(out / "assembly-Gone", "Gone")
    _put(out / "assembly-Gone" / "Gone.template.json")
    report = _check(tmp_path if above else out)
    assert (report.templates, report.failures("note")) == (1, ())
    left = ["Gone.template.json", "GoneNest.nested.template.json", "assembly-Gone/Gone.template.json"]
    assert sorted(path for path, _ in report.left_over) == [str(out / name) for name in left]
    assert {reason for _, reason in report.left_over} == {
        "left over from an earlier synthesis: not in manifest.json; remove cdk.out and synthesize again"
    }
    with pytest.raises(NotProvedError, match="left over"):
        report.raise_for_status(strict=True)


def test_only_what_the_cdk_would_have_written_is_left_over(tmp_path: Path) -> None:
    """Beside a manifest of the CDK, what is uploaded and what has a name that the CDK gives no template are judged."""
    _assembly(tmp_path, "Good")
    _put(tmp_path / "Good.template.json", HARMLESS)
    files = {"abc": {"source": {"path": "Product.product.template.json"}}}
    _put(tmp_path / "Good.assets.json", {"files": files})
    judged = ["Product.product.template.json", "evil.json", "asset.abc/Evil.template.json", "other/Evil.template.json"]
    for name in judged:
        _put(tmp_path / name)
    report = _check(tmp_path)
    assert report.passed_over == ()
    refuted = {os.path.relpath(r.template, tmp_path) for r in report.results if r.verdict == "refuted"}
    assert refuted == set(judged)


def test_a_template_that_is_left_over_is_judged_when_it_is_named(tmp_path: Path) -> None:
    """Only a directory is taken for what its manifest says."""
    _assembly(tmp_path, "Good")
    _put(tmp_path / "Good.template.json", HARMLESS)
    _put(tmp_path / "Gone.template.json")
    assert _check(tmp_path / "Gone.template.json").failures("error") != ()


@pytest.mark.parametrize("name", ["cdk.out", "build"])
def test_a_broken_manifest_is_an_error(tmp_path: Path, name: str) -> None:
    """Where an assembly has been, what its stacks are is not guessed; other programs have files of that name too."""
    _put(tmp_path / name / "manifest.json", "{")
    _put(tmp_path / "web" / "manifest.json", "{")
    _put(tmp_path / "b.json", HARMLESS)
    if name != "cdk.out":
        _put(tmp_path / name / "Access.assets.json", "{}")
    report = _check(tmp_path)
    assert [error.file for error in report.errors] == [str(tmp_path / name / "manifest.json")]
    assert [path for path, _ in report.skipped if "web" in path] == [str(tmp_path / "web" / "manifest.json")]


def test_symbolic_links_lead_nowhere_outside(tmp_path: Path) -> None:
    """
    A link to a file inside is followed; one out of the directory, to a directory or to nothing is passed over, unless
    Terraform would read it by its name.
    """
    outside = tmp_path / "outside"
    _put(outside / "a.json")
    root = tmp_path / "root"
    _put(root / "b.json", HARMLESS)
    (root / "file.json").symlink_to(outside / "a.json")
    (root / "folder").symlink_to(outside)
    (root / "nothing.json").symlink_to(root / "gone.json")
    (root / "nothing.auto.tfvars.json").symlink_to(root / "gone.json")
    (root / ".version").symlink_to(root / "gone")
    (root / "loop").symlink_to(root)
    report = _check(root)
    assert report.templates == 1
    assert {os.path.basename(path): reason for path, reason in report.passed_over} == {
        "file.json": "a symbolic link out of the directory that was named",
        "folder": "a symbolic link to a directory",
        "loop": "a symbolic link to a directory",
        ".version": "a symbolic link to nothing",
        "nothing.json": "a symbolic link to nothing",
    }
    assert [os.path.basename(error.file) for error in report.errors] == ["nothing.auto.tfvars.json"]


def test_a_pipe_is_not_opened(tmp_path: Path) -> None:
    """Only regular files are: a named pipe would wait for ever."""
    _put(tmp_path / "b.json", HARMLESS)
    os.mkfifo(tmp_path / "a.json")
    assert _check(tmp_path).passed_over == ((str(tmp_path / "a.json"), "not a regular file"),)


@pytest.mark.parametrize(
    "name",
    "x.tf x.tofu x.tf.json x.template.json x.yaml x.tfvars.json x.assets.json x.tfstate terragrunt.hcl manifest.json "
    "cdk.json cdk.out tree.json pyvenv.cfg".split(),
)
@pytest.mark.parametrize("kind", ["directory", "pipe", "device"])
def test_what_has_the_name_of_a_file_and_is_none_is_entered_or_named(tmp_path: Path, name: str, kind: str) -> None:
    """A directory with the name of a source, a template or a manifest is one like any other; a pipe is passed over."""
    _put(tmp_path / "b.json", HARMLESS)
    # Next to a configuration that reads a file, which makes it one of two that look for sources.
    _put(tmp_path / "main.tf", 'resource "aws_iam_role" "r" {\n  assume_role_policy = file("p.txt")\n}\n')
    one = {"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "sts:AssumeRole"}
    _put(tmp_path / "p.txt", {"Version": "2012-10-17", "Statement": [one]})
    path = tmp_path / name
    if kind == "directory":
        _put(path / "hole.json")
    elif kind == "pipe":
        os.mkfifo(path)
    else:
        path.symlink_to("/dev/zero")
    report = _check(tmp_path)
    assert report.errors == ()
    is_read = any(result.template == str(path / "hole.json") for result in report.results)
    assert is_read if kind == "directory" else [where for where, _ in report.passed_over] == [str(path)]


def test_a_submodule_that_is_not_checked_out_is_passed_over(tmp_path: Path) -> None:
    """Nothing is in its directory here, and where somebody deploys from there may be anything."""
    _put(tmp_path / "stacks" / "b.json", HARMLESS)
    (tmp_path / ".git").mkdir()
    (tmp_path / "stacks" / "empty").mkdir()
    _put(tmp_path / "full" / "a.json")
    paths = ("stacks/empty", "stacks/gone", "full", "../outside", "/etc", "")
    _put(
        tmp_path / ".gitmodules", "".join(f'[submodule "{n}"]\n\tpath = {p}\n\turl = x\n' for n, p in enumerate(paths))
    )
    why = "a submodule of git that is not checked out"
    there = tuple((str(tmp_path / "stacks" / name), why) for name in ("empty", "gone"))
    assert [one for one in _check(tmp_path).passed_over if one[1] == why] == [*there]
    assert [one for one in _check(tmp_path / "stacks").passed_over if one[1] == why] == [*there]


def test_a_template_that_another_program_fills_in_is_passed_over(tmp_path: Path) -> None:
    """A Jinja template is none of CloudFormation's yet; that it was not read is said."""
    _put(tmp_path / "a.template.yaml.j2", "{% if x %}\n" + YAML_HOLE + "{% endif %}\n")
    _put(tmp_path / "b.json", HARMLESS)
    ((path, reason),) = _check(tmp_path).passed_over
    assert path.endswith("a.template.yaml.j2")
    assert reason.startswith("it looks like a template, and ")


def test_a_policy_inside_of_what_another_program_fills_in_is_passed_over(tmp_path: Path) -> None:
    """A manifest in a chart of Helm's is no policy document; a broken document is an error."""
    document = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}'
    _put(tmp_path / "a.yaml", f"apiVersion: v1\nname: {{{{ .Name }}}}\nspec:\n  policy: |\n    {document}\n")
    _put(tmp_path / "b.json", HARMLESS)
    report = _check(tmp_path)
    assert ([(path.endswith("a.yaml"), reason[:10]) for path, reason in report.passed_over], report.errors) == (
        [(True, "it looks l")],
        (),
    )
    _put(tmp_path / "a.yaml", f"{document[:-1]}\n")
    assert len(_check(tmp_path).errors) == 1


def test_a_policy_that_templatefile_fills_in_is_passed_over(tmp_path: Path) -> None:
    """A template file of Terraform's is no document yet; nor is it an error in a file that somebody else reads."""
    document = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}'
    _put(tmp_path / "a.json", document.replace("[", "[\n%{ if ok }\n").replace("]", "\n%{ endif }\n]"))
    _put(tmp_path / "b.json", HARMLESS)
    _put(tmp_path / "c.json", document.replace('"*"', '${jsonencode("a}")}'))
    report = _check(tmp_path)
    passed_over = [(path, reason[:12]) for path, reason in report.passed_over]
    assert passed_over == [(str(tmp_path / name), "templatefile") for name in ("a.json", "c.json")]
    assert report.errors == ()
    # What does not become JSON in that way is broken.
    _put(tmp_path / "c.json", document.replace('"*"', "${a} x"))
    assert len(_check(tmp_path).errors) == 1


@pytest.mark.parametrize(
    ("name", "content", "program"),
    [
        ("terragrunt.hcl", 'terraform {\n  source = "git::https://x/y"\n}\n', "Terragrunt"),
        ("terragrunt.hcl", 'generate "p" {\n  path = "p.tf"\n  contents = ""\n}\n', "Terragrunt"),
        ("terragrunt.hcl", 'terraform { source = "../x" }\n', "Terragrunt"),
        ("terragrunt.hcl", "generate = { p = {} }\n", "Terragrunt"),
        ("root.hcl", 'generate "p" {\n  path = "p.tf"\n  contents = ""\n}\n', "Terragrunt"),
        ("common.hcl", 'terraform {\n  source = "${local.base}//role"\n}\n', "Terragrunt"),
        ("account.hcl", 'locals {\n  source = "x"\n}\n', ""),
        (
            "x.pkr.hcl",
            'packer {\n  required_plugins {\n    a = {\n      source = "github.com/x/a"\n    }\n  }\n}\n',
            "",
        ),
        ("terragrunt.stack.hcl", 'unit "u" {\n  source = "../u"\n}\n', "Terragrunt"),
        ("main.tfcomponent.hcl", 'component "c" {}\n', "Terraform Stacks"),
        ("x.tfdeploy.hcl", "", "Terraform Stacks"),
        ("x.tfcomponent.json", '{"component": {"c": {}}}', "Terraform Stacks"),
        ("terragrunt.hcl.json", '{"terraform": {"source": "../x"}}', "Terragrunt"),
        ("terragrunt.hcl.json", '{"inputs": {}}', ""),
        ("terragrunt.hcl", 'inputs = {\n  resource = "x"\n}\n', ""),
        (".terraform.lock.hcl", 'provider "p" {\n  source = "x"\n}\n', ""),
    ],
)
def test_what_makes_configurations_is_passed_over(tmp_path: Path, name: str, content: str, program: str) -> None:
    """A file by which another program writes configurations, or finds them elsewhere, does not pass in silence."""
    _put(tmp_path / "a.json")
    _put(tmp_path / name, content)
    found = [reason for path, reason in _check(tmp_path).passed_over if path.endswith(name)]
    missing = "; its inputs are missing: give them, with --var-file FILE or --parameter"
    said = f"a configuration of {program}, which is not read{missing if program == 'Terragrunt' else ''}"
    assert found == ([said] if program else [])


@pytest.mark.parametrize("other", ["b.json", "b.tf"])
@pytest.mark.parametrize(
    ("names", "content", "left"),
    [
        # Terraform leaves out what begins with a dot, and what ends in "~" or "#"; "#x.tf" is a source like any other.
        ("#x.tf ~x.tf x~.tf", HCL_HOLE, "read"),
        (".x.tf .x.tofu .x.tf.json x.tf~ #x.tf# x.tf.bak x.TF x.txt", HCL_HOLE, "skipped"),
        (".x.tf x.tf~", HCL_HOLE.replace("jsonencode({", 'jsonencode({ # "Statement", "Effect"\n'), "skipped"),
        (".x.tf.json x.tf.json~ x.dat", json.dumps({"resource": {"aws_iam_role": {"r": {}}}}), "skipped"),
        ("x.tf~", "# a comment\n" + 'module "m" {\n  source = "./m"\n}\n', "skipped"),
        ("x.tf.j2 x.tf.tmpl x.tftpl", HCL_HOLE, "passed over"),
        ("x.tf.txt", "{% if prod %}\n" + HCL_HOLE + "{% endif %}\n", "passed over"),
        ("x.md", "# How\n\nWrite this:\n\n" + HCL_HOLE, ""),
        ("x.tf~", 'variable "v" {}\n', ""),
        ("x.tfvars", 'v = "w"\n', "skipped"),
    ],
)
def test_a_configuration_that_terraform_does_not_read_is_named(
    tmp_path: Path, other: str, names: str, content: str, left: str
) -> None:
    """Copies of sources fail no gate, as nobody deploys them; what another program makes a source of counts."""
    _put(tmp_path / other, HARMLESS if other == "b.json" else 'resource "aws_sns_topic" "t" {}\n')
    for name in names.split():
        _put(tmp_path / "d" / name, content)
        report = _check(tmp_path)
        said = {"skipped": report.skipped, "passed over": report.passed_over}
        assert report.errors == ()
        assert [kind for kind, found in said.items() if found] == ([left] if left in said else []), name
        assert any(result.verdict == "refuted" for result in report.results) == (left == "read")
        (tmp_path / "d" / name).unlink()


@pytest.mark.parametrize("content", [HOLE, HOLE["Resources"]["Open"], {}])
def test_json_is_no_source(tmp_path: Path, content: object) -> None:
    """Terraform reads JSON from `.tf.json` alone; a template does not pass as an empty configuration."""
    _put(tmp_path / "x.tf", content)
    assert [str(error) for error in _check(tmp_path).errors] == [
        f"{tmp_path / 'x.tf'}:1:1: not HCL: JSON is in files that end in .tf.json"
    ]


@pytest.mark.parametrize("name", ["", "x.tf.json"])
def test_a_template_under_the_name_of_a_source_ends_no_run(tmp_path: Path, name: str) -> None:
    """It is judged beside the others, and by itself, though Terraform would refuse it."""
    _put(tmp_path / "x.tf.json")
    _put(tmp_path / "b.json", HARMLESS)
    report = check([tmp_path / name], config={})
    assert any(result.verdict == "refuted" for result in report.results)
    assert all("not a configuration of Terraform" in str(error) for error in report.errors)


@pytest.mark.parametrize("indent", [None, 1])
@pytest.mark.parametrize("content", [HOLE, HOLE["Resources"]["Open"]["Properties"]["AssumeRolePolicyDocument"]])
def test_a_template_of_yaml_under_the_name_of_json_is_an_error(
    tmp_path: Path, content: object, indent: int | None
) -> None:
    """What is judged as YAML under another name does not pass under this one, in which tools refuse it."""
    _put(tmp_path / "b.json", HARMLESS)
    (tmp_path / "x.json").write_text(json.dumps(content, indent=indent).replace('"', "'"))
    report = _check(tmp_path)
    assert [error.file for error in report.errors] == [str(tmp_path / "x.json")]
    assert (report.skipped, report.passed_over) == ((), ())


def test_other_files_are_not_taken_for_templates(tmp_path: Path) -> None:
    """A page or a program that shows a template is neither read nor reported."""
    _put(tmp_path / "b.json", HARMLESS)
    _put(tmp_path / "README.md", f"# How\n\nWrite this:\n\n```yaml\n{YAML_HOLE}```\n")
    _put(tmp_path / "app.py", f'TEMPLATE = """\n{YAML_HOLE}"""\n')
    report = _check(tmp_path)
    assert (report.templates, report.passed_over, report.errors) == (1, (), ())


def test_the_configuration_excludes(tmp_path: Path) -> None:
    """What is excluded is neither read nor passed over; the patterns start where the configuration stands."""
    _put(tmp_path / "tests" / "fixtures" / "a.json")
    _put(tmp_path / "node_modules" / "a.json")
    _put(tmp_path / "b.json", HARMLESS)
    _put(tmp_path / "trustproof.toml", 'exclude = ["tests/fixtures/**", "node_modules/"]\n')
    report = _check(tmp_path, config=load_config(start=tmp_path))
    assert (report.templates, report.passed_over) == (1, ())


def test_a_dangling_configuration_is_an_error(tmp_path: Path) -> None:
    """A configuration that is not there must not read as one that declares nothing."""
    (tmp_path / "trustproof.toml").symlink_to(tmp_path / "gone.toml")
    with pytest.raises(ConfigError, match="symbolic link to nothing"):
        load_config(start=tmp_path)


class TestLibrary:
    """A program cannot take a hole for a pass by accident."""

    def test_neither_a_result_nor_a_report_is_true(self) -> None:
        """``assert prove(…)`` and ``if check(…)`` raise, whatever was found."""
        report = check([HOLE])
        with pytest.raises(TypeError, match="raise_for_status"):
            bool(report)
        with pytest.raises(TypeError, match="ask for its verdict"):
            bool(report.results[0])

    @pytest.mark.parametrize("paths", ["x.yaml", Path("x.yaml"), {"Resources": {}}])
    def test_one_path_by_itself_is_an_error(self, paths: object) -> None:
        """A text would be read letter by letter."""
        with pytest.raises(UsageError, match="one by itself"):
            check(paths)  # type: ignore[arg-type]

    @pytest.mark.parametrize("account", ["1111-2222-3333", "zzz", "\uff11" * 12, "", "1111222233334"])
    def test_an_account_is_twelve_digits(self, account: str) -> None:
        """As on the command line."""
        with pytest.raises(UsageError, match="account must be 12 digits"):
            check([HARMLESS], account=account)

    def test_a_template_is_given_as_it_is(self) -> None:
        """A mapping is judged like the file that it would be written to, and has lines to point at."""
        report = check([HARMLESS, HOLE])
        assert {r.template for r in report.results if r.verdict == "refuted"} == {"<template 2>"}
        with pytest.raises(NotProvedError, match=r"^refuted\["):
            report.raise_for_status()
        assert check([{"Resources": {"X": {1, 2}}}]).errors[0].message.startswith("is not JSON")

    def test_errors_are_met_by_whoever_iterates(self, tmp_path: Path) -> None:
        """What could not be read stands among the results."""
        _put(tmp_path / "a.json", '{"Resources": ')
        (found,) = check([tmp_path / "a.json"])
        assert isinstance(found, InputError)
        with pytest.raises(InputError):
            check([tmp_path / "a.json"]).raise_for_status()

    def test_an_assembly_with_an_impossible_account_is_an_error(self, tmp_path: Path) -> None:
        """Digits of another script are no account."""
        stack = {
            "type": "aws:cloudformation:stack",
            "environment": f"aws://{chr(0xFF11) * 12}/eu-west-1",
            "properties": {"templateFile": "A.template.json"},
        }
        _put(tmp_path / "manifest.json", {"version": "36.0.0", "artifacts": {"A": stack}})
        _put(tmp_path / "A.template.json", HARMLESS)
        (error,) = _check(tmp_path).errors[:1]
        assert "which is not 12 digits" in error.message

    def test_the_report_says_what_it_rests_on(self) -> None:
        """The configuration and the properties that were not asked are values of the report."""
        report = check([HARMLESS], config=Config(file="trustproof.toml"), properties=["mfa-required"])
        assert report.config == "trustproof.toml"
        assert "inside-boundary" in report.off


_USER = "arn:aws:iam::111122223333:user/u"
_FORMAT = {"format_version": "1.2", "terraform_version": "1.9.0"}


@pytest.mark.parametrize(
    ("name", "content"),
    [
        (
            "policy.tmpl",
            '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}',
        ),
        ("policy.txt", "Statement:\n  - {Effect: Allow, Action: 's3:*', Resource: '*'}\n"),
        ("policy", '{"\\u0053tatement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}'),
        ("account.txt", json.dumps({"RoleDetailList": [], "UserDetailList": [{"UserName": "u", "Arn": _USER}]})),
        ("plan.txt", json.dumps({**_FORMAT, "planned_values": {"root_module": {}}, "resource_changes": []})),
        ("state.old", json.dumps({**_FORMAT, "values": {"root_module": {}}})),
    ],
)
def test_what_is_no_template_is_found_by_its_content_too(tmp_path: Path, name: str, content: str) -> None:
    """Policies, plans, states and details of accounts are read under any name, and other texts are not."""
    (tmp_path / name).write_text(content, encoding="utf-8")
    (tmp_path / "notes.md").write_text("Statement and Effect, format_version and terraform_version", encoding="utf-8")
    (tmp_path / "other.data").write_text('{"Statement": "Effect"}', encoding="utf-8")
    report = check([tmp_path])
    assert report.templates == 1
    assert not report.errors
    assert not report.passed_over
