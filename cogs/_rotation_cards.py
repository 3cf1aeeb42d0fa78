"""What moderators read of a rotation: the preview with its quality in words and numbers, and the history."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import discord
from discord import ui

from bot.domain.formation import PRESETS
from bot.domain.formation.problem import Role
from bot.domain.states import RotationState
from bot.services.circles import CircleCard
from bot.services.rotation_cards import RotationCard, UnplacedLine
from cogs._ui.cards import bullets, card, rule
from cogs._ui.controls import button, row
from cogs._ui.pages import pager
from cogs._ui.words import inert, moment, say

CIRCLES_A_PAGE = 8
ROTATIONS_A_PAGE = 6
SHOWN_UNPLACED = 10
SHOWN_MATCHES = 3


def preview(interaction: discord.Interaction, rotation: RotationCard, page: int = 0) -> ui.LayoutView:
    """Return a rotation with its quality, circles (a page of them) and whom it has no circle for."""
    pages = max(1, -(-len(rotation.circles) // CIRCLES_A_PAGE))
    page = min(page, pages - 1)
    shown = rotation.circles[page * CIRCLES_A_PAGE : (page + 1) * CIRCLES_A_PAGE]
    title = say(
        interaction,
        f"rotation.title.{rotation.state}",
        number=rotation.number,
        program=inert(rotation.program),
    )
    return card(
        f"## {title}",
        say(
            interaction,
            "rotation.period",
            start=moment(rotation.starts_at.timestamp(), "D"),
            end=moment(rotation.ends_at.timestamp(), "D"),
        ),
        bullets(quality_lines(interaction, rotation)),
        rule(),
        bullets(circle_line(interaction, circle) for circle in shown) or say(interaction, "rotation.no-circles"),
        unplaced_words(interaction, rotation.unplaced),
        say(interaction, "rotation.newcomers", n=rotation.newcomers) if rotation.newcomers else None,
        *_draft_buttons(interaction, rotation),
        pager(interaction, "rotation-page", page, pages, lambda turned: f"{rotation.id}:{turned}"),
    )


def quality_lines(interaction: discord.Interaction, rotation: RotationCard) -> list[str]:
    """Say how good a rotation is, each figure beside what is possible."""
    quality = rotation.quality
    lines = [
        say(interaction, "quality.circles", n=quality["circles"]),
        say(interaction, "quality.new", new=quality["new_pairs"], pairs=quality["pairs"]),
        say(interaction, "quality.repeats", repeats=quality["repeated_pairs"], least=quality["least_repeats"]),
        say(
            interaction,
            "quality.hours",
            sharing=quality["circles_sharing_two_hours"],
            circles=quality["circles"],
        ),
        say(interaction, "quality.topics", n=quality["topic_matches"]),
        say(
            interaction,
            "quality.unplaced" if rotation.unplaced else "quality.all-placed",
            n=len(rotation.unplaced),
        ),
        say(
            interaction,
            "quality.preset",
            preset=say(interaction, f"preset.{rotation.preset}"),
            weights=_weights(interaction, rotation.preset),
            seed=rotation.seed,
        ),
    ]
    if quality.get("relax"):
        lines.append(say(interaction, "quality.relax", rule=say(interaction, f"relax.{quality['relax']}")))
    return lines


def _weights(interaction: discord.Interaction, preset: str) -> str:
    """Say how heavily each wish weighs."""
    weights = asdict(PRESETS[preset])
    return ", ".join(f"{say(interaction, f'weight.{name}')} {weight:g}" for name, weight in weights.items())


def circle_line(interaction: discord.Interaction, circle: CircleCard) -> str:
    """Say one circle: who, who facilitates, and why it is a good one."""
    people = ", ".join(_seat(interaction, circle, index) for index in range(len(circle.seats)))
    return say(
        interaction,
        "rotation.circle",
        number=circle.number,
        people=people,
        new=circle.new_pairs,
        repeats=circle.repeated_pairs,
        hours=circle.shared_hours,
        topics=", ".join(inert(match.topic, 40) for match in circle.matches[:SHOWN_MATCHES]) or "-",
    )


def unplaced_words(interaction: discord.Interaction, unplaced: Sequence[UnplacedLine]) -> str | None:
    """Say who has no circle and why; the reason never tells of a private wish."""
    if not unplaced:
        return None
    lines = [
        f"{_who(interaction, line.user_id)}: {say(interaction, f'reason.{line.reason}')}"
        for line in unplaced[:SHOWN_UNPLACED]
    ]
    if len(unplaced) > SHOWN_UNPLACED:
        lines.append(say(interaction, "rotation.more-unplaced", n=len(unplaced) - SHOWN_UNPLACED))
    return f"### {say(interaction, 'rotation.unplaced')}\n" + bullets(lines)


def history(
    interaction: discord.Interaction, program_id: int, rotations: Sequence[RotationCard], page: int = 0
) -> ui.LayoutView:
    """Return every published rotation of a program, the newest first, a page at a time."""
    pages = max(1, -(-len(rotations) // ROTATIONS_A_PAGE))
    page = min(page, pages - 1)
    shown = rotations[page * ROTATIONS_A_PAGE : (page + 1) * ROTATIONS_A_PAGE]
    parts = [_past(interaction, rotation) for rotation in shown]
    return card(
        f"## {say(interaction, 'rotation.history')}",
        *(parts or [say(interaction, "rotation.history.none")]),
        pager(interaction, "rotation-history", page, pages, lambda turned: f"{program_id}:{turned}"),
    )


def _past(interaction: discord.Interaction, rotation: RotationCard) -> str:
    title = say(
        interaction,
        f"rotation.title.{rotation.state}",
        number=rotation.number,
        program=inert(rotation.program),
    )
    quality = rotation.quality
    people = sum(len(circle.seats) for circle in rotation.circles)
    lines = [
        say(
            interaction,
            "rotation.period",
            start=moment(rotation.starts_at.timestamp(), "D"),
            end=moment(rotation.ends_at.timestamp(), "D"),
        ),
        say(
            interaction,
            "rotation.history.people",
            circles=len(rotation.circles),
            people=people,
            unplaced=len(rotation.unplaced),
        ),
        say(interaction, "quality.repeats", repeats=quality["repeated_pairs"], least=quality["least_repeats"]),
        say(interaction, "rotation.history.met", met=_met(rotation), circles=len(rotation.circles)),
    ]
    return f"### {title}\n" + bullets(lines)


def _met(rotation: RotationCard) -> int:
    """Count the circles of which somebody says that they met."""
    return sum(any(seat.met in ("yes", "once") for seat in circle.seats) for circle in rotation.circles)


def _seat(interaction: discord.Interaction, circle: CircleCard, index: int) -> str:
    seat = circle.seats[index]
    who = _who(interaction, seat.user_id)
    return who if seat.role is Role.MEMBER else f"{who} ({say(interaction, f'role.{seat.role}')})"


def _who(interaction: discord.Interaction, user_id: int | None) -> str:
    return f"<@{user_id}>" if user_id else say(interaction, "circle.somebody")


def _draft_buttons(interaction: discord.Interaction, rotation: RotationCard) -> list[ui.Item[Any]]:
    if rotation.state is not RotationState.DRAFT:
        return []
    publish = button("rotation-publish", rotation.id, say(interaction, "rotation.publish"), discord.ButtonStyle.success)
    again = button("rotation-reroll", rotation.program_id, say(interaction, "rotation.reroll"))
    swap = button("rotation-swap", rotation.id, say(interaction, "rotation.swap"))
    return [row(publish, again, swap)]
