//! What a mount is for, as far as paths tell.

use bstr::ByteSlice;

use super::Mount;

/// What a mount is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Role {
    /// The token and certificate by which the pod speaks to the Kubernetes API.
    ServiceAccount,
    /// A secret of Kubernetes or Podman.
    Secret,
    /// A configuration of Kubernetes.
    ConfigMap,
    /// A socket by which containers of the host can be controlled.
    EngineSocket,
    /// A named volume.
    Volume,
    /// A volume that lives as long as the pod.
    EmptyDir,
    /// Made by the engine: host names, resolver, log of termination.
    EngineFile,
    /// Hides what lies below it.
    Mask,
}

impl Role {
    /// In a word.
    pub fn name(self) -> &'static str {
        match self {
            Self::ServiceAccount => "service-account",
            Self::Secret => "secret",
            Self::ConfigMap => "config-map",
            Self::EngineSocket => "engine-socket",
            Self::Volume => "volume",
            Self::EmptyDir => "empty-dir",
            Self::EngineFile => "engine-file",
            Self::Mask => "mask",
        }
    }
}

/// Names of the sockets of engines.
const ENGINE_SOCKETS: [&[u8]; 6] = [
    b"docker.sock",
    b"containerd.sock",
    b"crio.sock",
    b"podman.sock",
    b"cri-dockerd.sock",
    b"buildkitd.sock",
];

/// Parts of paths that tell, in a mountpoint or in its source on the host; the first that is there counts.
const PARTS: [(&[u8], Role); 8] = [
    (b"secrets/kubernetes.io/serviceaccount", Role::ServiceAccount),
    (b"kubernetes.io~projected/kube-api-access", Role::ServiceAccount),
    (b"/kubernetes.io~secret/", Role::Secret),
    (b"/kubernetes.io~configmap/", Role::ConfigMap),
    (b"/kubernetes.io~empty-dir/", Role::EmptyDir),
    (b"/run/secrets/", Role::Secret),
    (b"/userdata/secrets/", Role::Secret),
    (b"/userdata/", Role::EngineFile),
];

/// Files that engines put into every container.
const ENGINE_FILES: [&[u8]; 5] =
    [b"/etc/hosts", b"/etc/hostname", b"/etc/resolv.conf", b"/dev/termination-log", b"/run/.containerenv"];

impl Role {
    /// Tells it by the mountpoint, the directory that is mounted, and the source that the engine was told.
    pub(super) fn of(mount: &Mount) -> Option<Self> {
        let mountpoint = mount.mountpoint.as_bytes();
        let source =
            mount.spec.as_ref().and_then(|spec| spec.source.as_deref()).unwrap_or_default().as_bytes();
        let paths = [mountpoint, mount.root.as_bytes(), source];
        let ends_in_socket = |path: &[u8]| {
            let name = path.rsplit(|&byte| byte == b'/').next();
            name.is_some_and(|name| ENGINE_SOCKETS.contains(&name))
        };
        if paths.iter().any(|path| ends_in_socket(path)) {
            return Some(Self::EngineSocket);
        }
        if mount.spec.as_ref().is_some_and(|spec| spec.volume.is_some()) {
            return Some(Self::Volume);
        }
        let told = PARTS.iter().find(|(part, _)| paths.iter().any(|path| path.contains_str(part)));
        let is_bound = mount.root != "/";
        let masks = mount.root == "/null" || mount.external.as_ref().is_some_and(|key| key == "/dev/null");
        let hidden = mountpoint.starts_with(b"/proc/") || mountpoint.starts_with(b"/sys/firmware");
        match told {
            Some(&(_, role)) => Some(role),
            None if is_bound && ENGINE_FILES.contains(&mountpoint) => Some(Self::EngineFile),
            None if masks || hidden && !is_bound => Some(Self::Mask),
            None => None,
        }
    }
}
