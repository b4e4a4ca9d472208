//! An inspected file and its records.

use std::path::Path;

use plugbox_loader::inspect::{self, Container, Image, Linkage, Manifest, ShapeRecord};

/// An inspected file and its records.
pub(crate) struct Subject<'a> {
    pub(crate) file: &'a Path,
    pub(crate) container: Container,
    pub(crate) size: u64,
    /// The machines of a file with code for several machines; empty for other files.
    pub(crate) slices: Vec<String>,
    /// Empty if the records cannot be read.
    pub(crate) manifest: Manifest,
    /// What the file asks of the system's loader; empty if that cannot be read.
    pub(crate) linkage: Linkage,
    /// What is damaged or missing, one message each.
    pub(crate) damaged: Vec<String>,
}

/// The kind of a file.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// It exports plugins.
    Plugin,
    /// It has records, but exports no plugin.
    Host,
    /// It has no readable records.
    None,
}

impl<'a> Subject<'a> {
    pub(crate) fn new(file: &'a Path, image: Image) -> Self {
        let mut damaged = Vec::new();
        if let Err(what) = image.whole {
            damaged.push(format!("it is not whole: {what}"));
        }
        let manifest = image.manifest.unwrap_or_else(|what| {
            damaged.push(format!("its records cannot be read: {what}"));
            Manifest::default()
        });
        let linkage = inspect::linkage(file).unwrap_or_else(|what| {
            damaged.push(format!("its dependencies cannot be read: {what}"));
            Linkage::default()
        });
        Self { file, container: image.container, size: image.size, slices: image.slices, manifest, linkage, damaged }
    }

    pub(crate) fn kind(&self) -> Kind {
        if !self.manifest.plugins.is_empty() {
            Kind::Plugin
        } else if !self.manifest.builds.is_empty() {
            Kind::Host
        } else {
            Kind::None
        }
    }

    /// The types: first in the order in which the interfaces reach them, then those that no interface reaches.
    pub(crate) fn shapes(&self) -> Vec<&ShapeRecord> {
        let mut shapes: Vec<&ShapeRecord> = self.manifest.shapes.iter().map(|shape| &**shape).collect();
        let reached = self.manifest.interfaces.iter().flat_map(|interface| &interface.reaches);
        let rank: Vec<_> = reached.collect();
        shapes.sort_by_key(|shape| rank.iter().position(|reached| **reached == shape.id).unwrap_or(usize::MAX));
        shapes
    }
}
