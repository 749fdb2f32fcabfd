"""The commands of ``graingraph``, a module each; ``graingraph.app.cli.main`` declares their arguments."""
