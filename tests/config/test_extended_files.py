"""
Files that extend others: which of them wins, and what none of them can take back.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import trustproof
from tests.strategies import examples
from trustproof.config.extended_files import OrderError, order_of
from trustproof.config.model import Config
from trustproof.errors import ConfigError

#: What each file of a graph extends: files with higher numbers.
_GRAPHS = st.integers(2, 7).flatmap(
    lambda size: st.tuples(
        *(st.lists(st.sampled_from(range(at + 1, size)), unique=True, max_size=3) for at in range(size - 1)),
        st.just([]),
    )
)


@given(_GRAPHS)
@examples(200)
def test_files_are_in_the_order_in_which_classes_look_up_methods(graph: tuple[list[int], ...]) -> None:
    """Each file is there once, below whatever extends it; where Python has no order for such classes, there is none."""
    classes: dict[str, type] = {}
    orders: dict[str, tuple[str, ...]] = {}
    for number in reversed(range(len(graph))):
        name, bases = str(number), [str(base) for base in graph[number] if str(base) in orders]
        kept = [b for i, b in enumerate(bases) if not any(b in orders[before][:-1] for before in bases[:i])]
        try:
            classes[name] = type(name, tuple(classes[base] for base in reversed(kept)), {})
        except TypeError:
            with pytest.raises(OrderError):
                order_of(name, bases, orders)
            continue
        orders[name] = order_of(name, bases, orders)
        above = [one.__name__ for one in classes[name].__mro__[:-1]]
        if kept == bases:
            assert orders[name] == tuple(reversed(above))
        for at, one in enumerate(orders[name]):
            assert {*orders[one]} <= {*orders[name][: at + 1]}


FILES = {
    "root.toml": '[boundary]\naccounts = ["111122223333"]\n[properties.mfa-required]\nmax-age = 3600\n',
    "a.toml": (
        'extends = "root.toml"\n[boundary]\naccounts = ["999900001111"]\n[properties.mfa-required]\nmax-age = 60\n'
    ),
    "b.toml": 'extends = "root.toml"\n[[third-party]]\nname = "v"\naccounts = ["444455556666"]\n',
}


def written(directory: Path, files: dict[str, str]) -> Config:
    for name, text in files.items():
        (directory / name).write_text(text)
    return trustproof.load_config(directory / "trustproof.toml")


@pytest.mark.parametrize(
    "extends", ['["a.toml", "b.toml"]', '["b.toml", "a.toml"]', '["a.toml", "b.toml", "root.toml"]']
)
def test_what_refines_a_file_wins_over_it_in_whichever_order(extends: str, tmp_path: Path) -> None:
    """A file that another one of the list extends as well does not take back what the first says."""
    config = written(tmp_path, {**FILES, "trustproof.toml": f"extends = {extends}\n"})
    assert config.boundary is not None
    assert config.boundary.accounts == ("999900001111",)
    assert config.option("mfa-required", "max-age") == 60
    assert [one.name for one in config.third_parties] == ["v"]
    names = [Path(name).name for name in config.extends]
    assert names[0] == "root.toml"
    assert sorted(names) == ["a.toml", "b.toml", "root.toml"]


def test_the_later_of_two_that_know_nothing_of_each_other_wins(tmp_path: Path) -> None:
    """As the list says."""
    files = {"a.toml": FILES["root.toml"], "b.toml": FILES["a.toml"].replace('extends = "root.toml"\n', "")}
    for extends, age in (('["a.toml", "b.toml"]', 60), ('["b.toml", "a.toml"]', 3600)):
        config = written(tmp_path, {**files, "trustproof.toml": f"extends = {extends}\n"})
        assert config.option("mfa-required", "max-age") == age


def test_two_lists_that_contradict_each_other_are_an_error(tmp_path: Path) -> None:
    """Which of the two files wins would be chance."""
    files = {
        "x.toml": "",
        "y.toml": "",
        "a.toml": 'extends = ["x.toml", "y.toml"]\n',
        "b.toml": 'extends = ["y.toml", "x.toml"]\n',
        "trustproof.toml": '\nextends = ["a.toml", "b.toml"]\n',
    }
    with pytest.raises(ConfigError, match=r"trustproof.toml:2: extends .*[xy].toml and .*[xy].toml in two orders"):
        written(tmp_path, files)


SETTLED = "[properties.mfa-required]\nwaivable = false\n"
INVARIANT = '[[invariant]]\nname = "ci"\nresources = ["R"]\naccounts = []\n'
WAIVER = '[[waiver]]\nproperty = "{}"\nresource = "R"\nreason = "x"\n'


@pytest.mark.parametrize(
    ("files", "said"),
    [
        (
            {"company.toml": SETTLED, "trustproof.toml": WAIVER},
            ":2: mfa-required cannot be waived: .* in .*company.toml",
        ),
        (
            {"company.toml": SETTLED, "trustproof.toml": "[properties.mfa-required]\nwaivable = true\n" + WAIVER},
            ":4: mfa-required cannot be waived: waivable = false in .*company.toml",
        ),
        (
            {"top.toml": SETTLED, "company.toml": 'extends = "top.toml"\n', "trustproof.toml": WAIVER},
            ":2: mfa-required cannot be waived: waivable = false in .*top.toml",
        ),
        (
            {"company.toml": INVARIANT + "waivable = false\n", "trustproof.toml": WAIVER.format("invariant-ci")},
            ":2: invariant-ci cannot be waived: waivable = false in .*company.toml",
        ),
        (
            {
                "company.toml": INVARIANT + "waivable = false\n",
                "trustproof.toml": INVARIANT.replace("[]", '["111122223333"]'),
            },
            ':2: the invariant "ci" takes the place of one with waivable = false in .*company.toml',
        ),
        (
            {"company.toml": INVARIANT + "waivable = false\n", "trustproof.toml": INVARIANT + 'severity = "off"\n'},
            ':2: the invariant "ci" takes the place of one with waivable = false in .*company.toml',
        ),
    ],
    ids=["waiver", "written again", "three deep", "invariant", "another invariant", "off"],
)
def test_what_a_file_settles_holds_in_those_that_extend_it(files: dict[str, str], said: str, tmp_path: Path) -> None:
    """A waiver of what a base has settled is an error, and so is an invariant of one's own in its place."""
    own = files["trustproof.toml"].format("mfa-required")
    with pytest.raises(ConfigError, match=said):
        written(tmp_path, {**files, "trustproof.toml": f'extends = "company.toml"\n{own}'})


def test_the_same_invariant_again_is_no_other(tmp_path: Path) -> None:
    """Whoever repeats it has changed nothing."""
    same = INVARIANT + "waivable = false\n"
    config = written(tmp_path, {"company.toml": same, "trustproof.toml": f'extends = "company.toml"\n{INVARIANT}'})
    assert [one.ident for one in config.invariants if not config.is_waivable(one.ident)] == ["invariant-ci"]


MFA = "[properties.mfa-required]\n"
LOCKED = MFA + "waivable = false\n"
ON_COMPANY = 'extends = "company.toml"\n'
OVERRIDDEN = '[[override]]\npaths = ["a/**"]\n[override.properties.mfa-required]\n'


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"company.toml": LOCKED, "trustproof.toml": f'{ON_COMPANY}{MFA}severity = "off"\n'}, ':3: .* "off" is milder'),
        (
            {
                "company.toml": LOCKED + 'severity = "warning"\n',
                "trustproof.toml": f'{ON_COMPANY}{MFA}severity = "note"',
            },
            'trustproof.toml:3: mfa-required: the severity "note" is milder than "warning", .* in .*company.toml',
        ),
        ({"company.toml": LOCKED, "trustproof.toml": f"{ON_COMPANY}{MFA}max-age = 60\n"}, ":3: .*: max-age is settled"),
        ({"company.toml": LOCKED, "trustproof.toml": f'{ON_COMPANY}{OVERRIDDEN}severity = "note"\n'}, ":5: .* milder"),
        ({"company.toml": LOCKED, "trustproof.toml": f"{ON_COMPANY}{OVERRIDDEN}max-age = 60\n"}, ":5: .* is settled"),
        (
            {
                "other.toml": f'{MFA}severity = "note"\n',
                "company.toml": LOCKED,
                "trustproof.toml": 'extends = ["other.toml", "company.toml"]\n',
            },
            'other.toml:2: mfa-required: the severity "note" is milder than "error"',
        ),
        (
            {
                "top.toml": LOCKED + "max-age = 3600\n",
                "company.toml": 'extends = "top.toml"\n',
                "trustproof.toml": f"{ON_COMPANY}{MFA}max-age = 7200\n",
            },
            ":3: mfa-required: max-age is settled by waivable = false in .*top.toml",
        ),
    ],
    ids=["off", "milder", "option", "override", "option of an override", "beside it", "three deep"],
)
def test_nothing_makes_milder_what_a_base_settles(files: dict[str, str], said: str, tmp_path: Path) -> None:
    """Whoever extends a file cannot switch off what may not be waived in it, nor give it other options."""
    with pytest.raises(ConfigError, match=said):
        written(tmp_path, files)


_SAID = st.tuples(st.sampled_from(["", "note", "warning", "error", "off"]), st.booleans(), st.sampled_from([0, 60]))
_STRICT = ("error", "warning", "note", "off")


@given(_SAID, _SAID, _SAID, st.booleans())
@examples(100)
def test_what_is_taken_is_as_strict_as_what_was_settled(
    tmp_path_factory: pytest.TempPathFactory,
    first: tuple[str, bool, int],
    second: tuple[str, bool, int],
    own: tuple[str, bool, int],
    is_chain: bool,
) -> None:
    """However files say it, a configuration that is no error is no milder than any that settles the property."""

    def text(said: tuple[str, bool, int]) -> str:
        severity, is_settled, age = said
        lines = (
            f'severity = "{severity}"' * bool(severity),
            "waivable = false" * is_settled,
            f"max-age = {age}" * bool(age),
        )
        return MFA + "\n".join(filter(None, lines)) + "\n"

    above = 'extends = "first.toml"\n' if is_chain else ""
    extends = 'extends = "second.toml"\n' if is_chain else 'extends = ["first.toml", "second.toml"]\n'
    files = {"first.toml": text(first), "second.toml": above + text(second), "trustproof.toml": extends + text(own)}
    try:
        found = written(tmp_path_factory.mktemp("project"), files)
    except ConfigError:
        assert any(is_settled for _, is_settled, _ in (first, second))
        return
    for severity, is_settled, age in (first, second):
        if is_settled and (severity or not is_chain):
            assert _STRICT.index(found.severity("mfa-required")) <= _STRICT.index(severity or "error")
        if is_settled and age:
            assert found.option("mfa-required", "max-age") == age
