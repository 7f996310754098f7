# Sourced by run.sh and test.sh: packages and build. Debian 12 and 13.

build_packages=(g++ cmake ninja-build pkg-config qt6-base-dev qt6-svg-dev qt6-tools-dev qt6-l10n-tools libtorch-dev libgloo-dev libdnnl-dev
    libopencv-dev libqcustomplot-dev libpng-dev zlib1g-dev libsqlite3-dev libcli11-dev rapidjson-dev libyaml-cpp-dev libzip-dev libonnx-dev libprotobuf-dev libpugixml-dev libopenblas0-pthread libgl-dev
    qt6-qpa-plugins libqt6svg6 fonts-dejavu-core)
test_packages=(xvfb xauth openbox opencv-data python3 python3-protobuf python3-torch python3-torchvision python3-pil python3-opencv python3-onnx)

# install_packages PACKAGE...: what of them is missing, asking nothing.
install_packages() {
    local missing=() package
    for package in "$@"; do
        dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q '^install ok installed$' || missing+=("$package")
    done
    [ ${#missing[@]} -eq 0 ] && return
    echo "Installing ${missing[*]}"
    local sudo=()
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null || { echo "masque: error: not root and no sudo; install first: ${missing[*]}" >&2; exit 1; }
        sudo=(sudo)
    fi
    "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q update
    "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q install -y --no-install-recommends "${missing[@]}"
}

# build FOLDER TARGET [cmake options]: configures once, then builds what changed.
build() {
    local folder=$1 target=$2 jobs memory
    shift 2
    if [ ! -f "$folder/build.ninja" ] || [ $# -gt 0 ]; then
        cmake -S . -B "$folder" -G Ninja -DCMAKE_BUILD_TYPE=Release "$@"
    fi
    jobs=$(nproc)
    memory=$(awk '/MemAvailable/ { print int($2 / 1500000) }' /proc/meminfo) # a LibTorch file takes over 1 GB to compile
    [ "$memory" -lt "$jobs" ] && jobs=$((memory > 1 ? memory : 1))
    cmake --build "$folder" --target "$target" -j "$jobs"
}
