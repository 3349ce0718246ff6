"""What the tests of checklists share: a consultant's own list, and a customer whose partners are silent."""

from __future__ import annotations

from pathlib import Path

import pytest

from checklists import loader
from checklists.loader import parse
from checklists.model import Checklist
from console.config import customer
from console.config import parse as parse_config
from console.credentials import MemorySecrets, Secrets
from console.sitting import Sitting
from console.workspace import Workspace

CONFIG = """
[customers.muster]
name = "Wohnbau Musterstadt eG"
mandanten = "all"
separator = "/"
[customers.muster.erp]
source = "openwowi"
url = "http://127.0.0.1:9"
[customers.muster.bots4you]
environment = "practice"
url = "http://127.0.0.1:9"
"""

LIST = """
id = "own"
title = { de = "Eigene Punkte", en = "Own points" }
order = 1

[[item]]
id = "own.provider"
kind = "manual"
who = "customer"
addressee = "telephony"
blocking = true
rules = ["B8"]
title = { de = "Telefonanbieter benennen", en = "Name the phone provider" }
why = { de = "Ohne ihn leitet niemand um.", en = "Nobody forwards calls without it." }
how = { de = "Fragen Sie die IT.", en = "Ask IT." }
[[item.field]]
key = "way"
kind = "choice"
required = true
label = { de = "Anbindung", en = "Connection" }
choice = [
    { key = "sip", label = { de = "SIP-Trunk", en = "SIP trunk" } },
    { key = "forward", label = { de = "Rufumleitung", en = "Forwarding" } },
]
[[item.field]]
key = "contact"
kind = "person"
label = { de = "Ansprechpartner", en = "Contact" }
[[item.field]]
key = "due"
kind = "date"
label = { de = "Bis wann", en = "By when" }
[[item.field]]
key = "lines"
kind = "number"
label = { de = "Leitungen", en = "Lines" }
[[item.field]]
key = "hours"
kind = "choices"
label = { de = "Zeiten", en = "Hours" }
choice = [
    { key = "day", label = { de = "tags", en = "by day" } },
    { key = "night", label = { de = "nachts", en = "by night" } },
]
[[item.consequence]]
when = { way = "sip" }
text = { de = "Über {way} kommen alle Rufe an.", en = "All calls arrive by {way}." }
[[item.consequence]]
when = { contact = [] }
text = { de = "Anrufe für {contact} nennen den Kunden.", en = "Calls for {contact} name the customer." }
[[item.consequence]]
when = { hours = "night" }
keeps_open = true
text = { de = "Nachts ist niemand da.", en = "Nobody is there by night." }
[[item.consequence]]
when = { way = "forward" }
text = { de = "Die Anlage leitet um.", en = "The phone system forwards." }

[[item]]
id = "own.authentication"
kind = "manual"
who = "customer"
title = { de = "Erkennung festlegen", en = "Settle how callers are recognised" }
why = { de = "Sonst fragt der Bot niemanden.", en = "Else the bot asks nobody." }
how = { de = "Entscheiden Sie.", en = "Decide." }
[[item.field]]
key = "birth"
kind = "choice"
label = { de = "Geburtsdatum", en = "Date of birth" }
choice = [
    { key = "yes", label = { de = "ja", en = "yes" } },
    { key = "no", label = { de = "nein", en = "no" } },
]
[[item.consequence]]
when = { birth = "yes" }
text = { de = "Das Geburtsdatum wird übertragen.", en = "The date of birth is transferred." }
takes_over = { "bots4you/master-data.birth_date" = "true" }

[[item]]
id = "own.connection"
kind = "automatic"
check = "bots4you.connection"
who = "consultant"
title = { de = "Verbindung zu Bots4You", en = "Connection to Bots4You" }
why = { de = "Ohne sie geht nichts.", en = "Nothing works without it." }
how = { de = "F5 prüft.", en = "F5 checks." }

[[item]]
id = "own.immomio"
kind = "guided"
walk = "test_tenant"
who = "consultant"
when = { use_case = "immomio/prospects" }
title = { de = "Testmieter", en = "Test tenant" }
why = { de = "Ein Beweis.", en = "A proof." }
how = { de = "t beginnt.", en = "t begins." }
"""


def own_lists() -> tuple[Checklist, ...]:
    """The one list."""
    return (parse(LIST, "own.toml"),)


def only_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let this one list be in force instead of those that come with the console."""
    monkeypatch.setattr(loader, "shipped", own_lists)


def workspace(folder: Path, secrets: Secrets | None = None, text: str = CONFIG) -> Workspace:
    """The customer of ``text``, configured in ``folder``; nothing answers at its addresses."""
    path = folder / "config.toml"
    if not path.exists():
        folder.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    config = parse_config(path.read_text(encoding="utf-8"), path)
    found = customer(config, next(iter(config.customers)))
    return Workspace(config, found, secrets or MemorySecrets(), folder / "data", Sitting())
