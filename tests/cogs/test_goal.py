"""Goals as members use them: set, moved by check-ins, settled, and looked back on at the end."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from simcord.actors import MemberActor
from simcord.results import InteractionResult

from tests.cogs.test_checkin import Week, begin, label_of, pass_weeks
from tests.cogs.town import Message, Town, as_dict, control, custom_ids, last_answer, said, words_of


@pytest.fixture
async def week(town: Town) -> Week:
    """Open the first check-in of one circle of three."""
    return await begin(town)


def by(week: Week, days: int = 21) -> str:
    return (week.town.now.date() + timedelta(days=days)).isoformat()


async def set_goal(week: Week, member: MemberActor, aim: str, **given: str) -> InteractionResult:
    """Set a goal through the command's modal."""
    modal = await member.slash(week.town.lobby, "goal set")
    fields = {"aim": aim, "path": ["visibility"], "next_step": "Write the abstract", "by": by(week)} | given
    return await member.submit_modal(modal, fields)


async def open_list(week: Week, member: MemberActor) -> Message:
    return last_answer(await member.slash(week.town.lobby, "goal list"))


def controls(message: Message, action: str) -> list[str]:
    """Return the custom_ids of every control with an action."""
    return [each for each in custom_ids(message) if each.startswith(f"pc:{action}:")]


def options_of(message: Message, action: str) -> list[str]:
    """Return the values that the select with an action offers."""
    wanted = control(message, action)

    def walk(component: dict[str, Any]) -> Iterator[str]:
        if component.get("custom_id") == wanted:
            yield from (option["value"] for option in component["options"])
        for child in component.get("components", ()):
            yield from walk(child)

    return [value for top in message.components for value in walk(as_dict(top))]


async def test_a_goal_is_set_and_shown_to_nobody_else(week):
    ada, grace, _ = week.members
    shown = await set_goal(week, ada, "Give a **talk** <@&1>")
    assert last_answer(shown).ephemeral
    assert "Give a \\*\\*talk\\*\\*" in said(shown)
    assert "<@&" not in said(shown)
    assert "Next: Write the abstract" in said(shown)
    assert "You have no goals yet" in words_of(await open_list(week, grace))
    assert "You have not joined" in said(await week.town.stranger.slash(week.town.lobby, "goal set"))
    assert "You have not joined" in said(await week.town.moderator.slash(week.town.lobby, "goal list"))


async def test_words_that_are_refused_are_given_back(week):
    shown = await set_goal(week, week.members[0], "Give a talk", by="next spring")
    assert "is not a date that I can read" in said(shown)
    assert "Give a talk" in said(shown)
    assert "You have no goals yet" in words_of(await open_list(week, week.members[0]))


async def test_a_fourth_goal_is_not_even_asked_for(week):
    ada = week.members[0]
    for aim in ("one", "two", "three"):
        await set_goal(week, ada, aim)
    assert "that is plenty" in said(await ada.slash(week.town.lobby, "goal set"))
    assert "choose one by the option" in said(await ada.slash(week.town.lobby, "goal progress"))
    modal = await ada.slash(week.town.lobby, "goal progress", goal="two")
    await ada.submit_modal(modal, {"words": "Half way", "next_step": "The other half"})
    assert "Half way" in words_of(await open_list(week, ada))


async def test_a_checkin_names_the_goals_and_moves_them(week):
    ada = week.members[0]
    await set_goal(week, ada, "Give a talk")
    await set_goal(week, ada, "Write a book")
    modal = await week.open_modal(ada)
    assert "Your goals: Give a talk; Write a book" in label_of(modal)
    kept = last_answer(await ada.submit_modal(modal, {"week": "4", "progress": "Two slides"}))
    assert kept.ephemeral
    assert "Which goal is your word on progress about?" in words_of(kept)
    moved = await ada.select(kept, options_of(kept, "goal-moved")[:1], custom_id=control(kept, "goal-moved"))
    assert "Noted on 1 goal." in said(moved)
    assert "Two slides" in words_of(await open_list(week, ada))
    assert "Give a talk" not in "".join(words_of(each) for each in week.thread.history())


async def test_a_goal_is_reached_by_command_with_what_came_of_it_and_can_be_opened_again(week):
    ada = week.members[0]
    await set_goal(week, ada, "Give a talk")
    done = await ada.slash(week.town.lobby, "goal done", outcome="talk")
    assert "Well done!" in said(done)
    listed = await open_list(week, ada)
    assert "reached on" in words_of(listed)
    assert "(A talk)" in words_of(listed)
    opened = await ada.select(listed, options_of(listed, "goal-open")[:1], custom_id=control(listed, "goal-open"))
    again = await ada.click(last_answer(opened), label="Open it again")
    assert "Note progress" in said(again)


async def test_letting_go_by_button_shows_the_way_back_after_a_restart_too(week):
    """FAILURES F29: the buttons of the list live on after a restart."""
    ada = week.members[0]
    await set_goal(week, ada, "Give a talk")
    listed = await open_list(week, ada)
    await week.town.restart()
    gone = await ada.click(listed, label="Let go")
    assert "stays among your past ones" in said(gone)
    back = await ada.click(last_answer(gone), label="Open it again")
    assert "Next: Write the abstract" in said(back)


async def test_a_goal_whose_rotation_ended_is_carried_on_from_the_list_too(week):
    ada = week.members[0]
    await set_goal(week, ada, "talk")
    await pass_weeks(week, *week.members, weeks=4)
    listed = await open_list(week, ada)
    assert "Its rotation ended" in words_of(listed)
    assert "Its rotation ended" not in said(await ada.click(listed, label="Carry on"))


async def test_at_the_end_each_goal_is_asked_about_in_private(week):
    ada, grace, _ = week.members
    for aim in ("talk", "book", "raise"):
        await set_goal(week, ada, aim)
    await pass_weeks(week, *week.members, weeks=4)
    farewell = week.message("Did you meet?")
    assert "No goal waits" in said(await grace.click(farewell, label="Look back on my goals"))
    assert "goals of this rotation" not in said(await grace.click(farewell, label="Once"))
    thanked = await ada.click(farewell, label="Once")
    assert "3 goals of this rotation wait for your word." in said(thanked)
    asked = last_answer(await ada.click(last_answer(thanked), label="Look back on my goals"))
    assert asked.ephemeral
    for aim, button in (("talk", "review-reach"), ("book", "review-carry"), ("raise", "review-let-go")):
        assert f"**{aim}**" in words_of(asked)
        settled = await ada.click(asked, custom_id=controls(asked, button)[0])
        asked = last_answer(settled)
        if button == "review-reach":
            told = await ada.select(asked, ["promotion"], custom_id=control(asked, "review-outcome"))
            asked = last_answer(told)
    assert "No goal waits" in words_of(asked)
    listed = words_of(await open_list(week, ada))
    assert "book" in listed
    page = await open_list(week, ada)
    past = await ada.click(page, custom_id=control(page, "goals-on"))
    assert "(A promotion)" in said(past)
    assert "let go on" in said(past)
