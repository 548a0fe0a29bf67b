//! `config.dump`: what the engine knows about the container, in the engine's own form.
//!
//! CRI-O and containerd write the small structure of the first section; Podman writes its whole container
//! configuration, which has `id`, `name`, `rootfsImageName`, `runtime` and `createdTime` in common with it.
//! One declaration reads all three, so that a document which mixes them (an edited one) shows everything it
//! holds.

use std::collections::BTreeMap;

use crate::document::documents;
use crate::json::Node;
use crate::oci_spec::Spec;
use crate::podman::{IdMappings, NamedVolume, PortMapping, PortMappingV3};
use crate::time::Time;

documents! {
    /// The document of any engine.
    ConfigDump {
        /// Id of the container, 64 hexadecimal digits. All engines.
        id: String = "id",
        /// `k8s_CONTAINER_POD_NAMESPACE_UID_ATTEMPT` from CRI-O, the same without `k8s_` from containerd,
        /// else the name.
        name: String = "name",
        /// A name of the image, which need not be the one that the user asked for. All engines.
        rootfs_image_name: String = "rootfsImageName",
        /// The image as the user asked for it. CRI-O since 1.28, containerd.
        rootfs_image: String = "rootfsImage",
        /// CRI-O: id of the image. containerd: a digest reference, or the id with `sha256:`.
        rootfs_image_ref: String = "rootfsImageRef",
        /// Runtime: a handler (CRI-O), a shim (containerd), a name or a path (Podman).
        runtime: String = "runtime",
        /// When the container was created; with Podman, after a restore from an archive, when it was
        /// restored.
        created: Time = "createdTime",
        /// When the dump began. CRI-O since 1.27, containerd; never Podman.
        checkpointed: Time = "checkpointedTime",
        /// Never set by any engine.
        restored_time: Time = "restoredTime",
        /// True if this container was itself made from a checkpoint. Always false with containerd.
        restored: bool = "restored",

        /// Podman: the specification as it was asked for at creation; spec.dump has the one that ran.
        spec: Spec = "spec",
        /// Podman: id of the pod.
        pod: String = "pod",
        /// Podman: namespace of its database.
        namespace: String = "namespace",
        /// Podman: number of a lock. Only Podman has this key.
        lock_id: u64 = "lockID",
        /// Podman: the whole command line, with the secrets in it.
        create_command: Vec<String> = "CreateCommand",
        /// Podman: the image as it was typed.
        raw_image_name: String = "RawImageName",
        /// Podman: id of the image, 64 hexadecimal digits.
        rootfs_image_id: String = "rootfsImageID",
        /// Podman: a directory of the host that is the root file system instead of an image.
        rootfs: String = "rootfs",
        /// Podman: how ids of the user namespace are mapped.
        id_mappings: IdMappings = "idMappingsOptions",
        /// Podman: containers that must run first.
        dependencies: Vec<String> = "Dependencies",
        /// Podman: where /dev/shm lies on the host.
        shm_dir: String = "ShmDir",
        /// Podman: size of /dev/shm in bytes.
        shm_size: i64 = "shmSize",
        /// Podman: the container's own directory on the host.
        static_dir: String = "staticDir",
        /// Podman: where the log lies on the host.
        log_path: String = "logPath",
        /// Podman: form of the log; only `k8s-file` and `json-file` have a file.
        log_driver: String = "logDriver",
        /// Podman: where conmon's pid stands on the host.
        conmon_pid_file: String = "conmonPidFile",
        /// Podman: named volumes; their content is in `volumes/NAME.tar`.
        named_volumes: Vec<NamedVolume> = "namedVolumes",
        /// Podman: overlay volumes; their content is not in the archive.
        overlay_volumes: Vec<Node> = "overlayVolumes",
        /// Podman: volumes made from images; their content is not in the archive.
        image_volumes: Vec<Node> = "ctrImageVolumes",
        /// Podman: destinations of the volumes that the user asked for.
        user_volumes: Vec<String> = "userVolumes",
        /// Podman: mounted secrets, without their data.
        secrets: Vec<Node> = "secrets",
        /// Podman: secrets in the environment, without their values, which are in spec.dump.
        secret_env: BTreeMap<String, Node> = "secret_env",
        /// Podman: true if the container may do what the host's root may.
        privileged: bool = "privileged",
        /// Podman: SELinux label of the processes.
        process_label: String = "ProcessLabel",
        /// Podman: SELinux label of the mounts.
        mount_label: String = "MountLabel",
        /// Podman: as whom to run, as the user wrote it: a name or an id.
        user: String = "user",
        /// Podman: supplementary groups, as the user wrote them.
        groups: Vec<String> = "groups",
        /// Podman: file mode creation mask, octal.
        umask: String = "umask",
        /// Podman: id of the container whose ipc namespace is shared.
        ipc_ns_ctr: String = "ipcNsCtr",
        /// Podman: id of the container whose mount namespace is shared.
        mount_ns_ctr: String = "mountNsCtr",
        /// Podman: id of the container whose network namespace is shared.
        net_ns_ctr: String = "netNsCtr",
        /// Podman: id of the container whose pid namespace is shared.
        pid_ns_ctr: String = "pidNsCtr",
        /// Podman: id of the container whose user namespace is shared.
        user_ns_ctr: String = "userNsCtr",
        /// Podman: id of the container whose uts namespace is shared.
        uts_ns_ctr: String = "utsNsCtr",
        /// Podman: id of the container whose cgroup namespace is shared.
        cgroup_ns_ctr: String = "cgroupNsCtr",
        /// Podman: true if the network namespace is the container's own.
        create_net_ns: bool = "createNetNS",
        /// Podman since 4.0: published ports.
        new_port_mappings: Vec<PortMapping> = "newPortMappings",
        /// Podman up to 3: published ports.
        port_mappings: Vec<PortMappingV3> = "portMappings",
        /// Podman: ports that the image declares, with their protocols.
        exposed_ports: BTreeMap<String, Node> = "exposedPorts",
        /// Podman up to 3: names of networks.
        networks: Vec<String> = "networks",
        /// Podman 4 and 5: networks by name, with their options.
        new_networks: BTreeMap<String, Node> = "newNetworks",
        /// Podman since 6: networks in order.
        ordered_networks: Vec<Node> = "orderedNetworks",
        /// Podman: `bridge`, `host`, `none`, `slirp4netns` and so on.
        network_mode: String = "networkMode",
        /// Podman: DNS servers.
        dns_server: Vec<String> = "dnsServer",
        /// Podman: DNS search domains.
        dns_search: Vec<String> = "dnsSearch",
        /// Podman: DNS options.
        dns_option: Vec<String> = "dnsOption",
        /// Podman: lines added to /etc/hosts, as `NAME:ADDRESS`.
        hosts_add: Vec<String> = "hostsAdd",
        /// Podman: entry point of the image or of the user.
        entrypoint: Vec<String> = "entrypoint",
        /// Podman: command of the image or of the user.
        command: Vec<String> = "command",
        /// Podman: labels of the image and of the user together.
        labels: BTreeMap<String, String> = "labels",
        /// Podman: the signal that stops the container, its number.
        stop_signal: u64 = "stopSignal",
        /// Podman: seconds after which it is killed.
        stop_timeout: u64 = "stopTimeout",
        /// Podman: `no`, `always`, `on-failure` or `unless-stopped`.
        restart_policy: String = "restart_policy",
        /// Podman: how often to restart.
        restart_retries: u64 = "restart_retries",
        /// Podman: `cgroupfs` or `systemd`.
        cgroup_manager: String = "cgroupManager",
        /// Podman: the cgroup above.
        cgroup_parent: String = "cgroupParent",
        /// Podman: true for the infra container of a pod.
        pause: bool = "pause",
        /// Podman: true for the service container of `kube play`.
        is_service: bool = "isService",
        /// Podman: how to find out whether the container is well.
        healthcheck: Node = "healthcheck",
        /// Podman: time zone.
        timezone: String = "timezone",
        /// Podman: devices of the Container Device Interface.
        cdi_devices: Vec<String> = "cdiDevices",
        /// Podman: devices of the host.
        device_host_src: Vec<Node> = "device_host_src",
    }
}
