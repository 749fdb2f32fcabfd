"""Nodes that a person draws on: traces, corrections, picks."""
