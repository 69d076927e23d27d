"""
Cloud assemblies: stacks, stages, nested stacks, environments and construct paths.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import trustproof
from trustproof.cli.main import main
from trustproof.errors import NothingToProve
from trustproof.inputs.discovery.inputs import Inputs, read_paths
from trustproof.model.document import Document

Role = Callable[..., dict[str, Any]]

HASH = "ab" * 32


def write(path: Path, content: Any) -> None:
    """Write JSON to a file, with its directories."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content), encoding="utf-8")


def stack(file: str, environment: str, **entry: Any) -> dict[str, Any]:
    """A stack artifact of a manifest."""
    properties = {"templateFile": file, **entry.pop("properties", {})}
    return {"type": "aws:cloudformation:stack", "environment": environment, "properties": properties, **entry}


def shown(inputs: Inputs, root: Path) -> list[tuple[str, str, str | None, str | None]]:
    """File, stack, account and Region of each template."""
    return [(str(Path(t.name).relative_to(root)), t.stack, t.account, t.region) for t in inputs.templates]


@pytest.fixture
def assembly(tmp_path: Path, role: Role) -> Path:
    """Two stacks, a stage with one, and a nested stack that the first one passes a role to."""
    nested = {
        "Type": "AWS::CloudFormation::Stack",
        "Properties": {
            "Parameters": {"Arn": {"Fn::GetAtt": ["Hub", "Arn"]}, "Open": {"Fn::ImportValue": "x"}},
            "TemplateURL": {"Fn::Join": ["", ["https://s3.us-east-1.", {"Ref": "AWS::URLSuffix"}, f"/b/{HASH}.json"]]},
        },
    }
    hub = role({"Ref": "AWS::AccountId"}, RoleName={"Fn::Sub": "hub-${AWS::StackName}"})
    write(tmp_path / "Access.template.json", {"Resources": {"Hub": hub, "Nest": nested}})
    inner = {
        "Parameters": {"Arn": {"Type": "String"}, "Open": {"Type": "String"}},
        "Resources": {"Inner": role([{"Ref": "Arn"}, {"Ref": "Open"}])},
    }
    write(tmp_path / "AccessNest.nested.template.json", inner)
    write(
        tmp_path / "Access.assets.json",
        {
            "files": {
                HASH: {
                    "source": {"path": "AccessNest.nested.template.json", "packaging": "file"},
                    "destinations": {"1": {"bucketName": "b", "objectKey": f"{HASH}.json"}},
                }
            }
        },
    )
    logical = lambda name: [{"type": "aws:cdk:logicalId", "data": name}]  # noqa: E731
    write(
        tmp_path / "Access.metadata.json",
        {
            "/Access": [{"type": "aws:cdk:templateFile", "data": "Access.template.json"}],
            "/Access/Nest": [{"type": "aws:cdk:templateFile", "data": "AccessNest.nested.template.json"}],
            "/Access/Hub/Resource": logical("Hub"),
            "/Access/Nest/Inner/Resource": logical("Inner"),
        },
    )
    write(tmp_path / "Open.template.json", {"Resources": {"R": role({"Ref": "AWS::AccountId"})}})
    write(tmp_path / "assembly-Prod/ProdApp.template.json", {"Resources": {"R": role({"Ref": "AWS::AccountId"})}})
    write(
        tmp_path / "assembly-Prod/manifest.json",
        {
            "artifacts": {
                "ProdApp": stack("ProdApp.template.json", "aws://333333333333/cn-north-1", displayName="Prod/App")
            }
        },
    )
    stage = {"type": "cdk:cloud-assembly", "properties": {"directoryName": "assembly-Prod", "displayName": "Prod"}}
    first = stack(
        "Access.template.json",
        "aws://111111111111/us-east-1",
        displayName="Access",
        properties={"stackName": "access-stack"},
        additionalMetadataFile="Access.metadata.json",
    )
    write(
        tmp_path / "manifest.json",
        {
            "version": "55.0.0",
            "artifacts": {
                "assembly-Prod": stage,
                "Access.assets": {"type": "cdk:asset-manifest", "properties": {"file": "Access.assets.json"}},
                "Access": first,
                "Open": stack("Open.template.json", "aws://unknown-account/unknown-region"),
                "Tree": {"type": "cdk:tree", "properties": {"file": "tree.json"}},
            },
        },
    )
    write(tmp_path / "loose.template.json", {"Resources": {}})
    return tmp_path


def test_stacks_stages_and_nested_stacks_are_found(assembly: Path) -> None:
    """What the manifest lists is read, with its environment; any other template stands beside it."""
    inputs = read_paths([str(assembly)])
    assert shown(inputs, assembly) == [
        ("assembly-Prod/ProdApp.template.json", "Prod/App", "333333333333", "cn-north-1"),
        ("Access.template.json", "Access", "111111111111", "us-east-1"),
        ("AccessNest.nested.template.json", "Access/Nest", "111111111111", "us-east-1"),
        ("Open.template.json", "Open", None, None),
        ("loose.template.json", "", None, None),
    ]
    assert inputs.errors == []


def test_a_nested_stack_of_the_assembly_is_not_elsewhere(assembly: Path) -> None:
    """What is read besides its parent is looked into; the parent alone does not have it."""
    read = {template.stack: template for template in read_paths([str(assembly)]).templates}
    assert read["Access"].external_templates() == ()
    (alone,) = read_paths([str(assembly / "Access.template.json")]).templates
    assert [one.what for one in alone.external_templates()] == ["the nested stack Nest (TemplateURL)"]


def test_the_environment_of_the_assembly_wins(assembly: Path) -> None:
    """An account that is given holds for the stacks that leave theirs open."""
    inputs = read_paths([str(assembly)], account="222222222222", region="eu-west-1")
    accounts = {stack: (account, region) for _, stack, account, region in shown(inputs, assembly)}
    assert accounts["Access"] == ("111111111111", "us-east-1")
    assert accounts["Open"] == ("222222222222", "eu-west-1")


def test_construct_paths_come_from_the_metadata_file(assembly: Path) -> None:
    """Each document names its construct, in the nested stack too."""
    documents = [d for t in read_paths([str(assembly)]).templates for d in t.documents]
    found = {d.logical_id: d.construct_path for d in documents if d.logical_id != "R"}
    assert found == {"Hub": "Access/Hub/Resource", "Inner": "Access/Nest/Inner/Resource"}


def test_a_nested_stack_gets_what_its_parent_passes(assembly: Path) -> None:
    """A role of the parent is a known ARN in the nested stack; an import stays unknown. Stack names are known."""
    template = next(t for t in read_paths([str(assembly)]).templates if t.stack == "Access/Nest")
    (statement,) = template.documents[0].policy.statements
    values = [str(p.value) for p in statement.principals or ()]
    assert values == ["arn:aws:iam::111111111111:role/hub-access-stack", "<Fn::ImportValue x>"]


def test_unknown_names_of_the_parent_are_told_apart(assembly: Path, role: Role) -> None:
    """A generated name of the parent's role is not the name of the nested stack's role of the same logical id."""
    template = json.loads((assembly / "Access.template.json").read_text())
    del template["Resources"]["Hub"]["Properties"]["RoleName"]
    template["Resources"]["Nest"]["Properties"]["Parameters"]["Open"] = {"Ref": "AWS::AccountId"}
    write(assembly / "Access.template.json", template)
    nested = json.loads((assembly / "AccessNest.nested.template.json").read_text())
    nested["Resources"]["Hub"] = role({"Ref": "Hub"})
    nested["Resources"]["Inner"] = role([{"Ref": "Arn"}, {"Ref": "Open"}, {"Ref": "Hub"}])
    write(assembly / "AccessNest.nested.template.json", nested)
    options: dict[str, Any] = {"parameters": {"Open": "pinned"}}
    found = next(t for t in read_paths([str(assembly)], **options).templates if t.stack == "Access/Nest")
    document = found.documents[0]
    assert shown_principals(document) == ["arn:aws:iam::111111111111:role/<Access/Hub>", "111111111111", "<Hub>"]
    deployed = found.at({"Access/Hub": "made"}).document(document.logical_id, document.path)
    assert deployed is not None
    assert shown_principals(deployed)[0] == "arn:aws:iam::111111111111:role/made"


def shown_principals(document: Document) -> list[str]:
    """The principals of a document's first statement."""
    return [str(p.value) for p in document.policy.statements[0].principals or ()]


LEGACY = f"AssetParameters{HASH}S3"
KEY = {"Fn::Split": ["||", {"Ref": f"{LEGACY}VersionKey1A2B3C4D"}]}
LEGACY_URL = [
    *("https://s3.", {"Ref": "AWS::Region"}, ".", {"Ref": "AWS::URLSuffix"}, "/", {"Ref": f"{LEGACY}Bucket1A2B3C4D"}),
    *("/", {"Fn::Select": [0, KEY]}, {"Fn::Select": [1, KEY]}),
]


def test_parameters_and_inline_metadata_of_older_assemblies(assembly: Path, role: Role) -> None:
    """A nested template is found by the parameters of the asset as well, and construct paths in the manifest itself."""
    nested = {
        "Type": "AWS::CloudFormation::Stack",
        "Properties": {"TemplateURL": {"Fn::Join": ["", LEGACY_URL]}},
        "Metadata": {"aws:asset:path": "AccessNest.nested.template.json"},
    }
    write(assembly / "Open.template.json", {"Resources": {"N": nested, "R": role("*")}})
    manifest = json.loads((assembly / "manifest.json").read_text())
    entry = manifest["artifacts"]["Open"]
    asset = {"path": "AccessNest.nested.template.json", "packaging": "file", "sourceHash": HASH}
    entry["metadata"] = {
        "/Open": [{"type": "aws:cdk:asset", "data": asset}],
        "/Open/R/Resource": [{"type": "aws:cdk:logicalId", "data": "R"}],
    }
    manifest["artifacts"] = {"Open": entry}
    write(assembly / "manifest.json", manifest)
    (assembly / "Access.assets.json").unlink()
    inputs = read_paths([str(assembly)])
    first, second, *beside = inputs.templates
    # What the manifest does not name any more is read all the same.
    assert {template.stack for template in beside} == {"", "Prod/App"}
    assert first.documents[0].construct_path == "Open/R/Resource"
    assert second.stack == "Open/N"


@pytest.mark.parametrize(
    "url",
    [
        "https://elsewhere.s3.amazonaws.com/x.json",
        f"https://elsewhere.s3.amazonaws.com/{HASH}.json",
        f"https://s3.us-east-1.amazonaws.com/elsewhere/{HASH}.json",
        f"https://s3.us-east-1.amazonaws.com/b/{HASH}.json/../../elsewhere/x.json",
        f"https://s3.example.com/b/{HASH}.json",
        {"Fn::Sub": f"https://elsewhere/${{AssetParameters{HASH}S3Bucket}}"},
        {"Fn::Sub": f"https://s3.us-east-1.amazonaws.com/elsewhere/${{AssetParameters{HASH}S3Bucket}}"},
        {"Fn::Join": ["", ["https://", {"Ref": "Host"}, f"/b/{HASH}.json"]]},
        {"Ref": "Url"},
        "no-such-file.json",
    ],
)
def test_a_url_is_believed_over_the_metadata(assembly: Path, url: object) -> None:
    """Where the URL of a nested stack is none of the assembly's, its template is elsewhere, whatever stands beside."""
    nested = {
        "Type": "AWS::CloudFormation::Stack",
        "Properties": {"TemplateURL": url},
        "Metadata": {"aws:asset:path": "AccessNest.nested.template.json", "aws:asset:property": "TemplateURL"},
    }
    write(assembly / "Access.template.json", {"Parameters": {"Url": {"Type": "String"}}, "Resources": {"N": nested}})
    read = {template.stack: template for template in read_paths([str(assembly)]).templates}
    assert [one.what for one in read["Access"].external_templates()] == ["the nested stack N (TemplateURL)"]
    # It is a template that is read by itself.
    assert "Access/N" not in read
    assert "" in read


def test_a_directory_above_an_assembly_reads_it_as_one(
    assembly: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """An assembly found on the way through a directory keeps its environments."""
    # What is above the directory of one test has what other tests wrote.
    above = tmp_path_factory.mktemp("above")
    assembly.rename(above / "cdk.out")
    inputs = read_paths([str(above)])
    assert ("Access", "111111111111") in {(t.stack, t.account) for t in inputs.templates}


def test_an_assembly_without_stacks_is_nothing_to_prove(tmp_path: Path) -> None:
    """Synthesis that made nothing is no proof."""
    write(tmp_path / "manifest.json", {"version": "1", "artifacts": {"Tree": {"type": "cdk:tree"}}})
    inputs = read_paths([str(tmp_path)])
    assert list(inputs.templates) == []
    (error,) = inputs.errors
    assert isinstance(error, NothingToProve)
    assert error.message == "the cloud assembly has no stacks"


def test_missing_and_broken_templates_are_errors(assembly: Path) -> None:
    """A stack whose template is gone or broken is an error; the other stacks are read."""
    (assembly / "Open.template.json").unlink()
    (assembly / "AccessNest.nested.template.json").write_text("{")
    (assembly / "assembly-Prod/manifest.json").write_text("{")
    inputs = read_paths([str(assembly)])
    assert {template.stack for template in inputs.templates} == {""}
    assert "manifest.json" in [Path(e.file).name for e in inputs.errors]
    write(assembly / "assembly-Prod/manifest.json", {"artifacts": {}})
    inputs = read_paths([str(assembly)])
    assert [t.stack for t in inputs.templates if t.stack] == ["Access"]
    assert [Path(e.file).name for e in inputs.errors] == ["AccessNest.nested.template.json", "Open.template.json"]


def test_another_programs_manifest_is_no_assembly(tmp_path: Path) -> None:
    """A directory with a web application's manifest.json is an ordinary directory."""
    write(tmp_path / "manifest.json", {"name": "app"})
    write(tmp_path / "t.json", {"Resources": {}})
    inputs = read_paths([str(tmp_path)])
    assert [Path(t.name).name for t in inputs.templates] == ["t.json"]
    assert [Path(s.path).name for s in inputs.skipped] == ["manifest.json"]


@pytest.mark.parametrize("missing", [[], [{"key": "vpc-provider:x", "provider": "vpc-provider", "props": {}}], [{}]])
def test_an_assembly_whose_synthesis_is_not_finished_is_passed_over(
    tmp_path: Path, role: Role, missing: list[Any]
) -> None:
    """The CDK has put made-up values in place of what it has not looked up: what is judged is not what is deployed."""
    write(tmp_path / "S.template.json", {"Resources": {"R": role({"Ref": "AWS::AccountId"})}})
    artifacts = {"S": stack("S.template.json", "aws://222222222222/eu-west-1")}
    write(tmp_path / "manifest.json", {"version": "38.0.0", "missing": missing, "artifacts": artifacts})
    found = read_paths([str(tmp_path)])
    assert len(list(found.templates)) == 1
    told = [one for one in found.passed_over if "its synthesis is not finished" in one.reason]
    assert [Path(one.path).name for one in told] == ["manifest.json"] * bool(missing)
    assert all(("vpc-provider:x" in one.reason) is ("key" in missing[0]) for one in told)


def test_an_account_that_the_assembly_overrules_is_said(
    tmp_path: Path, role: Role, capsys: pytest.CaptureFixture[str]
) -> None:
    """``--account`` is for stacks that leave theirs open; where the manifest names another one, a note says so."""
    write(tmp_path / "a.template.json", {"Resources": {"R": role("111122223333")}})
    artifacts = {"a": stack("a.template.json", "aws://999988887777/eu-west-1")}
    write(tmp_path / "manifest.json", {"version": "48.0.0", "artifacts": artifacts})
    said = "the assembly says the account of the stack, 999988887777: 111122223333, which was given, does not count"
    main(["check", "--account", "111122223333", str(tmp_path)])
    assert said in capsys.readouterr().out
    main(["check", "--account", "999988887777", str(tmp_path)])
    assert "does not count" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("pattern", "named"),
    [
        ("Access.template.json", ["Access.template.json"]),
        ("*.nested.template.json", ["AccessNest.nested.template.json"]),
        ("gone/", []),
    ],
)
def test_an_exclusion_of_a_stack_is_said_to_be_none(assembly: Path, pattern: str, named: list[str]) -> None:
    """An app is judged as a whole, and a pattern that leaves nothing out is not silent."""
    (assembly / "trustproof.toml").write_text(f'exclude = ["{pattern}"]\n', encoding="utf-8")
    config = trustproof.load_config(start=assembly)
    report = trustproof.check([assembly], config=config)
    notes = [note for note in report.notes if note.startswith("exclude leaves out no stack of a cloud assembly")]
    assert [Path(file).name for note in notes for file in note.rpartition(": ")[2].split(", ")] == named
    assert {Path(one.template).name for one in report.results} >= {"Access.template.json"}


ELSEWHERE = {"Fn::If": ["Far", "999988887777", "111122223333"]}
HERE = "aws://111122223333/us-east-1"


@pytest.mark.parametrize(
    ("trusted", "first", "second"),
    [
        ({"Ref": "P"}, stack("t.json", HERE), stack("t.json", HERE, properties={"parameters": {"P": "999988887777"}})),
        (ELSEWHERE, stack("t.json", HERE), stack("t.json", "aws://111122223333/eu-west-1")),
        ("999988887777", stack("t.json", "aws://999988887777/us-east-1"), stack("t.json", HERE)),
    ],
    ids=["parameters", "regions", "accounts"],
)
def test_each_stack_of_one_template_is_judged(
    tmp_path: Path, role: Role, trusted: object, first: object, second: object
) -> None:
    """A template that several stacks are made of is judged as each of them, whichever is listed first."""
    template = {
        "Parameters": {"P": {"Type": "String", "Default": "111122223333"}},
        "Conditions": {"Far": {"Fn::Equals": [{"Ref": "AWS::Region"}, "eu-west-1"]}},
        "Resources": {"R": role(trusted)},
    }
    write(tmp_path / "t.json", template)
    config = trustproof.Config(boundary=trustproof.Boundary(accounts=("111122223333",)))
    for stacks in ({"A": first, "B": second}, {"A": second, "B": first}):
        write(tmp_path / "manifest.json", {"version": "36.0.0", "artifacts": stacks})
        report = trustproof.check([str(tmp_path), str(tmp_path / "t.json")], config=config)
        assert report.templates == 2
        assert [one.verdict for one in report.results if one.property == "inside-boundary"].count("refuted") == 1
