"""The library: recipes and models that a group shares in a folder or under a URL, every version of them kept."""
