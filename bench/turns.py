"""Fit the little network that tells which way up a page lies: writes ``seed/turns.npz`` of the formats room.

    python bench/turns.py [--pages 420]

Only development pages are painted. The same seed gives the same weights on the same machine.
"""

import argparse
import io
import tempfile
from pathlib import Path

import cv2
import numpy as np
from bench import labelled

from anjuan.facilities.formats.backends import measuring, turning

OUT = Path(__file__).resolve().parents[1] / "src/anjuan/facilities/formats/seed/turns.npz"
HIDDEN, EPOCHS, BATCH = 96, 30, 256


def collected(first: int, pages: int) -> list[np.ndarray]:
    """Windows of upright development pages, page by page."""
    found = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "page.jpg"
        for seed in range(first, first + pages):
            page = labelled.any_leaf(seed)
            path.write_bytes(page.octets)
            grey, letters = measuring.letters_of(path, "JPEG", 1)
            found.append(turning.windows(grey, letters).astype(np.float16))
    return found


def main() -> None:
    """Paint, fit, say how well it does on pages it has not seen, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=420)
    given = parser.parse_args()
    cv2.setNumThreads(1)
    train, check = np.concatenate(collected(100_000, given.pages)), collected(200_000, given.pages // 7)
    print(f"{len(train)} windows")
    dice = np.random.default_rng(1)
    inputs = turning.SIDE**2
    hidden = dice.normal(0, (2 / inputs) ** 0.5, (inputs, HIDDEN)).astype(np.float32)
    bias, out = np.zeros(HIDDEN, np.float32), dice.normal(0, 0.1, HIDDEN).astype(np.float32)
    weights = [hidden, bias, out]
    means, squares, step = [np.zeros_like(w) for w in weights], [np.zeros_like(w) for w in weights], 0
    for epoch in range(EPOCHS):
        order = dice.permutation(len(train))
        rate = 1.5e-3 * (1 - epoch / EPOCHS) + 2e-5
        for start in range(0, len(order) - BATCH, BATCH):
            seen = train[order[start : start + BATCH]].astype(np.float32)
            seen = np.roll(seen, dice.integers(-1, 2, 2), axis=(1, 2)) ** dice.uniform(0.8, 1.25)
            rows = np.stack([turning.turned(seen, quarter) for quarter in range(4)], axis=1)
            before = rows @ hidden + bias
            active = np.maximum(before, 0)
            scores = active @ out
            shares = np.exp(scores - scores.max(axis=1, keepdims=True))
            shares /= shares.sum(axis=1, keepdims=True)
            shares[:, 0] -= 1
            shares /= len(seen)
            back = (shares[..., None] * out) * (before > 0)
            flat = rows.reshape(-1, inputs)
            slopes = [
                flat.T @ back.reshape(-1, HIDDEN) + 1e-4 * hidden,
                back.sum(axis=(0, 1)),
                (shares[..., None] * active).sum(axis=(0, 1)),
            ]
            step += 1
            for number, slope in enumerate(slopes):  # Adam
                means[number] = 0.9 * means[number] + 0.1 * slope
                squares[number] = 0.999 * squares[number] + 0.001 * slope**2
                even = means[number] / (1 - 0.9**step)
                weights[number] -= rate * even / (np.sqrt(squares[number] / (1 - 0.999**step)) + 1e-8)
        if epoch % 5 == 4 or epoch == EPOCHS - 1:
            right, windows, pages = 0, 0, 0
            for seen in check:
                if len(seen):
                    scores = np.stack(
                        [
                            np.maximum(turning.turned(seen.astype(np.float32), q) @ hidden + bias, 0) @ out
                            for q in range(4)
                        ],
                        1,
                    )
                    right += int((scores.argmax(axis=1) == 0).sum())
                    windows += len(seen)
                    pages += int(scores.sum(axis=0).argmax() == 0)
            print(f"epoch {epoch + 1}: windows {right / windows:.3f}, pages {pages}/{len(check)}", flush=True)
    kept = io.BytesIO()
    np.savez_compressed(
        kept, hidden=hidden.astype(np.float16), bias=bias.astype(np.float16), out=out.astype(np.float16)
    )
    OUT.write_bytes(kept.getvalue())
    print(f"{OUT}: {kept.tell()} bytes")


if __name__ == "__main__":
    main()
