"""The canvas on which a recipe is wired: a pure model and gestures, and a thin view that draws them."""
