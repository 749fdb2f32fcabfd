"""Filtering by wavelength in Fourier space."""

import numpy as np
import numpy.typing as npt

MARGIN = 3
"""Largest wavelengths by which the picture is continued beyond its frame, mirrored, so that its ends do not meet."""


def band_pass(
    pixels: npt.NDArray[np.floating], shortest: float, longest: float, stripes: str, tolerance: float
) -> npt.NDArray[np.float32]:
    """Keep structures between two wavelengths in px: float32 (H, W), the mean grey level stays.

    Short wavelengths are damped by exp(−(shortest / λ)² ln 2), so that at ``shortest`` half remains, long ones by one
    minus the same in ``longest`` (0 turns either off). ``stripes`` "rows", "columns" or "none" takes out what runs
    along the rows or the columns, as scan lines and curtaining do, in a wedge of ± ``tolerance`` degrees in frequency.
    """
    from scipy import fft

    height, width = pixels.shape
    pad = int(min(MARGIN * max(longest, shortest, 8), height, width))
    rows, columns = fft.next_fast_len(height + pad, real=True), fft.next_fast_len(width + pad, real=True)
    around = _mirrored(np.asarray(pixels, np.float32), rows - height, columns - width)
    level = np.float32(around.mean())
    spectrum = fft.rfft2(around - level, workers=-1)
    up, across = np.fft.fftfreq(rows).astype(np.float32)[:, None], np.fft.rfftfreq(columns).astype(np.float32)
    if shortest > 0:
        spectrum *= _gaussian(up, shortest) * _gaussian(across, shortest)
    if longest > 0:
        spectrum *= 1 - _gaussian(up, longest) * _gaussian(across, longest)
    if stripes != "none":
        along, square_to = (across, up) if stripes == "rows" else (up, across)
        spectrum *= np.abs(along) > np.tan(np.radians(tolerance)) * np.abs(square_to) + 0.5 / max(rows, columns)
    filtered = fft.irfft2(spectrum, s=(rows, columns), workers=-1)[:height, :width]
    return np.asarray(filtered + level, np.float32)


def _gaussian(frequency: np.ndarray, wavelength: float) -> np.ndarray:
    """One factor of the damping: that in two directions is the product of both."""
    return np.exp2(-(np.float32(wavelength**2)) * frequency * frequency)


def _mirrored(pixels: np.ndarray, below: int, right: int) -> np.ndarray:
    """The picture continued by its mirror image below and to the right, half of it from the far side."""
    half_below, half_right = below - below // 2, right - right // 2
    index_y = _continued(pixels.shape[0], half_below, below // 2)
    index_x = _continued(pixels.shape[1], half_right, right // 2)
    return pixels[np.ix_(index_y, index_x)]


def _continued(length: int, behind: int, before: int) -> np.ndarray:
    own = np.arange(length)
    # In a Fourier transform what stands behind the end lies before the beginning.
    return np.concatenate([own, own[::-1][:behind], own[:before][::-1]])
