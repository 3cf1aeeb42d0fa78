"""What the cogs share to draw and to be pressed: controls, modals, cards and words."""
