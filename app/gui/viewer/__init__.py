"""Looking at a micrograph and what was made of it: pan, zoom, overlays, comparison, reading values, drawing."""
