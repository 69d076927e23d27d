"""
The properties as rules of cfn-lint: once in a program of its own, and else as that program calls it.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cfnlint.runner import main

from tests.cli.program import called
from trustproof.integrations import cfn_lint, cfn_lint_rule
from trustproof.properties import registry
from trustproof.results.rules import RULES

#: Beside the interpreter of the tests.
PROGRAM = Path(sys.executable).with_name("cfn-lint")

TEMPLATE = """\
Resources:
  Admin:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal:
              AWS: !Sub arn:${AWS::Partition}:iam::${AWS::AccountId}:root
            Action: sts:AssumeRole
            Condition:
              BoolIfExists:
                aws:MultiFactorAuthPresent: "true"
"""
SAFE = TEMPLATE.replace("BoolIfExists", "Bool")

Match = dict[str, Any]
Lint = Callable[..., list[Match]]


#: Our rules and no others.
_OURS = ["--ignore-checks", "E0", "E1", "E2", "E3", "E6", "E7", "E8", "W1", "W2", "W3", "W4", "W6", "W7", "W8"]
_OURS += ["--append-rules", "trustproof.integrations.cfn_lint", "--format", "json"]


@pytest.fixture
def cfn_lint_finds(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Lint:
    """
    What cfn-lint says with our rules and no others, in this process: to import it takes longer than to lint.
    """

    def found(*arguments: str, cwd: Path | None = None) -> list[Match]:
        if cwd is not None:
            monkeypatch.chdir(cwd)
        monkeypatch.setattr(sys, "argv", [str(PROGRAM), *_OURS, *arguments])
        with pytest.raises(SystemExit) as stopped:
            main()
        assert stopped.value.code in (0, 2, 4, 6)
        return _read(capsys.readouterr().out)

    return found


def _read(output: str) -> list[Match]:
    matches: list[Match] = json.loads(output)
    return matches


def place(match: Match) -> tuple[int, int, int]:
    """Line, column and end column of a match."""
    where = match["Location"]
    assert where["Start"]["LineNumber"] == where["End"]["LineNumber"]
    return where["Start"]["LineNumber"], where["Start"]["ColumnNumber"], where["End"]["ColumnNumber"]


def rule(match: Match) -> str:
    return str(match["Rule"]["Id"])


def test_a_finding_stands_on_what_lets_in(tmp_path: Path, cfn_lint_finds: Lint) -> None:
    """A refuted property is an error of cfn-lint, on the characters that the gate underlines, with the request."""
    file = tmp_path / "role.yaml"
    file.write_text(TEMPLATE)
    (found,) = cfn_lint_finds("--", str(file))
    assert rule(found) == "E9501"
    assert place(found) == (14, 17, 43)
    message = str(found["Message"])
    assert "refuted[mfa-required]" in message
    assert "aws:MultiFactorAuthPresent is absent" in message


def test_what_is_proved_is_silent(tmp_path: Path, cfn_lint_finds: Lint) -> None:
    """A template whose properties are all proved gives no match."""
    file = tmp_path / "role.yaml"
    file.write_text(SAFE)
    assert cfn_lint_finds("--", str(file)) == []


def test_text_that_is_not_saved_is_checked() -> None:
    """Editors give a template on standard input of the program."""
    done = subprocess.run([PROGRAM, *_OURS], capture_output=True, input=TEMPLATE, text=True, check=False)
    assert done.returncode == 2, done.stderr
    (found,) = _read(done.stdout)
    assert (rule(found), place(found)[0]) == ("E9501", 14)


def test_the_configuration_beside_the_template_counts(tmp_path: Path, cfn_lint_finds: Lint) -> None:
    """The nearest configuration upward of the template decides what is asked, wherever the editor runs."""
    (tmp_path / "trustproof.toml").write_text('[properties.mfa-required]\nseverity = "warning"\n')
    inner = tmp_path / "templates"
    inner.mkdir()
    (inner / "role.yaml").write_text(TEMPLATE)
    (found,) = cfn_lint_finds("--", str(inner / "role.yaml"), cwd=tmp_path.parent)
    assert rule(found) == "W9501"


def test_a_configuration_that_cannot_be_read_is_a_match(tmp_path: Path, cfn_lint_finds: Lint) -> None:
    """A gate that cannot be asked is no silence: it is an error at the top of the template."""
    (tmp_path / "trustproof.toml").write_text("properties = 1\n")
    (tmp_path / "role.yaml").write_text(SAFE)
    (found,) = cfn_lint_finds("--", str(tmp_path / "role.yaml"))
    assert rule(found) == "E9500"
    assert "trustproof.toml" in str(found["Message"])


def test_rules_are_left_out_by_their_numbers(tmp_path: Path, cfn_lint_finds: Lint) -> None:
    """A rule is switched off as any other of cfn-lint is."""
    file = tmp_path / "role.yaml"
    file.write_text(TEMPLATE)
    assert cfn_lint_finds("--ignore-checks", "E9501", "--", str(file)) == []


def test_every_property_has_a_number() -> None:
    """Nothing that a run may find is without a rule, and no number is given twice."""
    idents = {found.ident for found in registry.PROPERTIES} | {found.ident for found in RULES}
    assert set(cfn_lint_rule.NUMBERS) == idents
    numbers = [*cfn_lint_rule.NUMBERS.values(), cfn_lint_rule.UNREADABLE, cfn_lint_rule.OWN]
    assert len(set(numbers)) == len(numbers)


@pytest.mark.parametrize("letter", "EWI")
def test_rules_say_what_is_wrong(letter: str) -> None:
    """`--list-rules` shows the summary of the property."""
    found = getattr(cfn_lint, f"{letter}9501")()
    assert found.id == f"{letter}9501"
    assert "mfa-required: an IAM user without MFA" in found.shortdesc


def test_it_points_at_the_value_among_several(tmp_path: Path, cfn_lint_finds: Lint) -> None:
    """Of a list of principals, at the one that is let in and should not be."""
    (tmp_path / "trustproof.toml").write_text("[boundary]\naccounts = ['111122223333']\n", encoding="utf-8")
    listed = "AWS: [arn:aws:iam::111122223333:root, arn:aws:iam::999988887777:root]"
    text = SAFE.replace("AWS: !Sub arn:${AWS::Partition}:iam::${AWS::AccountId}:root", listed)
    (tmp_path / "t.yaml").write_text(text, encoding="utf-8")
    (found,) = cfn_lint_finds("t.yaml", cwd=tmp_path)
    line = next(number for number, one in enumerate(text.split("\n"), 1) if listed in one)
    assert place(found)[:2] == (line, text.split("\n")[line - 1].index("arn:aws:iam::9999") + 1)


def test_what_the_baseline_has_is_no_finding(tmp_path: Path, cfn_lint_finds: Lint) -> None:
    """An editor says what the gate says: nothing of what was there before."""
    (tmp_path / "trustproof.toml").write_text('baseline = "known.json"\n', encoding="utf-8")
    (tmp_path / "t.yaml").write_text(TEMPLATE, encoding="utf-8")
    assert called(tmp_path, "baseline", "write", "--baseline", "known.json", "t.yaml").returncode == 0
    assert cfn_lint_finds("t.yaml", cwd=tmp_path) == []
    (tmp_path / "known.json").unlink()
    (wrong,) = cfn_lint_finds("t.yaml", cwd=tmp_path)
    assert "known.json" in str(wrong["Message"])


def test_what_stands_elsewhere_is_no_line_of_the_template(tmp_path: Path, cfn_lint_finds: Lint) -> None:
    """Waivers of the configuration are the gate's to judge, those of the template are shown where they stand."""
    waivers = "".join(
        f'\n[[waiver]]\nproperty = "mfa-required"\nresource = "{name}"\nreason = "x"\nexpires = 2020-01-01\n'
        for name in ("Deployer", "OfAnotherTemplate")
    )
    unused = '\n[[waiver]]\nproperty = "mfa-required"\nresource = "Third"\nreason = "x"\n'
    (tmp_path / "trustproof.toml").write_text(f"template-waivers = true\n{waivers}{unused}", encoding="utf-8")
    own = "    Metadata:\n      trustproof:\n        waivers:\n          - {property: mfa-required, reason: moving}\n"
    text = SAFE.replace("    Properties:\n", f"{own}    Properties:\n", 1)
    (tmp_path / "t.yaml").write_text(text, encoding="utf-8")
    found = [match for match in cfn_lint_finds(str(tmp_path / "t.yaml")) if rule(match)[1:] in ("9513", "9514")]
    assert [(rule(match), place(match)[0]) for match in found] == [("W9514", 2)]


def test_what_is_found_in_a_nested_template_is_said_at_the_top(tmp_path: Path, cfn_lint_finds: Lint) -> None:
    """The line of another file is in the message, and no line of this one is underlined for it."""
    (tmp_path / "child.yaml").write_text(TEMPLATE, encoding="utf-8")
    stack = "{Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: ./child.yaml}}"
    (tmp_path / "t.yaml").write_text(f"Resources:\n  Child: {stack}\n", encoding="utf-8")
    for match in cfn_lint_finds(str(tmp_path / "t.yaml")):
        if rule(match) == "E9501":
            assert place(match)[0] == 1
            assert "child.yaml:14: " in str(match["Message"])
