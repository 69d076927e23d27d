"""
`trustproof explain`: what is printed, and what is no question.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema.validators import validator_for

import trustproof
from tests.access.test_explained_permission_sets import OWN, TARGET, TEMPLATE
from tests.cli.program import Run, role
from tests.cli.test_diff import TERRAFORM

SCHEMA = Path(trustproof.__file__).parent / "output" / "explanation.schema.json"
MFA = '{"Bool": {"aws:MultiFactorAuthPresent": "true"}}'


@pytest.fixture
def template(tmp_path: Path) -> str:
    """A role that asks for MFA."""
    (tmp_path / "t.json").write_text(role(MFA), encoding="utf-8")
    return "t.json"


def test_who_gets_in(run: Run, template: str) -> None:
    """By which statement, with what, and an example."""
    done = run("explain", "Deployer", "--in", template, "--account", "111111111111")
    assert (done.returncode, done.stderr) == (0, "")
    assert (
        done.stdout
        == """\
Deployer (AWS::IAM::Role, account 111111111111)
  --> t.json (Deployer)

  users of 222222222222
    by       statement 1, t.json:9:13
    MFA      required
    outside  unknown
    if       Bool aws:MultiFactorAuthPresent true
    needs    a policy of its own that allows sts:AssumeRole
    request  arn:aws:iam::222222222222:user/alice calls sts:AssumeRole (IAM user, session token obtained with MFA)
             aws:MultiFactorAuthPresent is "true"
"""
    )


def test_what_stands_in_the_way(run: Run, template: str) -> None:
    """The condition that the caller does not meet, with the request that comes nearest."""
    done = run("explain", "Deployer", "--from", "arn:aws:iam::222222222222:role/app", "--in", template)
    assert run("explain", "Deployer", "--from", "arn:aws:iam::222222222222:role/app", template).stdout == done.stdout
    assert done.returncode == 0
    assert "because aws:MultiFactorAuthPresent is absent, and Bool is false when the key is absent" in done.stdout
    assert done.stdout.endswith("arn:aws:iam::222222222222:role/app does not get in\n")


def test_json_is_for_programs(run: Run, template: str) -> None:
    """The same, with every key there."""
    caller = "arn:aws:iam::222222222222:user/bob"
    document = json.loads(run("explain", "--from", caller, "--in", template, "--format", "json").stdout)
    assert list(document) == ["schema", "version", "caller", "resources"]
    (resource,) = document["resources"]
    assert (document["caller"], resource["name"]) == (caller, "Deployer")
    (entrance,) = resource["entrances"]
    assert (entrance["mfa"], entrance["request"]["caller"]) == ("required", caller)
    assert list(resource) == (
        "name resource_type logical_id template account entrances chains obstacles undecided deployed_to people "
        "stack".split()
    )


def test_json_is_that_of_the_published_schema(run: Run, template: str) -> None:
    """Whoever reads it may rely on the schema that is installed beside the program, whoever is asked about."""
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    validator = validator_for(schema)
    validator.check_schema(schema)
    for caller in ((), ("--from", "arn:aws:iam::222222222222:role/app"), ("--from", "999999999999")):
        done = run("explain", "Deployer", *caller, "--in", template, "--format", "json")
        document = json.loads(done.stdout)
        validator(schema).validate(document)
        assert document["resources"][0]["entrances"] or document["resources"][0]["obstacles"]


def test_json_of_terraform_is_that_of_the_published_schema(run: Run, tmp_path: Path) -> None:
    """The statement by which somebody gets in stands in a file of the directory, which it says."""
    (tmp_path / "main.tf").write_text(TERRAFORM.replace("CALLER", "*"), encoding="utf-8")
    document = json.loads(run("explain", "aws_iam_role.r", "--in", ".", "--format", "json").stdout)
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    validator_for(schema)(schema).validate(document)
    assert document["resources"][0]["entrances"][0]["place"]["file"].endswith("main.tf")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--in", "t.json"), "name a resource, or a caller"),
        (("Deploy", "--in", "t.json"), "did you mean Deployer?"),
        (("Deployer", "--in", "missing.json"), "missing.json: cannot be read"),
        (("Deployer",), "there is no cdk.out here"),
        (("Deployer", "--from", "bob", "--in", "t.json"), '"bob" is no caller'),
    ],
)
def test_what_is_no_question_is_an_error(run: Run, template: str, arguments: tuple[str, ...], said: str) -> None:
    """One line on standard error, and status 2."""
    done = run("explain", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr


def test_people_of_permission_sets_are_listed(run: Run, tmp_path: Path) -> None:
    """Below a role with what has to be so besides, and of a permission set one a line; JSON is that of the schema."""
    (tmp_path / "t.json").write_text(json.dumps(TEMPLATE), encoding="utf-8")
    role_ = run("explain", "for-dev", "--in", "t.json", "--account", OWN)
    assert (role_.returncode, role_.stderr) == (0, "")
    assert (
        f"""
  people of Identity Center, as the templates assign them:
    permission set Dev_Ops in {TARGET} (group g-1, group g-3 if Late)
      if  ArnLike aws:PrincipalArn """
        in role_.stdout
    )
    assert run("explain", "Reader", "--in", "t.json").stdout == (
        f"""\
Reader (AWS::SSO::PermissionSet)
  --> t.json (Reader)

  people of Identity Center, as the templates assign them:
    group g-7 in {TARGET}
"""
    )
    document = json.loads(run("explain", "Dev", "--in", "t.json", "--format", "json").stdout)
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    validator_for(schema)(schema).validate(document)
    assert document["resources"][0]["people"][0] == {"who": f"group g-1 in {TARGET}", "provided": []}
