"""
`trustproof.diff` of files that are symbolic links on one side and files on the other, and of what nobody looks into.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import trustproof

HUB = "111122223333"


def role(account: str = HUB, name: str | None = "r") -> str:
    """A template with one role."""
    statement = {"Effect": "Allow", "Principal": {"AWS": account}, "Action": "sts:AssumeRole"}
    trust = {"Version": "2012-10-17", "Statement": [statement]}
    properties = {"AssumeRolePolicyDocument": trust, **({} if name is None else {"RoleName": name})}
    return json.dumps({"Resources": {"R": {"Type": "AWS::IAM::Role", "Properties": properties}}})


def side(folder: Path, **files: str) -> Path:
    """A directory of templates; a text that begins with a point is where a link leads."""
    folder.mkdir()
    for name, text in files.items():
        file = folder / f"{name}.json"
        if text.startswith("."):
            file.symlink_to(text)
        else:
            file.write_text(text, encoding="utf-8")
    return folder


@pytest.mark.parametrize("name", ["r", None])
@pytest.mark.parametrize(
    ("old", "new", "is_same"),
    [
        ({"a": role(), "b": "./a.json"}, {"a": role(), "b": role()}, True),
        ({"a": role(), "b": "./a.json"}, {"b": role()}, True),
        ({"a": role(), "b": "./a.json"}, {"a": role(), "b": role("999988887777")}, False),
        ({"a": role(), "b": "./a.json"}, {"a": role("999988887777"), "b": role()}, False),
        ({"a": role()}, {"a": role(), "b": "./a.json"}, True),
    ],
)
def test_a_link_that_becomes_a_file_is_no_change(
    tmp_path: Path, old: dict[str, str], new: dict[str, str], is_same: bool, name: str | None
) -> None:
    """What the file says counts, in both directions; where it says something else, that is compared."""
    texts = [
        {key: text if name else text.replace(', "RoleName": "r"', "") for key, text in one.items()}
        for one in (old, new)
    ]
    first, second = side(tmp_path / "old", **texts[0]), side(tmp_path / "new", **texts[1])
    for sides in ((first, second), (second, first)):
        found = trustproof.diff(*sides)
        assert (not list(found)) == is_same
        assert is_same or all("999988887777" in one.message or HUB in one.message for one in found.access)


def test_reasons_that_name_a_file_are_the_same_on_both_sides(tmp_path: Path) -> None:
    """A directory next to which another one stands is called otherwise on each side, and so is what is not known."""
    role = (
        'variable "prefix" {}\nresource "aws_iam_role" "r" {\n  name = "${var.prefix}_x"\n'
        '  assume_role_policy = jsonencode({Statement = [{Effect = "Allow", Action = "sts:AssumeRole",\n'
        '    Principal = {Service = "ec2.amazonaws.com"}}]})\n}\n'
        'resource "aws_iam_role_policy" "p" {\n  role = aws_iam_role.r.name\n'
        '  policy = jsonencode({Statement = [{Effect = "Deny", Action = "s3:*", Resource = "*"}]})\n}\n'
    )
    taking = (
        'variable "role" {}\nresource "aws_iam_policy_attachment" "a" {\n  name = "a"\n  roles = [var.role]\n'
        '  policy_arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"\n}\n'
        'resource "aws_iam_role_policies_exclusive" "e" {\n  role_name = var.role\n  policy_names = []\n}\n'
    )
    for side in ("old", "new"):
        for name, text in (("a", role), ("b", taking)):
            (tmp_path / side / name).mkdir(parents=True)
            (tmp_path / side / name / "main.tf").write_text(text)
    assert trustproof.diff(tmp_path / "old", tmp_path / "new", account="111122223333").is_empty


JINJA = "{% if x %}\nResources:\n  R:\n    Type: AWS::IAM::Role\n    Properties: {RoleName: NAME}\n{% endif %}\n"
LISTED = f"[{role()}]"


@pytest.mark.parametrize(
    ("file", "old", "new", "is_unknown"),
    [
        ("a.yaml.j2", JINJA, JINJA.replace("NAME", "r"), True),
        ("list.json", LISTED, LISTED.replace(HUB, "999988887777"), True),
        ("a.yaml.j2", JINJA, JINJA.replace("\n", "\r\n"), False),
        ("node_modules/p/a.json", role(), role("999988887777"), True),
        ("node_modules/p/a.json", None, role(), True),
        ("venv/p/list.json", LISTED, None, True),
        ("node_modules/p/a.json", role(), role(), False),
        # Whoever raises a version deploys no access.
        ("node_modules/p/package.json", '{"version": "1"}', '{"version": "2"}', False),
        ("node_modules/p/index.js", "one()", "other()", False),
    ],
)
def test_what_is_passed_over_is_compared_by_content(
    tmp_path: Path, file: str, old: str | None, new: str | None, is_unknown: bool
) -> None:
    """A place that nobody looks into must not be one where anything may be put."""
    sides = [side(tmp_path / called, own=role()) for called in ("old", "new")]
    for folder, text in zip(sides, (old, new), strict=True):
        place = folder / file
        place.parent.mkdir(parents=True, exist_ok=True)
        if text is not None:
            place.write_bytes(text.encode())
    for ends in (sides, sides[::-1]):
        found = trustproof.diff(*ends)
        assert not found.access
        said = [reason for one in found.undecided for reason in one.reasons]
        assert [one.startswith("on both sides it is passed over, and it is not") for one in said] == [True] * is_unknown


def test_an_installed_module_is_compared_as_what_it_makes(tmp_path: Path) -> None:
    """It is read where Terraform has put it, and said there: its directory is passed over for what else is in it."""
    role_of = (
        'resource "aws_iam_role" "r" {\n  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{\n'
        '    Effect = "Allow", Action = "sts:AssumeRole", Principal = { AWS = "ACCOUNT" }\n  }] })\n}\n'
    )
    called = {"Key": "x", "Source": "registry.terraform.io/some/mod/aws", "Version": "1.0.0"}
    listed = json.dumps({"Modules": [{**called, "Dir": ".terraform/modules/x"}]})
    for name, account, other in (("old", HUB, "a"), ("new", "999988887777", "a"), ("else", HUB, "b")):
        module = tmp_path / name / ".terraform" / "modules" / "x"
        module.mkdir(parents=True)
        (tmp_path / name / "main.tf").write_text('module "x" {\n  source  = "some/mod/aws"\n  version = "1.0.0"\n}\n')
        (module.parent / "modules.json").write_text(listed)
        (module / "main.tf").write_text(role_of.replace("ACCOUNT", account))
        (module / "examples").mkdir()
        (module / "examples" / "main.tf").write_text(role_of.replace("ACCOUNT", f"arn:aws:iam::{HUB}:role/{other}"))
    old, new, changed = (tmp_path / name for name in ("old", "new", "else"))
    found = trustproof.diff(old, new, account="123456789012")
    assert {one.direction for one in found.access} == {"gained", "lost"}
    assert not found.undecided
    (passed_over,) = trustproof.diff(old, changed, account="123456789012").undecided
    assert passed_over.reasons[0].startswith("on both sides it is passed over, and it is not the same (modules/x/ex")


@pytest.mark.parametrize("is_same", [True, False])
def test_a_link_out_of_a_configuration_to_the_same_is_no_change(tmp_path: Path, is_same: bool) -> None:
    """Nobody reads a file outside of what is named; where both sides lead to the same, nothing changed."""
    for name in ("old", "new"):
        module = tmp_path / name / "module"
        module.mkdir(parents=True)
        (module / "main.tf").write_text(f'resource "aws_sqs_queue" "q" {{\n  name = "{name}"\n}}\n')
        (tmp_path / name / "versions.tf").write_text("" if is_same else f"# {name}\n")
        (module / "versions.tf").symlink_to("../versions.tf")
    found = trustproof.diff(tmp_path / "old" / "module", tmp_path / "new" / "module", account=HUB)
    assert bool(found.undecided) != is_same


@pytest.mark.parametrize("name", ["parent.json", "."])
@pytest.mark.parametrize("then", ["999988887777", HUB, None])
def test_a_nested_template_that_nobody_has_named_may_have_changed(tmp_path: Path, name: str, then: str | None) -> None:
    """Its parent says the same, and is all that was named; where the directory is, the nested one is compared."""
    stack = {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": "child.json"}}
    parent = json.dumps({"Resources": {"S": stack}})
    side(tmp_path / "new", parent=parent, child=role())
    side(tmp_path / "old", parent=parent, **({} if then is None else {"child": role(then)}))
    found = trustproof.diff(tmp_path / "old" / name, tmp_path / "new" / name)
    if name == ".":
        assert bool(found.gained) == (then != HUB)
        return
    assert not found.access
    file, reasons = str(tmp_path / "new" / "child.json"), [" ".join(one.reasons) for one in found.undecided]
    assert ["was not named, and is not the same" in one and file in one for one in reasons] == [True] * (then != HUB)


OTHER = "999988887777"
SOURCE = (
    'resource "aws_iam_role" "q" {\n  name = "q"\n  assume_role_policy = jsonencode({Version = "2012-10-17",\n'
    f'    Statement = [{{Effect = "Allow", Action = "sts:AssumeRole", Principal = {{AWS = "{OTHER}"}}}}]}})\n}}\n'
)


def tree(folder: Path, files: dict[str, str]) -> Path:
    """A directory of files by their paths; a text that begins with a point is where a link leads."""
    for name, text in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        if text.startswith("."):
            file.symlink_to(text)
        else:
            file.write_text(text, encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("link", "target", "file", "text"),
    [
        ("a", "./b", "a/y.json", role(OTHER, "q")),
        ("a", "./b", "a/c/y.json", role(OTHER, "q")),
        ("a", "./b", "a/stack", role(OTHER, "q")),
        ("a", "./b", "a/main.tf", SOURCE),
        ("a", "./b", "a/x.json", role(OTHER, "r")),
        ("a", "./nothing", "a/y.json", role(OTHER, "q")),
        ("a", "./node_modules", "a/y.json", role(OTHER, "q")),
        ("a.json", "./nothing", "a.json", role(OTHER, "q")),
        ("a.json", "./b", "a.json", role(OTHER, "q")),
        ("a.json", "./b/x.json", "a.json", role(OTHER, "q")),
        ("c/a", "../b", "c/a/y.json", role(OTHER, "q")),
    ],
)
def test_a_link_within_what_was_named_hides_nothing_of_the_other_side(
    tmp_path: Path, link: str, target: str, file: str, text: str
) -> None:
    """It holds no template of its own: what is a file on the other side is read there, and told."""
    same = {"b/x.json": role(), "node_modules/p/z.json": role()}
    old, new = tree(tmp_path / "old", {**same, link: target}), tree(tmp_path / "new", {**same, file: text})
    found = trustproof.diff(old, new, account="123456789012")
    assert any(OTHER in one.message for one in found.gained)
    assert any(OTHER in one.message for one in trustproof.diff(new, old, account="123456789012").lost)


@pytest.mark.parametrize("account", [HUB, OTHER])
@pytest.mark.parametrize("is_moved", [True, False])
def test_what_a_linked_directory_leads_to_is_compared_with_the_files_that_take_its_place(
    tmp_path: Path, account: str, *, is_moved: bool
) -> None:
    """In both directions, whether the files have been copied or moved: only what they say is a change."""
    files = {"a/x.json": role(account), **({} if is_moved else {"b/x.json": role()})}
    sides = tree(tmp_path / "old", {"b/x.json": role(), "a": "./b"}), tree(tmp_path / "new", files)
    for ends, gains in ((sides, account), (sides[::-1], HUB)):
        found = trustproof.diff(*ends)
        assert [gains in one.message for one in found.gained] == [True] * (account != HUB)
        assert account != HUB or found.is_empty


@pytest.mark.parametrize(
    ("link", "target", "files", "is_known"),
    [
        ("a", "../out", {"a/y.json": role(OTHER, "q")}, False),
        ("a", "../gone", {"a/y.json": role(OTHER, "q")}, False),
        ("a.json", "../out/x.json", {"a.json": role(OTHER, "q")}, False),
        ("a", "../out", {"a/x.json": role(), "a/notes.txt": ""}, True),
        # A template by what it says, and a file that a configuration may read.
        ("a", "../out", {"a/x.json": role(), "a/stack": role(OTHER, "q")}, False),
        ("a", "../module", {"a/main.tf": "", "a/trust.tpl": OTHER}, False),
        ("a", "../module", {"a/main.tf": "", "a/trust.tpl": HUB}, True),
    ],
)
def test_a_link_out_of_what_was_named_is_known_only_by_the_same_files(
    tmp_path: Path, link: str, target: str, files: dict[str, str], is_known: bool
) -> None:
    """Nobody has named what it led to, so files that say something else in its place are not decided."""
    tree(tmp_path, {"out/x.json": role(), "module/main.tf": "", "module/trust.tpl": HUB})
    old = tree(tmp_path / "old", {"b/x.json": role(), link: target})
    found = trustproof.diff(old, tree(tmp_path / "new", {"b/x.json": role(), **files}), account="123456789012")
    assert bool(found.undecided) != is_known
    assert not found.access
