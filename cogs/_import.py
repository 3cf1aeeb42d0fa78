"""`/program import` and `/program export`: bringing people along with a spreadsheet, and taking a program along."""

import io
from collections.abc import Callable, Sequence
from typing import Any

import discord
from discord import ui

from bot.domain.past import LARGEST, BadHistory
from bot.domain.past import MOST_ROWS as MOST_PAST_ROWS
from bot.domain.roster import MOST_MENTEES, MOST_ROWS
from bot.domain.states import DeliveryKind
from bot.domain.table import BadTable, Fault
from bot.errors import InvalidInput
from bot.services import brought, exports, imports
from bot.services.deliveries import Job, Outcome
from bot.services.import_past import PastRun
from bot.services.imports import DryRun
from bot.services.people import EXPERIENCES
from bot.text import text
from cogs._choose import choose_kept_program, choose_program, moderated_program
from cogs._context import Context, PeerCog, delivers, guild_of, on_control
from cogs._ui.cards import answer, bullets, card, redraw
from cogs._ui.controls import button, row
from cogs._ui.words import inert, say

SHOWN_PROBLEMS = 12
PROBLEMS_FILE = "problems.txt"
EXPORT_FILE = "peer-circles-program.zip"


async def show_import(
    context: Context,
    interaction: discord.Interaction,
    file: discord.Attachment,
    history: discord.Attachment | None,
    named: str | None,
) -> None:
    """Show what a file would do, every problem by row and column, and ask once."""
    program_id = await choose_program(context, interaction, named)
    await moderated_program(context, interaction, program_id)
    if max(file.size, history.size if history else 0) > imports.MOST_BYTES:
        raise InvalidInput("import.too-large", most=imports.MOST_BYTES // 1_000_000)
    await interaction.response.defer(ephemeral=True, thinking=True)
    data, past = await file.read(), await history.read() if history else None
    try:
        found = await imports.dry_run(
            context.database, context.world, guild_of(interaction), program_id, data, context.now(), past
        )
    except BadHistory as error:
        problem = _problem(interaction, error.fault, str, MOST_PAST_ROWS)
        raise InvalidInput("import.no-history", problem=problem) from error
    except BadTable as error:
        raise InvalidInput("import.no-table", problem=_problem(interaction, error.fault, str)) from error
    await _answer_dry_run(interaction, found)


async def show_export(context: Context, interaction: discord.Interaction, named: str | None) -> None:
    """Send a moderator what they may take along, as a file that only they see."""
    program_id = await choose_kept_program(context, interaction, named)
    await moderated_program(context, interaction, program_id)
    await interaction.response.defer(ephemeral=True, thinking=True)
    found = await exports.export(
        context.database, guild_of(interaction), program_id, context.now(), interaction.user.id
    )
    words = say(interaction, "export.done", program=inert(found.program), n=len(found.members))
    view = card(words, ui.File[ui.LayoutView](f"attachment://{EXPORT_FILE}"))
    await answer(interaction, view, file=discord.File(io.BytesIO(exports.packed(found)), EXPORT_FILE))


class ImportCog(PeerCog):
    """The buttons of a dry run and of the private notices."""

    @on_control("import-sure")
    async def carry_out(self, interaction: discord.Interaction, key: str) -> None:
        """Do what the dry run said."""
        program_id, file_id = (int(each) for each in key.split(":"))
        await moderated_program(self.context, interaction, program_id)
        await interaction.response.defer()
        context = self.context
        done = await imports.carry_out(
            self.database,
            context.world,
            guild_of(interaction),
            program_id,
            file_id,
            context.now(),
            interaction.user.id,
        )
        context.changed()
        words = say(interaction, "import.done", joining=done.joining, updated=done.updated, unchanged=done.unchanged)
        past = say(interaction, "import.past.done", n=done.past.added) if done.past else None
        await redraw(interaction, card(_title(interaction, done), words, past))

    @on_control("import-stay")
    async def stay(self, interaction: discord.Interaction, key: str) -> None:
        """Thank somebody who stays, and say what comes next."""
        program = await brought.stay(self.database, key, interaction.user.id)
        await answer(interaction, card(say(interaction, "import.notice.stays", program=inert(program))))

    @on_control("import-leave")
    async def leave(self, interaction: discord.Interaction, key: str) -> None:
        """Take somebody out again who does not want to take part."""
        program = await brought.leave(self.database, key, interaction.user.id, self.context.now())
        await answer(interaction, card(say(interaction, "import.notice.left", program=inert(program))))

    @delivers(DeliveryKind.IMPORT_NOTICE)
    async def notify(self, job: Job) -> Outcome:
        """Tell somebody privately that a moderator brought them along, with a way out."""
        told = await brought.get_welcome(self.database, job.program_id, job.person_id or 0)
        view = card(
            text("import.notice.text", told.locale, program=inert(told.program)),
            row(
                button("import-stay", job.key, text("import.notice.stay", told.locale)),
                button("import-leave", job.key, text("import.notice.leave", told.locale)),
            ),
        )
        return await self.context.messenger.send_dm(job, told.user_id, view)


async def _answer_dry_run(interaction: discord.Interaction, found: DryRun) -> None:
    """Show a dry run; problems that do not fit the card come along as a text file."""
    faults, past = imports.problems_of(found), found.past.faults if found.past else ()
    most = SHOWN_PROBLEMS // 2 if faults and past else SHOWN_PROBLEMS
    parts: list[ui.Item[Any] | str | None] = [
        _title(interaction, found),
        say(
            interaction,
            "import.would",
            joining=found.joining,
            updated=found.updated,
            unchanged=found.unchanged,
            left_out=len({fault.row for fault in faults}),
        ),
        _problem_words(interaction, "import.problems", faults, most),
        _past_words(interaction, found.past),
        _problem_words(interaction, "import.past.problems", past, most),
    ]
    options: dict[str, Any] = {}
    if max(len(faults), len(past)) > most:
        parts.append(ui.File[ui.LayoutView](f"attachment://{PROBLEMS_FILE}"))
        lists = (("import.problems", faults), ("import.past.problems", past))
        texts = [_problem_list(interaction, title, each) for title, each in lists if each]
        options["file"] = discord.File(io.BytesIO("\n\n".join(texts).encode()), PROBLEMS_FILE)
    if found.key is None:
        parts.append(say(interaction, "import.nothing"))
    else:
        key = f"{found.program_id}:{found.key}"
        sure = button("import-sure", key, say(interaction, "import.sure"), discord.ButtonStyle.success)
        parts += [say(interaction, "import.ask"), row(sure)]
    await answer(interaction, card(*parts), **options)


def _title(interaction: discord.Interaction, found: DryRun) -> str:
    return f"## {say(interaction, 'import.title', program=inert(found.program))}"


def _past_words(interaction: discord.Interaction, past: PastRun | None) -> str | None:
    """Say how many past encounters a history would add, and of how many rows nobody takes part."""
    if past is None:
        return None
    would = say(interaction, "import.past.would", n=past.added, people=past.people, rotations=past.rotations)
    known = say(interaction, "import.past.known", n=past.known) if past.known else ""
    strangers = say(interaction, "import.past.strangers", n=past.strangers) if past.strangers else ""
    return " ".join(words for words in (would, known, strangers) if words)


def _problem_words(interaction: discord.Interaction, title: str, faults: Sequence[Fault], most: int) -> str | None:
    if not faults:
        return None
    shown = bullets(_problem(interaction, fault, inert) for fault in faults[:most])
    return f"### {say(interaction, title, n=len(faults))}\n" + shown


def _problem_list(interaction: discord.Interaction, title: str, faults: Sequence[Fault]) -> str:
    """List every problem of a file as plain lines."""
    lines = [_problem(interaction, fault, str) for fault in faults]
    return "\n".join([say(interaction, title, n=len(faults)), *lines])


def _problem(interaction: discord.Interaction, fault: Fault, show: Callable[[str], str], most: int = MOST_ROWS) -> str:
    """Say one problem by row and column: what is expected, and what is there, shown as the place asks."""
    expected = say(
        interaction,
        f"import.expected.{fault.expected}",
        experiences=", ".join(EXPERIENCES),
        most=most,
        mentees=MOST_MENTEES,
        largest=LARGEST,
    )
    found = show(fault.found) or say(interaction, "import.found.nothing")
    if not fault.row:
        return say(interaction, "import.problem.file", expected=expected, found=found)
    column = show(fault.column) or "-"
    return say(interaction, "import.problem", row=fault.row, column=column, expected=expected, found=found)
