"""The guest's root: one initramfs with a kernel's modules, busybox, and the programs under test with their libraries.

Made anew for each run of the tests, from the build folder and the Debian kernel that scripts/setup unpacked.
"""
import os
import pathlib
import shutil
import subprocess

KERNELS = pathlib.Path("/var/cache/ecmpd-test")  # where scripts/setup unpacks the kernel
MODULES = ("e1000", "e1000e", "virtio_pci", "virtio_net", "vmxnet3", "uio_pci_generic", "tun")
DRIVERS = pathlib.Path("/usr/lib/x86_64-linux-gnu/dpdk/pmds-23.0")  # where EAL looks for its own plug-ins
PLUGINS = ("bus_pci", "bus_vdev", "mempool_ring", "net_e1000", "net_virtio", "net_vmxnet3")
HUGEPAGES = 256

# Commands come line by line over the second serial line; each answers with its output, then its status on a line of
# its own behind a form feed.
INIT = f"""#!/bin/sh
export PATH=/bin:/usr/bin
mkdir -p /proc /sys /dev /run /tmp /var/lib
ln -s /run /var/run
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
mkdir -p /dev/hugepages
mount -t tmpfs tmpfs /run
mount -t hugetlbfs hugetlbfs /dev/hugepages
echo {HUGEPAGES} > /proc/sys/vm/nr_hugepages
while read -r module; do insmod "$module" || echo "init: $module is not loaded"; done < /modules/order
ip link set lo up
stty -F /dev/ttyS1 raw -echo
exec < /dev/ttyS1 > /dev/ttyS1 2>&1
printf 'ready\\n'
while read -r line; do
  sh -c "$line" < /dev/null
  printf '\\f%d\\n' $?
done
"""


def kernel():
    """(vmlinuz, root folder of its modules, release)"""
    found = sorted(KERNELS.glob("*/boot/vmlinuz-*"))
    if not found:
        raise FileNotFoundError(f"no kernel in {KERNELS}: scripts/setup nic unpacks one")
    return found[-1], found[-1].parents[1], found[-1].name.removeprefix("vmlinuz-")


def _output(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def _copy(source, root, target):
    place = root / target
    place.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy2(source, place)


def _copy_library(path, root):
    """To the same place below `root`, as the file that it is and the link to it: the loader tells one library from
    two by its file."""
    path = path.parent.resolve() / path.name
    real = path.resolve()
    _copy(real, root, str(real).lstrip("/"))
    link = root / str(path).lstrip("/")
    link.parent.mkdir(parents=True, exist_ok=True)
    if path != real and not link.is_symlink():
        link.symlink_to(real)


def _libraries(program):
    """Absolute paths of the shared libraries that a program or library needs, the loader among them."""
    return {pathlib.Path(word) for line in _output("ldd", str(program)).splitlines() for word in line.split() if word.startswith("/")}


def _modules(root):
    _, base, release = kernel()
    wanted = []
    for name in MODULES:
        for line in _output("/sbin/modprobe", "-d", str(base), "-S", release, "--show-depends", name).splitlines():
            kind, _, path = line.partition(" ")
            if kind == "insmod" and path.split()[0] not in wanted:
                wanted.append(path.split()[0])
    for path in wanted:
        _copy(path, root, f"modules/{pathlib.Path(path).name}")
    return [f"/modules/{pathlib.Path(path).name}" for path in wanted]


def make(folder, programs):
    """Writes `folder`/initramfs and gives its path. `programs` go to /bin."""
    root = pathlib.Path(folder) / "root"
    for name in ("bin", "lib", "lib64"):
        (root / "usr" / name).mkdir(parents=True)
        (root / name).symlink_to(f"usr/{name}")
    _copy("/bin/busybox", root, "bin/busybox")
    for name in _output("/bin/busybox", "--list").split():
        if name != "busybox":
            (root / "bin" / name).symlink_to("busybox")
    plugins = [DRIVERS / f"librte_{name}.so" for name in PLUGINS]
    libraries = set().union(*(_libraries(file) for file in [*programs, *plugins]))
    for file in [*libraries, *plugins]:
        _copy_library(file, root)
    for program in programs:
        _copy(program, root, f"bin/{pathlib.Path(program).name}")
    (root / "modules/order").write_text("".join(f"{line}\n" for line in _modules(root)))
    init = root / "init"
    init.write_text(INIT)
    init.chmod(0o755)

    image = pathlib.Path(folder) / "initramfs"
    with open(image, "wb") as out:
        find = subprocess.Popen(["find", ".", "-print0"], cwd=root, stdout=subprocess.PIPE)
        subprocess.run(["cpio", "--null", "--create", "--format=newc", "--quiet"], cwd=root, stdin=find.stdout,
                       stdout=out, check=True)
        find.wait()
    shutil.rmtree(root)
    return image


def vmlinuz():
    return kernel()[0]


def available():
    return os.access("/usr/bin/qemu-system-x86_64", os.X_OK) and any(KERNELS.glob("*/boot/vmlinuz-*"))
