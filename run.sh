#!/usr/bin/env bash
# Installs what is needed, builds, and opens the studio on PATH, or on a sample dataset. Without a display it runs the
# same job headless: samples, training, prediction.
#
#   ./run.sh [PATH]
set -euo pipefail
path=${1:+$(realpath -- "$1")}
cd "$(dirname "$(realpath "$0")")"
. scripts/setup.sh

install_packages "${build_packages[@]}"
build build masque_manual # and the program, which writes its manual page
masque=build/bin/masque

if [ -z "$path" ]; then
    path=$PWD/samples/shapes
    [ -d "$path" ] || "$masque" demo shapes "$path" --count 120
fi

if [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]; then
    exec "$masque" "$path"
fi

echo "No display: training without the window."
out=$PWD/samples/prediction
run=$("$masque" train "$path" --model unet --size 96 --batch 8 --epochs 8 --lr 0.002)
"$masque" evaluate "$run" --split val
"$masque" predict "$run" --split val --out "$out" --write mask,overlay --sheet "$out/side-by-side.png" --overwrite >/dev/null
echo "run:          $run"
echo "masks:        $out"
echo "side by side: $out/side-by-side.png (image, ground truth, prediction, difference)"
