# A machine's life as bpg/proxmox's users write it: a pool, a machine with disks, cloud-init and a card, and a clone of a template.
terraform {
  required_providers {
    proxmox = { source = "bpg/proxmox" }
  }
}

variable "cores" { default = 2 }

provider "proxmox" {
  insecure = true
}

resource "proxmox_virtual_environment_pool" "witness" {
  pool_id = "witness"
  comment = "made by Terraform"
}

resource "proxmox_virtual_environment_vm" "template" {
  node_name = "pve"
  vm_id     = 940
  name      = "template"
  template  = true
  started   = false
  disk {
    datastore_id = "local"
    interface    = "scsi0"
    file_format  = "qcow2"
    size         = 1
  }
}

resource "proxmox_virtual_environment_vm" "web" {
  node_name       = "pve"
  vm_id           = 941
  name            = "web-1"
  description     = "a clone"
  tags            = ["prod", "web"]
  pool_id         = proxmox_virtual_environment_pool.witness.pool_id
  stop_on_destroy = true
  clone {
    vm_id = proxmox_virtual_environment_vm.template.vm_id
    full  = true
  }
  cpu { cores = var.cores }
  memory { dedicated = 512 }
  disk {
    datastore_id = "local"
    interface    = "scsi0"
    file_format  = "qcow2"
    size         = 2
  }
  network_device { bridge = "vmbr0" }
  initialization {
    datastore_id = "local"
    ip_config {
      ipv4 {
        address = "192.0.2.7/24"
        gateway = "192.0.2.1"
      }
    }
    user_account { username = "jane" }
  }
}
