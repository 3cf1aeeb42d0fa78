"""Wins and kudos as members use them: the private file, and a good word that both wish to show."""

import pytest
from simcord.actors import MemberActor
from simcord.results import InteractionResult

from tests.cogs.test_checkin import Week, begin, bodies
from tests.cogs.town import Message, Town, control, custom_ids, last_answer, said, words_of

KIND_WORD = "You **explained** it so well"
SHOWN_WORD = "explained"


@pytest.fixture
async def week(town: Town) -> Week:
    """Open the first check-in of one circle of three."""
    return await begin(town)


async def add_win(week: Week, member: MemberActor, words: str, **given: str) -> InteractionResult:
    modal = await member.slash(week.town.lobby, "win add")
    day = week.town.now.date().isoformat()
    return await member.submit_modal(modal, {"words": words, "effect": "", "day": day} | given)


async def open_file(week: Week, member: MemberActor) -> Message:
    return last_answer(await member.slash(week.town.lobby, "win list"))


async def give(week: Week, giver: MemberActor, receiver: MemberActor, where: str = "circle") -> InteractionResult:
    modal = await giver.slash(week.town.lobby, "kudos", member=receiver)
    given = await giver.submit_modal(modal, {"words": KIND_WORD, "where": where})
    await week.town.env.settle()
    return given


async def texts_of(message: Message) -> dict[str, bytes]:
    return {file.filename: await file.read() for file in message.attachments}


async def test_the_file_holds_wins_and_checkins_with_a_timeline_and_a_text(week):
    ada, grace, _ = week.members
    await week.answer(ada)
    made = await add_win(week, ada, "Led the _review_", effect="Two hours a week saved")
    assert last_answer(made).ephemeral
    shown = await open_file(week, ada)
    assert shown.ephemeral
    assert "Led the \\_review\\_" in words_of(shown)
    assert "We shipped the importer" in words_of(shown)
    files = await texts_of(shown)
    assert files["wins.png"].startswith(b"\x89PNG")
    text = files["wins.md"].decode()
    assert "Led the _review_" in text
    assert "What came of it: Two hours a week saved" in text
    assert "We shipped the importer" in text
    assert "Your file is empty" in words_of(await open_file(week, grace))
    assert "You have not joined" in said(await week.town.stranger.slash(week.town.lobby, "win list"))
    assert "You have not joined" in said(await week.town.moderator.slash(week.town.lobby, "win add"))


async def test_the_file_is_paged_and_its_timeline_comes_back_with_the_first_page(week):
    ada = week.members[0]
    for number in range(6):
        await add_win(week, ada, f"Win number {number}")
    page = await open_file(week, ada)
    assert "Win number 0" not in words_of(page)
    turned = await ada.click(page, custom_id=control(page, "wins-on"))
    page = last_answer(turned)
    assert "Win number 0" in words_of(page)
    assert page.attachments == []
    back = await ada.click(page, custom_id=control(page, "wins-back"))
    assert set(await texts_of(last_answer(back))) == {"wins.png", "wins.md"}


async def test_an_entry_is_changed_and_removed_after_one_question(week):
    ada = week.members[0]
    made = last_answer(await add_win(week, ada, "A tpyo"))
    changed = await ada.submit_modal(await ada.click(made, label="Change"), {"words": "A typo", "day": "2026-01-02"})
    entry = last_answer(changed)
    assert "2026-01-02" in words_of(entry)
    asked = await ada.click(entry, label="Remove")
    assert "cannot be brought back" in said(asked)
    assert "A typo" in words_of(await open_file(week, ada))
    gone = await ada.click(last_answer(asked), label="Yes, remove it")
    assert "Your file is empty" in said(gone)


async def test_a_day_that_cannot_be_read_gives_the_words_back(week):
    shown = await add_win(week, week.members[0], "Led the review", day="last week")
    assert "is not a date that I can read" in said(shown)
    assert "Led the review" in said(shown)


async def test_kudos_call_their_receiver_and_nobody_else_reads_them(week):
    """FAILURES F12, F35: a line calls one person; the words are read in private, and are harmless."""
    ada, grace, mary = week.members
    await give(week, grace, ada, "private")
    note = week.message("kudos wait for you")
    (body,) = bodies(week.town, "POST", "kudos wait for you")
    assert body["allowed_mentions"]["users"] == [ada.id]
    assert SHOWN_WORD not in "".join(words_of(each) for each in week.thread.history())
    assert grace.mention not in words_of(note)
    for other in (grace, mary):
        assert "for somebody else" in said(await other.click(note, label="Read my kudos"))
    read = await ada.click(note, label="Read my kudos")
    assert last_answer(read).ephemeral
    assert "You \\*\\*explained\\*\\* it so well" in said(read)
    assert grace.mention in said(read)
    assert "Show it in our circle" not in said(read)


async def test_kudos_are_shown_when_both_wish_and_taken_down_when_either_does(week):
    ada, grace, mary = week.members
    await give(week, grace, ada)
    read = await ada.click(week.message("kudos wait for you"), label="Read my kudos")
    assert "It is yours to decide" in said(read)
    await ada.click(last_answer(read), label="Show it in our circle")
    await week.town.env.settle()
    post = week.message("Kudos for")
    assert SHOWN_WORD in words_of(post)
    (body,) = bodies(week.town, "POST", "Kudos for")
    assert body["allowed_mentions"] == {"parse": []}
    assert "Only who gave or got" in said(await mary.click(post, label="Take down"))
    await grace.click(post, label="Take down")
    await week.town.env.settle()
    assert week.count("Kudos for") == 0
    assert SHOWN_WORD in words_of(await open_file(week, ada))


async def test_removing_kudos_from_the_file_takes_them_out_of_the_circle(week):
    ada, grace, _ = week.members
    await give(week, grace, ada)
    read = await ada.click(week.message("kudos wait for you"), label="Read my kudos")
    shown = await ada.click(last_answer(read), label="Show it in our circle")
    await week.town.env.settle()
    asked = await ada.click(last_answer(shown), label="Remove")
    assert "They leave the circle's thread too" in said(asked)
    await ada.click(last_answer(asked), label="Yes, remove it")
    await week.town.env.settle()
    assert week.count(SHOWN_WORD) == week.count("kudos wait for you") == 0
    assert "pc:win-open" not in str(custom_ids(await open_file(week, ada)))


async def test_kudos_are_for_circle_mates_only(week):
    ada, town = week.members[0], week.town
    robot = town.guild.add_member(town.env.create_user("robot", bot=True))
    for other in (town.stranger, robot):
        assert "share or shared a circle" in said(await ada.slash(town.lobby, "kudos", member=other))
    assert "you deserve it" in said(await ada.slash(town.lobby, "kudos", member=ada))
    assert "You have not joined" in said(await town.stranger.slash(town.lobby, "kudos", member=ada))


async def test_erasing_takes_shown_kudos_out_of_the_thread(week):
    """FAILURES F38: a good word goes with whoever wrote it."""
    ada, grace, _ = week.members
    await give(week, grace, ada)
    read = await ada.click(week.message("kudos wait for you"), label="Read my kudos")
    await ada.click(last_answer(read), label="Show it in our circle")
    await week.town.env.settle()
    asked = await grace.slash(week.town.lobby, "privacy erase")
    await grace.click(last_answer(asked), label="Yes, forget me")
    await week.town.env.settle()
    assert week.count(SHOWN_WORD) == 0
    assert "Your file is empty" in words_of(await open_file(week, ada))
