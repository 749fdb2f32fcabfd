"""A recipe over many images, from the command line or the window: which ones, on which cores, leaving what behind."""
