"""How often commands and controls may be used: by one member, by a whole server, and that nothing written is lost."""

from datetime import timedelta

from bot.config import LimitSettings
from cogs._limits import Limits
from tests.cogs.town import Town, last_answer, said

QUICK = "That was quick"


def limit(town: Town, member_uses: int, guild_uses: int) -> None:
    """Let the bot answer only so many uses within ten seconds."""
    limits = Limits(LimitSettings(member_uses, guild_uses), lambda: town.now)
    town.app.bot.limits = limits
    town.app.bot.controls._count = limits.count


async def test_a_member_who_is_too_quick_is_told_for_how_long_to_wait_and_nobody_else_waits(town):
    ada, grace = town.member("ada"), town.member("grace")
    limit(town, 2, 100)
    for _ in range(2):
        assert QUICK not in said(await ada.slash(town.lobby, "circle mine"))
    refused = await ada.slash(town.lobby, "circle mine")
    assert "try again in 10 seconds" in said(refused)
    assert refused.ephemeral
    assert QUICK not in said(await grace.slash(town.lobby, "circle mine"))
    await town.env.advance_time(timedelta(seconds=10).total_seconds())
    assert QUICK not in said(await ada.slash(town.lobby, "circle mine"))


async def test_a_server_that_is_too_quick_waits_together(town):
    limit(town, 50, 2)
    for name in ("ada", "grace"):
        assert QUICK not in said(await town.member(name).slash(town.lobby, "circle mine"))
    assert QUICK in said(await town.member("mary").slash(town.lobby, "circle mine"))


async def test_buttons_count_and_what_was_written_is_never_refused(town):
    await town.start_program()
    ada = town.member("ada")
    joining = await ada.slash(town.lobby, "circle join", zone="Europe/Berlin")
    limit(town, 1, 100)
    await ada.slash(town.lobby, "circle mine")
    joined = await ada.submit_modal(joining, {"helps_with": "Python"})
    assert QUICK not in said(joined)
    refused = await ada.click(last_answer(joined), label="Set my weekly hours")
    assert QUICK in said(refused)
