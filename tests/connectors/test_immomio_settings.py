"""What may be agreed for Immomio's master data, whose records are ours, and what an e-mail address is."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.agreed import NO_BUILDING
from connectors.contract import Deletes
from connectors.immomio.master_data import MASTER_DATA, owns_master_data
from connectors.immomio.settings import MasterDataSettings
from connectors.spelling import is_email

SETTINGS = MasterDataSettings(separator="/", mandanten=("10",))
SOURCE = replace(SETTINGS, page_version="source")


def test_ownership_is_proven_by_the_form_of_an_id_for_a_configured_mandant() -> None:
    def owned(entity: str, id_: str, settings: MasterDataSettings = SETTINGS) -> bool:
        return owns_master_data(entity, id_, settings)

    assert all(owned("property", id_) for id_ in ("10", "10/00123", "10/00123/004"))
    assert owned("unit", "10/00123/004/0050")
    assert owned("tenant", "10/700815")
    assert owned("contract", "10/0042")
    assert not owned("property", "20")
    assert not owned("property", "10/00123/004/0050")
    assert not owned("unit", "10/00123/0050")
    assert not owned("tenant", "10")
    assert not owned("vacancy", "10/00123/004/0050")
    assert not owned("property", "10", SOURCE)
    assert owned("property", "10/00123", SOURCE)
    assert owned("unit", "10/00123/0050", replace(SETTINGS, unit_parts=NO_BUILDING))
    assert not owned("unit", "10/00123/004/0050", replace(SETTINGS, mandanten="all"))
    assert MASTER_DATA.deletes is Deletes.OWNED


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"separator": "-"}, "separator: allowed are . /"),
        ({"separator": "~", "page_version": "source"}, "separator: allowed are - _"),
        ({"mandanten": ()}, "mandanten: "),
        ({"mandanten": "10"}, "mandanten: "),
        ({"mandanten": ("10", " ")}, "mandanten: "),
        ({"unit_parts": ("mandant", "unit")}, "unit_parts: "),
        ({"flats": ("Wohnung", "garage ")}, "garages: 'Garage' stands in flats too"),
        ({"commercial": ("",)}, "commercial: a usage type is empty"),
        ({"leases_without_tenant": "drop"}, "leases_without_tenant: "),
        ({"shared_email": "last"}, "shared_email: "),
        ({"page_version": "old"}, "page_version: "),
        ({"owner": "me"}, "owner: "),
    ],
)
def test_a_wrong_setting_names_its_field(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=f"^{message}"):
        replace(SETTINGS, **fields)
    assert replace(SETTINGS, separator="-", page_version="source").separator == "-"


@pytest.mark.parametrize(
    ("mail", "valid"),
    [
        ("e.muster@example.org", True),
        ("e+x@mail.example-2.org", True),
        ("müller@münchen.example", True),
        ("e.muster@example", False),
        ("e.muster@@example.org", False),
        ("e..muster@example.org", False),
        (".e@example.org", False),
        ("e.muster@-example.org", False),
        ("e muster@example.org", False),
        ("a@example.org, b@example.org", False),
        ("a@example.org;b@example.org", False),
        ("a@example.org.", False),
        ("@example.org", False),
        ("x" * 65 + "@example.org", False),
    ],
)
def test_an_email_address_is_told_by_its_form(mail: str, valid: bool) -> None:
    assert is_email(mail) is valid


@given(st.text(max_size=300))
def test_the_form_of_anything_can_be_told(mail: str) -> None:
    assert not is_email(mail) or (mail.count("@") == 1 and not any(map(str.isspace, mail)))
