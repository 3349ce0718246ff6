"""The page behind a vacancy's link: the form that an applicant fills in (guided test tenant, rule I11)."""

from __future__ import annotations

from html import escape

from connectors.immomio.sandbox_applications import Applications
from connectors.immomio.sandbox_records import Fields

_LABELS = {
    "firstName": "Vorname",
    "lastName": "Nachname",
    "birthDate": "Geburtsdatum (JJJJ-MM-TT)",
    "email": "E-Mail",
    "message": "Nachricht",
}


def form_page(vacancy: Fields, notice: str = "") -> str:
    """The form as a page; nothing in it is mandatory, nameless applicants are invented."""
    title = escape(vacancy["title"] or vacancy["externalId"])
    inputs = "".join(
        f'<p><label>{label}<br><input name="{name}" maxlength="200"></label></p>'
        for name, label in _LABELS.items()
    )
    return (
        f'<!DOCTYPE html><html lang="de"><head><meta charset="utf-8"><title>{title}</title></head><body>'
        f"<h1>{title}</h1><p>{escape(notice)}</p>"
        "<p>Übungsformular: Bitte nur erfundene Personen eintragen.</p>"
        f'<form method="post">{inputs}<p><button>Bewerben</button></p></form></body></html>'
    )


def answer(applications: Applications, vacancy: Fields, given: dict[str, str]) -> str:
    """Apply with what was filled in, and the page that says so."""
    values = {name: given[name].strip() for name in _LABELS if given.get(name, "").strip()}
    try:
        applications.act({"vacancy": vacancy["externalId"], **values})
    except ValueError:
        return form_page(vacancy, "Das Geburtsdatum ist kein Tag.")
    return form_page(vacancy, "Ihre Bewerbung ist eingegangen.")
