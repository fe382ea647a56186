"""Creates missing machines: a template for each image and linked clones of it, three calls at once.

With `configs`, existing machines are compared with their declaration. With `names`, they only have to exist.
Usage: machines.py MACHINES.json raw|qcow2 ISOS names|configs
"""
import json
import os
import re
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

from proxmoxer import ProxmoxAPI

user, token = os.environ['PVE_TOKEN_ID'].split('!')
endpoint = urlsplit(os.environ['PVE_ENDPOINT'])
machines, image_format, isos, look = json.load(open(sys.argv[1])), *sys.argv[2:5]
wanted = dict(cores=2, memory=1024, net0='virtio,bridge=vmbr0', ciuser='ops', ipconfig0='ip=dhcp')


def connect():
    return ProxmoxAPI(endpoint.hostname, port=endpoint.port, user=user, token_name=token,
                      token_value=os.environ['PVE_TOKEN_SECRET'], verify_ssl=False).nodes('pve1')


def wait(node, upid):
    while node.tasks(upid).status.get()['status'] == 'running':
        time.sleep(0.1)
    status = node.tasks(upid).status.get()
    if status['exitstatus'] != 'OK':
        sys.exit(f'{upid}: {status["exitstatus"]}')


def template_name(image):
    # The digest is in the name, so a changed image has another template.
    return f'tpl-{image}-{open(f"{isos}/{image}.qcow2.verified").read(8)}'


def make_template(vmid, image):
    node = connect()
    volume = f'local:import/{image}.{image_format}'
    wait(node, node.qemu.post(vmid=vmid, name=template_name(image), scsihw='virtio-scsi-single', agent=1, ostype='l26',
                              scsi0=f'local:0,import-from={volume}', ide2='local:cloudinit', serial0='socket',
                              vga='serial0', boot='order=scsi0'))
    upid = node.qemu(vmid).template.post()
    if upid:
        wait(node, upid)
    return vmid


def make_machine(machine, template):
    node = connect()
    wait(node, node.qemu(template).clone.post(newid=machine['vmid'], name=machine['name']))
    node.qemu(machine['vmid']).config.put(**wanted)


def make_all(vmid, image):
    template = there.get(template_name(image)) or make_template(vmid, image)
    for machine in missing:
        if machine['image'] == image:
            make_machine(machine, template)


def differences(node, machine):
    config = node.qemu(there[machine['name']]).config.get()
    # Proxmox inserts the MAC address that it has chosen between model and bridge.
    found = {**config, 'net0': re.sub('=[0-9A-F:]+,', ',', config.get('net0', ''))}
    return [key for key in wanted if str(found.get(key)) != str(wanted[key])]


node = connect()
there = {guest['name']: guest['vmid'] for guest in node.qemu.get()}
missing = [machine for machine in machines if machine['name'] not in there]
if look == 'configs':
    for machine in machines:
        if machine not in missing and differences(node, machine):
            sys.exit(f'{machine["name"]} differs: {differences(node, machine)}')
free = (vmid for vmid in range(9000, 9999) if vmid not in there.values())
with ThreadPoolExecutor(3) as pool:
    list(pool.map(make_all, free, sorted({machine['image'] for machine in missing})))
