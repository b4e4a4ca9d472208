//! The output of `plugbox inspect`: the most useful facts first, with all values in one column.

use std::fmt::Write;

use plugbox_loader::inspect::{Build, InterfaceRecord, Line, Manifest, PluginRecord, ShapeRecord, printable};

use crate::console::STRONG;
use crate::subject::{Kind, Subject};

/// The column of the values.
const COLUMN: usize = 15;

/// The output for one file.
pub(super) fn page(subject: &Subject<'_>) -> String {
    let mut page = Page(String::new());
    let manifest = &subject.manifest;
    page.title(subject);
    manifest.plugins.iter().for_each(|plugin| page.plugin(plugin));
    manifest.builds.iter().for_each(|build| page.build(build));
    manifest.interfaces.iter().for_each(|interface| page.interface(interface, manifest));
    subject.shapes().into_iter().for_each(|shape| page.shape(shape));
    page.file(subject);
    page.0
}

/// The beginning of a name, for lists. The type's own section shows the whole name.
fn beginning(name: &str) -> &str {
    name.char_indices().nth(200).map_or(name, |(end, _)| &name[..end])
}

struct Page(String);

impl Page {
    fn title(&mut self, subject: &Subject<'_>) {
        let manifest = &subject.manifest;
        let what = match subject.kind() {
            Kind::Plugin if manifest.plugins.len() == 1 => "a library with a plugin",
            Kind::Plugin => "a library with several plugins",
            Kind::Host if manifest.interfaces.is_empty() => "it links plugbox, but has no plugin and no interface",
            Kind::Host => "a host: it has interfaces, but no plugin",
            Kind::None => "no readable plugbox records",
        };
        let file = subject.file.display().to_string();
        // Writing to a `String` does not fail.
        _ = writeln!(self.0, "{STRONG}{}{STRONG:#}: {what}", printable(&file));
    }

    fn plugin(&mut self, plugin: &PluginRecord) {
        self.section("plugin", &format!("{} {}", plugin.name, plugin.version));
        self.row("description", &plugin.description);
        self.row("authors", &plugin.authors.join(", "));
        self.row("license", &plugin.license);
        for exported in &plugin.interfaces {
            self.row("exported as", &format!("{} {}", exported.name, exported.version));
            self.row("fingerprint", &exported.fingerprint.to_string());
        }
        self.row("entry", &plugin.entry);
        self.row("panic", &plugin.panic);
        self.layout(plugin.randomized);
    }

    fn build(&mut self, build: &Build) {
        self.section("build", &build.rustc);
        self.row("release", &build.release);
        self.row("commit", &build.commit);
        self.row("date", &build.date);
        self.row("LLVM", &build.llvm);
        self.row("built on", &build.builder);
        self.row("target", &build.target);
        self.row("features", &build.features.join(" "));
        self.row("flags", &build.flags.join(" "));
        self.row("panic", &build.panic);
        self.row("C library", &build.libc);
        self.row("plugbox", &build.plugbox);
        self.layout(build.randomized);
    }

    fn interface(&mut self, interface: &InterfaceRecord, manifest: &Manifest) {
        self.section("interface", &format!("{} {}", interface.name, interface.version));
        self.row("fingerprint", &interface.fingerprint.to_string());
        interface.lines().for_each(|line| self.canonical(line));
        // A file may have a very long type name, and may repeat it in any number of interfaces.
        let types: Vec<&str> = manifest.reached(interface).map(|shape| beginning(&shape.name)).collect();
        self.row("reaches", &types.join(", "));
        interface.below.iter().for_each(|below| self.row("below", &below.to_string()));
        match interface.points.join(", ") {
            points if points.is_empty() => {}
            points => self.row("may point", &format!("into the image of its maker: {points}")),
        }
        self.layout(interface.randomized);
    }

    fn shape(&mut self, shape: &ShapeRecord) {
        self.section(&shape.keyword, &shape.name);
        shape.lines().for_each(|line| self.canonical(line));
    }

    fn file(&mut self, subject: &Subject<'_>) {
        self.section("file", &subject.container.to_string());
        self.row("size", &format!("{} bytes", subject.size));
        self.row("one of", &subject.slices.join(", "));
        let linkage = &subject.linkage;
        self.row("needs", &linkage.needed.join(", "));
        self.row("glibc", &linkage.glibc.map_or_else(String::new, |glibc| format!("{glibc} or later")));
        self.row("stack", if linkage.executable_stack { "executable" } else { "" });
        if linkage.static_tls > 0 {
            self.row("static TLS", &format!("{} bytes", linkage.static_tls));
        }
        for contract in &subject.manifest.foreign_contracts {
            self.row("not read", &format!("a record with contract {contract}"));
        }
        subject.damaged.iter().for_each(|damage| self.row("damaged", damage));
    }

    fn layout(&mut self, randomized: bool) {
        self.row("layout", if randomized { "randomized" } else { "" });
    }

    /// Writes a line of canonical text: its first word and the rest. A field is listed by its offset.
    fn canonical(&mut self, line: Line<'_>) {
        match line.value.rsplit_once(" @").filter(|_| line.key == "field") {
            Some((field, offset)) => self.row(&format!("at {offset}"), field),
            None => self.row(line.key, line.value),
        }
    }

    fn section(&mut self, key: &str, value: &str) {
        _ = writeln!(self.0, "\n{STRONG}{key:COLUMN$}{}{STRONG:#}", printable(value));
    }

    /// Writes a key and its value; nothing if the value is empty.
    fn row(&mut self, key: &str, value: &str) {
        let mut key = format!("  {}", printable(key));
        for line in printable(value).lines() {
            _ = writeln!(self.0, "{key:COLUMN$}{line}");
            key.clear();
        }
    }
}
