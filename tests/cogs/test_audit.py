"""What moderators did, read by moderators, a page at a time."""

from tests.cogs.test_health import running
from tests.cogs.test_program import REFUSED, keeper, press
from tests.cogs.town import Town, control, last_answer, only_id, said, words_of


async def test_every_click_of_a_moderator_is_told_with_who_and_what(town: Town):
    await town.start_program(moderator_role_id=town.mod_role.id)
    other = keeper(town)
    panel = last_answer(await other.slash(town.lobby, "program edit"))
    await other.select(panel, ["17"], custom_id=control(panel, "program-hour"))
    await other.select(panel, [town.mod_channel], custom_id=control(panel, "program-modchannel"))
    await other.slash(town.lobby, "program pause")
    await town.moderator.slash(town.lobby, "program resume")
    await town.moderator.slash(town.lobby, "pulses stop", instrument="selfdoubt_6")
    words = said(await town.moderator.slash(town.lobby, "program audit"))
    lines = [line for line in words.splitlines() if line.startswith("- ")]
    done = ("Pulse stopped", "Program resumed", "Program paused", "Rules changed", "Rules changed", "Program started",
            "Set-up begun")  # fmt: skip
    assert [each in line for each, line in zip(done, lines, strict=True)] == [True] * 7
    assert f"<@{town.moderator.id}>" in lines[0]
    assert f"<@{other.id}>" in lines[2]
    assert f"moderators' channel: none → {town.mod_channel.mention}" in lines[3]
    assert "hour of check-ins: 9 → 17" in lines[4]


async def test_one_kind_of_action_is_told_alone_and_pages_are_turned(town: Town):
    await town.start_program(moderator_role_id=town.mod_role.id)
    for _ in range(6):
        await town.moderator.slash(town.lobby, "program pause")
        await town.moderator.slash(town.lobby, "program resume")
    everything = await town.moderator.slash(town.lobby, "program audit")
    assert "14 entries" in said(everything)
    turned = await press(town.moderator, last_answer(everything), "audit-on")
    assert "Set-up begun" in words_of(last_answer(turned))
    paused = words_of(last_answer(await town.moderator.slash(town.lobby, "program audit", action="program-paused")))
    assert paused.count("Program paused") == 6
    assert "resumed" not in paused
    none = await town.moderator.slash(town.lobby, "program audit", action="Rotation published")
    assert "Nobody did this yet: Rotation published" in said(none)
    unknown = await town.moderator.slash(town.lobby, "program audit", action="anything")
    assert "no such kind" in said(unknown)


async def test_who_drafts_and_publishes_is_told_with_the_sizes(town: Town):
    await town.start_program()
    for number in range(6):
        member = town.member(f"member{number}")
        await member.submit_modal(await member.slash(town.lobby, "circle join", zone="UTC"), {})
    draft = last_answer(await town.moderator.slash(town.lobby, "rotation preview"))
    await press(town.moderator, draft, "rotation-reroll")
    assert only_id(draft, "rotation-publish")
    await town.moderator.slash(town.lobby, "rotation publish")
    words = said(await town.moderator.slash(town.lobby, "program audit"))
    assert words.count("Circles drafted") == 2
    assert "**Rotation published** (rotation 1; circles: 1; people placed: 6; without a circle: 0)" in words


async def test_who_moderates_no_more_turns_no_page_and_tries_nothing_again(town: Town):
    """FAILURES F36: an old card of a former moderator shows and does nothing."""
    lost = town.member("lost")
    town.env.inject_error("PUT", f"/channels/*/thread-members/{lost.id}", status=404, code=10007)
    await running(town, 5, also=[lost])
    mod = keeper(town)
    for _ in range(6):
        await mod.slash(town.lobby, "program pause")
        await mod.slash(town.lobby, "program resume")
    entries = last_answer(await mod.slash(town.lobby, "program audit"))
    sent = last_answer(await mod.slash(town.lobby, "program delivery", member=lost))
    town.env.backend.get_guild(town.guild.id).members[mod.id].role_ids.clear()
    assert REFUSED in said(await press(mod, entries, "audit-on"))
    assert REFUSED in said(await press(mod, sent, "sent-retry"))
    assert "tried again" not in said(await town.moderator.slash(town.lobby, "program audit"))
