"""Values to pixels without a display: geometry, resampling, composing, thumbnails, overlays."""
