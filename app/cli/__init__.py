"""The commands of ``graingraph``, a module each; ``graingraph.app.cli.commands`` declares their arguments."""
