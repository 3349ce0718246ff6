"""The German catalogue: ``update`` fills in new texts, ``check`` reports gaps, ``compile`` builds it.

Run it as ``python scripts/messages.py update``, write the German texts into the ``.po``, then ``check``.
"""

from __future__ import annotations

import io
import string
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
GERMAN = Path("console", "locale", "de", "LC_MESSAGES", "einzug.po")
KEYWORDS = {"_": None, "N_": None, "ngettext": (1, 2)}
HEADER = r"""msgid ""
msgstr ""
"Project-Id-Version: einzug\n"
"Language: de\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\n"
"MIME-Version: 1.0\n"
"Content-Type: text/plain; charset=utf-8\n"
"Content-Transfer-Encoding: 8bit\n"

"""


def extract(root: Path = ROOT) -> Catalog:
    """Every text that the console marks for translation, with the files that hold it."""
    found = Catalog(project="einzug")
    options: dict[str, dict[str, str]] = {}
    rows = extract_from_dir(root / "console", [("**.py", "python")], options, KEYWORDS)
    for filename, _line, message, comments, context in rows:
        place = f"console/{Path(filename).as_posix()}"
        found.add(message, locations=[(place, 0)], auto_comments=comments, context=context)
    return found


def read(path: Path) -> Catalog:
    """The catalogue of a ``.po`` file."""
    with path.open("rb") as file:
        return read_po(file, locale=path.parent.parent.name)


def update(root: Path = ROOT) -> None:
    """Bring the German ``.po`` up to date: new texts appear empty, unused ones go, the rest stays."""
    path = root / GERMAN
    catalogue = read(path)
    catalogue.update(extract(root), no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    buffer = io.BytesIO(HEADER.encode())
    buffer.seek(0, io.SEEK_END)
    write_po(buffer, catalogue, width=110, sort_output=True, include_lineno=False, omit_header=True)
    path.write_bytes(buffer.getvalue().rstrip() + b"\n")


def gaps(texts: Catalog, german: Catalog) -> Iterator[str]:
    """One line for every text without German, with other placeholders, or no longer used."""
    for message in texts:
        if not message.id:
            continue
        known = german.get(message.id if isinstance(message.id, str) else message.id[0], message.context)
        if known is None or not all(_forms(known)) or known.fuzzy:
            yield f"no German text: {message.id!r}"
        else:
            yield from _unlike(known)
    for message in german:
        if message.id and message.id not in texts:
            yield f"no longer used: {message.id!r}"


def _forms(message: Message) -> tuple[str, ...]:
    string = message.string or ""
    return (string,) if isinstance(string, str) else tuple(string)


def _unlike(message: Message) -> Iterator[str]:
    """A singular may leave its number out ("one stone"); otherwise none may be missing and none be new."""
    sources = (message.id,) if isinstance(message.id, str) else tuple(message.id)
    forms = _forms(message)
    wanted = placeholders(sources[-1])
    for index, text in enumerate(forms):
        names = placeholders(text)
        singular = len(forms) > 1 and index == 0
        if names != wanted and not (singular and names < wanted):
            yield f"placeholders differ: {message.id!r} has {sorted(wanted)}, German {sorted(names)}"


def placeholders(text: str) -> set[str]:
    """The names in braces that ``str.format`` would fill in; a text it cannot read has the name "broken"."""
    try:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}
    except ValueError:
        return {"broken"}


def compile_catalogues(root: Path = ROOT) -> None:
    """Write the ``.mo`` beside every ``.po`` that is newer."""
    for path in sorted((root / "console" / "locale").glob("*/LC_MESSAGES/*.po")):
        target = path.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime >= path.stat().st_mtime:
            continue
        buffer = io.BytesIO()
        write_mo(buffer, read(path))
        target.write_bytes(buffer.getvalue())


def main(arguments: list[str]) -> int:
    """Run one of ``update``, ``check``, ``compile``; 0 when nothing is missing."""
    match arguments:
        case ["update"]:
            update()
        case ["compile"]:
            compile_catalogues()
        case ["check"]:
            pass
        case _:
            print("usage: messages.py update|check|compile", file=sys.stderr)
            return 2
    found = [] if arguments == ["compile"] else list(gaps(extract(), read(ROOT / GERMAN)))
    print("\n".join(found) or "every text has its German form")
    return 1 if found and arguments == ["check"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
