"""The commands of ``graingraph``, a module each; ``app.cli`` declares their arguments."""
