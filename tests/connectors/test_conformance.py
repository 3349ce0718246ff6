"""Every connector of this installation, and one of a third party's, through the conformance suite."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import cache

import pytest

from connectors.archive import ARCHIV_KOMPAKT
from connectors.archive.options import ArchiveOptions
from connectors.archive.sandbox import archive_sandbox
from connectors.bots4you import partner as bots4you
from connectors.bots4you.client import Bots4YouOptions
from connectors.bots4you.sandbox import bots4you_sandbox
from connectors.contract import Record, Value
from connectors.erp.sandbox import erp_sandbox
from connectors.erp.source import FILES, OPENWOWI
from connectors.erp.writer import ErpWriter
from connectors.housing import Entity
from connectors.immomio.client import connect as connect_immomio
from connectors.immomio.options import ImmomioOptions
from connectors.immomio.sandbox import immomio_sandbox
from connectors.letting import BUSINESS_PARTNER_FIELDS
from connectors.onoffice import partner as onoffice
from connectors.onoffice.options import OnOfficeOptions
from connectors.onoffice.sandbox import onoffice_sandbox
from connectors.sandbox.app import PartnerSandbox
from connectors.sandbox.clock import Clock
from connectors.sandbox.company import Company, build_company
from connectors.sandbox.exports import export_company
from tests.connectors.bots4you_office import CATEGORY, TENANT
from tests.connectors.conformance import WRONG, Subject, Writable
from tests.connectors.conformance_reading import TestReading, TestRemote
from tests.connectors.conformance_updating import TestUpdating
from tests.connectors.conformance_writing import TestWriting
from tests.connectors.immomio_desk import PROPERTY, SENDER, VACANCY, stocked
from tests.connectors.immomio_desk import TENANT as IMMOMIO_TENANT
from tests.connectors.onoffice_kit import sound
from tests.connectors.toy import partner as toy
from tests.connectors.toy.sandbox import toy_sandbox


@cache
def _company(units: int) -> Company:
    return build_company(units, 3, date(2026, 3, 1))


def _bots4you(clock: Clock) -> PartnerSandbox:
    sandbox = replace(bots4you_sandbox(clock), rate=None)
    for number in range(430):
        contract = {"clientNumber": "10", "contractNumber": f"{number:04}"}
        sandbox.act("tenant", {"externalId": f"10/{number:04}/1", **contract})
    for number in range(7):
        sandbox.act("ticket_category", {"categoryId": f"K{number}", "name": f"Art {number}"})
    return sandbox


def _toy(clock: Clock) -> PartnerSandbox:
    sandbox = toy_sandbox(clock)
    for number in range(50):
        sandbox.act("item", {"ref": f"old/{number}", "title": f"Nr. {number}", "note": None, "count": number})
    return sandbox


_BOTS4YOU = Subject(
    key="bots4you",
    name="bots4you",
    connect=bots4you.connect,
    record=Record,
    options=Bots4YouOptions(),
    sandbox=_bots4you,
    secrets=("username", "password"),
    hidden=("password",),
    forbid=lambda sandbox: sandbox.act("rights", {"remove": ["tenants:read"]}),
    writable=(
        Writable(
            entity="tenant",
            sample={**TENANT, "birthDate": date(1970, 1, 2)},
            changed={"lastName": "Beispiel", "contractEnd": date(2030, 12, 31), "phoneNumbers": ()},
            text="lastName",
            refused={"contractNumber": ""},
        ),
        Writable(
            entity="ticket_category",
            sample=CATEGORY,
            changed={"name": "Aufzug", "parent": "10", "active": False},
            text="name",
            refused={"name": ""},
        ),
    ),
)
_IMMOMIO = Subject(
    key="immomio",
    name="immomio",
    connect=connect_immomio,
    record=Record,
    options=ImmomioOptions(**SENDER),
    sandbox=lambda clock: stocked(replace(immomio_sandbox(clock), rate=None)),
    secrets=("username", "password"),
    hidden=("password",),
    forbid=lambda sandbox: sandbox.act("rights", {"remove": ["tenants:read", "properties:read"]}),
    writable=(
        Writable(
            entity="tenant",
            sample=IMMOMIO_TENANT,
            changed={"firstName": "Erika", "phoneNumbers": (), "language": "de"},
            text="lastName",
            refused={"email": None},
            own=lambda id_: {"email": f"{id_.encode().hex()}@example.org"},
        ),
        Writable(
            entity="property",
            sample=PROPERTY,
            changed={"kind": "BUILDING", "constructionYear": None, "city": "Musterdorf"},
            text="name",
            refused={"kind": "CASTLE"},
        ),
        Writable(
            entity="vacancy",
            sample=VACANCY,
            changed={"floor": None, "baseRent": Decimal("0"), "cellar": True, "energyValue": None},
            text="description",
            refused={"baseRent": None},
        ),
    ),
    extra=1,  # the log-in
    writes="method=[!G]*,path=/[!a]*",
    login="/auth/token",
)


def _erp_with_prospects(clock: Clock) -> PartnerSandbox:
    sandbox = erp_sandbox(_company(30), clock)
    for number in range(130):
        person = {"lastName": "Muster", "firstName": f"Nr. {number}"}
        sandbox.act("business_partner", {"id": f"immomio:p{number}", "fields": person})
        wish = {**_PROSPECT, "wantedStart": "2026-10-01", "acceptedRent": 500}
        sandbox.act("prospect", {"id": f"immomio:a{number}", "fields": wish})
    return sandbox


_HOME = _company(30).units[0]
_PROSPECT: dict[str, Value] = {
    "clientNumber": _HOME.mandant,
    "unit": "/".join((_HOME.mandant, _HOME.economic_unit, _HOME.building, _HOME.number)),
    "businessPartner": f"number:{_company(30).persons[0].number}",
    "state": "ANGENOMMEN",
    "wantedStart": None,
    "acceptedRent": None,
    "message": None,
}
_ERP_WRITER = Subject(
    key="erp-writer",
    name="erp",
    connect=ErpWriter,
    record=Record,
    options=OPENWOWI.options(),
    sandbox=_erp_with_prospects,
    secrets=("username", "password", "api_key"),
    hidden=("password", "api_key"),
    forbid=lambda sandbox: sandbox.act("rights", {"deny": "hub"}),
    writable=(
        Writable(
            entity="business_partner",
            sample={
                **dict.fromkeys(BUSINESS_PARTNER_FIELDS),
                "lastName": "Muster",
                "birthDate": date(1980, 4, 2),
                "phoneNumbers": ("+494012345678",),
            },
            changed={"title": "Dr.", "birthDate": None, "phoneNumbers": ()},
            text="firstName",
            refused={"lastName": None},
        ),
        Writable(
            entity="prospect",
            sample=_PROSPECT,
            changed={"wantedStart": date(2026, 12, 1), "acceptedRent": Decimal("512.4")},
            text="message",
            refused={"unit": "99/9/9/9"},
        ),
    ),
    deletes=False,
    extra=8,  # pages asked for ahead of a list without a total
    writes="method=PUT",
    login="/oauth2/token",
)
_TOY = Subject(
    key="toy",
    name="toy",
    connect=toy.connect,
    record=Record,
    options=toy.options(),
    sandbox=_toy,
    secrets=("key",),
    hidden=("key",),
    forbid=lambda sandbox: sandbox.act("rights", {"remove": ["write"]}),
    writable=(
        Writable(
            entity="item",
            sample={"title": "Schlüssel", "note": None, "count": 3},
            changed={"title": "Schloss", "note": "neu", "count": 0},
            text="note",
            refused={"title": ""},
        ),
    ),
    upserts=False,
)
_ONOFFICE = Subject(
    key="onoffice",
    name="onoffice",
    connect=onoffice.connect,
    record=Record,
    options=OnOfficeOptions(requests_per_second=1000.0, burst=1000),
    sandbox=lambda clock: onoffice_sandbox(_company(60), clock, estates=520),
    secrets=("token", "secret"),
    hidden=("secret", "token"),
    forbid=lambda sandbox: sandbox.act("rights", {"read_addresses": False}),
    writable=(
        Writable(
            entity="address",
            sample={},
            changed={"contact_types": ("Systembenutzer", "Makler", "Kunde")},
            text="",
            refused={"contact_types": ("Systembenutzer", "Nirgends")},
        ),
        Writable(
            entity="estate",
            sample={},
            changed={"contact_persons": sound()[:1]},
            text="",
            refused={"contact_persons": ("999999",)},
        ),
    ),
    wrong=WRONG.ljust(64, "x"),
    extra=4,  # the field configuration, and the relations of each page of objects
    writes="method=POST",
)
UPDATING = (_ONOFFICE,)
TARGETS = (
    _BOTS4YOU,
    replace(_BOTS4YOU, key="bots4you-without-bulk", options=Bots4YouOptions(bulk=False)),
    _IMMOMIO,
    replace(
        _IMMOMIO,
        key="immomio-whole",
        options=ImmomioOptions(bulk=False, delivery="full", **SENDER),
        writable=_IMMOMIO.writable[-1:],
    ),
    _ERP_WRITER,
    _TOY,
)
REMOTE = (
    _BOTS4YOU,
    _IMMOMIO,
    _ERP_WRITER,
    _TOY,
    _ONOFFICE,
    Subject(
        key="openwowi",
        name="erp",
        connect=OPENWOWI.connect,
        record=Entity,
        options=OPENWOWI.options(),
        sandbox=lambda clock: erp_sandbox(_company(120), clock),
        secrets=("username", "password", "api_key"),
        hidden=("password", "api_key"),
        forbid=lambda sandbox: sandbox.act("rights", {"deny": "PersonsRead"}),
        extra=8,  # pages asked for ahead of a list without a total, and the table of economic units
    ),
    Subject(
        key="archive",
        name="archive",
        connect=ARCHIV_KOMPAKT.connect,
        record=Entity,
        options=ArchiveOptions(max_hits=25, requests_per_second=1000.0, burst=1000),
        sandbox=lambda clock: archive_sandbox(_company(120), clock, most_hits=25),
        secrets=("username", "password", "client_id", "client_secret", "scope"),
        hidden=("password", "client_secret"),
        forbid=lambda sandbox: sandbox.act("account", {"deny": True}),
        extra=400,  # archives, the log-in, and searches that were cut off
        login="/AAKRest/Token",
    ),
)
READERS = (
    *REMOTE,
    Subject(
        key="files",
        name="erp",
        connect=FILES.connect,
        record=Entity,
        options=FILES.options(),
        folder=lambda folder: export_company(_company(360), folder),
    ),
)


pytestmark = pytest.mark.usefixtures("toy_installed")  # its sentences are found through its entry point
_FOR = {TestReading: READERS, TestRemote: REMOTE, TestWriting: TARGETS, TestUpdating: UPDATING}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run each class of the suite for the connectors it is meant for."""
    if metafunc.cls in _FOR:
        metafunc.parametrize("subject", _FOR[metafunc.cls], ids=lambda subject: subject.key)
