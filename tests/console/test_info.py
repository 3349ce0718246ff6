"""``einzug info``: complete, readable, true without a configuration, and free of secrets."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from connectors import registry
from connectors.rules import RuleKind, rules
from console import concealing
from console.info import Setting, collect, document
from console.info_text import WIDTH, text_lines
from console.keyring_state import KeyringState
from tests.console.conftest import Einzug

CANARY = "kanarienvogel"
CONFIG = """
[network]
timeout = 12

[customers.muster]
name = "Wohnbau Musterstadt eG"
mandanten = ["10", "20"]

[customers.muster.erp]
source = "openwowi"
environment = "test"
url = "https://erp.example.org/openwowi/v1.2?key=kanarienvogel"

[customers.muster.bots4you]
environment = "test"
url = "https://bots.example.org/rest/1/k4narienvogel0815/"
burst = 5

[customers.muster.bots4you.use_cases.master-data]
owner = "hub"
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "config.toml"
    path.write_text(CONFIG, encoding="utf-8")
    return path


def test_without_a_configuration_it_says_so_and_tells_the_rest(einzug: Einzug, tmp_path: Path) -> None:
    told = einzug("info", "--config", str(tmp_path / "none.toml"))
    assert (told.code, told.err) == (0, "")
    assert "none.toml: Die Datei gibt es nicht." in " ".join(told.out.split())
    assert "bots4you (Bots4You)" in told.out


def test_a_broken_configuration_is_listed_with_every_problem_and_ends_with_0(
    einzug: Einzug, tmp_path: Path
) -> None:
    path = tmp_path / "config.toml"
    path.write_text(f'[customers.a]\nnmae = "A"\npassword = "{CANARY}"\n', encoding="utf-8")
    told = einzug("info", "--json", "--config", str(path))
    assert (told.code, told.json["configuration"]) == (0, [])
    assert len(told.json["problems"]) == 3  # unknown key, a secret, no name
    assert CANARY not in told.out


def test_every_value_in_force_is_told_with_its_origin(config: Path, tmp_path: Path) -> None:
    found = {one.key: one for one in collect(config, tmp_path).configuration}
    assert found["network.timeout"] == Setting("network.timeout", 12.0, "config.toml:3")
    assert found["network.deadline"] == Setting("network.deadline", 120.0, "")
    assert found["customers.muster.mandanten"].value == ["10", "20"]
    assert found["customers.muster.bots4you.burst"].value == 5
    assert found["customers.muster.bots4you.use_cases.master-data.owner"].value == "hub"
    assert found["customers.muster.bots4you.enabled"].origin == ""


def test_paths_are_told_with_what_decided_them(
    einzug: Einzug, config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EINZUG_CONFIG", str(config))
    paths = einzug("info", "--json", "--data-dir", str(tmp_path / "d")).json["paths"]
    assert [(one["key"], one["origin"]) for one in paths] == [
        ("config", "EINZUG_CONFIG"),
        ("data", "--data-dir"),
    ]
    assert not (tmp_path / "d").exists()


def test_a_canary_never_shows_wherever_it_stands(
    einzug: Einzug, config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EINZUG_SECRET_MUSTER_BOTS4YOU_PASSWORD", CANARY)
    monkeypatch.setenv("EINZUG_PASSPHRASE", CANARY)
    monkeypatch.setenv("HTTPS_PROXY", f"http://user:{CANARY}@proxy.example.org:3128/{CANARY}")
    monkeypatch.setenv("all_proxy", f"user:{CANARY}@proxy.example.org:3128")
    monkeypatch.setenv("TERM_PROGRAM", f"password={CANARY}")
    for arguments in (["info"], ["info", "--json"], ["info", "--lang", "en"]):
        told = einzug(*arguments, "--config", str(config))
        assert told.code == 0
        assert CANARY not in told.out + told.err
        assert "k4narienvogel" not in told.out
        assert "EINZUG_SECRET_MUSTER_BOTS4YOU_PASSWORD" in told.out
        assert "http://***@proxy.example.org:3128" in told.out


def test_what_the_keyring_holds_is_never_read(
    config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import keyring

    asked: list[str] = []

    class Full:
        """A keyring that gives a canary to whoever asks."""

        def get_password(self, service: str, username: str) -> str:
            asked.append(service)
            return CANARY

    monkeypatch.setattr(keyring, "get_keyring", Full)
    info = collect(config, tmp_path)
    assert info.keyring.state is KeyringState.OK
    assert asked == ["einzug-probe"]
    assert CANARY not in "\n".join([*text_lines(info), json.dumps(document(info))])


def test_the_home_folder_which_names_the_user_is_shortened(
    config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(tmp_path))
    info = collect(tmp_path / "none.toml", tmp_path / "data")
    assert [one.value.replace("\\", "/") for one in info.paths] == ["~/none.toml", "~/data"]
    assert str(tmp_path) not in json.dumps(document(info))


def test_a_keyring_that_does_not_fit_is_a_state_and_a_wrong_choice_a_problem(
    config: Path, tmp_path: Path
) -> None:
    assert collect(config, tmp_path).keyring.state is KeyringState.NONE
    wrong = collect(config, tmp_path, environ={"EINZUG_KEYRING": "paper"})
    assert wrong.keyring.store == ""
    assert "EINZUG_KEYRING" in wrong.problems[0]


def test_a_file_that_holds_no_certificates_is_a_problem(config: Path, tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("no certificate", encoding="ascii")
    config.write_text(CONFIG.replace("timeout = 12", 'ca = "ca.pem"'), encoding="utf-8")
    info = collect(config, tmp_path)
    assert info.trust["ca"].endswith("ca.pem")
    assert [problem for problem in info.problems if "ca.pem" in problem]


def test_every_connector_tells_what_it_can_and_does_not_supply(config: Path, tmp_path: Path) -> None:
    found = {one.key: one for one in collect(config, tmp_path).abilities}
    bots, erp = found["bots4you"], found["erp.openwowi"]
    assert set(found) == {"bots4you", "immomio", "onoffice", "erp.openwowi", "erp.files"}
    assert bots.use_cases == ("master-data", "ticket-categories")
    assert "update" in bots.capabilities
    assert bots.limits is not None
    assert not bots.limits.documented
    assert {e.name: e.not_supplied for e in erp.entities}["person"] == ("salutation", "language")
    assert found["erp.files"].folder


def test_a_connector_of_a_third_party_that_fails_is_named_and_hides_no_other(
    config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Entry:
        """An entry point whose module cannot be imported."""

        def load(self) -> object:
            raise ImportError(CANARY)

    monkeypatch.setattr(registry, "_third_parties", lambda: {"broken": Entry()})
    registry.partner.cache_clear()
    info = collect(config, tmp_path)
    assert {one.key: one.problem for one in info.abilities}["broken"] == "ImportError"
    assert "bots4you" in {one.key for one in info.abilities}
    assert CANARY not in "\n".join(text_lines(info))


def test_rules_are_counted_by_kind(config: Path, tmp_path: Path) -> None:
    counts = collect(config, tmp_path).rules
    assert set(counts) == {str(kind) for kind in RuleKind}
    assert sum(counts.values()) == len(rules())


def test_the_loops_longest_stall_is_told_where_there_is_a_loop(config: Path, tmp_path: Path) -> None:
    assert any("12 ms" in line for line in text_lines(collect(config, tmp_path, loop_lag=0.012)))
    assert not any(" ms" in line for line in text_lines(collect(config, tmp_path)))


@pytest.mark.parametrize("language", ["de", "en"])
def test_the_text_fits_80_columns(
    einzug: Einzug, config: Path, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    monkeypatch.chdir(config.parent)
    told = einzug("info", "--config", "config.toml", "--data-dir", "data", "--lang", language)
    assert max(map(len, told.out.splitlines())) <= WIDTH
    assert "customers.muster.bots4you.burst = 5  (config.toml:17)" in told.out


@pytest.mark.parametrize(
    ("proxy", "shown"),
    [
        ("http://proxy:3128", "http://proxy:3128"),
        ("proxy:3128/path?x=1", "proxy:3128"),
        (f"http://u:a@b/{CANARY}@proxy:1", "http://***@proxy:1"),
        (f"http://u:a://{CANARY}@proxy:1", "http://***@proxy:1"),
        (f"{CANARY}@proxy", "***@proxy"),
        ("", ""),
    ],
)
def test_a_proxy_is_shown_without_what_opens_it(proxy: str, shown: str) -> None:
    assert concealing.concealed_proxy(proxy) == shown


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://h.example.org/api/stable/api.php", "https://h.example.org/api/stable/api.php"),
        ("https://h.example.org/rest/1/ab12cd34ef56gh/", "https://h.example.org/rest/1/***/"),
        ("https://u:p@h.example.org/?token=x#y", "https://h.example.org/"),
        ("http://[broken", "***"),
    ],
)
def test_an_address_is_shown_without_keys(url: str, shown: str) -> None:
    assert concealing.concealed_url(url) == shown
