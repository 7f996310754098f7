#!/usr/bin/python3
"""Whether a fast precision ends where the exact one does: the same trainings in both, judged against the seeds' spread.

    precision_parity.py MASQUE DATA [--seeds 1,2,3] [--precisions exact,float32] [--work DIR] [train's options ...]

Prints the best validation figures of each seed and precision with the time taken, and for each precision mean and
standard deviation over the seeds.
"""
import argparse
import json
import os
import statistics
import subprocess
import tempfile
import time

FIGURES = ("mean_iou", "foreground_dice", "loss")


def best_epoch(run):
    epochs = [json.loads(line) for line in open(os.path.join(run, "log.jsonl"))]
    validated = [epoch for epoch in epochs if epoch.get("split") == "val"]
    return max(validated, key=lambda epoch: epoch["mean_iou"])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("masque")
    parser.add_argument("data")
    parser.add_argument("--seeds", default="1,2,3")
    parser.add_argument("--precisions", default="exact,float32")
    parser.add_argument("--work")
    given, training = parser.parse_known_args()
    work = given.work or tempfile.mkdtemp(prefix="precision-parity-")
    ends = {}
    for seed in given.seeds.split(","):
        for precision in given.precisions.split(","):
            run = os.path.join(work, f"{precision}-{seed}")
            start = time.monotonic()
            subprocess.run([given.masque, "train", given.data, "--run", run, "--seed", seed, "--precision", precision,
                            *training], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
            best = best_epoch(run)
            ends.setdefault(precision, []).append([best[figure] for figure in FIGURES])
            print(f"seed {seed} {precision:9}", *(f"{figure} {best[figure]:.4f} " for figure in FIGURES),
                  f"epoch {best['epoch']}, {time.monotonic() - start:.0f} s", flush=True)
    for precision, rows in ends.items():
        means = [statistics.mean(column) for column in zip(*rows)]
        spreads = [statistics.stdev(column) if len(rows) > 1 else 0 for column in zip(*rows)]
        print(f"{precision:16}", *(f"{figure} {mean:.4f} +- {spread:.4f} "
                                   for figure, mean, spread in zip(FIGURES, means, spreads)))


if __name__ == "__main__":
    main()
