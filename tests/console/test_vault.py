"""What the vault promises."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.store.vault import KEY_BYTES, Vault, VaultError

VAULT = Vault(bytes(range(KEY_BYTES)))


@given(data=st.binary(max_size=200), context=st.binary(max_size=40))
def test_what_was_sealed_opens_again_in_its_context(data: bytes, context: bytes) -> None:
    assert VAULT.open(VAULT.seal(data, context), context) == data


@given(data=st.binary(max_size=60), place=st.integers(min_value=0), bit=st.integers(0, 7))
def test_one_changed_bit_anywhere_is_noticed(data: bytes, place: int, bit: int) -> None:
    blob = bytearray(VAULT.seal(data, b"c"))
    blob[place % len(blob)] ^= 1 << bit
    with pytest.raises(VaultError):
        VAULT.open(bytes(blob), b"c")


@pytest.mark.parametrize("blob", [b"", b"\x01", b"\x01" + bytes(27), b"\x02" + bytes(60), bytes(60)])
def test_what_was_never_sealed_is_refused(blob: bytes) -> None:
    with pytest.raises(VaultError):
        VAULT.open(blob, b"c")


def test_a_blob_does_not_open_in_another_context() -> None:
    with pytest.raises(VaultError):
        VAULT.open(VAULT.seal(b"data", b"run 1"), b"run 2")


def test_a_blob_does_not_open_with_another_key() -> None:
    with pytest.raises(VaultError):
        Vault(bytes(KEY_BYTES)).open(VAULT.seal(b"data", b"c"), b"c")


def test_the_same_data_is_never_sealed_twice_the_same_way() -> None:
    assert len({VAULT.seal(b"data", b"c") for _ in range(100)}) == 100


def test_two_ephemeral_vaults_share_no_key_and_are_not_durable() -> None:
    first, second = Vault.ephemeral(), Vault.ephemeral()
    assert not first.durable
    assert VAULT.durable
    with pytest.raises(VaultError):
        second.open(first.seal(b"data", b"c"), b"c")


def test_a_fingerprint_depends_on_the_data_and_on_the_key() -> None:
    assert VAULT.fingerprint(b"a") == Vault(bytes(range(KEY_BYTES))).fingerprint(b"a")
    assert VAULT.fingerprint(b"a") != VAULT.fingerprint(b"b")
    assert VAULT.fingerprint(b"a") != Vault(bytes(KEY_BYTES)).fingerprint(b"a")


@pytest.mark.parametrize("size", [0, 16, 31, 33])
def test_a_key_of_another_length_is_refused(size: int) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        Vault(bytes(size))


def test_the_repr_shows_no_key() -> None:
    assert repr(VAULT) == "Vault(durable=True)"
