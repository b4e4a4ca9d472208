//! The host's profile: what a library is compared with.

use std::collections::BTreeSet;

use once_cell::sync::OnceCell;
use plugbox::__private::BUILD;
use plugbox::__private::journal::{Journal, Listener};
use plugbox::Interface;

use crate::error::UnfitHost;
use crate::known;
use crate::manifest::{Damaged, Manifest};
use crate::read::{Container, Image};

/// What a library is compared with: the host's own records, its container and its processor.
#[derive(Clone, Debug)]
pub struct HostProfile {
    /// The host's records: its build and the interfaces that it knows.
    pub manifest: Manifest,
    /// The kind of code that the host can map.
    pub container: Container,
    /// Target features, of those that we know how to ask for, that the running processor lacks.
    pub cpu_lacks: BTreeSet<String>,
}

impl HostProfile {
    /// The profile of this process, for one interface. It is read from statics in memory and never from the
    /// executable's file, so a host may itself be a library.
    ///
    /// # Errors
    ///
    /// [`UnfitHost`] where this process cannot load plugins soundly.
    ///
    /// # Examples
    ///
    /// ```
    /// # #[plugbox::interface] pub trait Plugin { fn name(&self) -> String; }
    /// let profile = plugbox_loader::profile::HostProfile::of_this_process::<dyn Plugin>()?;
    /// assert_eq!(profile.manifest.builds.len(), 1);
    /// # Ok::<(), plugbox_loader::UnfitHost>(())
    /// ```
    pub fn of_this_process<I: ?Sized + Interface>() -> Result<Self, UnfitHost> {
        Self::knowing(&[I::records()])
    }

    /// The profile of this process, for the interfaces of these records.
    pub(crate) fn knowing(records: &[&'static [u8]]) -> Result<Self, UnfitHost> {
        static PROCESS: OnceCell<HostProfile> = OnceCell::new();
        let process = PROCESS.get_or_try_init(|| {
            known::learn(&[BUILD, <dyn Journal>::records(), <dyn Listener>::records()])?;
            let manifest = Manifest::of_memory(&[BUILD])?;
            let profile = Self { manifest, container: Container::of_this_process(), cpu_lacks: cpu_lacks() };
            profile.fit()
        })?;
        let mut profile = process.clone();
        known::learn(records)?;
        let own = Manifest::of_memory(records)?;
        profile.manifest.interfaces = own.interfaces;
        profile.manifest.shapes = own.shapes;
        Ok(profile)
    }

    /// The profile of a host that is not running: from its file. The processor is this machine's.
    ///
    /// # Errors
    ///
    /// [`UnfitHost`] where the file says nothing of a host, or of one that cannot load plugins soundly.
    pub fn of_image(image: Image) -> Result<Self, UnfitHost> {
        let manifest = image.manifest?;
        if manifest.builds.is_empty() {
            let other = manifest.foreign_contracts.first();
            return Err(other.map_or(UnfitHost::NoRecords, |contract| UnfitHost::Contract(*contract)));
        }
        let container = image.container;
        let lacks = if container.machine == std::env::consts::ARCH { cpu_lacks() } else { BTreeSet::new() };
        Self { manifest, container, cpu_lacks: lacks }.fit()
    }

    fn fit(self) -> Result<Self, UnfitHost> {
        if self.manifest.builds.iter().any(|build| build.libc == "static-libc") {
            return Err(UnfitHost::StaticLibc);
        }
        Ok(self)
    }
}

impl From<Damaged> for UnfitHost {
    fn from(damaged: Damaged) -> Self {
        Self::Damaged(damaged.to_string())
    }
}

macro_rules! lacking {
    ($detected:ident: $($feature:tt),+ $(,)?) => {
        [$(($feature, std::arch::$detected!($feature))),+]
            .into_iter()
            .filter_map(|(feature, present)| (!present).then(|| feature.to_owned()))
            .collect()
    };
}

/// The target features that this processor lacks, of those that std can ask for.
fn cpu_lacks() -> BTreeSet<String> {
    #[cfg(target_arch = "x86_64")]
    return lacking!(is_x86_feature_detected:
        "adx", "aes", "avx", "avx2", "avx512bf16", "avx512bitalg", "avx512bw", "avx512cd", "avx512dq", "avx512f",
        "avx512ifma", "avx512vbmi", "avx512vbmi2", "avx512vl", "avx512vnni", "avx512vp2intersect", "avx512vpopcntdq",
        "bmi1", "bmi2", "cmpxchg16b", "f16c", "fma", "gfni", "lzcnt", "movbe", "pclmulqdq", "popcnt", "rdrand",
        "rdseed", "sha", "sse3", "sse4.1", "sse4.2", "sse4a", "ssse3", "tbm", "vaes", "vpclmulqdq", "xsave", "xsavec",
        "xsaveopt", "xsaves",
    );
    #[cfg(target_arch = "aarch64")]
    return lacking!(is_aarch64_feature_detected:
        "aes", "bf16", "bti", "crc", "dotprod", "dpb", "dpb2", "f32mm", "f64mm", "fcma", "fhm", "flagm", "fp16",
        "frintts", "i8mm", "jsconv", "lse", "mte", "neon", "paca", "pacg", "rand", "rcpc", "rcpc2", "rdm", "sb", "sha2",
        "sha3", "sm4", "ssbs", "sve", "sve2", "tme",
    );
    #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
    BTreeSet::new()
}
