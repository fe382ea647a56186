# A script as written in ten minutes: checks that the machines exist and are as declared. Reads one config per machine.
import os
import sys
from urllib.parse import urlsplit
from proxmoxer import ProxmoxAPI

user, token = os.environ['PVE_TOKEN_ID'].split('!')
endpoint = urlsplit(os.environ['PVE_ENDPOINT'])
proxmox = ProxmoxAPI(endpoint.hostname, port=endpoint.port, user=user, token_name=token,
                     token_value=os.environ['PVE_TOKEN_SECRET'], verify_ssl=False)
wanted = dict(cores=2, memory='1024', ciuser='ops', ipconfig0='ip=dhcp')
there = {vm['name']: vm for vm in proxmox.cluster.resources.get(type='vm')}
changes = 0
for name in sys.argv[1:]:
    config = proxmox.nodes(there[name]['node']).qemu(there[name]['vmid']).config.get()
    changes += any(str(config.get(key)) != str(value) for key, value in wanted.items())
print(changes)
