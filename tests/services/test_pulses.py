"""Pulses from the first schedule to published figures, and what they keep to themselves."""

import asyncio
import csv
import io
import json
import logging
from collections.abc import AsyncGenerator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.domain.states import DeliveryKind
from bot.domain.survey.publication import Decision, Rule
from bot.errors import Conflict, InvalidInput, NotAllowed, NotConsented, NotFound
from bot.instruments import load_instruments
from bot.services import (
    answering,
    answers,
    due,
    instruments,
    people,
    privacy,
    programs,
    pulse_privacy,
    pulse_results,
    pulse_schedules,
    pulse_trends,
)
from bot.services.given import PAGE, Given, dump_given, load_given, pages_of
from bot.services.ports import Surveys
from bot.services.posts import Reflection
from bot.services.pulse_results import results_csv
from bot.services.pulse_schedules import PulsePlan
from bot.text import text
from db.engine import Database, open_database
from db.models import Base, Circle, Delivery, Notice, Wave
from db.vault import WaveRef, open_vault
from db.vault_keys import create_pulse_keys
from tests.backends import CIPHER, Backend
from tests.services.season import DAY, GUILD, HOUR, START, WEEK, WORLD, Season, start_season

OPENS = START + WEEK
CLOSES = OPENS + 5 * DAY
SHIPPED = load_instruments()
CONFIDENCE = SHIPPED["ipip_c1_4"]
DOUBT = SHIPPED["selfdoubt_6"]


@dataclass(frozen=True)
class Pulses:
    """A season of so many people, and the vault beside it."""

    season: Season
    surveys: Surveys

    @property
    def database(self) -> Database:
        """The main database."""
        return self.season.database

    async def happen(self, now: datetime):
        """Carry out what is due, then every delivery."""
        await due.run_due(self.database, replace(WORLD, surveys=self.surveys), now, lambda: 7)
        return await self.season.deliver(now)

    async def schedule(self, instrument: str = "ipip_c1_4", **changes: int) -> None:
        """Plan a pulse that opens a week after the program began."""
        plan = PulsePlan(instrument, **changes)
        await pulse_schedules.schedule_pulse(self.database, SHIPPED, GUILD, self.season.program_id, plan, START - DAY)

    async def wave(self) -> int:
        """Return the newest wave."""
        return (await self.season.rows(Wave))[-1].id

    async def answer(self, user: int, *given: int | None, now: datetime = OPENS + HOUR, moderator: bool = False):
        """Consent, and answer every page of the newest wave."""
        await answering.consent(self.database, self.surveys, user, GUILD)
        wave = await self.wave()
        form = await answering.get_form(self.database, self.surveys, wave, user, now)
        for page, items in enumerate(form.pages):
            chosen = {item: given[item] for item in items}
            await answering.keep_page(
                self.database, self.surveys, wave, user, page, chosen, now, is_moderator=lambda _role: moderator
            )

    async def results(self, instrument: str | None = None):
        """Return what moderators read."""
        return await pulse_results.get_results(self.database, SHIPPED, GUILD, self.season.program_id, instrument)

    async def ref(self) -> WaveRef:
        """Return how the vault knows the newest wave."""
        wave = (await self.season.rows(Wave))[-1]
        return WaveRef(GUILD, wave.identity, wave.id)


@pytest.fixture
def begun(backend: Backend, tmp_path: Path) -> str:
    """Make a template with a season of eight whose confidence pulse opens in a week; no key had a part in it yet."""

    async def begin(database: Database) -> None:
        async with open_vault(tmp_path / "begun.db", create_pulse_keys(tmp_path / "begun.key")) as vault:
            made = Pulses(await start_season(database, 8, rotation_weeks=26), Surveys(vault, SHIPPED))
            await made.schedule()
            await made.happen(START)

    return backend.extend("migrated", "pulses", begin)


@pytest.fixture
async def pulses(backend: Backend, begun: str, tmp_path: Path) -> AsyncGenerator[Pulses]:
    """Open a season of its own for each test: eight people, whose confidence pulse opens in a week."""
    keys = create_pulse_keys(tmp_path / "pulse.key")
    async with (
        open_vault(tmp_path / "pulse.db", keys) as vault,
        open_database(backend.copy(begun, tmp_path), CIPHER) as database,
    ):
        yield Pulses(Season(database, 1, tuple(range(1, 9))), Surveys(vault, SHIPPED))


async def opened(pulses: Pulses) -> Pulses:
    await pulses.happen(OPENS)
    return pulses


async def answered(pulses: Pulses, now: datetime = OPENS, people_of: int = 8, shift: int = 0) -> Pulses:
    """Open the wave of a moment, let some answer it differently, and close it."""
    await pulses.happen(now)
    for user in range(1, people_of + 1):
        level = 2 + (user + shift) % 3
        await pulses.answer(user, level, level + 1, level, min(5, level + user % 2), now=now + HOUR)
    await pulses.happen(now + 5 * DAY)
    return pulses


async def test_a_program_starts_with_confidence_and_self_doubt_every_four_weeks(database: Database):
    season = await start_season(database, 2)
    made = await programs.start_draft(database, GUILD, replace(await rules_of(season), name="Second"), START - 2 * DAY)
    await programs.activate(database, GUILD, made.id, START - DAY, pulse_schedules.DEFAULT_PLANS)
    planned = await pulse_schedules.list_pulses(database, SHIPPED, GUILD, made.id)
    assert [each.title for each in planned] == [CONFIDENCE.title, DOUBT.title]
    assert {(each.every_weeks, each.next_due) for each in planned} == {(4, OPENS)}


async def rules_of(season: Season):
    return (await programs.get_card(season.database, GUILD, season.program_id)).rules


async def stop(pulses: Pulses, named: str):
    await pulse_schedules.stop_pulse(pulses.database, SHIPPED, GUILD, pulses.season.program_id, named, OPENS)


async def test_a_pulse_that_is_stopped_or_whose_program_rests_opens_no_wave(pulses: Pulses):
    await programs.pause_program(pulses.database, GUILD, pulses.season.program_id, START)
    await pulses.happen(OPENS)
    await programs.activate(pulses.database, GUILD, pulses.season.program_id, OPENS + HOUR)
    await stop(pulses, "Task confidence")
    await pulses.happen(OPENS + 4 * WEEK)
    assert await pulses.season.rows(Wave) == []
    with pytest.raises(NotFound):
        await stop(pulses, "Task confidence")


@pytest.mark.parametrize(
    ("plan", "refusal"),
    [
        (PulsePlan("cips_20"), Conflict),
        (PulsePlan("ipip_pas_se_10", every_weeks=1), InvalidInput),
        (PulsePlan("ipip_c1_4", every_weeks=1, days_open=8), InvalidInput),
        (PulsePlan("ipip_c1_4", days_open=1), InvalidInput),
        (PulsePlan("nothing"), NotFound),
    ],
)
async def test_a_plan_that_cannot_be_is_refused(pulses: Pulses, plan: PulsePlan, refusal: type[Exception]):
    with pytest.raises(refusal):
        await pulse_schedules.schedule_pulse(pulses.database, SHIPPED, GUILD, pulses.season.program_id, plan, START)


async def test_each_circle_is_invited_once_and_reminded_once_whoever_has_answered(pulses: Pulses):
    """FAILURES F37: the reminder goes to each circle alike, so it tells nothing of who has answered."""
    await opened(pulses)
    for user in pulses.season.users:
        await pulses.answer(user, 3, 4, 4, 3)
    for day in range(1, 5):
        await pulses.happen(OPENS + day * DAY)
    circles = {circle.id for circle in await pulses.season.rows(Circle)}
    for kind in (DeliveryKind.PULSE_INVITATION, DeliveryKind.PULSE_REMINDER):
        sent = await pulses.season.rows(Delivery, Delivery.kind == kind)
        assert sorted(each.circle_id for each in sent) == sorted(circles)
        assert {each.person_id for each in sent} == {None}


async def test_p2_figures_are_published_once_and_a_later_erasure_changes_none(pulses: Pulses):
    await answered(pulses)
    before = await pulses.results()
    assert before.waves[0].publication.programme.decision is Decision.PUBLISH
    await privacy.erase_all(pulses.database, pulses.surveys, 1, GUILD, CLOSES + DAY)
    await pulses.happen(CLOSES + 2 * DAY)
    assert (await pulses.results()).waves == before.waves


async def test_p2_nothing_is_told_of_an_open_wave(pulses: Pulses):
    await opened(pulses)
    empty = await pulses.results()
    for user in pulses.season.users:
        await pulses.answer(user, 3, 4, 4, 3)
    assert await pulses.results() == empty
    assert empty.waves == ()
    assert empty.open_until == CLOSES


async def test_p1_fewer_than_five_are_told_as_a_range_and_without_a_mean(pulses: Pulses):
    await answered(pulses, people_of=4)
    found = (await pulses.results()).waves[0].publication
    assert (found.turnout.least, found.turnout.most) == (0, 4)
    assert found.programme.rule is Rule.TOO_FEW


async def test_p1_answers_of_those_who_may_read_results_are_in_no_figure(pulses: Pulses):
    await opened(pulses)
    for user in range(1, 7):
        await pulses.answer(user, 2 + user % 3, 3, 4, 3, moderator=user <= 2)
    await pulses.happen(CLOSES)
    found = (await pulses.results()).waves[0].publication
    assert found.programme.rule is Rule.TOO_FEW
    assert (found.asked, found.turnout.most) == (8, 4)


async def test_p16_numbers_of_people_do_not_tell_whether_a_moderator_answered(pulses: Pulses):
    async def told(now: datetime, *, moderator_answers: bool):
        await pulses.happen(now)
        for user in range(1, 8):
            await pulses.answer(user, 2 + user % 3, 3, 4, 3 + user % 2, now=now)
        if moderator_answers:
            await pulses.answer(8, 1, 1, 1, 1, now=now, moderator=True)
        await pulses.happen(now + 5 * DAY)
        found = (await pulses.results()).waves[-1].publication
        return found.asked, found.turnout, found.programme

    first = await told(OPENS, moderator_answers=False)
    assert await told(OPENS + 4 * WEEK, moderator_answers=True) == first


async def test_p4_circles_of_four_are_told_in_the_programmes_figure_only(pulses: Pulses):
    await answered(pulses)
    found = (await pulses.results()).waves[0].publication
    assert found.programme.decision is Decision.PUBLISH
    assert {circle.decision for _, circle in found.circles} == {Decision.MERGE}


async def test_p3_and_p5_changes_are_measured_from_the_wave_before_and_hide_the_few_who_came_or_went(pulses: Pulses):
    await answered(pulses)
    await answered(pulses, OPENS + 4 * WEEK, shift=1)
    change = (await pulses.results()).waves[1].publication.change
    assert change.decision is Decision.PUBLISH
    assert change.figures.pairs.exact in (None, 8)
    await answered(pulses, OPENS + 8 * WEEK, people_of=7)
    assert (await pulses.results()).waves[2].publication.change.rule is Rule.CHANGE


async def test_p5_an_erased_person_cannot_be_found_by_the_change_since_the_wave_before(pulses: Pulses):
    await answered(pulses)
    await privacy.erase_all(pulses.database, pulses.surveys, 8, GUILD, CLOSES + DAY)
    await answered(pulses, OPENS + 4 * WEEK, people_of=7)
    assert (await pulses.results()).waves[1].publication.change.decision is Decision.WITHHOLD


async def test_p7_who_joins_a_circle_after_the_opening_is_not_asked(pulses: Pulses):
    await opened(pulses)
    await people.join(pulses.database, GUILD, pulses.season.program_id, 99, people.Profile(), OPENS)
    with pytest.raises(NotAllowed):
        await answering.get_form(pulses.database, pulses.surveys, await pulses.wave(), 99, OPENS + HOUR)
    asked = await pulses.surveys.vault.load_asked(await pulses.ref())
    assert {seat.user_id for seat in asked} == set(pulses.season.users)


async def test_p7_an_opening_that_was_interrupted_is_taken_up_with_the_same_list(pulses: Pulses, monkeypatch):
    freeze = pulses.surveys.vault.freeze

    async def fail(*given) -> None:
        await freeze(*given)
        raise OSError("the disk is gone")

    monkeypatch.setattr(type(pulses.surveys.vault), "freeze", lambda _self, *given: fail(*given))
    with pytest.raises(ExceptionGroup):
        await pulses.happen(OPENS)
    monkeypatch.undo()
    assert await pulses.season.rows(Delivery, Delivery.kind == DeliveryKind.PULSE_INVITATION) == []
    await people.leave(pulses.database, GUILD, pulses.season.program_id, 1, OPENS)
    await pulses.happen(OPENS + HOUR)
    (wave,) = await pulses.season.rows(Wave)
    assert wave.opened_at == OPENS + HOUR
    assert {seat.user_id for seat in await pulses.surveys.vault.load_asked(await pulses.ref())} == set(range(1, 9))


async def test_a_closing_that_was_interrupted_publishes_once(pulses: Pulses, monkeypatch):
    await opened(pulses)
    for user in pulses.season.users:
        await pulses.answer(user, 2 + user % 3, 3, 4, 3)

    async def fail(*_given) -> None:
        raise OSError("the disk is gone")

    monkeypatch.setattr(type(pulses.surveys.vault), "put_ledger", fail)
    with pytest.raises(ExceptionGroup):
        await pulses.happen(CLOSES)
    monkeypatch.undo()
    assert (await pulses.results()).waves == ()
    for hour in range(2):
        await pulses.happen(CLOSES + hour * HOUR)
    lines = await pulses.season.rows(Notice, Notice.message == "notice.pulse-closed")
    assert len(lines) == 1
    assert (await pulses.results()).waves[0].publication.programme.decision is Decision.PUBLISH


async def test_p13_without_a_consent_nothing_is_written(pulses: Pulses):
    await opened(pulses)
    wave = await pulses.wave()
    with pytest.raises(NotConsented):
        await keep(pulses, wave, 1, {0: 4})
    assert await pulses.surveys.vault.collect(await pulses.ref(), range(1, 9)) == {}


def _is_member(_role: int | None) -> bool:
    return False


async def keep(pulses: Pulses, wave: int, user: int, chosen: dict[int, int | None], now: datetime = OPENS + HOUR):
    return await answering.keep_page(
        pulses.database, pulses.surveys, wave, user, 0, chosen, now, is_moderator=_is_member
    )


async def test_p13_a_new_purpose_asks_again(pulses: Pulses, monkeypatch):
    await opened(pulses)
    await pulses.answer(1, 3, 3, 4, 3)
    monkeypatch.setattr(answering, "CONSENT_VERSION", 2)
    form = await answering.get_form(pulses.database, pulses.surveys, await pulses.wave(), 1, OPENS + HOUR)
    assert not form.has_consented
    with pytest.raises(NotConsented):
        await keep(pulses, await pulses.wave(), 1, {0: 1})


async def test_p13_withdrawing_deletes_answers_and_consent_in_one_step(pulses: Pulses):
    await opened(pulses)
    await pulses.answer(1, 3, 3, 4, 3)
    assert await pulse_privacy.withdraw(pulses.database, pulses.surveys, 1, GUILD) == 1
    assert not await answering.has_consented(pulses.surveys, GUILD, 1)
    assert await pulses.surveys.vault.collect(await pulses.ref(), [1]) == {}
    assert await pulse_privacy.withdraw(pulses.database, pulses.surveys, 1, None) == 0


async def test_somebody_whom_no_server_knows_cannot_consent(pulses: Pulses):
    with pytest.raises(NotFound):
        await answering.consent(pulses.database, pulses.surveys, 4711, GUILD)


async def test_a_page_out_of_range_or_a_value_not_on_offer_is_refused(pulses: Pulses):
    await opened(pulses)
    await pulses.answer(1, 3, 3, 4, 3)
    for chosen, refusal in (({0: 6}, InvalidInput), ({9: 1}, NotFound)):
        with pytest.raises(refusal):
            await keep(pulses, await pulses.wave(), 1, chosen)


async def test_nothing_is_kept_after_the_close_not_even_a_moment_before_it_is_carried_out(pulses: Pulses):
    await opened(pulses)
    await pulses.answer(1, 3, 3, 4, 3)
    with pytest.raises(Conflict):
        await keep(pulses, await pulses.wave(), 1, {0: 5}, now=CLOSES)


async def test_p14_an_export_holds_ones_own_answers_and_nobody_elses(pulses: Pulses):
    await opened(pulses)
    await pulses.answer(1, 2, None, 3, 3)
    await pulses.answer(2, 5, 5, 5, 5)
    found = await privacy.export_all(pulses.database, pulses.surveys, 1, OPENS + DAY)
    (guild,) = found["guilds"]
    (wave,) = guild["pulses"]["waves"]
    assert [each["value"] for each in wave["answers"]] == [2, 3, 3]
    assert wave["answers"][0]["item"] == CONFIDENCE.items[0].text
    assert wave["score"] is None
    assert guild["pulses"]["consent_version"] == 1
    json.dumps(found)
    with pytest.raises(NotFound):
        await privacy.export_all(pulses.database, pulses.surveys, 4711, OPENS)


async def test_p12_erasing_reaches_the_vault_and_the_ledgers(pulses: Pulses):
    await answered(pulses)
    key = pulses.surveys.vault.person_key(GUILD, 1)
    ref = await pulses.ref()
    before = (await pulses.surveys.vault.list_ledgers(GUILD, ref.instrument))[ref.wave_id]
    assert key in before
    await privacy.erase_all(pulses.database, pulses.surveys, 1, None, CLOSES + DAY)
    after = (await pulses.surveys.vault.list_ledgers(GUILD, ref.instrument))[ref.wave_id]
    assert key not in after
    assert len(json.loads(after)["everyone"]) == len(json.loads(before)["everyone"]) == 8
    assert 1 not in await pulses.surveys.vault.collect(ref, range(1, 9))
    with pytest.raises(NotFound):
        await privacy.erase_all(pulses.database, pulses.surveys, 1, None, CLOSES + DAY)


async def test_p15_answers_go_at_the_stated_age_and_figures_stay(pulses: Pulses):
    await answered(pulses)
    ref = await pulses.ref()
    early = CLOSES + timedelta(days=89)
    assert await pulse_privacy.delete_old_answers(pulses.database, pulses.surveys, 3, early) == 0
    late = CLOSES + timedelta(days=92)
    assert await pulse_privacy.delete_old_answers(pulses.database, pulses.surveys, 3, late) == 1
    assert await pulses.surveys.vault.collect(ref, range(1, 9)) == {}
    assert (await pulses.results()).waves[0].publication.programme.decision is Decision.PUBLISH
    assert await pulse_privacy.delete_old_answers(pulses.database, pulses.surveys, 3, late) == 0
    with pytest.raises(NotFound):
        await pulse_trends.list_trends(pulses.database, pulses.surveys, 1, GUILD)


async def test_p15_a_change_from_answers_that_are_gone_is_withheld(pulses: Pulses):
    await answered(pulses)
    await pulse_privacy.delete_old_answers(pulses.database, pulses.surveys, 0, CLOSES + DAY)
    await answered(pulses, OPENS + 4 * WEEK)
    assert (await pulses.results()).waves[1].publication.change.rule is Rule.GONE


async def test_p16_no_row_of_the_main_database_and_no_log_line_tells_who_answered(pulses: Pulses, caplog):
    """FAILURES F37: two seasons that differ only in who answered leave the same rows and the same log."""
    caplog.set_level(logging.DEBUG)
    await opened(pulses)
    before = await dump(pulses)
    caplog.clear()
    for user in (1, 2, 3):
        await pulses.answer(user, 5, 1, 4, 2)
    assert await dump(pulses) == before
    ours = [record for record in caplog.records if not record.name.startswith("aiosqlite")]
    assert ours == []  # aiosqlite's lines are sealed bytes, and bot/logs.py leaves them out


async def dump(pulses: Pulses) -> str:
    """Return every row of the main database."""

    async def load(session):
        rows = [(await session.execute(select(table))).all() for table in Base.metadata.sorted_tables]
        return repr(rows)

    return await pulses.database.read(load)


async def test_a_trend_shows_scores_gaps_and_the_wins_around_the_strongest_doubt(pulses: Pulses):
    await pulses.schedule("selfdoubt_6")
    await stop(pulses, "ipip_c1_4")
    (form,) = await answers.list_forms(pulses.database, GUILD, 1, START + HOUR)
    await answers.save(pulses.database, form.checkin_id, 1, Reflection(4, win="Held my first talk"), START + HOUR)
    for number, given in enumerate([(4, 4, 5, 4, 1, 2), None, (2, 2, 1, 2, 4, 4)]):
        moment = OPENS + number * 4 * WEEK
        await pulses.happen(moment)
        if given:
            await pulses.answer(1, *given, now=moment + HOUR)
        await pulses.happen(moment + 5 * DAY)
    (trend,) = await pulse_trends.list_trends(pulses.database, pulses.surveys, 1, None)
    assert [wave.score for wave in trend.waves] == [pytest.approx(26 / 6), None, pytest.approx(11 / 6)]
    assert trend.doubted_at == OPENS
    assert [win.words for win in trend.wins] == ["Held my first talk"]
    assert trend.chart().segments == ()


async def test_f41_no_cell_of_the_table_runs_as_a_formula(pulses: Pulses):
    """FAILURES F41: a program's name that begins like a formula is only words in the table."""
    name = '=HYPERLINK("x")'
    await programs.change_program(pulses.database, GUILD, pulses.season.program_id, {"name": name}, START)
    await answered(pulses)
    written = results_csv(await pulses.results()).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(written)))
    assert rows[0]["program"] == f"'{name}"
    assert rows[0]["figure"] == "programme"
    assert float(rows[0]["low"]) <= float(rows[0]["mean"]) <= float(rows[0]["high"])
    assert len(rows) == 1


GIVEN_FILE = """
id = "ours_2"
version = 1
title = "Ours"
stem = "How was it?"
score = "mean"
citation = "us"
licence = "CC0"
[[options]]
value = 1
text = "No"
[[options]]
value = 2
text = "Yes"
[[items]]
text = "Good."
[[items]]
text = "Kind."
"""


async def test_a_faulty_file_is_refused_with_its_line_and_what_is_expected(pulses: Pulses):
    with pytest.raises(InvalidInput) as refusal:
        await add(pulses, GIVEN_FILE.replace('score = "mean"', 'score = "median"'))
    assert refusal.value.values["line"] == 6
    assert refusal.value.values["expected"].values["choices"] == "mean, sum"


async def test_a_questionnaire_that_was_added_belongs_to_its_guild_and_tells_who_vouches(pulses: Pulses):
    with pytest.raises(InvalidInput) as refusal:
        await add(pulses, GIVEN_FILE)
    expected = refusal.value.values["expected"].values["hash"]
    await add(pulses, f'texts_sha256 = "{expected}"\n{GIVEN_FILE}')
    found = await instruments.get_instrument(pulses.database, SHIPPED, GUILD, "Ours")
    assert found.attestation.by == "the team"
    assert found.attestation.on == date(2026, 11, 2)
    with pytest.raises(NotFound):
        await instruments.get_instrument(pulses.database, SHIPPED, GUILD + 1, "Ours")


async def add(pulses: Pulses, file: str):
    return await instruments.add_instrument(pulses.database, SHIPPED, GUILD, file, "the team", "CC0", START)


async def test_what_is_shipped_with_its_words_is_not_replaced(pulses: Pulses):
    file = Path("bot/domain/survey/instruments/ipip_c1_4.toml").read_text(encoding="utf-8")
    with pytest.raises(Conflict):
        await add(pulses, file)


@pytest.mark.parametrize("instrument", SHIPPED.values(), ids=lambda instrument: instrument.id)
def test_pages_hold_every_item_once_and_fit_a_modal(instrument):
    pages = pages_of(instrument)
    assert [item for page in pages for item in page] == list(range(len(instrument.items)))
    assert all(1 <= len(page) <= PAGE for page in pages)


def test_answers_come_back_as_they_were_and_fit_the_vault():
    given = Given(dict.fromkeys(range(50), 10), frozenset(range(13)), is_moderator=True)
    assert load_given(dump_given(given)) == given
    assert len(dump_given(given)) <= 1020
    assert load_given(dump_given(given.with_page(0, {0: None}, is_moderator=False))).answers.keys() == set(range(1, 50))


async def test_two_pages_handed_in_at_once_are_both_kept(pulses: Pulses):
    """FAILURES F9: two windows of one member at once never overwrite each other."""
    await pulses.schedule("selfdoubt_6")
    await opened(pulses)
    (wave,) = [each.id for each in await pulses.season.rows(Wave) if each.identity == DOUBT.identity]
    await answering.consent(pulses.database, pulses.surveys, 1, GUILD)
    pages = [
        answering.keep_page(
            pulses.database,
            pulses.surveys,
            wave,
            1,
            page,
            {items[0]: 2},
            OPENS + HOUR,
            is_moderator=lambda _role: False,
        )
        for page, items in enumerate(pages_of(DOUBT))
    ]
    await asyncio.gather(*pages)
    form = await answering.get_form(pulses.database, pulses.surveys, wave, 1, OPENS + HOUR)
    assert form.given.answers == {0: 2, 3: 2}
    assert form.next_page is None


async def test_an_opening_far_too_late_is_left_out_and_told(pulses: Pulses):
    """After downtime nothing opens late beyond its grace, and the moderators read why."""
    await pulses.happen(OPENS + 2 * DAY)
    assert await pulses.season.rows(Wave) == []
    (line,) = await pulses.season.rows(Notice, Notice.message == "notice.skipped.pulse-open")
    assert "left out" in text(line.message, **line.values)


async def test_a_close_that_came_due_during_downtime_or_a_pause_is_carried_out_late(pulses: Pulses):
    await opened(pulses)
    for user in pulses.season.users:
        await pulses.answer(user, 2 + user % 3, 3, 4, 3)
    await programs.pause_program(pulses.database, GUILD, pulses.season.program_id, OPENS + HOUR)
    await pulses.happen(CLOSES + 10 * DAY)
    (wave,) = (await pulses.results()).waves
    assert wave.publication.programme.decision is Decision.PUBLISH
    (line,) = await pulses.season.rows(Notice, Notice.message == "notice.pulse-closed")
    assert CONFIDENCE.title in text(line.message, **line.values)


async def test_without_an_open_circle_nobody_is_asked_and_the_moderators_read_why(database: Database, tmp_path: Path):
    async with open_vault(tmp_path / "pulse.db", create_pulse_keys(tmp_path / "pulse.key")) as vault:
        alone = Pulses(await start_season(database, 1), Surveys(vault, SHIPPED))
        await alone.schedule()
        await alone.happen(START)
        await alone.happen(OPENS)
    assert await alone.season.rows(Wave) == []
    (line,) = await alone.season.rows(Notice, Notice.message == "notice.pulse-no-circles")
    assert "no circle is open" in text(line.message, **line.values)
