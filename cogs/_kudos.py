"""Kudos: the command, the private reading, and what stands in the circle's thread."""

from typing import Any

import discord
from discord import app_commands, ui

from bot.domain.states import DeliveryKind
from bot.errors import UserError
from bot.services import kudos
from bot.services.deliveries import Job, Outcome
from bot.services.kudos import LONGEST_KUDOS, Note, Offer, Post, Sent
from bot.text import text
from cogs._codes import UNKNOWN_MESSAGE
from cogs._context import PeerCog, delivers, guild_of, on_control
from cogs._give_back import give_back
from cogs._threads import reach_into, thread_of
from cogs._ui.cards import answer, card, redraw
from cogs._ui.controls import button, field, fields_of, modal, row
from cogs._ui.words import described, inert, say, words
from cogs._win_cards import win_card

PRIVATELY, IN_CIRCLE = "private", "circle"


def kudos_modal(interaction: discord.Interaction, receiver: int, offer: Offer) -> ui.Modal:
    """Return the modal in which kudos are written; where both sit in one circle it asks who may read them."""
    line = ui.TextInput[Any](custom_id="words", style=discord.TextStyle.paragraph, max_length=LONGEST_KUDOS)
    labels = [
        ui.Label[Any](
            text=say(interaction, "kudos.words"), description=say(interaction, "kudos.words.hint"), component=line
        )
    ]
    if offer.can_show:
        options = [
            discord.RadioGroupOption(label=say(interaction, f"kudos.where.{where}"), value=where, default=not number)
            for number, where in enumerate((PRIVATELY, IN_CIRCLE))
        ]
        group = ui.RadioGroup[Any](custom_id="where", options=options)
        labels.append(ui.Label[Any](text=say(interaction, "kudos.where"), component=group))
    return modal("kudos-given", receiver, say(interaction, "kudos.modal"), *labels)


def note_card(note: Note, key: str) -> ui.LayoutView:
    """Tell somebody in their circle that kudos wait for them, not what they say nor whose they are."""
    return card(
        text("kudos.note", note.locale, who=f"<@{note.user_id}>"),
        row(button("kudos-read", key, text("kudos.read", note.locale))),
    )


def post_card(post: Post, key: str) -> ui.LayoutView:
    """Show kudos to the circle."""
    title = text("kudos.post", post.locale, receiver=f"<@{post.receiver}>", giver=f"<@{post.giver}>")
    down = button("kudos-down", key, text("kudos.down", post.locale))
    return card(f"### {title}", inert(post.words), row(down))


class KudosCog(PeerCog):
    """Giving, reading, showing and taking down."""

    @app_commands.command(**words("kudos"))
    @described("kudos", "member")
    @app_commands.guild_only()
    async def give(self, interaction: discord.Interaction, member: discord.User) -> None:
        """Open the modal in which kudos for a circle-mate are written."""
        offer = await kudos.get_offer(
            self.database, guild_of(interaction), interaction.user.id, member.id, self.context.now()
        )
        await interaction.response.send_modal(kudos_modal(interaction, member.id, offer))

    @on_control("kudos-given")
    async def given(self, interaction: discord.Interaction, key: str) -> None:
        """Keep kudos in the receiver's file."""
        fields, now = fields_of(interaction), self.context.now()
        said, may_show = field(fields, "words").strip(), field(fields, "where") == IN_CIRCLE
        guild_id, giver = guild_of(interaction), interaction.user.id
        try:
            await kudos.give(self.database, guild_id, giver, int(key), said, now, may_show=may_show)
        except UserError as refusal:
            await give_back(interaction, refusal, fields, "words")
            return
        self.context.changed()
        done = "kudos.given.circle" if may_show else "kudos.given.private"
        await answer(interaction, card(say(interaction, done, who=f"<@{key}>")))

    @on_control("kudos-read")
    async def read(self, interaction: discord.Interaction, key: str) -> None:
        """Show kudos to whom they are for."""
        await answer(
            interaction, win_card(interaction, await kudos.get_by_key(self.database, key, interaction.user.id))
        )

    @on_control("kudos-show")
    async def show(self, interaction: discord.Interaction, key: str) -> None:
        """Have kudos shown in the circle, as both wish."""
        guild_id, user_id, now = guild_of(interaction), interaction.user.id, self.context.now()
        shown = await kudos.show(self.database, guild_id, int(key), user_id, now)
        self.context.changed()
        await redraw(interaction, win_card(interaction, shown))

    @on_control("kudos-down")
    async def take_down(self, interaction: discord.Interaction, key: str) -> None:
        """Take kudos out of the thread, for either of the two."""
        await kudos.take_down(self.database, key, interaction.user.id, self.context.now())
        self.context.changed()
        await answer(interaction, card(say(interaction, "kudos.taken-down")))

    @delivers(DeliveryKind.KUDOS_NOTE)
    async def send_note(self, job: Job) -> Outcome:
        """Tell somebody in their circle that kudos wait for them."""
        note = await kudos.get_note(self.database, job.win_id or 0, job.circle_id or 0)
        thread = thread_of(note)
        return await self.context.messenger.send(job, thread, note_card(note, job.key), (note.user_id,))

    @delivers(DeliveryKind.KUDOS)
    async def send_post(self, job: Job) -> Outcome:
        """Show kudos to the circle."""
        post = await kudos.get_post(self.database, job.win_id or 0)
        return await self.context.messenger.send(job, thread_of(post), post_card(post, job.key))

    @delivers(DeliveryKind.KUDOS_DELETE)
    async def delete_messages(self, job: Job) -> Outcome:
        """Take what is no longer to stand out of a circle's thread."""
        for sent in await kudos.list_outdated(self.database, job.win_id or 0, job.circle_id or 0):
            if sent.thread_id is not None:
                await self._delete(sent, sent.thread_id)
        return Outcome()

    async def _delete(self, sent: Sent, thread_id: int) -> None:
        """Delete one message, looked for where Discord's word was never heard; one that is gone needs nothing."""
        thread = self.context.bot.get_partial_messageable(thread_id)
        if sent.message_id is not None:
            message = thread.get_partial_message(sent.message_id)
        else:
            found = await self.context.messenger.find_sent(thread, sent.key)
            if found is None:
                return
            message = thread.get_partial_message(found.id)
        try:
            await reach_into(
                self.context.messenger, sent.guild_id, thread_id, message.delete, stays_archived=sent.circle_is_closed
            )
        except discord.NotFound as refusal:
            if refusal.code != UNKNOWN_MESSAGE:
                raise
