"""The configuration: what is read, what is refused and how it is said, and settings made from it."""

from __future__ import annotations

import os
import tomllib
from dataclasses import fields
from pathlib import Path
from typing import Any, get_args

import pytest
import tomlkit
from hypothesis import given
from hypothesis import strategies as st

from connectors.bots4you.client import Bots4YouOptions
from connectors.bots4you.use_cases import MasterDataSettings
from connectors.ids import SEPARATORS
from connectors.onoffice.contact_settings import ContactChainSettings
from connectors.onoffice.options import OnOfficeOptions
from connectors.partner import ENVIRONMENTS
from connectors.ticketing import TicketSettings
from console import config_model, paths
from console.config import customer, example_config, load, parse, require_known
from console.config_coerce import coerce
from console.config_lines import locate
from console.config_model import Config, OriginKind, is_loopback, valid_url
from console.errors import ConfigError, ConfigProblem, Exit, ProblemKind, worst

FILE = Path("config.toml")
CUSTOMER = '[customers.a]\nname = "A"\n'


def problems(text: str) -> list[tuple[ProblemKind, int | None, str]]:
    with pytest.raises(ConfigError) as caught:
        parse(text, FILE)
    return [(p.kind, p.line, p.key) for p in caught.value.problems]


def test_the_example_loads_without_problems_and_shows_every_key() -> None:
    config = parse(example_config(), FILE)
    one = config.customers["musterstadt"]
    assert one.erp is not None
    assert one.erp.source == "openwowi"
    assert one.mandanten == ("10", "20")
    bot = one.partners["bots4you"]
    assert (bot.environment, bot.enabled) == ("practice", True)
    assert set(bot.options) >= {"bulk", "requests_per_second"}
    assert set(bot.use_cases) == {"master-data", "ticket-categories", "tickets"}
    at = config.at("customers", "musterstadt", "bots4you")
    coerce(Bots4YouOptions, bot.options, at)
    settings = coerce(MasterDataSettings, bot.use_cases["master-data"], at, defaults=one.inherited)
    assert settings.separator == "/"
    for cls in (Bots4YouOptions, MasterDataSettings, config_model.NetworkConfig, config_model.ErpConfig):
        for name in (f.name for f in fields(cls) if f.name != "options"):
            assert f"{name} = " in example_config(), f"{cls.__name__}.{name} is not explained"
    coerce(TicketSettings, bot.use_cases["tickets"], at, defaults=one.inherited)
    letting = one.partners["onoffice"]
    coerce(OnOfficeOptions, letting.options, at)
    coerce(ContactChainSettings, letting.use_cases["contact-chain"], at, defaults=one.inherited)
    for told in (TicketSettings, ContactChainSettings, OnOfficeOptions):
        assert not [f.name for f in fields(told) if f.name not in example_config()]


def test_every_commented_variant_of_the_example_is_valid_too() -> None:
    lines = example_config().splitlines()
    first = lines.index("[customers.musterstadt.erp]")
    second = lines.index("# [customers.musterstadt.erp]")
    end = next(i for i in range(second, len(lines)) if not lines[i].startswith("#"))
    variant = [
        line[2:] for line in lines[second:end] if line.startswith("# ") and ("=" in line or "[" in line)
    ]
    text = "\n".join([*lines[:first], *variant, *lines[end:]])
    erp = parse(text, FILE).customers["musterstadt"].erp
    assert erp is not None
    assert (erp.source, erp.folder) == ("files", Path("exporte"))
    assert erp.options["columns"]["lease"]["number"] == "Vertragsnr."


def test_all_problems_are_named_at_once_with_line_key_and_what_is_allowed() -> None:
    text = """[network]
timeot = 1
[customers.a]
name = 7
mandanten = ["10", 20]
[customers.a.erp]
url = "ftp://x"
[customers.a.bots4you]
environment = "productoin"
use_cases = { master-data = 3 }
"""
    assert problems(text) == [
        (ProblemKind.UNKNOWN, 2, "network.timeot"),
        (ProblemKind.TYPE, 4, "customers.a.name"),
        (ProblemKind.TYPE, 5, "customers.a.mandanten.1"),
        (ProblemKind.MISSING, 6, "customers.a.erp.source"),
        (ProblemKind.VALUE, 7, "customers.a.erp.url"),
        (ProblemKind.TYPE, 9, "customers.a.bots4you.environment"),
        (ProblemKind.TYPE, 10, "customers.a.bots4you.use_cases.master-data"),
    ]
    with pytest.raises(ConfigError) as caught:
        parse(text, FILE)
    german, english = caught.value.lines("de"), caught.value.lines("en")
    assert german[0] == (
        "config.toml:2: network.timeot: Dieser Schlüssel ist hier unbekannt. Meinten Sie „timeout“?"
    )
    assert '"practice", "test", "production"' in german[5]
    assert english[1] == "config.toml:4: customers.a.name: Found: 7. Allowed: a text in quotation marks."
    assert caught.value.code is Exit.USAGE


@pytest.mark.parametrize(
    "text",
    ["a = ", "[a", "a = 1\na = 2", 'a = "\n', "a = 2026-13-45", f"a = {'9' * 5000}", f"a = {'[' * 9000}"],
)
def test_broken_toml_is_a_problem_and_never_a_traceback(text: str) -> None:
    assert [kind for kind, _, _ in problems(text)] == [ProblemKind.SYNTAX]


def test_a_syntax_error_names_its_line() -> None:
    assert problems("[customers]\n\nx = = 1")[0][1] == 3


def test_a_file_that_is_missing_or_no_text_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path / "none.toml")
    assert "einzug init" in caught.value.lines("de")[0]
    bad = tmp_path / "bad.toml"
    bad.write_bytes(b"# ok\n# \xff\n")
    with pytest.raises(ConfigError) as caught:
        load(bad)
    assert caught.value.problems[0].line == 2


def test_a_byte_order_mark_and_windows_line_ends_are_accepted(tmp_path: Path) -> None:
    file = tmp_path / "c.toml"
    file.write_bytes(b"\xef\xbb\xbf" + CUSTOMER.replace("\n", "\r\n").encode())
    assert load(file).customers["a"].name == "A"


@pytest.mark.parametrize("name", ["password", "API_KEY", "webhook-url", "client_secret", "Kennwort"])
@pytest.mark.parametrize("table", ["", ".erp", ".bots4you", ".bots4you.use_cases.x", ".bots4you.inner"])
def test_a_credential_in_the_file_is_refused_and_never_repeated(name: str, table: str) -> None:
    text = f'[customers.a]\nname = "A"\n[customers.a.x{table}]\n{name} = "geh3im"\n'
    if table == "":
        text = f'[customers.a]\nname = "A"\n{name} = "geh3im"\n'
    with pytest.raises(ConfigError) as caught:
        parse(text, FILE)
    assert [p.kind for p in caught.value.problems] == [ProblemKind.SECRET]
    assert "geh3im" not in "".join([*caught.value.lines("de"), str(caught.value), repr(caught.value)])


def test_a_password_inside_an_address_is_refused_and_never_repeated() -> None:
    with pytest.raises(ConfigError) as caught:
        parse(CUSTOMER + '[customers.a.b]\nenvironment = "test"\nurl = "https://u:geh3im@example.org"', FILE)
    assert "geh3im" not in caught.value.lines()[0]


@pytest.mark.parametrize(
    ("url", "local"),
    [
        ("http://127.0.0.1:1/x", True), ("https://localhost", True), ("http://[::1]:9", True),
        ("http://127.9.9.9", True), ("http://127.0.0.1.example.org", False), ("https://example.org", False),
        ("http://10.0.0.1", False), ("http://localhost.example.org", False), ("http://0.0.0.0", False),
    ],
)  # fmt: skip
def test_practice_accepts_addresses_of_this_machine_only(url: str, local: bool) -> None:
    assert is_loopback(url) is local
    for table in ("erp]\nsource = 'openwowi'", "bots4you]"):
        text = f'{CUSTOMER}[customers.a.{table}\nurl = "{url}"\n'
        if local:
            parse(text, FILE)
        else:
            assert problems(text)[0][0] is ProblemKind.PRACTICE


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1@evil.example", "http://evil.example\\\\@127.0.0.1", "http://", "http://a b", "http://[",
            "http://h:99999", "file:///etc", "127.0.0.1", "http://h\\n", "http://h:0"],
)  # fmt: skip
def test_an_address_that_could_be_read_in_two_ways_is_refused(url: str) -> None:
    decoded = tomllib.loads(f'u = "{url}"')["u"]
    assert not valid_url(decoded)
    assert problems(f'{CUSTOMER}[customers.a.b]\nurl = "{url}"')[0][0] is ProblemKind.VALUE


def test_practice_beside_a_live_erp_is_refused_but_not_when_it_is_switched_off() -> None:
    text = CUSTOMER + (
        '[customers.a.erp]\nsource = "openwowi"\nenvironment = "production"\nurl = "https://erp.example.org"\n'
        '[customers.a.bots4you]\nurl = "http://127.0.0.1:1"\nenabled = '
    )
    assert problems(text + "true") == [(ProblemKind.PRACTICE, 6, "customers.a.erp.url")]
    parse(text + "false", FILE)


@pytest.mark.parametrize("key", ["A", "a_b", "ä", "con", "a/b", "-a", "x" * 41, ".."])
def test_a_customer_key_is_lower_case_digits_and_hyphens(key: str) -> None:
    assert problems(f'[customers."{key}"]\nname = "A"')[0][0] is ProblemKind.VALUE


def test_an_unknown_customer_partner_or_use_case_gets_the_nearest_name() -> None:
    config = parse(CUSTOMER + "[customers.a.bots4yuo]\n", FILE)
    with pytest.raises(ConfigError) as caught:
        require_known(config.customers["a"].partners, ["bots4you", "immomio"], config.at("customers", "a"))
    assert caught.value.lines("en")[0].endswith('Did you mean "bots4you"?')
    assert caught.value.problems[0].line == 3
    with pytest.raises(ConfigError) as caught:
        customer(config, "zzz")
    assert "a" in caught.value.problems[0].allowed


def test_every_value_tells_where_it_comes_from() -> None:
    config = parse(CUSTOMER + "[customers.a.bots4you]\nbulk = false\n", FILE)
    assert config.origins["customers", "a", "name"].place == "config.toml:2"
    assert config.origins["customers", "a", "bots4you", "bulk"].place == "config.toml:4"
    assert config.origins["customers", "a", "bots4you", "environment"].kind is OriginKind.DEFAULT
    assert config.origins["network", "timeout"].kind is OriginKind.DEFAULT


def test_the_words_of_the_configuration_are_those_of_the_connectors() -> None:
    assert get_args(config_model.Environment) == ENVIRONMENTS
    assert get_args(config_model.Separator) == SEPARATORS


# --- paths and codes ----------------------------------------------------------------------------------


def test_options_win_over_variables_and_variables_over_the_platform(tmp_path: Path) -> None:
    environ = {"EINZUG_CONFIG": str(tmp_path / "env.toml"), "EINZUG_DATA_DIR": str(tmp_path / "env")}
    assert paths.places(environ, config=FILE).config == FILE
    assert paths.places(environ).config == tmp_path / "env.toml"
    assert paths.places(environ).data_origin == "EINZUG_DATA_DIR"
    assert "einzug" in str(paths.places({}).data)


def test_folders_are_closed_to_others(tmp_path: Path) -> None:
    folder = paths.customer_dir(tmp_path / "new" / "data", "a")
    assert folder.is_dir()
    if os.name == "posix":
        assert [p.stat().st_mode & 0o777 for p in (folder, folder.parent, folder.parents[1])] == [0o700] * 3
    with pytest.raises(ConfigError):
        paths.customer_dir(tmp_path, "../x")


def test_the_worst_exit_code_speaks_for_all() -> None:
    assert worst([]) is Exit.OK
    assert worst([0, 1]) is Exit.FINDINGS
    assert worst([1, 4, 5]) is Exit.GUARD
    assert worst([4, 5, 3, 2]) is Exit.USAGE
    assert worst([2, 70]) is Exit.CRASH


# --- any document -------------------------------------------------------------------------------------

KEYS = st.one_of(
    st.sampled_from(["customers", "network", "a", "erp", "bots4you", "name", "url", "mandanten", "use_cases",
                     "environment", "separator", "proxy", "timeout", "enabled", "password", "ca", "folder"]),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=5),
)  # fmt: skip
SCALARS = st.one_of(
    st.booleans(), st.integers(-(2**63), 2**63 - 1), st.floats(), st.dates(),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
    st.sampled_from(["practice", "test", "http://127.0.0.1:1", "https://h.example", "http://[", "~x", "all"]),
)  # fmt: skip
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=4)),
    max_leaves=12,
)
DOCUMENTS = st.dictionaries(KEYS, VALUES, max_size=4)


def outcome(text: str) -> Config | tuple[ConfigProblem, ...]:
    """What comes of a text; any other exception fails the test that asks."""
    try:
        return parse(text, FILE)
    except ConfigError as error:
        return error.problems


def is_explained(result: Config | tuple[ConfigProblem, ...]) -> bool:
    """A configuration, or problems that each have a sentence in both languages."""
    if isinstance(result, Config):
        return True
    return bool(result) and all(p.sentence(language) for p in result for language in ("de", "en"))


@given(DOCUMENTS)
def test_any_document_is_a_configuration_or_a_list_of_problems(document: dict[str, Any]) -> None:
    assert is_explained(outcome(tomlkit.dumps(document)))


@given(st.dictionaries(KEYS, VALUES, max_size=4))
def test_any_customer_is_a_configuration_or_a_list_of_problems(document: dict[str, Any]) -> None:
    assert is_explained(outcome(tomlkit.dumps({"customers": {"a": {"name": "A", **document}}})))


@given(st.text(st.sampled_from("[]{}=\"'.,#\\\n abc1-_é"), max_size=40))
def test_any_text_is_a_configuration_or_a_list_of_problems(text: str) -> None:
    assert is_explained(outcome(text))


def leaves(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    found = [leaf for key, one in inner for leaf in leaves(one, (*path, key))]
    return [*found, path] if path else found


@given(DOCUMENTS)
def test_every_path_of_a_document_has_a_line(document: dict[str, Any]) -> None:
    text = tomlkit.dumps(document)
    lines = locate(text)
    assert set(leaves(tomllib.loads(text))) == set(lines)
    assert all(1 <= line <= text.count("\n") + 1 for line in lines.values())


def test_lines_are_right_in_every_notation() -> None:
    text = (
        '''# [no]
a.b = """
x = 1 "" # no
"""
"q.\\u0041" = [ # c
  1, { z = "]" },
]
[t . 'u']   # [x]
k = 'it'''
        + """'
[[r]]
x = 1979-05-27 07:32:00
[[r]]
[r.s]
y = { p = { q = "}" } }
"""
    )
    lines = locate(text)
    assert lines == {
        ("a",): 2, ("a", "b"): 2, ("q.A",): 5, ("q.A", 0): 6, ("q.A", 1): 6, ("q.A", 1, "z"): 6, ("t",): 8,
        ("t", "u"): 8, ("t", "u", "k"): 9, ("r",): 10, ("r", 0): 10, ("r", 0, "x"): 11, ("r", 1): 12,
        ("r", 1, "s"): 13, ("r", 1, "s", "y"): 14, ("r", 1, "s", "y", "p"): 14,
        ("r", 1, "s", "y", "p", "q"): 14,
    }  # fmt: skip


@pytest.mark.parametrize("environment", ["test", "production"])
def test_beyond_this_machine_only_https_is_accepted(environment: str) -> None:
    text = f"""
[customers.muster]
name = "Muster"
[customers.muster.erp]
source = "openwowi"
environment = "{environment}"
url = "http://erp.example.org"
"""
    with pytest.raises(ConfigError) as caught:
        parse(text, Path("c.toml"))
    (problem,) = caught.value.problems
    assert (problem.kind, problem.line) == (ProblemKind.CLEAR_TEXT, 7)
    assert parse(text.replace("http://erp", "https://erp"), Path("c.toml")).customers
    assert parse(text.replace("erp.example.org", "127.0.0.1:8801"), Path("c.toml")).customers
