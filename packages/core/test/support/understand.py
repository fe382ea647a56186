"""Shows how cloud-init interprets NoCloud documents. Reads a JSON list of cases from standard input, and writes a list of answers.

A case is {"user-data": base64, "meta-data": …, "vendor-data": …, "network-config": …}; an absent document is left out. The
documents go through cloud-init's own code: the NoCloud data source, its handlers and mergers, the modules for users,
passwords and keys with a distribution class that only records, and its network renderers. This system is not changed.
"""

import base64
import copy
import json
import logging
import os
import sys
import tempfile
from unittest import mock

import cloudinit.distros  # noqa: F401  (first: the packages import each other)
import yaml
from cloudinit import helpers, ssh_util, stages, util
from cloudinit.config import cc_set_passwords, cc_ssh, cc_users_groups
from cloudinit.distros import debian, fedora, ug_util
from cloudinit.net import eni, netplan, network_manager, network_state, networkd, sysconfig
from cloudinit.settings import PER_ALWAYS
from cloudinit.sources import DataSourceNoCloud

SYSTEM = {
    "datasource": {"NoCloud": {"fs_label": None}},
    "system_info": {
        "distro": "debian",
        "default_user": {"name": "debian", "lock_passwd": True, "groups": ["sudo"]},
    },
    "vendor_data": {"enabled": True},
}


class Warnings(logging.Handler):
    def __init__(self):
        super().__init__(logging.WARNING)
        self.lines = []

    def emit(self, record):
        text = record.getMessage()
        # Proxmox writes `user` as a text, which is only deprecated.
        if "deprecated" not in text.lower() and not text.startswith("Skipping write"):
            self.lines.append(text.split("\n")[0])


class Recorder(debian.Distro):
    """Records changes of accounts instead of making them."""

    def begin(self):
        self.accounts = {}

    def account(self, name):
        return self.accounts.setdefault(name, {"keys": [], "password": None, "locked": False, "expires": False})

    def add_user(self, name, **kwargs):
        self.account(name)["groups"] = sorted(str(kwargs.get("groups") or "").split(","))
        return True

    def lock_passwd(self, name):
        self.account(name)["locked"] = True

    def unlock_passwd(self, name):
        self.account(name)["locked"] = False

    def set_passwd(self, user, passwd, hashed=False):
        self.account(user).update(password={"text": passwd, "hashed": hashed}, locked=False)

    def chpasswd(self, plist_in, hashed):
        for user, passwd in plist_in:
            self.set_passwd(user, passwd, hashed)

    def expire_passwd(self, user):
        self.account(user)["expires"] = True

    def create_group(self, name, members=None):
        pass

    def write_sudo_rules(self, user, rules, sudo_file=None):
        pass

    def write_doas_rules(self, user, rules, doas_file=None):
        pass


def understand(documents):
    warnings = Warnings()
    logging.getLogger().handlers = [warnings]
    with tempfile.TemporaryDirectory() as folder:
        source, config = load(documents, folder)
        network = source.network_config
        told = {
            "instance": str(source.get_instance_id()),
            "hostname": names(config, source),
            "hosts": config.get("manage_etc_hosts"),
            "upgrade": util.get_cfg_option_bool(config, "package_upgrade", False),
            "accounts": accounts(config, source.distro),
            "rest": {key: value for key, value in config.items() if key in ("packages", "runcmd", "write_files", "bootcmd")},
            "parts": sorted(os.listdir(os.path.join(folder, "lib", "instance", "scripts"))),
        }
        told["network"] = None if network is None else rendered(network, folder)
    told["warnings"] = warnings.lines
    return told


def load(documents, folder):
    seed = os.path.join(folder, "seed")
    os.makedirs(seed)
    for name, content in documents.items():
        with open(os.path.join(seed, name), "wb") as file:
            file.write(base64.b64decode(content))
    paths = helpers.Paths({"cloud_dir": os.path.join(folder, "lib"), "run_dir": os.path.join(folder, "run")})
    distro = Recorder("debian", copy.deepcopy(SYSTEM["system_info"]), paths)
    source = DataSourceNoCloud.DataSourceNoCloud(copy.deepcopy(SYSTEM), distro, paths)
    source.seed_dirs = [seed]
    source.ds_cfg = {"fs_label": None}
    with mock.patch.object(util, "get_cmdline", return_value=""), mock.patch("cloudinit.dmi.read_dmi_data", return_value=None):
        if not source._get_data():
            raise RuntimeError("NoCloud found no data")
    init = stages.Init()
    init._cfg = copy.deepcopy(SYSTEM)
    init._paths = paths
    init._distro = distro
    init.datasource = source
    paths.datasource = source
    instance = os.path.join(folder, "lib", "instances", str(source.get_instance_id()))
    for place in ("handlers", "scripts", "sem", "vendor-scripts"):
        os.makedirs(os.path.join(folder, "lib", place), exist_ok=True)
        os.makedirs(os.path.join(instance, place))
    os.symlink(instance, paths.instance_link)
    settings = mock.patch.object(stages.Init, "_read_cfg", side_effect=lambda *_: copy.deepcopy(SYSTEM))
    with settings, mock.patch("cloudinit.subp.subp", side_effect=RuntimeError("nothing is run")):
        init.consume_data(PER_ALWAYS)
    parts = [read(paths.get_ipath(name)) for name in ("cloud_config", "vendor_cloud_config")]
    return source, util.mergemanydict(parts)


def read(path):
    if not path or not os.path.exists(path):
        return {}
    with open(path, encoding="utf-8") as file:
        return yaml.safe_load(file) or {}


class Cloud:
    def __init__(self, distro, source=None):
        self.distro = distro
        self.datasource = source

    def get_hostname(self, fqdn=False, metadata_only=False):
        return self.datasource.get_hostname(fqdn=fqdn, metadata_only=metadata_only)

    def get_public_ssh_keys(self):
        return []


def names(config, source):
    with mock.patch.object(util, "get_hostname", return_value="localhost"):
        found = util.get_hostname_fqdn(config, Cloud(source.distro, source))
    return {"short": found[0], "full": found[1]}


def accounts(config, distro):
    """Returns the result of cc_users_groups, cc_set_passwords and the keys of cc_ssh."""
    distro.begin()

    def keys(found, user, options=None):
        distro.account(user)["keys"] += [f"{options} {key}" if options else key for key in found]

    log = logging.getLogger("accounts")
    with mock.patch.object(ssh_util, "setup_user_keys", side_effect=keys):
        cloud = Cloud(distro)
        for module in (cc_users_groups, cc_set_passwords):
            settings = copy.deepcopy(config)
            count = module.handle.__code__.co_argcount
            module.handle("x", settings, cloud, *([log, []] if count == 5 else [[]]))
        settings = copy.deepcopy(config)
        users, _ = ug_util.normalize_users_groups(settings, distro)
        user, _ = ug_util.extract_default(users)
        disabled = util.get_cfg_option_bool(config, "disable_root", True)
        found = [key for key in util.get_cfg_option_list(config, "ssh_authorized_keys", [])]
        cc_ssh.apply_credentials(found, user, disabled, ssh_util.DISABLE_USER_OPTS)
    for account in distro.accounts.values():
        account["keys"].sort()
    return distro.accounts


RENDERERS = {
    # The default is an absolute path in 25.1, which would be outside the given folder.
    "netplan": (netplan.Renderer, {"features": [], "netplan_path": "etc/netplan/50-cloud-init.yaml"}),
    "networkd": (networkd.Renderer, {}),
    "eni": (eni.Renderer, {}),
    "sysconfig": (sysconfig.Renderer, fedora.Distro.renderer_configs.get("sysconfig", {})),
    "network-manager": (network_manager.Renderer, {}),
}


def rendered(config, folder):
    return {name: render(name, config, folder) for name in RENDERERS}


def render(name, config, folder):
    make, settings = RENDERERS[name]
    target = os.path.join(folder, "net", name)
    os.makedirs(target)
    renderer = make(dict(settings))
    state = network_state.parse_net_config_data(copy.deepcopy(config), renderer=renderer)
    unavailable = RuntimeError("nothing is run")
    with mock.patch("cloudinit.subp.subp", side_effect=unavailable), mock.patch("os.chown"), mock.patch("shutil.chown"):
        renderer.render_network_state(state, target=target)
    found = {}
    for place, _, files in os.walk(target):
        for file in files:
            path = os.path.join(place, file)
            with open(path, encoding="utf-8") as stream:
                text = stream.read()
            found[os.path.relpath(path, target)] = yaml.safe_load(text) if path.endswith(".yaml") else lines(text)
    if not found:
        raise RuntimeError(f"{name} wrote nothing into its folder")
    return found


def lines(text):
    return [line for line in (one.strip() for one in text.splitlines()) if line and line[0] not in "#;"]


if __name__ == "__main__":
    from cloudinit import version

    cases = json.load(sys.stdin)
    json.dump({"version": version.version_string(), "answers": [understand(case) for case in cases]}, sys.stdout)
