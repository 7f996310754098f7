#!/usr/bin/python3
"""Training and evaluation speed against another program that prints the same JSON line, in interleaved pairs.

    train_speed.py MASQUE PEER [--pairs 3] [--threads 2] [--precision float32] [--rows resnet,unet]

MASQUE: the program; PEER: a Python script that takes "MODEL --size --batch --classes --base --steps --threads" and prints
{"train_images_per_s", "eval_images_per_s", "peak_memory_mib"}. Both get the same number of threads, which wait without spinning. Prints medians
and ratios.
"""
import argparse
import json
import os
import statistics
import subprocess

ROWS = {
    # the decoder without batch normalisation: as many parameters as the peer's
    "resnet": ("resnet18-unet 192, batch 12",
               ["--size", "192", "--batch", "12", "--classes", "6", "--steps", "4"],
               ["--norm", "none", "--loss", "bce+dice"]),
    "unet": ("unet 16, 128, batch 100",
             ["--size", "128", "--batch", "100", "--classes", "1", "--base", "16", "--steps", "2"],
             ["--loss", "bce"]),
}
FIGURES = ("train_images_per_s", "eval_images_per_s", "peak_memory_mib")


def measured(command, threads):
    environment = dict(os.environ, OMP_NUM_THREADS=str(threads), OMP_WAIT_POLICY="PASSIVE")
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True)
    return json.loads(done.stdout)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("masque")
    parser.add_argument("peer")
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--precision", default="float32")
    parser.add_argument("--rows", default="resnet,unet")
    given = parser.parse_args()
    print(f"{'work':28} {'':8} {'train/s':>9} {'eval/s':>9} {'MiB':>9}   threads {given.threads}, {given.precision}")
    for name in given.rows.split(","):
        title, both, own = ROWS[name]
        model = "resnet18-unet" if name == "resnet" else "unet"
        threads = ["--threads", str(given.threads)]
        ours, theirs = [], []
        for _ in range(given.pairs):
            ours.append(measured([given.masque, "bench", "train", "--json", "--model", model, "--precision",
                                  given.precision, *both, *own, *threads], given.threads))
            theirs.append(measured(["/usr/bin/python3", given.peer, model, *both, *threads], given.threads))
        a, b = ([statistics.median(run[key] for run in runs) for key in FIGURES] for runs in (ours, theirs))
        assert ours[0]["parameters"] == theirs[0]["parameters"], "not the same network"
        for side, row in (("masque", a), ("peer", b)):
            print(f"{title:28} {side:8} " + " ".join(f"{value:9.1f}" for value in row))
        print(f"{title:28} {'ratio':8} " + " ".join(f"{x / y:9.2f}" for x, y in zip(a, b)), flush=True)


if __name__ == "__main__":
    main()
