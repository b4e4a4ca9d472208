//! The properties of every input that is read as notes. The fuzzer and the replay of its corpus check them.

use plugbox::__private::{CONTRACT, Kind, NOTE_NAME, hash};
use plugbox_loader::inspect::{Manifest, NoteBytes};

/// The first byte selects how the rest is read.
pub(crate) fn check(bytes: &[u8]) {
    let Some((how, bytes)) = bytes.split_first() else { return };
    let run = NoteBytes::new(bytes, if how & 1 == 0 { 4 } else { 8 }, how & 2 == 0);
    let Ok(manifest) = Manifest::read([run]) else { return };
    // The result must not be larger than the input.
    assert!(manifest.plugins.len() + manifest.shapes.len() + manifest.interfaces.len() <= bytes.len() / 12);
    // Reading normalizes the text, and hashes are those of the printed text. So the second reading must not change
    // anything.
    let second = again(&manifest, run);
    assert_eq!(again(&second, run), second);
    assert_eq!((&second.builds, &second.plugins.len()), (&manifest.builds, &manifest.plugins.len()));
}

fn again(manifest: &Manifest, run: NoteBytes<'_>) -> Manifest {
    let bytes = print(manifest, run);
    Manifest::read([NoteBytes::new(&bytes, run.align, run.little_endian)]).expect("printed records can be read")
}

/// Notes with the contents of a manifest.
fn print(manifest: &Manifest, run: NoteBytes<'_>) -> Vec<u8> {
    let mut notes = Notes { bytes: Vec::new(), run };
    for build in &manifest.builds {
        let mut text = Text::new(CONTRACT);
        let one = |items: &[String]| items.join(",");
        for (key, value) in [
            ("plugbox", &build.plugbox),
            ("rustc", &build.rustc),
            ("release", &build.release),
            ("commit", &build.commit),
            ("date", &build.date),
            ("llvm", &build.llvm),
            ("builder", &build.builder),
            ("target", &build.target),
            ("features", &one(&build.features)),
            ("flags", &one(&build.flags)),
            ("panic", &build.panic),
            ("libc", &build.libc),
        ] {
            text.line(key, value);
        }
        text.layout(build.randomized);
        notes.add(Kind::Build, &text.0);
    }
    for interface in &manifest.interfaces {
        let mut canonical = format!("trait {}\n", escape(&interface.name));
        interface.lines().for_each(|line| canonical.push_str(&format!("{}\n", line.text)));
        interface.reaches.iter().for_each(|reached| canonical.push_str(&format!("reaches {reached}\n")));
        let mut text = Text::new(CONTRACT);
        text.line("version", &interface.version.to_string());
        text.layout(interface.randomized);
        text.line("fingerprint", &hash(canonical.as_bytes()).to_string());
        interface.below.iter().for_each(|below| text.line("below", &below.to_string()));
        text.0.push_str(&canonical);
        notes.add(Kind::Interface, &text.0);
    }
    for shape in &manifest.shapes {
        let lines = shape.lines().map(|line| format!("{}\n", line.text));
        let text = format!("contract {CONTRACT}\n{} {}\n{}", shape.keyword, shape.name, lines.collect::<String>());
        notes.add(Kind::Shape, &text);
    }
    for plugin in &manifest.plugins {
        let mut text = Text::new(CONTRACT);
        text.line("name", &plugin.name);
        text.line("version", &plugin.version.to_string());
        text.line("description", &plugin.description);
        text.line("authors", &plugin.authors.join(":"));
        text.line("license", &plugin.license);
        for exported in &plugin.interfaces {
            text.line("interface", &format!("{} {} {}", exported.name, exported.version, exported.fingerprint));
        }
        text.line("entry", &plugin.entry);
        text.line("panic", &plugin.panic);
        text.line("features", &plugin.features.join(","));
        text.layout(plugin.randomized);
        notes.add(Kind::Plugin, &text.0);
    }
    for contract in &manifest.foreign_contracts {
        notes.add(Kind::Build, &format!("contract {contract}\n"));
    }
    notes.bytes
}

struct Text(String);

impl Text {
    fn new(contract: u32) -> Self {
        Self(format!("contract {contract}\n"))
    }

    fn line(&mut self, key: &str, value: &str) {
        self.0.push_str(&format!("{key} {}\n", escape(value)));
    }

    fn layout(&mut self, randomized: bool) {
        if randomized {
            self.line("layout", "randomized");
        }
    }
}

fn escape(value: &str) -> String {
    value.replace('\\', "\\\\").replace('\n', "\\n").replace('\r', "\\r")
}

struct Notes<'a> {
    bytes: Vec<u8>,
    run: NoteBytes<'a>,
}

impl Notes<'_> {
    fn add(&mut self, kind: Kind, text: &str) {
        for number in [NOTE_NAME.len() as u32, text.len() as u32, kind as u32] {
            self.bytes.extend(if self.run.little_endian { number.to_le_bytes() } else { number.to_be_bytes() });
        }
        for part in [NOTE_NAME, text.as_bytes()] {
            self.bytes.extend(part);
            self.bytes.resize(self.bytes.len().next_multiple_of(self.run.align), 0);
        }
    }
}
