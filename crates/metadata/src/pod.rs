//! `pod.options` and `pod.dump`: names that checkpoint tools define for pods. No released engine writes them.

use std::collections::BTreeMap;

use crate::document::documents;
use crate::json::Node;

documents! {
    /// `pod.options`.
    PodOptions {
        /// Version of the form.
        version: u64 = "version",
        /// Archives of the containers: a list of names, or full names by short ones.
        containers: Node = "containers",
        /// Facts as on a manifest of a checkpoint image.
        annotations: BTreeMap<String, String> = "annotations",
        /// SELinux label of the mounts (2021).
        mount_label: String = "mountLabel",
        /// SELinux label of the processes (2021).
        process_label: String = "processLabel",
    }

    /// `pod.dump`.
    PodDump {
        /// Which pod.
        metadata: PodMetadata = "metadata",
        /// Its host name.
        hostname: String = "hostname",
    }

    /// The names of a pod.
    PodMetadata {
        /// Its name.
        name: String = "name",
        /// Its uid.
        uid: String = "uid",
        /// Its namespace.
        namespace: String = "namespace",
    }
}
