"""The panels around the canvas. Each is built once into its place and then kept in step with the session."""
