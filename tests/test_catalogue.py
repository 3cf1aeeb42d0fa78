"""Every message id that is used has words, and every id that has words is used."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from bot.domain.formation import Reason, Role
from bot.text import message_ids

ROOT = Path(__file__).parent.parent
FILES = sorted(path for folder in ("bot", "cogs", "db") for path in (ROOT / folder).rglob("*.py"))
SPEAKERS = {"text": 0, "say": 1, "find_text": 0}
ERRORS = {"NotFound", "NotAllowed", "Conflict", "InvalidInput"}
COMMANDS = {"words": ("name", "description")}
HOLE = "\0"


COMMAND_LINE = ("bot/form", "bot/__main__.py", "bot/demo/command.py")
FOR_OPERATORS = ("OperatorError", "ConfigError", "KeyFileError", "SchemaError", "VaultError")


@cache
def trees() -> tuple[tuple[Path, ast.Module], ...]:
    return tuple((path, ast.parse(path.read_text(encoding="utf-8"))) for path in FILES)


def template(node: ast.expr) -> str | None:
    """Return a string with a hole where something is filled in."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(each.value if isinstance(each, ast.Constant) else HOLE for each in node.values)
    return None


@cache
def strings() -> frozenset[str]:
    """Return every string in the program, docstrings included, with holes where something is filled in."""
    return frozenset(_strings())


def _strings() -> Iterator[str]:
    for _, tree in trees():
        inside = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
        for node in ast.walk(tree):
            if id(node) not in inside and isinstance(node, ast.Constant | ast.JoinedStr):
                found = template(node)
                if found is not None:
                    yield found


def speaks(path: Path) -> bool:
    """Tell whether a file knows our words, so that what it calls by these names is what we mean."""
    written = path.read_text(encoding="utf-8")
    return any(f"from {module} import" in written for module in ("bot.text", "bot.errors", "cogs._ui.words"))


def spoken() -> Iterator[tuple[str, str]]:
    """Yield each message id that is handed to something that speaks, with its place."""
    for path, tree in trees():
        for node in ast.walk(tree) if speaks(path) else ():
            if not isinstance(node, ast.Call):
                continue
            name = getattr(node.func, "id", "")
            if name == "text" and path.is_relative_to(ROOT / "db") and "text as said" in path.read_text("utf-8"):
                continue  # SQLAlchemy's own
            at = 0 if name in ERRORS else SPEAKERS.get(name)
            place = f"{path.relative_to(ROOT)}:{node.lineno}"
            if at is not None and len(node.args) > at:
                yield from ((each, place) for each in _choices(node.args[at]))
            if name in COMMANDS and node.args and (command := template(node.args[0])):
                yield from ((f"command.{command}.{part}", place) for part in COMMANDS[name])
            if name == "described":
                command, *options = [template(each) for each in node.args]
                yield from ((f"command.{command}.option.{option}", place) for option in options)


def _choices(node: ast.expr) -> Iterator[str]:
    """Yield what an argument may be: both sides of a choice."""
    if isinstance(node, ast.IfExp):
        yield from _choices(node.body)
        yield from _choices(node.orelse)
    elif (found := template(node)) is not None:
        yield found


def fits(pattern: str, message: str) -> bool:
    return re.fullmatch(".+".join(re.escape(part) for part in pattern.split(HOLE)), message) is not None


def test_every_message_that_is_spoken_has_words():
    known = message_ids()
    unknown = {
        place: pattern
        for pattern, place in spoken()
        if pattern not in known and not (HOLE in pattern and any(fits(pattern, message) for message in known))
    }
    assert not unknown


def test_every_message_that_has_words_is_used():
    used = set(strings()) | {pattern for pattern, _ in spoken()}
    used |= {each.replace("-", ".", 1) for each in used}  # a control's action may name its label
    plain = {each for each in used if HOLE not in each}
    holed = [each for each in used if HOLE in each and "." in each.strip(HOLE)]
    unused = {
        message for message in message_ids() if message not in plain and not any(fits(each, message) for each in holed)
    }
    assert not unused


def test_every_value_that_fills_a_message_id_has_its_words():
    known = message_ids()
    for reason in Reason:
        assert {f"reason.{reason}", f"relax.{reason}"} <= known
        assert {f"form.reason.{reason}", f"form.remedy.{reason}"} <= known
    for role in Role:
        assert role is Role.MEMBER or f"role.{role}" in known


def test_the_command_line_has_no_sentence_of_its_own():
    """What it prints and refuses is in the catalogue; a string of two words is a sentence, unless it documents."""
    own: list[str] = []
    for path, tree in trees():
        if not any(path.is_relative_to(ROOT / each) for each in COMMAND_LINE):
            continue
        documents = {
            id(node.body[0].value)
            for node in ast.walk(tree)
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and isinstance(node.body[0], ast.Expr)
        }
        for node in ast.walk(tree):
            found = template(node) if isinstance(node, ast.expr) and id(node) not in documents else None
            if found and re.search(r"\w,? \w", found.replace(HOLE, "x")):
                own.append(f"{path.name}:{node.lineno}: {found}")
    assert not own


def test_what_whoever_runs_the_bot_is_refused_with_is_in_the_catalogue():
    own: list[str] = []
    for path, tree in trees():
        for node in ast.walk(tree):
            name = getattr(node.func, "id", "") if isinstance(node, ast.Call) else ""
            said = template(node.args[0]) if name in FOR_OPERATORS and node.args else None
            if said and re.search(r"[a-z] [a-z]", said):
                own.append(f"{path.name}:{node.lineno}: {said}")
    assert not own
