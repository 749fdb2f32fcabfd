"""The printable report: pages, plots, pictures of recipes and scale bars."""
