"""Trains the line net on generated strips and writes the weight file.

    python train.py --seed 1 --steps 9000 --out ../zone-reader.bin

Follows from its arguments alone. Strips are made in other processes; the order never depends on their speed.
"""

import argparse
import os
import pickle
import struct
import time
from multiprocessing import get_context

from lines import COURSES

FACES = None


def open_faces():
    global FACES
    from glyphs import Faces

    FACES = Faces()


def make(job):
    from lines import batch

    return batch(FACES, *job)


def write(weights, path):
    """`MPKZ`, version, layer count; each layer: its eight numbers, weights (row, column, in, out), biases; f32 LE."""
    import numpy as np

    from net import LAYERS

    with open(path + ".part", "wb") as f:
        f.write(b"MPKZ" + struct.pack("<HH", 1, len(LAYERS)))
        for name, *shape in LAYERS:
            f.write(struct.pack("<7H", *shape))
            f.write(np.asarray(weights[name]["w"], "<f4").tobytes())
            f.write(np.asarray(weights[name]["b"], "<f4").tobytes())
    os.replace(path + ".part", path)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--steps", type=int, default=9000)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--until", type=int, help="stop after this step of the schedule of --steps")
    parser.add_argument("--course", choices=COURSES, default="plain", help="what the strips show")
    parser.add_argument("--from", dest="begin", help="a checkpoint to go on from (its step is taken up)")
    parser.add_argument("--out", required=True)
    args = parser.parse_args()

    context = get_context("spawn")
    pool = context.Pool(args.workers, open_faces)
    import jax
    import optax

    import net

    schedule = optax.warmup_cosine_decay_schedule(args.rate / 20, args.rate, min(300, args.steps // 10), args.steps, args.rate / 100)
    optimiser = optax.chain(optax.clip_by_global_norm(1.0), optax.adamw(schedule, weight_decay=1e-4))
    weights = net.start(args.seed)
    state = optimiser.init(weights)
    first = 0
    if args.begin:
        with open(args.begin, "rb") as f:
            first, weights, state = pickle.load(f)

    @jax.jit
    def step(weights, state, strips, labels, offsets, scales):
        (value, extra), slope = jax.value_and_grad(net.loss, has_aux=True)(weights, strips, labels, offsets, scales)
        change, state = optimiser.update(slope, state, weights)
        return optax.apply_updates(weights, change), state, value, extra

    last = args.until or args.steps
    jobs = ((args.seed, n, args.batch, args.course) for n in range(first, last))
    began = time.time()
    sums = [0.0, 0.0, 0.0]
    for n, made in enumerate(pool.imap(make, jobs), start=first):
        weights, state, value, (right, fit) = step(weights, state, *made)
        sums = [a + float(b) for a, b in zip(sums, (value, right, fit))]
        if (n + 1) % 100 == 0:
            print(n + 1, *(f"{s / 100:.4f}" for s in sums), f"{time.time() - began:.0f}s", flush=True)
            sums = [0.0, 0.0, 0.0]
        if (n + 1) % 250 == 0 or n + 1 == last:
            write(weights, args.out)
            with open(args.out + ".checkpoint", "wb") as f:
                pickle.dump((n + 1, jax.device_get(weights), jax.device_get(state)), f)
    pool.terminate()


if __name__ == "__main__":
    main()
