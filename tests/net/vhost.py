"""virtio_user ports: the wires of a lab of TAP interfaces end at testpmd, which hands their frames to ecmpd by
vhost-user, queue by queue, as a virtual switch does on a host.

    far end [eth0: a TAP interface] net_tap - testpmd - net_vhost ---- socket ---- net_virtio_user - ecmpd

No hugepages: DPDK's ordinary memory can be shared too.
"""

import subprocess

from lab.wait import wait_until

MEGABYTES = 256
MAC = "02:00:00:00:00:{:02x}"


def connect(lab, queues: int) -> dict[str, str]:
    """Starts it for a lab that has not started yet; gives the device of each of its ports."""
    argv = ["dpdk-testpmd", "-l", "0,1", "--no-huge", "-m", str(MEGABYTES), "--no-pci", "--no-telemetry",
            "--file-prefix", f"switch{lab.run.id}"]  # fmt: skip
    sockets = {}
    for n, port in enumerate(lab.topology.ports):
        sockets[port.name] = lab.run.folder / f"vhost{n}"
        # testpmd forwards between the first and the second, the third and the fourth, ...
        argv += [f"--vdev=net_tap{n},iface={port.device}",
                 f"--vdev=net_vhost{n},iface={sockets[port.name]},queues={queues}"]  # fmt: skip
    argv += ["--", f"--rxq={queues}", f"--txq={queues}", "--nb-cores=1", "--auto-start", "--total-num-mbufs=16384"]
    # It ends when its standard input does.
    process = lab.run.spawn("switch", lab.topology.router, argv, stdin=subprocess.PIPE)
    wait_until(lambda: process.poll() is not None or all(path.exists() for path in sockets.values()), "vhost-user", 30)
    assert process.poll() is None, lab.run.tail("switch")
    devices = [f"net_virtio_user{n},path={path},mac={MAC.format(n)}" for n, path in enumerate(sockets.values())]
    return {name: f"vdev:{device}" for name, device in zip(sockets, devices, strict=True)}
