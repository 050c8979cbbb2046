"""ecmpd in a guest: started with a configuration, asked, watched until something is so, and ended."""
import json

DRIVER = {"e1000": "net_e1000_em", "e1000e": "net_e1000_em", "virtio-net-pci": "net_virtio", "vmxnet3": "net_vmxnet3"}
STATE = "ecmpctl show ports; ecmpctl show drops; ecmpctl show workers; cat /run/log; dmesg | tail"
ENDED = "while pidof ecmpd > /dev/null; do usleep 50000; done"
HEAD = """[router]
asn = 64500
router_id = "10.0.0.1"
[dataplane]
workers = "1"
idle = "sleep"
[ecmp]
seed = 7
"""


def port(name, place, subnet):
    """`place`: a line with the device, {left} or {right}, or lines with parent and VLAN."""
    return f"""[[port]]
name = "{name}"
{place}
address = ["10.0.{subnet}.1/24", "fd00:{subnet}::1/64"]
"""


def _service(members):
    """Routes of both families over all of them, which are known without asking."""
    out = ""
    for prefix, family in (("203.0.113.0/24", 0), ("2001:db8::/64", 1)):
        nexthops = ", ".join(f'{{ via = "{member.addresses[family]}" }}' for member in members.values())
        out += f'[[route]]\nprefix = "{prefix}"\nnexthops = [{nexthops}]\n'
    for port, member in members.items():
        for address in member.addresses:
            out += f'[[neighbor_entry]]\naddress = "{address}"\nmac = "{member.mac.hex(":")}"\nport = "{port}"\n'
    return out


def start(guest, ports, members):
    """`ports`: their configuration, with {left} and {right} for the devices; `members`: those of the service."""
    devices = {name: guest.pci(name) for name in guest.cables}
    guest.write("/run/ecmpd.toml", HEAD + ports.format(**devices) + _service(members))
    guest.run("ecmpd /run/ecmpd.toml > /run/log 2>&1 &")
    wait_until(guest, lambda: links(guest) and all(links(guest).values()), "every link up")


def stop(guest):
    """Also one that a failed test has left."""
    guest.run(f"kill -TERM $(pidof ecmpd); {ENDED}", check=False)


def show(guest, what):
    return json.loads(guest.run(f"ecmpctl show {what} --json"))


def links(guest):
    text = guest.run("ecmpctl show ports --json", check=False)
    return {port["name"]: port["link"] for port in json.loads(text)["ports"]} if text.startswith("{") else {}


def dropped(guest, reason):
    return sum(row["packets"] for row in show(guest, "drops")["drops"] if row["reason"] == reason)


def balance(guest):
    """Packets that came in or were made, less those that went somewhere."""
    total = lambda what, key: sum(row[key] for row in show(guest, what)[what])
    made = total("ports", "rx_packets") + total("workers", "injected") + total("workers", "fragments")
    return made - total("ports", "tx_packets") - total("workers", "punted") - total("drops", "packets")


def wait_until(guest, condition, what):
    """Each look is a command in the guest, which takes its time: no need to wait in between."""
    for _ in range(200):
        if condition():
            return
    raise AssertionError(f"{what}: never\n{guest.run(STATE, check=False)}")
