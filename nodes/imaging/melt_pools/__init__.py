"""The shape of melt pools, of which neighbours hide a part."""
