"""The panels around the canvas; importing this declares them. Each is then kept in step with the session."""

from graingraph.app.gui.panels import batch, inspector, library, messages, operator, results, training, tray

__all__ = ["batch", "inspector", "library", "messages", "operator", "results", "training", "tray"]
