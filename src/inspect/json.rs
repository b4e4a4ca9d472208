//! The lines of `plugbox inspect --format json`.

use plugbox_loader::inspect::{
    Build, Container, Exported, InterfaceRecord, InterfaceVersion, PluginRecord, ShapeRecord,
};
use serde::Serialize;

use crate::json::File;
use crate::subject::{Kind, Subject};

/// The records of one file.
#[derive(Serialize)]
#[serde(tag = "type", rename = "image")]
pub(super) struct Line<'a> {
    #[serde(flatten)]
    file: File<'a>,
    kind: &'static str,
    plugins: Vec<PluginObject<'a>>,
    builds: Vec<BuildObject<'a>>,
    interfaces: Vec<InterfaceObject<'a>>,
    shapes: Vec<ShapeObject<'a>>,
    container: ContainerObject<'a>,
    size: u64,
    slices: &'a [String],
    needed: &'a [String],
    glibc: String,
    executable_stack: bool,
    static_tls: u64,
    foreign_contracts: &'a std::collections::BTreeSet<u32>,
    damaged: &'a [String],
}

#[derive(Serialize)]
struct PluginObject<'a> {
    name: &'a str,
    version: String,
    description: &'a str,
    authors: &'a [String],
    license: &'a str,
    interfaces: Vec<ExportedObject<'a>>,
    entry: &'a str,
    panic: &'a str,
    randomized: bool,
}

#[derive(Serialize)]
struct ExportedObject<'a> {
    name: &'a str,
    version: String,
    fingerprint: String,
}

#[derive(Serialize)]
struct BuildObject<'a> {
    plugbox: &'a str,
    rustc: &'a str,
    release: &'a str,
    commit: &'a str,
    date: &'a str,
    llvm: &'a str,
    builder: &'a str,
    target: &'a str,
    features: &'a [String],
    flags: &'a [String],
    panic: &'a str,
    libc: &'a str,
    randomized: bool,
}

#[derive(Serialize)]
struct InterfaceObject<'a> {
    name: &'a str,
    version: String,
    fingerprint: String,
    supertraits: Vec<&'a str>,
    auto_traits: Vec<&'a str>,
    methods: Vec<&'a str>,
    reaches: Vec<String>,
    below: Vec<BelowObject<'a>>,
    points: &'a [String],
    randomized: bool,
}

#[derive(Serialize)]
struct BelowObject<'a> {
    name: &'a str,
    version: String,
}

#[derive(Serialize)]
struct ShapeObject<'a> {
    fingerprint: String,
    keyword: &'a str,
    name: &'a str,
    lines: Vec<&'a str>,
    randomized: bool,
}

#[derive(Serialize)]
struct ContainerObject<'a> {
    format: &'a str,
    machine: &'a str,
    bits: u8,
    little_endian: bool,
}

impl<'a> From<&'a Subject<'a>> for Line<'a> {
    fn from(subject: &'a Subject<'a>) -> Self {
        let manifest = &subject.manifest;
        Self {
            file: subject.file.into(),
            kind: match subject.kind() {
                Kind::Plugin => "plugin",
                Kind::Host => "host",
                Kind::None => "none",
            },
            plugins: manifest.plugins.iter().map(|plugin| PluginObject::from(&**plugin)).collect(),
            builds: manifest.builds.iter().map(|build| BuildObject::from(&**build)).collect(),
            interfaces: manifest.interfaces.iter().map(|interface| InterfaceObject::from(&**interface)).collect(),
            shapes: subject.shapes().into_iter().map(ShapeObject::from).collect(),
            container: (&subject.container).into(),
            size: subject.size,
            slices: &subject.slices,
            needed: &subject.linkage.needed,
            glibc: subject.linkage.glibc.map_or_else(String::new, |glibc| glibc.to_string()),
            executable_stack: subject.linkage.executable_stack,
            static_tls: subject.linkage.static_tls,
            foreign_contracts: &manifest.foreign_contracts,
            damaged: &subject.damaged,
        }
    }
}

impl<'a> From<&'a PluginRecord> for PluginObject<'a> {
    fn from(record: &'a PluginRecord) -> Self {
        Self {
            name: &record.name,
            version: record.version.to_string(),
            description: &record.description,
            authors: &record.authors,
            license: &record.license,
            interfaces: record.interfaces.iter().map(ExportedObject::from).collect(),
            entry: &record.entry,
            panic: &record.panic,
            randomized: record.randomized,
        }
    }
}

impl<'a> From<&'a Exported> for ExportedObject<'a> {
    fn from(exported: &'a Exported) -> Self {
        Self {
            name: &exported.name,
            version: exported.version.to_string(),
            fingerprint: exported.fingerprint.to_string(),
        }
    }
}

impl<'a> From<&'a Build> for BuildObject<'a> {
    fn from(build: &'a Build) -> Self {
        Self {
            plugbox: &build.plugbox,
            rustc: &build.rustc,
            release: &build.release,
            commit: &build.commit,
            date: &build.date,
            llvm: &build.llvm,
            builder: &build.builder,
            target: &build.target,
            features: &build.features,
            flags: &build.flags,
            panic: &build.panic,
            libc: &build.libc,
            randomized: build.randomized,
        }
    }
}

impl<'a> From<&'a InterfaceRecord> for InterfaceObject<'a> {
    fn from(record: &'a InterfaceRecord) -> Self {
        let all = |key: &str| record.lines().filter(|line| line.key == key).map(|line| line.value).collect::<Vec<_>>();
        Self {
            name: &record.name,
            version: record.version.to_string(),
            fingerprint: record.fingerprint.to_string(),
            supertraits: all("super"),
            auto_traits: all("auto").into_iter().flat_map(|names| names.split(' ')).collect(),
            methods: all("method"),
            reaches: record.reaches.iter().map(ToString::to_string).collect(),
            below: record.below.iter().map(BelowObject::from).collect(),
            points: &record.points,
            randomized: record.randomized,
        }
    }
}

impl<'a> From<&'a InterfaceVersion> for BelowObject<'a> {
    fn from(below: &'a InterfaceVersion) -> Self {
        Self { name: &below.name, version: below.version.to_string() }
    }
}

impl<'a> From<&'a ShapeRecord> for ShapeObject<'a> {
    fn from(record: &'a ShapeRecord) -> Self {
        Self {
            fingerprint: record.id.to_string(),
            keyword: &record.keyword,
            name: &record.name,
            lines: record.lines().map(|line| line.text).collect(),
            randomized: record.randomized,
        }
    }
}

impl<'a> From<&'a Container> for ContainerObject<'a> {
    fn from(container: &'a Container) -> Self {
        Self {
            format: container.format,
            machine: &container.machine,
            bits: container.bits,
            little_endian: container.little_endian,
        }
    }
}
