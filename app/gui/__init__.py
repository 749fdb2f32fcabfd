"""The window: the only code that knows Dear PyGui, and the only thread that touches it."""
