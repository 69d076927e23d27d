"""
`trustproof diff`: exit codes, forms, and revisions of git.
"""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from jsonschema.validators import validator_for

import trustproof
from tests.cli.program import Run, environment, role

HELD, OPEN = role('{"Bool": {"aws:MultiFactorAuthPresent": "true"}}'), role("{}")
TERRAFORM = """resource "aws_iam_role" "r" {
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { AWS = "CALLER" } }]
  })
}
"""
SCHEMA = Path(trustproof.__file__).parent / "output" / "difference.schema.json"


@pytest.fixture
def two(tmp_path: Path) -> tuple[str, str]:
    """A template that asks for MFA, and one that does not."""
    (tmp_path / "held.json").write_text(HELD, encoding="utf-8")
    (tmp_path / "open.json").write_text(OPEN, encoding="utf-8")
    return "held.json", "open.json"


def test_no_change_of_meaning_is_no_output(run: Run, two: tuple[str, str], tmp_path: Path) -> None:
    """Nothing is printed, as by `diff`, however the text has changed."""
    held, _ = two
    (tmp_path / "other.json").write_text(json.dumps(json.loads(HELD)), encoding="utf-8")
    for form in ("text", "markdown"):
        done = run("diff", held, "other.json", "--format", form)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize(
    ("fail_on", "forth", "back"), [(None, 1, 0), ("gained", 1, 0), ("lost", 0, 1), ("any", 1, 1), ("none", 0, 0)]
)
def test_what_fails_is_chosen(run: Run, two: tuple[str, str], fail_on: str | None, forth: int, back: int) -> None:
    """Gained access fails where nothing else is asked for."""
    held, open_ = two
    more = () if fail_on is None else ("--fail-on", fail_on)
    assert run("diff", held, open_, *more).returncode == forth
    assert run("diff", open_, held, *more).returncode == back


def test_the_text_says_who_and_shows_a_request(run: Run, two: tuple[str, str]) -> None:
    """Who gained what, where that is written, the request, and what became of the properties."""
    assert run("diff", *two).stdout == (
        """\
gained: alice's access key of account 222222222222 may assume Deployer
  --> open.json:9:13 (Deployer)
   = request: arn:aws:iam::222222222222:user/alice calls sts:AssumeRole (IAM user, long-term access key, no MFA)
   =          aws:MultiFactorAuthPresent is absent
   = also: with IAM user, session token obtained without MFA; role session; IAM Identity Center session

verdict[mfa-required]: was proved and is refuted for Deployer
  --> open.json:11:36 (Deployer)
   = because: any user of account 222222222222 who may call sts:AssumeRole gets Deployer without MFA
   = request: arn:aws:iam::222222222222:user/alice calls sts:AssumeRole (IAM user, long-term access key, no MFA)
   =          aws:MultiFactorAuthPresent is absent

1 gained, 0 lost, 1 verdict changed, 0 not decided (held.json -> open.json)
"""
    )


def test_json_is_that_of_the_published_schema(run: Run, two: tuple[str, str]) -> None:
    """Whoever reads it may rely on the schema that is installed beside the program; an empty difference is one too."""
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    validator = validator_for(schema)
    validator.check_schema(schema)
    held, open_ = two
    for old, new in ((held, open_), (open_, held), (held, held)):
        document = json.loads(run("diff", old, new, "--format", "json").stdout)
        validator(schema).validate(document)
        assert document["summary"]["gained"] == int((old, new) == (held, open_))
    assert not validator(schema).is_valid({**document, "access": [{"direction": "sideways"}]})


def test_a_policy_that_aws_would_refuse_is_an_error_beside_the_rest(
    run: Run, two: tuple[str, str], tmp_path: Path
) -> None:
    """What is gained is shown, and the exit status is that of `check`."""
    document = json.loads(OPEN)
    policy = {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": [""], "Resource": "*"}]}
    properties = {"Bucket": "b", "PolicyDocument": policy}
    document["Resources"]["Bucket"] = {"Type": "AWS::S3::BucketPolicy", "Properties": properties}
    (tmp_path / "refused.json").write_text(json.dumps(document), encoding="utf-8")
    ran = run("diff", two[0], "refused.json", "--format", "json", "--output", "text=out.txt")
    assert (ran.returncode, "on the new side: " in ran.stderr) == (2, True)
    found = json.loads(ran.stdout)
    validator_for(schema := json.loads(SCHEMA.read_text(encoding="utf-8")))(schema).validate(found)
    assert (found["summary"]["gained"], [one["file"] for one in found["errors"]]) == (1, ["refused.json"])
    assert "1 refused" in (tmp_path / "out.txt").read_text(encoding="utf-8")


def test_json_of_terraform_is_that_of_the_published_schema(run: Run, tmp_path: Path) -> None:
    """What is found stands in a file of the directory, which it says."""
    for name, caller in (("old", "111122223333"), ("new", "*")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "main.tf").write_text(TERRAFORM.replace("CALLER", caller), encoding="utf-8")
    document = json.loads(run("diff", "old", "new", "--format", "json").stdout)
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    validator_for(schema)(schema).validate(document)
    assert document["access"][0]["file"].endswith("main.tf")


def test_what_is_no_longer_decided_of_one_policy_is_said_once(run: Run, two: tuple[str, str], tmp_path: Path) -> None:
    """A policy that nobody can read is no answer to any property, and each would say so for itself."""
    unread = tmp_path / "unread.json"
    unread.write_text(OPEN.replace('"sts:AssumeRole"', '{"Fn::GetAtt": ["Custom", "Action"]}'), encoding="utf-8")
    for form in ("text", "markdown"):
        out = run("diff", two[0], str(unread), "--format", form).stdout
        assert out.count("is unknown for Deployer") == 1
        assert all(name in out for name in ("mfa-required", "statement-usable"))


def test_markdown_shows_names_and_does_nothing_else(run: Run, tmp_path: Path) -> None:
    """What a template says is text in a comment: no link, no mention, no markup."""
    for name, text in (("a.json", HELD), ("b.json", OPEN)):
        named = text.replace("222222222222:root", "222222222222:user/@octocat")
        (tmp_path / name).write_text(named.replace("Deployer", "![x](http://example.com)"), encoding="utf-8")
    found = run("diff", "a.json", "b.json", "--format", "markdown").stdout
    assert found.startswith("<!-- trustproof-diff -->\n")
    heading = next(line for line in found.splitlines() if line.startswith("### gained"))
    assert heading == (
        r"### gained: @<!-- -->octocat's access key of account 222222222222 may assume \!\[x\]\(http\://example\.com\)"
    )


def test_markdown_has_a_section_for_each_reason(run: Run, tmp_path: Path) -> None:
    """What is not decided for the same reason in many templates is said once, with some of the places."""
    for side, macro in (("old", "First"), ("new", "Second")):
        (tmp_path / side).mkdir()
        for number in range(12):
            text = json.dumps({"Transform": macro, **json.loads(HELD)})
            (tmp_path / side / f"{number:02}.json").write_text(text, encoding="utf-8")
    done = run("diff", "old", "new", "--format", "markdown")
    assert done.returncode == 0, done.stderr
    assert "0 gained, 0 lost, 0 verdicts changed, 48 not decided" in done.stdout
    assert done.stdout.count("### unknown") == 2
    assert done.stdout.count(", and at 14 more places\n") == 2


def test_a_side_may_come_from_standard_input(run: Run, two: tuple[str, str], tmp_path: Path) -> None:
    """What `git show` or `aws cloudformation get-template` print is the side that a file with it would be."""
    held, opened = (tmp_path / name for name in two)
    for name in two:
        text = (tmp_path / name).read_text(encoding="utf-8")
        for sides in ((name, "-"), ("-", name)):
            same = run("diff", *sides, "--fail-on", "any", "--strict", stdin=text)
            assert (same.returncode, same.stdout, same.stderr) == (0, "", "")
    by_names = run("diff", *two).stdout
    assert "\nverdict[mfa-required]: was proved and is refuted for Deployer\n" in by_names
    old_side = run("diff", "-", two[1], stdin=held.read_text(encoding="utf-8"))
    assert old_side.stdout == by_names.replace(f"({two[0]} ->", "(<stdin> ->")
    new_side = run("diff", two[0], "-", stdin=opened.read_text(encoding="utf-8"))
    assert new_side.stdout == by_names.replace(two[1], "<stdin>")
    refused = run("diff", "-", "-", stdin=HELD)
    assert (refused.returncode, refused.stderr) == (2, "error: <stdin> can be one side only: it is read to its end\n")


@pytest.mark.skipif(not os.path.isdir("/dev/fd"), reason="no files for what a shell has opened")
def test_a_side_may_be_what_a_shell_has_opened(two: tuple[str, str], tmp_path: Path) -> None:
    """`trustproof diff <(git show origin/main:t.json) t.json` reads its pipes once, and says what the files would."""
    command = f"{shlex.quote(sys.executable)} -m trustproof diff <(cat {two[0]}) <(cat {two[1]})"
    done = subprocess.run(
        ["bash", "-c", command], cwd=tmp_path, env=environment(), capture_output=True, text=True, check=False
    )
    assert done.returncode == 1, done.stderr
    assert "\nverdict[mfa-required]: was proved and is refuted for Deployer\n" in done.stdout


def test_several_forms_at_once(run: Run, two: tuple[str, str], tmp_path: Path) -> None:
    """Each in a file of its own; standard output has the text."""
    done = run("diff", *two, "--output", "json=d.json", "--output", "markdown=d.md")
    assert done.stdout.startswith("gained: ")
    assert json.loads((tmp_path / "d.json").read_text(encoding="utf-8"))["summary"]["gained"] == 1
    assert (tmp_path / "d.md").read_text(encoding="utf-8").startswith("<!-- trustproof-diff -->")


def test_a_comment_may_have_a_category(run: Run, two: tuple[str, str]) -> None:
    """Several comparisons about one commit are told apart in comments; what is empty has no mark."""

    def written(*arguments: str) -> list[str]:
        return run("diff", *arguments, "--format", "markdown").stdout.splitlines()[:2]

    assert written(*two) == ["<!-- trustproof-diff -->", "## Access"]
    named = ("--category", "apps/_a")
    assert written(*two, *named) == ["<!-- trustproof-diff apps/_a -->", r"## Access (apps/\_a)"]
    assert written(two[0], two[0], *named) == []
    report = run("check", two[1], "--format", "markdown", "--category", "diff").stdout
    assert report.splitlines()[0] == "<!-- trustproof diff -->"
    refused = run("diff", *two, "--category", "a-->b")
    assert (refused.returncode, "argument --category: must be at most 100 letters" in refused.stderr) == (2, True)


def test_no_difference_of_another_run_is_left(run: Run, two: tuple[str, str], tmp_path: Path) -> None:
    """A comparison that ends with an error leaves no earlier one in its place."""
    outputs = ("--output", "json=d.json", "--output", "markdown=d.md")
    assert run("diff", *two, *outputs).returncode == 1
    (tmp_path / two[1]).write_text('{"Resources": ')
    assert run("diff", *two, *outputs).returncode == 2
    assert not (tmp_path / "d.json").exists()
    assert not (tmp_path / "d.md").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("held.json",), "two sides are needed, OLD and NEW, or --base REVISION: got 1"),
        (("held.json", "missing.json"), "missing.json: cannot be read"),
        (("held.json", "open.json", "--property", "nothing"), "nothing"),
        (("--base", "HEAD", "held.json"), "held.json: it is in no repository of git, so there is no revision"),
    ],
)
def test_what_cannot_be_compared_is_an_error(
    run: Run, two: tuple[str, str], arguments: tuple[str, ...], said: str
) -> None:
    """One line on standard error, and status 2."""
    done = run("diff", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert "Traceback" not in done.stderr


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository whose one commit holds a template."""
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "held.json").write_text(HELD, encoding="utf-8")
    git(tmp_path, "init", "--quiet", "--initial-branch", "main")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "--quiet", "--message", "Ask for MFA")
    return tmp_path


def git(folder: Path, *arguments: str) -> str:
    """What git says, as somebody without a configuration."""
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false"]
    run = ["git", *identity, *arguments]
    return subprocess.run(run, cwd=folder, check=True, capture_output=True, text=True).stdout


def test_a_link_out_of_the_repository_is_named_with_where_it_leads(
    run: Run, repository: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """A directory that is a link may lead to where git knows nothing."""
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / "key.json").write_text(HELD, encoding="utf-8")
    (repository / "linked").symlink_to(elsewhere)
    done = run("diff", "--base", "HEAD", "linked/key.json")
    assert done.returncode == 2
    assert f"linked/key.json: it leads to {elsewhere}, which is in no repository of git" in done.stderr


def test_a_revision_is_compared_with_the_work_tree(run: Run, repository: Path) -> None:
    """Nothing is checked out: neither the files nor the index change, and the old side is named by the revision."""
    file = repository / "templates" / "held.json"
    assert run("diff", "--base", "main").returncode == 0
    assert run("diff", "--base", ":/for MFA").returncode == 0
    file.write_text(OPEN, encoding="utf-8")
    before = git(repository, "status", "--porcelain")
    done = run("diff", "--base", "main", "--fail-on", "any", "templates")
    assert (done.returncode, done.stderr) == (1, "")
    assert "  --> templates/held.json:9:13 (Deployer)" in done.stdout
    assert "(main -> templates)" in done.stdout
    assert (file.read_text(encoding="utf-8"), git(repository, "status", "--porcelain")) == (OPEN, before)
    back = run("diff", "--base", "main", "templates/held.json", "--format", "json")
    (gained,) = json.loads(back.stdout)["access"]
    assert gained["template"] == "templates/held.json"


def test_a_submodule_is_what_the_revision_names_of_it(
    run: Run, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Unchanged it is no difference; what is edited in it is, and so is another commit of it."""
    vendor = tmp_path_factory.mktemp("vendor")
    (vendor / "vendor.json").write_text(HELD.replace("Deployer", "Vendor"), encoding="utf-8")
    git(vendor, "init", "--quiet", "--initial-branch", "main")
    git(vendor, "add", ".")
    git(vendor, "commit", "--quiet", "--message", "Hold")
    home = tmp_path
    git(home, "init", "--quiet", "--initial-branch", "main")
    git(home, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(vendor), "lib/vendor")
    git(home, "add", ".")
    git(home, "commit", "--quiet", "--message", "Take the vendor in")
    for path in (".", "lib", "lib/vendor", "lib/vendor/vendor.json"):
        done = run("diff", "--base", "HEAD", path)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    (home / "lib" / "vendor" / "vendor.json").write_text(OPEN.replace("Deployer", "Vendor"), encoding="utf-8")
    assert run("diff", "--base", "HEAD").returncode == 1
    git(home / "lib" / "vendor", "commit", "--quiet", "--all", "--message", "Open")
    done = run("diff", "--base", "HEAD", "--format", "json")
    assert [(one["direction"], one["logical_id"]) for one in json.loads(done.stdout)["access"]] == [
        ("gained", "Vendor")
    ]
    git(home, "commit", "--quiet", "--all", "--message", "Follow the vendor")
    # The submodule has a revision of that name, too, with what it was moved to.
    git(home, "tag", "before", "HEAD~1")
    git(home / "lib" / "vendor", "tag", "before")
    for path in (".", "lib/vendor", "lib/vendor/vendor.json", str(home / "lib" / "vendor")):
        assert run("diff", "--base", "HEAD", path).stdout == ""
        done = run("diff", "--base", "before", path, "--format", "json")
        assert [one["direction"] for one in json.loads(done.stdout)["access"]] == ["gained"], path
        assert done.returncode == 1


def test_a_submodule_that_is_not_checked_out_is_not_decided(
    run: Run, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Of another commit that nobody has here, nothing is known, which fails a strict run; of the same one all is."""
    vendor, super_ = tmp_path_factory.mktemp("vendor"), tmp_path_factory.mktemp("super")
    for text in (HELD, OPEN):
        if not (vendor / ".git").exists():
            git(vendor, "init", "--quiet", "--initial-branch", "main")
            git(super_, "init", "--quiet", "--initial-branch", "main")
        (vendor / "vendor.json").write_text(text, encoding="utf-8")
        git(vendor, "add", ".")
        git(vendor, "commit", "--quiet", "--message", "Change")
        if not (super_ / "mod").exists():
            git(super_, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(vendor), "mod")
        git(super_ / "mod", "-c", "protocol.file.allow=always", "pull", "--quiet", "origin", "main")
        git(super_, "add", ".")
        git(super_, "commit", "--quiet", "--message", "Follow")
    git(tmp_path, "clone", "--quiet", str(super_), "here")
    for path, called in (("here", "here/mod"), ("here/mod", "here/mod")):
        done = run("diff", "--base", "HEAD~1", path, "--strict")
        assert (done.returncode, done.stderr) == (1, "")
        assert f"  --> {called}\n" in done.stdout
        assert "a submodule that is not checked out, whose commit was " in done.stdout
        assert run("diff", "--base", "HEAD", path, "--strict").returncode == 0
    # Git makes an empty directory of what is not checked out: one that is not there was deleted, or is something else.
    for name in (None, "template.json"):
        shutil.rmtree(tmp_path / "here" / "mod", ignore_errors=True)
        if name is not None:
            (tmp_path / "here" / "mod").mkdir()
            (tmp_path / "here" / "mod" / name).write_text(HELD, encoding="utf-8")
        for path in ("here", "here/mod"):
            done = run("diff", "--base", "HEAD", path, "--strict")
            assert (done.returncode, done.stderr) == (1, "")
            assert "a submodule that is deleted in the work tree, whose commit was " in done.stdout
    # A sparse checkout leaves it out, and with that changes nothing.
    shutil.rmtree(tmp_path / "here" / "mod")
    git(tmp_path / "here", "update-index", "--skip-worktree", "mod")
    assert run("diff", "--base", "HEAD", "here", "--strict").returncode == 0


def test_git_in_a_hook_is_asked_about_the_paths_that_are_named(
    run: Run, repository: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """In a hook of a linked work tree git says which repository called it, not where the top of the work tree is."""
    (repository / "other").mkdir()
    (repository / "other" / "held.json").write_text(OPEN, encoding="utf-8")
    git(repository, "add", ".")
    git(repository, "commit", "--quiet", "--message", "Have another one")
    linked = tmp_path_factory.mktemp("linked") / "tree"
    git(repository, "worktree", "add", "--quiet", str(linked), "-b", "side")
    folder = git(linked, "rev-parse", "--absolute-git-dir").strip()
    command = ("diff", "--base", "HEAD", str(linked / "templates"), "--format", "json")
    hook = {"GIT_DIR": folder, "GIT_INDEX_FILE": f"{folder}/index", "GIT_PREFIX": ""}
    assert json.loads(run(*command, env=hook).stdout)["summary"] == json.loads(run(*command).stdout)["summary"]
    (linked / "templates" / "held.json").write_text(OPEN, encoding="utf-8")
    done = run(*command, env=hook)
    assert (done.returncode, json.loads(done.stdout)["summary"]["gained"]) == (1, 1)


def test_what_is_shown_instead_of_an_object_is_not_the_revision(run: Run, repository: Path) -> None:
    """Whoever has the repository in hand could have the open side shown as the old one, too."""
    file = repository / "templates" / "held.json"
    closed = git(repository, "rev-parse", "HEAD:templates/held.json").strip()
    file.write_text(OPEN, encoding="utf-8")
    opened = git(repository, "hash-object", "-w", "templates/held.json").strip()
    git(repository, "replace", closed, opened)
    assert run("diff", "--base", "HEAD", "templates").returncode == 1


def test_what_a_sparse_checkout_leaves_out_is_not_lost(run: Run, repository: Path) -> None:
    """It is a part of the branch all the same: where it has changed, that is not decided."""
    closed = (repository / "templates" / "held.json").read_text(encoding="utf-8")
    (repository / "other").mkdir()
    (repository / "other" / "second.json").write_text(closed, encoding="utf-8")
    (repository / "other" / "words.txt").write_text("one", encoding="utf-8")
    git(repository, "add", ".")
    git(repository, "commit", "--quiet", "--message", "Have another one")
    git(repository, "sparse-checkout", "set", "templates")
    assert not (repository / "other").exists()
    assert run("diff", "--base", "HEAD", ".", "--strict").returncode == 0
    git(repository, "sparse-checkout", "disable")
    (repository / "other" / "second.json").write_text(OPEN, encoding="utf-8")
    (repository / "other" / "words.txt").write_text("two", encoding="utf-8")
    git(repository, "commit", "--all", "--quiet", "--message", "Open it")
    git(repository, "sparse-checkout", "set", "templates")
    done = run("diff", "--base", "HEAD~1", ".")
    assert "0 gained, 0 lost, 0 verdicts changed, 1 not decided" in done.stdout
    assert "  --> other/second.json\n" in done.stdout
    assert "a file that a sparse checkout leaves out, and that has changed" in done.stdout
    assert run("diff", "--base", "HEAD~1", ".", "--strict").returncode == 1


@pytest.fixture(name="filtered")
def repository_with_a_filter(repository: Path) -> Path:
    """A repository that stores templates by a filter, as git-crypt and Git LFS do."""
    git(repository, "config", "filter.rot.clean", "tr a-z n-za-m")
    git(repository, "config", "filter.rot.smudge", "tr a-z n-za-m")
    (repository / ".gitattributes").write_text("*.json filter=rot\n", encoding="utf-8")
    git(repository, "add", "--renormalize", ".")
    git(repository, "add", ".gitattributes")
    git(repository, "commit", "--quiet", "--message", "Hide")
    return repository


def test_a_file_behind_a_filter_is_alike_or_not_decided(run: Run, filtered: Path) -> None:
    """What git stores is not what the file says, so nothing is gained or lost by what cannot be read."""
    template = filtered / "templates" / "held.json"
    assert "AWS::IAM::Role" not in git(filtered, "show", "HEAD:templates/held.json")
    for path in (".", "templates", "templates/held.json"):
        done = run("diff", "--base", "HEAD", path, "--strict")
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    template.write_text(OPEN, encoding="utf-8")
    for path in (".", "templates", "templates/held.json"):
        done = run("diff", "--base", "HEAD", path)
        assert (done.returncode, done.stderr) == (0, "")
        assert "  --> templates/held.json\n" in done.stdout.replace("./templates", "templates")
        assert "behind a filter of git (rot), and it has changed" in done.stdout
        assert run("diff", "--base", "HEAD", path, "--strict").returncode == 1
    template.unlink()
    assert "0 gained, 0 lost, 0 verdicts changed, 1 not decided" in run("diff", "--base", "HEAD").stdout


def test_what_was_stored_as_it_is_can_be_read_when_a_filter_comes(run: Run, filtered: Path) -> None:
    """Whether there was a filter is a question of the revision, not of the work tree."""
    (filtered / "templates" / "held.json").write_text(OPEN, encoding="utf-8")
    assert run("diff", "--base", "HEAD~1", "templates").returncode == 1
    (filtered / ".gitattributes").unlink()
    assert "behind a filter of git (rot)" in run("diff", "--base", "HEAD", "templates").stdout


@pytest.mark.parametrize("link", ["stacks/link.json", "stacks/all"])
def test_a_link_inside_the_repository_leads_somewhere_on_both_sides(run: Run, repository: Path, link: str) -> None:
    """What a link leads to is there, also where only the directory of the link is compared."""
    (repository / "stacks").mkdir()
    (repository / "stacks" / "own.json").write_text(HELD, encoding="utf-8")
    target = "../templates/held.json" if link.endswith(".json") else "../templates"
    (repository / link).symlink_to(target)
    git(repository, "add", ".")
    git(repository, "commit", "--quiet", "--message", "Link")
    for path in ("stacks", ".", link):
        done = run("diff", "--base", "HEAD", path)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", ""), path


@pytest.mark.parametrize("source", ["../roles", "./../roles/"])
def test_a_module_beside_what_is_compared_is_what_the_revision_has(run: Run, repository: Path, source: str) -> None:
    """Both sides have it where the configuration looks for it, and it is compared by what it makes there."""
    (repository / "roles").mkdir()
    (repository / "app").mkdir()
    (repository / "roles" / "main.tf").write_text(TERRAFORM.replace("CALLER", "111122223333"), encoding="utf-8")
    (repository / "app" / "main.tf").write_text(f'module "m" {{\n  source = "{source}"\n}}\n', encoding="utf-8")
    git(repository, "add", ".")
    git(repository, "commit", "--quiet", "--message", "Make a role")
    assert run("diff", "--base", "HEAD", "app", "--strict").stdout == ""
    (repository / "roles" / "main.tf").write_text(TERRAFORM.replace("CALLER", "999988887777"), encoding="utf-8")
    assert "1 gained, 1 lost" in run("diff", "--base", "HEAD", "app", "--account", "111122223333").stdout


def test_a_nested_template_beside_the_one_that_is_compared_is_what_the_revision_has(run: Run, repository: Path) -> None:
    """A template in a file of its own, of which only the parent is named."""
    nested = {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": "held.json"}}
    parent = repository / "templates" / "parent.json"
    parent.write_text(json.dumps({"Resources": {"N": nested}}), encoding="utf-8")
    git(repository, "add", ".")
    git(repository, "commit", "--quiet", "--message", "Nest")
    done = run("diff", "--base", "HEAD", str(parent))
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize("link", ["stacks/link.json", "stacks/all"])
def test_a_link_out_of_what_is_compared_is_not_decided_where_that_changed(
    run: Run, repository: Path, link: str
) -> None:
    """Nobody reads through it on either side, so what it leads to is no reason for silence."""
    (repository / "stacks").mkdir()
    (repository / "stacks" / "own.json").write_text(HELD, encoding="utf-8")
    (repository / link).symlink_to("../templates/held.json" if link.endswith(".json") else "../templates")
    git(repository, "add", ".")
    git(repository, "commit", "--quiet", "--message", "Link")
    (repository / "templates" / "held.json").write_text(OPEN, encoding="utf-8")
    (repository / "templates" / "notes.txt").write_text("no template", encoding="utf-8")
    done = run("diff", "--base", "HEAD", "stacks", "--strict")
    assert (done.returncode, done.stderr) == (1, "")
    assert f"  --> {link}\n" in done.stdout
    assert "on both sides it is passed over, and it is not the same: a symbolic link" in done.stdout
    # Where the target is compared itself, the link says nothing more.
    assert "1 gained, 0 lost, 1 verdict changed, 0 not decided" in run("diff", "--base", "HEAD", ".").stdout
    (repository / "templates" / "held.json").write_text(HELD, encoding="utf-8")
    done = run("diff", "--base", "HEAD", "stacks", "--strict")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.fixture(name="outside")
def repository_with_links_out_of_it(repository: Path) -> Path:
    """The directory beside a repository that its links lead to, straight and through one another."""
    outside = repository.with_name(f"{repository.name}-outside")
    (outside / "more").mkdir(parents=True)
    (outside / "role.json").write_text(OPEN, encoding="utf-8")
    (repository / "links").mkdir()
    (repository / "links" / "own.json").write_text(HELD, encoding="utf-8")
    (repository / "links" / "absolute.json").symlink_to(outside / "role.json")
    (repository / "links" / "all").symlink_to(f"../../{outside.name}")
    (repository / "links" / "through.json").symlink_to("all/role.json")
    git(repository, "add", ".")
    git(repository, "commit", "--quiet", "--message", "Link")
    return outside


def test_a_link_out_of_the_repository_is_compared_where_it_changed_only(
    run: Run, repository: Path, outside: Path
) -> None:
    """What it leads to is a part of no revision: the same link is a note, and of another one nothing is known."""
    for path in ("links", "."):
        done = run("diff", "--base", "HEAD", path, "--strict")
        assert (done.returncode, done.stdout) == (0, "")
        said = [
            line.split(" is a symbolic link out of the repository, the same as")[0] for line in done.stderr.splitlines()
        ]
        assert said == ["note: links/absolute.json", "note: links/all", "note: links/through.json"]
    through, way = repository / "links" / "through.json", repository / "links" / "all"
    for changed in ("gone", "file", "link", "way"):
        through.unlink(missing_ok=True)
        if changed == "file":
            through.write_text(OPEN, encoding="utf-8")
        elif changed == "link":
            through.symlink_to(f"../../{outside.name}/role.json")
        elif changed == "way":
            through.symlink_to("all/role.json")
            way.unlink()
            way.symlink_to(f"../../{outside.name}/more/..")
        done = run("diff", "--base", "HEAD", "links")
        counts = f"0 gained, 0 lost, 0 verdicts changed, {2 if changed == 'way' else 1} not decided"
        assert (done.returncode, counts in done.stdout, "links/through.json" in done.stdout) == (0, True, True)
        assert "links/absolute.json" in done.stderr


@pytest.mark.usefixtures("outside")
def test_what_is_itself_a_link_out_of_the_repository_is_an_error(run: Run) -> None:
    """Whoever names one is told that it has no revisions."""
    done = run("diff", "--base", "HEAD", "links/through.json")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "error: links/through.json: at HEAD it is a symbolic link out of the repository, and what it leads to is a "
        "part of no revision: compare two files or directories instead\n"
    )


def test_an_absolute_link_into_the_work_tree_leads_into_the_revision(run: Run, repository: Path) -> None:
    """The work tree follows it, so the old side does: nothing is gained by it."""
    (repository / "stacks").mkdir()
    (repository / "stacks" / "link.json").symlink_to(repository / "templates" / "held.json")
    git(repository, "add", ".")
    git(repository, "commit", "--quiet", "--message", "Link")
    for path in ("stacks", ".", "stacks/link.json"):
        done = run("diff", "--base", "HEAD", path)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", ""), path


def test_a_link_through_other_links_leads_where_these_do(run: Run, repository: Path) -> None:
    """Also where none of them is in what is compared; one that led nowhere, or to itself, was no file."""
    for directory in ("stacks", "other"):
        (repository / directory).mkdir()
    (repository / "other" / "first").symlink_to("../templates")
    (repository / "other" / "second").symlink_to("first")
    (repository / "stacks" / "link.json").symlink_to("../other/second/held.json")
    (repository / "stacks" / "nowhere.json").symlink_to("../other/second/nothing.json")
    (repository / "stacks" / "itself.json").symlink_to("itself.json")
    git(repository, "add", ".")
    git(repository, "commit", "--quiet", "--message", "Link")
    for name in ("nowhere.json", "itself.json"):
        # In the work tree, such a link is an input that cannot be read.
        assert run("diff", "--base", "HEAD", "stacks").returncode == 2
        (repository / "stacks" / name).unlink()
    for path in ("stacks", "stacks/link.json"):
        done = run("diff", "--base", "HEAD", path)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", ""), path
    (repository / "templates" / "held.json").write_text(OPEN, encoding="utf-8")
    assert run("diff", "--base", "HEAD", "stacks/link.json").returncode == 1


def test_a_submodule_of_a_submodule_is_compared_or_not_decided(
    run: Run, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Where it is checked out it is read as the revision names it; where it is not, another commit is not decided."""
    inner, middle, outer = (tmp_path_factory.mktemp(name) for name in ("inner", "middle", "outer"))
    local = ("-c", "protocol.file.allow=always")
    for folder in (inner, middle, outer):
        git(folder, "init", "--quiet", "--initial-branch", "main")
    for text in (HELD, OPEN):
        (inner / "role.json").write_text(text, encoding="utf-8")
        git(inner, "add", ".")
        git(inner, "commit", "--quiet", "--message", "Change")
        for folder, its, name in ((middle, inner, "in"), (outer, middle, "mid")):
            if not (folder / name).exists():
                git(folder, *local, "submodule", "--quiet", "add", str(its), name)
            git(folder / name, *local, "pull", "--quiet", "origin", "main")
            git(folder, "add", ".")
            git(folder, "commit", "--quiet", "--message", "Follow")
    git(tmp_path, "clone", "--quiet", str(outer), "here")
    here = tmp_path / "here"
    git(here, *local, "submodule", "--quiet", "update", "--init")
    done = run("diff", "--base", "HEAD~1", "here", "--strict")
    assert (done.returncode, done.stderr) == (1, "")
    assert "  --> here/mid/in\n" in done.stdout
    assert run("diff", "--base", "HEAD", "here", "--strict").stdout == ""
    git(here, *local, "submodule", "--quiet", "update", "--init", "--recursive")
    assert run("diff", "--base", "HEAD", "here", "--strict").stdout == ""
    done = run("diff", "--base", "HEAD~1", "here", "--format", "json")
    assert [one["direction"] for one in json.loads(done.stdout)["access"]] == ["gained"]


@pytest.mark.parametrize(
    ("asked", "reference"),
    [
        ("main", "refs/tags/main"),
        ("main~0", "refs/tags/main"),
        ("main:templates", "refs/tags/main"),
        ("origin/main", "refs/tags/origin/main"),
        ("origin/main", "refs/heads/origin/main"),
        ("origin/main^{commit}", "refs/tags/origin/main"),
        ("origin/only", "refs/tags/origin/only"),
        ("origin/only", "refs/heads/origin/only"),
        ("origin", "refs/tags/origin"),
        ("refs/remotes/origin/only", "refs/tags/refs/remotes/origin/only"),
        ("refs/remotes/origin/only", "refs/heads/refs/remotes/origin/only"),
        ("abbreviated", "refs/tags/{}"),
        ("abbreviated", "refs/heads/{}"),
        ("described", "refs/tags/v1-0-g{}"),
    ],
)
def test_a_name_that_something_else_has_too_is_refused(run: Run, repository: Path, asked: str, reference: str) -> None:
    """Whoever may push a tag does not choose what a branch is compared with."""
    short = git(repository, "rev-parse", "--short", "HEAD").strip()
    base = {"abbreviated": short, "described": f"v1-0-g{short}"}.get(asked, asked)
    git(repository, "remote", "add", "origin", "https://example.com/")
    git(repository, "update-ref", "refs/remotes/origin/main", "HEAD")
    git(repository, "checkout", "--quiet", "-b", "feature")
    (repository / "templates" / "held.json").write_text(OPEN, encoding="utf-8")
    git(repository, "commit", "--quiet", "--all", "--message", "Ask for nothing")
    named = reference.format(short)
    assert "only" in asked or asked == "origin" or run("diff", "--base", base.partition(":")[0]).returncode == 1
    git(repository, "update-ref", named, "HEAD")
    done = run("diff", "--base", base)
    assert (done.returncode, done.stdout) == (2, "")
    if asked.startswith("refs/"):
        assert f'there is no reference "{asked}"' in done.stderr
    else:
        assert named in done.stderr
    # One that is named in full is what it says, and so is a name that stands for one commit.
    assert run("diff", "--base", named).returncode == 0
    assert run("diff", "--base", "refs/heads/main").returncode == 1


def test_a_name_that_two_things_have_for_one_commit_is_that_commit(run: Run, repository: Path) -> None:
    """There is nothing to choose."""
    git(repository, "tag", "--annotate", "--message", "one", "main")
    (repository / "templates" / "held.json").write_text(OPEN, encoding="utf-8")
    assert run("diff", "--base", "main").returncode == 1


@pytest.mark.parametrize("name", ["HEAD", "FETCH_HEAD", "@"])
def test_what_a_clone_calls_its_own_is_no_tag(run: Run, repository: Path, name: str) -> None:
    """git looks there first, and nobody can push to it."""
    git(repository, "fetch", "--quiet", ".", "main")
    git(repository, "commit", "--quiet", "--allow-empty", "--message", "Say nothing")
    git(repository, "update-ref", f"refs/tags/{name}", "HEAD" if name == "FETCH_HEAD" else "HEAD~1")
    (repository / "templates" / "held.json").write_text(OPEN, encoding="utf-8")
    assert run("diff", "--base", name).returncode == 1


def test_the_parents_of_a_revision_are_those_that_were_committed(run: Run, repository: Path) -> None:
    """As for objects that are shown in the place of others."""
    first = git(repository, "rev-parse", "HEAD").strip()
    (repository / "templates" / "held.json").write_text(OPEN, encoding="utf-8")
    git(repository, "commit", "--quiet", "--all", "--message", "Ask for nothing")
    opened = git(repository, "rev-parse", "HEAD").strip()
    git(repository, "commit", "--quiet", "--allow-empty", "--message", "Say nothing")
    last = git(repository, "rev-parse", "HEAD").strip()
    assert run("diff", "--base", "HEAD~2").returncode == 1
    (repository / ".git" / "info" / "grafts").write_text(f"{opened}\n{last} {opened}\n", encoding="utf-8")
    (repository / "grafts").write_text(f"{last} {opened}\n{opened} {last}\n", encoding="utf-8")
    assert first not in git(repository, "rev-list", "HEAD")
    assert run("diff", "--base", "HEAD~2").returncode == 1
    assert run("diff", "--base", "HEAD~2", env={"GIT_GRAFT_FILE": "grafts"}).returncode == 1


@pytest.mark.parametrize("said", ["LITERAL", "GLOB", "NOGLOB", "ICASE"])
def test_how_git_is_told_to_understand_paths_changes_no_question(run: Run, repository: Path, said: str) -> None:
    """A path that is named is that path."""
    (repository / "templates" / "held.json").write_text(OPEN, encoding="utf-8")
    told = {f"GIT_{said}_PATHSPECS": "1"}
    assert run("diff", "--base", "HEAD", "templates", env=told).returncode == 1
    git(repository, "rm", "--quiet", "--cached", "-r", "templates")
    git(repository, "commit", "--quiet", "--message", "Keep nothing", "--allow-empty")
    assert "git does not keep it" in run("diff", "--base", "HEAD", "templates", env=told).stderr


def test_a_range_of_revisions_is_refused_with_what_to_say_instead(run: Run, repository: Path) -> None:
    """One revision is compared with; where branches have parted, git tells."""
    for written, parted in (("main...HEAD", "main HEAD"), ("main..", "main HEAD")):
        done = run("diff", "--base", written)
        assert done.returncode == 2
        assert f'--base "$(git merge-base {parted})"' in done.stderr


@pytest.mark.parametrize(
    ("named", "asked"), [("HEAD", "--base HEAD"), ("HEAD:template.yaml", "--base HEAD template.yaml")]
)
def test_a_revision_in_place_of_a_file_is_refused_with_what_to_say_instead(
    run: Run, repository: Path, named: str, asked: str
) -> None:
    """A side is a path; what is there as a file is one, whatever it is called."""
    ran = run("diff", named, str(repository))
    assert ran.returncode == 2
    assert ran.stderr.endswith(f"is a revision of git: trustproof diff {asked}\n")
    (repository / named).write_text("Resources: {}\n", encoding="utf-8")
    assert "revision" not in run("diff", named, named).stderr


def test_a_file_with_parameters_is_that_of_the_revision(run: Run, repository: Path) -> None:
    """Other values there are a change like any other; a file that git does not keep is the same on both sides."""
    who = json.loads(OPEN)
    who["Parameters"] = {"Who": {"Type": "String"}}
    (role_,) = who["Resources"].values()
    role_["Properties"]["AssumeRolePolicyDocument"]["Statement"][0]["Principal"] = {"AWS": {"Ref": "Who"}}
    (repository / "templates" / "held.json").write_text(json.dumps(who), encoding="utf-8")
    values = repository / "values.json"
    values.write_text('{"Who": "111122223333"}', encoding="utf-8")
    git(repository, "add", ".")
    git(repository, "commit", "--quiet", "--message", "Take whom it trusts from a file")
    command = ("diff", "--base", "main", "--parameters-file", "values.json", "templates")
    assert run(*command).stdout == ""
    values.write_text('{"Who": "999988887777"}', encoding="utf-8")
    done = run(*command)
    assert done.returncode == 1
    assert "arn:aws:iam::999988887777:user/alice calls sts:AssumeRole" in done.stdout
    (repository / "unkept.json").write_text('{"Who": "999988887777"}', encoding="utf-8")
    assert run("diff", "--base", "main", "--parameters-file", "unkept.json", "templates").stdout == ""


def test_a_file_with_parameters_that_is_new_gave_the_revision_no_values(run: Run, repository: Path) -> None:
    """Whoever adds the file with the request to merge would choose what the old side was deployed with."""
    who = json.loads(OPEN)
    who["Parameters"] = {"Who": {"Type": "String", "Default": "111122223333"}}
    (role_,) = who["Resources"].values()
    role_["Properties"]["AssumeRolePolicyDocument"]["Statement"][0]["Principal"] = {"AWS": {"Ref": "Who"}}
    (repository / "templates" / "held.json").write_text(json.dumps(who), encoding="utf-8")
    git(repository, "commit", "--quiet", "--all", "--message", "Take whom it trusts from a parameter")
    (repository / "values.json").write_text('{"Who": "999988887777"}', encoding="utf-8")
    git(repository, "add", ".")
    done = run("diff", "--base", "main", "--parameters-file", "values.json", "templates")
    assert done.returncode == 1
    assert "arn:aws:iam::999988887777:user/alice calls sts:AssumeRole" in done.stdout


@pytest.mark.parametrize("default", ["no", "yes"])
@pytest.mark.parametrize("was", ["{}", '{"Open": "no"}', None])
@pytest.mark.parametrize("then", ['{"Open": "yes"}', "{}"])
def test_a_parameter_that_a_file_gives_on_one_side_alone_has_its_default_on_the_other(
    run: Run, repository: Path, default: str, was: str | None, then: str
) -> None:
    """Though the value is one that conditions compare, or one of a list: nobody had given it."""
    template = json.loads(OPEN)
    template["Parameters"] = {"Open": {"Type": "String", "Default": default, "AllowedValues": ["yes", "no"]}}
    template["Conditions"] = {"IsOpen": {"Fn::Equals": [{"Ref": "Open"}, "yes"]}}
    (role_,) = template["Resources"].values()
    role_["Condition"] = "IsOpen"
    (repository / "templates" / "held.json").write_text(json.dumps(template), encoding="utf-8")
    values = repository / "values.json"
    if was is not None:
        values.write_text(was, encoding="utf-8")
    git(repository, "add", ".")
    git(repository, "commit", "--quiet", "--message", "Take from a file whether it is open")
    values.write_text(then, encoding="utf-8")
    git(repository, "add", ".")
    done = run("diff", "--base", "main", "--parameters-file", "values.json", "templates")
    old, new = (json.loads(text or "{}").get("Open", default) for text in (was, then))
    assert done.returncode == (1 if (old, new) == ("no", "yes") else 0), done.stderr
    assert (done.stdout == "") == (old == new)


@pytest.mark.parametrize("path", ["current", "current/held.json", "held.json"])
@pytest.mark.parametrize("was", ["link", "files"])
def test_a_link_that_is_named_leads_where_the_revision_says(run: Run, repository: Path, path: str, was: str) -> None:
    """What is deployed from there changes with the link, though no file does."""
    (repository / "open").mkdir()
    (repository / "open" / "held.json").write_text(OPEN, encoding="utf-8")
    links = {"current": "templates", "held.json": "current/held.json"}
    if was == "files":
        shutil.copytree(repository / "templates", repository / "current")
        del links["current"]
    for name, target in links.items():
        (repository / name).symlink_to(target)
    git(repository, "add", ".")
    git(repository, "commit", "--quiet", "--message", "Say what is current")
    assert run("diff", "--base", "HEAD", path).stdout == ""
    if was == "files":
        shutil.rmtree(repository / "current")
    else:
        (repository / "current").unlink()
    (repository / "current").symlink_to("open")
    done = run("diff", "--base", "HEAD", path)
    assert (done.returncode, done.stdout.partition(":")[0]) == (1, "gained"), done.stderr


def test_a_link_that_leads_to_what_git_stores_otherwise_is_read_as_the_work_tree_has_it(
    run: Run, repository: Path
) -> None:
    """What a filter of git has written is no template, on whichever side of the link."""
    (repository / "open").mkdir()
    (repository / "open" / "held.json").write_text(OPEN, encoding="utf-8")
    (repository / ".gitattributes").write_text("*.json filter=turned\n", encoding="utf-8")
    git(repository, "config", "filter.turned.clean", "tr a-z b-za")
    git(repository, "config", "filter.turned.smudge", "tr b-za a-z")
    (repository / "current").symlink_to("templates")
    git(repository, "add", "--renormalize", ".")
    git(repository, "add", ".")
    git(repository, "commit", "--quiet", "--message", "Store them otherwise")
    assert run("diff", "--base", "HEAD", "current").stdout == ""
    (repository / "current").unlink()
    (repository / "current").symlink_to("open")
    done = run("diff", "--base", "HEAD", "current")
    assert (done.returncode, done.stdout.partition(":")[0]) == (1, "gained"), done.stderr


def test_a_directory_that_was_entered_by_a_link_is_called_as_the_shell_calls_it(repository: Path) -> None:
    """What a path from there led to at a revision is what the link did."""
    (repository / "open").mkdir()
    (repository / "open" / "held.json").write_text(OPEN, encoding="utf-8")
    (repository / "current").symlink_to("templates")
    git(repository, "add", ".")
    git(repository, "commit", "--quiet", "--message", "Link")
    (repository / "current").unlink()
    (repository / "current").symlink_to("open")
    for path in ("held.json", "."):
        for called, status in (("open", 0), ("current", 1)):
            there = repository / called
            command = [sys.executable, "-m", "trustproof", "diff", "--base", "HEAD", path]
            env = {**environment(), "PWD": str(there)}
            done = subprocess.run(command, cwd=there, env=env, capture_output=True, text=True, check=False)
            assert (done.returncode, done.stdout[:7]) == (status, "gained:" * status), done.stderr


def test_a_link_into_another_repository_is_looked_up_there(run: Run, repository: Path, tmp_path: Path) -> None:
    """The repository that has the link knows nothing of what it leads to."""
    outer = tmp_path / "outer"
    outer.mkdir()
    git(outer, "init", "--quiet")
    (outer / "ours").symlink_to(repository / "templates")
    git(outer, "add", ".")
    assert run("diff", "--base", "HEAD", str(outer / "ours")).stdout == ""
    (repository / "templates" / "held.json").write_text(OPEN, encoding="utf-8")
    assert run("diff", "--base", "HEAD", str(outer / "ours")).stdout.startswith("gained: ")


def test_what_is_gone_is_named_by_the_revision(run: Run, repository: Path) -> None:
    """A template that is there no longer took its access with it; a new one brings its own."""
    (repository / "templates" / "held.json").rename(repository / "templates" / "moved.json")
    assert run("diff", "--base", "main").stdout == ""
    (repository / "templates" / "moved.json").unlink()
    (repository / "templates" / "new.json").write_text(OPEN.replace("Deployer", "Another"), encoding="utf-8")
    found = json.loads(run("diff", "--base", "HEAD", "--format", "json", ".").stdout)
    places = {(one["direction"], one["template"]) for one in found["access"]}
    assert places == {("lost", "HEAD:templates/held.json"), ("gained", "./templates/new.json")}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--base", "nowhere"), 'there is no revision "nowhere"'),
        (("--base", ":/no commit says this"), 'there is no revision ":/no commit says this"'),
        (("--base=--output=x",), "there is no revision"),
        (("--base", "main", "unkept"), "git does not keep it"),
    ],
)
def test_a_revision_that_cannot_be_read_is_an_error(
    run: Run, repository: Path, arguments: tuple[str, ...], said: str
) -> None:
    """What git does not have is no empty side."""
    (repository / "unkept").mkdir()
    (repository / "unkept" / "t.json").write_text(OPEN, encoding="utf-8")
    done = run("diff", *arguments)
    assert done.returncode == 2
    assert said in done.stderr
