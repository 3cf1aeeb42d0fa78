"""The moderators' week in their channel: what happened, what is due, what needs a hand."""

from bot.domain.states import DeliveryKind
from bot.services import digest
from bot.services.deliveries import Job, Outcome
from bot.services.digest import Digest
from bot.text import text
from cogs._context import PeerCog, delivers
from cogs._ui.cards import bullets, card
from cogs._ui.controls import button, row
from cogs._ui.words import inert, moment


def digest_lines(found: Digest) -> list[str]:
    """Say each line in the program's language; a moment is shown in each reader's own time."""
    lines: list[str] = []
    for line in found.lines:
        due = {"due": moment(line.values["due"], "F")} if "due" in line.values else {}
        lines.append(text(line.message, found.locale, **line.values | due))
    return lines


class DigestCog(PeerCog):
    """Sends the week's digest; its button opens the program's card for whoever moderates it."""

    @delivers(DeliveryKind.MODERATOR_DIGEST)
    async def send_digest(self, job: Job) -> Outcome:
        """Send the digest as it is true now, where the program still has a moderators' channel."""
        found = await digest.get_digest(self.database, job.program_id, self.context.now())
        if found.channel_id is None:
            return Outcome()
        title = f"## {text('digest.title', found.locale, program=inert(found.program))}"
        more = button("program-card", job.key, text("notice.open", found.locale))
        view = card(title, bullets(digest_lines(found)), row(more))
        return await self.context.messenger.send(job, found.channel_id, view)
