from tests.cogs.town import Town, said


async def test_a_moderator_sets_a_program_up_on_one_panel(town: Town):
    await town.start_program()
    shown = await town.moderator.slash(town.lobby, "program show")
    assert "This program runs." in said(shown)
