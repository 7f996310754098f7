#!/usr/bin/python3
"""Labelling in the order of `masque next` against labelling in random order, on the sample shapes.

    next_image.py MASQUE [--seeds 1,2,3] [--pool 200] [--size 64] [--counts 10,20,40] [--work DIR] [train's options ...]

Both begin with the same random images; then each adds images until it has the next count, one at random, the other as
`masque next` says with the network trained so far. Each network is evaluated on 100 other images. Prints the mean IoU of
each count, order and seed, and the means.
"""
import argparse
import json
import os
import random
import shutil
import statistics
import subprocess
import tempfile


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("masque")
    parser.add_argument("--seeds", default="1,2,3")
    parser.add_argument("--pool", type=int, default=200)
    parser.add_argument("--size", type=int, default=64)
    parser.add_argument("--counts", default="10,20,40")
    parser.add_argument("--work")
    given, training = parser.parse_known_args()
    work = given.work or tempfile.mkdtemp(prefix="next-image-")
    counts = [int(count) for count in given.counts.split(",")]

    def masque(*arguments):
        return subprocess.run([given.masque, *arguments], stdout=subprocess.PIPE, check=True).stdout

    def shapes(folder, count, seed):
        shutil.rmtree(folder, ignore_errors=True)
        masque("demo", "shapes", folder, "--count", str(count), "--size", str(given.size), "--seed", str(seed))

    figures = {}
    others = os.path.join(work, "others")
    shapes(others, 100, 999)
    for seed in (int(seed) for seed in given.seeds.split(",")):
        hidden = os.path.join(work, "hidden")
        shapes(hidden, given.pool, seed)
        names = sorted(n for n in os.listdir(hidden) if n.endswith(".json") and n != "masque.json")
        start = random.Random(seed).sample(names, counts[0])
        for order in ("random", "next"):
            data = os.path.join(work, "data")
            shutil.rmtree(data, ignore_errors=True)
            shutil.copytree(hidden, data)
            for name in names:
                if name not in start:
                    os.remove(os.path.join(data, name))
            labelled, dice = list(start), random.Random(100 + seed)
            for step, count in enumerate(counts):
                run = os.path.join(work, f"run-{seed}-{order}-{count}")
                shutil.rmtree(run, ignore_errors=True)
                masque("train", data, "--run", run, "--seed", str(seed), "--size", str(given.size), "--val-ratio", "0",
                       *training)
                found = json.loads(masque("evaluate", run, others, "--split", "all", "--json"))
                figures.setdefault((order, count), []).append(found["mean_iou"])
                print(f"seed {seed} {order:6} {count:3} images: mean IoU {found['mean_iou']:.4f}", flush=True)
                if step + 1 == len(counts):
                    break
                more = counts[step + 1] - count
                if order == "random":
                    added = dice.sample([n for n in names if n not in labelled], more)
                else:
                    listed = json.loads(masque("next", data, "--run", run, "--count", str(more), "--json"))
                    added = [os.path.splitext(entry["file"])[0] + ".json" for entry in listed]
                for name in added:
                    shutil.copy(os.path.join(hidden, name), data)
                labelled += added
    for count in counts:
        a, b = (figures[order, count] for order in ("random", "next"))
        print(f"{count:3} images: random {statistics.mean(a):.4f}, next {statistics.mean(b):.4f}, "
              f"difference {statistics.mean(b) - statistics.mean(a):+.4f}")


if __name__ == "__main__":
    main()
