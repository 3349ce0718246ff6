"""Tables from which the seeded company is made: invented people, streets and houses, fictitious phone ranges.

Every last name is put together from two parts, so that nobody is called like that; mail addresses end in the
reserved example domains, phone numbers lie in the ranges kept free for films.
"""

from __future__ import annotations

from connectors.housing import CategoryKind, RentCategory, UsageClass

MANDANTEN = (
    ("10", "Wohnbau Musterstadt eG"),
    ("20", "Musterstadt Gewerbe GmbH"),
    ("30", "Stiftung Beispielhof"),
)
MANDANT_SHARES = (0.68, 0.22, 0.10)

FEMALE_NAMES = (
    "Adelheid", "Annegret", "Bernadette", "Brunhilde", "Cordula", "Dorothea", "Edeltraud", "Franziska",
    "Friederike", "Gudrun", "Hannelore", "Henriette", "Ingeborg", "Käthe", "Leonore", "Lieselotte",
    "Mechthild", "Philippa", "Roswitha", "Sieglinde", "Theodora", "Ulrike", "Walburga", "Yasemin",
)  # fmt: skip
MALE_NAMES = (
    "Albrecht", "Balthasar", "Burkhard", "Cornelius", "Dietmar", "Eberhard", "Ferdinand", "Gottfried",
    "Günther", "Hartwig", "Ignatius", "Jürgen", "Korbinian", "Leopold", "Mehmet", "Norbert",
    "Ottokar", "Reinhold", "Rüdiger", "Siegfried", "Thaddäus", "Ulrich", "Valentin", "Wolfram",
)  # fmt: skip
LAST_NAME_HEADS = (
    "Beispiel", "Fabel", "Märchen", "Muster", "Nebel", "Papier", "Probe", "Schein",
    "Spiegel", "Traum", "Übungs", "Wolken", "Zauber", "Luft", "Silber", "Kreide",
)  # fmt: skip
LAST_NAME_TAILS = (
    "äcker", "bauer", "berg", "brück", "feld", "fuß", "gärtner", "hof",
    "kamp", "lehner", "mann", "müller", "schütz", "stein", "voß", "winkel",
)  # fmt: skip
TITLES = ("Dr.", "Prof. Dr.")
LONG_NAMES = (
    ("Jürgen-Maximilian Heinrich", "Graf von Großmärchenfels-Überschwänglich zu Süßwinkel-Öhrenfuß"),
    ("Käthe-Änne Wilhelmine Süßmilde", "Traumäcker-Müßiggänger-Schützenhöferbrückler von Ölßen"),
)

COMPANY_HEADS = (
    "Bäckerei",
    "Fahrradwerkstatt",
    "Praxis",
    "Blumenladen",
    "Büroservice",
    "Gasthaus",
    "Nähstube",
)
COMPANY_TAILS = ("GmbH", "OHG", "e. K.", "GmbH & Co. KG", "UG (haftungsbeschränkt)")

MAIL_DOMAINS = ("example.org", "example.com", "example.net")
LANGUAGES = ("de",) * 8 + ("tr", "pl", "en", None)

LANDLINES = ("30 23125", "40 66969", "69 90009", "221 4710", "89 99998")
MOBILES = ("171 39200",)

CITIES = (("99998", "Musterstadt"), ("99997", "Beispielhausen"), ("01998", "Probenau an der Übe"))
STREETS = (
    "Ahornallee", "Am Probebühl", "An der Musterwiese", "Beispielgasse", "Birkenweg", "Eschenstraße",
    "Fabelring", "Große Übungsstraße", "Kastanienhof", "Lindenweg", "Mühlsteig", "Platanenplatz",
    "Rosengärten", "Straße der Beispiele", "Tannenschlößchen", "Ulmenchaussee", "Weißdornweg", "Zedernufer",
)  # fmt: skip
SITES = ("Nord", "Süd", "Ost", "West", "Altstadt", None)
SITE_NAMES = (
    "Lindenhof",
    "Ahornhöfe",
    "Am Stadtwall",
    "Gartenstadt",
    "Mühlenquartier",
    "Schloßpark",
    "Uferzeile",
)

POSITIONS = ("links", "mitte", "rechts")
ODD_FLOORS = (
    "Souterrain", "Kellergeschoss 2", "3. Etage, links", "EG", "Dachgeschoss, mitte", "Keller, links",
    "Erdgeschoss, Haus 3", "2", "Hochparterre",
)  # fmt: skip
"""Spellings of a floor that partners must cope with."""

FLATS: tuple[str, ...] = ("Wohnraum", "Wohnung")
SHOPS: tuple[str, ...] = ("Laden", "Büro", "Praxis", "Gewerberaum")
CAR_PARKS: tuple[str, ...] = ("Stellplatz", "Garage", "Tiefgarage", "Carport")
STORES: tuple[str, ...] = ("Lager",)
USAGE_CLASSES = {
    **dict.fromkeys(FLATS, UsageClass.RESIDENTIAL),
    **dict.fromkeys(SHOPS, UsageClass.COMMERCIAL),
    **dict.fromkeys(CAR_PARKS, UsageClass.PARKING),
    **dict.fromkeys(STORES, UsageClass.STORAGE),
}
ODD_USAGES = ("Bunker", "Trafostation", "Kleingarten")
"""Usage types in none of the usual lists: class OTHER."""

RENT_ITEMS = {
    RentCategory.NETTOKALTMIETE: ("100", "Grundmiete"),
    RentCategory.OPERATING_COSTS: ("200", "Vorauszahlung Betriebskosten"),
    RentCategory.HEATING_COSTS: ("300", "Vorauszahlung Heizkosten"),
    RentCategory.SURCHARGE: ("400", "Zuschlag Untervermietung"),
    RentCategory.PARKING: ("500", "Stellplatzmiete"),
}

TICKET_CATEGORIES = (
    # code, label, kind, parent, mandatory features, active
    ("ANL", "Anliegen", CategoryKind.REQUEST, None, (), True),
    ("ANL-BESCH", "Mietbescheinigung anfordern", CategoryKind.REQUEST, "ANL", (), True),
    ("ANL-BK", "Frage zur Betriebskostenabrechnung", CategoryKind.REQUEST, "ANL", (), True),
    ("ANL-BANK", "Bankverbindung ändern", CategoryKind.REQUEST, "ANL", ("IBAN geprüft",), True),
    ("ANL-HAUS", "Beschwerde zur Hausordnung", CategoryKind.REQUEST, "ANL", (), True),
    ("ANL-SCHL", "Schlüssel nachbestellen", CategoryKind.REQUEST, "ANL", (), True),
    ("SCH", "Schaden", CategoryKind.DAMAGE, None, (), True),
    ("SCH-HEIZ", "Heizung/Warmwasser", CategoryKind.DAMAGE, "SCH", (), True),
    ("SCH-SAN", "Sanitär", CategoryKind.DAMAGE, "SCH", (), True),
    ("SCH-AUFZ", "Aufzug", CategoryKind.DAMAGE, "SCH", ("Aufzugsnummer", "Personen eingeschlossen"), True),
    ("SCH-ELEK", "Elektro", CategoryKind.DAMAGE, "SCH", (), True),
    ("SCH-ALT", "Nachtspeicheröfen", CategoryKind.DAMAGE, "SCH", (), False),
)
"""Activity types of the ERP: a few have mandatory features, one is switched off."""

ERP_USERS = ("EINZUG", "IMMOMIO", "SACHBEARBEITUNG")
"""Login names in the ERP, all of them active."""

EQUIPMENT = (
    "Laminat in allen Wohnräumen, Bad mit Wanne",
    "Böden neu verlegt; Küche mit Anschluss für eine Spülmaschine",
    "Fußböden aus Eiche, Bad gefliest",
)
CARRIERS = ("Erdgas", "Fernwärme", "Heizöl")
"""Energy carriers as an energy certificate names them."""
