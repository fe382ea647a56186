# Linked clones of some images, as bpg/proxmox's users write them: an image, a template of it, clones of that.
terraform {
  required_providers {
    proxmox = { source = "bpg/proxmox" }
  }
}

# By name: where it is, its digest, and how many clones.
variable "images" { type = map(object({ url = string, sha256 = string, vmid = number })) }
variable "machines" { type = map(string) }
variable "key" { type = string }

provider "proxmox" { insecure = true }

resource "proxmox_virtual_environment_download_file" "image" {
  for_each           = var.images
  node_name          = "pve1"
  datastore_id       = "local"
  content_type       = "import"
  file_name          = "${each.key}.qcow2"
  url                = each.value.url
  checksum           = each.value.sha256
  checksum_algorithm = "sha256"
}

resource "proxmox_virtual_environment_vm" "template" {
  for_each  = var.images
  node_name = "pve1"
  name      = "template-${each.key}"
  vm_id     = each.value.vmid
  template  = true
  started   = false
  cpu { cores = 1 }
  memory { dedicated = 512 }
  network_device { bridge = "vmbr0" }
  serial_device {}
  disk {
    datastore_id = "local"
    interface    = "scsi0"
    file_format  = "qcow2"
    size         = 1
    import_from  = proxmox_virtual_environment_download_file.image[each.key].id
  }
}

resource "proxmox_virtual_environment_vm" "machine" {
  for_each  = var.machines
  node_name = "pve1"
  name      = each.key
  started   = false
  clone {
    vm_id = proxmox_virtual_environment_vm.template[each.value].vm_id
    full  = false
  }
  cpu { cores = 1 }
  memory { dedicated = 512 }
  network_device { bridge = "vmbr0" }
  serial_device {}
  disk {
    datastore_id = "local"
    interface    = "scsi0"
    file_format  = "qcow2"
    size         = 1
  }
  initialization {
    datastore_id = "local"
    user_account {
      username = "ops"
      keys     = [var.key]
    }
    ip_config {
      ipv4 { address = "dhcp" }
    }
  }
}
