"""Which way up a page lies (页面方向), told from the look of its letters without reading any.

Small windows round letters are shown, in four turns each, to a little network that says how upright each looks; the
page's turn is the one that most windows agree on. Neighbouring letters stand in the window, so that the direction of
the line counts too. The network is fitted by ``bench/turns.py`` on painted development pages (``seed/turns.npz``).
"""

import functools
import importlib.resources
import io
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

SIDE = 24  # pixels of a window
WINDOWS = 140  # of one page
_LETTERS = 2.6  # a window is so many letters wide
_LEAST = 12  # windows; with fewer nothing is said
_WEIGHT = 0.12  # windows of one page are no independent witnesses
_TURNS = (0, 90, 180, 270)


def turn_of(grey: Array, letters: Array) -> tuple[int, float]:
    """Degrees clockwise by which the page must be turned to stand upright, and how surely, 0 to 1.

    Args:
        grey: the page.
        letters: rectangles of its letters: x, y, width, height, area.
    """
    seen = windows(grey, letters)
    if len(seen) < _LEAST:
        return 0, 0.0
    said = _log_shares(seen).sum(axis=0) * _WEIGHT
    shares = np.exp(said - said.max())
    shares /= shares.sum()
    best = int(shares.argmax())
    return _TURNS[best], float(shares[best])


def windows(grey: Array, letters: Array) -> Array:
    """Windows round letters spread over the page, 0 paper to 1 ink: an array of n × side × side."""
    if len(letters) < _LEAST:
        return np.zeros((0, SIDE, SIDE), np.float32)
    sizes = np.maximum(letters[:, cv2.CC_STAT_WIDTH], letters[:, cv2.CC_STAT_HEIGHT])
    letter = float(np.percentile(sizes, 60))
    reach = max(6, round(letter * _LETTERS / 2))
    chosen = letters[:: max(1, len(letters) // WINDOWS)][:WINDOWS]
    padded = cv2.copyMakeBorder(grey, reach, reach, reach, reach, cv2.BORDER_REPLICATE)
    found = np.empty((len(chosen), SIDE, SIDE), np.float32)
    for number, (x, y, width, height, _) in enumerate(chosen):
        left, top = int(x + width / 2), int(y + height / 2)
        piece = padded[top : top + 2 * reach, left : left + 2 * reach]
        found[number] = cv2.resize(piece, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    light = np.percentile(found, 90, axis=(1, 2), keepdims=True)
    dark = found.min(axis=(1, 2), keepdims=True)
    scaled: Array = np.clip((light - found) / np.maximum(light - dark, 12), 0, 1)
    return scaled


def turned(seen: Array, quarter: int) -> Array:
    """Windows turned clockwise by so many quarters, each a row."""
    return np.rot90(seen, -quarter, axes=(1, 2)).reshape(len(seen), -1)


def _log_shares(seen: Array) -> Array:
    hidden, bias, out = _network()
    scores = np.stack(
        [np.maximum(turned(seen, quarter) @ hidden + bias, 0) @ out for quarter in range(len(_TURNS))], axis=1
    )
    scores -= scores.max(axis=1, keepdims=True)
    logs: Array = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
    return np.maximum(logs, -4)  # one strange window does not outvote the rest


@functools.cache
def _network() -> tuple[Array, Array, Array]:
    """Weights as they were fitted. Constant data of the package, read once."""
    octets = importlib.resources.files("anjuan.facilities.formats").joinpath("seed/turns.npz").read_bytes()
    with np.load(io.BytesIO(octets), allow_pickle=False) as kept:
        hidden, bias, out = (kept[name].astype(np.float32) for name in ("hidden", "bias", "out"))
    return hidden, bias, out
