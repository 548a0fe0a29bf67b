//! Images of the amdgpu plugin: a length of 64 bits in the order of the machine, then a message or bytes; no magic.

use icecore_images::{ByteOrder, Image, Kind};
use serde_json::Value;

use crate::there_and_back;

/// Kind, name, bytes, and the entries in compact JSON; none where there is no message.
pub(crate) const CASES: &[(Kind, &str, &[u8], &str)] = &[
    (
        Kind::AmdgpuKfd,
        "amdgpu-kfd-7.img",
        b"\x13\0\0\0\0\0\0\0\x08\x07\x10\x01\x18\x02\x28\x00\x38\x00\x40\x80\x20\x48\x05\x52\x02\x00\xff",
        r#"[{"pid": 7, "num_of_gpus": 1, "num_of_cpus": 2, "num_of_bos": 0, "num_of_objects": 0,
             "shared_mem_size": 4096, "shared_mem_magic": 5, "priv_data": "AP8=\n"}]"#,
    ),
    (
        Kind::AmdgpuRender,
        "amdgpu-renderD-7.img",
        b"\x09\0\0\0\0\0\0\0\x08\x05\x10\x07\x18\x80\x01\x20\x00",
        r#"[{"gpu_id": 5, "id": 7, "drm_render_minor": 128, "num_of_bos": 0}]"#,
    ),
    (Kind::AmdgpuDmabuf, "amdgpu-dmabuf_7.img", b"\x02\0\0\0\0\0\0\0\x08\x09", r#"[{"gem_handle": 9}]"#),
    (Kind::AmdgpuPages, "amdgpu-pages-7-00a1.img", b"\x03\0\0\0\0\0\0\0vram", "[]"),
    (Kind::AmdgpuDrmPages, "amdgpu-drm-pages-7-0001.img", b"\x04\0\0\0\0\0\0\0vram", "[]"),
    (Kind::AmdgpuDrmPages, "amdgpu-drm-pages-7-1-1a2b.img", b"", "[]"),
];

#[test]
fn messages_are_shown_and_bytes_are_kept() {
    for (kind, file, bytes, entries) in CASES {
        let image = Image::parse(*file, bytes).unwrap();
        assert_eq!((image.kind(), image.byte_order()), (*kind, ByteOrder::Little), "{file}");
        let (text, back) = there_and_back(file, bytes).unwrap();
        let shown: Value = serde_json::from_str(&text).unwrap();
        let expected: Value = serde_json::from_str(entries).unwrap();
        assert_eq!(shown["entries"], expected, "{file}");
        assert_eq!(
            shown["$tail"].is_string(),
            expected == Value::Array(vec![]) && !bytes.is_empty(),
            "{file}"
        );
        assert_eq!(back, *bytes, "{file}");
    }
}

#[test]
fn the_length_tells_the_order_of_the_machine() {
    let bytes = b"\0\0\0\0\0\0\0\x02\x08\x09";
    let image = Image::parse("amdgpu-dmabuf_7.img", bytes).unwrap();
    assert_eq!(image.byte_order(), ByteOrder::Big);
    assert_eq!(image.entries().next().unwrap().unwrap().bytes, b"\x08\x09");
    let (text, back) = there_and_back("amdgpu-dmabuf_7.img", bytes).unwrap();
    assert!(text.contains(r#""byte_order": "big""#), "{text}");
    assert_eq!(back, bytes);
}

#[test]
fn a_length_that_fits_nowhere_is_said() {
    let bytes = b"\x03\0\0\0\0\0\0\0\x08\x09";
    let image = Image::parse("amdgpu-dmabuf_7.img", bytes).unwrap();
    let error = image.entries().next().unwrap().unwrap_err().to_string();
    assert_eq!(error, "amdgpu-dmabuf_7.img: entry 0, offset 0x0: a record of 3 bytes, but only 2 are left");
}
