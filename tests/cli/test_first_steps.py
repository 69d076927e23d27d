"""
What somebody runs on the first day: `init`, `doctor`, `completion`.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

from tests.cli.program import Run, role

MFA = '{"Bool": {"aws:MultiFactorAuthPresent": "true"}}'


class TestInit:
    """The beginning of a configuration."""

    def test_what_nobody_has_confirmed_is_a_comment(self, run: Run, tmp_path: Path) -> None:
        """Foreign accounts and organizations stand there with their places, and none of them is declared."""
        (tmp_path / "role.json").write_text(role(MFA))
        (tmp_path / "org.json").write_text(
            role(
                '{"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}, '
                '"Bool": {"aws:MultiFactorAuthPresent": "true"}}',
                '"*"',
            )
        )
        found = run("init")
        assert (found.returncode, found.stderr) == (0, "")
        text = (tmp_path / "trustproof.toml").read_text()
        assert '#     # "222222222222",  # ./role.json:' in text
        assert '#     # "o-a1b2c3d4e5",  # ./org.json:' in text
        assert tomllib.loads(text) == {}
        assert run("config", "show").returncode == 0

    def test_what_is_there_of_others_is_offered_to_be_excluded(self, run: Run, tmp_path: Path) -> None:
        """Without it, `--strict` fails in each directory in which Terraform or npm has installed something."""
        (tmp_path / "role.json").write_text(role(MFA))
        for name in ("app/node_modules", ".terraform"):
            (tmp_path / name).mkdir(parents=True)
        assert '\n# exclude = [".terraform/", "node_modules/"]\n' in run("init", "--output", "-").stdout

    def test_a_vendor_that_is_known_is_a_third_party(self, run: Run, tmp_path: Path) -> None:
        """Its account is nobody's own: what is offered is the table that `check` asks for."""
        (tmp_path / "role.json").write_text(role("{}", '{"AWS": "464622532012"}'))
        text = run("init", "--output", "-").stdout
        boundary, _, vendors = text.partition('# name = "Datadog"\n')
        assert "464622532012" not in boundary
        assert vendors.startswith('# accounts = ["464622532012"]  # ./role.json:')
        uncommented = '[[third-party]]\nname = "Datadog"\n' + vendors.split("\n")[0].removeprefix("# ")
        assert tomllib.loads(uncommented)["third-party"] == [{"name": "Datadog", "accounts": ["464622532012"]}]

    @pytest.mark.parametrize("account", [(), ("--account", "111122223333")])
    def test_issuers_of_identity_providers_are_comments(
        self, run: Run, tmp_path: Path, account: tuple[str, ...]
    ) -> None:
        """Whose they are, nobody has said; without the marks, they are checked no more."""
        provider = {"Type": "AWS::IAM::OIDCProvider", "Properties": {"Url": "https://idp.example.com"}}
        (tmp_path / "t.json").write_text(json.dumps({"Resources": {"Idp": provider}}))
        (tmp_path / "role.json").write_text(role(MFA))
        text = run("init", *account, "--output", "-").stdout
        assert "issuers" not in tomllib.loads(text).get("boundary", {})
        (line,) = (line for line in text.splitlines() if "idp.example.com" in line)
        assert line.endswith("  # ./t.json (Idp)")
        bare = text[text.index("# issuers = [") :].partition("\n\n")[0]
        listed = "\n".join(line.removeprefix("# ") for line in bare.splitlines())
        assert tomllib.loads(listed)["issuers"] == ["idp.example.com"]

    def test_accounts_that_are_deployed_to_are_declared(self, run: Run, tmp_path: Path) -> None:
        """Whoever names the account of the templates has said that it is theirs."""
        (tmp_path / "role.json").write_text(role(MFA))
        found = run("init", "--account", "111122223333", "--output", "-")
        assert tomllib.loads(found.stdout)["boundary"]["accounts"] == ["111122223333"]
        (tmp_path / "trustproof.toml").write_text(found.stdout.replace('    # "2222', '    "2222'))
        assert run("check", "role.json", "--account", "111122223333", "--strict").returncode == 0

    def test_every_account_of_a_statement_is_listed(self, run: Run, tmp_path: Path) -> None:
        """Also beside another one, and where no finding is about it: a vendor is held by its external id."""
        (tmp_path / "two.json").write_text(role("{}", '{"AWS": ["222233334444", "arn:aws:iam::999988887777:root"]}'))
        (tmp_path / "vendor.json").write_text(
            role('{"StringEquals": {"sts:ExternalId": "123456789012"}}', '{"AWS": "888877776666"}')
        )
        text = run("init", "--output", "-").stdout
        listed = [line.split('"')[1] for line in text.splitlines() if line.startswith('#     # "')]
        assert listed == ["222233334444", "999988887777"]
        assert '# accounts = ["888877776666"]  # external id 123456789012' in text

    def test_a_file_that_is_there_stays(self, run: Run, tmp_path: Path) -> None:
        """Nothing is written over, not even a link to nothing."""
        (tmp_path / "role.json").write_text(role(MFA))
        (tmp_path / "trustproof.toml").symlink_to("nowhere.toml")
        found = run("init")
        assert found.returncode == 2
        assert "trustproof.toml is there already" in found.stderr
        assert not (tmp_path / "nowhere.toml").exists()

    @pytest.mark.parametrize("name", ["trustproof.toml", "pyproject.toml"])
    def test_what_holds_from_above_is_extended(self, run: Run, tmp_path: Path, name: str) -> None:
        """The new file is the nearest, so without `extends` nothing of the project's would hold any more."""
        table = "tool.trustproof." if name == "pyproject.toml" else ""
        (tmp_path / name).write_text(f'[{table}boundary]\naccounts = ["222222222222"]\n')
        (tmp_path / "team").mkdir()
        (tmp_path / "team" / "role.json").write_text(role(MFA))
        before = run("check", "team", "--strict", "--account", "111122223333")
        found = run("init", "team", "--account", "111122223333", "--output", "team/trustproof.toml")
        assert (found.returncode, found.stderr) == (0, "")
        assert f"it extends ../{name}, which holds here now" in found.stdout
        assert tomllib.loads((tmp_path / "team" / "trustproof.toml").read_text()) == {"extends": f"../{name}"}
        after = run("check", "team", "--strict", "--account", "111122223333")
        assert (before.returncode, after.returncode) == (0, 0)

    @pytest.mark.parametrize("directory", [".", "team"])
    def test_no_second_one_is_written_beside_another(self, run: Run, tmp_path: Path, directory: str) -> None:
        """Two in one directory would be an error of every command after this one."""
        (tmp_path / "team").mkdir()
        (tmp_path / "role.json").write_text(role(MFA))
        (tmp_path / directory / "pyproject.toml").write_text("[tool.trustproof.boundary]\naccounts = []\n")
        found = run("init", "--output", f"{directory}/trustproof.toml")
        assert found.returncode == 2
        assert "pyproject.toml is the configuration of this directory already" in found.stderr
        assert not (tmp_path / directory / "trustproof.toml").exists()
        assert run("init", "--output", "-").returncode == 0

    def test_a_project_without_templates_has_a_configuration(self, run: Run, tmp_path: Path) -> None:
        """It is written, that nothing was found is a note, and there is no error."""
        found = run("init")
        assert found.returncode == 0
        assert found.stderr.startswith("note: .: no template")
        assert tomllib.loads((tmp_path / "trustproof.toml").read_text()) == {}

    def test_what_cannot_be_read_is_said(self, run: Run, tmp_path: Path) -> None:
        """A template that is broken is an error, and what the others say is written."""
        (tmp_path / "role.json").write_text(role(MFA))
        (tmp_path / "broken.json").write_text('{"Resources": {')
        found = run("init")
        assert found.returncode == 2
        assert "broken.json" in found.stderr
        assert "222222222222" in (tmp_path / "trustproof.toml").read_text()


class TestDoctor:
    """What is there, and what is not."""

    def rows(self, text: str) -> dict[str, tuple[str, str]]:
        """What was looked at, to its state and what is said of it."""
        split = (line.split(maxsplit=1) for line in text.splitlines())
        parted = ((state, *rest.split("  ", 1)) for state, rest in split)
        return {row[1]: (row[0], row[2].strip()) for row in parted}

    def test_everything_is_there(self, run: Run, tmp_path: Path) -> None:
        """A project with a configuration and a template has no warning."""
        (tmp_path / "trustproof.toml").write_text('[boundary]\naccounts = ["222222222222"]\n')
        (tmp_path / "role.json").write_text(role(MFA))
        found = run("doctor")
        rows = self.rows(found.stdout)
        assert found.returncode == 0
        assert rows["configuration"] == ("ok", "trustproof.toml")
        assert rows["boundary"][1].startswith("1 account and 0 organizations")
        assert rows["templates"] == ("ok", "1 file that may be templates")
        assert rows["extra cdk"][0] == "ok"

    def test_what_is_out_of_date_is_a_warning(self, run: Run, tmp_path: Path) -> None:
        """A waiver whose last day is over, and entries of a baseline whose templates are gone; that is no template."""
        waiver = '[[waiver]]\nproperty = "mfa-required"\nreason = "r"\nresource = "R"\nexpires = {}\n'
        said = 'baseline = "known.json"\n' + waiver.format("2020-01-01") + waiver.format("9999-01-01")
        (tmp_path / "trustproof.toml").write_text(said)
        (tmp_path / "role.json").write_text(role("{}"))
        assert run("baseline", "write", "role.json").returncode == 0
        (tmp_path / "role.json").rename(tmp_path / "other.json")
        found = run("doctor")
        expired = "trustproof.toml:2: that of mfa-required expired on 2020-01-01"
        assert self.rows(found.stdout)["waivers"] == ("warning", expired)
        assert found.stdout.count("expired") == 1
        assert "not there any more: role.json; `trustproof baseline prune` takes out what is gone" in found.stdout
        assert self.rows(found.stdout)["templates"] == ("ok", "1 file that may be templates")
        assert found.returncode == 0

    def test_an_empty_directory_has_warnings(self, run: Run) -> None:
        """Without configuration and templates there is something to do, and nothing is broken."""
        found = run("doctor")
        rows = self.rows(found.stdout)
        assert found.returncode == 0
        assert rows["configuration"][0] == rows["templates"][0] == "warning"
        assert "trustproof init" in rows["configuration"][1]

    @pytest.mark.parametrize(
        ("text", "what", "said"),
        [
            ("[boundry]\n", "configuration", 'trustproof.toml:1: unknown table "boundry"'),
            ('baseline = "gone.json"\n', "baseline", "gone.json"),
        ],
    )
    def test_what_is_broken_fails(self, run: Run, tmp_path: Path, text: str, what: str, said: str) -> None:
        """A gate that would not run is an error, with the place."""
        (tmp_path / "trustproof.toml").write_text(text)
        found = run("doctor")
        state, line = self.rows(found.stdout)[what]
        assert (found.returncode, state) == (1, "error")
        assert said in line

    @pytest.mark.parametrize(
        ("before", "after", "said"),
        [
            ("", "", ""),
            (
                "222222222222",
                "333333333333",
                "lacks the account 333333333333; has the account 222222222222, which is not",
            ),
            ("o-a1b2c3d4e5", "o-zzzzzzzzzz", "lacks the organization o-zzzzzzzzzz"),
            ("888888888888", "777777777777", "lacks the vendor's account 777777777777"),
            ("[vendors.v]", "[vendors.v", "accounts.toml:5:11: not valid TOML"),
        ],
    )
    def test_a_boundary_that_the_accounts_file_has_left_behind(
        self, run: Run, tmp_path: Path, before: str, after: str, said: str
    ) -> None:
        """In a project of the app, the boundary is what its accounts file says, or an error."""
        (tmp_path / "trustproof.toml").write_text(
            '[boundary]\naccounts = ["222222222222"]\norganizations = ["o-a1b2c3d4e5"]\n'
            '[[third-party]]\nname = "V"\naccounts = ["888888888888", "999999999998"]\n'
        )
        text = (
            '[organization]\nid = "o-a1b2c3d4e5"\n[accounts.hub]\nid = "222222222222"\n'
            '[vendors.v]\naccounts = ["888888888888"]\n'
        )
        (tmp_path / "infra").mkdir()
        (tmp_path / "infra" / "accounts.toml").write_text(text.replace(before, after) if before else text)
        found = run("doctor")
        if not said:
            assert self.rows(found.stdout)["boundary"][0] == "ok"
            return
        errors = [line for state, line in self.rows(found.stdout).values() if state == "error"]
        assert any(said in line for line in errors), found.stdout
        assert found.returncode == 1

    def test_an_old_assembly_and_an_old_cli_are_told(self, run: Run, tmp_path: Path) -> None:
        """An assembly that is older than the app is not what will be deployed; a CLI 3.0.0 is older than 2.x."""
        (tmp_path / "cdk.json").write_text("{}")
        (tmp_path / "cdk.out").mkdir()
        (tmp_path / "cdk.out" / "manifest.json").write_text('{"version": "36.0.0", "artifacts": {}}')
        (tmp_path / "app.py").write_text("")
        os.utime(tmp_path / "cdk.out" / "manifest.json", (1, 1))
        programs = tmp_path / "programs"
        programs.mkdir()
        for name, printed in (("cdk", "3.0.0 (build 1)"), ("node", "v24.1.0")):
            (programs / name).write_text(f"#!/bin/sh\necho '{printed}'\n")
            (programs / name).chmod(0o755)
        found = run("doctor", env={"PATH": str(programs)})
        rows = self.rows(found.stdout)
        assert rows["cdk.out"] == ("warning", "is older than app.py: run cdk synth again")
        assert rows["node"] == ("ok", "v24.1.0")
        assert rows["cdk"][0] == "error"
        assert found.returncode == 1


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish", "tcsh"])
def test_completion_knows_commands_options_and_values(run: Run, shell: str) -> None:
    """The script of each shell has the commands, their options, and what these take, listed by argparse or not."""
    found = run("completion", shell)
    assert found.returncode == 0
    for word in ("baseline", "fail-on", "gained", "mfa-required", "eu-central-1", "sarif"):
        assert word in found.stdout


#: What is typed behind the name of the program, to what a shell offers.
TYPED = {
    "chec": {"check"},
    "check --property mfa-req": {"mfa-required"},
    "check --output sar": {"sarif"},
    "diff --fail-on g": {"gained"},
    "check --region eu-south-": {"eu-south-1", "eu-south-2"},
    "properties session-": {"session-duration-bounded"},
    "check --parameters-file scr": {"script"},
}


def completed_in_bash(run: Run, directory: Path, typed: str) -> set[str]:
    """What bash itself offers, given the script."""
    (directory / "script").write_text(run("completion", "bash").stdout)
    asked = (
        f"source ./script; COMP_WORDS=(trustproof {typed}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1)); "
        '_trustproof_completion; printf "%s\\n" "${COMPREPLY[@]}"'
    )
    found = subprocess.run(["bash", "-c", asked], cwd=directory, capture_output=True, text=True, check=False)
    assert not found.stderr
    return set(found.stdout.split())


@pytest.mark.parametrize("typed", TYPED)
def test_completion_completes_in_bash(run: Run, tmp_path: Path, typed: str) -> None:
    """Bash completes commands and values; files it completes by itself."""
    assert completed_in_bash(run, tmp_path, typed) == TYPED[typed]


@pytest.mark.parametrize(
    ("typed", "offered"),
    {
        "check --output sarif = scr": {"script"},
        "check --output sarif =": {"script", "directory"},
        "check --output sarif = dir": {"directory"},
        "explain Role --output json = scr": {"script"},
        "check --region = eu-south-": {"eu-south-1", "eu-south-2"},
        "check --output sarif = a.sarif --property mfa-req": {"mfa-required"},
        "explain --output json = a.json --col": {"--color"},
        # Where COMP_WORDBREAKS has no such sign, it is one word, and what is offered takes the place of all of it.
        "check --output sarif=scr": {"sarif=script"},
        "check --output=sarif=scr": {"--output=sarif=script"},
        "check --output sarif=dir": {"sarif=directory/"},
        "check --region=eu-south-": {"--region=eu-south-1", "--region=eu-south-2"},
    }.items(),
)
def test_completion_reads_what_bash_parts_at_an_equals_sign(
    run: Run, tmp_path: Path, typed: str, offered: set[str]
) -> None:
    """Bash hands over ``sarif=FILE`` in three words; a file is completed behind the sign, also where nothing is yet."""
    (tmp_path / "directory").mkdir()
    assert completed_in_bash(run, tmp_path, typed) == offered


@pytest.mark.skipif(shutil.which("fish") is None, reason="fish is not installed")
@pytest.mark.parametrize(
    ("typed", "offered"),
    {
        **TYPED,
        "check --output sarif=scr": {"sarif=script"},
        "check --output=sarif=scr": {"--output=sarif=script"},
    }.items(),
)
def test_completion_completes_in_fish(run: Run, tmp_path: Path, typed: str, offered: set[str]) -> None:
    """So does fish, also a file behind the sign."""
    (tmp_path / "script").write_text(run("completion", "fish").stdout)
    asked = f"source ./script; complete --do-complete 'trustproof {typed}'"
    environment = {**os.environ, "HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path)}
    found = subprocess.run(
        ["fish", "--no-config", "-c", asked], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert {line.split("\t")[0] for line in found.stdout.splitlines()} == offered, found.stderr


@pytest.mark.skipif(shutil.which("zsh") is None, reason="zsh is not installed")
def test_completion_is_that_of_zsh_behind_compinit(run: Run, tmp_path: Path) -> None:
    """As `trustproof completion --help` says it, zsh asks the script about the program."""
    help_ = " ".join(run("completion", "--help").stdout.split())
    said = 'for zsh, behind compinit: eval "$(trustproof completion zsh)"'
    assert said in help_
    (tmp_path / "script").write_text(run("completion", "zsh").stdout)
    asked = (
        'autoload -Uz compinit; compinit -u -d ./dump; eval "$(cat ./script)"; '
        "print -r -- $_comps[trustproof]; whence -w $_comps[trustproof]"
    )
    found = subprocess.run(
        ["zsh", "-f", "-c", asked],
        cwd=tmp_path,
        env={**os.environ, "HOME": str(tmp_path), "ZDOTDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    name, kind = found.stdout.splitlines()
    assert kind == f"{name}: function", found.stderr
