"""Take the README's pictures: a season is played, then a headless Chromium looks at its preview.

Usage: python -m scripts.screenshot [--chromium PATH] [--members N] [--weeks W] [--seed S]
"""

# ruff: noqa: INP001

import argparse
import asyncio
import shutil
import tempfile
from pathlib import Path

from PIL import Image
from simcord import Env
from simcord.actors import MemberActor

from bot.demo.acts import answered
from bot.demo.guild import Guild, open_guild
from bot.demo.preview import Room, choose_rooms
from bot.demo.season import Plan, Season
from bot.services.goals import list_goals
from bot.services.wins import get_evidence

IMAGES = Path(__file__).parent.parent / "docs" / "images"
WIDTH, HEIGHT = 1180, 1160
ROOM = (257, 92, 1180, 1056)  # the conversation, without the preview's own bars
SECONDS = 60
COLOURS = 128
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--hide-scrollbars",
    "--virtual-time-budget=6000",
    f"--window-size={WIDTH},{HEIGHT}",
)


async def main() -> None:
    """Play a season and take a picture of each room."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--chromium", default=shutil.which("chromium") or "chromium")
    parser.add_argument("--members", type=int, default=60)
    parser.add_argument("--weeks", type=int, default=12)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        async with open_guild(arguments.seed, Path(folder)) as guild:
            plan = Plan(arguments.members, arguments.weeks, arguments.seed)
            season = Season(guild, plan, lambda _now, _words: None)
            await season.play()
            circle, lobby = await choose_rooms(guild, season.program_id)
            await take(guild.env, circle, arguments.chromium, picture("circle"))
            achiever = await find_achiever(guild, season)
            for who, command, name in (
                (guild.moderator, "rotation history", "lobby"),
                (achiever, "goal list", "goals"),
                (achiever, "win list", "wins"),
            ):
                await who.slash(guild.lobby, command)
                await take(guild.env, Room(lobby.name, lobby.channel, (who,)), arguments.chromium, picture(name))
            shown = answered(await guild.moderator.slash(guild.moderators_channel, "program health"))
            (dashboard,) = shown.attachments
            picture("health").write_bytes(await dashboard.read())


async def find_achiever(guild: Guild, season: Season) -> MemberActor:
    """Return who is still there and has most to show: an open goal, and goals and wins of every kind."""
    shown: list[tuple[int, int, MemberActor]] = []
    for member in season.members.values():
        if member.present and member.has_goal:
            user = member.actor.id
            goals = await list_goals(guild.database, guild.server.id, user, guild.now)
            file = await get_evidence(guild.database, guild.server.id, user, guild.now)
            kinds = len({each.kind for each in file.wins}) + bool(file.reached)
            shown.append((len(goals) + 3 * kinds, user, member.actor))
    return max(shown, key=lambda each: each[:2])[2]


def picture(name: str) -> Path:
    """Return where a picture of the README lies."""
    return IMAGES / f"{name}.png"


async def take(env: Env, room: Room, chromium: str, target: Path) -> None:
    """Save what the first viewer of a room sees, in few colours so that the file stays small."""
    target.parent.mkdir(parents=True, exist_ok=True)
    async with env.preview(room.channel, viewers=room.viewers, layout="channel") as preview:
        command = (chromium, *FLAGS, f"--screenshot={target}", preview.url)
        nothing = asyncio.subprocess.DEVNULL
        process = await asyncio.create_subprocess_exec(*command, stdout=nothing, stderr=nothing)
        await asyncio.wait_for(process.wait(), SECONDS)
    Image.open(target).convert("RGB").crop(ROOM).quantize(COLOURS).save(target, optimize=True)


if __name__ == "__main__":
    asyncio.run(main())
