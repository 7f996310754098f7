#!/usr/bin/python3
"""Training, evaluation and reading against another program that prints the same JSON line, in interleaved pairs.

    train_speed.py MASQUE PEER [--pairs 3] [--threads 2] [--precision float32] [--rows resnet,unet,emotion] [--data DIR]

MASQUE: the program; PEER: a Python script that takes "MODEL --size --batch --classes --base --steps --threads" and prints
{"train_images_per_s", "eval_images_per_s", "peak_memory_mib"}. Both get the same number of threads, which wait without spinning. Prints medians
and ratios. "predict" is a pass of the network without loss, set against the peer's evaluation.
--data: a folder of small faces in class folders; the reading of 48 pixels, mirrored and turned, is compared too (the
peer's "emotion --data DIR --loader": {"load_images_per_s"}).
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
    "emotion": ("emotion-resnet9 48, batch 128",
                ["--size", "48", "--batch", "128", "--classes", "7", "--steps", "2"],
                ["--channels", "1", "--dropout", "0"]),
}
MODELS = {"resnet": ("resnet18-unet",) * 2, "unet": ("unet",) * 2, "emotion": ("emotion-resnet9", "emotion")}
FIGURES = ("train_images_per_s", "eval_images_per_s", "predict_images_per_s", "peak_memory_mib")


def measured(command, threads):
    environment = dict(os.environ, OMP_NUM_THREADS=str(threads), OMP_WAIT_POLICY="PASSIVE")
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True)
    return json.loads(done.stdout)


def compared(title, ours, theirs, figures):
    a, b = ([statistics.median(run[key] for run in runs) for key in figures] for runs in (ours, theirs))
    for side, row in (("masque", a), ("peer", b)):
        print(f"{title:30} {side:7} " + " ".join(f"{value:9.1f}" for value in row))
    print(f"{title:30} {'ratio':7} " + " ".join(f"{x / y:9.2f}" for x, y in zip(a, b)), flush=True)


def network_pair(given, name):
    _, both, own = ROWS[name]
    model, peer_model = MODELS[name]
    ours = [given.masque, "bench", "train", "--json", "--model", model, "--precision", given.precision, *both, *own,
            "--threads", str(given.threads)]
    row = measured(ours, given.threads)
    predict = ["predict" if word == "train" else word for word in ours[:ours.index("--precision")]] + both
    for flag in ("--norm", "--channels", "--dropout"):
        if flag in own:
            predict += [flag, own[own.index(flag) + 1]]
    row["predict_images_per_s"] = measured(predict, given.threads)[-1]["images_per_s"]
    peer = measured(["/usr/bin/python3", given.peer, peer_model, *both, "--threads", str(given.threads)], given.threads)
    peer["predict_images_per_s"] = peer["eval_images_per_s"]
    assert row["parameters"] == peer["parameters"], "not the same network"
    return row, peer


def loading_pair(given):
    row = measured([given.masque, "bench", "load", given.data, "--json", "--size", "48", "--flip-horizontal",
                    "--rotation-degrees", "10"], given.threads)
    peer = measured(["/usr/bin/python3", given.peer, "emotion", "--batch", "128", "--data", given.data, "--loader",
                     "--threads", str(given.threads)], given.threads)
    return {"load_images_per_s": row["disk_samples_per_s"]}, peer


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("masque")
    parser.add_argument("peer")
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--precision", default="float32")
    parser.add_argument("--rows", default="resnet,unet,emotion")
    parser.add_argument("--data")
    given = parser.parse_args()
    print(f"{'threads ' + str(given.threads) + ', ' + given.precision:38} {'train/s':>9} {'eval/s':>9} {'predict/s':>9} "
          f"{'MiB':>9}")
    for name in filter(None, given.rows.split(",")):
        pairs = [network_pair(given, name) for _ in range(given.pairs)]
        compared(ROWS[name][0], *zip(*pairs), FIGURES)
    if given.data:
        print(f"{'':38} {'read/s':>9}")
        compared("faces of 48, mirrored, turned", *zip(*(loading_pair(given) for _ in range(given.pairs))),
                 ("load_images_per_s",))


if __name__ == "__main__":
    main()
