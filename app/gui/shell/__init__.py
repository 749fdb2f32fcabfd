"""The window: its panels' frame, menus, keys, colours and main loop."""
