"""Whether the API user may read and write what the chain needs. A missing right looks like an empty list."""

from __future__ import annotations

from collections.abc import Iterable

from connectors.contract import Finding, Text, Verdict
from connectors.onoffice import findings
from connectors.onoffice.contact_settings import ContactChainSettings
from connectors.onoffice.inspecting import judged, of_address, of_object, say
from connectors.onoffice.model import Office


def read_rights(office: Office, settings: ContactChainSettings) -> Finding:
    """Addresses and objects are read without any filter: nothing at all means a missing right (O1)."""
    access = office.access
    missing = [
        say(f"right_{name}")
        for name, there in (
            ("addresses", access.addresses > 0),
            ("objects", access.objects > 0),
            ("users", access.users),
            ("log", access.log),
        )
        if not there
    ]
    vital = access.addresses == 0 or access.objects == 0
    return judged(
        findings.READ_RIGHTS,
        Verdict.FAIL if vital else Verdict.WARN,
        missing,
        checked=4,
        addresses=access.addresses,
        objects=access.objects,
    )


def write_rights(office: Office, settings: ContactChainSettings) -> Finding:
    """Which system users and objects the API user may not change; asked once the settings say who it is."""
    access = office.access
    if access.addresses_writable is None or access.objects_writable is None:
        code = "write_rights_untold" if settings.api_user else "write_rights_unasked"
        return findings.WRITE_RIGHTS.finding(Verdict.MANUAL, f"onoffice.{code}")
    locked: Iterable[Text] = (
        *(
            of_address("locked_address", one)
            for one in office.system_users
            if not access.may_write_address(one.id)
        ),
        *(of_object("locked_object", one) for one in office.objects if not access.may_write_object(one.id)),
    )
    checked = len(office.system_users) + len(office.objects)
    return judged(findings.WRITE_RIGHTS, Verdict.WARN, locked, checked=checked)
