"""What every part of the window shares: the context, colours and fonts, rows, panels' places, preferences."""
