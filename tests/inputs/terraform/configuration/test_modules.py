"""
Which files make a module, what modules call, and where a plan file keeps them.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from zipfile import ZipFile

import pytest

from trustproof import InputError, check
from trustproof.inputs.terraform.configuration.modules.files import PlanFiles
from trustproof.inputs.terraform.configuration.modules.modules import Loader, source_names
from trustproof.inputs.terraform.configuration.reading import RootConfiguration, configuration
from trustproof.inputs.terraform.configuration.roots import Values, root_modules
from trustproof.inputs.terraform.configuration.values import convert
from trustproof.inputs.terraform.values.values import Attribute, Symbol
from trustproof.output.style import Style
from trustproof.output.text import render

Read = Callable[..., RootConfiguration]
ROLE = 'resource "aws_iam_role" "r" {\n  name = "a"\n  path = "/p/"\n}\n'


def plain(read: RootConfiguration, address: str, name: str) -> object:
    found = read.instance(address)
    assert found is not None, address
    return convert.plain(found.values[name])


def test_the_names_of_sources_are_those_that_terraform_takes() -> None:
    """Hidden files and those that editors leave are none, `.tofu` replaces `.tf`, and overrides come last."""
    names = [
        "a.tf",
        "a.tofu",
        "b.tf.json",
        "c.txt",
        ".d.tf",
        "e.tf~",
        "#f.tf",
        "#g.tf#",
        "override.tf",
        "g_override.tf.json",
        "z.tf",
    ]
    assert source_names(names) == ["#f.tf", "a.tofu", "b.tf.json", "z.tf", "g_override.tf.json", "override.tf"]


@pytest.mark.parametrize("suffix", ["", ".json"])
def test_what_only_terraform_reads_is_named(tmp_path: Path, suffix: str) -> None:
    """A source that OpenTofu leaves out for its own is what Terraform deploys: it does not pass unread."""
    (tmp_path / f"main.tofu{suffix}").write_text("{}" if suffix else "", encoding="utf-8")
    (tmp_path / f"main.tf{suffix}").write_text("{}" if suffix else ROLE, encoding="utf-8")
    report = check([tmp_path])
    assert any(line.endswith(f"main.tf{suffix} is not checked") for line in report.overlooked)
    assert any(f"OpenTofu reads main.tofu{suffix} in its place" in note for note in report.notes)


@pytest.mark.parametrize("name", ["x_override.tofu", "deny.tofu", "x_override.tofu.json"])
def test_what_opentofu_alone_reads_is_said(tmp_path: Path, name: str) -> None:
    """Beside files of Terraform's, one that it does not read may be what a proof rests on."""
    (tmp_path / "main.tf").write_text('resource "aws_iam_user" "u" {\n  name = "u"\n}\n')
    (tmp_path / name).write_text("{}" if name.endswith("json") else "")
    report = check([tmp_path])
    assert any(f"{name}, which is read by OpenTofu only" in note for note in report.notes)


def test_override_files_merge_by_argument(read: Read) -> None:
    """An argument of an override replaces the same one, blocks of a type replace all of that type."""
    block = '  inline_policy {\n    name = "%s"\n  }\n'
    role = f'resource "aws_iam_role" "r" {{\n  name = "a"\n  path = "/p/"\n{block % "x"}{block % "y"}}}\n'
    override = f'resource "aws_iam_role" "r" {{\n  name = "b"\n{block % "z"}}}\nlocals {{\n  l = 2\n}}\n'
    found = read({"main.tf": f"{role}locals {{\n  l = 1\n  m = local.l\n}}\n", "x_override.tf": override})
    assert plain(found, "aws_iam_role.r", "name") == "b"
    assert plain(found, "aws_iam_role.r", "path") == "/p/"
    assert plain(found, "aws_iam_role.r", "inline_policy") == [{"name": "z"}]


def test_json_is_read_like_hcl(read: Read) -> None:
    """Texts in JSON are templates, objects are blocks where blocks are wanted, and comments are none."""
    document = {"statement": {"actions": ["a:${local.b}"], "principals": [{"type": "AWS", "identifiers": ["1"]}]}}
    content = {
        "//": "a comment",
        "locals": {"b": "c", "n": "${1 + 1}"},
        "resource": {"aws_iam_role": {"r": [{"//": "one", "name": "${local.b}-$${x}", "count": "${local.n}"}]}},
        "data": {"aws_iam_policy_document": {"d": document}},
        "output": {"o": {"value": 1}},
    }
    found = read({"main.tf.json": json.dumps(content)})
    assert plain(found, "aws_iam_role.r[1]", "name") == "c-${x}"
    made = found.instance("data.aws_iam_policy_document.d")
    assert made is not None
    assert json.loads(str(convert.plain(made.values["json"])))["Statement"] == [
        {"Effect": "Allow", "Action": "a:c", "Principal": {"AWS": "1"}}
    ]
    assert made.place is not None
    assert (made.place.line, os.path.basename(made.place.file)) == (1, "main.tf.json")


def test_a_called_module_has_the_arguments_of_the_call(read: Read) -> None:
    """Variables of a module are what the call says, else their defaults; outputs come back."""
    module = (
        'variable "name" {\n  type = string\n}\nvariable "path" {\n  default = "/d/"\n}\n'
        'resource "aws_iam_role" "r" {\n  name = var.name\n  path = var.path\n}\n'
        'output "both" {\n  value = "${aws_iam_role.r.name}${var.path}"\n}\n'
    )
    root = (
        'module "m" {\n  source = "./inner"\n  for_each = { x = "1", y = "2" }\n'
        '  name = "${each.key}${each.value}"\n}\n'
        'resource "aws_iam_role" "r" {\n  name = module.m["x"].both\n'
        '  path = join(",", [for m in module.m : m.both])\n}\n'
    )
    found = read({"main.tf": root, "inner/main.tf": module})
    assert plain(found, "aws_iam_role.r", "name") == "x1/d/"
    assert plain(found, "aws_iam_role.r", "path") == "x1/d/,y2/d/"
    assert plain(found, 'module.m["y"].aws_iam_role.r', "name") == "y2"
    inner = found.instance('module.m["y"].aws_iam_role.r')
    assert inner is not None
    assert [os.path.basename(place.file) for place in inner.calls] == ["main.tf"]
    assert [one.address for one in found.instances()] == [
        "aws_iam_role.r",
        'module.m["x"].aws_iam_role.r',
        'module.m["y"].aws_iam_role.r',
    ]


def test_a_module_may_stand_beside_the_directory_that_was_named(read: Read) -> None:
    """What the module tree names is read wherever it is."""
    found = read({"a/main.tf": 'module "m" {\n  source = "../b"\n}\n', "b/main.tf": ROLE}, root="a")
    assert plain(found, "module.m.aws_iam_role.r", "name") == "a"
    assert found.notes == []


def test_an_installed_module_is_found_where_terraform_has_put_it(read: Read) -> None:
    """`.terraform/modules/modules.json` says where a module of a registry is, and those that it calls."""
    modules = [
        {"Key": "", "Source": "", "Dir": "."},
        {"Key": "m", "Source": "registry.terraform.io/x/y/aws", "Version": "1.0.0", "Dir": ".terraform/modules/m"},
        {"Key": "m.n", "Source": "./n", "Dir": ".terraform/modules/m/n"},
    ]
    files = {
        "main.tf": 'module "m" {\n  source = "x/y/aws"\n}\n',
        ".terraform/modules/modules.json": json.dumps({"Modules": modules}),
        ".terraform/modules/m/main.tf": 'module "n" {\n  source = "./n"\n}\n',
        ".terraform/modules/m/n/main.tf": ROLE,
    }
    assert plain(read(files), "module.m.module.n.aws_iam_role.r", "name") == "a"


@pytest.mark.parametrize("source", ["./evil", "./x/../evil", "../root/evil"])
@pytest.mark.parametrize("recorded", ["good", "evil", "./evil", "gone", "../root/good"])
def test_a_local_module_is_where_its_source_says(read: Read, source: str, recorded: str) -> None:
    """What `.terraform` says of a local module is not read, and is named where it is another place."""
    modules = [{"Key": "", "Source": "", "Dir": "."}, {"Key": "m", "Source": source, "Dir": recorded}]
    files = {
        "root/main.tf": f'module "m" {{\n  source = "{source}"\n}}\n',
        "root/.terraform/modules/modules.json": json.dumps({"Modules": modules}),
        "root/evil/main.tf": ROLE.replace('"a"', '"evil"'),
        "root/good/main.tf": ROLE.replace('"a"', '"good"'),
        "root/x/main.tf": "",
    }
    found = read(files, root="root")
    assert plain(found, "module.m.aws_iam_role.r", "name") == "evil"
    told = [note.reason for note in found.notes]
    if recorded.endswith("evil"):
        assert told == []
    else:
        (reason,) = told
        assert reason.startswith("is read from its source, ")
        assert reason.endswith(recorded.rpartition("/")[2])


def test_a_module_that_is_not_at_hand_is_a_note_and_unknown(read: Read) -> None:
    """Nobody has looked into it, and its outputs may be anything."""
    found = read('module "m" {\n  source = "x/y/aws"\n}\nresource "aws_iam_role" "r" {\n  name = module.m.name\n}\n')
    value = found.instances()[0].values["name"]
    assert isinstance(value, Symbol)
    assert value.name == "module.m.name"
    assert [(note.what, note.reason) for note in found.notes] == [
        ("module.m", "has a source that is not at hand, x/y/aws: terraform init brings it")
    ]


@pytest.mark.parametrize(
    ("source", "line", "name"),
    [("./", "main.tf:5:1", "module.m"), ("./inner/../inner", "inner/main.tf:5:1", "module.m[*].module.m")],
)
def test_a_module_that_calls_itself_is_an_error_at_the_call(read: Read, source: str, line: str, name: str) -> None:
    """Terraform refuses it, and what it multiplies into is not waited for."""
    call = 'module "m" {\n  source   = "%s"\n  for_each = toset([for i in range(2000) : tostring(i)])\n}\n'
    files = {"main.tf": f"{ROLE}{call % source}", "inner/main.tf": f"{ROLE}{call % '../'}"}
    with pytest.raises(InputError, match=rf"{re.escape(name)} calls itself") as refused:
        read(files).instances()
    assert str(refused.value).split(": ")[0].endswith(line)


def test_a_module_that_calls_itself_through_a_link_is_an_error_at_the_call(read: Read, tmp_path: Path) -> None:
    """A symbolic link leads to what stands around it, whatever the directory is called then."""
    (tmp_path / "x").symlink_to(".")
    with pytest.raises(InputError, match=r"module\.m calls itself") as refused:
        read('module "m" {\n  source = "./x"\n}\n').instances()
    assert refused.value.line == 1


def test_calls_are_followed_as_deep_as_the_budget_says(read: Read) -> None:
    """What nobody follows is not passed over: it is an error at the call that leads there, with the one too deep."""
    call = 'module "m" {\n  source = "../m%d"\n}\n'
    deep = {f"m{depth}/main.tf": call % (depth + 1) for depth in range(25)}
    with pytest.raises(InputError, match=r"calls of modules inside each other \(20\), reached by way of .*") as refused:
        read({"main.tf": (call % 0).replace("../", "./"), **deep, "m25/main.tf": ROLE}).instances()
    assert (refused.value.line, "m19" in refused.value.file) == (1, False)
    assert str(refused.value).endswith("m19/main.tf:1")


def test_providers_are_called_as_the_root_module_calls_them(read: Read) -> None:
    """A module has the default configurations, those that it is passed, and its own."""
    inner = 'resource "aws_iam_role" "%s" {\n  provider = %s\n}\n'
    found = read(
        {
            "main.tf": (
                'provider "aws" {\n  alias  = "hub"\n  region = "eu-west-1"\n}\n'
                'module "m" {\n  source = "./inner"\n  providers = {\n    aws.x = aws.hub\n  }\n}\n'
            ),
            "inner/main.tf": ROLE
            + inner % ("x", "aws.x")
            + inner % ("y", "aws.own")
            + 'provider "aws" {\n  alias = "own"\n}\n',
        }
    )
    assert {one.address: one.provider for one in found.instances()} == {
        "module.m.aws_iam_role.r": "aws",
        "module.m.aws_iam_role.x": "aws.hub",
        "module.m.aws_iam_role.y": "module.m:aws.own",
    }
    assert found.providers().keys() == {"aws.hub", "module.m:aws.own"}


def test_root_modules_are_those_that_no_other_one_calls(tmp_path: Path) -> None:
    """Called modules are parts of others, and examples and tests below a module are not a part of it."""
    files = {
        "envs/prod/main.tf": 'module "m" {\n  source = "../../modules/m"\n}\n',
        "envs/test/main.tf": '# source = "../../modules/n"\n',
        "modules/m/main.tf": "",
        "modules/m/examples/x/main.tf": "",
        "modules/n/main.tf.json": "{}",
        "broken/main.tf": 'source = "../modules/n" {',
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    directories = sorted({str((tmp_path / name).parent) for name in files})
    found = root_modules(str(tmp_path), directories)
    assert [os.path.relpath(one, tmp_path) for one in found.roots] == ["broken", "envs/prod", "envs/test", "modules/n"]
    assert [os.path.relpath(one, tmp_path) for one, _ in found.aside] == ["modules/m/examples"]


def test_modules_that_call_each_other_are_not_lost(tmp_path: Path) -> None:
    """A circle has no module that nobody calls; one of them is judged all the same, also beside a root module."""
    for one, other in (("a", "b"), ("b", "a"), ("c", "d")):
        (tmp_path / one).mkdir()
        (tmp_path / one / "main.tf").write_text(f'module "m" {{\n  source = "../{other}"\n}}\n')
    assert root_modules(str(tmp_path), [str(tmp_path / "a"), str(tmp_path / "b")]).roots == (str(tmp_path / "a"),)
    three = [str(tmp_path / name) for name in "abc"]
    assert root_modules(str(tmp_path), three).roots == (str(tmp_path / "a"), str(tmp_path / "c"))


@pytest.mark.parametrize(
    ("override", "roots"),
    [
        ({}, ["", "b"]),
        ({"x_override.tf": 'module "m" {\n  source = "./b"\n}\n'}, ["", "a"]),
        ({"override.tf.json": '{"module": {"m": {"source": "./b"}}}'}, ["", "a"]),
        ({"x_override.tf": 'module "m" {\n  source = "org/b/aws"\n}\n'}, ["", "a", "b"]),
        ({"x_override.tf": 'module "m" {\n  name = "x"\n}\n'}, ["", "b"]),
        ({"x.tf": 'module "n" {\n  source = "./b"\n}\n'}, [""]),
    ],
    ids=str,
)
def test_a_module_in_whose_place_another_one_is_called(
    override: dict[str, str], roots: list[str], tmp_path: Path
) -> None:
    """What no call leads to any more is a root module: nobody else would look into it."""
    files = {"main.tf": 'module "m" {\n  source = "./a"\n}\n', "a/main.tf": "", "b/main.tf": "", **override}
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    found = root_modules(str(tmp_path), [str(tmp_path / one) for one in ("", "a", "b")])
    assert found.roots == tuple(str(tmp_path / one) for one in roots)


def test_a_called_module_is_not_left_out(tmp_path: Path) -> None:
    """What a root module calls is read with it, though its directory is one of those that are left out."""
    for name in ("examples/x", ".y", ".z"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "main.tf").write_text("")
    calls = "".join(f'module "{name[-1]}" {{\n  source = "./{name}"\n}}\n' for name in ("examples/x", ".y"))
    (tmp_path / "main.tf").write_text(calls)
    directories = [str(tmp_path), *(str(tmp_path / name) for name in ("examples/x", ".y", ".z"))]
    found = root_modules(str(tmp_path), directories)
    assert found.roots == (str(tmp_path),)
    assert [os.path.relpath(one, tmp_path) for one, _ in found.aside] == [".z"]


def plan_file(tmp_path: Path) -> Path:
    path = tmp_path / "tfplan"
    with ZipFile(path, "w") as archive:
        archive.writestr("tfplan", b"\x00")
        manifest = [{"Key": "", "Dir": "."}, {"Key": "m", "Source": "./inner", "Dir": "inner"}]
        archive.writestr("tfconfig/modules.json", json.dumps(manifest))
        archive.writestr("tfconfig/m-/main.tf", 'module "m" {\n  source = "./inner"\n}\n')
        archive.writestr("tfconfig/m-m/main.tf", ROLE)
    return path


def test_a_plan_file_holds_the_sources_of_all_modules(tmp_path: Path) -> None:
    """The snapshot in a plan file is as good as the directory."""
    files = PlanFiles(str(plan_file(tmp_path)))
    found = configuration(files.root, {}, loader=Loader(files))
    assert plain(found, "module.m.aws_iam_role.r", "name") == "a"


def test_what_a_symbolic_link_leads_out_to_is_not_read(read: Read, tmp_path: Path) -> None:
    """A link out of the directory is a note, one within it is a source."""
    (tmp_path / "outside.tf").write_text(ROLE)
    (tmp_path / "infra").mkdir()
    (tmp_path / "infra" / "kept").mkdir()
    (tmp_path / "infra" / "kept" / "x.tf").write_text('resource "aws_iam_user" "u" {}\n')
    (tmp_path / "infra" / "link.tf").symlink_to(tmp_path / "outside.tf")
    (tmp_path / "infra" / "x.tf").symlink_to(tmp_path / "infra" / "kept" / "x.tf")
    found = read({"infra/main.tf": "\n"}, root="infra")
    assert [one.address for one in found.instances()] == ["aws_iam_user.u"]
    assert [note.reason for note in found.notes] == ["is not read: it stands outside of the directory that was named"]


@pytest.mark.parametrize("path", ["/etc/hostname", "../secret.json", "${path.module}/../secret.json", "link.json"])
def test_files_outside_are_not_read_by_functions(read: Read, tmp_path: Path, path: str) -> None:
    """`file` reads what is inside of the directory, and in those of modules that are called."""
    (tmp_path / "secret.json").write_text("secret")
    (tmp_path / "infra").mkdir()
    (tmp_path / "infra" / "link.json").symlink_to(tmp_path / "secret.json")
    found = read({"infra/main.tf": f'resource "aws_iam_role" "r" {{\n  name = file("{path}")\n}}\n'}, root="infra")
    value = found.instances()[0].values["name"]
    assert isinstance(value, Symbol)
    assert "outside" in value.reason


@pytest.mark.parametrize(
    ("source", "others"),
    [
        ("../", {}),
        ("../../../../../../../../../../../..", {}),
        ("../other", {"../other/readme.txt": ""}),
        # A repository does not look at what stands around it.
        ("../", {"../x.tf": "", ".git/HEAD": ""}),
        # Nor through a link.
        ("./link", {"../other/x.tf": ""}),
    ],
)
def test_what_is_no_module_opens_no_directory(
    read: Read, tmp_path: Path, source: str, others: Mapping[str, str]
) -> None:
    """A call of a directory without sources, around the repository or behind a link lets `file` read nothing there."""
    (tmp_path / "other").mkdir()
    (tmp_path / "infra").mkdir()
    (tmp_path / "infra" / "link").symlink_to(tmp_path / "other")
    for place in ("secret.txt", "other/secret.txt"):
        (tmp_path / place).write_text("secret")
    for name in ("../secret.txt", "../other/secret.txt", "link/secret.txt"):
        role = f'resource "aws_iam_role" "r" {{\n  name = file("{name}")\n}}\n'
        call = f'module "m" {{\n  source = "{source}"\n}}\n'
        found = read(
            {"infra/main.tf": call + role, **{f"infra/{at}": text for at, text in others.items()}}, root="infra"
        )
        value = found.instances()[0].values["name"]
        assert isinstance(value, Symbol)
        assert "outside" in value.reason


def test_a_module_beside_what_is_named_has_its_files(read: Read) -> None:
    """The module of an example is the directory above, in the same repository, and reads what lies there."""
    files = {
        "module/.git/HEAD": "",
        "module/main.tf": 'resource "aws_iam_role" "r" {\n  name = file("${path.module}/a.txt")\n}\n',
        "module/a.txt": "inner",
        "module/examples/one/main.tf": 'module "m" {\n  source = "../.."\n}\n',
    }
    found = read(files, root="module/examples/one")
    assert plain(found, "module.m.aws_iam_role.r", "name") == "inner"


def test_files_inside_are_read_by_functions(read: Read) -> None:
    """Paths are relative to the root module, and `path.module` leads to the module."""
    files = {
        "main.tf": 'module "m" {\n  source = "./inner"\n}\nresource "aws_iam_role" "r" {\n  name = file("a.txt")\n}\n',
        "a.txt": "root",
        "inner/main.tf": (
            'resource "aws_iam_role" "r" {\n  name = templatefile("${path.module}/a.tpl", { x = ["1", "2"] })\n'
            '  path = fileexists("inner/a.tpl") ? filebase64("a.txt") : ""\n}\n'
        ),
        "inner/a.tpl": '%{ for i in x ~}<${i}>%{ endfor ~}${join("-", x)}',
    }
    found = read(files)
    assert plain(found, "aws_iam_role.r", "name") == "root"
    assert plain(found, "module.m.aws_iam_role.r", "name") == "<1><2>1-2"
    assert plain(found, "module.m.aws_iam_role.r", "path") == "cm9vdA=="


def test_a_value_remembers_where_it_was_written(read: Read) -> None:
    """However many variables and locals a value comes through, its place is the one where its author wrote it."""
    found = read(
        {
            "main.tf": 'locals {\n  p = {\n    a = "x"\n  }\n}\nmodule "m" {\n  source = "./inner"\n  p = local.p\n}\n',
            "inner/main.tf": (
                'variable "p" {\n  type = map(string)\n}\nresource "aws_iam_role" "r" {\n  name = var.p.a\n}\n'
            ),
        }
    )
    inner = found.instance("module.m.aws_iam_role.r")
    assert inner is not None
    place = inner.values["name"].place
    assert place is not None
    assert (os.path.basename(place.file), place.line, place.column, place.end_column) == ("main.tf", 3, 9, 12)


def test_columns_count_characters(read: Read) -> None:
    """A place behind characters of several bytes is where an editor shows it."""
    found = read('locals {\n  é = ["ü", "x"] # ö\n}\nresource "aws_iam_role" "r" {\n  name = local.é[1]\n}\n')
    place = found.instances()[0].values["name"].place
    assert place is not None
    assert (place.line, place.column, place.end_column) == (2, 13, 16)
    assert found.text(place.file)[place.start : place.end] == '"x"'


def test_attributes_of_resources_are_references(read: Read) -> None:
    """What only AWS knows is an attribute of a resource, by its full address."""
    found = read(
        'resource "aws_iam_role" "a" {\n  count = 2\n}\n'
        'resource "aws_iam_role" "r" {\n  name = aws_iam_role.a[1].arn\n'
        "  path = data.aws_eks_cluster.e.identity[0].oidc[0].issuer\n}\n"
        'data "aws_eks_cluster" "e" {\n  name = "e"\n}\n'
    )
    role = found.instance("aws_iam_role.r")
    assert role is not None
    arn, issuer = role.values["name"], role.values["path"]
    assert isinstance(arn, Attribute)
    assert (arn.address, arn.name) == ("aws_iam_role.a[1]", "arn")
    assert isinstance(issuer, Attribute)
    assert (issuer.address, issuer.name) == ("data.aws_eks_cluster.e", "identity[0].oidc[0].issuer")


def test_resource_may_stand_before_the_address_of_one(read: Read) -> None:
    """`resource.aws_iam_role.r` is `aws_iam_role.r`, also as what instances are made for."""
    text = ROLE + 'resource "aws_iam_user" "u" {\n for_each = resource.aws_iam_role.r.tags\n name = each.key\n}\n'
    text += 'resource "aws_iam_user" "v" {\n name = resource.aws_iam_role.r.name\n}\n'
    found = read({"main.tf": text.replace('path = "/p/"', 'tags = { "k" = "x" }')})
    assert plain(found, 'aws_iam_user.u["k"]', "name") == "k"
    assert plain(found, "aws_iam_user.v", "name") == "a"


def test_a_provider_for_each_key(read: Read) -> None:
    """OpenTofu's provider configurations by key are each one of its own, wherever they are passed."""
    found = read(
        {
            "main.tf": (
                'locals {\n  accounts = { a = "111122223333", "b:c" = "222222222222" }\n}\n'
                'provider "aws" {\n  alias = "by"\n  for_each = local.accounts\n'
                "  allowed_account_ids = [each.value]\n}\n"
                'resource "aws_iam_role" "x" {\n  for_each = local.accounts\n  provider = aws.by[each.key]\n}\n'
                'resource "aws_iam_role" "y" {\n  provider = aws.by["b:c"]\n}\n'
                'resource "aws_iam_role" "z" {\n  provider = aws.by[timestamp()]\n}\n'
                'module "m" {\n  source = "./m"\n  for_each = local.accounts\n'
                "  providers = {\n    aws = aws.by[each.key]\n  }\n}\n"
            ),
            "m/main.tf": 'resource "aws_iam_role" "r" {}\n',
        }
    )
    assert {one.address: one.provider for one in found.instances()} == {
        'aws_iam_role.x["a"]': 'aws.by["a"]',
        'aws_iam_role.x["b:c"]': 'aws.by["b:c"]',
        "aws_iam_role.y": 'aws.by["b:c"]',
        "aws_iam_role.z": "aws.by[*]",
        'module.m["a"].aws_iam_role.r': 'aws.by["a"]',
        'module.m["b:c"].aws_iam_role.r': 'aws.by["b:c"]',
    }
    accounts = {name: convert.plain(given["allowed_account_ids"]) for name, given in found.providers().items()}
    assert accounts == {'aws.by["a"]': ["111122223333"], 'aws.by["b:c"]': ["222222222222"]}


def test_the_source_of_a_module_may_be_evaluated(read: Read) -> None:
    """A variable or local in it counts, as in OpenTofu; one without a value is no source."""
    text = 'variable "d" {}\nlocals {\n  s = "./${var.d}"\n}\nmodule "m" {\n  source = local.s\n}\n'
    files = {"main.tf": text, "m/main.tf": ROLE}
    assert [one.address for one in read(files, {"d": "m"}).instances()] == ["module.m.aws_iam_role.r"]
    found = read(files)
    assert found.instances() == []
    assert [note.reason for note in found.notes] == ["has a source that is not known, local.s"]


@pytest.mark.parametrize(
    ("blocks", "left_out"),
    [
        ("removed {\n from = aws_iam_role.x\n lifecycle {\n destroy = false\n }\n}", ["aws_iam_role.x"]),
        # OpenTofu forgets what nothing else is said of.
        ("removed {\n from = aws_iam_role.x\n}", ["aws_iam_role.x"]),
        ("removed {\n from = aws_iam_role.x\n lifecycle {\n destroy = true\n }\n}", []),
        ('import {\n to = aws_iam_role.x["a"]\n id = "x"\n}', ["aws_iam_role.x"]),
        ('import {\n for_each = { a = "x" }\n to = aws_iam_role.r[each.key]\n id = each.value\n}', []),
    ],
)
def test_what_goes_out_of_a_configuration_or_is_not_in_it_yet_is_not_checked(
    tmp_path: Path, blocks: str, left_out: list[str]
) -> None:
    """What a block forgets, and what one imports that no block describes, is named as not checked."""
    role = 'resource "aws_iam_role" "r" {\n name = "r"\n assume_role_policy = "{}"\n}\n'
    (tmp_path / "main.tf").write_text(role + blocks)
    report = check([tmp_path], config={})
    assert [what.partition(",")[0] for _, what in report.not_checked] == left_out


@pytest.mark.parametrize("to", ["aws_s3_bucket.b[each.key]", "module.m.aws_s3_bucket.b[each.key]"])
@pytest.mark.parametrize("is_json", [False, True])
def test_an_import_of_any_key_is_of_what_was_there(tmp_path: Path, to: str, is_json: bool) -> None:
    """A bucket that is imported by a key that the block computes was there before, also in JSON."""
    everybody = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [everybody]}).replace('"', '\\"')
    bucket = (
        'resource "aws_s3_bucket" "b" {\n for_each = { a = 1 }\n bucket = "b"\n}\n'
        f'resource "aws_s3_bucket_policy" "p" {{\n bucket = aws_s3_bucket.b["a"].id\n policy = "{policy}"\n}}\n'
    )
    directory = tmp_path / "m" if to.startswith("module") else tmp_path
    directory.mkdir(exist_ok=True)
    (directory / "main.tf").write_text(bucket)
    if to.startswith("module"):
        (tmp_path / "root.tf").write_text('module "m" {\n source = "./m"\n}\n')
    if is_json:
        block = {"import": [{"for_each": {"a": "b"}, "to": to, "id": "${each.value}"}]}
        (tmp_path / "import.tf.json").write_text(json.dumps([block]))
    else:
        text = f'import {{\n for_each = {{ a = "b" }}\n to = {to}\n id = each.value\n}}\n'
        (tmp_path / "import.tf").write_text(text)
    report = check([tmp_path], config={})
    assert {one.verdict for one in report.results if one.property == "inside-boundary"} == {"unknown"}


#: Sources that are evaluated first, with what the root module says besides.
COMPUTED = {
    "variable": ('"./${var.env}"', 'variable "env" {\n  default = "mod"\n}\n'),
    "bare": ("var.env", 'variable "env" {\n  default = "./mod"\n}\n'),
    "local": ('"./${local.env}"', 'locals {\n  env = join("", ["mo", "d"])\n}\n'),
    "given": ('"./${var.given}"', 'variable "given" {}\n'),
    "call": ('join("/", [".", "mod"])', ""),
}


@pytest.mark.parametrize("count", ["", "  count = 0\n"], ids=["", "count = 0"])
@pytest.mark.parametrize("name", COMPUTED)
def test_a_module_that_is_called_by_a_computed_source_is_judged_once(tmp_path: Path, name: str, count: str) -> None:
    """It is a part of whoever calls it, as OpenTofu reads it, and no root module beside it."""
    source, more = COMPUTED[name]
    (tmp_path / "mod").mkdir()
    (tmp_path / "main.tf").write_text(f'{more}module "m" {{\n  source = {source}\n{count}}}\n')
    (tmp_path / "mod" / "main.tf").write_text(ROLE)
    directories = [str(tmp_path), str(tmp_path / "mod")]
    assert root_modules(str(tmp_path), directories, Values({"given": "mod"})).roots == (str(tmp_path),)


def test_a_module_whose_source_nobody_knows_is_judged_by_itself(tmp_path: Path) -> None:
    """Whichever it is, each is a root module; the call is not checked, and says of what its source is made."""
    (tmp_path / "mod").mkdir()
    (tmp_path / "main.tf").write_text('variable "env" {}\nmodule "m" {\n  source = "./${var.env}"\n}\n')
    (tmp_path / "mod" / "main.tf").write_text('resource "aws_iam_role" "r" {\n  name = "r"\n}\n')
    report = check([tmp_path], config={})
    assert {one.logical_id for one in report.results} == {"aws_iam_role.r"}
    assert [what for _, what in report.not_checked] == ["module.m"]
    assert [note for note in report.notes if 'module.m, which has a source that is not known, "./${var.env}"' in note]


def test_two_modules_that_call_each_other_by_computed_sources_are_judged(tmp_path: Path) -> None:
    """Each is a root module, since the other cannot be read to its end, so that nothing is left out."""
    for name, other in (("a", "b"), ("b", "a")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "main.tf").write_text(
            f'variable "to" {{\n  default = "{other}"\n}}\nmodule "m" {{\n  source = "../${{var.to}}"\n}}\n'
        )
    directories = [str(tmp_path / "a"), str(tmp_path / "b")]
    assert root_modules(str(tmp_path), directories).roots == tuple(directories)


OF_A_PROVIDER = """
variable "arn" {}
data "aws_iam_policy_document" "trust" {
  dynamic "statement" {
    for_each = { one = { provider_arn_of_the_cluster = var.arn } }
    content {
      actions = ["sts:AssumeRoleWithWebIdentity"]
      principals {
        type        = "Federated"
        identifiers = [var.arn]
      }
      condition {
        test     = "StringEquals"
        variable = "${replace(statement.value.provider_arn_of_the_cluster, "/^(.*provider/)/", "")}:aud"
        values   = ["sts.amazonaws.com"]
      }
    }
  }
}
resource "aws_iam_role" "r" {
  assume_role_policy = data.aws_iam_policy_document.trust.json
}
"""


def test_what_one_command_brings_is_one_line(tmp_path: Path) -> None:
    """Modules of several sources are one line of a configuration; all of them have their source with `--verbose`."""
    text = "".join(f'module "m{n}" {{\n  source = "acme/m{n}/aws"\n}}\n' for n in range(5))
    (tmp_path / "main.tf").write_text(f'{text}module "l" {{\n  source = "./l"\n}}\n', encoding="utf-8")
    report = check([tmp_path], config={})
    said = [note.partition(": not checked: ")[2] for note in map(str, report.notes) if "not checked" in note]
    brought = "which have sources that are not at hand: terraform init brings them"
    assert said == [f"module.m0, module.m1, module.m2 and 2 more, {brought}", *said[1:]]
    assert [one.startswith("module.l, ") for one in said] == [False, True]
    shown = ", ".join(f"module.m{n} (acme/m{n}/aws)" for n in range(5))
    assert f"not checked: {shown}, {brought}" in render(report, Style(coloured=False), verbose=True)
    assert len(report.omissions) == 6


def test_roles_of_one_unknown_provider_are_one_unknown(tmp_path: Path) -> None:
    """What is made of a value that is not known is called by its end where there is no room for it."""
    (tmp_path / "m").mkdir()
    (tmp_path / "m/main.tf").write_text(OF_A_PROVIDER, encoding="utf-8")
    calls = (f'module "{name}" {{\n  source = "./m"\n  arn = module.eks.arn\n}}\n' for name in "ab")
    text = f'module "eks" {{\n  source = "acme/eks/aws"\n}}\n{"".join(calls)}'
    (tmp_path / "main.tf").write_text(text, encoding="utf-8")
    report = check([tmp_path], config={}, properties=["web-identity-bound"])
    found = [one for one in report.results if one.verdict == "unknown"]
    assert len(found) == 2
    assert len({one.reasons for one in found}) == 1
    assert 'the variable of a condition is "…:aud", which is not known' in found[0].reasons[0]


@pytest.mark.parametrize(
    ("block", "is_said"),
    [
        ('resource "aws_route" "a" {\n  count = var.zones\n}', False),
        ('resource "aws_eip" "a" {\n  for_each = data.aws_subnets.all.ids\n}', False),
        ('data "aws_subnet" "a" {\n  for_each = data.aws_subnets.all.ids\n}', False),
        ('data "aws_iam_policy_document" "a" {\n  count = var.zones\n}', True),
        ('resource "aws_sns_topic_policy" "a" {\n  count = var.zones\n}', True),
        ('resource "aws_iam_role" "a" {\n  for_each = data.aws_subnets.all.ids\n}', True),
        ('resource "aws_new_thing" "a" {\n  count = var.zones\n  access_policy = "{}"\n}', True),
        ('resource "aws_new_grant" "a" {\n  count = var.zones\n}', True),
    ],
)
def test_how_many_there_are_is_said_of_what_may_give_access(tmp_path: Path, block: str, is_said: bool) -> None:
    """Nobody acts on how many routes or addresses there are."""
    text = f'variable "zones" {{}}\ndata "aws_subnets" "all" {{}}\n{block}\n'
    (tmp_path / "main.tf").write_text(text, encoding="utf-8")
    report = check([tmp_path], config={})
    assert any("not known" in str(note) for note in report.notes) is is_said


def test_what_is_alike_of_many_is_said_once(tmp_path: Path) -> None:
    """Calls of one source that is not at hand are one line, and so are resources that one thing decides."""
    call = 'module "m%d" {\n  source = "acme/m/aws"\n}\n'
    queue = 'resource "aws_sqs_queue" "q%d" {\n  count = var.zones\n}\n'
    text = 'variable "zones" {}\n' + "".join(call % n + queue % n for n in range(4))
    (tmp_path / "main.tf").write_text(text, encoding="utf-8")
    report = check([tmp_path], config={})
    notes = [note.partition(": not checked: ")[2] or note for note in map(str, report.notes)]
    source = "which have a source that is not at hand, acme/m/aws: terraform init brings it"
    assert f"module.m0, module.m1, module.m2 and 1 more, {source}" in notes
    assert f"module.m0, module.m1, module.m2, module.m3, {source}" in render(
        report, Style(coloured=False), verbose=True
    )
    queues = ", ".join(f"aws_sqs_queue.q{n}" for n in range(4))
    assert f"{queues}: count is var.zones, which is not known" in notes
    assert len([one for one in report.omissions if "acme" in str(one)]) == 4
