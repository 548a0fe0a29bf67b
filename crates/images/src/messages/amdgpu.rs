//! What the plugin for AMD GPUs writes. No CRIU framing: a 64-bit length, then one message.

use alloc::vec::Vec;

use crate::declare::messages;

messages! {
    /// State of the compute driver: `amdgpu-kfd-ID.img`.
    CriuKfd("criu_kfd") {
        /// Process that it belongs to.
        1 pid: u32,
        /// GPUs in `device_entries`.
        2 num_of_gpus: u32,
        /// Processors in `device_entries`.
        3 num_of_cpus: u32,
        /// The devices.
        4 device_entries: Vec<KfdDeviceEntry>,
        /// Buffers in `bo_entries`.
        5 num_of_bos: u64,
        /// The buffers.
        6 bo_entries: Vec<KfdBoEntry>,
        /// Number of objects in the driver's data.
        7 num_of_objects: u32,
        /// Bytes of shared memory.
        8 shared_mem_size: u64,
        /// Magic of the shared memory.
        9 shared_mem_magic: u32,
        /// The driver's own data.
        10 priv_data: Vec<u8>,
    }

    /// A device as the compute driver describes it.
    KfdDeviceEntry("kfd_device_entry") {
        /// Number in the topology.
        1 node_id: u32,
        /// Id; 0 for a processor.
        2 gpu_id: u32,
        /// Processor cores.
        3 cpu_cores_count: u32,
        /// SIMD units.
        4 simd_count: u32,
        /// Memory banks.
        5 mem_banks_count: u32,
        /// Caches.
        6 caches_count: u32,
        /// Links.
        7 io_links_count: u32,
        /// Waves that a SIMD unit holds.
        8 max_waves_per_simd: u32,
        /// KiB of local data share.
        9 lds_size_in_kb: u32,
        /// KiB of global data share.
        10 gds_size_in_kb: u32,
        /// Global wave sync units.
        11 num_gws: u32,
        /// Threads of a wave.
        12 wave_front_size: u32,
        /// Arrays.
        13 array_count: u32,
        /// Arrays of an engine.
        14 simd_arrays_per_engine: u32,
        /// Compute units of an array.
        15 cu_per_simd_array: u32,
        /// SIMD units of a compute unit.
        16 simd_per_cu: u32,
        /// Scratch slots of a compute unit.
        17 max_slots_scratch_cu: u32,
        /// PCI vendor.
        18 vendor_id: u32,
        /// PCI device.
        19 device_id: u32,
        /// PCI domain.
        20 domain: u32,
        /// N of `/dev/dri/renderDN`.
        21 drm_render_minor: u32,
        /// Id of the XGMI hive.
        22 hive_id: u64,
        /// SDMA engines.
        23 num_sdma_engines: u32,
        /// SDMA engines for XGMI.
        24 num_sdma_xgmi_engines: u32,
        /// Queues of an SDMA engine.
        25 num_sdma_queues_per_engine: u32,
        /// Queues of the command processor.
        26 num_cp_queues: u32,
        /// Firmware version.
        27 fw_version: u32,
        /// Capability bits.
        28 capability: u32,
        /// Firmware version of SDMA.
        29 sdma_fw_version: u32,
        /// Whether all video memory is visible to the host.
        30 vram_public: u32,
        /// Bytes of video memory.
        31 vram_size: u64,
        /// Links to other devices.
        32 iolinks: Vec<DevIolink>,
    }

    /// A link between devices.
    DevIolink("dev_iolink") {
        /// Its type.
        1 r#type: u32,
        /// The other node.
        2 node_to_id: u32,
    }

    /// A buffer of the compute driver.
    KfdBoEntry("kfd_bo_entry") {
        /// Address.
        1 addr: u64,
        /// Size in bytes.
        2 size: u64,
        /// Offset in the render node.
        3 offset: u64,
        /// Flags of the allocation.
        4 alloc_flags: u32,
        /// GPU that it is on.
        5 gpu_id: u32,
        /// GEM handle.
        6 handle: u32,
    }

    /// State of a render node: `amdgpu-renderD-ID.img`.
    CriuRenderNode("criu_render_node") {
        /// GPU that it belongs to.
        1 gpu_id: u32,
        /// Id of the file.
        2 id: u32,
        /// N of `/dev/dri/renderDN`.
        3 drm_render_minor: u32,
        /// Buffers in `bo_entries`.
        4 num_of_bos: u64,
        /// The buffers.
        5 bo_entries: Vec<DrmBoEntry>,
    }

    /// A buffer of a render node.
    DrmBoEntry("drm_bo_entry") {
        /// Address.
        1 addr: u64,
        /// Size in bytes.
        2 size: u64,
        /// Offset in the render node.
        3 offset: u64,
        /// Flags of the allocation.
        4 alloc_flags: u64,
        /// Alignment in bytes.
        5 alignment: u64,
        /// Memory domains that it prefers.
        6 preferred_domains: u32,
        /// GEM handle.
        7 handle: u32,
        /// Whether it was imported.
        8 is_import: u32,
        /// Mappings in `vm_entries`.
        9 num_of_vms: u32,
        /// The mappings.
        10 vm_entries: Vec<DrmVmEntry>,
    }

    /// A mapping of a buffer in GPU address space.
    DrmVmEntry("drm_vm_entry") {
        /// Address.
        1 addr: u64,
        /// Size in bytes.
        2 size: u64,
        /// Offset in the buffer.
        3 offset: u64,
        /// Flags.
        4 flags: u64,
    }

    /// A shared buffer: `amdgpu-dmabuf_ID.img`.
    CriuDmabufNode("criu_dmabuf_node") {
        /// GEM handle.
        1 gem_handle: u32,
    }
}
