#!/usr/bin/python3
"""How many damaged labels stand in the first tenth of the list that `masque errors` makes.

    label_errors.py MASQUE [--seeds 1,2,3] [--count 400] [--size 128] [--share 0.05] [--folds 3] [--work DIR] [train's options ...]

Makes the sample shapes, damages one shape in each of a share of the images (moved by a tenth to a half of its width,
given another class, or taken out; seeded), trains on them without knowing, and looks at the list; with --folds
cross-validated, too. Prints for each seed
and each kind of damage how many were found in the first 10 % of the images, and how often the shape meant was the one
that was doubted most.
"""
import argparse
import json
import math
import os
import random
import shutil
import subprocess
import tempfile

KINDS = ("square", "circle", "triangle", "ring", "mesh", "plus")
DAMAGES = ("moved", "class", "missing")


def box_of(shape):
    points = shape["points"]
    if shape["shape_type"] == "circle":
        (x, y), rim = points
        r = math.dist((x, y), rim)
        return x - r, y - r, x + r, y + r
    xs, ys = [p[0] for p in points], [p[1] for p in points]
    return min(xs), min(ys), max(xs), max(ys)


def damage(path, kind, dice):
    """Returns the box that the damaged shape had."""
    with open(path) as file:
        document = json.load(file)
    shapes = document["shapes"]
    shape = dice.choice(shapes)
    left, top, right, bottom = box_of(shape)
    if kind == "missing":
        shapes.remove(shape)
    elif kind == "class":
        shape["label"] = dice.choice([k for k in KINDS if k != shape["label"]])
    else:
        far = dice.uniform(0.1, 0.5) * max(right - left, bottom - top)
        angle = dice.uniform(0, 2 * math.pi)
        shape["points"] = [[x + far * math.cos(angle), y + far * math.sin(angle)] for x, y in shape["points"]]
    with open(path, "w") as file:
        json.dump(document, file, indent=2)
    return left, top, right, bottom


def overlaps(a, b):
    return min(a[2], b[0] + b[2]) > max(a[0], b[0]) and min(a[3], b[1] + b[3]) > max(a[1], b[1])


def report(seed, folds, damaged, listed):
    """Prints how many of the damaged images come first; returns that and how many there are."""
    first = {os.path.splitext(e["file"])[0]: e for e in listed[:round(0.1 * len(listed))]}
    found = [stem for stem in damaged if stem in first]
    meant = [stem for stem in found
             if first[stem]["doubts"] and overlaps(damaged[stem][1], first[stem]["doubts"][0]["box"])]
    by_kind = " ".join(f"{kind} {sum(damaged[s][0] == kind for s in found)}/"
                       f"{sum(d[0] == kind for d in damaged.values())}" for kind in DAMAGES)
    places = sorted(i + 1 for i, e in enumerate(listed) if os.path.splitext(e["file"])[0] in damaged)
    print(f"seed {seed}, {folds} folds: {len(found)}/{len(damaged)} in the first {len(first)} of {len(listed)} "
          f"({by_kind}); the very shape {len(meant)}/{len(found)}; places {places}", flush=True)
    return len(found), len(damaged)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("masque")
    parser.add_argument("--seeds", default="1,2,3")
    parser.add_argument("--count", type=int, default=400)
    parser.add_argument("--size", type=int, default=128)
    parser.add_argument("--share", type=float, default=0.05)
    parser.add_argument("--folds", type=int, default=0)
    parser.add_argument("--work")
    given, training = parser.parse_known_args()
    work = given.work or tempfile.mkdtemp(prefix="label-errors-")
    totals = {}
    for seed in given.seeds.split(","):
        data, run = os.path.join(work, f"data{seed}"), os.path.join(work, f"run{seed}")
        shutil.rmtree(data, ignore_errors=True)
        shutil.rmtree(run, ignore_errors=True)

        def masque(*arguments):
            done = subprocess.run([given.masque, *arguments], stdout=subprocess.PIPE, check=True)
            return done.stdout

        masque("demo", "shapes", data, "--count", str(given.count), "--size", str(given.size), "--seed", seed)
        dice = random.Random(int(seed))
        names = sorted(name for name in os.listdir(data) if name.endswith(".json") and name != "masque.json")
        damaged = {}
        for i, name in enumerate(dice.sample(names, round(given.share * len(names)))):
            kind = DAMAGES[i % len(DAMAGES)]
            damaged[name[:-5]] = (kind, damage(os.path.join(data, name), kind, dice))
        with open(os.path.join(data, "damaged.txt"), "w") as file:
            file.writelines(f"{stem} {kind}\n" for stem, (kind, _) in damaged.items())
        masque("train", data, "--run", run, "--seed", seed, "--size", str(given.size), *training)
        for folds in dict.fromkeys([0, given.folds]):
            cross = ["--folds", str(folds)] if folds else []
            listed = json.loads(masque("errors", run, "--json", *cross))["images"]
            total = totals.setdefault(folds, [0, 0])
            found, all_damaged = report(seed, folds, damaged, listed)
            total[0] += found
            total[1] += all_damaged
    for folds, (found, all_damaged) in totals.items():
        print(f"{folds} folds, all: {found}/{all_damaged} = {found / all_damaged:.1%}")


if __name__ == "__main__":
    main()
