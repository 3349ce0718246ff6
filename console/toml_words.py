"""What a TOML parser complains of, in the language in force: it speaks English only."""

from __future__ import annotations

import re

from console.i18n import N_, _

_WORDS: tuple[tuple[str, str], ...] = (
    (r"Invalid value", N_("this is no value: texts stand in quotation marks")),
    (r"Invalid statement", N_("this line is neither name = value nor [section]")),
    (r"Expected '=' after a key in a key/value pair", N_("after the name a = is missing")),
    (r"Invalid initial character for a key part", N_("no name can begin like this")),
    (r"Expected newline or end of document after a statement", N_("something follows after the value")),
    (r"Expected '\]\]?' at the end of an? \w+ declaration", N_("the section is not closed by ]")),
    (r"Cannot overwrite a value|Duplicate inline table key (?P<what>.*)", N_("this name is there twice")),
    (r"Cannot (?:declare|redefine namespace) (?P<what>.*?)(?: twice)?", N_("section {what} exists twice")),
    (r"Cannot mutate immutable namespace (?P<what>.*)", N_("the section {what} is complete already")),
    (r"Unclosed array", N_("the list is not closed by ]")),
    (r"Unclosed inline table", N_("the table is not closed by }}")),
    (r"Unterminated string|Expected '\"\"\"'|Expected \"'''\"", N_("a quotation mark is missing")),
    (r"(?:Illegal|Found invalid) character (?P<what>.*)", N_("the character {what} may not stand here")),
    (r"Unescaped '\\' in a string", N_("a \\ in a text is written \\\\; or use single quotation marks")),
    (r"Invalid hex value|Escaped character is not a Unicode scalar value", N_("\\ before something unknown")),
    (r"Invalid date or datetime", N_("there is no such date")),
)  # fmt: skip
"""What the parser says, as a pattern, and what we say (source texts of the catalogue)."""


def toml_words(complaint: str) -> str:
    """A complaint without its place; one that is not known stays as it is."""
    for pattern, words in _WORDS:
        found = re.fullmatch(pattern, complaint)
        if found is not None:
            return _(words).format(what=_shown(found.groupdict().get("what") or ""))
    return complaint


def _shown(what: str) -> str:
    """``('customers', 'a')`` as ``customers.a``."""
    parts = re.findall(r"'([^']*)'", what) if what.startswith("(") else []
    return ".".join(parts) or what
