"""Who has signed what: draft, reviewed, released, by one or two people that the policy lists."""

from pathlib import Path

import orjson
import pytest

from graingraph.engine.problem import Problem
from graingraph.engine.recipe.recipe import Recipe
from graingraph.engine.release import keys
from graingraph.engine.release.log import read_log
from graingraph.engine.release.policy import FILE, CommentNeeded, Policy, log_of, policy_of
from graingraph.engine.release.stage import Act, Stage, sign_version, stage_of

pytest.importorskip("cryptography")
ONE, OTHER = Recipe(name="one"), Recipe(name="other")


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The keys of three people."""
    place = tmp_path_factory.mktemp("keys")
    for name in ("Ada", "Bob", "Eve"):
        keys.make_key(name, folder=place)
    return place


@pytest.fixture
def path(tmp_path: Path, folder: Path) -> Path:
    """Where a recipe lies that two of them have to sign."""
    known = keys.known_keys(folder)
    signers = "".join(f'{name} = "{known[name]}"\n' for name in ("Ada", "Bob"))
    (tmp_path / FILE).write_text(f"only_released = true\nsignatures = 2\n[signers]\n{signers}")
    (tmp_path / "in").mkdir()
    return tmp_path / "in" / "r.graingraph.json"


def sign(path: Path, folder: Path, name: str, act: Act, recipe: Recipe = ONE) -> Stage:
    return sign_version(path, recipe, act, keys.load_key(name, folder=folder), "it is good")


def test_a_review_by_one_and_a_release_by_another_make_a_version_released(path: Path, folder: Path) -> None:
    assert str(stage_of(ONE.id, read_log(log_of(path)), policy_of(path))) == "draft"
    assert str(sign(path, folder, "Ada", "reviewed")) == "reviewed by Ada"
    with pytest.raises(Problem, match="Two people have to sign here"):
        sign(path, folder, "Ada", "released")
    assert str(sign(path, folder, "Bob", "released")) == "released by Ada and Bob"
    assert stage_of(OTHER.id, read_log(log_of(path)), policy_of(path)).name == "draft"
    with pytest.raises(Problem, match="Two people"):
        sign(path, folder, "Bob", "released", OTHER)
    assert str(sign(path, folder, "Ada", "withdrawn")) == "draft"
    assert [entry["why"] for entry in read_log(log_of(path))] == ["it is good"] * 3


def test_only_those_whom_the_policy_lists_may_sign(path: Path, folder: Path) -> None:
    with pytest.raises(Problem, match=f"{FILE} does not list the key of Eve"):
        sign(path, folder, "Eve", "reviewed")
    (path.parents[1] / FILE).rename(path.parents[1] / "put away")
    sign(path, folder, "Eve", "released")
    entries = read_log(log_of(path))
    assert stage_of(ONE.id, entries, Policy()).name == "released"
    known = {name: key for name, key in keys.known_keys(folder).items() if name != "Eve"}
    assert stage_of(ONE.id, entries, Policy(signers=known)).name == "draft"


def test_a_signature_holds_for_what_was_signed_and_its_place_alone(path: Path, folder: Path) -> None:
    sign(path, folder, "Ada", "reviewed")
    log = log_of(path)
    facts = orjson.loads(log.read_bytes())
    for name, value in {
        "recipe": OTHER.id,
        "what": "released",
        "why": "x",
        "key": "ed25519:AAAA",
        "previous": "",
    }.items():
        forged = orjson.dumps({**facts, name: value}, option=orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE)
        log.write_bytes(forged)
        again = Policy(signers=policy_of(path).signers)
        found = stage_of(str(value) if name == "recipe" else ONE.id, read_log(log), again)
        assert found.name == ("reviewed" if name == "previous" else "draft"), name


def test_one_signature_is_enough_where_one_is_demanded(path: Path, folder: Path) -> None:
    (path.parents[1] / FILE).write_text("comment = true\n")
    with pytest.raises(CommentNeeded, match="says why"):
        sign_version(path, ONE, "released", keys.load_key("Ada", folder=folder), " ")
    assert sign(path, folder, "Ada", "released").name == "released"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("only_relased = true", "no setting 'only_relased'"),
        ("only_released = 1", "true or false"),
        ("signatures = 3", "1 or 2"),
        ("signatures = true", "1 or 2"),
        ("only_released = true", r"at least 1 of \[signers\]"),
        ('only_released = true\nsignatures = 2\n[signers]\na = "x"', "at least 2"),
        ('[signers]\na = "x"\nb = "x"', "the same key"),
        ("[signers]\na = 3", "names with public keys"),
        ("only_released = ", "Invalid value"),
        ("x = " + "[" * 5000, "cannot be followed"),
    ],
)
def test_a_policy_with_a_slip_stops_everything_rather_than_nothing(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / FILE).write_text(text)
    with pytest.raises(Problem, match=said):
        policy_of(tmp_path / "deep" / "er" / "r.graingraph.json")


def test_the_nearest_policy_holds(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / FILE).write_text("audit = true")
    assert policy_of(tmp_path / "a" / "r.json").records
    (tmp_path / "a" / FILE).write_text("")
    assert not policy_of(tmp_path / "a" / "r.json").records


def test_keys_are_the_owners_alone_and_open_with_their_passphrase(tmp_path: Path) -> None:
    public = keys.make_key("Ada Lovelace", b"secret", tmp_path)
    assert keys.known_keys(tmp_path) == {"Ada Lovelace": public}
    assert {oct(path.stat().st_mode & 0o77) for path in tmp_path.glob("*.[kp][e1]*")} == {"0o0"}
    assert keys.load_key("Ada Lovelace", b"secret", tmp_path).public == public
    for wrong in (None, b"guess"):
        with pytest.raises(Problem, match="is the passphrase right"):
            keys.load_key("Ada Lovelace", wrong, tmp_path)
    with pytest.raises(Problem, match="already"):
        keys.make_key("Ada Lovelace", folder=tmp_path)
    for name in ("../x", "", "a/b", ".x"):
        with pytest.raises(Problem, match="no name of a key"):
            keys.make_key(name, folder=tmp_path)
    with pytest.raises(Problem, match="There is no key Bob; this user has Ada Lovelace"):
        keys.load_key("Bob", folder=tmp_path)
