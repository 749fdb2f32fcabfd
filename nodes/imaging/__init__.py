"""Array functions shared by nodes: no values, no declarations, no user messages."""

from graingraph.nodes.imaging import kernel_cache

kernel_cache.find_a_place()  # before a module of this package compiles anything
