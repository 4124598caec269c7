"""Learns the weights of models/local/icons/icons.net from samples that scripts/icons/samples.ts wrote.

    pip install jax optax numpy
    python scripts/train-icons.py icons.net minutes train-1.bin train-2.bin --choose choose.bin

The file is one line of JSON, then for each layer its weights, a signed byte each, and its scales and biases as float32.
Layers are convolutions of 3 by 3 with zeros around, if any, then two that are dense. What is dense comes in the order of rows, columns, channels.
"""

import argparse
import json
import time

import jax
import jax.numpy as jnp
import numpy as np
import optax

side = 32
cells = 8
directions = 8


def read(path):
    rows = np.fromfile(path, np.uint8).reshape(-1, 1 + side * side)
    return rows[:, 1:].reshape(-1, side, side, 1), rows[:, 0].astype(np.int32)


def strokes_of(pictures):
    """As `strokesOf` of the program: per cell how much runs in each direction, and how much ink its quarters have."""
    ink = pictures.reshape(-1, side, side).astype(jnp.float32) / 255
    padded = jnp.pad(ink, ((0, 0), (1, 1), (1, 1)))
    across = padded[:, 1:-1, 2:] - padded[:, 1:-1, :-2]
    down = padded[:, 2:, 1:-1] - padded[:, :-2, 1:-1]
    strength = jnp.sqrt(across * across + down * down)
    turn = (jnp.arctan2(down, across) / (2 * np.pi) * directions) % directions
    # Each pixel gives to the two directions and to the four cells that are nearest to it.
    apart = jnp.abs(turn[:, None] - jnp.arange(directions)[None, :, None, None])
    value = strength[:, None] * jnp.maximum(0, 1 - jnp.minimum(apart, directions - apart))
    width = side // cells
    place = (np.arange(side) + 0.5) / width - 0.5
    near = np.maximum(0, 1 - np.abs(place[:, None] - np.arange(cells)[None])).astype(np.float32)
    runs = jnp.sqrt(jnp.swapaxes(jnp.swapaxes(value @ near, 2, 3) @ near, 2, 3) + 1e-12) / 2
    quarters = ink.reshape(-1, cells, 2, width // 2, cells, 2, width // 2).mean((3, 6)).transpose(0, 1, 3, 2, 4)
    return jnp.concatenate([runs.transpose(0, 2, 3, 1), quarters.reshape(-1, cells, cells, 4)], -1)


def begin(key, count, convolutions, hidden):
    layers = []
    end = cells
    for _, _, stride in convolutions:
        end = -(-end // stride)
    flat = end * end * (convolutions[-1][1] if convolutions else directions + 4)
    sizes = [(9 * i, (3, 3, i, o)) for i, o, _ in convolutions]
    sizes += [(flat, (flat, hidden)), (hidden, (hidden, count))]
    for fan, shape in sizes:
        key, one = jax.random.split(key)
        layers.append({"w": jax.random.normal(one, shape) * np.sqrt(2 / fan), "b": jnp.zeros(shape[-1])})
    return layers


def rounded(w):
    """As bytes hold them: learning goes through as if nothing were rounded."""
    scale = jnp.max(jnp.abs(w), axis=tuple(range(w.ndim - 1)), keepdims=True) / 127 + 1e-12
    return w + jax.lax.stop_gradient(jnp.round(w / scale) * scale - w)


def logits_of(layers, strides, pictures, key=None, is_rounded=False):
    weight = rounded if is_rounded else (lambda w: w)
    x = strokes_of(pictures)
    for layer, stride in zip(layers, strides):
        x = jax.lax.conv_general_dilated(
            x, weight(layer["w"]), (stride, stride), ((1, 1), (1, 1)), dimension_numbers=("NHWC", "HWIO", "NHWC")
        )
        x = jax.nn.relu(x + layer["b"])
    x = x.reshape(x.shape[0], -1)
    x = jax.nn.relu(x @ weight(layers[-2]["w"]) + layers[-2]["b"])
    if key is not None:
        x = x * jax.random.bernoulli(key, 0.75, x.shape) / 0.75
    return x @ weight(layers[-1]["w"]) + layers[-1]["b"]


def moved(random, pictures):
    """By a pixel or so, stretched a little, fuller or thinner: as crops come, and as hands draw."""
    result = np.empty_like(pictures)
    for group in np.array_split(random.permutation(len(pictures)), 8):
        rows, columns = stretch(random), stretch(random)
        some = (rows @ pictures[group, :, :, 0].astype(np.float32) @ columns.T) / 255
        power = random.uniform(0.75, 1.4)
        result[group, :, :, 0] = np.round(255 * np.clip(some, 0, 1) ** power)
    return result


def stretch(random):
    places = (np.arange(side) - side / 2 + 0.5) * random.uniform(0.9, 1.1) + side / 2 - 0.5 + random.uniform(-1.2, 1.2)
    return np.maximum(0, 1 - np.abs(places[:, None] - np.arange(side)[None])).astype(np.float32)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("out")
    parser.add_argument("minutes", type=float)
    parser.add_argument("samples", nargs="+")
    parser.add_argument("--choose", required=True)
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--convolutions", default="64:1,128:2", help="outputs and stride of each; none is a network without")
    parser.add_argument("--hidden", type=int, default=224)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--steps", type=int, required=True)
    options = parser.parse_args()

    parts = [read(path) for path in options.samples]
    pictures, labels = np.concatenate([p for p, _ in parts]), np.concatenate([l for _, l in parts])
    held, held_labels = read(options.choose)
    count = int(max(labels.max(), held_labels.max())) + 1
    print(f"{len(labels)} samples, {count} names, {len(held_labels)} held", flush=True)

    random = np.random.default_rng(1)
    convolutions, inputs = [], directions + 4
    for one in options.convolutions.split(",") if options.convolutions != "none" else []:
        outputs, stride = map(int, one.split(":"))
        convolutions.append((inputs, outputs, stride))
        inputs = outputs
    strides = [stride for _, _, stride in convolutions]
    layers = begin(jax.random.PRNGKey(1), count, convolutions, options.hidden)
    rate = optax.warmup_cosine_decay_schedule(1e-4, options.rate, 200, options.steps, 1e-5)
    optimiser = optax.adamw(rate, weight_decay=2e-3)
    state = optimiser.init(layers)
    mean = layers

    def loss(layers, x, y, key):
        logits = logits_of(layers, strides, x, key, True)
        aim = optax.smooth_labels(jax.nn.one_hot(y, count), 0.05)
        return optax.softmax_cross_entropy(logits, aim).mean()

    @jax.jit
    def step(layers, state, mean, x, y, key):
        value, slope = jax.value_and_grad(loss)(layers, x, y, key)
        change, state = optimiser.update(slope, state, layers)
        layers = optax.apply_updates(layers, change)
        return layers, state, jax.tree.map(lambda m, l: 0.998 * m + 0.002 * l, mean, layers), value

    answer = jax.jit(lambda layers, x: logits_of(layers, strides, x, None, True))

    def check(layers):
        guessed = np.concatenate([np.asarray(answer(layers, held[i : i + 512])) for i in range(0, len(held), 512)])
        top = guessed.argmax(1)
        named = held_labels < count - 1
        return (top == held_labels)[named].mean(), (top == held_labels)[~named].mean()

    key = jax.random.PRNGKey(2)
    begun, total = time.time(), 0.0
    for number in range(options.steps):
        if time.time() - begun > options.minutes * 60:
            break
        chosen = random.integers(0, len(labels), options.batch)
        key, one = jax.random.split(key)
        layers, state, mean, value = step(layers, state, mean, moved(random, pictures[chosen]), labels[chosen], one)
        total += float(value)
        if (number + 1) % 500 == 0:
            print(f"{number + 1} {time.time() - begun:.0f}s loss {total / 500:.3f} named {check(mean)[0]:.3f} none {check(mean)[1]:.3f}", flush=True)
            total = 0.0
        if (number + 1) % 2000 == 0:
            write(options.out, mean, count, convolutions)
    write(options.out, mean, count, convolutions)


def write(path, layers, count, convolutions):
    with open(path, "wb") as file:
        facts = {"format": "signalbox-icon-network", "version": 1, "side": side, "hidden": layers[-1]["w"].shape[0], "names": count}
        facts["convolutions"] = [{"from": i, "to": o, "stride": s} for i, o, s in convolutions]
        file.write((json.dumps(facts) + "\n").encode())
        for layer in layers:
            w = np.asarray(layer["w"])
            scale = np.abs(w).max(axis=tuple(range(w.ndim - 1))) / 127 + 1e-12
            # What one input gives to all outputs lies side by side.
            whole = np.round(w / scale).astype(np.int8)
            file.write(np.ascontiguousarray(whole).tobytes())
            file.write(scale.astype("<f4").tobytes())
            file.write(np.asarray(layer["b"]).astype("<f4").tobytes())


if __name__ == "__main__":
    main()
