"""The open document and the work on it: edits, undo, live results, training, merging. No display is needed."""
