"""Learning classes of pixels from strokes while they are drawn, and writing what was learnt as a model file."""
