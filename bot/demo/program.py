"""The demo from beginning to end: play the season, tell what happened, draw it, and serve the preview."""

import asyncio
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from bot.dashboard import dashboard_png
from bot.demo.charts import draw_all
from bot.demo.compared import compare, save_files, show_pulse
from bot.demo.guild import Guild, open_guild
from bot.demo.preview import choose_rooms, serve
from bot.demo.season import Plan, Season
from bot.demo.table import show
from bot.services.figures import get_figures
from bot.services.health import get_health
from bot.text import DEFAULT_LOCALE, text

MEMORY = Path("/dev/shm")  # noqa: S108 - a folder in memory where the system has one; a private one is made in it
DASHBOARD = "program-health.png"


async def play(plan: Plan, output: Path, console: Console, *, serves: bool) -> None:
    """Play a season, print what happened, and leave its charts in a folder."""
    began = perf_counter()
    with _private_folder() as private:
        async with open_guild(plan.seed, Path(private), in_memory=_memory() is not None) as guild:
            season = await _play(guild, plan, console)
            await _tell(guild, season, output, console)
            console.print(text("demo.passed", weeks=plan.weeks, seconds=perf_counter() - began))
            if serves:
                console.print(text("demo.stands-still"))
                await serve(guild.env, await choose_rooms(guild, season.program_id), console)
            guild.raise_mistakes()


def _private_folder() -> TemporaryDirectory[str]:
    """Make a folder for the database and its key, which is removed at the end."""
    return TemporaryDirectory(prefix="peer-circles-", dir=_memory())


def _memory() -> Path | None:
    """Return a folder that lies in memory, where the system has one."""
    return MEMORY if MEMORY.is_dir() else None


async def _play(guild: Guild, plan: Plan, console: Console) -> Season:
    """Play the season with a bar that shows how far it has come."""
    bar = Progress(
        TextColumn("{task.fields[day]}"),
        BarColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.description}"),
        console=console,
        refresh_per_second=2,
    )
    with bar:
        task = bar.add_task("", day="", total=1.0)

        def tell(now: datetime, words: str) -> None:
            share = (now - began) / (season.lasts_until - began)
            bar.update(task, completed=share, description=words or None, day=text("demo.day", now=now))

        began = guild.now
        season = Season(guild, plan, tell)
        await season.play()
    return season


async def _tell(guild: Guild, season: Season, output: Path, console: Console) -> None:
    """Print what the database holds of the season, and draw it."""
    program_id = season.program_id
    figures = await get_figures(guild.database, guild.server.id, program_id)
    show(console, figures, guild.env.http_requests)
    for pulse in await compare(guild, program_id, season.feelings):
        show_pulse(console, pulse)
        await save_files(pulse.shown, output)
    shipped = guild.app.context.surveys.shipped
    health = await get_health(guild.database, shipped, guild.server.id, program_id, guild.now)
    pictures = await asyncio.to_thread(draw_all, figures)
    if not health.is_small:
        pictures[DASHBOARD] = await asyncio.to_thread(dashboard_png, health, DEFAULT_LOCALE)
    for name, picture in pictures.items():
        (output / name).write_bytes(picture)
        console.print(text("demo.drawn", path=output / name))
