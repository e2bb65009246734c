"""The line net: a strip of 32 rows becomes, every 4 columns, 39 classes, an offset and a scale.

Plain convolutions and rectifiers, nothing that a hundred lines of another language could not run.
"""

import jax
import jax.numpy as jnp
import numpy as np

OUTPUTS = 41  # 37 characters, gap, outside; offset; scale

# (name, rows of kernel, columns of kernel, in, out, row stride, column stride, padding rows)
LAYERS = [
    ("a", 3, 3, 1, 16, 2, 2, 1),
    ("b", 3, 3, 16, 32, 2, 2, 1),
    ("c", 3, 3, 32, 32, 1, 1, 1),
    ("d", 3, 3, 32, 64, 2, 1, 1),
    ("e", 4, 1, 64, 96, 1, 1, 0),
    ("f", 1, 5, 96, 96, 1, 1, 0),
    ("g", 1, 3, 96, 96, 1, 1, 0),
    ("h", 1, 1, 96, OUTPUTS, 1, 1, 0),
]


def start(seed):
    rng = np.random.default_rng(seed)
    weights = {}
    for name, kh, kw, cin, cout, *_ in LAYERS:
        spread = np.sqrt(2.0 / (kh * kw * cin)) * (0.3 if name == "h" else 1.0)
        weights[name] = {
            "w": jnp.asarray(rng.normal(0, spread, (kh, kw, cin, cout)), jnp.float32),
            "b": jnp.zeros(cout, jnp.float32),
        }
    return weights


def see(weights, strips):
    """strips: (n, 32, width) to (n, width / 4, 41), before any softmax."""
    x = strips[..., None]
    for name, kh, kw, _, _, sy, sx, py in LAYERS:
        side = kw // 2
        y = jax.lax.conv_general_dilated(
            x,
            weights[name]["w"],
            (sy, sx),
            ((py, py), (side, side)),
            dimension_numbers=("NHWC", "HWIO", "NHWC"),
        )
        y = y + weights[name]["b"]
        if name == "h":
            return y[:, 0]
        y = jnp.maximum(y, 0)
        # A layer that keeps its shape only adds to what it was given.
        x = x + y if name in ("c", "f", "g") else y
    raise AssertionError("the last layer returns")


def loss(weights, strips, labels, offsets, scales):
    out = see(weights, strips)
    logits = jax.nn.log_softmax(out[..., :39])
    known = labels >= 0
    safe = jnp.maximum(labels, 0)
    picked = -jnp.take_along_axis(logits, safe[..., None], -1)[..., 0]
    # Columns of ground teach little each.
    weight = jnp.where(labels < 37, 1.0, jnp.where(labels == 37, 0.5, 0.35)) * known
    cross = (picked * weight).sum() / weight.sum()
    character = (labels >= 0) & (labels < 37)
    error = jnp.abs(out[..., 39] - offsets / 8.0) + jnp.abs(out[..., 40] - scales) * 2.0
    fit = (error * character).sum() / jnp.maximum(character.sum(), 1)
    right = ((out[..., :39].argmax(-1) == labels) & character).sum() / jnp.maximum(character.sum(), 1)
    return cross + 0.15 * fit, (right, fit)
