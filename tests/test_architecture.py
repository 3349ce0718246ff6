"""The rules of the house, read from the source: sizes, docstrings, annotations, honest handling of errors.

The directions of imports are contracts in pyproject.toml; here stands what they cannot say.
"""

from __future__ import annotations

import ast
import io
import re
import subprocess
import sys
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("console", "connectors", "checklists")
FOLDERS = (*PACKAGES, "tests", "scripts", ".ci")
TEXT = {".py", ".toml", ".md", ".txt", ".po", ".tcss", ".csv", ".json", ".html", ""}
LINES, TEST_LINES, FUNCTION_LINES = 400, 420, 60
ROOMS = {
    "console/sync": ("console.sync", "console.threads", "connectors"),
    "console/store": ("console.store", "console.sync", "connectors"),
}
HEAVY = "textual keyring httpx cryptography starlette uvicorn openpyxl diskcache"

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef


# --- what is looked for -------------------------------------------------------------------------------


def too_long(source: str, limit: int) -> Iterator[str]:
    """The file, or a function in it, that one cannot see whole."""
    lines = len(source.splitlines())
    if lines > limit:
        yield f"{lines} lines"
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, FunctionNode) and (node.end_lineno or 0) - node.lineno + 1 > FUNCTION_LINES:
            yield f"{node.name} has {(node.end_lineno or 0) - node.lineno + 1} lines"


def undocumented(source: str) -> Iterator[str]:
    """Public classes, functions and methods without a docstring or with a missing annotation."""
    tree = ast.parse(source)
    if tree.body and not ast.get_docstring(tree):
        yield "the module has no docstring"
    yield from _undocumented(tree)


def _undocumented(node: ast.Module | ast.ClassDef) -> Iterator[str]:
    for child in node.body:
        if not isinstance(child, FunctionNode | ast.ClassDef) or child.name.startswith("_"):
            continue
        if not ast.get_docstring(child):
            yield f"{child.name} has no docstring"
        if isinstance(child, ast.ClassDef):
            yield from _undocumented(child)
        elif _unannotated(child, method=isinstance(node, ast.ClassDef)):
            yield f"{child.name} lacks an annotation"


def _unannotated(function: FunctionNode, *, method: bool) -> bool:
    a = function.args
    named = [*a.posonlyargs, *a.args]
    static = any(isinstance(d, ast.Name) and d.id == "staticmethod" for d in function.decorator_list)
    if method and not static:
        named = named[1:]
    given = [*named, *a.kwonlyargs, *(x for x in (a.vararg, a.kwarg) if x)]
    return function.returns is None or any(x.annotation is None for x in given)


def swallowed(source: str) -> Iterator[str]:
    """Bare excepts, and broad ones that do nothing with what they caught."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ExceptHandler):
            if node.type is None:
                yield f"line {node.lineno}: bare except"
            elif _broad(node.type) and all(map(_does_nothing, node.body)):
                yield f"line {node.lineno}: a broad except that swallows"
        elif isinstance(node, ast.Call) and _suppresses(node) and any(map(_broad, node.args)):
            yield f"line {node.lineno}: a broad suppress"


def _suppresses(call: ast.Call) -> bool:
    return ast.unparse(call.func) in ("suppress", "contextlib.suppress")


def _broad(caught: ast.expr) -> bool:
    names = caught.elts if isinstance(caught, ast.Tuple) else [caught]
    return any(isinstance(n, ast.Name) and n.id in ("Exception", "BaseException") for n in names)


def _does_nothing(statement: ast.stmt) -> bool:
    constant = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
    return constant or isinstance(statement, ast.Pass | ast.Continue)


def careless_ignores(source: str) -> Iterator[str]:
    """Comments that silence the type checker without naming what."""
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT and re.search(r"#\s*type:\s*ignore(?!\[)", token.string):
            yield f"line {token.start[0]}: {token.string}"


def foreign_places(text: str) -> Iterator[str]:
    """Paths of one machine, and hosts of package registries."""
    roots = "work|farm|root|home|Users|opt|tmp"
    hosts = ["py" + "pi.org", "python" + "hosted.org", "registry." + "npmjs"]
    pattern = rf"(?:^|[^\w.}}/*-])/(?:{roots})/\w{{2,}}|[A-Z]:\\Users\\\w+|{'|'.join(map(re.escape, hosts))}"
    yield from (found.group().strip() for found in re.finditer(pattern, text, re.MULTILINE))


def hidden_texts(source: str) -> Iterator[str]:
    """Texts marked for translation inside an f-string, where the extraction does not find them."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.JoinedStr):
            for call in ast.walk(node):
                named = isinstance(call, ast.Call) and ast.unparse(call.func) in ("_", "ngettext")
                if named and isinstance(call, ast.Call) and isinstance(call.args[0], ast.Constant):
                    yield f"line {call.lineno}: {call.args[0].value!r}"


def outside_the_room(source: str, allowed: tuple[str, ...]) -> Iterator[str]:
    """Imports of our own packages that a room may not see."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Import | ast.ImportFrom):
            continue
        module = f"{node.module}." if isinstance(node, ast.ImportFrom) else ""
        for name in (module + alias.name for alias in node.names):
            own = name.split(".")[0] in PACKAGES
            if own and not any(f"{name}.".startswith(f"{prefix}.") for prefix in allowed):
                yield f"line {node.lineno}: imports {name}"


# --- each of them can be seen -------------------------------------------------------------------------


def test_a_long_file_or_function_is_seen() -> None:
    body = "\n".join("    x = 1" for _ in range(59))
    assert not list(too_long(f"def f():\n{body}", 400))
    assert list(too_long(f"def f():\n{body}\n    x = 1", 400)) == ["f has 61 lines"]
    assert list(too_long("x = 1\n" * 401, 400)) == ["401 lines"]


@pytest.mark.parametrize(
    "source",
    [
        "x = 1",
        '"""."""\ndef f() -> None: ...',
        '"""."""\nclass C: ...',
        '"""."""\nclass C:\n    """."""\n    def m(self) -> None: ...',
        '"""."""\ndef f(x) -> None:\n    """."""',
        '"""."""\ndef f(*, x) -> None:\n    """."""',
        '"""."""\ndef f(*x) -> None:\n    """."""',
        '"""."""\nasync def f():\n    """."""',
        '"""."""\nclass C:\n    """."""\n    @staticmethod\n    def m(x) -> None:\n        """."""',
    ],
)
def test_a_missing_docstring_or_annotation_is_seen(source: str) -> None:
    assert len(list(undocumented(source))) == 1


def test_what_is_private_needs_no_docstring() -> None:
    assert not list(undocumented('"""."""\ndef _f(x): ...\nclass _C:\n    def m(self): ...'))
    assert not list(
        undocumented('"""."""\nclass C:\n    """."""\n    def m(self, x: int) -> None:\n        """."""')
    )


@pytest.mark.parametrize(
    "source",
    [
        "try: x\nexcept: raise",
        "try: x\nexcept Exception: pass",
        "try: x\nexcept (OSError, BaseException): ...",
        "for i in x:\n    try: x\n    except Exception:\n        'why'\n        continue",
        "with contextlib.suppress(Exception): x",
    ],
)
def test_a_swallowed_error_is_seen(source: str) -> None:
    assert len(list(swallowed(source))) == 1


def test_a_narrow_except_may_pass_and_a_broad_one_may_act() -> None:
    assert not list(swallowed("try: x\nexcept OSError: pass"))
    assert not list(swallowed("try: x\nexcept Exception as e: log(e)"))


def test_an_ignore_without_its_code_is_seen() -> None:
    assert list(careless_ignores("x = 1  # type: ignore\n"))
    assert not list(careless_ignores('x = 1  # type: ignore[misc]\ny = "# type: ignore"\n'))


@pytest.mark.parametrize(
    "text", ["see /wo" + "rk/main", '"/ro' + 'ot/xy"', "C:\\Us" + "ers\\me", "https://py" + "pi.org/simple"]
)
def test_a_place_of_one_machine_is_seen(text: str) -> None:
    assert list(foreign_places(text))


def test_a_path_of_a_url_is_no_place_of_a_machine() -> None:
    assert not list(foreign_places("http://127.0.0.1/home/x, ${TMPDIR}/work/x, /rest/1/user.get, a/tmp/x"))


def test_an_import_from_above_is_seen() -> None:
    assert list(outside_the_room("from console.store import plans", ROOMS["console/sync"]))
    assert list(outside_the_room("import console.workspace", ROOMS["console/sync"]))
    assert not list(outside_the_room("import sqlite3\nfrom console.sync import plan", ROOMS["console/sync"]))


# --- and none is there --------------------------------------------------------------------------------


def _python(*folders: str) -> list[tuple[str, str]]:
    """Path and source of every Python file below these folders."""
    files = [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]
    return [(path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")) for path in files]


def _texts() -> Iterator[tuple[str, str]]:
    """Path and text of everything in the tree that people read or write."""
    below = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*")]
    for path in [*ROOT.iterdir(), *below]:
        caches = {part for part in path.relative_to(ROOT).parts if part.startswith(".")} - {".ci"}
        if path.is_file() and path.suffix in TEXT and not caches:
            yield path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8", errors="replace")


def _lines(found: list[str]) -> str:
    return "\n" + "\n".join(found)


def test_every_file_and_function_can_be_seen_whole() -> None:
    found = [f"{p}: {f}" for p, s in _python(*PACKAGES, "scripts") for f in too_long(s, LINES)]
    found += [f"{p}: {f}" for p, s in _python("tests") for f in too_long(s, TEST_LINES)]
    assert not found, _lines(found)


def test_everything_public_says_what_it_does_and_takes() -> None:
    found = [f"{p}: {f}" for p, s in _python(*PACKAGES) for f in undocumented(s)]
    assert not found, _lines(found)


def test_no_error_is_swallowed() -> None:
    found = [f"{p}: {f}" for p, s in _python(*PACKAGES, "scripts", "tests") for f in swallowed(s)]
    assert not found, _lines(found)


def test_no_type_error_is_silenced_without_its_code() -> None:
    found = [f"{p}: {f}" for p, s in _python(*PACKAGES, "scripts", "tests") for f in careless_ignores(s)]
    assert not found, _lines(found)


def test_a_text_inside_an_f_string_is_seen() -> None:
    assert list(hidden_texts("x = f\"{_('new')} {n}\"")) == ["line 1: 'new'"]
    assert not list(hidden_texts("x = _('new') + f'{n} {_(label)}'"))


def test_every_text_stands_where_the_extraction_finds_it() -> None:
    found = [f"{p}: {f}" for p, s in _python("console") for f in hidden_texts(s)]
    assert not found, _lines(found)


def test_nothing_names_a_place_of_one_machine_or_a_registry() -> None:
    found = [f"{path}: {found}" for path, text in _texts() for found in foreign_places(text)]
    assert not found, _lines(found)


@pytest.mark.parametrize("room", ROOMS)
def test_the_engine_sees_only_the_contract_and_the_store_only_the_engine(room: str) -> None:
    files = _python(room)
    assert files
    found = [f"{p}: {f}" for p, s in files for f in outside_the_room(s, ROOMS[room])]
    assert not found, _lines(found)


def test_the_command_line_starts_without_anything_heavy() -> None:
    code = f"import sys, console.cli; print(sorted(set({HEAVY.split()!r}) & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.stdout.strip(), done.stderr) == ("[]", "")
