//! Two headquarters and two boxes: ours, and others that have nothing to do with it.

use mpaka_seal::device::DeviceKey;
use mpaka_seal::hq::HqPrivate;
use std::sync::LazyLock;

pub(crate) struct Keys {
    pub(crate) hq: HqPrivate,
    pub(crate) other_hq: HqPrivate,
    pub(crate) device: DeviceKey,
    pub(crate) other_device: DeviceKey,
}

pub(crate) static KEYS: LazyLock<Keys> = LazyLock::new(|| {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    Keys {
        hq: HqPrivate::open_or_create(&at("hq")).unwrap(),
        other_hq: HqPrivate::open_or_create(&at("other-hq")).unwrap(),
        device: DeviceKey::open_or_create(&at("device")).unwrap(),
        other_device: DeviceKey::open_or_create(&at("other-device")).unwrap(),
    }
});
