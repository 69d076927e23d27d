"""
``trustproof check``: what it reads, what it prints, how it exits.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import trustproof
from tests.cli.program import CONFIG, HELD, HOLE, Run, role

SNAPSHOTS = Path(__file__).parent / "snapshots"

#: Nobody can use this statement.
DEAD = role('{"Bool": {"aws:MultiFactorAuthPresent": "true"}}', '{"Service": "ec2.amazonaws.com"}')
#: Trusts an account that only its deployer knows.
PARAMETER = role(
    '{"Bool": {"aws:MultiFactorAuthPresent": {"Ref": "Mfa"}}}',
    '{"AWS": {"Fn::Sub": "arn:aws:iam::${Hub}:root"}}',
).replace('"Resources"', '"Parameters": {"Hub": {"Type": "String"}, "Mfa": {"Type": "String"}},\n  "Resources"', 1)
BROKEN = '{"Resources": {,}}'
EVERYTHING = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
INLINE = {"PolicyName": "P", "PolicyDocument": EVERYTHING}


@pytest.fixture(autouse=True)
def _files(tmp_path: Path) -> None:
    """The templates of these tests, and a project that trusts 222222222222."""
    for name, text in {"hole": HOLE, "held": HELD, "dead": DEAD, "parameter": PARAMETER, "broken": BROKEN}.items():
        (tmp_path / f"{name}.json").write_text(text)
    (tmp_path / "trustproof.toml").write_text(CONFIG)


class TestExitCodes:
    """The gate's answer, as a number."""

    @pytest.mark.parametrize(
        ("arguments", "code"),
        [
            (["held.json"], 0),
            (["held.json", "--strict"], 0),
            (["hole.json"], 1),
            (["held.json", "hole.json"], 1),
            # Whoever is trusted is not known, which only a strict gate minds.
            (["parameter.json", "--parameter", "Mfa=true"], 0),
            (["parameter.json", "--parameter", "Mfa=true", "--strict"], 1),
            (["broken.json"], 2),
            # A broken input outweighs every verdict, for what it holds is not known.
            (["broken.json", "held.json"], 2),
            (["hole.json", "broken.json"], 2),
            (["gone.json"], 2),
            (["trustproof.toml"], 2),
        ],
        ids=lambda value: " ".join(value) if isinstance(value, list) else None,
    )
    def test_the_exit_code_is_the_answer(self, run: Run, arguments: list[str], code: int) -> None:
        """0: nothing refuted; 1: something refuted, or unknown where that is asked for; 2: not everything was read."""
        done = run("check", *arguments)
        assert (done.returncode, "Traceback" in done.stderr) == (code, False)

    def test_a_warning_fails_only_a_strict_gate(self, run: Run, tmp_path: Path) -> None:
        """A property of severity warning is shown, and is no reason to stop."""
        (tmp_path / "trustproof.toml").write_text(CONFIG + '[properties.mfa-required]\nseverity = "warning"\n')
        done = run("check", "hole.json")
        assert done.returncode == 0
        assert done.stdout.startswith("refuted[mfa-required] (warning): ")
        assert "1 refuted (1 warning)" in done.stdout
        assert run("check", "hole.json", "--strict").returncode == 1

    def test_a_property_that_is_off_is_not_asked(self, run: Run, tmp_path: Path) -> None:
        """Severity off leaves no trace of the property in the report."""
        (tmp_path / "trustproof.toml").write_text(CONFIG + '[properties.mfa-required]\nseverity = "off"\n')
        done = run("check", "hole.json", "--format", "json")
        assert done.returncode == 0
        found = {result["property"] for result in json.loads(done.stdout)["results"]}
        assert found
        assert "mfa-required" not in found

    def test_asking_only_what_is_off_is_an_error(self, run: Run, tmp_path: Path) -> None:
        """A gate that asks nothing does not pass."""
        (tmp_path / "trustproof.toml").write_text(CONFIG + '[properties.mfa-required]\nseverity = "off"\n')
        done = run("check", "held.json", "--property", "mfa-required")
        assert (done.returncode, done.stdout) == (2, "")


class TestOutput:
    """What a person or a program reads."""

    def test_the_report_is_the_snapshot(self, run: Run) -> None:
        """A hole in mfa-required and a dead statement, as a person sees them."""
        done = run("check", "hole.json", "dead.json", "held.json")
        assert done.stdout == (SNAPSHOTS / "check.txt").read_text(encoding="utf-8")
        assert done.stderr == ""

    def test_json_holds_the_same_results(self, run: Run) -> None:
        """The JSON report is the snapshot, the proved results included."""
        done = run("check", "hole.json", "--format", "json", "--account", "111122223333")
        assert done.stdout == (SNAPSHOTS / "check.json").read_text(encoding="utf-8")

    def test_results_are_printed_beside_errors(self, run: Run) -> None:
        """A broken file does not hide what is wrong with the others; the summary says that not all was read."""
        done = run("check", "broken.json", "hole.json")
        assert done.returncode == 2
        assert "refuted[mfa-required]" in done.stdout
        assert done.stdout.endswith("; errors in 1 input\n")
        assert done.stderr.startswith("error: broken.json:1:16: not JSON: ")

    def test_two_runs_print_the_same_bytes(self, run: Run) -> None:
        """The report depends on the input alone, not on the hash seed."""
        reports = {
            run("check", "hole.json", "dead.json", "--format", form, env={"PYTHONHASHSEED": seed}).stdout
            for seed in ("1", "2")
            for form in ("text", "json")
        }
        assert len(reports) == 2

    def test_the_report_is_utf_8_in_every_locale(self, run: Run, tmp_path: Path) -> None:
        """A file name that the locale cannot write is printed all the same."""
        (tmp_path / "größe.json").write_text(HOLE)
        ascii_only = {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii"}
        plain = run("check", "größe.json")
        assert "größe.json:13:" in plain.stdout
        done = run("check", "hole.json", "größe.json", "gone-ü.json", env=ascii_only)
        assert (done.returncode, "Traceback" in done.stderr) == (2, False)

    def test_nothing_is_coloured_in_a_pipe(self, run: Run) -> None:
        """Escape sequences are for terminals."""
        assert "\x1b" not in run("check", "hole.json", "broken.json", env={"TERM": "xterm-256color"}).stdout


class TestInputs:
    """What may be named."""

    def test_standard_input_is_a_dash(self, run: Run) -> None:
        """``-`` reads a template, and its excerpt is shown like that of a file."""
        done = run("check", "-", stdin=HOLE)
        assert done.returncode == 1
        assert "  --> <stdin>:13:" in done.stdout
        assert '"BoolIfExists": {"aws:MultiFactorAuthPresent": "true"}}' in done.stdout

    def test_a_template_may_be_a_string(self, run: Run) -> None:
        """As the AWS CLI prints one that was uploaded as YAML; lines are those of the template."""
        lines = ["Resources:", "  R:", "    Type: AWS::IAM::Role", "    Properties:", "      AssumeRolePolicyDocument:"]
        lines += ["        Statement: {Effect: Allow, Principal: '*', Action: 'sts:AssumeRole'}"]
        text = "\n".join(lines)
        done, plain = (run("check", "-", stdin=given) for given in (json.dumps(text), text))
        assert "  --> <stdin>:6:" in done.stdout
        assert (done.returncode, done.stdout) == (1, plain.stdout)
        assert run("check", "-", stdin='"no template"').returncode == 2

    def test_a_file_by_two_paths_is_one_file(self, run: Run, tmp_path: Path) -> None:
        """Whatever names it twice, it is judged once; a stack of an assembly rather than its file."""
        (tmp_path / "sub").mkdir()
        (tmp_path / "sub" / "hole.json").write_text(HOLE, encoding="utf-8")
        for paths in (("sub", "sub/hole.json"), ("sub/hole.json", "sub"), ("sub", "./sub/."), ("sub/hole.json",) * 2):
            for jobs in ("1", "2"):
                done = run("check", "--jobs", jobs, *paths)
                assert "\n1 template, 1 policy: " in done.stdout
                assert (done.returncode, done.stderr) == (1, "")

    def test_standard_input_may_stand_among_files(self, run: Run) -> None:
        """What was read once from standard input is shown after other files were read."""
        done = run("check", "-", "hole.json", stdin=HOLE)
        assert done.returncode == 1
        assert "  --> <stdin>:13:" in done.stdout
        assert "=       hole.json:13:" in done.stdout

    def test_a_template_that_is_wrong_in_part_is_shown_all_the_same(self, run: Run, tmp_path: Path) -> None:
        """The readable policies of a template are judged, and their excerpts survive the error in another one."""
        resources = json.loads(HOLE)["Resources"]
        resources["Bare"] = {"Type": "AWS::IAM::Role", "Properties": {}}
        (tmp_path / "partly.json").write_text(json.dumps({"Resources": resources}, indent=2))
        done = run("check", "partly.json", "held.json")
        assert done.returncode == 2
        assert "refuted[mfa-required]: any user of" in done.stdout
        assert done.stderr.startswith("error: partly.json:")

    def test_an_assembly_says_accounts_and_construct_paths(self, run: Run, tmp_path: Path) -> None:
        """The environment of a stack is its account, and findings name the construct."""
        folder = tmp_path / "cdk.out"
        folder.mkdir()
        (folder / "Access.template.json").write_text(HOLE)
        stack = {
            "type": "aws:cloudformation:stack",
            "environment": "aws://222222222222/eu-west-1",
            "properties": {"templateFile": "Access.template.json"},
            "metadata": {"/Prod/Access/Deployer/Resource": [{"type": "aws:cdk:logicalId", "data": "Deployer"}]},
        }
        (folder / "manifest.json").write_text(json.dumps({"version": "36.0.0", "artifacts": {"Access": stack}}))
        done = run("check", "--account", "111122223333", "--format", "json")
        assert done.returncode == 1
        assert {(result["account"], result["construct_path"]) for result in json.loads(done.stdout)["results"]} == {
            ("222222222222", "Prod/Access/Deployer/Resource")
        }
        assert ":13:46 (Deployer, Prod/Access/Deployer/Resource)" in run("check").stdout

    def test_a_directory_counts_what_is_no_template(self, run: Run, tmp_path: Path) -> None:
        """Files of a directory that are no templates are counted and said."""
        folder = tmp_path / "templates"
        folder.mkdir()
        (folder / "a.json").write_text(HELD)
        for name in ("tree", "manifest-of-others"):
            (folder / f"{name}.json").write_text("{}")
        done = run("check", "templates")
        assert done.returncode == 0
        assert "skipped 2 files in templates: " in done.stdout
        assert done.stdout.splitlines()[-1].startswith("1 template, 1 policy: ")

    def test_a_directory_without_templates_is_an_error(self, run: Run, tmp_path: Path) -> None:
        """No template at all is not a pass."""
        (tmp_path / "templates").mkdir()
        (tmp_path / "templates" / "a.json").write_text("{}")
        done = run("check", "templates")
        assert done.returncode == 2
        assert "error: templates: no template" in done.stderr

    def test_without_a_path_the_output_of_cdk_synth_is_checked(self, run: Run, tmp_path: Path) -> None:
        """No PATH means cdk.out."""
        (tmp_path / "cdk.out").mkdir()
        (tmp_path / "cdk.out" / "Hole.template.json").write_text(HOLE)
        done = run("check")
        assert done.returncode == 1
        assert f"--> {Path('cdk.out') / 'Hole.template.json'}:13:" in done.stdout

    def test_a_template_without_policies_is_said(self, run: Run, tmp_path: Path) -> None:
        """A template about which nothing was proved does not pass in silence."""
        (tmp_path / "empty.json").write_text('{"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}')
        done = run("check", "empty.json")
        assert done.returncode == 0
        assert done.stdout.startswith("note: ")
        assert done.stdout.endswith(
            "1 template, 0 policies: 0 proved, 0 refuted, 0 unknown; configuration: trustproof.toml\n"
        )

    @pytest.mark.parametrize(
        ("resource", "status"),
        [
            ({"Type": "AWS::SNS::Topic"}, 0),
            ({"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": EVERYTHING}}, 1),
            ({"Type": "AWS::IAM::User", "Condition": "Never", "Properties": {"Policies": [INLINE]}}, 1),
        ],
        ids=["no policy", "attached to nobody", "in no deployment"],
    )
    def test_a_strict_gate_is_not_green_where_nothing_was_asked(
        self, run: Run, tmp_path: Path, resource: dict[str, object], status: int
    ) -> None:
        """Policies of which none was asked about fail a strict gate; a template without policies does not."""
        content = {
            "Parameters": {"Stage": {"Type": "String", "AllowedValues": ["dev"]}},
            "Conditions": {"Never": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]}},
            "Resources": {"R": resource},
        }
        (tmp_path / "only.json").write_text(json.dumps(content))
        done = run("check", "only.json", "--strict")
        assert done.returncode == status
        assert "nothing was proved" in done.stdout
        assert done.stdout.endswith("fails on what is not checked\n") is bool(status)
        without = run("check", "only.json")
        assert without.returncode == 0
        assert "fails on" not in without.stdout

    def test_a_strict_gate_is_not_green_where_overrides_leave_nothing_to_ask(self, run: Run, tmp_path: Path) -> None:
        """A report without an answer looks like one with nothing but proofs."""
        off = "".join(f'[override.properties.{one}]\nseverity = "off"\n' for one in trustproof.property_ids())
        (tmp_path / "trustproof.toml").write_text(f"[[override]]\npaths = ['*']\n{off}")
        assert run("check", "held.json").returncode == 0
        done = run("check", "held.json", "--strict")
        assert done.returncode == 1
        assert "trustproof.toml: what the policies let in, of which nothing was asked (mfa-required, " in done.stdout

    def test_the_summary_says_all_that_a_strict_gate_fails_on(self, run: Run, tmp_path: Path) -> None:
        """What is refuted, what was passed over and what is not checked, for whoever reads a comment, too."""
        stack = {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": "https://s3/x.yaml"}}
        (tmp_path / "all").mkdir()
        (tmp_path / "all" / "stack.json").write_text(json.dumps({"Resources": {"Stack": stack}}))
        (tmp_path / "all" / "hole.json").write_text(HOLE)
        (tmp_path / "all" / "node_modules").mkdir()
        (tmp_path / "all" / "node_modules" / "held.json").write_text(HELD)
        said = "fails on 1 error, what was passed over and what is not checked"
        for form in ("text", "markdown", "html"):
            done = run("check", "all", "--property", "mfa-required", "--strict", "--format", form)
            assert (done.returncode, said in done.stdout) == (1, True), done.stdout


class TestDeclarations:
    """Configuration, account and parameters."""

    def test_the_boundary_of_the_project_is_the_boundary(self, run: Run, tmp_path: Path) -> None:
        """A declared account is inside; another one is outside, and refuted."""
        assert run("check", "held.json").returncode == 0
        (tmp_path / "trustproof.toml").write_text("[boundary]\n")
        done = run("check", "held.json")
        assert done.returncode == 1
        assert "refuted[inside-boundary]" in done.stdout

    def test_a_named_configuration_wins_over_the_nearest(self, run: Run, tmp_path: Path) -> None:
        """``--config`` reads that file and no other."""
        (tmp_path / "other.toml").write_text("[boundary]\n")
        assert run("check", "held.json", "--config", "other.toml").returncode == 1

    def test_the_account_of_a_template_is_inside(self, run: Run, tmp_path: Path) -> None:
        """``--account`` says where a template is deployed, and a role may trust its own account."""
        (tmp_path / "trustproof.toml").write_text("[boundary]\n")
        assert run("check", "held.json", "--account", "222222222222").returncode == 0

    def test_only_the_named_properties_are_asked(self, run: Run) -> None:
        """``--property`` selects, and may be repeated."""
        done = run(
            "check", "hole.json", "--format", "json", "--property", "statement-usable", "--property", "inside-boundary"
        )
        assert {result["property"] for result in json.loads(done.stdout)["results"]} == {
            "inside-boundary",
            "statement-usable",
        }

    def test_parameters_are_judged_at_their_values(self, run: Run) -> None:
        """A pinned parameter decides what was unknown."""
        held = run("check", "parameter.json", "--strict", "--parameter", "Hub=222222222222", "--parameter", "Mfa=true")
        assert held.returncode == 0
        foreign = run("check", "parameter.json", "--parameter", "Hub=999999999999", "--parameter", "Mfa=true")
        assert foreign.returncode == 1
        assert "999999999999" in foreign.stdout

    def test_a_parameters_file_pins_them_too(self, run: Run, tmp_path: Path) -> None:
        """The file gives values, and the command line wins over it."""
        values = [
            {"ParameterKey": "Hub", "ParameterValue": "999999999999"},
            {"ParameterKey": "Mfa", "ParameterValue": "true"},
        ]
        (tmp_path / "parameters.json").write_text(json.dumps(values))
        arguments = ("check", "parameter.json", "--parameters-file", "parameters.json")
        assert run(*arguments).returncode == 1
        assert run(*arguments, "--parameter", "Hub=222222222222", "--strict").returncode == 0

    def test_a_parameter_that_no_template_has_is_an_error(self, run: Run) -> None:
        """A typing error in a parameter's name must not leave the parameter at its default in silence."""
        done = run("check", "held.json", "parameter.json", "--parameter", "Hubb=222222222222")
        assert (done.returncode, done.stdout) == (2, "")
        assert "Hubb" in done.stderr
