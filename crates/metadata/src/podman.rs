//! Parts of Podman's `config.dump` that are objects of their own, and the names of Podman's annotations.

use crate::document::documents;
use crate::json::Node;

/// Value of `io.container.manager` in a container of Podman.
pub const MANAGER: &str = "libpod";

/// Prefix of the annotations on a manifest that `podman container checkpoint --create-image` writes.
pub const CHECKPOINT_PREFIX: &str = "io.podman.annotations.checkpoint.";

/// Prefix of the annotations that Podman writes into spec.dump.
pub const PREFIX: &str = "io.podman.annotations.";

documents! {
    /// A named volume.
    NamedVolume {
        /// Its name; the content is in `volumes/NAME.tar`.
        name: String = "volumeName",
        /// Where it appears in the container.
        destination: String = "dest",
        /// Mount options.
        options: Vec<String> = "options",
        /// True for a volume without a name of the user's choice.
        anonymous: bool = "setAnonymous",
        /// The directory of the volume that is mounted.
        sub_path: String = "SubPath",
    }

    /// Published ports, Podman since 4.0.
    PortMapping {
        /// Address on the host; empty means all.
        host_ip: String = "host_ip",
        /// First port in the container.
        container_port: u32 = "container_port",
        /// First port on the host.
        host_port: u32 = "host_port",
        /// Number of ports.
        range: u32 = "range",
        /// `tcp`, `udp`, `sctp`, or several with commas.
        protocol: String = "protocol",
    }

    /// A published port, Podman up to 3.
    PortMappingV3 {
        /// Port on the host.
        host_port: u32 = "hostPort",
        /// Port in the container.
        container_port: u32 = "containerPort",
        /// `tcp`, `udp` or `sctp`.
        protocol: String = "protocol",
        /// Address on the host; empty means all.
        host_ip: String = "hostIP",
    }

    /// How ids of the user namespace are mapped.
    IdMappings {
        /// True if user ids are the host's.
        host_uid: bool = "HostUIDMapping",
        /// True if group ids are the host's.
        host_gid: bool = "HostGIDMapping",
        /// Ranges of user ids.
        uid_map: Vec<IdRange> = "UIDMap",
        /// Ranges of group ids.
        gid_map: Vec<IdRange> = "GIDMap",
        /// True if Podman chose the ranges.
        auto: bool = "AutoUserNs",
        /// How it was to choose.
        auto_options: Node = "AutoUserNsOpts",
    }

    /// A range of ids.
    IdRange {
        /// First id in the container.
        container_id: u64 = "container_id",
        /// First id on the host.
        host_id: u64 = "host_id",
        /// Number of ids.
        size: u64 = "size",
    }
}
