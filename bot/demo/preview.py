"""The preview in the browser: the lobby and one circle, with a member and a moderator who can press everything."""

import asyncio
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from simcord import ChannelHandle, Env, MemberActor

from bot.demo.guild import Guild
from bot.services import answers, rotations
from bot.text import text


@dataclass(frozen=True, slots=True)
class Room:
    """A channel that can be shown, and through whose eyes."""

    name: str
    channel: ChannelHandle
    viewers: tuple[MemberActor, ...]


async def choose_rooms(guild: Guild, program_id: int) -> list[Room]:
    """Return the lobby, after a circle in which a member has still to answer the open check-in, if there is one."""
    found = await rotations.list_history(guild.database, guild.server.id, program_id)
    rooms: list[Room] = []
    viewers: tuple[MemberActor, ...] = (guild.moderator,)
    for circle in found[0].circles if found else ():
        thread = guild.find_thread(circle.thread_id or 0)
        waiting = [seat.user_id for seat in circle.seats if seat.user_id and await _has_to_answer(guild, seat.user_id)]
        if thread is not None and waiting:
            viewers = (guild.people[waiting[0]], guild.moderator)
            rooms.append(Room(text("demo.room.circle", number=circle.number), thread, viewers))
            break
    return [*rooms, Room(text("demo.room.lobby"), guild.lobby, viewers)]


async def _has_to_answer(guild: Guild, user_id: int) -> bool:
    forms = await answers.list_forms(guild.database, guild.server.id, user_id, guild.now)
    return any(form.given is None for form in forms)


async def serve(env: Env, rooms: list[Room], console: Console) -> None:
    """Show one room at a time until the preview is closed or Ctrl+C is pressed; Enter shows the next."""
    index = 0
    try:
        async with _enter_presses() as pressed:
            while await _show(env, rooms, index, pressed, console):
                index = (index + 1) % len(rooms)
    except asyncio.CancelledError:
        task = asyncio.current_task()
        if task is None or task.uncancel() > 0:
            raise
    console.print(text("demo.closed"))


async def _show(env: Env, rooms: list[Room], index: int, pressed: asyncio.Event | None, console: Console) -> bool:
    """Show a room; return whether another is asked for."""
    room = rooms[index]
    async with env.preview(room.channel, viewers=room.viewers, layout="channel") as preview:
        names = text("demo.room.and").join(viewer.name for viewer in room.viewers)
        console.print("\n" + text("demo.room.shown", room=room.name.capitalize(), names=names))
        console.print(f"  {preview.url}", soft_wrap=True, highlight=False)
        if pressed is not None and len(rooms) > 1:
            console.print(text("demo.room.next", room=rooms[(index + 1) % len(rooms)].name))
        else:
            console.print(text("demo.room.end"))
        return await _next_is_asked_for(preview.wait_closed(), pressed)


async def _next_is_asked_for(closing: Any, pressed: asyncio.Event | None) -> bool:
    """Wait until the preview is closed or Enter is pressed; return whether it was Enter."""
    closed = asyncio.ensure_future(closing)
    waits = [closed]
    if pressed is not None:
        pressed.clear()
        waits.append(asyncio.ensure_future(pressed.wait()))
    try:
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        return not closed.done()
    finally:
        for wait in waits:
            wait.cancel()
        await asyncio.gather(*waits, return_exceptions=True)


@asynccontextmanager
async def _enter_presses() -> AsyncGenerator[asyncio.Event | None]:
    """Know of each press of Enter; None where nobody sits at the terminal."""
    loop, pressed = asyncio.get_running_loop(), asyncio.Event()
    if not sys.stdin.isatty() or sys.platform == "win32":  # its loop cannot wait for the terminal
        yield None
        return

    def read() -> None:
        sys.stdin.readline()
        pressed.set()

    loop.add_reader(sys.stdin, read)
    try:
        yield pressed
    finally:
        loop.remove_reader(sys.stdin)
