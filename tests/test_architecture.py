import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FILES = sorted(path for folder in ("bot", "cogs", "db", "migrations") for path in (ROOT / folder).rglob("*.py"))
OURS = ("bot", "cogs", "db", "migrations")
EDGES = ("bot.app", "bot.__main__", "bot.demo")  # they may import everything
ANYONE = ("bot.errors", "bot.text")
# Who may import whom, the first line that fits; a name stands for everything below it.
MAY_IMPORT = {
    "bot.domain": ("bot.domain",),
    "bot.services": ("bot.services", "bot.domain", "db"),
    "bot.form": ("bot.form", "bot.domain"),
    "bot.config": ("bot.domain.program", "bot.settings"),
    "bot.keys": ("bot.config", "db"),
    "bot.pulse_keys": ("bot.config", "db"),
    "bot.worker": ("bot.domain", "bot.services.ports"),
    "bot.housekeeping": ("bot.config", "bot.scheduler", "bot.services", "db"),
    "bot.health_server": ("bot.config", "bot.metrics"),
    "bot.families": ("bot.metrics",),
    "bot.vitals": ("bot.domain", "bot.families", "bot.metrics", "bot.services", "cogs", "db.engine"),
    "bot.charts": ("bot.domain",),
    "bot.dashboard": ("bot.dashboard", "bot.charts", "bot.domain"),
    "bot.instruments": ("bot.domain",),
    "bot": (),
    "db": ("db", "bot.domain"),
    "migrations": ("db",),
    "cogs": ("cogs", "bot.services", "bot.domain", "bot.charts", "bot.dashboard", "bot.config", "db.engine"),
}
# A stopwatch is allowed, for a search may have a time limit.
CLOCKS = {
    "datetime": {"now", "utcnow", "today"},
    "date": {"today"},
    "time": {"time", "time_ns", "localtime", "gmtime"},
}
SEEDED = {"Random", "SystemRandom"}


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def module_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def within(module: str, names: tuple[str, ...]) -> bool:
    return any(module == name or module.startswith(f"{name}.") for name in names)


def is_module(name: str) -> bool:
    path = ROOT / Path(*name.split("."))
    return path.is_dir() or path.with_suffix(".py").exists()


@cache
def imported(path: Path) -> tuple[tuple[str, int], ...]:
    """Name every module that a file imports anywhere in it, with the line."""
    return tuple(_imported(path))


def _imported(path: Path) -> Iterator[tuple[str, int]]:
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: imports are written out in full"
            for alias in node.names:
                full = f"{node.module}.{alias.name}"
                yield (full if within(full, OURS) and is_module(full) else str(node.module)), node.lineno


def offences(allowed) -> list[str]:
    """List each import that a rule, asked with the importer and the imported, does not allow."""
    return [
        f"{path.relative_to(ROOT)}:{line} imports {name}"
        for path in FILES
        for name, line in imported(path)
        if not allowed(module_of(path), name)
    ]


def only_in(library: str, *places: str):
    """Make the rule that a library appears in these modules only."""
    return lambda module, name: not within(name, (library,)) or within(module, places)


def test_there_is_something_to_look_at():
    modules = {module_of(path) for path in FILES}
    assert {"bot.domain.calendar", "bot.services.work", "db.engine", "migrations.env"} <= modules


def test_each_layer_imports_only_what_lies_below_it():
    def allowed(module: str, name: str) -> bool:
        if not within(name, OURS) or within(name, ANYONE) or within(module, EDGES):
            return True
        layer = next(layer for layer in MAY_IMPORT if within(module, (layer,)))
        return within(name, MAY_IMPORT[layer])

    assert offences(allowed) == []


def test_cogs_never_import_one_another():
    def allowed(module: str, name: str) -> bool:
        if not within(module, ("cogs",)) or not within(name, ("cogs",)) or name == "cogs":
            return True
        return name.split(".")[1].startswith("_")

    assert offences(allowed) == []


@pytest.mark.parametrize(
    ("library", "places"),
    [
        ("discord", ("cogs", "bot.app", "bot.demo")),
        ("simcord", ("bot.demo",)),
        ("apscheduler", ("bot.scheduler",)),
        ("alembic", ("db", "migrations")),
        ("aiosqlite", ("db",)),
        ("sqlite3", ("db",)),
        ("cryptography", ("db.types", "db.vault_crypto")),
        ("matplotlib", ("bot.charts", "bot.dashboard", "bot.demo.charts")),
        ("icalendar", ("bot.services.calendar_file",)),
        ("argparse", ("bot.__main__", "bot.form", "bot.demo")),
    ],
)
def test_a_library_appears_only_where_it_belongs(library: str, places: tuple[str, ...]):
    assert offences(only_in(library, *places)) == []


def test_sqlalchemy_appears_below_the_services_and_in_them_only_as_the_sessions_type():
    def allowed(module: str, name: str) -> bool:
        in_place = within(module, ("db", "migrations"))
        session = within(module, ("bot.services",)) and name == "sqlalchemy.ext.asyncio"
        return in_place or session or not within(name, ("sqlalchemy",))

    assert offences(allowed) == []


def test_services_take_nothing_but_the_session_from_sqlalchemy():
    taken = set[str]().union(*(taken_from("sqlalchemy", path) for path in files_within("bot.services")))
    assert taken <= {"AsyncSession"}


def files_within(*names: str) -> list[Path]:
    return [path for path in FILES if within(module_of(path), names)]


def test_the_domain_neither_waits_nor_reaches_out():
    forbidden = ("asyncio", "threading", "socket", "subprocess", "logging", "os", "sys", "secrets")
    waits = (ast.AsyncFunctionDef, ast.Await, ast.AsyncFor, ast.AsyncWith)
    for path in files_within("bot.domain"):
        assert not [name for name, _ in imported(path) if within(name, forbidden)], path
        assert not [node.lineno for node in ast.walk(tree_of(path)) if isinstance(node, waits)], path


def test_nobody_below_the_edges_asks_for_the_time():
    for path in files_within("bot.domain", "bot.services", "db", "cogs"):
        asked = [line for owner, name, line in attributes(path) if name in CLOCKS.get(owner, ())]
        assert not asked, path


def test_nobody_uses_the_global_random_numbers():
    for path in FILES:
        whole = "random" in plain_imports(path)
        used = [(name, line) for owner, name, line in attributes(path) if whole and owner == "random"]
        assert not [line for name, line in used if name not in SEEDED], path
        assert taken_from("random", path) <= SEEDED, path


def plain_imports(path: Path) -> list[str]:
    return [alias.name for node in ast.walk(tree_of(path)) if isinstance(node, ast.Import) for alias in node.names]


def taken_from(library: str, path: Path) -> set[str]:
    """Name what a file takes out of a library, by `from library import ...`."""
    return {
        alias.name
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.ImportFrom) and within(str(node.module), (library,))
        for alias in node.names
    }


def attributes(path: Path) -> Iterator[tuple[str, str, int]]:
    """Name each attribute that is taken from a plain name or from an attribute: (owner, name, line)."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Attribute):
            owner = node.value
            named = owner.id if isinstance(owner, ast.Name) else getattr(owner, "attr", "")
            yield named, node.attr, node.lineno
