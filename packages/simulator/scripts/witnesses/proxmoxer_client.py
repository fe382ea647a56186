"""The life cycle of a machine with Debian's python3-proxmoxer, with a token and with a ticket. Arguments: host:port, CA file,
token id, token secret, root's password."""

import sys
import time

from proxmoxer import ProxmoxAPI
from proxmoxer.core import ResourceException


def wait_for(proxmox, upid):
    node = upid.split(":")[1]
    while True:
        status = proxmox.nodes(node).tasks(upid).status.get()
        if status["status"] == "stopped":
            assert status["exitstatus"] == "OK", status
            return
        time.sleep(0.05)


def live(proxmox, vmid):
    node = proxmox.nodes.get()[0]["node"]
    assert proxmox.version.get()["version"]
    assert any(storage["storage"] == "local" for storage in proxmox.nodes(node).storage.get())
    guests = proxmox.nodes(node).qemu
    wait_for(proxmox, guests.post(vmid=vmid, name="witness", memory=512, scsi0="local:1", net0="virtio,bridge=vmbr0"))
    assert [guest["name"] for guest in guests.get() if int(guest["vmid"]) == vmid] == ["witness"]
    assert guests(vmid).config.get()["scsi0"] == f"local:{vmid}/vm-{vmid}-disk-0.raw,size=1G"
    guests(vmid).config.put(description="seen by proxmoxer")
    wait_for(proxmox, guests(vmid).status.start.post())
    assert guests(vmid).status.current.get()["status"] == "running"
    try:
        guests(vmid).delete()
        raise AssertionError("a running machine was destroyed")
    except ResourceException as error:
        assert f"VM {vmid} is running - destroy failed" in str(error), error
    wait_for(proxmox, guests(vmid).status.stop.post())
    wait_for(proxmox, guests(vmid).delete())
    assert not [guest for guest in guests.get() if int(guest["vmid"]) == vmid]


def main():
    address, ca_file, token_id, token_secret, password = sys.argv[1:]
    host, port = address.split(":")
    user, token_name = token_id.split("!")
    with_token = ProxmoxAPI(host, port=int(port), user=user, token_name=token_name, token_value=token_secret, verify_ssl=ca_file)
    live(with_token, 910)
    print("login with a token, list, create, change, start, stop, delete")
    with_ticket = ProxmoxAPI(host, port=int(port), user="root@pam", password=password, verify_ssl=ca_file)
    live(with_ticket, 911)
    print("the same with a ticket")


main()
