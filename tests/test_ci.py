"""
What is written for CI systems runs: each step as the shell that it is, in a directory of a user.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import sysconfig
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.cli.program import CONFIG, HELD, HOLE, environment

REPOSITORY = Path(__file__).parent.parent
ACTION = yaml.safe_load((REPOSITORY / "action.yml").read_text(encoding="utf-8"))
STEPS = {step["name"]: step for step in ACTION["runs"]["steps"]}
#: As GitHub runs `shell: bash`.
BASH = ("bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A repository with a template of each kind, and `trustproof` on the path of an installation."""
    (tmp_path / "hole.json").write_text(HOLE)
    (tmp_path / "held.json").write_text(HELD)
    (tmp_path / "it's $(touch no).json").write_text(HELD)
    (tmp_path / "trustproof.toml").write_text(CONFIG)
    programs = tmp_path / "runner" / "trustproof" / "bin"
    programs.mkdir(parents=True)
    for name, module in (("trustproof", " -P -m trustproof"), ("python", "")):
        (programs / name).write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)}{module} "$@"\n')
        (programs / name).chmod(0o755)
    return tmp_path


def bash(project: Path, script: str, **variables: str) -> subprocess.CompletedProcess[str]:
    bin_path = f"{project / 'runner' / 'trustproof' / 'bin'}{os.pathsep}{os.environ['PATH']}"
    env = environment({"RUNNER_TEMP": str(project / "runner"), "PATH": bin_path, **variables})
    return subprocess.run([*BASH, script], cwd=project, env=env, capture_output=True, text=True, check=False)


def check(
    project: Path, paths: str, arguments: str = "", category: str = "", directory: str = "."
) -> tuple[dict[str, str], str]:
    """The outputs of the step that checks, and its log."""
    output = project / "output.txt"
    output.unlink(missing_ok=True)
    done = bash(
        project,
        STEPS["Check"]["run"],
        INPUT_PATHS=paths,
        INPUT_ARGUMENTS=arguments,
        INPUT_CATEGORY=category,
        INPUT_DIRECTORY=directory,
        GITHUB_OUTPUT=str(output),
        GITHUB_STEP_SUMMARY=str(project / "summary.md"),
    )
    assert done.returncode == 0, done.stderr
    return dict(line.split("=", 1) for line in output.read_text().splitlines()), done.stdout


class TestAction:
    """The action for GitHub."""

    def test_it_annotates_summarizes_and_leaves_the_reports(self, project: Path) -> None:
        """One run gives annotations, the summary, SARIF and the text; the status is an output."""
        outputs, log = check(project, "hole.json\nheld.json\n")
        assert outputs["exit-status"] == "1"
        assert json.loads(Path(outputs["sarif"]).read_text())["version"] == "2.1.0"
        annotation, stop, *text, resume = log.splitlines()
        assert annotation.startswith("::error file=hole.json,line=13,")
        assert resume == f"::{stop.removeprefix('::stop-commands::')}::"
        assert text[0].startswith("refuted[mfa-required]: ")
        assert "## Trustproof" in (project / "summary.md").read_text()

    @pytest.mark.parametrize(
        ("paths", "arguments", "status"),
        [
            ("held.json\n\n", "--strict\n--account=111122223333\n", "0"),
            ("it's $(touch no).json", "", "0"),
            ("gone.json", "", "2"),
            ("held.json", "--no-such-option", "2"),
            ("--help", "", "2"),
        ],
    )
    def test_the_status_is_that_of_the_gate(self, project: Path, paths: str, arguments: str, status: str) -> None:
        """Paths and arguments come one a line and are nothing else, whatever they contain."""
        assert check(project, paths, arguments)[0]["exit-status"] == status
        assert not (project / "no").exists()

    def test_a_second_use_publishes_nothing_of_the_first(self, project: Path) -> None:
        """Each use has its own reports: where it cannot read its configuration, they say so, and no findings go up."""
        first, _ = check(project, "hole.json")
        (project / "trustproof.toml").write_text('[boundary]\naccounts = ["1111"]\n')
        second, log = check(project, "held.json")
        assert second["exit-status"] == "2"
        assert log.startswith("::error file=trustproof.toml,line=2,title=unreadable::")
        assert "mfa-required" not in log
        for name in ("sarif", "comment"):
            assert "mfa-required" in Path(first[name]).read_text()
        assert json.loads(Path(second["sarif"]).read_text())["runs"][0]["results"] == []
        assert r"account id \"1111\" must be" in Path(second["comment"]).read_text().replace('"', r"\"")
        refused, log = check(project, "held.json", "--no-such-option")
        assert (refused, log) == ({"exit-status": "2"}, "")

    def test_only_a_whole_run_goes_to_code_scanning(self) -> None:
        """It would take the findings of a template that could not be read for mended."""
        assert "steps.check.outputs.exit-status != '2'" in STEPS["Upload SARIF"]["if"]

    @pytest.mark.parametrize(
        ("directory", "paths", "category", "expected"),
        [
            (".", "cdk.out", "", "trustproof"),
            (".", "", "", "trustproof"),
            ("./", "cdk.out\n", "", "trustproof"),
            ("apps/a", "cdk.out", "", "trustproof/apps/a"),
            ("./apps/a/", "cdk.out", "", "trustproof/apps/a"),
            (".", "hole.json", "", "trustproof/hole.json"),
            (".", "hole.json\n\nheld.json\n", "", "trustproof/hole.json,held.json"),
            ("b", "held.json", "", "trustproof/b/held.json"),
            (".", "a b", "", "trustproof/a_b-3621717853"),
            (".", "a--b", "", "trustproof/a__b-462085422"),
            ("x" * 200, "cdk.out", "", "trustproof/" + "x" * 69 + "-1346366499"),
            ("b", "held.json", "prod", "prod"),
        ],
    )
    def test_each_use_has_a_category(
        self, project: Path, directory: str, paths: str, category: str, expected: str
    ) -> None:
        """By where it runs and what it checks, so that jobs of one repository do not replace each other's findings."""
        (project / "zlib.py").write_text("raise SystemExit('a module of what is checked was run')")
        said = project / "runner" / "trustproof" / "bin" / "trustproof"
        said.write_text('#!/bin/sh\nfor said; do case $said in sarif=*|text=*) echo "$*" > "${said#*=}";; esac; done\n')
        outputs, _ = check(project, paths, category=category, directory=directory)
        assert outputs["category"] == expected
        assert f" --category={expected} --" in Path(outputs["sarif"]).read_text()

    def test_the_reports_are_of_the_category(self, project: Path) -> None:
        """Code scanning and the comment tell uses apart by what the reports say, and by what the step hands on."""
        outputs, _ = check(project, "held.json", directory="b")
        assert outputs["category"] == "trustproof/b/held.json"
        details = json.loads(Path(outputs["sarif"]).read_text())["runs"][0]["automationDetails"]
        assert details == {"id": "trustproof/b/held.json/"}
        assert Path(outputs["comment"]).read_text().startswith("<!-- trustproof trustproof/b/held.json -->\n")
        assert STEPS["Upload SARIF"]["with"]["category"] == "${{ steps.check.outputs.category }}"

    @pytest.mark.parametrize("status", [0, 1, 2])
    def test_the_last_step_fails_where_the_gate_does(self, project: Path, status: int) -> None:
        """The reports are uploaded first, and then the job has the status."""
        assert bash(project, STEPS["Result"]["run"], STATUS=str(status)).returncode == status

    @pytest.mark.parametrize(
        ("there", "method", "target"),
        [("", "POST", "repos/o/r/issues/7/comments"), ("41\n42", "PATCH", "repos/o/r/issues/comments/41")],
        ids=["first", "again"],
    )
    def test_the_comment_is_written_once_and_then_updated(
        self, project: Path, there: str, method: str, target: str
    ) -> None:
        """A comment that begins with the mark is the one to update."""
        outputs, _ = check(project, "hole.json")
        gh = project / "runner" / "trustproof" / "bin" / "gh"
        calls = project / "calls"
        gh.write_text(
            f'#!/bin/sh\nprintf "%s\\n" "$*" "$MARK" >> {shlex.quote(str(calls))}\n'
            f'case "$*" in *--jq*) printf "%s" "{there}";; esac\n'
        )
        gh.chmod(0o755)
        done = bash(
            project, STEPS["Comment"]["run"], GITHUB_REPOSITORY="o/r", PULL_REQUEST="7", REPORT=outputs["comment"]
        )
        assert done.returncode == 0, done.stderr
        listing, more, mark, writing, _ = calls.read_text().splitlines()
        assert listing.startswith("api --paginate repos/o/r/issues/7/comments --jq ")
        assert mark == "<!-- trustproof trustproof/hole.json -->"
        assert "select(.body | startswith(env.MARK))" in listing
        assert more.strip().startswith("| select(")
        body = f"--field body=@{outputs['comment']}"
        assert writing == f"api --silent --method {method} {target} {body}"
        assert Path(outputs["comment"]).read_text().startswith(f"{mark}\n")

    @pytest.mark.parametrize("refused", ["--paginate", "--method"])
    def test_a_comment_that_nobody_may_write_changes_no_verdict(self, project: Path, refused: str) -> None:
        """For a pull request of a fork the token only reads: the step says so, and the next one has the status."""
        outputs, _ = check(project, "held.json")
        gh = project / "runner" / "trustproof" / "bin" / "gh"
        gh.write_text(f'#!/bin/sh\ncase "$*" in *{refused}*) echo "HTTP 403" >&2; exit 1;; esac\n')
        gh.chmod(0o755)
        given = {"GITHUB_REPOSITORY": "o/r", "PULL_REQUEST": "7", "REPORT": outputs["comment"]}
        done = bash(project, STEPS["Comment"]["run"], **given)
        assert (done.returncode, done.stderr) == (0, "HTTP 403\n")
        (said,) = done.stdout.splitlines()
        assert said.startswith("::warning title=Trustproof::no comment was written: the token needs ")

    @pytest.mark.skipif(shutil.which("jq") is None, reason="the language of gh's queries is jq's")
    @pytest.mark.parametrize(
        ("kind", "association", "is_ours"),
        [
            ("Bot", "NONE", True),
            ("User", "MEMBER", True),
            ("User", "COLLABORATOR", True),
            ("User", "CONTRIBUTOR", False),
            ("User", "NONE", False),
        ],
    )
    def test_a_comment_of_a_stranger_is_never_taken_for_the_report(
        self, kind: str, association: str, is_ours: bool
    ) -> None:
        """Whoever opens a pull request may write the mark, and would own the comment that says what was found."""
        query = re.search(r"query='(.*?)'", STEPS["Comment"]["run"], re.DOTALL)
        assert query is not None
        mark = "<!-- trustproof trustproof -->"
        comments = [
            {"id": 1, "body": "hello", "user": {"type": "Bot"}, "author_association": "NONE"},
            {"id": 2, "body": f"{mark}\n", "user": {"type": kind}, "author_association": association},
        ]
        done = subprocess.run(
            ["jq", query[1]],
            input=json.dumps(comments),
            env={**os.environ, "MARK": mark},
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout.split() == (["2"] if is_ours else [])

    def test_no_script_has_an_expression(self) -> None:
        """What a caller gives reaches the shell as a variable: an expression in a script is text of the script."""
        assert not [name for name, step in STEPS.items() if "${{" in step.get("run", "")]

    def test_every_input_is_used_and_every_expression_is_known(self) -> None:
        """A typing error in an expression is an empty text to GitHub."""
        used = re.findall(r"(?<![\w.])inputs\.([\w-]+)", (REPOSITORY / "action.yml").read_text(encoding="utf-8"))
        assert set(used) == set(ACTION["inputs"])
        outputs = re.findall(r"steps\.check\.outputs\.([\w-]+)", str(ACTION))
        assert set(outputs) == {"exit-status", "sarif", "category", "comment"}


def test_the_pre_commit_hook_runs(project: Path) -> None:
    """Entry and arguments, without names of files, check the repository, whatever files a commit changes or deletes."""
    (hook,) = yaml.safe_load((REPOSITORY / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    assert hook["language"] == "python"
    assert hook["pass_filenames"] is False
    assert hook["always_run"] is True
    command = shlex.join([*shlex.split(hook["entry"]), *hook["args"]])
    failed = bash(project, command)
    assert failed.returncode == 1
    assert "hole.json:13:" in failed.stdout
    (project / "hole.json").unlink()
    assert bash(project, command).returncode == 0


def test_pre_commit_itself_runs_the_hook_and_the_rules_of_cfn_lint(project: Path) -> None:
    """At a commit, from a repository with our manifest. What pre-commit installs is installed here."""
    pytest.importorskip("pre_commit", reason="pre-commit is not installed; it is in the extra called dev")
    blocks = re.findall(r"```yaml\n(.*?)```", (REPOSITORY / "docs" / "ci" / "README.md").read_text("utf-8"), re.DOTALL)
    (written,) = (yaml.safe_load(block) for block in blocks if "repo: local" in block)
    (local,) = written["repos"]
    hooks, here = project / "hooks", {"language": "system", "additional_dependencies": []}
    hooks.mkdir()
    shutil.copy(REPOSITORY / ".pre-commit-hooks.yaml", hooks)
    git = "git -c user.name=a -c user.email=a@example.com"
    made = bash(project, f"cd hooks && git init -q && git add -A && {git} commit -qm hooks && git rev-parse HEAD")
    ours = {"repo": "./hooks", "rev": made.stdout.strip(), "hooks": [{"id": "trustproof", **here}]}
    local["hooks"] = [one | here for one in local["hooks"]]
    (project / ".pre-commit-config.yaml").write_text(yaml.safe_dump({"repos": [ours, local]}), encoding="utf-8")
    given = {"PRE_COMMIT_HOME": str(project / "runner" / "home")}
    programs = f"{project / 'runner' / 'trustproof' / 'bin'}{os.pathsep}{Path(sys.executable).parent}"
    given["PATH"] = f"{programs}{os.pathsep}{os.environ['PATH']}"
    (project / "templates").mkdir()
    (project / "hole.json").rename(project / "templates" / "hole.json")
    done = bash(project, "git init -q && git add templates *.toml .pre*.yaml && python -m pre_commit run", **given)
    assert done.returncode == 1, done.stderr
    first, second = done.stdout.split("- hook id: ")[1:]
    assert "refuted[mfa-required]" in first
    assert re.search(r"^E95.*mfa", second, re.MULTILINE)


def test_what_starts_a_recipe_can_be_read(project: Path) -> None:
    """Each installs what reads Terraform: a file of it would be an error in every run."""
    extras = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    (hook,) = yaml.safe_load((REPOSITORY / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    assert hook["additional_dependencies"] == extras["optional-dependencies"]["terraform"]
    for text in (STEPS["Install"]["run"], *(path.read_text() for path in (REPOSITORY / "docs" / "ci").glob("*.yml"))):
        assert "[terraform]" in text


def script(file: str) -> tuple[Any, list[str], dict[str, str]]:
    """The document of a template, the commands that do not install anything, and its variables."""
    document = yaml.safe_load((REPOSITORY / "docs" / "ci" / file).read_text(encoding="utf-8"))
    if file == "gitlab.yml":
        commands, variables = document["trustproof"]["script"], document["trustproof"]["variables"]
    else:
        commands, variables = document["phases"]["build"]["commands"], document["env"]["variables"]
    return document, [line for line in commands if "pip install" not in line], variables


@pytest.mark.parametrize("file", ["gitlab.yml", "buildspec.yml"])
@pytest.mark.parametrize(("paths", "status"), [("held.json hole.json", 1), ("held.json", 0)])
def test_the_job_leaves_what_it_promises(project: Path, file: str, paths: str, status: int) -> None:
    """Every report that the job hands on is there, whatever the status is."""
    document, commands, variables = script(file)
    done = bash(project, "\n".join(commands), **{**variables, "TRUSTPROOF_PATHS": paths})
    assert done.returncode == status, done.stderr
    if file == "gitlab.yml":
        artifacts = document["trustproof"]["artifacts"]
        assert artifacts["when"] == "always"
        promised = [*artifacts["paths"], *artifacts["reports"].values()]
    else:
        promised = [*document["artifacts"]["files"], *document["reports"]["trustproof"]["files"]]
    assert [name for name in promised if not (project / name).is_file()] == []


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the recipes install: of a registry or a repository, where there is a network."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(command, cwd=REPOSITORY, capture_output=True, check=True)
    (found,) = folder.glob("*.whl")
    return found


def with_dependencies(environment_path: Path) -> None:
    """Let an environment have what Trustproof needs, which nobody downloads here: that of the tests comes last."""
    (site,) = environment_path.glob("lib/python*/site-packages")
    (site / "dependencies.pth").write_text(f"{sysconfig.get_path('purelib')}\n", encoding="utf-8")


def installed_in(environment_path: Path) -> bool:
    """Whether the program of an environment is the one that was installed there."""
    command = [environment_path / "bin" / "python", "-c", "import trustproof; print(trustproof.__file__)"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=environment_path, env=environment())
    return done.stdout.startswith(str(environment_path.resolve()))


#: Of a machine without a network; and most modules are compiled for nothing, since one check imports few of them.
OFFLINE = {"PIP_NO_INDEX": "1", "PIP_NO_DEPS": "1", "PIP_NO_INPUT": "1", "PIP_NO_COMPILE": "1"}


#: Modules that a repository may have in its root, named as what a recipe runs or imports.
MODULES = ("venv.py", "pip.py", "ensurepip.py", "logging.py", "types.py", "trustproof.py")


def test_the_action_installs_what_it_runs(project: Path, wheel: Path) -> None:
    """
    The first step makes an environment with what the action is, and the second one checks with it; modules of what is
    checked are not run.
    """
    shutil.rmtree(project / "runner" / "trustproof")
    for name in MODULES:
        (project / name).write_text("raise SystemExit('a module of the repository was run')", encoding="utf-8")
    done = bash(project, STEPS["Install"]["run"], GITHUB_ACTION_PATH=str(wheel), **OFFLINE)
    assert done.returncode == 0, done.stderr
    with_dependencies(project / "runner" / "trustproof")
    assert installed_in(project / "runner" / "trustproof")
    assert check(project, "hole.json")[0]["exit-status"] == "1"


def test_the_jobs_and_the_hook_install_what_they_run(project: Path, wheel: Path) -> None:
    """Every line of the recipes is run as it stands, in an image with Python, and so is what pre-commit makes of it."""
    shutil.rmtree(project / "runner")
    for name in MODULES:
        (project / name).write_text("raise SystemExit('a module of the repository was run')", encoding="utf-8")
    gitlab = yaml.safe_load((REPOSITORY / "docs" / "ci" / "gitlab.yml").read_text(encoding="utf-8"))["trustproof"]
    codebuild = yaml.safe_load((REPOSITORY / "docs" / "ci" / "buildspec.yml").read_text(encoding="utf-8"))
    (hook,) = yaml.safe_load((REPOSITORY / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    phases = [line for phase in ("install", "build") for line in codebuild["phases"][phase]["commands"]]
    # https://pre-commit.com/#python: an environment, and the repository installed into it.
    checked = shlex.join([*shlex.split(hook["entry"]), *hook["args"]])
    hooked = ['python -I -m pip install "$TRUSTPROOF_PACKAGE"', checked]
    recipes: list[tuple[list[str], dict[str, str]]] = [
        (gitlab["script"], gitlab["variables"]),
        (phases, codebuild["env"]["variables"]),
        (hooked, {}),
    ]
    image = project / "image"
    # Its pip is among the dependencies: to install one takes longer than all the rest.
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(image)], check=True)
    with_dependencies(image)
    here = {"PATH": f"{image / 'bin'}{os.pathsep}{os.environ['PATH']}", **OFFLINE}
    # One image for all: the first of them installs, and pip finds what the others ask for.
    for lines, variables in recipes:
        given = {**variables, "TRUSTPROOF_PACKAGE": str(wheel), "TRUSTPROOF_PATHS": "hole.json held.json"}
        done = subprocess.run(
            [*BASH, "\n".join(lines)], cwd=project, env=environment({**given, **here}), capture_output=True, text=True
        )
        assert done.returncode == 1, done.stderr
        assert "refuted[mfa-required]" in done.stdout
        assert installed_in(image)
